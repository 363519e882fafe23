/* SPDX-License-Identifier: Apache-2.0 */
/*
 * push_watch.h - how much of their time the readings of a board vouch for, seen from its partials: the canaries of a push must
 * not bring less than before. What is missing is counted in streams, so one that fails weighs the same on a board with
 * three as on one with hundred. Pure.
 */
#ifndef RUNNEL_AGENT_PUSH_WATCH_H
#define RUNNEL_AGENT_PUSH_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** All-zero: takes the next whole window, of the shortest length that comes. */
struct push_watch {
	uint64_t from;		 /* windows before are not looked at */
	uint64_t newest, length; /* w0 and length of the latest one seen */
	uint64_t w0;		 /* the window that is being added up; 0: none */
	size_t n_adding;
	double missing_adding;
	uint8_t seen[512]; /* a bit for each metric of it */
	bool is_known;
	size_t n_streams; /* of the last whole window */
	double missing;	  /* of them: 0.25 is a quarter of one stream's window */
};

/** A message of topic partial; what is none, or tells of a window only in part, is passed over. */
void push_watch_hear(struct push_watch *w, const void *payload, size_t bytes);

/** Begin anew, with the first window that cannot have begun before now. */
void push_watch_restart(struct push_watch *w);

/** Share of the time, 0 to 1. */
double push_watch_coverage(const struct push_watch *w);

/** Does @after bring less than @before, by more than a twentieth of one stream? */
bool push_watch_has_dropped(const struct push_watch *before, const struct push_watch *after);

#endif
