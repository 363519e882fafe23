/* SPDX-License-Identifier: Apache-2.0 */
/*
 * csv.c - two readers of the same rows. split_quick() looks at 8 or 16 bytes at a time and stops only at those below '-':
 * commas, line ends, quotes, NULs and little else, since digits, letters, '-' and '.' are all above. It gives up, having
 * changed nothing, on anything that is not plain cells, and then row_extent() and split_careful() go byte by byte.
 *
 * A row that cannot be trusted is left out and counted: one with a NUL (the mark of a power cut), too many cells, or
 * one that does not fit the buffer. When its quotes do not match, only the line in which it starts is given up: a
 * stray quote must not swallow the lines after it.
 */
#include "base/csv.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif
#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/decimal.h"
#include "base/fileio.h"
#include "base/swar.h"

enum verdict {
	ROW_READY, /* in cells[] */
	ROW_BLANK,
	ROW_PARTIAL, /* it may go on beyond what is in the buffer */
	ROW_BROKEN,  /* its quotes do not match */
	ROW_UNFIT,   /* a NUL or too many cells */
	ROW_ODD,     /* not for split_quick() */
};

static const char byte_order_mark[] = { '\xEF', '\xBB', '\xBF' };

void csv_init_fd(struct csv *c, int fd, char *buf)
{
	c->fd = fd;
	c->line = 0;
	c->n_skipped = 0;
	c->n_cells = 0;
	c->buf = buf;
	c->next = buf;
	c->end = buf;
	c->n_lines = 0;
	c->at_eof = false;
	c->mode = CSV_BEGIN;
}

void csv_init_memory(struct csv *c, char *data, size_t bytes)
{
	csv_init_fd(c, -1, data);
	c->end = data + bytes;
	c->at_eof = true;
}

static bool is_blank(char ch)
{
	return ch == ' ' || ch == '\t';
}

/** Take the row's bytes up to @next, which hold @n_lines line ends. */
static inline enum verdict finish_row(struct csv *c, char *next, uint64_t n_lines)
{
	size_t i = 0;

	c->line = c->n_lines + 1;
	c->n_lines += n_lines;
	c->next = next;
	if (__builtin_expect(c->n_cells > 1, 1))
		return ROW_READY;
	while (i < c->cells[0].len && is_blank(c->cells[0].text[i]))
		i++;
	return i == c->cells[0].len ? ROW_BLANK : ROW_READY;
}

/*
 * A block of text and a mask with one bit for each character of it below '-', MARK_BITS bits apart. SSE2 is
 * part of every x86-64; it saves a tenth of the time of a replay there.
 */
#if defined(__SSE2__) && !defined(CSV_PORTABLE)
enum { BLOCK_CHARS = 16, MARK_BITS = 1 };

static inline uint64_t marks_of(const char *p)
{
	__m128i text = _mm_loadu_si128((const __m128i *)(const void *)p);

	return (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_min_epu8(text, _mm_set1_epi8('-' - 1)), text));
}
#else
enum { BLOCK_CHARS = 8, MARK_BITS = 8 };

static inline uint64_t marks_of(const char *p)
{
	return swar_below(swar_load8(p), '-');
}
#endif

static enum verdict split_quick(struct csv *c)
{
	char *p = c->next, *end = c->end, *cell = p;
	struct csv_cell *out = c->cells, *const last = c->cells + CSV_MAX_COLUMNS - 1;

	for (; end - p >= BLOCK_CHARS; p += BLOCK_CHARS) {
		for (uint64_t marks = marks_of(p); marks; marks &= marks - 1) {
			char *at = p + __builtin_ctzll(marks) / MARK_BITS;

			if (*at == ',') {
				if (out == last)
					return ROW_ODD;
				out->text = cell;
				out->len = (size_t)(at - cell);
				out++;
				cell = at + 1;
			} else if (*at == '\n') {
				out->text = cell;
				out->len = (size_t)(at - cell);
				if (at > cell && at[-1] == '\r')
					out->len--;
				c->n_cells = (size_t)(out - c->cells) + 1;
				return finish_row(c, at + 1, 1);
			} else if (*at == '"' || *at == '\0') {
				return ROW_ODD;
			}
		}
	}
	return ROW_ODD;
}

/** Where in a row a character is found. */
enum place_in_row { CELL_START, PLAIN, QUOTED, CLOSED, CLOSED_CR, WRONG };

/**
 * A quote counts only as the first character of a cell (5" pipe is text), and after a closing one only a comma or the
 * end of the line may follow.
 */
static enum place_in_row step(enum place_in_row in, char ch)
{
	if (in == QUOTED)
		return ch == '"' ? CLOSED : QUOTED;
	if (in == CLOSED_CR)
		return WRONG;
	if (ch == ',')
		return CELL_START;
	if (ch == '"' && in != PLAIN)
		return QUOTED; /* opens, or is the second of a doubled quote */
	if (in != CLOSED)
		return PLAIN;
	return ch == '\r' ? CLOSED_CR : WRONG;
}

/** *@stop is the line end of the row by its quotes, or the end of the data; *@n_lines the line ends up to there. */
static enum verdict row_extent(const struct csv *c, char **stop, uint64_t *n_lines)
{
	enum place_in_row in = CELL_START;
	char *end = c->end;

	*n_lines = 0;
	for (char *p = c->next; p < end; p++) {
		*n_lines += *p == '\n';
		if (*p == '\n' && in != QUOTED) {
			*stop = p;
			return ROW_READY;
		}
		in = step(in, *p);
		if (in == WRONG)
			return ROW_BROKEN;
	}
	if (!c->at_eof)
		return ROW_PARTIAL;
	*stop = end;
	return in == QUOTED ? ROW_BROKEN : ROW_READY;
}

/** One cell from @p, its quotes taken out in place. @return where it ends: at a comma or @stop */
static char *take_cell(struct csv_cell *cell, char *p, const char *stop)
{
	char *to;

	cell->text = p;
	if (p == stop || *p != '"') {
		while (p < stop && *p != ',')
			p++;
		cell->len = (size_t)(p - cell->text);
		return p;
	}

	for (to = p++; p[0] != '"' || (p + 1 < stop && p[1] == '"'); p++) {
		p += *p == '"';
		*to++ = *p;
	}
	cell->len = (size_t)(to - cell->text);
	return p + 1;
}

static enum verdict split_careful(struct csv *c)
{
	char *p = c->next, *stop, *next, *text_stop;
	uint64_t n_lines;
	enum verdict v = row_extent(c, &stop, &n_lines);

	if (v != ROW_READY)
		return v;
	next = stop < c->end ? stop + 1 : stop;
	text_stop = stop > p && stop[-1] == '\r' ? stop - 1 : stop;
	if (memchr(p, '\0', (size_t)(stop - p)))
		v = ROW_UNFIT;

	for (c->n_cells = 0; v == ROW_READY; p++) {
		if (c->n_cells == CSV_MAX_COLUMNS) {
			v = ROW_UNFIT;
			break;
		}
		p = take_cell(&c->cells[c->n_cells], p, text_stop);
		c->n_cells++;
		if (p == text_stop)
			return finish_row(c, next, n_lines);
	}
	c->n_lines += n_lines;
	c->next = next;
	return v;
}

/** Go past the next line end; the rest of a longer line goes when it has been read. */
static void drop_line(struct csv *c)
{
	char *newline = memchr(c->next, '\n', (size_t)(c->end - c->next));

	c->mode = newline || c->at_eof ? CSV_ROWS : CSV_SKIP;
	c->next = newline ? newline + 1 : c->end;
	c->n_lines += newline != NULL;
}

/** @return 0, also at the end of the file, or negative errno */
static int refill(struct csv *c)
{
	ssize_t n;
	size_t kept = (size_t)(c->end - c->next);

	memmove(c->buf, c->next, kept);
	c->next = c->buf;
	c->end = c->buf + kept;
	n = fileio_read(c->fd, c->end, CSV_BUFFER_BYTES - kept);
	if (n < 0)
		return (int)n;
	c->at_eof = n == 0;
	c->end += n;
	return 0;
}

/** Skip a byte order mark. */
static int begin(struct csv *c)
{
	while ((size_t)(c->end - c->next) < sizeof(byte_order_mark) && !c->at_eof) {
		int r = refill(c);

		if (r < 0)
			return r;
	}
	if ((size_t)(c->end - c->next) >= sizeof(byte_order_mark) &&
	    memcmp(c->next, byte_order_mark, sizeof(byte_order_mark)) == 0)
		c->next += sizeof(byte_order_mark);
	c->mode = CSV_ROWS;
	return 0;
}

/** What split_quick() did not take. @return 1 a row, 0 go on, or negative errno */
static int next_carefully(struct csv *c)
{
	enum verdict v;

	if (c->next == c->end)
		return refill(c);
	if (c->mode == CSV_SKIP) {
		drop_line(c);
		return 0;
	}

	v = split_careful(c);
	if (v == ROW_PARTIAL && (c->next > c->buf || c->end < c->buf + CSV_BUFFER_BYTES))
		return refill(c);
	if (v == ROW_PARTIAL || v == ROW_BROKEN)
		drop_line(c);
	c->n_skipped += v != ROW_READY && v != ROW_BLANK;
	return v == ROW_READY;
}

static __attribute__((noinline)) int next_slowly(struct csv *c)
{
	int r = c->mode == CSV_BEGIN ? begin(c) : 0;

	while (r == 0 && (c->next < c->end || !c->at_eof))
		r = next_carefully(c);
	return r;
}

int csv_next(struct csv *c)
{
	enum verdict v = ROW_BLANK;

	while (v == ROW_BLANK && c->mode == CSV_ROWS)
		v = split_quick(c);
	return v == ROW_READY ? 1 : next_slowly(c);
}

static bool is_no_value(const char *text, size_t len)
{
	return len == 0 || (len == 4 && memcmp(text, "null", 4) == 0) ||
	       (len == 3 && (memcmp(text, "nan", 3) == 0 || memcmp(text, "NaN", 3) == 0));
}

/** What is no bare number. */
static __attribute__((noinline)) int word_to_double(struct csv_cell cell, double *out)
{
	while (cell.len && is_blank(cell.text[0])) {
		cell.text++;
		cell.len--;
	}
	while (cell.len && is_blank(cell.text[cell.len - 1]))
		cell.len--;

	if (is_no_value(cell.text, cell.len)) {
		*out = NAN;
		return 0;
	}
	return decimal_parse(cell.text, cell.len, out) < 0 ? -EINVAL : 0;
}

int csv_cell_to_double(struct csv_cell cell, double *out)
{
	if (decimal_parse(cell.text, cell.len, out) == 0)
		return 0;
	return word_to_double(cell, out);
}
