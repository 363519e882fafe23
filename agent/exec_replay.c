/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/exec_replay.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/exec_line.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/process.h"

struct child {
	const char *stream;
	void *op;
	struct op_exec_host host;
	struct process process;
	unsigned n_failures; /* in a row */
	char got[4096];
	size_t got_bytes;
};

struct exec_replays {
	struct child *children;
	size_t n;
};

/* What it writes to its error output is drained and dropped, or it would block there. */
static void drain(int fd)
{
	char text[512];

	while (read(fd, text, sizeof(text)) > 0)
		;
}

/* @return 0: some of @events are there; -ETIMEDOUT */
static int wait_for(struct child *c, int fd, short events, int64_t until_us)
{
	for (;;) {
		struct pollfd fds[2] = { { .fd = fd, .events = events }, { .fd = c->process.err, .events = POLLIN } };
		int64_t left_us = until_us - loop_mono_us();
		int n = left_us > 0 ? poll(fds, 2, (int)(left_us / 1000) + 1) : 0;

		if (n == 0)
			return -ETIMEDOUT;
		if (n > 0 && fds[1].revents & POLLIN)
			drain(c->process.err);
		else if (n > 0 && fds[1].revents)
			c->process.err = (close(c->process.err), -1);
		if (n > 0 && fds[0].revents)
			return 0;
	}
}

static int write_line(struct child *c, const char *line, size_t len, int64_t until_us)
{
	while (len > 0) {
		ssize_t n = write(c->process.in, line, len);

		if (n > 0) {
			line += n;
			len -= (size_t)n;
		} else if (errno == EAGAIN) {
			int r = wait_for(c, c->process.in, POLLOUT, until_us);

			if (r < 0)
				return r;
		} else if (errno != EINTR) {
			return -errno;
		}
	}
	return 0;
}

/* @return 1: the sample has been answered, 0: not yet, or negative errno */
static int take_lines(struct child *c)
{
	char *line = c->got, *rest = c->got + c->got_bytes, *stop;
	struct op_exec_answer answer;
	int r = 0;

	while ((stop = memchr(line, '\n', (size_t)(rest - line)))) {
		if (exec_line_read(line, (size_t)(stop - line), &answer) == 0 && op_exec_answer(c->op, &answer))
			r = 1;
		line = stop + 1;
	}
	c->got_bytes = (size_t)(rest - line);
	memmove(c->got, line, c->got_bytes);
	return r == 0 && c->got_bytes == sizeof(c->got) ? -EMSGSIZE : r;
}

static int read_answer(struct child *c, int64_t until_us)
{
	int r = 0;

	while (r == 0) {
		ssize_t n;

		r = wait_for(c, c->process.out, POLLIN, until_us);
		if (r < 0)
			return r;
		n = read(c->process.out, c->got + c->got_bytes, sizeof(c->got) - c->got_bytes);
		if (n == 0)
			return -EPIPE;
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return -errno;
		c->got_bytes += n > 0 ? (size_t)n : 0;
		r = take_lines(c);
	}
	return r < 0 ? r : 0;
}

static const char *reason(int error)
{
	if (error == -ETIMEDOUT)
		return "no answer in 10 s";
	return error == -EPIPE ? "it ended" : strerror(-error);
}

static int fail(struct child *c, int error)
{
	process_end(&c->process);
	c->n_failures++;
	log_warning("stream %s: %s: %s%s", c->stream, op_exec_command(c->op)[0], reason(error),
		    c->n_failures == EXEC_REPLAY_TRIES ? "; it is left out from now on" : "");
	return error;
}

static int send_sample(void *ctx, const struct sample *in, int64_t *stamp)
{
	struct child *c = ctx;
	int64_t until_us = loop_mono_us() + EXEC_REPLAY_WAIT_MS * INT64_C(1000);
	char line[EXEC_LINE_BYTES];
	int r = 0;

	*stamp = 0;
	if (c->n_failures == EXEC_REPLAY_TRIES)
		return -ESRCH;
	if (c->process.pid == 0) {
		c->got_bytes = 0;
		r = process_start(&c->process, op_exec_command(c->op));
	}
	if (r == 0)
		r = write_line(c, line, exec_line_write(in, line), until_us);
	if (r == 0)
		r = read_answer(c, until_us);
	if (r < 0)
		return fail(c, r == -EAGAIN ? -EIO : r);
	c->n_failures = 0;
	return 0;
}

static void adopt(struct child *c, const char *stream, void *op)
{
	*c = (struct child){ .stream = stream, .op = op };
	c->process = (struct process){ .in = -1, .out = -1, .err = -1 };
	c->host = (struct op_exec_host){ .ctx = c, .send = send_sample };
	op_exec_set_host(op, &c->host);
}

int exec_replays_create(struct exec_replays **out, const struct graph_plan *plan)
{
	struct exec_replays *e;
	size_t n = 0;

	*out = NULL;
	for (size_t i = 0; i < plan->n_streams; i++)
		for (size_t o = 0; o < plan->streams[i].n_ops; o++)
			n += plan->streams[i].ops[o].class == &op_exec;
	if (n == 0)
		return 0;
	e = calloc(1, sizeof(*e));
	if (e)
		e->children = calloc(n, sizeof(*e->children));
	if (!e || !e->children) {
		free(e);
		return -ENOMEM;
	}
	for (size_t i = 0; i < plan->n_streams; i++)
		for (size_t o = 0; o < plan->streams[i].n_ops; o++)
			if (plan->streams[i].ops[o].class == &op_exec)
				adopt(&e->children[e->n++], plan->streams[i].name, plan->streams[i].ops[o].state);
	*out = e;
	return 0;
}

void exec_replays_free(struct exec_replays *e)
{
	if (!e)
		return;
	for (size_t i = 0; i < e->n; i++) {
		op_exec_set_host(e->children[i].op, NULL);
		process_end(&e->children[i].process);
	}
	free(e->children);
	free(e);
}
