/* SPDX-License-Identifier: Apache-2.0 */
/* Lines by number or name, and what is said when one cannot be had. Chips that are there are for tests/hil/gpio.sh. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "drivers/gpio_chip.h"

static void a_line_is_a_number_or_a_name(void **state)
{
	static const struct {
		const char *line;
		int number;
	} cases[] = {
		{ "0", 0 },    { "17", 17 },	 { "017", 17 },	 { "4095", 4095 },
		{ "", -1 },    { "GPIO17", -1 }, { "17a", -1 },	 { "-1", -1 },
		{ " 17", -1 }, { "1.5", -1 },	 { "0x11", -1 }, { "99999999999999999999", -1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_int_equal(gpio_line_number(&(struct gpio){ .line = cases[i].line }), cases[i].number);
}

static void an_error_says_which_line_of_which_chip_and_what_to_do(void **state)
{
	static const struct gpio_chip chip = { .name = "gpiochip0", .label = "pinctrl-bcm2711", .n_lines = 58 };
	static const struct {
		int error;
		const char *words;
	} cases[] = {
		{ -ENODEV, "no such line" },	{ -EBUSY, "gpioinfo" },	  { -EACCES, "group gpio" },
		{ -EPERM, "group gpio" },	{ -ENXIO, "interrupts" }, { -EINVAL, "bias" },
		{ -EIO, "Input/output error" },
	};
	const struct gpio g = { .chip = "gpiochip0", .line = "17" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct sensor_error err;

		assert_int_equal(gpio_line_error(&g, &chip, cases[i].error, &err), cases[i].error);
		assert_non_null(strstr(err.text, "line 17 of gpiochip0 (pinctrl-bcm2711): "));
		assert_non_null(strstr(err.text, cases[i].words));
	}
}

static void long_names_do_not_overflow_the_message(void **state)
{
	char name[400];
	struct gpio g = { .chip = name, .line = name };
	struct gpio_chip chip = { .n_lines = 0 };
	struct sensor_error err;

	(void)state;
	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(gpio_line_error(&g, &chip, -EBUSY, &err), -EBUSY);
	assert_true(strlen(err.text) < sizeof(err.text));
	assert_true(gpio_chip_find(&g, &chip, &err) < 0);
	assert_true(strlen(err.text) > 0 && strlen(err.text) < sizeof(err.text));
	assert_string_equal(g.label, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_is_a_number_or_a_name),
		cmocka_unit_test(an_error_says_which_line_of_which_chip_and_what_to_do),
		cmocka_unit_test(long_names_do_not_overflow_the_message),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
