/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sched.h - reads the sensors: when, how long to wait, what to do when it fails. Once for all drivers.
 *
 * Sensors are read at multiples of their period in wall time, so that every window holds the same number of readings and sensors due
 * together share one wake-up and one time stamp. A failing sensor is probed again with growing pauses; while it fails, each
 * reading that was due is a gap. The log tells each change of state once.
 *
 * A value that cannot be (limits.h) is a gap as well. When all values of some readings cannot be, or all stand still for longer than the
 * config allows, the device is set up again, which helps when it has lost its power for a moment.
 *
 * What happens by itself (drivers with a watch) is given when it happens, with the time at which it did; all that
 * happened before a reading is given before it.
 *
 * A device that samples into a buffer of its own has it fetched at least twice in the time that fills it, and its rows are dated by
 * stamps.h. While it fails, there is a gap for each fetch that was due.
 */
#ifndef RUNNEL_AGENT_SCHED_H
#define RUNNEL_AGENT_SCHED_H

#include <stddef.h>
#include <stdint.h>

#include "agent/clock.h"
#include "agent/conf.h"
#include "agent/trouble.h"
#include "base/loop.h"

struct sched;

/** Doubtful: it answers, but values had to be refused within the last minute. */
enum sensor_state { SENSOR_STARTING, SENSOR_OK, SENSOR_DOUBTFUL, SENSOR_FAULT, SENSOR_ENDED };

struct sensor_status {
	const char *name;
	enum sensor_state state;
	const char *reason;   /* of a fault or a doubt, else "" */
	enum trouble trouble; /* its kind; N_TROUBLES: none */
	uint64_t n_readings, n_faults;
	const uint64_t *n_by_trouble; /* N_TROUBLES counts: faults, or refused values */
	uint64_t n_setups;	      /* probes that worked: the first, and those after faults */
	int64_t since_us;	      /* clock_now_us() of the last change of state */
};

struct sched_handlers {
	/** Readings of sensor @i at @at_us, one per channel; NaN: none. @lost: readings or events known to be lost just before. */
	void (*reading)(void *ctx, size_t i, int64_t at_us, uint32_t lost, const double values[]);

	/** All readings that were due have been given. @watermark_us: none from before will come. */
	void (*settled)(void *ctx, int64_t watermark_us);

	/** A sensor changed its state. */
	void (*changed)(void *ctx, size_t i);

	/** Something happened at a sensor by itself. @e->at_us: Unix. Readings come besides. */
	void (*event)(void *ctx, size_t i, const struct sensor_event *e);
};

/** @conf and @clock are borrowed. @return 0, -ENOMEM or the errors of loop_timer_create() */
NODISCARD int sched_create(struct sched **out, struct loop *loop, struct conf *conf, const struct clock *clock,
			   const struct sched_handlers *h, void *ctx);

/**
 * Another config, whose sensors have taken over the states of those that go on (conf_moves.h): sensor i goes on where
 * @moves[i] was, CONF_NEW begins. The others end first. Nothing is read meanwhile. @return 0 or -ENOMEM, nothing changed
 */
NODISCARD int sched_change(struct sched *s, struct conf *conf, const size_t moves[]);

/** Probe all sensors and begin. */
void sched_start(struct sched *s);

/** The clock has been set: readings are due at multiples of their period in the new time. What is under way goes on. */
void sched_replan(struct sched *s);

/** Gives what has happened at watched sensors. @return no reading from before will come any more */
int64_t sched_watermark_us(struct sched *s);

/** Ask for the watermark this long after a window ends, and it can be closed. */
int64_t sched_lag_us(const struct sched *s);

/** Closes the sensors. NULL is fine. */
void sched_free(struct sched *s);

/** What channel @channel of sensor @i gave last; NaN: nothing. */
double sched_newest(const struct sched *s, size_t i, size_t channel);

void sched_get_status(const struct sched *s, size_t i, struct sensor_status *out);
const char *sensor_state_name(enum sensor_state state);

#endif
