/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trust.h - whether the wall clock may be believed, and what to do when that changes.
 *
 * A board without a battery starts in the past and is set when the network is there. Until the kernel says that its clock is
 * synchronised, samples wait, for a bounded time; then they are dated. If they cannot wait they are sent marked, and the
 * collector keeps them apart. Once it has been right, the time of a clock that never steps is better than that of one
 * somebody set by hand: a step of a clock that is not synchronised is not followed. Pure: what the clocks say comes in.
 */
#ifndef RUNNEL_AGENT_TRUST_H
#define RUNNEL_AGENT_TRUST_H

#include <stdbool.h>
#include <stdint.h>

enum time_state {
	TIME_WAITING,	     /* not yet synchronised; samples wait */
	TIME_SYNCHRONISED,   /* right, or said to be by the config */
	TIME_HOLDOVER,	     /* it was right; the wall clock has been set since and is not synchronised: not followed */
	TIME_UNSYNCHRONISED, /* nobody knows, and samples do not wait any more: they are marked */
};

enum time_action {
	TIME_GO_ON,
	TIME_KNOWN,   /* date what waited by the wall clock */
	TIME_GIVE_UP, /* send what waited, marked */
	TIME_STEP,    /* follow the wall clock: what is open is cut */
};

struct trust {
	enum time_state state;
	bool is_always; /* the config says that the clock is right */
	int64_t until_us;
};

/** What the clocks say. Times are those of a clock that never steps. */
struct trust_view {
	int64_t now_us;
	bool is_synchronised; /* the kernel says so; need not be looked at while trust_needs_kernel() is false */
	bool has_stepped;     /* the wall clock is not where it was */
	bool is_full;	      /* there is no room for more samples to wait */
};

/** @wait_us: how long samples may wait. Waiting, unless @is_always. */
void trust_init(struct trust *t, bool is_always, int64_t wait_us, int64_t now_us);

/** Does trust_look() want to know what the kernel says? It costs a system call. */
bool trust_needs_kernel(const struct trust *t, bool has_stepped);

/** Look at the clocks. @return what to do */
enum time_action trust_look(struct trust *t, const struct trust_view *v);

/** "waiting", "synchronised", "holdover", "unsynchronised" */
const char *time_state_name(enum time_state state);

#endif
