/* SPDX-License-Identifier: Apache-2.0 */
/* pace.h - for chips that need time between two commands: drivers do not sleep, they say how long there is to wait. */
#ifndef RUNNEL_DRIVERS_PACE_H
#define RUNNEL_DRIVERS_PACE_H

#include <stdint.h>

/**
 * Time until @due_us, 0 when it has passed. A moment further away than @longest_us was noted before the clock was set back: then it
 * is moved to now plus @longest_us.
 */
static inline int64_t pace_wait_us(int64_t *due_us, int64_t now_us, int64_t longest_us)
{
	if (*due_us > now_us + longest_us)
		*due_us = now_us + longest_us;
	return *due_us > now_us ? *due_us - now_us : 0;
}

#endif
