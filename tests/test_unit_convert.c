/* SPDX-License-Identifier: Apache-2.0 */
/* The table against itself and the table of units; op_convert has the known values. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/unit_convert.h"

static void there_and_back_is_the_same(void **state)
{
	struct unit_conversion there, back;

	(void)state;
	for (size_t i = 0; unit_at(i); i++) {
		for (size_t k = 0; unit_at(k); k++) {
			if (unit_conversion_find(unit_at(i), unit_at(k), &there) < 0) {
				assert_int_equal(unit_conversion_find(unit_at(k), unit_at(i), &back), -EINVAL);
				continue;
			}
			assert_int_equal(unit_conversion_find(unit_at(k), unit_at(i), &back), 0);
			assert_true(there.multiply == back.divide && there.divide == back.multiply);
			assert_true(there.multiply >= 1.0 && there.multiply < 0x1p53);
			assert_true(fabs(unit_convert(&back, unit_convert(&there, 21.5)) - 21.5) < 1e-13);
		}
	}
}

/* Units that the table of units says to measure one thing, and that are plain multiples, convert. */
static void units_of_one_quantity_convert(void **state)
{
	static const char *const quantities[] = { "temperature", "pressure",  "voltage",
						  "current",	 "power",     "energy",
						  "volume",	 "flow",      "magnetic flux density",
						  "mass",	 "length",    "time",
						  "data",	 "data rate", "conductivity",
						  "resistance",	 "speed",     "frequency",
						  "acceleration" };
	struct unit_conversion c;

	(void)state;
	for (size_t q = 0; q < ARRAY_LEN(quantities); q++) {
		const struct unit *first = NULL;

		for (size_t i = 0; unit_at(i); i++) {
			if (strcmp(unit_at(i)->quantity, quantities[q]) != 0)
				continue;
			first = first ? first : unit_at(i);
			if (unit_conversion_find(first, unit_at(i), &c) < 0)
				fail_msg("%s can not become %s", first->code, unit_at(i)->code);
		}
		assert_non_null(first);
	}
}

static void a_list_that_does_not_fit_is_cut(void **state)
{
	char buf[10];

	(void)state;
	assert_string_equal(unit_conversion_list(unit_find("Pa"), buf, sizeof(buf)), "hPa, kPa,");
	assert_string_equal(unit_conversion_list(unit_find("lx"), buf, sizeof(buf)), "");
}

static void what_can_not_be_leaves_the_output_alone(void **state)
{
	struct unit_conversion c = { 1, 2, 3, 4 };

	(void)state;
	assert_int_equal(unit_conversion_find(unit_find("V"), unit_find("A"), &c), -EINVAL);
	assert_int_equal(unit_conversion_find(unit_find("V.A"), unit_find("W"), &c), -EINVAL);
	assert_true(c.from_zero == 1 && c.multiply == 2 && c.divide == 3 && c.to_zero == 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(there_and_back_is_the_same),
		cmocka_unit_test(units_of_one_quantity_convert),
		cmocka_unit_test(a_list_that_does_not_fit_is_cut),
		cmocka_unit_test(what_can_not_be_leaves_the_output_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
