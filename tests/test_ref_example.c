/* SPDX-License-Identifier: Apache-2.0 */
/* Examples of made-up drivers and operators: what is in them, and that values keep to type, bounds and YAML. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "agent/ref.h"

static const char *const modes[] = { "fast", "slow", NULL };

static void example_is(const struct sensor_driver *driver, const char *expected)
{
	struct dynbuf b;

	dynbuf_init(&b, 4000);
	ref_driver_example(&b, driver);
	assert_string_equal(dynbuf_text(&b), expected);
	dynbuf_free(&b);
}

static void required_options_get_values_their_bounds_allow(void **state)
{
	static const struct opt rows[] = {
		{ "line", OPT_INT, 0, .min = 10, .max = 20, .required = true },
		{ "gain", OPT_DOUBLE, 0, .min = -3, .max = -1.5, .required = true },
		{ "mode", OPT_ENUM, 0, .choices = modes, .required = true },
		{ "wait", OPT_DURATION, 0, .min = 0, .max = 5e6, .required = true },
		{ "room", OPT_BYTES, 0, .min = 1048576, .max = 2097152, .required = true },
		{ "on", OPT_BOOL, 0, .required = true },
		{ "left_out", OPT_INT, 0, .def = "5" },
	};
	static const struct channel channels[] = { { .name = "x", .unit = "1" } };
	const struct sensor_driver driver = {
		.name = "made-up", .options = { rows, ARRAY_LEN(rows) }, .channels = channels, .n_channels = 1
	};

	(void)state;
	example_is(&driver,
		   "sensors:\n"
		   "  mine: {driver: made-up, line: 10, gain: -1.5, mode: fast, wait: 5s, room: 1MiB, on: true, "
		   "every: 1s}\n"
		   "streams:\n"
		   "  x: {from: mine.x}\n"
		   "kpis:\n"
		   "  x_mean: {value: mean(x)}\n");
}

static void an_example_of_a_row_comes_first_and_is_quoted_when_yaml_needs_it(void **state)
{
	static const struct opt rows[] = {
		{ "unit", OPT_UNIT, 0, .def = "1", .example = "[degF]" },
		{ "share", OPT_UNIT, 0, .example = "%" },
		{ "path", OPT_TEXT, 0, .required = true, .example = "/dev/i2c-1" },
	};
	static const struct channel channels[] = { { .name = "turns", .unit = "1", .kind = CHANNEL_COUNTER } };
	const struct sensor_driver driver = { .name = "a",
					      .options = { rows, ARRAY_LEN(rows) },
					      .channels = channels,
					      .n_channels = 1,
					      .is_self_paced = true };

	(void)state;
	example_is(&driver, "sensors:\n"
			    "  mine: {driver: a, unit: \"[degF]\", share: \"%\", path: /dev/i2c-1}\n"
			    "streams:\n"
			    "  turns: {from: mine.turns}\n"
			    "kpis:\n"
			    "  turns_increase: {value: increase(turns)}\n");
}

static void a_state_is_averaged_over_time(void **state)
{
	static const struct channel channels[] = { { .name = "open", .unit = "1", .kind = CHANNEL_STATE } };
	const struct sensor_driver driver = { .name = "a", .channels = channels, .n_channels = 1 };

	(void)state;
	example_is(&driver, "sensors:\n"
			    "  mine: {driver: a, every: 1s}\n"
			    "streams:\n"
			    "  open: {from: mine.open}\n"
			    "kpis:\n"
			    "  open_time_mean: {value: time_mean(open)}\n");
}

static void step_is(const struct op_class *op, const char *expected)
{
	const char *through;
	struct dynbuf b;

	dynbuf_init(&b, 4000);
	ref_operator_example(&b, op);
	through = strstr(dynbuf_text(&b), "    through:\n");
	assert_non_null(through);
	assert_string_equal(through, expected);
	dynbuf_free(&b);
}

static void an_operator_is_shown_in_the_shortest_form_that_says_all(void **state)
{
	static const struct opt rows[] = {
		{ "size", OPT_INT, 0, .min = 1, .max = 4, .required = true },
		{ "window", OPT_SPAN, 0, .required = true },
		{ "quiet", OPT_BOOL, 0, .def = "no" },
	};

	(void)state;
	step_is(&(struct op_class){ .name = "none", .min_inputs = 1 }, "    through:\n      - none\n");
	step_is(&(struct op_class){ .name = "one", .min_inputs = 1, .options = { rows, 1 } },
		"    through:\n      - one: 4\n");
	step_is(&(struct op_class){ .name = "two", .min_inputs = 1, .options = { rows, ARRAY_LEN(rows) } },
		"    through:\n      - two: {size: 4, window: 10s}\n");
	/* `last: 10s` would set the first option. */
	step_is(&(struct op_class){ .name = "last",
				    .min_inputs = 1,
				    .options = { (struct opt[]){ rows[2], rows[1] }, 2 } },
		"    through:\n      - last: {window: 10s}\n");
}

static void lists_are_long_enough_and_not_quoted(void **state)
{
	static const struct opt rows[] = {
		{ "taps", OPT_DOUBLE_LIST, 0, .min_items = 3, .max = 15, .required = true },
		{ "points", OPT_POINTS, 0, .required = true },
		{ "shown", OPT_POINTS, 0, .example = "[[0, 0.3], [100, 98.7]]" },
	};

	(void)state;
	step_is(&(struct op_class){ .name = "one", .min_inputs = 1, .options = { rows, 1 } },
		"    through:\n      - one: [0, 10, 15]\n");
	step_is(&(struct op_class){ .name = "two", .min_inputs = 1, .options = { &rows[1], 1 } },
		"    through:\n      - two: [[0, 0], [10, 10]]\n");
	step_is(&(struct op_class){ .name = "three", .min_inputs = 1, .options = { &rows[2], 1 } },
		"    through:\n      - three: [[0, 0.3], [100, 98.7]]\n");
}

static void an_operator_that_joins_gets_two_inputs(void **state)
{
	struct dynbuf b;

	(void)state;
	dynbuf_init(&b, 4000);
	ref_operator_example(&b, &(struct op_class){ .name = "join", .min_inputs = 2, .max_inputs = 3 });
	assert_non_null(strstr(dynbuf_text(&b), "\n    from: [a."));
	assert_non_null(strstr(dynbuf_text(&b), ", b."));
	assert_non_null(strstr(dynbuf_text(&b), "\n  b: {driver: "));
	dynbuf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(required_options_get_values_their_bounds_allow),
		cmocka_unit_test(an_example_of_a_row_comes_first_and_is_quoted_when_yaml_needs_it),
		cmocka_unit_test(a_state_is_averaged_over_time),
		cmocka_unit_test(an_operator_is_shown_in_the_shortest_form_that_says_all),
		cmocka_unit_test(lists_are_long_enough_and_not_quoted),
		cmocka_unit_test(an_operator_that_joins_gets_two_inputs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
