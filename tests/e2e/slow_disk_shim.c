/* SPDX-License-Identifier: Apache-2.0 */
/* slow_disk_shim.c - a library between a program and libc, by LD_PRELOAD: what is synced takes as many milliseconds more as the file SHIM_SYNC_MS says. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static void take_time(void)
{
	FILE *f = fopen(getenv("SHIM_SYNC_MS"), "re");
	struct timespec t = { 0 };
	long ms = 0;

	if (f && fscanf(f, "%ld", &ms) == 1)
		t = (struct timespec){ ms / 1000, ms % 1000 * 1000000 };
	if (f)
		fclose(f);
	nanosleep(&t, NULL);
}

int fsync(int fd)
{
	take_time();
	return (int)syscall(SYS_fsync, fd);
}

int fdatasync(int fd)
{
	take_time();
	return (int)syscall(SYS_fdatasync, fd);
}
