/* SPDX-License-Identifier: Apache-2.0 */
/* gpio-output, and what output.h asks of every row of its table. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "agent/conf.h"
#include "base/text.h"
#include "tests/fake_drive.h"

struct rig {
	const struct output_driver *driver;
	struct gpio_drive *state;
	struct fake_drive line;
};

static int begin(void **state)
{
	struct rig *r = calloc(1, sizeof(*r));

	r->driver = output_driver_find("gpio-output");
	assert_non_null(r->driver);
	r->state = calloc(1, r->driver->state_size);
	r->state->gpio.chip = "gpiochip0";
	r->state->gpio.line = "22";
	fake_drive_attach(&r->line, r->state);
	*state = r;
	return 0;
}

static int end(void **state)
{
	struct rig *r = *state;

	r->driver->close(r->state);
	assert_false(r->line.is_open);
	free(r->state);
	free(r);
	return 0;
}

static void the_line_has_its_level_from_the_first_moment(void **state)
{
	struct rig *r = *state;
	struct sensor_error err = { "" };

	assert_int_equal(r->driver->open(r->state, true, &err), 0);
	assert_true(r->line.first_level && r->line.is_on && r->line.n_sets == 0);
	assert_int_equal(r->driver->set(r->state, false), 0);
	assert_false(r->line.is_on);
	assert_int_equal(r->driver->open(r->state, false, &err), 0); /* again: let go, then taken anew */
	assert_true(r->line.is_open && !r->line.first_level && r->line.n_closes == 1);
}

static void a_line_that_cannot_be_had_or_set_is_an_error(void **state)
{
	struct rig *r = *state;
	struct sensor_error err = { "" };

	assert_int_equal(r->driver->set(r->state, true), -ENODEV);
	r->line.open_error = -EBUSY;
	assert_int_equal(r->driver->open(r->state, false, &err), -EBUSY);
	assert_string_equal(err.text, "line 22 of gpiochip0: in use by gpioset");
	r->driver->close(r->state);
	r->driver->close(r->state);
	r->line.open_error = 0;
	assert_int_equal(r->driver->open(r->state, false, &err), 0);
	r->line.set_error = -ENODEV;
	assert_int_equal(r->driver->set(r->state, true), -ENODEV);
}

/* The real chips: there is none of this name. */
static void a_chip_that_is_not_there_is_named(void **state)
{
	const struct output_driver *d = output_driver_find("gpio-output");
	struct sensor_error err = { "" };
	struct gpio_drive *s = calloc(1, d->state_size);

	(void)state;
	s->gpio.chip = "no-such-chip";
	s->gpio.line = "1";
	assert_true(d->open(s, false, &err) < 0);
	assert_true(strstr(err.text, "GPIO chip") != NULL);
	d->close(s);
	free(s);
}

static bool is_help(const char *help)
{
	return help && help[0] && help[strlen(help) - 1] != '.' && !strchr(help, '\n');
}

static void every_output_is_found_sorted_and_explained(void **state)
{
	const struct output_driver *d;
	const char *before = "";

	(void)state;
	for (size_t i = 0; (d = output_driver_at(i)); i++, before = output_driver_at(i - 1)->name) {
		assert_true(strcmp(before, d->name) < 0);
		assert_ptr_equal(output_driver_find(d->name), d);
		assert_null(sensor_driver_find(d->name)); /* nothing that drives can be read by mistake */
		assert_true(is_help(d->help) && d->open && d->set && d->close && d->state_size > 0);
		for (size_t k = 0; k < d->options.n; k++) {
			assert_true(is_help(d->options.rows[k].help));
			assert_true(text_is_identifier(d->options.rows[k].name));
			for (size_t j = 0; j < conf_action_options.n; j++)
				assert_string_not_equal(d->options.rows[k].name, conf_action_options.rows[j].name);
		}
	}
	assert_null(output_driver_find("gpio-input"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_line_has_its_level_from_the_first_moment, begin, end),
		cmocka_unit_test_setup_teardown(a_line_that_cannot_be_had_or_set_is_an_error, begin, end),
		cmocka_unit_test(a_chip_that_is_not_there_is_named),
		cmocka_unit_test(every_output_is_found_sorted_and_explained),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
