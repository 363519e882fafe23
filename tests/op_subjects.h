/* SPDX-License-Identifier: Apache-2.0 */
/* op_subjects.h - the operators, with options, that tests/test_op_contract.c holds to the rules of op.h. */
#ifndef RUNNEL_TESTS_OP_SUBJECTS_H
#define RUNNEL_TESTS_OP_SUBJECTS_H

#include <stddef.h>

#include "tests/op_rig.h"

/** What an operator does, by its nature, other than giving one result a step. Only that is forgiven. */
enum op_nature {
	SPARSE = 1,    /* not one result a step: it thins out, or answers at times of its own */
	WARMS_UP = 2,  /* no result until it has seen enough */
	FILLS = 4,     /* a gap is not answered by a gap, or not left out of its state */
	REMEMBERS = 8, /* what has been never fades: sums, counts, levels */
	TAKES_STATES = 16,
	TAKES_COUNTERS = 32,
	TAKES_POSITIVE = 64, /* gaps for what is not above 0 */
	FADES = 128,	     /* what has been fades below rounding, in thousands of steps */
	ROUNDS = 256,	     /* the order of its additions depends on what was before: equal within rounding */
};

struct op_subject {
	const char *name, *options;
	unsigned nature;      /* of enum op_nature */
	const char *units[2]; /* of the inputs; NULL: Cel, of a state 1 */
};

extern const struct op_subject op_subjects[];
extern const size_t n_op_subjects;

/** Running, with the least number of inputs, each with a sample a second. */
struct op_rig *op_subject_start(const struct op_subject *s);

/** What of @value it can take: 0 or 1 for a state. Gaps stay gaps. */
double op_subject_value(const struct op_subject *s, double value);

#endif
