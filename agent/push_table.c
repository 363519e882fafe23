/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/push_table.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/loop.h"
#include "base/term.h"
#include "base/text.h"

void push_table_init(struct push_table *t, bool is_json)
{
	struct term term;

	term_probe(&term, STDERR_FILENO);
	*t = (struct push_table){ .is_json = is_json, .is_terminal = term.is_terminal };
}

static void clear_progress(struct push_table *t)
{
	if (t->has_progress && t->is_terminal)
		fputs("\r\033[K", stderr);
	t->has_progress = false;
}

static void number(struct json *j, const char *key, const char *text)
{
	int64_t value;

	if (text_to_int64(text, &value) == 0)
		json_int(j, key, value);
}

static void print_json(const struct push_board *b, const char *state, const char *reason, double seconds)
{
	struct dynbuf text;
	struct json j = { .out = &text };

	dynbuf_init(&text, 4096);
	json_object_begin(&j, NULL);
	json_text(&j, "device", b->name);
	json_text(&j, "state", state);
	if (b->is_sent)
		json_double(&j, "seconds", seconds);
	if (reason[0])
		json_text(&j, "reason", reason);
	if (b->line[0]) {
		number(&j, "line", b->line);
		number(&j, "column", b->column);
	}
	json_object_end(&j);
	printf("%s\n", dynbuf_text(&text));
	dynbuf_free(&text);
}

static void print_row(const struct push_board *b, const char *state, const char *reason, double seconds)
{
	char after[16] = "";

	if (b->is_sent)
		snprintf(after, sizeof(after), "%.1f s", seconds);
	printf("%-24s %-12s %8s  %s", b->name, state, after, reason);
	if (b->line[0])
		printf(" (line %s, column %s)", b->line, b->column);
	printf("\n");
}

void push_table_row(struct push_table *t, const struct push_board *b, const char *state, const char *reason)
{
	double seconds = (double)((loop_mono_us() - b->sent_us) / 1000) / 1000;

	clear_progress(t);
	if (!t->has_title && !t->is_json)
		printf("%-24s %-12s %8s  %s\n", "BOARD", "ANSWER", "AFTER", "REASON");
	t->has_title = true;
	(t->is_json ? print_json : print_row)(b, state ? state : b->state, reason ? reason : b->reason, seconds);
	fflush(stdout);
}

/* Elsewhere than on a terminal it is a line, and so not at each answer. */
void push_table_progress(struct push_table *t, const struct push_boards *b)
{
	enum { EVERY_US = 5000000 };
	size_t n = 0, n_done = 0, n_active = 0, n_trying = 0;
	int64_t now_us = loop_mono_us();

	for (size_t i = 0; i < b->n; i++) {
		const struct push_board *board = &b->at[i];

		n += board->is_sent;
		n_done += board->is_sent && board->is_done;
		n_active += board->is_active;
		n_trying += strcmp(board->state, "trying") == 0;
	}
	if (!t->is_terminal && now_us - t->told_us < EVERY_US)
		return;
	clear_progress(t);
	t->told_us = now_us;
	t->has_progress = n_done < n;
	if (n_done < n)
		fprintf(stderr, "%zu of %zu answered: %zu active, %zu not; %zu on trial%s", n_done, n, n_active,
			n_done - n_active, n_trying, t->is_terminal ? "" : "\n");
}

void push_table_say(struct push_table *t, const char *fmt, ...)
{
	va_list ap;

	clear_progress(t);
	va_start(ap, fmt);
	vfprintf(t->is_json ? stderr : stdout, fmt, ap);
	va_end(ap);
	fputc('\n', t->is_json ? stderr : stdout);
	fflush(stdout);
}
