/* SPDX-License-Identifier: Apache-2.0 */
/*
 * clock.h - the time samples are stamped with: a clock that never steps and goes on during suspend, plus the offset of
 * the wall clock. Only a step of the wall clock changes the offset, and the caller decides when that happens.
 */
#ifndef RUNNEL_AGENT_CLOCK_H
#define RUNNEL_AGENT_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

struct clock {
	int64_t offset_us; /* wall = mono + offset */
	uint64_t n_steps;
};

enum { CLOCK_STEP_US = 500000 };

void clock_init(struct clock *c);

/** Unix microseconds, without steps. */
int64_t clock_now_us(const struct clock *c);

/** The loop_mono_us() at which clock_now_us() is @wall_us. */
int64_t clock_to_mono_us(const struct clock *c, int64_t wall_us);

/** CLOCK_MONOTONIC, which the kernel stamps events with: it stands still during suspend. */
int64_t clock_kernel_us(void);

/** The clock_now_us() at which clock_kernel_us() was @kernel_us, if there was no suspend since. */
int64_t clock_of_kernel_us(const struct clock *c, int64_t kernel_us);

/** The wall clock was set by more than CLOCK_STEP_US since the last clock_init() or clock_adopt(). @by_us may be NULL. */
bool clock_has_stepped(const struct clock *c, int64_t *by_us);

/** Take over the wall clock as it is now. */
void clock_adopt(struct clock *c);

#endif
