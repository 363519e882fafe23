/* SPDX-License-Identifier: Apache-2.0 */
/*
 * act.h - when an output is on: what the state says, held back by minimum times, ended by the maximum time, and the safe state when the
 * input is missing. Pure: time comes in, the wish goes out; actions.h drives the line. The broker has no part in it.
 *
 * In order of rank:
 *   - before the first value, and when the input is missing for longer than `missing_after` (unless it is held): the safe state
 *   - the maximum time on: then it is off, until the state has been off
 *   - what the state says
 * and a change waits until the minimum time of what there is now is over; not for the maximum time. A start counts as a change, so
 * a program that dies and is started again and again does not wear a compressor out. The minimum times hold against a
 * missing input, too.
 */
#ifndef RUNNEL_AGENT_ACT_H
#define RUNNEL_AGENT_ACT_H

#include <stdbool.h>
#include <stdint.h>

#include "agent/conf.h"

enum act_input { ACT_MISSING, ACT_OFF, ACT_ON };

struct act {
	const struct conf_action *rules;
	bool is_on;	  /* what the output is to be */
	int64_t since_us; /* CLOCK_BOOTTIME */
	const char *why;  /* in words, static */
	bool wish;	  /* of the input, when it last was there */
	bool has_seen;	  /* a value */
	bool is_missing;
	bool is_spent; /* the maximum time was reached */
	int64_t missing_since_us;
	uint64_t n_changes;
};

/** The output is in its safe state since @now_us. */
void act_begin(struct act *a, const struct conf_action *rules, int64_t now_us);

/** @return when to ask again even if nothing new comes; INT64_MAX: never. a->is_on is what the output is to be from now on. */
int64_t act_step(struct act *a, enum act_input input, int64_t now_us);

#endif
