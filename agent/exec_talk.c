/* SPDX-License-Identifier: Apache-2.0 */
/* exec_talk.c - what a process behind an operator is told, and what it says. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "agent/exec_line.h"
#include "agent/exec_private.h"
#include "base/log.h"

enum {
	STRANGE_MAX = 64, /* lines in a row that answer nothing */
	SHOWN_BYTES = 60, /* of the first of them */
};

/* --- what it says --- */

/* What it can not be, by its first such line: often the traceback or greeting of a script. */
static void tell_strange(struct exec_child *c, const char *line, size_t len)
{
	char text[SHOWN_BYTES + 1];
	size_t n = len < SHOWN_BYTES ? len : SHOWN_BYTES;

	if (c->told_strange)
		return;
	c->told_strange = true;
	for (size_t i = 0; i < n; i++)
		text[i] = line[i] >= ' ' && line[i] < 127 ? line[i] : '?';
	text[n] = '\0';
	log_warning("stream %s: %s said '%s', which is no answer", c->stream, op_exec_command(c->op)[0], text);
}

static void take_answer(struct exec_child *c, const char *line, size_t len)
{
	struct op_exec_answer answer;
	size_t n_waiting = op_exec_n_waiting(c->op);

	if (exec_line_read(line, len, &answer) == 0) {
		if (op_exec_answer(c->op, &answer)) {
			c->n_owed = op_exec_n_waiting(c->op);
			c->n_strange = 0;
			c->is_prompt = true;
			loop_timer_set(c->timer, loop_mono_us() + HANG_US);
			return;
		}
		if (c->n_owed > n_waiting) { /* too late */
			c->n_owed--;
			loop_timer_set(c->timer, loop_mono_us() + HANG_US);
			return;
		}
	} else {
		tell_strange(c, line, len);
	}
	c->n_strange++;
}

static void take_lines(struct exec_child *c)
{
	char *line = c->got, *rest = c->got + c->got_bytes, *stop;

	while ((stop = memchr(line, '\n', (size_t)(rest - line)))) {
		take_answer(c, line, (size_t)(stop - line));
		line = stop + 1;
	}
	c->got_bytes = (size_t)(rest - line);
	memmove(c->got, line, c->got_bytes);
}

void exec_child_on_output(void *ctx, unsigned events UNUSED)
{
	struct exec_child *c = ctx;
	ssize_t n = read(c->process.out, c->got + c->got_bytes, sizeof(c->got) - c->got_bytes);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		exec_child_end(c, NULL);
		return;
	}
	c->got_bytes += (size_t)n;
	take_lines(c);
	if (c->n_strange > STRANGE_MAX)
		exec_child_end(c, "said much that answers nothing");
	else if (c->got_bytes == sizeof(c->got))
		exec_child_end(c, "wrote a line without end");
	else
		c->all->answered(c->all->ctx);
}

/* Its last line is kept, to be told when it ends. */
void exec_child_on_error_output(void *ctx, unsigned events UNUSED)
{
	struct exec_child *c = ctx;
	char text[512];
	ssize_t n = read(c->process.err, text, sizeof(text));

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		exec_child_unwatch(&c->err);
		return;
	}
	for (ssize_t i = 0; i < n; i++) {
		if (text[i] == '\n') {
			c->said_bytes = 0;
		} else if (c->said_bytes + 1 < sizeof(c->said)) {
			c->said[c->said_bytes++] = text[i] >= ' ' && text[i] < 127 ? text[i] : '?';
			c->said[c->said_bytes] = '\0';
		}
	}
}

/* --- what it is told --- */

static void flush(struct exec_child *c)
{
	ssize_t n;

	if (c->unsent_bytes > 0) {
		n = write(c->process.in, c->unsent, c->unsent_bytes);
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			n = (ssize_t)c->unsent_bytes; /* nobody reads it: the end of its output will tell */
		if (n > 0) {
			c->unsent_bytes -= (size_t)n;
			memmove(c->unsent, c->unsent + n, c->unsent_bytes);
		}
	}
	loop_fd_watch(c->in, c->unsent_bytes > 0 ? LOOP_WRITABLE : 0);
}

void exec_child_on_writable(void *ctx, unsigned events UNUSED)
{
	flush(ctx);
}

int exec_child_send(void *ctx, const struct sample *in, int64_t *stamp)
{
	struct exec_child *c = ctx;

	if (c->stage != RUNNING)
		return -ESRCH;
	if (c->n_owed >= op_exec_queue(c->op) || c->unsent_bytes + EXEC_LINE_BYTES > c->unsent_max) {
		c->n_lost++;
		return -EAGAIN;
	}
	*stamp = loop_mono_us();
	if (c->n_owed++ == 0)
		loop_timer_set(c->timer, *stamp + HANG_US);
	c->unsent_bytes += exec_line_write(in, c->unsent + c->unsent_bytes);
	flush(c);
	return 0;
}
