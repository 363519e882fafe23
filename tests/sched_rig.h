/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sched_rig.h - the scheduler with sensors that do as they are told, on the loop of still_loop.h. Throughout, a reading from before a
 * watermark fails the test.
 */
#ifndef RUNNEL_TESTS_SCHED_RIG_H
#define RUNNEL_TESTS_SCHED_RIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/sched.h"

enum { MS = 1000, RIG_SENSORS = 2, RIG_READINGS = 20000, RIG_PROBES = 64 };

struct fake_sensor {
	int64_t ready_us;
	int n_again; /* answers of -EAGAIN before each value; -1: always */
	int probe_error, trigger_error, collect_error;
	double value;	    /* 0: they count */
	int64_t blocks_us;  /* a trigger holds everybody up for so long: a bus that hangs */
	unsigned end_after; /* values; 0: never */
	unsigned n_probes, n_triggers, n_collects, n_closes, n_values;
	int again;
	int64_t probed_us[RIG_PROBES];
};

struct rig_reading {
	size_t sensor;
	int64_t at_us, given_us;
	double value; /* counts from 1 */
};

struct sched_rig {
	struct loop *loop;
	struct loop_timer *end;
	struct clock clock;
	struct conf conf;
	struct conf_sensor sensors[RIG_SENSORS]; /* "first", "second" */
	struct fake_sensor fakes[RIG_SENSORS];
	struct sched *sched;
	struct rig_reading *readings;
	size_t n_readings, n_changes;
	int64_t watermark_us;
	int64_t forward_us; /* in each turn */
};

/** For sensors[i].driver: the same, but self-paced. */
extern const struct sensor_driver sched_rig_self_paced;

/** Not started yet. */
struct sched_rig *sched_rig_new(size_t n_sensors, int64_t every_us);
void sched_rig_free(struct sched_rig *r);

void sched_rig_run(struct sched_rig *r, int64_t us);

/** Make @us pass in steps of @step_us, a reading or so in each: all that are due in minutes would be too many to keep. */
void sched_rig_forward(struct sched_rig *r, int64_t us, int64_t step_us);

/** Values, or gaps, of a sensor so far. */
size_t sched_rig_count(const struct sched_rig *r, size_t sensor, bool is_gap);
struct sensor_status sched_rig_status(const struct sched_rig *r, size_t i);

/** What is said on stderr between begin and end; count: lines with @words. */
void sched_rig_log_begin(void);
size_t sched_rig_log_count(const char *words);
void sched_rig_log_end(void);

#endif
