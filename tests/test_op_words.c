/* SPDX-License-Identifier: Apache-2.0 */
/* What other programs call an operator leads to one that there is, and to options that it takes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "pipelines/op.h"

/* Each meaning begins with the name of an operator, and so does what follows a quote. */
static void words_of_other_programs_lead_to_operators(void **state)
{
	const struct op_word *w;

	(void)state;
	for (size_t i = 0; (w = op_word_at(i)); i++) {
		assert_null(op_find(w->word));
		assert_ptr_equal(op_word_meaning(w->word), w->meaning);
		for (const char *at = w->meaning; at; at = strstr(at + 1, "'") ? strrchr(at, '\'') + 1 : NULL) {
			size_t length = strspn(at, "abcdefghijklmnopqrstuvwxyz0123456789_");
			char name[64];

			snprintf(name, sizeof(name), "%.*s", (int)length, at);
			if (!op_find(name))
				fail_msg("%s: %s is no operator", w->word, name);
		}
	}
	assert_string_equal(op_word_meaning("exponential_moving_average"), "exponential");
	assert_null(op_word_meaning("median"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_of_other_programs_lead_to_operators),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
