/* SPDX-License-Identifier: Apache-2.0 */
/* diag.h - error messages with a place, collected so that one run reports all of them. */
#ifndef RUNNEL_BASE_DIAG_H
#define RUNNEL_BASE_DIAG_H

#include <stddef.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/node.h"

struct diag_line {
	struct place at;
	const char *text;
	struct diag_line *next;
};

/** All-zero but for @file is ready to use. */
struct diag {
	const char *file; /* name to print; borrowed */
	struct arena arena;
	struct diag_line *first; /* sorted by place */
	size_t n_errors;
	size_t n_dropped; /* beyond DIAG_MAX */
};

enum { DIAG_MAX = 100 };

/** Add one error: what, and what was expected. No trailing newline. */
void diag_error(struct diag *d, struct place at, const char *fmt, ...) PRINTF_LIKE(3, 4);

/** Print `FILE:LINE:COL: error: TEXT` lines in the order of the file. */
void diag_print(const struct diag *d, FILE *out);
void diag_free(struct diag *d);

#endif
