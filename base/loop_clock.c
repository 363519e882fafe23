/* SPDX-License-Identifier: Apache-2.0 */
/* The clocks of loop.h. */
#include <assert.h>
#include <time.h>

#include "base/loop.h"

enum { US_PER_S = 1000000, NS_PER_US = 1000 };

#if defined(__GLIBC__) && __GLIBC__ == 2 && __GLIBC_MINOR__ < 34
#warning "on 32-bit systems, this libc has no time after January 2038"
#else
_Static_assert(sizeof(time_t) >= 8, "no time after January 2038: see _TIME_BITS in the Makefile");
#endif

static int64_t clock_us(clockid_t clock)
{
	struct timespec t;
	int r = clock_gettime(clock, &t);

	assert(r == 0);
	return (int64_t)t.tv_sec * US_PER_S + t.tv_nsec / NS_PER_US;
}

int64_t loop_wall_us(void)
{
	return clock_us(CLOCK_REALTIME);
}

int64_t loop_mono_us(void)
{
	return clock_us(CLOCK_BOOTTIME);
}

int64_t loop_kernel_us(void)
{
	return clock_us(CLOCK_MONOTONIC);
}
