/* SPDX-License-Identifier: Apache-2.0 */
/*
 * clock_shim.c - a library between a program and libc, by LD_PRELOAD: the wall clock is ahead by what the file SHIM_CLOCK says, and
 * synchronised if it says so. Two numbers of 64 bits: seconds, and 1 for synchronised. The clock of the machine is left alone.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t *told(void)
{
	static const volatile int64_t *numbers;

	if (!numbers)
		numbers = mmap(NULL, 16, PROT_READ, MAP_SHARED, open(getenv("SHIM_CLOCK"), O_RDONLY), 0);
	return numbers;
}

int clock_gettime(clockid_t id, struct timespec *t)
{
	int r = (int)syscall(SYS_clock_gettime, id, t);

	if (id == CLOCK_REALTIME)
		t->tv_sec += told()[0];
	return r;
}

int adjtimex(struct timex *t)
{
	*t = (struct timex){ .status = told()[1] ? STA_PLL : STA_UNSYNC };
	return told()[1] ? TIME_OK : TIME_ERROR;
}
