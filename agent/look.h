/* SPDX-License-Identifier: Apache-2.0 */
/*
 * look.h - one look at sensors, without the agent: probe, trigger and collect of all of them side by side, with a bounded wait.
 * Nothing is retried beyond what sensor.h asks for: who looks wants to see the fault.
 */
#ifndef RUNNEL_AGENT_LOOK_H
#define RUNNEL_AGENT_LOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/clock.h"
#include "agent/conf.h"
#include "agent/trouble.h"

enum look_state { LOOK_STARTING, LOOK_WAITING, LOOK_OK, LOOK_FAULT, LOOK_ENDED };

/** One sensor. All-zero but for @sensor is one that was never probed. */
struct look {
	struct conf_sensor *sensor;	      /* borrowed */
	enum look_state state;		      /* after a look: LOOK_OK, LOOK_FAULT or LOOK_ENDED */
	char reason[SENSOR_ERROR_BYTES];      /* of a fault, or why the last of the values is refused */
	enum trouble trouble;		      /* of a fault */
	int64_t at_us;			      /* of the values */
	double values[SENSOR_MAX_CHANNELS];   /* valid when LOOK_OK; NaN: none */
	bool is_refused[SENSOR_MAX_CHANNELS]; /* there was one, and it cannot be */

	bool is_probed;
	int n_readings;		      /* without any value, in this look */
	int64_t ready_us, give_up_us; /* of the reading under way */
};

/** Read each of @looks once more. Takes as long as the slowest sensor, at most some seconds. */
void look_at(struct look looks[], size_t n, const struct clock *clock);

/** Sleep, but fetch what happens at watched sensors: the kernel keeps few events. */
void look_away(struct look looks[], size_t n, const struct clock *clock, int64_t for_us);

void look_close(struct look looks[], size_t n);

#endif
