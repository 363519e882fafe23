/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A process is started at once, and again after it ended; between its end and the next start samples are gaps. One that owes
 * answers and has given none for HANG_US, or says much more than it was asked, is ended by force, with all it started.
 *
 * Windows wait for a process only while it is prompt: once an answer has not come within `within`, they go on without it until it
 * answers in time again. So one that hangs costs the other streams one short wait and no more. What it was sent and has
 * not answered, given up or not, is bounded by `queue`; what comes beyond that is lost.
 */
#include "agent/exec.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/exec_line.h"
#include "agent/exec_private.h"
#include "base/log.h"

enum {
	LOOK_US = 20000,      /* until a process that closed its output has ended */
	STEADY_US = 60000000, /* ran so long: the next pause is short again */
};

static const char *const stage_names[] = { "running", "ending", "paused" };

static void start(struct exec_child *c);

/* --- its end --- */

void exec_child_unwatch(struct loop_fd **w)
{
	loop_fd_free(*w);
	*w = NULL;
}

static void let_go(struct exec_child *c)
{
	exec_child_unwatch(&c->in);
	exec_child_unwatch(&c->out);
	exec_child_unwatch(&c->err);
	process_close(&c->process);
	c->unsent_bytes = c->got_bytes = c->n_owed = 0;
	op_exec_give_up(c->op);
}

static void pause_before_start(struct exec_child *c)
{
	int64_t now_us = loop_mono_us();

	if (c->started_us > 0 && now_us - c->started_us > STEADY_US)
		backoff_reset(&c->backoff);
	c->stage = PAUSED;
	loop_timer_set(c->timer, now_us + backoff_next_us(&c->backoff));
}

void exec_child_end(struct exec_child *c, const char *why)
{
	if (c->stage != RUNNING)
		return;
	c->why = why;
	c->stage = ENDING;
	if (why)
		process_kill(&c->process);
	let_go(c);
	loop_timer_set(c->timer, loop_mono_us() + LOOK_US);
	c->all->answered(c->all->ctx);
}

static void tell_end(const struct exec_child *c, int status)
{
	const char *program = op_exec_command(c->op)[0], *said = c->said;
	const char *colon = *said ? ": " : "";

	if (c->why)
		log_warning("stream %s: %s %s and was ended", c->stream, program, c->why);
	else if (WIFSIGNALED(status))
		log_warning("stream %s: %s was ended by signal %d%s%s", c->stream, program, WTERMSIG(status), colon,
			    said);
	else
		log_warning("stream %s: %s ended with status %d%s%s", c->stream, program, WEXITSTATUS(status), colon,
			    said);
}

/* It has closed its output: if it still runs, it is of no use. */
static void look_for_end(struct exec_child *c)
{
	int status;

	if (!process_reap(&c->process, &status)) {
		process_kill(&c->process);
		loop_timer_set(c->timer, loop_mono_us() + LOOK_US);
		return;
	}
	tell_end(c, status);
	pause_before_start(c);
}

static void on_timer(void *ctx)
{
	struct exec_child *c = ctx;

	if (c->stage == PAUSED)
		start(c);
	else if (c->stage == ENDING)
		look_for_end(c);
	else
		exec_child_end(c, "gave no answer for 30 s");
}

/* --- its start --- */

static int watch(struct exec_child *c)
{
	struct loop *loop = c->all->loop;
	int r = loop_fd_create(loop, &c->in, c->process.in, exec_child_on_writable, c);

	if (r == 0)
		r = loop_fd_create(loop, &c->out, c->process.out, exec_child_on_output, c);
	if (r == 0)
		r = loop_fd_create(loop, &c->err, c->process.err, exec_child_on_error_output, c);
	if (r == 0) {
		loop_fd_watch(c->out, LOOP_READABLE);
		loop_fd_watch(c->err, LOOP_READABLE);
	}
	return r;
}

static void start(struct exec_child *c)
{
	const char *const *argv = op_exec_command(c->op);
	int r = process_start(&c->process, argv);

	c->said[0] = '\0';
	c->said_bytes = 0;
	c->n_strange = 0;
	c->is_prompt = true;
	c->told_strange = false;
	c->started_us = loop_mono_us();
	if (r == 0) {
		c->n_starts++;
		r = watch(c);
		if (r < 0) {
			let_go(c);
			process_end(&c->process);
		}
	}
	if (r < 0) {
		log_warning("stream %s: cannot start %s: %s", c->stream, argv[0], strerror(-r));
		c->started_us = 0;
		pause_before_start(c);
		return;
	}
	c->stage = RUNNING;
	loop_timer_cancel(c->timer);
}

static size_t count(const struct graph_plan *plan)
{
	size_t n = 0;

	for (size_t i = 0; i < plan->n_streams; i++)
		for (size_t o = 0; o < plan->streams[i].n_ops; o++)
			n += plan->streams[i].ops[o].class == &op_exec;
	return n;
}

static int adopt(struct execs *e, struct exec_child *c, const char *stream, void *op)
{
	c->all = e;
	c->stream = stream;
	c->op = op;
	c->process = (struct process){ .in = -1, .out = -1, .err = -1 };
	c->stage = PAUSED;
	c->backoff.prng = (uint64_t)loop_wall_us() + (uintptr_t)c;
	c->host = (struct op_exec_host){ .ctx = c, .send = exec_child_send };
	c->unsent_max = op_exec_queue(op) * EXEC_LINE_BYTES;
	c->unsent = malloc(c->unsent_max);
	if (!c->unsent)
		return -ENOMEM;
	return loop_timer_create(e->loop, &c->timer, on_timer, c);
}

static void free_child(struct exec_child *c)
{
	op_exec_set_host(c->op, NULL);
	exec_child_unwatch(&c->in);
	exec_child_unwatch(&c->out);
	exec_child_unwatch(&c->err);
	process_end(&c->process);
	if (c->timer)
		loop_timer_free(c->timer);
	free(c->unsent);
	free(c);
}

/* The process of an operator that goes on, which is its state. */
static struct exec_child *take_child(struct execs *e, const void *op)
{
	for (size_t i = 0; i < e->n; i++) {
		struct exec_child *c = e->children[i];

		if (!c || c->op != op)
			continue;
		e->children[i] = NULL;
		return c;
	}
	return NULL;
}

static int begin_child(struct execs *e, const char *stream, void *op, struct exec_child **out)
{
	struct exec_child *c = calloc(1, sizeof(*c));
	int r;

	if (!c)
		return -ENOMEM;
	r = adopt(e, c, stream, op);
	if (r < 0) {
		free(c->unsent);
		free(c);
		return r;
	}
	op_exec_set_host(op, &c->host);
	start(c);
	*out = c;
	return 0;
}

int execs_change(struct execs *e, const struct graph_plan *plan)
{
	struct exec_child **children = calloc(count(plan) + 1, sizeof(struct exec_child *));
	size_t n = 0;
	int r = children ? 0 : -ENOMEM;

	for (size_t i = 0; i < plan->n_streams; i++)
		for (size_t o = 0; r == 0 && o < plan->streams[i].n_ops; o++) {
			const struct graph_op *op = &plan->streams[i].ops[o];
			struct exec_child *c;

			if (op->class != &op_exec)
				continue;
			c = take_child(e, op->state);
			if (c)
				c->stream = plan->streams[i].name;
			else
				r = begin_child(e, plan->streams[i].name, op->state, &c);
			if (r == 0)
				children[n++] = c;
		}
	for (size_t i = 0; i < e->n; i++)
		if (e->children[i])
			free_child(e->children[i]);
	free(e->children);
	e->children = children;
	e->n = n;
	return r;
}

int execs_create(struct execs **out, struct loop *loop, const struct graph_plan *plan, void (*answered)(void *ctx),
		 void *ctx)
{
	struct execs *e = calloc(1, sizeof(*e));
	int r;

	if (!e)
		return -ENOMEM;
	e->loop = loop;
	e->answered = answered;
	e->ctx = ctx;
	r = execs_change(e, plan);
	*out = e;
	return r;
}

/* --- all of them --- */

int64_t execs_watermark_us(struct execs *e, int64_t watermark_us)
{
	int64_t at_us, sent_us;

	for (size_t i = 0; e && i < e->n; i++) {
		struct exec_child *c = e->children[i];

		if (!c->is_prompt || !op_exec_oldest(c->op, &at_us, &sent_us))
			continue;
		if (loop_mono_us() - sent_us >= op_exec_within_us(c->op)) {
			c->is_prompt = false;
			log_warning("stream %s: %s is not in time: windows do not wait for it until it is", c->stream,
				    op_exec_command(c->op)[0]);
		} else if (at_us < watermark_us) {
			watermark_us = at_us;
		}
	}
	return watermark_us;
}

void execs_describe(const struct execs *e, struct json *j)
{
	if (!e || e->n == 0)
		return;
	json_object_begin(j, "exec");
	for (size_t i = 0; i < e->n; i++) {
		const struct exec_child *c = e->children[i];

		json_object_begin(j, c->stream);
		json_text(j, "state", stage_names[c->stage]);
		json_bool(j, "in_time", c->is_prompt);
		json_uint(j, "starts", c->n_starts);
		json_uint(j, "lost", c->n_lost);
		json_object_end(j);
	}
	json_object_end(j);
}

void execs_free(struct execs *e)
{
	if (!e)
		return;
	for (size_t i = 0; i < e->n; i++)
		free_child(e->children[i]);
	free(e->children);
	free(e);
}
