/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What sensor.h asks of every driver. A new row of the table is tested without a change here, unless it has required
 * options: those go into needs[]. A driver of an I2C chip gets the chip of FAKE_CHIPS; what is asked of those alone is in
 * test_drivers_i2c.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/conf.h"
#include "base/text.h"
#include "base/unit.h"
#include "drivers/sysfs.h"
#include "tests/driver_rig.h"
#include "tests/fake_gpio.h"
#include "tests/fake_i2c.h"
#include "tests/fake_sonar.h"
#include "tests/fake_sysfs.h"

#define START_US INT64_C(1763700000000000)

enum { MAX_CALLS = 500 };

/** What a driver cannot do without; %s is a recording. */
static const struct {
	const char *driver, *yaml;
} needs[] = {
	{ "csv", "{path: %s, units: {t: Cel}, counters: [n]}" },
	{ "gpio-counter", "{chip: gpiochip0, line: 27, scale: 0.00225, unit: L} # %s" },
	{ "gpio-duty", "{chip: gpiochip0, line: 27} # %s" },
	{ "gpio-frequency", "{chip: gpiochip0, line: 27} # %s" },
	{ "gpio-input", "{chip: gpiochip0, line: 27} # %s" },
	{ "hc-sr04", "{chip: gpiochip0, trigger: 23, echo: 24} # %s" },
	{ "hwmon", "{device: lm75, channels: [temp1]} # %s" },
	{ "iio", "{device: bme280, channels: [temp, pressure, humidityrelative]} # %s" },
	{ "w1", "{device: 28-000005e2fdc3} # %s" },
};

static const char *options_of(const struct sensor_driver *d, int slot)
{
	static const char recording[] = "time,t,n\n1700000000,21.5,1\n1700000001,21.6,2\n1700000002,21.7,3\n";
	static char yaml[2][200];

	snprintf(yaml[slot], sizeof(yaml[slot]), "{}");
	for (size_t i = 0; i < ARRAY_LEN(needs); i++)
		if (strcmp(needs[i].driver, d->name) == 0) {
			char *path = strstr(needs[i].yaml, "%s");

			snprintf(yaml[slot], sizeof(yaml[slot]), "%.*s%s%s", (int)(path - needs[i].yaml), needs[i].yaml,
				 driver_rig_file(slot, recording), path + 2);
		}
	return yaml[slot];
}

/** With what it cannot do without. @slot: 0 or 1, so that two can be there at once. */
static void init(struct driver_rig *rig, const struct sensor_driver *d, int slot)
{
	static struct fake_i2c chips[2];
	static struct fake_gpio lines[2];
	static struct fake_sonar sonars[2];

	if (fake_chip_find(d->name)) {
		fake_chip_init(rig, &chips[slot], d->name, "");
		return;
	}
	driver_rig_init(rig, d->name, options_of(d, slot));
	if (strncmp(d->name, "gpio-", 5) == 0) {
		lines[slot] = (struct fake_gpio){ .level = true };
		fake_gpio_attach(&lines[slot], rig);
	} else if (strcmp(d->name, "hc-sr04") == 0) {
		sonars[slot] = (struct fake_sonar){ .width_us = 5800 };
		fake_sonar_attach(&sonars[slot], rig);
	} else if (strcmp(d->name, "hwmon") == 0 || strcmp(d->name, "iio") == 0 || strcmp(d->name, "w1") == 0) {
		sysfs_set_root(rig->state, fake_sysfs_root());
	}
}

static void drivers_are_sorted_have_unique_names_and_are_found(void **state)
{
	const struct sensor_driver *d;
	const char *before = "";
	size_t n = 0;
	(void)state;

	for (; (d = sensor_driver_at(n)); n++) {
		assert_true(strcmp(before, d->name) < 0);
		assert_ptr_equal(sensor_driver_find(d->name), d);
		before = d->name;
	}
	assert_true(n >= 3);
	assert_null(sensor_driver_at(SIZE_MAX));
	assert_null(sensor_driver_find("bme28o"));
	assert_null(sensor_driver_find(""));
}

static bool is_help(const char *help)
{
	return help && help[0] && help[strlen(help) - 1] != '.' && !strchr(help, '\n');
}

static void every_driver_option_and_channel_has_help(void **state)
{
	const struct sensor_driver *d;
	(void)state;

	for (size_t i = 0; (d = sensor_driver_at(i)); i++) {
		print_message("%s\n", d->name);
		assert_true(is_help(d->help));
		for (size_t k = 0; k < d->options.n; k++)
			assert_true(is_help(d->options.rows[k].help));
		for (size_t k = 0; k < d->n_channels; k++)
			assert_true(is_help(d->channels[k].help));
		assert_true(d->describe || d->n_channels > 0);
		assert_true(d->probe && d->trigger && d->collect && d->state_size > 0);
	}
}

static void options_have_unique_names_that_no_sensor_has(void **state)
{
	const struct sensor_driver *d;
	(void)state;

	for (size_t i = 0; (d = sensor_driver_at(i)); i++)
		for (size_t k = 0; k < d->options.n; k++) {
			const char *name = d->options.rows[k].name;

			assert_true(text_is_identifier(name));
			for (size_t j = 0; j < conf_sensor_options.n; j++)
				assert_string_not_equal(name, conf_sensor_options.rows[j].name);
			assert_true(d->options.rows[k].min <= d->options.rows[k].max);
			for (size_t j = 0; j < k; j++)
				assert_string_not_equal(name, d->options.rows[j].name);
		}
}

static void channels_have_names_known_units_and_ranges(void **state)
{
	const struct sensor_driver *d;
	(void)state;

	for (size_t i = 0; (d = sensor_driver_at(i)); i++) {
		struct driver_rig rig;

		init(&rig, d, 0); /* with all defaults: each must parse */
		assert_true(rig.n_channels > 0 && rig.n_channels <= SENSOR_MAX_CHANNELS);
		for (int k = 0; k < rig.n_channels; k++) {
			const struct channel *ch = &rig.channels[k];

			print_message("%s.%s\n", d->name, ch->name);
			assert_true(text_is_identifier(ch->name));
			assert_non_null(unit_find(ch->unit));
			assert_true(ch->min <= ch->max);
			for (int j = 0; j < k; j++)
				assert_string_not_equal(ch->name, rig.channels[j].name);
		}
		driver_rig_free(&rig);
	}
}

static void values_of_a_working_device_are_in_range(void **state)
{
	const struct sensor_driver *d;
	(void)state;

	for (size_t i = 0; (d = sensor_driver_at(i)); i++) {
		double out[SENSOR_MAX_CHANNELS];
		struct driver_rig rig;
		int64_t now_us = START_US;

		init(&rig, d, 0);
		assert_int_equal(driver_rig_probe(&rig, now_us), 0);
		assert_int_equal(driver_rig_read_patiently(&rig, &now_us, out), 0);
		for (int k = 0; k < rig.n_channels; k++) {
			const struct channel *ch = &rig.channels[k];

			assert_false(isinf(out[k]));
			if (ch->max > ch->min && !isnan(out[k]))
				assert_true(out[k] >= ch->min && out[k] <= ch->max);
		}
		driver_rig_free(&rig);
	}
}

/** All steps up to the first that fails. */
static int run_once(struct driver_rig *rig, const struct sensor_driver *d, double out[])
{
	int64_t now_us = START_US;
	int r;

	init(rig, d, 0);
	if (rig->n_channels < 0)
		return rig->n_channels;
	r = driver_rig_probe(rig, now_us);
	return r < 0 ? r : driver_rig_read_patiently(rig, &now_us, out);
}

/* The n-th call fails: it is reported, changes nothing, and the next attempt works. */
static void every_failing_call_is_reported_and_healed(void **state)
{
	const struct sensor_driver *d;
	(void)state;

	for (size_t i = 0; (d = sensor_driver_at(i)); i++) {
		int n, r;

		for (n = 0; n < MAX_CALLS; n++) {
			double out[SENSOR_MAX_CHANNELS];
			struct driver_rig rig;
			int64_t now_us = START_US + 1000000;

			for (size_t k = 0; k < SENSOR_MAX_CHANNELS; k++)
				out[k] = -1e9;
			fail_call(n, -EIO);
			r = run_once(&rig, d, out);
			if (fail_no_call() <= n) { /* past the last call */
				assert_int_equal(r, 0);
				driver_rig_free(&rig);
				break;
			}
			if (r != -EIO)
				fail_msg("%s: failure of call %d became %d", d->name, n, r);
			for (size_t k = 0; k < SENSOR_MAX_CHANNELS; k++)
				assert_true(out[k] == -1e9);

			if (d->close) {
				d->close(rig.state);
				d->close(rig.state);
			}
			if (rig.n_channels > 0) { /* the config was read: the agent goes on probing */
				assert_int_equal(driver_rig_probe(&rig, now_us), 0);
				assert_int_equal(driver_rig_read_patiently(&rig, &now_us, out), 0);
				assert_true(out[0] != -1e9);
			}
			driver_rig_free(&rig);
		}
		print_message("%s: %d calls\n", d->name, n);
		assert_true(n < MAX_CALLS);
	}
}

static void two_instances_share_no_state(void **state)
{
	const struct sensor_driver *d;
	(void)state;

	for (size_t i = 0; (d = sensor_driver_at(i)); i++) {
		double first[SENSOR_MAX_CHANNELS], second[SENSOR_MAX_CHANNELS];
		struct driver_rig a, b;
		void *before;
		int64_t now_us = START_US;

		init(&a, d, 0);
		init(&b, d, 1);
		assert_int_equal(driver_rig_probe(&a, now_us), 0);
		assert_int_equal(driver_rig_probe(&b, now_us), 0);
		before = malloc(d->state_size);
		memcpy(before, b.state, d->state_size);
		assert_int_equal(driver_rig_read_patiently(&a, &now_us, first), 0);
		assert_memory_equal(before, b.state, d->state_size);
		if (d->close)
			d->close(a.state);
		assert_int_equal(driver_rig_read_patiently(&b, &now_us, second), 0);
		free(before);
		driver_rig_free(&a);
		driver_rig_free(&b);
	}
}

static void closing_is_safe_at_any_time(void **state)
{
	const struct sensor_driver *d;
	(void)state;

	for (size_t i = 0; (d = sensor_driver_at(i)); i++) {
		struct driver_rig rig;

		if (!d->close)
			continue;
		init(&rig, d, 0);
		d->close(rig.state); /* before any probe */
		assert_int_equal(driver_rig_probe(&rig, START_US), 0);
		d->close(rig.state);
		d->close(rig.state);
		driver_rig_free(&rig);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(drivers_are_sorted_have_unique_names_and_are_found),
		cmocka_unit_test(every_driver_option_and_channel_has_help),
		cmocka_unit_test(options_have_unique_names_that_no_sensor_has),
		cmocka_unit_test(channels_have_names_known_units_and_ranges),
		cmocka_unit_test(values_of_a_working_device_are_in_range),
		cmocka_unit_test(every_failing_call_is_reported_and_healed),
		cmocka_unit_test(two_instances_share_no_state),
		cmocka_unit_test(closing_is_safe_at_any_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
