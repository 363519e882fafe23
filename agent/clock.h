/* SPDX-License-Identifier: Apache-2.0 */
/*
 * clock.h - the time samples are stamped with: a clock that never steps and goes on during suspend. It begins with what the wall
 * clock showed at the start; how far the wall is ahead of it since is the shift, which the caller changes by clock_adopt()
 * and by nothing else. Whatever is compared, planned or measured is so untouched by steps of the wall clock.
 */
#ifndef RUNNEL_AGENT_CLOCK_H
#define RUNNEL_AGENT_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

struct clock {
	int64_t offset_us; /* time of samples = loop_mono_us() + offset; never changes */
	int64_t shift_us;  /* wall = time of samples + shift */
	uint64_t n_steps;
};

enum { CLOCK_STEP_US = 500000 };

void clock_init(struct clock *c);

/** Microseconds, without steps: Unix time but for the shift. */
int64_t clock_now_us(const struct clock *c);

/** The Unix microseconds of @at_us. */
int64_t clock_wall_us(const struct clock *c, int64_t at_us);

/** The next time after @now_us at which the wall shows a multiple of @every_us. */
int64_t clock_next_us(const struct clock *c, int64_t now_us, int64_t every_us);

/** The loop_mono_us() at which clock_now_us() is @at_us. */
int64_t clock_to_mono_us(const struct clock *c, int64_t at_us);

/** The clock_now_us() at which loop_kernel_us() was @kernel_us, if there was no suspend since. */
int64_t clock_of_kernel_us(const struct clock *c, int64_t kernel_us);

/** The wall clock was set by more than CLOCK_STEP_US since the last clock_init() or clock_adopt(). @by_us may be NULL. */
bool clock_has_stepped(const struct clock *c, int64_t *by_us);

/** Take over the wall clock as it is now. */
void clock_adopt(struct clock *c);

/** Does the kernel say that somebody keeps the wall clock right (adjtimex(2))? @is_forbidden: a sandbox does not let us ask; may be NULL */
bool clock_ask_kernel(bool *is_forbidden);

/** As clock_ask_kernel(); when that is forbidden, what another says who may ask (clock_word.h). */
bool clock_is_synchronised(void);

/** Has the kernel set the wall clock, when it started, from one that runs without it, and does it show a time that can be? */
bool clock_has_battery(void);

#endif
