/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conf_moves.h - what of one config goes on in another: sensors, streams, KPIs and actions that are defined the same way, streams only
 * if all they take from goes on too. Their states (of drivers, operators and outputs) are handed over with the memory they live
 * in, so a config is freed as soon as the next one runs, however many follow each other.
 */
#ifndef RUNNEL_AGENT_CONF_MOVES_H
#define RUNNEL_AGENT_CONF_MOVES_H

#include "agent/conf.h"

/** For each of the new config the index in the old one, or CONF_NEW. */
struct conf_moves {
	size_t *sensors, *streams, *kpis, *actions;
	size_t n_streams; /* that go on */
};

/** Compare. Memory is taken from @next. */
void conf_compare(const struct conf *old, struct conf *next, struct conf_moves *out);

/** Hand over the states of what goes on. @old gets those @next had made, and is good for conf_free() alone. */
void conf_hand_over(struct conf *old, struct conf *next, const struct conf_moves *moves);

#endif
