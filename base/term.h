/* SPDX-License-Identifier: Apache-2.0 */
/*
 * term.h - tables for people: aligned, cut to the terminal's width, and redrawn in place when they are live.
 * Written to anything but a terminal, the same table is plain text that is appended, so that it can be piped and grepped.
 *
 * Text may come from the network: control characters and broken UTF-8 are shown as '?', so nobody's device name
 * moves the cursor. Columns count code points.
 */
#ifndef RUNNEL_BASE_TERM_H
#define RUNNEL_BASE_TERM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/check.h"
#include "base/dynbuf.h"

/** What can be done with a file descriptor. */
struct term {
	bool is_terminal;	/* and not TERM=dumb: the cursor can be moved */
	bool has_colour;	/* and NO_COLOR is not set */
	unsigned width, height; /* 80 x 24 when not known */
};

void term_probe(struct term *t, int fd);

enum term_style { TERM_PLAIN, TERM_BOLD, TERM_DIM, TERM_RED, TERM_GREEN, TERM_YELLOW, TERM_CYAN };

/** Cut or kept code points of @text, i.e. how wide it is. */
size_t term_text_width(const char *text);

struct term_column {
	const char *title;
	bool is_right;	  /* aligned to the right: numbers */
	bool is_flexible; /* is cut first when the terminal is too narrow */
};

struct term_table;

/** @columns is borrowed for the table's life. @fd: usually STDOUT_FILENO. @return 0 or -ENOMEM */
NODISCARD int term_table_create(struct term_table **out, int fd, const struct term_column *columns, size_t n_columns);
void term_table_free(struct term_table *t);

/** The next cell of the current row; the row ends by itself after the last column. @text is copied. */
void term_table_cell(struct term_table *t, enum term_style style, const char *text);
void term_table_cellf(struct term_table *t, enum term_style style, const char *fmt, ...) PRINTF_LIKE(3, 4);

/** A line of free text between the rows, or above or below them. Ends a row that was begun. */
void term_table_linef(struct term_table *t, enum term_style style, const char *fmt, ...) PRINTF_LIKE(3, 4);

/**
 * Show the title and all rows and lines since the last call, then forget them. On a terminal this replaces what the last
 * call showed (rows that do not fit in the height are counted in a last line); elsewhere it is appended, with the title once.
 * Columns never get narrower from one call to the next unless the terminal does.
 * @return 0 or the error of write(2), e.g. -EPIPE
 */
NODISCARD int term_table_show(struct term_table *t);

/** The same into @out, for somebody else's terminal. @return 0 or -ENOMEM */
NODISCARD int term_table_render(struct term_table *t, const struct term *term, struct dynbuf *out);

/** Leave what is shown where it is: the next term_table_show() starts below it. */
void term_table_keep(struct term_table *t);

#endif
