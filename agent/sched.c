/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/sched.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/prng.h"

enum {
	COLLECT_GRACE_US = 1000000, /* beyond the time the driver announced */
	ASK_AGAIN_US = 2000,	    /* after -EAGAIN */
	ON_TIME_US = 5000,
	PROBE_FIRST_US = 1000000,
	PROBE_LONGEST_US = 60 * 1000000,
};

struct unit_of_work {
	struct conf_sensor *sensor;
	enum sensor_state state;
	struct sensor_error reason;
	uint64_t n_readings, n_faults;
	int64_t since_mono_us; /* of the state; not on the wall clock, which may be set meanwhile */
	int64_t due_us;	       /* next reading, wall */
	int64_t probe_at_us, probe_pause_us;
	bool is_in_flight;
	int64_t triggered_us, ready_us, give_up_us;
};

struct sched {
	struct conf *conf;
	const struct clock *clock;
	struct loop_timer *timer;
	struct sched_handlers h;
	void *ctx;
	uint64_t random;
	struct unit_of_work *sensors;
	double gaps[SENSOR_MAX_CHANNELS];
};

const char *sensor_state_name(enum sensor_state state)
{
	static const char *const names[] = { "starting", "ok", "fault", "ended" };

	return names[state];
}

/* The next multiple of the period after @now_us. */
static int64_t next_tick_us(int64_t now_us, int64_t every_us)
{
	return (now_us / every_us + 1) * every_us;
}

/* --- states --- */

static void change_state(struct sched *s, struct unit_of_work *u, enum sensor_state state)
{
	enum sensor_state was = u->state;
	int64_t now_us = loop_mono_us(), lasted_us = now_us - u->since_mono_us;

	if (was == state)
		return;
	u->state = state;
	u->since_mono_us = now_us;
	if (state == SENSOR_FAULT)
		log_warning("sensor %s: %s -> fault: %s", u->sensor->name, sensor_state_name(was), u->reason.text);
	else if (was == SENSOR_FAULT)
		log_notice("sensor %s: fault -> %s after %.0f s", u->sensor->name, sensor_state_name(state),
			   (double)lasted_us / 1e6);
	else if (state == SENSOR_ENDED)
		log_notice("sensor %s: the recording is over", u->sensor->name);
	if (s->h.changed)
		s->h.changed(s->ctx, (size_t)(u - s->sensors));
}

static void fault(struct sched *s, struct unit_of_work *u, int error, const char *text, int64_t now_us)
{
	double jitter = 0.8 + 0.4 * prng_unit(&s->random);

	if (text && text[0])
		snprintf(u->reason.text, sizeof(u->reason.text), "%s", text);
	else
		snprintf(u->reason.text, sizeof(u->reason.text), "%s", strerror(-error));
	u->n_faults++;
	u->is_in_flight = false;
	u->probe_pause_us = u->probe_pause_us == 0 ? PROBE_FIRST_US : 2 * u->probe_pause_us;
	if (u->probe_pause_us > PROBE_LONGEST_US)
		u->probe_pause_us = PROBE_LONGEST_US;
	u->probe_at_us = now_us + (int64_t)((double)u->probe_pause_us * jitter);
	change_state(s, u, SENSOR_FAULT);
}

static bool probe(struct sched *s, struct unit_of_work *u, int64_t now_us)
{
	const struct sensor_driver *d = u->sensor->driver;
	struct sensor_error err = { "" };
	int r = d->probe ? d->probe(u->sensor->state, now_us, &err) : 0;

	if (r < 0) {
		if (d->close)
			d->close(u->sensor->state);
		fault(s, u, r, err.text, now_us);
		return false;
	}
	return true;
}

/* --- one reading --- */

static void give(struct sched *s, struct unit_of_work *u, int64_t at_us, const double values[])
{
	s->h.reading(s->ctx, (size_t)(u - s->sensors), at_us, values);
}

static void collect(struct sched *s, struct unit_of_work *u, int64_t now_us)
{
	double values[SENSOR_MAX_CHANNELS];
	int64_t at_us = u->sensor->driver->is_self_paced ? now_us : u->triggered_us;
	int r = u->sensor->driver->collect(u->sensor->state, now_us, values);

	if (r == -EAGAIN && now_us < u->give_up_us) {
		u->ready_us = now_us + ASK_AGAIN_US;
		return;
	}
	u->is_in_flight = false;
	if (r == SENSOR_END) {
		change_state(s, u, SENSOR_ENDED);
	} else if (r < 0) {
		fault(s, u, r == -EAGAIN ? -ETIMEDOUT : r, r == -EAGAIN ? "no result in time" : NULL, now_us);
		give(s, u, at_us, s->gaps);
	} else {
		u->n_readings++;
		u->probe_pause_us = 0;
		change_state(s, u, SENSOR_OK);
		give(s, u, at_us, values);
	}
}

static void trigger(struct sched *s, struct unit_of_work *u, int64_t at_us, int64_t now_us)
{
	int64_t r = u->sensor->driver->trigger(u->sensor->state, now_us);

	if (r < 0) {
		fault(s, u, (int)r, NULL, now_us);
		give(s, u, at_us, s->gaps);
		return;
	}
	u->is_in_flight = true;
	u->triggered_us = at_us;
	u->ready_us = now_us + r;
	u->give_up_us = u->ready_us + COLLECT_GRACE_US;
	if (r == 0)
		collect(s, u, now_us);
}

/*
 * A reading that begins within 1 % of its period of when it was due, at most 5 ms, counts as on time: that is how the
 * kernel wakes us, not how the quantity moves, and even spacing makes coverage exact and messages short.
 */
static int64_t time_stamp(const struct unit_of_work *u, int64_t now_us)
{
	int64_t slack_us = u->sensor->every_us / 100;

	if (slack_us > ON_TIME_US)
		slack_us = ON_TIME_US;
	return now_us - u->due_us <= slack_us ? u->due_us : now_us;
}

/* A reading is due. After a stall, those that were missed are not made up for. */
static void begin_reading(struct sched *s, struct unit_of_work *u, int64_t now_us)
{
	int64_t at_us = time_stamp(u, now_us);

	u->due_us = next_tick_us(now_us, u->sensor->every_us);
	if (u->is_in_flight)
		return;
	if (u->state == SENSOR_FAULT && (now_us < u->probe_at_us || !probe(s, u, now_us))) {
		give(s, u, at_us, s->gaps);
		return;
	}
	trigger(s, u, at_us, now_us);
}

/* --- time --- */

static int64_t deadline_of(const struct unit_of_work *u)
{
	if (u->state == SENSOR_ENDED)
		return INT64_MAX;
	if (u->is_in_flight)
		return u->sensor->driver->is_self_paced || u->ready_us < u->due_us ? u->ready_us : u->due_us;
	return u->due_us;
}

static void plan(struct sched *s)
{
	int64_t at_us = INT64_MAX;

	for (size_t i = 0; i < s->conf->n_sensors; i++) {
		int64_t d = deadline_of(&s->sensors[i]);

		at_us = d < at_us ? d : at_us;
	}
	if (at_us != INT64_MAX)
		loop_timer_set(s->timer, clock_to_mono_us(s->clock, at_us));
}

/* What is being converted was measured when it was triggered, and what is due but not yet begun will be stamped no earlier. */
int64_t sched_watermark_us(const struct sched *s)
{
	int64_t w = clock_now_us(s->clock);

	for (size_t i = 0; i < s->conf->n_sensors; i++) {
		const struct unit_of_work *u = &s->sensors[i];

		int64_t at_us = u->is_in_flight ? u->triggered_us : u->due_us;

		if (u->state != SENSOR_ENDED && !u->sensor->driver->is_self_paced && at_us < w)
			w = at_us;
	}
	return w;
}

static void on_timer(void *ctx)
{
	struct sched *s = ctx;
	int64_t now_us = clock_now_us(s->clock);

	for (size_t i = 0; i < s->conf->n_sensors; i++) {
		struct unit_of_work *u = &s->sensors[i];

		if (u->state == SENSOR_ENDED)
			continue;
		if (u->is_in_flight && u->ready_us <= now_us)
			collect(s, u, now_us);
		if (u->state != SENSOR_ENDED && u->due_us <= now_us)
			begin_reading(s, u, now_us);
	}
	s->h.settled(s->ctx, sched_watermark_us(s));
	plan(s);
}

/* --- life --- */

int sched_create(struct sched **out, struct loop *loop, struct conf *conf, const struct clock *clock,
		 const struct sched_handlers *h, void *ctx)
{
	struct sched *s = arena_alloc(&conf->arena, sizeof(*s));
	int r;

	s->conf = conf;
	s->clock = clock;
	s->h = *h;
	s->ctx = ctx;
	s->random = (uint64_t)loop_mono_us();
	s->sensors = arena_alloc(&conf->arena, conf->n_sensors * sizeof(s->sensors[0]));
	for (size_t i = 0; i < conf->n_sensors; i++)
		s->sensors[i].sensor = &conf->sensors[i];
	for (size_t i = 0; i < SENSOR_MAX_CHANNELS; i++)
		s->gaps[i] = NAN;
	r = loop_timer_create(loop, &s->timer, on_timer, s);
	if (r < 0)
		return r;
	*out = s;
	return 0;
}

void sched_replan(struct sched *s)
{
	int64_t now_us = clock_now_us(s->clock);

	for (size_t i = 0; i < s->conf->n_sensors; i++) {
		struct unit_of_work *u = &s->sensors[i];

		u->is_in_flight = false;
		u->due_us = next_tick_us(now_us, u->sensor->every_us);
		if (u->probe_at_us > now_us + 2 * (int64_t)PROBE_LONGEST_US) /* it was set back */
			u->probe_at_us = now_us;
	}
	plan(s);
}

void sched_start(struct sched *s)
{
	int64_t now_us = clock_now_us(s->clock);

	for (size_t i = 0; i < s->conf->n_sensors; i++) {
		s->sensors[i].since_mono_us = loop_mono_us();
		probe(s, &s->sensors[i], now_us);
	}
	sched_replan(s);
}

void sched_free(struct sched *s)
{
	if (!s)
		return;
	loop_timer_free(s->timer);
	for (size_t i = 0; i < s->conf->n_sensors; i++)
		if (s->sensors[i].sensor->driver->close)
			s->sensors[i].sensor->driver->close(s->sensors[i].sensor->state);
}

void sched_get_status(const struct sched *s, size_t i, struct sensor_status *out)
{
	const struct unit_of_work *u = &s->sensors[i];

	*out = (struct sensor_status){
		.name = u->sensor->name,
		.state = u->state,
		.reason = u->state == SENSOR_FAULT ? u->reason.text : "",
		.n_readings = u->n_readings,
		.n_faults = u->n_faults,
		.since_us = u->since_mono_us + s->clock->offset_us,
	};
}
