/* SPDX-License-Identifier: Apache-2.0 */
/*
 * limits.h - values that cannot be: outside what the channel can measure, further from the last one than the quantity can move, or
 * the same for longer than it stays the same. The first is always looked at, by the range the driver declares; the others
 * only when the config says so, because what can be is known to whoever hung up the sensor.
 *
 * Standing still is counted in readings: gaps prove nothing, and a clock that is set changes nothing.
 * A step is measured against the last good value and the time since then, so a real change that is faster than was thought is
 * taken up after as many readings as it would have needed, and nothing is refused for ever.
 */
#ifndef RUNNEL_AGENT_LIMITS_H
#define RUNNEL_AGENT_LIMITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/trouble.h"

/** Of one channel at run time. All-zero but for @limits has seen nothing. */
struct limits_state {
	double last, previous; /* good value; any value, as it came */
	int64_t last_us;       /* of @last; 0: none yet */
};

struct limits {
	const struct conf_sensor *sensor;
	struct limits_state *channels;
	int64_t period_us; /* between readings */
	uint64_t n_same;   /* readings in a row like the one before them, in all gauges */
};

/** Room from @a, which lives as long as @l. @period_us: between readings */
void limits_init(struct limits *l, const struct conf_sensor *s, int64_t period_us, struct arena *a);

/** What is wrong with a reading. */
struct limits_verdict {
	unsigned n_range, n_step; /* values that were refused */
	bool is_frozen;		  /* all were */
	bool is_hopeless;	  /* there were values, and none was good */
	char text[SENSOR_ERROR_BYTES];
};

/** Is @value one that channel @i of @s can have? NaN is. Fills @text if not. */
bool limits_in_range(const struct conf_sensor *s, size_t i, double value, char text[static SENSOR_ERROR_BYTES]);

/** Replace what cannot be in @values by NaN. @return whether all was good; @v is filled if not */
bool limits_check(struct limits *l, int64_t at_us, double values[], struct limits_verdict *v);

#endif
