/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sched_private.h - what the files of the scheduler share: sched.c when to read, sched_health.c whether it works,
 * sched_doubt.c whether what it says can be, sched_burst.c buffers.
 */
#ifndef RUNNEL_AGENT_SCHED_PRIVATE_H
#define RUNNEL_AGENT_SCHED_PRIVATE_H

#include <stdbool.h>

#include "agent/limits.h"
#include "agent/sched.h"
#include "agent/stamps.h"
#include "agent/watch.h"

enum { SCHED_PROBE_LONGEST_US = 60 * 1000000 };

struct unit_of_work {
	struct sched *sched;
	size_t index; /* of the sensor in the config */
	struct conf_sensor *sensor;
	enum sensor_state state;
	struct sensor_error reason;
	enum trouble trouble; /* of the reason */
	uint64_t n_readings, n_faults, n_setups, n_by_trouble[N_TROUBLES];
	int64_t since_mono_us; /* of the state; not on the wall clock, which may be set meanwhile */
	int64_t due_us;	       /* next reading, wall */
	int64_t probe_at_us, probe_pause_us;
	int64_t well_since_us; /* it works since; of the clock of time stamps */
	struct limits limits;
	int64_t doubtful_until_us; /* of the clock of time stamps */
	unsigned n_hopeless;	   /* readings in a row without one good value, because all were refused */
	int64_t setup_after_us;	   /* no setting up for that before */
	bool is_in_flight;
	int64_t triggered_us, ready_us, give_up_us;
	struct watch watch;	      /* of drivers that have one */
	int64_t every_us;	      /* between readings, or between fetches of a buffer */
	bool has_buffer, is_sampling; /* is_sampling: set up and filling it, whether or not there are rows yet */
	struct stamps stamps;	      /* of its rows */
	double *newest;		      /* one per channel */
};

struct sched {
	struct loop *loop;
	const struct clock *clock;
	struct loop_timer *timer;
	struct sched_handlers h;
	void *ctx;
	uint64_t random;
	struct unit_of_work **sensors; /* each by itself: watches point at them, and they outlive a config */
	size_t n_sensors;
	double gaps[SENSOR_MAX_CHANNELS];
	struct burst burst; /* of the sensor that is being fetched */
};

/** Hand on a reading. */
void sched_give(struct unit_of_work *u, int64_t at_us, uint32_t lost, const double values[]);

/** It failed. @text: why, in the user's terms; NULL or "": as @error says. */
void sched_fail(struct unit_of_work *u, int error, const char *text, int64_t now_us);

/** The same for what no errno says. */
void sched_fail_for(struct unit_of_work *u, enum trouble trouble, const char *text, int64_t now_us);

/** It gave @n_readings. */
void sched_work(struct unit_of_work *u, size_t n_readings);

/** A reading came: refuse what cannot be (it becomes NaN), and see to a device that gives nothing else. */
void sched_take(struct unit_of_work *u, int64_t at_us, double values[], int64_t now_us);

/** Its recording is over. */
void sched_end(struct unit_of_work *u);

/** Find the device and set it up. @return whether that worked */
bool sched_probe(struct unit_of_work *u, int64_t now_us);

/** Learn from the driver whether it fills a buffer. */
void sched_burst_init(struct unit_of_work *u);

/** Its buffer was emptied, or the clock was set. Does nothing without a buffer. */
void sched_burst_restart(struct unit_of_work *u);

/** Fetch a buffer and give its rows. @return 0, or negative errno: it failed, and a gap is due */
NODISCARD int sched_burst_fetch(struct unit_of_work *u);

#endif
