/* SPDX-License-Identifier: Apache-2.0 */
/*
 * op_exec.h - what the agent needs to know of operator exec: it declares the options, keeps the samples that wait for an answer and
 * gives the results in order. The process is somebody else's: the host's, set before the first sample.
 */
#ifndef RUNNEL_PIPELINES_OP_EXEC_H
#define RUNNEL_PIPELINES_OP_EXEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pipelines/op.h"

struct op_exec_host {
	void *ctx;

	/**
	 * Send a sample to the process; the answer may come before it returns. @stamp: kept with the sample, see op_exec_oldest().
	 * @return  0; -EAGAIN: there is no room, the sample is lost; other negative errno: there is no process, the result is a gap
	 */
	int (*send)(void *ctx, const struct sample *in, int64_t *stamp);
};

enum op_exec_kind { OP_EXEC_NUMBER, OP_EXEC_GAP, OP_EXEC_NOTHING };

struct op_exec_answer {
	double t_s; /* of the sample it answers */
	enum op_exec_kind kind;
	double y;
};

extern const struct op_class op_exec;

/** @host outlives the operator. NULL, as at first: every result is a gap. */
void op_exec_set_host(void *state, const struct op_exec_host *host);

/** Program and arguments, ended by NULL. */
const char *const *op_exec_command(const void *state);
int64_t op_exec_within_us(const void *state);
size_t op_exec_queue(const void *state);

/**
 * The result for the sample of that time. Samples before it that still wait have none: gaps.
 * @return  false: no sample of that time waits
 */
bool op_exec_answer(void *state, const struct op_exec_answer *answer);

/** How many samples wait for an answer. */
size_t op_exec_n_waiting(const void *state);

/** The oldest of them. @return false: there is none */
bool op_exec_oldest(const void *state, int64_t *at_us, int64_t *stamp);

/** Nothing that waits will be answered: gaps. */
void op_exec_give_up(void *state);

#endif
