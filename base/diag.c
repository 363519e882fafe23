/* SPDX-License-Identifier: Apache-2.0 */
/*
 * diag.c - errors are kept sorted by place while they are added, because a config is checked section by section
 * but read from top to bottom. Errors of the same place keep the order in which they were found.
 *
 * The texts quote the file, which may come from the network, so they are bounded and made printable: neither a
 * word of a megabyte nor an escape sequence reaches a terminal or a log. A text that is too long loses its
 * middle: the beginning says what was found, the end what was expected.
 */
#include "base/diag.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

enum { TEXT_MAX = 480, KEPT_AT_END = 200 };

static bool is_utf8_tail(char c)
{
	return ((unsigned char)c & 0xC0) == 0x80;
}

static void cut_middle(char *text, size_t len)
{
	static const char dots[] = "...";
	size_t head = TEXT_MAX - KEPT_AT_END - strlen(dots), tail = len - KEPT_AT_END;

	while (head && is_utf8_tail(text[head]))
		head--;
	while (tail < len && is_utf8_tail(text[tail]))
		tail++;
	memcpy(text + head, dots, strlen(dots));
	memmove(text + head + strlen(dots), text + tail, len - tail + 1);
}

static bool is_before(struct place a, struct place b)
{
	return a.line != b.line ? a.line < b.line : a.column < b.column;
}

static void insert_sorted(struct diag *d, struct diag_line *line)
{
	struct diag_line **at = &d->first;

	while (*at && !is_before(line->at, (*at)->at))
		at = &(*at)->next;
	line->next = *at;
	*at = line;
}

void diag_error(struct diag *d, struct place at, const char *fmt, ...)
{
	struct diag_line *line;
	char *text;
	va_list args;
	int len;

	d->n_errors++;
	if (d->n_errors > DIAG_MAX) {
		d->n_dropped++;
		return;
	}
	va_start(args, fmt);
	len = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	text = len < 0 ? NULL : malloc((size_t)len + 1);

	line = arena_alloc(&d->arena, sizeof(*line));
	*line = (struct diag_line){ .at = at, .text = "too little memory to say what is wrong here" };
	if (text) {
		va_start(args, fmt);
		vsnprintf(text, (size_t)len + 1, fmt, args);
		va_end(args);
		if (len > TEXT_MAX)
			cut_middle(text, (size_t)len);
		line->text = text_make_printable(arena_strdup(&d->arena, text));
		free(text);
	}
	insert_sorted(d, line);
}

void diag_print(const struct diag *d, FILE *out)
{
	const char *file = d->file ? d->file : "config";

	for (const struct diag_line *l = d->first; l; l = l->next) {
		if (l->at.line)
			fprintf(out, "%s:%u:%u: error: %s\n", file, l->at.line, l->at.column, l->text);
		else
			fprintf(out, "%s: error: %s\n", file, l->text);
	}
	if (d->n_dropped)
		fprintf(out, "%s: error: %zu more errors are not shown\n", file, d->n_dropped);
}

void diag_free(struct diag *d)
{
	arena_free(&d->arena);
	*d = (struct diag){ .file = d->file };
}
