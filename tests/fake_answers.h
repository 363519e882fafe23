/* SPDX-License-Identifier: Apache-2.0 */
/* fake_answers.h - let a chip of commands answer otherwise: all zero, it is ready for the first change. */
#ifndef RUNNEL_TESTS_FAKE_ANSWERS_H
#define RUNNEL_TESTS_FAKE_ANSWERS_H

#include "tests/fake_i2c.h"

enum { FAKE_MAX_ANSWERS = 32 };

struct fake_answers {
	struct fake_exchange rows[FAKE_MAX_ANSWERS];
};

/** From now on @f answers the command @out, which it knows already, with @in. @a lives as long as @f. */
void fake_answers_change(struct fake_answers *a, struct fake_i2c *f, const char *out, const char *in);

#endif
