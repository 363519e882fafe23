/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/sched.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "agent/sched_private.h"

enum {
	COLLECT_GRACE_US = 1000000, /* beyond the time the driver announced */
	ASK_AGAIN_US = 2000,	    /* after -EAGAIN */
	ON_TIME_US = 5000,
};

/* --- what happens by itself --- */

static void plan(struct sched *s);

static void on_event(void *ctx, const struct sensor_event *e)
{
	struct unit_of_work *u = ctx;

	u->newest[e->channel] = e->value;
	u->sched->h.event(u->sched->ctx, u->index, e);
}

/* @return whether the sensor still works */
static bool fetch_events(struct sched *s, struct unit_of_work *u)
{
	int r = u->watch.fd ? watch_fetch(&u->watch) : 0;

	if (r < 0)
		sched_fail(u, r, NULL, clock_now_us(s->clock));
	return r >= 0;
}

static void on_ready(void *ctx)
{
	struct unit_of_work *u = ctx;

	if (fetch_events(u->sched, u) && watch_wake_us(&u->watch) != INT64_MAX)
		plan(u->sched);
}

/* --- one reading --- */

void sched_give(struct unit_of_work *u, int64_t at_us, uint32_t lost, const double values[])
{
	memcpy(u->newest, values, u->sensor->n_channels * sizeof(values[0]));
	u->sched->h.reading(u->sched->ctx, u->index, at_us, lost, values);
}

/* What is watched never gets a reading older than an event. */
static void give(struct unit_of_work *u, int64_t at_us, const double values[])
{
	const struct sensor_watch *watch = u->sensor->driver->watch;
	uint32_t lost = watch ? watch->take_lost(u->sensor->state) : 0;

	if (watch)
		at_us = watch_order(&u->watch, at_us);
	sched_give(u, at_us, lost, values);
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
		sched_end(u);
	} else if (r < 0) {
		sched_fail(u, r == -EAGAIN ? -ETIMEDOUT : r, r == -EAGAIN ? "no result in time" : NULL, now_us);
		give(u, at_us, s->gaps);
	} else {
		sched_take(u, at_us, values, now_us);
		give(u, at_us, values);
	}
}

static void trigger(struct sched *s, struct unit_of_work *u, int64_t at_us, int64_t now_us)
{
	int64_t r = u->sensor->driver->trigger(u->sensor->state, now_us);

	if (r < 0) {
		sched_fail(u, (int)r, NULL, now_us);
		give(u, at_us, s->gaps);
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
	int64_t slack_us = u->every_us / 100;

	if (slack_us > ON_TIME_US)
		slack_us = ON_TIME_US;
	return now_us - u->due_us <= slack_us ? u->due_us : now_us;
}

/* A reading is due. After a stall, those that were missed are not made up for. */
static void begin_reading(struct sched *s, struct unit_of_work *u, int64_t now_us)
{
	int64_t at_us = time_stamp(u, now_us);

	u->due_us = clock_next_us(s->clock, now_us, u->every_us);
	if (u->is_in_flight)
		return;
	if (u->state == SENSOR_FAULT && !u->is_sampling && (now_us < u->probe_at_us || !sched_probe(u, now_us))) {
		give(u, at_us, s->gaps);
		return;
	}
	if (u->has_buffer) {
		if (sched_burst_fetch(u) < 0)
			give(u, at_us, s->gaps);
	} else if (fetch_events(s, u)) {
		trigger(s, u, at_us, now_us);
	} else {
		give(u, at_us, s->gaps);
	}
}

/* --- time --- */

static int64_t deadline_of(const struct unit_of_work *u)
{
	int64_t wake_us = watch_wake_us(&u->watch), at_us = u->due_us;

	if (u->state == SENSOR_ENDED)
		return INT64_MAX;
	if (u->is_in_flight && (u->sensor->driver->is_self_paced || u->ready_us < u->due_us))
		at_us = u->ready_us;
	return wake_us < at_us ? wake_us : at_us;
}

static void plan(struct sched *s)
{
	int64_t at_us = INT64_MAX;

	for (size_t i = 0; i < s->n_sensors; i++) {
		int64_t d = deadline_of(s->sensors[i]);

		at_us = d < at_us ? d : at_us;
	}
	if (at_us != INT64_MAX)
		loop_timer_set(s->timer, clock_to_mono_us(s->clock, at_us));
}

/*
 * What is being converted was measured when it was triggered, and what is due but not yet begun will be stamped no earlier. What
 * is in a buffer is newer than what was fetched.
 */
int64_t sched_watermark_us(struct sched *s)
{
	int64_t w = clock_now_us(s->clock);

	for (size_t i = 0; i < s->n_sensors; i++) {
		struct unit_of_work *u = s->sensors[i];
		int64_t at_us = u->is_in_flight ? u->triggered_us : u->due_us, fetched_us;

		if (u->is_sampling)
			at_us = (int64_t)u->stamps.last_us;
		fetch_events(s, u);
		fetched_us = watch_watermark_us(&u->watch);
		w = fetched_us < w ? fetched_us : w;

		if (u->state != SENSOR_ENDED && !u->sensor->driver->is_self_paced && at_us < w)
			w = at_us;
	}
	return w;
}

int64_t sched_lag_us(const struct sched *s)
{
	for (size_t i = 0; i < s->n_sensors; i++)
		if (s->sensors[i]->sensor->driver->watch)
			return 2 * WATCH_SETTLE_US;
	return 0;
}

/* One time for all, until one of them has held up the others. */
static int64_t follow_time(const struct sched *s, int64_t now_us)
{
	int64_t later_us = clock_now_us(s->clock);

	return later_us - now_us > ON_TIME_US ? later_us : now_us;
}

static void on_timer(void *ctx)
{
	struct sched *s = ctx;
	int64_t now_us = clock_now_us(s->clock);

	for (size_t i = 0; i < s->n_sensors; i++, now_us = follow_time(s, now_us)) {
		struct unit_of_work *u = s->sensors[i];

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

static void set_up(struct sched *s, struct unit_of_work *u, struct conf_sensor *sensor)
{
	const struct sensor_driver *driver = sensor->driver;

	u->sched = s;
	u->sensor = sensor;
	u->watch = (struct watch){ .driver = driver,
				   .state = sensor->state,
				   .clock = s->clock,
				   .ready = on_ready,
				   .event = on_event,
				   .ctx = u };
	watch_forget(&u->watch);
	u->newest = arena_alloc(&sensor->own, sensor->n_channels * sizeof(u->newest[0]));
	for (size_t i = 0; i < sensor->n_channels; i++)
		u->newest[i] = NAN;
	sched_burst_init(u);
	limits_init(&u->limits, sensor, u->has_buffer ? (int64_t)u->stamps.nominal_us : u->every_us, &sensor->own);
}

static void let_go(struct unit_of_work *u)
{
	watch_end(&u->watch);
	if (u->sensor->driver->close)
		u->sensor->driver->close(u->sensor->state);
	free(u);
}

/* One unit for each sensor of @conf: those of @moves go on, others are new. NULL: no memory, and nothing changed. */
static struct unit_of_work **units_for(struct sched *s, struct conf *conf, const size_t moves[])
{
	struct unit_of_work **units = calloc(conf->n_sensors + 1, sizeof(struct unit_of_work *));
	size_t n = 0;

	for (; units && n < conf->n_sensors; n++) {
		bool is_new = !moves || moves[n] == CONF_NEW;

		units[n] = is_new ? calloc(1, sizeof(*units[n])) : s->sensors[moves[n]];
		if (!units[n])
			break;
	}
	if (units && n == conf->n_sensors)
		return units;
	while (units && n-- > 0)
		if (!moves || moves[n] == CONF_NEW)
			free(units[n]);
	free(units);
	return NULL;
}

int sched_create(struct sched **out, struct loop *loop, struct conf *conf, const struct clock *clock,
		 const struct sched_handlers *h, void *ctx)
{
	struct sched *s = calloc(1, sizeof(*s));
	int r;

	if (!s)
		return -ENOMEM;
	s->loop = loop;
	s->clock = clock;
	s->h = *h;
	s->ctx = ctx;
	s->random = (uint64_t)loop_mono_us();
	s->sensors = units_for(s, conf, NULL);
	r = s->sensors ? loop_timer_create(loop, &s->timer, on_timer, s) : -ENOMEM;
	if (r < 0) {
		for (size_t i = 0; s->sensors && i < conf->n_sensors; i++)
			free(s->sensors[i]);
		free(s->sensors);
		free(s);
		return r;
	}
	s->n_sensors = conf->n_sensors;
	for (size_t i = 0; i < s->n_sensors; i++) {
		set_up(s, s->sensors[i], &conf->sensors[i]);
		s->sensors[i]->index = i;
	}
	for (size_t i = 0; i < SENSOR_MAX_CHANNELS; i++)
		s->gaps[i] = NAN;
	*out = s;
	return 0;
}

static void begin(struct unit_of_work *u, int64_t now_us)
{
	u->since_mono_us = loop_mono_us();
	sched_probe(u, now_us);
}

/* Those that end let go of their hardware before others take it. */
int sched_change(struct sched *s, struct conf *conf, const size_t moves[])
{
	struct unit_of_work **units = units_for(s, conf, moves), **old = s->sensors;
	int64_t now_us = clock_now_us(s->clock);

	if (!units)
		return -ENOMEM;
	for (size_t i = 0; i < conf->n_sensors; i++)
		if (moves[i] != CONF_NEW)
			old[moves[i]] = NULL;
	for (size_t i = 0; i < s->n_sensors; i++)
		if (old[i])
			let_go(old[i]);
	free(old);
	s->sensors = units;
	s->n_sensors = conf->n_sensors;
	for (size_t i = 0; i < s->n_sensors; i++) {
		if (moves[i] == CONF_NEW)
			set_up(s, units[i], &conf->sensors[i]);
		units[i]->index = i;
		units[i]->sensor = &conf->sensors[i];
		units[i]->limits.sensor = &conf->sensors[i];
	}
	for (size_t i = 0; i < s->n_sensors; i++) {
		if (moves[i] != CONF_NEW)
			continue;
		begin(units[i], now_us);
		units[i]->due_us = clock_next_us(s->clock, now_us, units[i]->every_us);
	}
	plan(s);
	return 0;
}

void sched_replan(struct sched *s)
{
	int64_t now_us = clock_now_us(s->clock);

	for (size_t i = 0; i < s->n_sensors; i++)
		s->sensors[i]->due_us = clock_next_us(s->clock, now_us, s->sensors[i]->every_us);
	plan(s);
}

void sched_start(struct sched *s)
{
	int64_t now_us = clock_now_us(s->clock);

	for (size_t i = 0; i < s->n_sensors; i++)
		begin(s->sensors[i], now_us);
	sched_replan(s);
}

void sched_free(struct sched *s)
{
	if (!s)
		return;
	loop_timer_free(s->timer);
	for (size_t i = 0; i < s->n_sensors; i++)
		let_go(s->sensors[i]);
	free(s->sensors);
	free(s);
}
