/* SPDX-License-Identifier: Apache-2.0 */
/* pause.h - let time pass. Only where another thread or process needs some; a test of ours is woken by what it waits for. */
#ifndef RUNNEL_TESTS_PAUSE_H
#define RUNNEL_TESTS_PAUSE_H

#include <time.h>

static inline void pause_ms(long ms)
{
	struct timespec t = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };

	nanosleep(&t, NULL);
}

#endif
