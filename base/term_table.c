/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A table is collected as text with one record a cell, measured, and written in one piece. In place means: the cursor goes
 * up over what is there, each line is overwritten and its rest erased. Nothing is erased before it is written, so nothing
 * flickers, and what stood above the table stays in the scroll-back. No line is wider than the terminal, else it would wrap
 * and the way up would be wrong; when the terminal gets narrower, the lines that it has wrapped are counted.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/dynbuf.h"
#include "base/term.h"
#include "base/term_text.h"

enum {
	MAX_TEXT_BYTES = 4 << 20,
	CELL_BYTES = 512,
	GAP = 2,
	MIN_COLUMN = 3,
};

struct cell {
	size_t at, bytes; /* in the text */
	enum term_style style;
	bool is_line, is_end; /* free text; the last of its row */
};

struct term_table {
	int fd;
	const struct term_column *columns;
	size_t n_columns, column; /* of the next cell */
	size_t *widths, *fitted;  /* wanted so far; that the terminal has room for */
	struct dynbuf text, out;
	struct cell *cells;
	size_t n_cells, cells_cap;
	bool has_failed;     /* no memory for a cell */
	bool has_title;	     /* shown already, where it is shown once */
	struct dynbuf shown; /* the width (size_t) of each line that stands above the cursor */
};

/* The line that is being put together. Blanks wait until text follows, so that none ends a line. */
struct line {
	struct term_table *t;
	const struct term *term;
	size_t used, blanks;
};

static void add_printable(struct dynbuf *to, const char *text)
{
	while (*text != '\0') {
		size_t n = term_printable_bytes((const unsigned char *)text);

		dynbuf_add(to, n ? text : "?", n ? n : 1);
		text += n ? n : 1;
	}
}

int term_table_create(struct term_table **out, int fd, const struct term_column *columns, size_t n_columns)
{
	struct term_table *t = calloc(1, sizeof(*t));

	if (!t)
		return -ENOMEM;
	*t = (struct term_table){ .fd = fd, .columns = columns, .n_columns = n_columns };
	dynbuf_init(&t->text, MAX_TEXT_BYTES);
	dynbuf_init(&t->out, MAX_TEXT_BYTES);
	dynbuf_init(&t->shown, MAX_TEXT_BYTES);
	t->widths = calloc(n_columns + 1, sizeof(*t->widths));
	t->fitted = calloc(n_columns + 1, sizeof(*t->fitted));
	if (!t->widths || !t->fitted) {
		term_table_free(t);
		return -ENOMEM;
	}
	for (size_t i = 0; i < n_columns; i++)
		t->widths[i] = term_text_width(columns[i].title);
	*out = t;
	return 0;
}

void term_table_free(struct term_table *t)
{
	if (!t)
		return;
	dynbuf_free(&t->text);
	dynbuf_free(&t->out);
	free(t->widths);
	free(t->fitted);
	free(t->cells);
	dynbuf_free(&t->shown);
	free(t);
}

static struct cell *add_cell(struct term_table *t, enum term_style style, const char *text)
{
	struct cell *c;

	if (t->n_cells == t->cells_cap) {
		size_t cap = t->cells_cap ? 2 * t->cells_cap : 64;
		struct cell *cells = realloc(t->cells, cap * sizeof(*cells));

		if (!cells) {
			t->has_failed = true;
			return NULL;
		}
		t->cells = cells;
		t->cells_cap = cap;
	}
	c = &t->cells[t->n_cells++];
	*c = (struct cell){ .at = t->text.len, .style = style };
	add_printable(&t->text, text);
	c->bytes = t->text.len - c->at;
	return c;
}

void term_table_cell(struct term_table *t, enum term_style style, const char *text)
{
	struct cell *c = add_cell(t, style, text);
	size_t width;

	if (!c)
		return;
	width = term_width_of(dynbuf_text(&t->text) + c->at, c->bytes);
	if (width > t->widths[t->column])
		t->widths[t->column] = width;
	if (++t->column == t->n_columns) {
		c->is_end = true;
		t->column = 0;
	}
}

void term_table_cellf(struct term_table *t, enum term_style style, const char *fmt, ...)
{
	char text[CELL_BYTES];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	term_table_cell(t, style, text);
}

void term_table_linef(struct term_table *t, enum term_style style, const char *fmt, ...)
{
	char text[CELL_BYTES];
	struct cell *c;
	va_list args;

	if (t->column > 0)
		t->cells[t->n_cells - 1].is_end = true;
	t->column = 0;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	c = add_cell(t, style, text);
	if (c)
		c->is_line = c->is_end = true;
}

/* Take from the widest flexible column, one by one, until all fit or none can give. */
static void fit(struct term_table *t, const struct term *term)
{
	size_t total = 0, widest;

	memcpy(t->fitted, t->widths, t->n_columns * sizeof(*t->fitted));
	for (size_t i = 0; i < t->n_columns; i++)
		total += t->widths[i] + (i ? GAP : 0);
	while (term->is_terminal && total > term->width) {
		widest = t->n_columns;
		for (size_t i = 0; i < t->n_columns; i++)
			if (t->columns[i].is_flexible && (widest == t->n_columns || t->fitted[i] > t->fitted[widest]))
				widest = i;
		if (widest == t->n_columns || t->fitted[widest] <= MIN_COLUMN)
			return;
		t->fitted[widest]--;
		total--;
	}
}

static const char *style_code(enum term_style style)
{
	static const char *const codes[] = {
		[TERM_BOLD] = "\033[1m",   [TERM_DIM] = "\033[2m",     [TERM_RED] = "\033[31m",
		[TERM_GREEN] = "\033[32m", [TERM_YELLOW] = "\033[33m", [TERM_CYAN] = "\033[36m",
	};

	return codes[style];
}

static void put_blanks(struct line *l)
{
	size_t room = l->term->is_terminal ? l->term->width - l->used : SIZE_MAX;

	for (; l->blanks > 0 && room > 0; l->blanks--, room--, l->used++)
		dynbuf_add(&l->t->out, " ", 1);
	l->blanks = 0;
}

/* At most @max code points of the text, the last of them an ellipsis when there are more. */
static void put_text(struct line *l, const char *text, size_t bytes, size_t max, enum term_style style)
{
	size_t width = term_width_of(text, bytes), n = 0;
	bool is_styled = style != TERM_PLAIN && l->term->has_colour;

	if (bytes == 0)
		return;
	put_blanks(l);
	if (l->term->is_terminal && max > l->term->width - l->used)
		max = l->term->width - l->used;
	if (max == 0)
		return;
	if (is_styled)
		dynbuf_adds(&l->t->out, style_code(style));
	if (width <= max) {
		dynbuf_add(&l->t->out, text, bytes);
		l->used += width;
	} else {
		for (size_t left = max; left > 0; n++) /* the byte after max - 1 code points */
			left -= ((unsigned char)text[n] & 0xC0) != 0x80;
		dynbuf_add(&l->t->out, text, n - 1);
		dynbuf_adds(&l->t->out, "\xE2\x80\xA6");
		l->used += max;
	}
	if (is_styled)
		dynbuf_adds(&l->t->out, "\033[0m");
}

static void put_column(struct line *l, size_t column, const char *text, size_t bytes, enum term_style style)
{
	const struct term_table *t = l->t;
	size_t room = t->fitted[column], width = term_width_of(text, bytes);
	size_t pad = width < room ? room - width : 0;

	l->blanks += column ? GAP : 0;
	if (t->columns[column].is_right)
		l->blanks += pad;
	put_text(l, text, bytes, room, style);
	if (!t->columns[column].is_right)
		l->blanks += pad;
}

static void end_line(struct line *l)
{
	if (l->term->is_terminal) {
		dynbuf_adds(&l->t->out, "\033[K");
		dynbuf_add(&l->t->shown, &l->used, sizeof(l->used));
	}
	dynbuf_add(&l->t->out, "\n", 1);
	l->used = l->blanks = 0;
}

/* To the start of what was shown; a line that is now too wide for the terminal takes several. */
static void go_back(struct term_table *t, const struct term *term)
{
	const char *shown = dynbuf_text(&t->shown);
	size_t up = 0, width;

	for (size_t at = 0; at < t->shown.len; at += sizeof(width)) {
		memcpy(&width, shown + at, sizeof(width));
		up += width > term->width ? (width + term->width - 1) / term->width : 1;
	}
	if (up > 0)
		dynbuf_addf(&t->out, "\r\033[%zuA", up);
	dynbuf_reset(&t->shown);
}

static void put_title(struct line *l)
{
	const struct term_table *t = l->t;

	if (t->has_title && !l->term->is_terminal)
		return;
	for (size_t i = 0; i < t->n_columns; i++)
		put_column(l, i, t->columns[i].title, strlen(t->columns[i].title), TERM_BOLD);
	end_line(l);
	l->t->has_title = true;
}

static size_t count_rows(const struct term_table *t)
{
	size_t n = 0;

	for (size_t i = 0; i < t->n_cells; i++)
		n += t->cells[i].is_end;
	return n;
}

static void put_rows(struct line *l)
{
	struct term_table *t = l->t;
	size_t n_rows = count_rows(t), row = 0, column = 0, max_rows = SIZE_MAX;

	if (l->term->is_terminal && n_rows + 2 > l->term->height) /* title, and the line of the cursor */
		max_rows = l->term->height > 3 ? l->term->height - 3 : 1;
	for (size_t i = 0; i < t->n_cells && row < max_rows; i++) {
		const struct cell *c = &t->cells[i];
		const char *text = dynbuf_text(&t->text) + c->at;

		if (c->is_line)
			put_text(l, text, c->bytes, SIZE_MAX, c->style);
		else
			put_column(l, column, text, c->bytes, c->style);
		column = c->is_end ? 0 : column + 1;
		if (c->is_end) {
			end_line(l);
			row++;
		}
	}
	if (row < n_rows) {
		char more[64];

		put_text(l, more, (size_t)snprintf(more, sizeof(more), "... %zu more", n_rows - row), SIZE_MAX,
			 TERM_DIM);
		end_line(l);
	}
}

/* All that there is to write, into t->out; then the rows are forgotten. */
static int compose(struct term_table *t, const struct term *term)
{
	struct line line = { .t = t, .term = term };
	int r;

	if (t->column > 0)
		t->cells[t->n_cells - 1].is_end = true;
	dynbuf_reset(&t->out);
	fit(t, term);
	if (term->is_terminal)
		go_back(t, term);
	put_title(&line);
	put_rows(&line);
	if (term->is_terminal)
		dynbuf_adds(&t->out, "\033[J");
	r = t->has_failed || t->out.overflow || t->text.overflow || t->shown.overflow ? -ENOMEM : 0;
	dynbuf_reset(&t->text);
	t->n_cells = t->column = 0;
	t->has_failed = false;
	return r;
}

int term_table_show(struct term_table *t)
{
	struct term term;
	int r;

	term_probe(&term, t->fd);
	r = compose(t, &term);
	return r < 0 ? r : term_write(t->fd, dynbuf_text(&t->out), t->out.len);
}

int term_table_render(struct term_table *t, const struct term *term, struct dynbuf *out)
{
	int r = compose(t, term);

	if (r == 0)
		dynbuf_add(out, dynbuf_text(&t->out), t->out.len);
	return r == 0 && out->overflow ? -ENOMEM : r;
}

void term_table_keep(struct term_table *t)
{
	dynbuf_reset(&t->shown);
}
