/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/clock.h"

#include <stddef.h>
#include <stdlib.h>

#include "base/loop.h"

/* Whoever is held up between two clocks would see a step that never was: read until it took no time. */
static int64_t offset_now_us(void)
{
	enum { AT_ONCE_US = 1000, TRIES = 5 };
	int64_t offset_us, before_us, took_us;
	int tries = 0;

	do {
		before_us = loop_mono_us();
		offset_us = loop_wall_us() - before_us;
		took_us = loop_mono_us() - before_us;
	} while (took_us > AT_ONCE_US && ++tries < TRIES);
	return offset_us - took_us / 2;
}

void clock_init(struct clock *c)
{
	*c = (struct clock){ .offset_us = offset_now_us() };
}

int64_t clock_now_us(const struct clock *c)
{
	return loop_mono_us() + c->offset_us;
}

int64_t clock_to_mono_us(const struct clock *c, int64_t wall_us)
{
	return wall_us - c->offset_us;
}

bool clock_has_stepped(const struct clock *c, int64_t *by_us)
{
	int64_t by = offset_now_us() - c->offset_us;

	if (by_us)
		*by_us = by;
	return by > CLOCK_STEP_US || by < -CLOCK_STEP_US;
}

void clock_adopt(struct clock *c)
{
	c->offset_us = offset_now_us();
	c->n_steps++;
}
