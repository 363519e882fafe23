/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of numbers and of points: what is stored, and what is said of each item that is wrong. test_opt.c has the other types. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "agent/yaml.h"
#include "base/opt.h"

struct target {
	struct opt_doubles taps, bounded;
	struct opt_points points;
};

static const struct opt rows[] = {
	{ "taps", OPT_DOUBLE_LIST, offsetof(struct target, taps), .def = "0.5", .help = "h" },
	{ "bounded", OPT_DOUBLE_LIST, offsetof(struct target, bounded), .min = 0, .max = 1, .min_items = 2,
	  .max_items = 3, .help = "h" },
	{ "points", OPT_POINTS, offsetof(struct target, points), .min = -100, .max = 100, .min_items = 2, .help = "h" },
};

static const struct opt_table table = { rows, ARRAY_LEN(rows) };
static const struct opt_table table_of_points = { &rows[2], 1 };

struct rig {
	struct arena arena;
	struct diag diag;
	struct target t;
	int n_errors;
};

static int set_up(void **state)
{
	*state = calloc(1, sizeof(struct rig));
	return *state ? 0 : -1;
}

static int tear_down(void **state)
{
	struct rig *rig = *state;

	arena_free(&rig->arena);
	diag_free(&rig->diag);
	free(rig);
	return 0;
}

static void apply_table(struct rig *rig, const struct opt_table *by, const char *yaml)
{
	const struct node *n = NULL;

	diag_free(&rig->diag);
	memset(&rig->t, 0xEE, sizeof(rig->t));
	assert_int_equal(yaml_parse(yaml, strlen(yaml), &rig->arena, &rig->diag, &n), 0);
	rig->n_errors = opt_apply(by, n, &rig->t, &rig->arena, &rig->diag, (struct place){ 77, 7 }, "thing", NULL);
	assert_int_equal(rig->n_errors, rig->diag.n_errors);
}

static void apply(struct rig *rig, const char *yaml)
{
	apply_table(rig, &table, yaml);
}

/* Exactly one error, in this column of line 1, in these words. */
static void refuse(struct rig *rig, const char *yaml, unsigned column, const char *text)
{
	apply(rig, yaml);
	assert_int_equal(rig->n_errors, 1);
	assert_string_equal(rig->diag.first->text, text);
	assert_int_equal(rig->diag.first->at.line, 1);
	assert_int_equal(rig->diag.first->at.column, column);
}

static void nothing_is_an_empty_list_or_the_default(void **state)
{
	struct rig *rig = *state;

	apply(rig, "");
	assert_int_equal(rig->n_errors, 0);
	assert_int_equal(rig->t.taps.n, 1);
	assert_true(rig->t.taps.values[0] == 0.5);
	assert_int_equal(rig->t.bounded.n, 0);
	assert_int_equal(rig->t.points.n, 0);
}

static void numbers_are_stored_in_their_order(void **state)
{
	struct rig *rig = *state;

	apply(rig, "{taps: [1, -2.5, 1e300, 0x1p-3, 0], bounded: [0, 1]}");
	assert_int_equal(rig->n_errors, 1); /* hexadecimal fractions are no decimal numbers */
	assert_int_equal(rig->t.bounded.n, 2);
	apply(rig, "taps:\n- 1\n- -2.5\n- 1e300\n- 0\n");
	assert_int_equal(rig->n_errors, 0);
	assert_int_equal(rig->t.taps.n, 4);
	assert_true(rig->t.taps.values[0] == 1.0 && rig->t.taps.values[1] == -2.5);
	assert_true(rig->t.taps.values[2] == 1e300 && rig->t.taps.values[3] == 0.0);
	apply(rig, "taps: []");
	assert_int_equal(rig->n_errors, 0);
	assert_int_equal(rig->t.taps.n, 0);
}

static void one_number_is_a_list_of_one_where_one_is_enough(void **state)
{
	struct rig *rig = *state;

	apply(rig, "taps: 7");
	assert_int_equal(rig->n_errors, 0);
	assert_true(rig->t.taps.n == 1 && rig->t.taps.values[0] == 7.0);
	refuse(rig, "bounded: 1", 10, "thing: bounded: expected a list of 2 to 3 numbers from 0 to 1, found '1'");
}

static void a_wrong_number_is_told_with_its_place(void **state)
{
	struct rig *rig = *state;

	refuse(rig, "taps: [1, x, 3]", 11, "thing: taps, item 2: expected a number, found 'x'");
	refuse(rig, "taps: x", 7, "thing: taps: expected a number, found 'x'");
	refuse(rig, "taps: ['1']", 8,
	       "thing: taps, item 1: expected a number, found the text '1': leave the quotes out");
	refuse(rig, "taps: [1, [2]]", 11, "thing: taps, item 2: expected a number, found a list");
	refuse(rig, "taps: [nan]", 8, "thing: taps, item 1: expected a number, found 'nan'");
	refuse(rig, "taps: {a: 1}", 7, "thing: taps: expected a list of numbers, found a map");
	refuse(rig, "taps:", 6, "thing: taps: expected a list of numbers, found nothing");
	refuse(rig, "bounded: [0, 1.5]", 14, "thing: bounded, item 2: expected a number from 0 to 1, found '1.5'");
	apply(rig, "{taps: [x, 1, y], bounded: [-1, 2, 3, 4]}"); /* and a list too long: one run tells of all */
	assert_int_equal(rig->n_errors, 2 + 1 + 4);
	assert_true(rig->t.taps.n == 1 && rig->t.taps.values[0] == 0.5); /* nothing half-read is stored */
}

static void the_length_of_a_list_has_bounds(void **state)
{
	struct rig *rig = *state;

	refuse(rig, "bounded: [1]", 10, "thing: bounded: expected a list of 2 to 3 numbers from 0 to 1, found 1");
	refuse(rig, "bounded: [0, 0, 0, 0]", 10,
	       "thing: bounded: expected a list of 2 to 3 numbers from 0 to 1, found 4");
	apply(rig, "bounded: [0, 0, 0]");
	assert_int_equal(rig->n_errors, 0);
	refuse(rig, "points: [[1, 2]]", 9,
	       "thing: points: expected a list of at least 2 points [x, y] from -100 to 100, found 1");
	refuse(rig, "points: []", 9,
	       "thing: points: expected a list of at least 2 points [x, y] from -100 to 100, found 0");
}

static void points_are_pairs(void **state)
{
	struct rig *rig = *state;

	apply(rig, "points: [[0, 4], [-100, 20.5], [0, 1]]");
	assert_int_equal(rig->n_errors, 0);
	assert_int_equal(rig->t.points.n, 3);
	assert_true(rig->t.points.points[1].x == -100.0 && rig->t.points.points[1].y == 20.5);
	apply(rig, "points:\n- [1, 2]\n- - 3\n  - 4\n");
	assert_int_equal(rig->n_errors, 0);
	assert_true(rig->t.points.points[1].x == 3.0 && rig->t.points.points[1].y == 4.0);
}

static void a_wrong_point_is_told_with_its_place(void **state)
{
	struct rig *rig = *state;

	refuse(rig, "points: [[0, 4], [1, 2, 3]]", 18,
	       "thing: points, point 2: expected two numbers [x, y], found a list of 3");
	refuse(rig, "points: [[0, 4], 7]", 18, "thing: points, point 2: expected two numbers [x, y], found '7'");
	refuse(rig, "points: [[0, 4], {a: b}]", 18, "thing: points, point 2: expected two numbers [x, y], found a map");
	refuse(rig, "points: [[0, 4], [0, x]]", 22,
	       "thing: points, point 2: expected a number from -100 to 100, found 'x'");
	refuse(rig, "points: [[101, 4], [0, 0]]", 11,
	       "thing: points, point 1: expected a number from -100 to 100, found '101'");
	refuse(rig, "points: 5", 9,
	       "thing: points: expected a list of at least 2 points [x, y] from -100 to 100, found '5'");
	apply(rig, "points: [[x, y], [1], 3]");
	assert_int_equal(rig->n_errors, 4);
	assert_int_equal(rig->t.points.n, 0);
}

static void a_list_alone_sets_the_first_option(void **state)
{
	struct rig *rig = *state;

	apply(rig, "[1, 2]");
	assert_int_equal(rig->n_errors, 0);
	assert_int_equal(rig->t.taps.n, 2);
	apply(rig, "3");
	assert_true(rig->t.taps.n == 1 && rig->t.taps.values[0] == 3.0);
	apply_table(rig, &table_of_points, "[[0, 1], [2, 3]]");
	assert_int_equal(rig->n_errors, 0);
	assert_int_equal(rig->t.points.n, 2);
}

#define VALUE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		VALUE_TEST(nothing_is_an_empty_list_or_the_default),
		VALUE_TEST(numbers_are_stored_in_their_order),
		VALUE_TEST(one_number_is_a_list_of_one_where_one_is_enough),
		VALUE_TEST(a_wrong_number_is_told_with_its_place),
		VALUE_TEST(the_length_of_a_list_has_bounds),
		VALUE_TEST(points_are_pairs),
		VALUE_TEST(a_wrong_point_is_told_with_its_place),
		VALUE_TEST(a_list_alone_sets_the_first_option),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
