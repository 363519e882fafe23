/* SPDX-License-Identifier: Apache-2.0 */
/* exec_private.h - one process: its life is in exec.c, what is said in exec_talk.c. */
#ifndef RUNNEL_AGENT_EXEC_PRIVATE_H
#define RUNNEL_AGENT_EXEC_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/exec.h"
#include "base/backoff.h"
#include "base/process.h"
#include "pipelines/op_exec.h"

enum {
	HANG_US = 30000000, /* owes answers for so long */
	IN_BYTES = 4096,    /* of a line at most, and read at a time */
	SAID_BYTES = 160,   /* of its last words */
};

enum stage { RUNNING, ENDING, PAUSED };

struct exec_child {
	struct execs *all;
	const char *stream;
	void *op;
	struct op_exec_host host;
	enum stage stage;
	struct process process;
	struct loop_fd *in, *out, *err; /* NULL when there is none */
	struct loop_timer *timer;	/* running: hang; ending: look; paused: start */
	struct backoff backoff;
	int64_t started_us;
	uint64_t n_starts, n_lost;
	size_t n_owed; /* sent and not answered, waiting or given up */
	unsigned n_strange;
	bool is_prompt, told_strange;
	const char *why; /* it was ended by force */
	char *unsent;
	size_t unsent_bytes, unsent_max;
	char got[IN_BYTES], said[SAID_BYTES];
	size_t got_bytes, said_bytes;
};

struct execs {
	struct loop *loop;
	void (*answered)(void *ctx);
	void *ctx;
	struct exec_child **children; /* each by itself: watches point at them */
	size_t n;
};

/** Let go of its pipes; what waits becomes gaps. @why: it is ended by force, NULL: it ended by itself. */
void exec_child_end(struct exec_child *c, const char *why);

void exec_child_unwatch(struct loop_fd **w);

/* Events of its pipes. */
void exec_child_on_output(void *ctx, unsigned events);
void exec_child_on_error_output(void *ctx, unsigned events);
void exec_child_on_writable(void *ctx, unsigned events);

/** For struct op_exec_host. */
int exec_child_send(void *ctx, const struct sample *in, int64_t *stamp);

#endif
