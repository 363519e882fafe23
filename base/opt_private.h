/* SPDX-License-Identifier: Apache-2.0 */
/* opt_private.h - between opt.c, which walks tables, and opt_value.c, which reads one value. */
#ifndef RUNNEL_BASE_OPT_PRIVATE_H
#define RUNNEL_BASE_OPT_PRIVATE_H

#include "base/opt.h"

enum { OPT_EXPECTS_BYTES = 512 };

/** A value before it is stored; which member, says the type of the row. */
union opt_value {
	bool boolean;
	int choice;
	int64_t integer;
	double number;
	const char *text;
	const struct unit *unit;
	struct opt_span span;
	struct opt_map map;
	struct opt_list list;
	struct opt_doubles doubles;
	struct opt_points points;
};

struct opt_context {
	struct arena *arena;
	struct diag *diag;
	const char *what; /* names the thing in messages */
};

/** Whether a sequence may stand for the value. */
bool opt_is_list(enum opt_type type);

/** From the node to a value. False: it was no good, and that is in the diag. */
bool opt_take(const struct opt_context *context, const struct opt *row, const struct node *n, union opt_value *out);

/** Copy the value to its member of @target. */
void opt_store(const struct opt *row, const union opt_value *v, void *target);

#endif
