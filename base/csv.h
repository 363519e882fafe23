/* SPDX-License-Identifier: Apache-2.0 */
/*
 * csv.h - reads a CSV file (RFC 4180 with LF or CRLF) row by row from a file descriptor through one fixed
 * buffer: memory does not depend on the input. Made for long numeric recordings, so the common cell is parsed
 * without a copy. Torn, over-long or malformed lines are skipped and counted, never guessed at.
 */
#ifndef RUNNEL_BASE_CSV_H
#define RUNNEL_BASE_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/check.h"

enum { CSV_MAX_COLUMNS = 256, CSV_BUFFER_BYTES = 64 * 1024 };

/** One cell; not NUL-terminated; quotes removed. Valid until the next csv_next(). */
struct csv_cell {
	const char *text;
	size_t len;
};

struct csv {
	int fd;		    /* borrowed; -1: reads memory given to csv_init_memory() */
	uint64_t line;	    /* 1-based number of the row last returned */
	uint64_t n_skipped; /* rows left out: too long, too many cells, open quote at the end */
	size_t n_cells;
	struct csv_cell cells[CSV_MAX_COLUMNS];
	/* private */
	char *buf, *next, *end; /* next to end: not yet taken */
	uint64_t n_lines;	/* line ends gone by */
	bool at_eof;
	enum { CSV_BEGIN, CSV_ROWS, CSV_SKIP } mode; /* CSV_SKIP: within a line to leave out */
};

/** @buf of CSV_BUFFER_BYTES, owned by the caller, outlives @c. */
void csv_init_fd(struct csv *c, int fd, char *buf);

/** Reads @bytes at @data, which the parser may modify (quotes). */
void csv_init_memory(struct csv *c, char *data, size_t bytes);

/**
 * Go to the next row that is not blank.
 * @return  1 a row is in cells[], 0 end of file, or negative errno of read(2); -EAGAIN from a non-blocking descriptor
 */
NODISCARD int csv_next(struct csv *c);

/**
 * The number in a cell. Leading and trailing blanks are allowed; an empty cell, "null", "nan" and "NaN" give NaN and 0.
 * Exact: the double nearest to the decimal text.
 * @return  0, or -EINVAL: no number (also "inf", hexadecimal, decimal comma)
 */
NODISCARD int csv_cell_to_double(struct csv_cell cell, double *out);

#endif
