/* SPDX-License-Identifier: Apache-2.0 */
/* The answers of fake_answers.h. */
#include "tests/fake_answers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

void fake_answers_change(struct fake_answers *a, struct fake_i2c *f, const char *out, const char *in)
{
	assert_true(f->n_exchanges <= FAKE_MAX_ANSWERS);
	if (f->exchanges != a->rows)
		memcpy(a->rows, f->exchanges, f->n_exchanges * sizeof(a->rows[0]));
	f->exchanges = a->rows;
	for (size_t i = 0; i < f->n_exchanges; i++)
		if (strcmp(a->rows[i].out, out) == 0) {
			a->rows[i].in = in;
			return;
		}
	fail_msg("the chip does not know %s", out);
}
