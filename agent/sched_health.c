/* SPDX-License-Identifier: Apache-2.0 */
/* sched_health.c - the state of each sensor: told once when it changes, and probed again with growing pauses while it fails. */
#include <stdio.h>
#include <string.h>

#include "agent/sched_private.h"
#include "base/log.h"
#include "base/prng.h"

enum { PROBE_FIRST_US = 1000000 };

const char *sensor_state_name(enum sensor_state state)
{
	static const char *const names[] = { "starting", "ok", "doubtful", "fault", "ended" };

	return names[state];
}

static void change_state(struct unit_of_work *u, enum sensor_state state)
{
	enum sensor_state was = u->state;
	int64_t now_us = loop_mono_us(), lasted_us = now_us - u->since_mono_us;

	if (was == state)
		return;
	u->state = state;
	u->since_mono_us = now_us;
	if (state == SENSOR_FAULT || state == SENSOR_DOUBTFUL)
		log_warning("sensor %s: %s -> %s: %s", u->sensor->name, sensor_state_name(was),
			    sensor_state_name(state), u->reason.text);
	else if (was == SENSOR_FAULT || was == SENSOR_DOUBTFUL)
		log_notice("sensor %s: %s -> %s after %.0f s", u->sensor->name, sensor_state_name(was),
			   sensor_state_name(state), (double)lasted_us / 1e6);
	else if (state == SENSOR_ENDED)
		log_notice("sensor %s: the recording is over", u->sensor->name);
	if (u->sched->h.changed)
		u->sched->h.changed(u->sched->ctx, u->index);
}

void sched_fail_for(struct unit_of_work *u, enum trouble trouble, const char *text, int64_t now_us)
{
	double jitter = 0.8 + 0.4 * prng_unit(&u->sched->random);

	snprintf(u->reason.text, sizeof(u->reason.text), "%s", text);
	u->trouble = trouble;
	u->n_by_trouble[trouble]++;
	u->n_faults++;
	u->is_in_flight = false;
	u->is_sampling = false;
	watch_end(&u->watch);
	u->probe_pause_us = u->probe_pause_us == 0 ? PROBE_FIRST_US : 2 * u->probe_pause_us;
	if (u->probe_pause_us > SCHED_PROBE_LONGEST_US)
		u->probe_pause_us = SCHED_PROBE_LONGEST_US;
	u->probe_at_us = now_us + (int64_t)((double)u->probe_pause_us * jitter);
	change_state(u, SENSOR_FAULT);
}

void sched_fail(struct unit_of_work *u, int error, const char *text, int64_t now_us)
{
	char own[SENSOR_ERROR_BYTES];

	if (!text || !text[0])
		text = trouble_text(u->sensor, error, own, sizeof(own));
	sched_fail_for(u, trouble_of(error), text, now_us);
}

void sched_work(struct unit_of_work *u, size_t n_readings)
{
	int64_t now_us = clock_now_us(u->sched->clock);
	enum sensor_state state = now_us < u->doubtful_until_us ? SENSOR_DOUBTFUL : SENSOR_OK;

	u->n_readings += n_readings;
	if (u->state == state && u->probe_pause_us == 0)
		return;
	if (u->state != SENSOR_OK && u->state != SENSOR_DOUBTFUL)
		u->well_since_us = now_us;
	change_state(u, state);
	/* Only a sensor that has worked for as long as it was left alone is well: one that flaps keeps its pauses. */
	if (now_us - u->well_since_us >= u->probe_pause_us)
		u->probe_pause_us = 0;
}

void sched_end(struct unit_of_work *u)
{
	change_state(u, SENSOR_ENDED);
}

bool sched_probe(struct unit_of_work *u, int64_t now_us)
{
	const struct sensor_driver *d = u->sensor->driver;
	struct sensor_error err = { "" };
	int r = d->probe ? d->probe(u->sensor->state, now_us, &err) : 0;

	if (r >= 0 && d->watch)
		r = watch_begin(&u->watch, u->sched->loop);
	if (r < 0) {
		if (d->close)
			d->close(u->sensor->state);
		sched_fail(u, r, err.text, now_us);
		return false;
	}
	u->n_setups++;
	u->is_sampling = u->has_buffer;
	sched_burst_restart(u);
	return true;
}

void sched_get_status(const struct sched *s, size_t i, struct sensor_status *out)
{
	const struct unit_of_work *u = s->sensors[i];
	bool is_well = u->state != SENSOR_FAULT && u->state != SENSOR_DOUBTFUL;

	*out = (struct sensor_status){
		.name = u->sensor->name,
		.state = u->state,
		.reason = is_well ? "" : u->reason.text,
		.trouble = is_well ? N_TROUBLES : u->trouble,
		.n_readings = u->n_readings,
		.n_faults = u->n_faults,
		.n_by_trouble = u->n_by_trouble,
		.n_setups = u->n_setups,
		.since_us = u->since_mono_us + s->clock->offset_us,
	};
}

double sched_newest(const struct sched *s, size_t i, size_t channel)
{
	return s->sensors[i]->newest[channel];
}
