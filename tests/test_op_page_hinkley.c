/* SPDX-License-Identifier: Apache-2.0 */
/* page_hinkley: against an independent implementation, and by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "base/check.h"
#include "base/unit.h"
#include "tests/op_rig.h"

/* Quarters from -2.5 to 2.5, the same in the python3 that gave the expected values. */
static double noise(uint32_t *seed)
{
	*seed = (uint32_t)((*seed * UINT64_C(1103515245) + 12345) & 0x7fffffff);
	return ((double)((*seed >> 16) % 21) - 10.0) / 4.0;
}

static void both_changes_of_level_are_found_once(void **state)
{
	struct op_rig *rig = rig_new("page_hinkley", "limit=30 delta=0.5 after=20", NULL, 0);
	uint32_t seed = 12345;

	(void)state;
	for (int i = 0; i < 100; i++)
		noise(&seed); /* the first hundred went to other examples */
	for (int i = 0; i < 300; i++)
		rig_push(rig, 0, i, noise(&seed) + (i < 100 ? 0 : i < 200 ? 5 : -5));
	for (int i = 0; i < 300; i++)
		assert_true(rig->out[i].value == (i == 106 || i == 203));
	rig_free(rig);
}

static void the_sum_is_compared_with_its_extreme(void **state)
{
	struct op_rig *rig = rig_new("page_hinkley", "limit=3.5 delta=0 alpha=1 after=1", NULL, 0);

	(void)state;
	/* means 0, 2, 2: sums 0, 2, 4 */
	rig_push(rig, 0, 0, 0);
	rig_push(rig, 0, 1, 4);
	rig_push(rig, 0, 2, 5); /* mean 3: 2 + 2 = 4 */
	rig_push(rig, 0, 3, 5); /* a new beginning */
	EXPECT(rig, 0, 0, 1, 0);
	rig_free(rig);
}

static void only_changes_of_the_direction_count(void **state)
{
	struct op_rig *up = rig_new("page_hinkley", "limit=3 delta=0 after=1 direction=up", NULL, 0);
	struct op_rig *down = rig_new("page_hinkley", "limit=3 delta=0 after=1 direction=down", NULL, 0);

	(void)state;
	for (int t = 0; t < 2; t++) {
		rig_push(up, 0, t, -10 * t);
		rig_push(down, 0, t, -10 * t);
	}
	EXPECT(up, 0, 0);
	EXPECT(down, 0, 1);
	rig_free(up);
	rig_free(down);
}

static void it_waits_until_it_has_learnt(void **state)
{
	struct op_rig *rig = rig_new("page_hinkley", "limit=3 delta=0 after=5", NULL, 0);

	(void)state;
	for (int t = 0; t < 5; t++)
		rig_push(rig, 0, t, 10 * t);
	EXPECT(rig, 0, 0, 0, 0, 1);
	rig_free(rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_changes_of_level_are_found_once),
		cmocka_unit_test(the_sum_is_compared_with_its_extreme),
		cmocka_unit_test(only_changes_of_the_direction_count),
		cmocka_unit_test(it_waits_until_it_has_learnt),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
