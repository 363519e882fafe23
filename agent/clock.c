/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/clock.h"

#include <errno.h>
#include <glob.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/timex.h>

#include "agent/clock_word.h"
#include "base/loop.h"

/*
 * How far another clock is ahead of ours. Whoever is held up between two clocks would see a step that never was: read until
 * it took no time.
 */
static int64_t ahead_us(int64_t (*other_us)(void), int64_t at_once_us)
{
	enum { TRIES = 5 };
	int64_t offset_us, before_us, took_us;
	int tries = 0;

	do {
		before_us = loop_mono_us();
		offset_us = other_us() - before_us;
		took_us = loop_mono_us() - before_us;
	} while (took_us > at_once_us && ++tries < TRIES);
	return offset_us - took_us / 2;
}

static int64_t offset_now_us(void)
{
	return ahead_us(loop_wall_us, 1000);
}

void clock_init(struct clock *c)
{
	*c = (struct clock){ .offset_us = offset_now_us() };
}

int64_t clock_now_us(const struct clock *c)
{
	return loop_mono_us() + c->offset_us;
}

int64_t clock_wall_us(const struct clock *c, int64_t at_us)
{
	return at_us + c->shift_us;
}

int64_t clock_next_us(const struct clock *c, int64_t now_us, int64_t every_us)
{
	return (clock_wall_us(c, now_us) / every_us + 1) * every_us - c->shift_us;
}

int64_t clock_to_mono_us(const struct clock *c, int64_t at_us)
{
	return at_us - c->offset_us;
}

int64_t clock_of_kernel_us(const struct clock *c, int64_t kernel_us)
{
	return kernel_us - ahead_us(loop_kernel_us, 20) + c->offset_us;
}

bool clock_has_stepped(const struct clock *c, int64_t *by_us)
{
	int64_t by = offset_now_us() - c->offset_us - c->shift_us;

	if (by_us)
		*by_us = by;
	return by > CLOCK_STEP_US || by < -CLOCK_STEP_US;
}

void clock_adopt(struct clock *c)
{
	c->shift_us = offset_now_us() - c->offset_us;
	c->n_steps++;
}

bool clock_ask_kernel(bool *is_forbidden)
{
	struct timex t = { .modes = 0 };
	int state = adjtimex(&t);

	if (is_forbidden)
		*is_forbidden = state < 0 && errno == EPERM;
	return state >= 0 && state != TIME_ERROR && !(t.status & STA_UNSYNC);
}

bool clock_is_synchronised(void)
{
	bool is_forbidden, is_right = clock_ask_kernel(&is_forbidden);

	return is_forbidden ? clock_word_holds(getenv(CLOCK_WORD_VARIABLE), clock_word_offset_us()) : is_right;
}

/* Kernels for x86 always ask the machine, or its host (x86_platform.get_wallclock); others say which RTC they asked. */
static bool was_set_from_rtc(void)
{
#if defined(__x86_64__) || defined(__i386__)
	return true;
#else
	glob_t files;
	bool is_set = false;

	if (glob("/sys/class/rtc/rtc*/hctosys", 0, NULL, &files) != 0)
		return false;
	for (size_t i = 0; i < files.gl_pathc && !is_set; i++) {
		FILE *f = fopen(files.gl_pathv[i], "re");

		is_set = f && getc(f) == '1';
		if (f)
			fclose(f);
	}
	globfree(&files);
	return is_set;
#endif
}

bool clock_has_battery(void)
{
	/* 2026-01-01. A battery that is empty lets the clock begin at its epoch. */
	const int64_t earliest_us = INT64_C(1767225600) * 1000000;

	return loop_wall_us() >= earliest_us && was_set_from_rtc();
}
