/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is asked of every driver of an I2C chip, that is, of each with the options bus and address, on the chips of FAKE_CHIPS.
 * A new driver is tested without a change here.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tests/fake_i2c.h"

#define START_US INT64_C(1763700000000000)

enum { MAX_TRANSFERS = 500 };

static bool has_option(const struct sensor_driver *d, const char *name)
{
	for (size_t i = 0; i < d->options.n; i++)
		if (strcmp(d->options.rows[i].name, name) == 0)
			return true;
	return false;
}

/** The next driver of an I2C chip from row @i on, NULL: no more. */
static const struct sensor_driver *next(size_t *i)
{
	const struct sensor_driver *d;

	while ((d = sensor_driver_at((*i)++)))
		if (has_option(d, "bus") && has_option(d, "address"))
			return d;
	return NULL;
}

static int probe_and_read(struct driver_rig *rig, int64_t now_us, double out[])
{
	int r = driver_rig_probe(rig, now_us);

	return r < 0 ? r : driver_rig_read_patiently(rig, &now_us, out);
}

static void mark(double out[SENSOR_MAX_CHANNELS])
{
	for (size_t i = 0; i < SENSOR_MAX_CHANNELS; i++)
		out[i] = -1e9;
}

static bool is_marked(const double out[SENSOR_MAX_CHANNELS])
{
	for (size_t i = 0; i < SENSOR_MAX_CHANNELS; i++)
		if (out[i] != -1e9)
			return false;
	return true;
}

/** The same values; NaN is the same as NaN. */
static bool is_same(const double a[], const double b[], int n)
{
	for (int i = 0; i < n; i++)
		if (!(a[i] == b[i] || (isnan(a[i]) && isnan(b[i]))))
			return false;
	return true;
}

static void every_driver_of_a_chip_has_a_fake_and_begins_with_bus_and_address(void **state)
{
	const struct sensor_driver *d;
	size_t i = 0, n = 0;
	(void)state;

	for (; (d = next(&i)); n++) {
		struct driver_rig rig;
		struct fake_i2c chip;

		fake_chip_init(&rig, &chip, d->name, ""); /* fails if there is none */
		assert_non_null(fake_i2c_of(&rig));
		assert_true(d->options.rows[0].required);
		assert_non_null(d->close);
		driver_rig_free(&rig);
	}
	assert_true(n > 0);
}

static void a_working_chip_gives_values_in_range(void **state)
{
	const struct sensor_driver *d;
	size_t i = 0;
	(void)state;

	while ((d = next(&i))) {
		double out[SENSOR_MAX_CHANNELS];
		struct driver_rig rig;
		struct fake_i2c chip;
		int r, n = 0;

		fake_chip_init(&rig, &chip, d->name, "");
		r = probe_and_read(&rig, START_US, out);
		if (r != 0)
			fail_msg("%s: %s (%d)", d->name, rig.err.text, r);
		for (int k = 0; k < rig.n_channels; k++) {
			const struct channel *ch = &rig.channels[k];

			print_message("%s.%s = %g %s\n", d->name, ch->name, out[k], ch->unit);
			n += !isnan(out[k]);
			if (ch->max > ch->min && !isnan(out[k]))
				assert_true(out[k] >= ch->min && out[k] <= ch->max);
		}
		assert_true(n > 0);
		driver_rig_free(&rig);
		assert_int_equal(chip.n_opens, chip.n_closes);
	}
}

/* The n-th transfer fails: it is reported as it is, changes no output, and the next attempt works. */
static void check_failing_transfers(const struct sensor_driver *d, int error)
{
	int n;

	for (n = 1; n < MAX_TRANSFERS; n++) {
		double out[SENSOR_MAX_CHANNELS];
		struct driver_rig rig;
		struct fake_i2c chip;
		int r;

		mark(out);
		fake_chip_init(&rig, &chip, d->name, "");
		chip.fail_at = n;
		chip.error = error;
		r = probe_and_read(&rig, START_US, out);
		if (chip.fail_at > 0) { /* past the last transfer */
			assert_int_equal(r, 0);
			driver_rig_free(&rig);
			break;
		}
		if (r != error)
			fail_msg("%s: transfer %d failed with %d, which became %d", d->name, n, error, r);
		assert_true(is_marked(out));

		r = probe_and_read(&rig, START_US + 1000000,
				   out); /* without a close, as after a fault of a few readings */
		if (r != 0)
			fail_msg("%s: not healed after transfer %d failed: %d", d->name, n, r);
		driver_rig_free(&rig);
	}
	print_message("%s: %d transfers\n", d->name, n - 1);
	assert_true(n > 1 && n < MAX_TRANSFERS);
}

static void every_failing_transfer_is_reported_and_healed(void **state)
{
	const struct sensor_driver *d;
	size_t i = 0;
	(void)state;

	while ((d = next(&i))) {
		check_failing_transfers(d, -EREMOTEIO);
		check_failing_transfers(d, -ETIMEDOUT);
	}
}

static void a_bus_that_cannot_be_opened_fails_the_probe(void **state)
{
	const struct sensor_driver *d;
	size_t i = 0;
	(void)state;

	while ((d = next(&i))) {
		double out[SENSOR_MAX_CHANNELS];
		struct driver_rig rig;
		struct fake_i2c chip;

		fake_chip_init(&rig, &chip, d->name, "");
		chip.open_error = -EACCES;
		assert_int_equal(driver_rig_probe(&rig, START_US), -EACCES);
		assert_string_equal(rig.err.text, "the bus cannot be opened");
		assert_int_equal(chip.n_xfers, 0);
		d->close(rig.state);
		assert_int_equal(chip.n_closes, 0);
		assert_int_equal(probe_and_read(&rig, START_US, out), 0);
		driver_rig_free(&rig);
	}
}

static void an_absent_chip_is_found_when_it_is_plugged_in(void **state)
{
	const struct sensor_driver *d;
	size_t i = 0;
	(void)state;

	while ((d = next(&i))) {
		double out[SENSOR_MAX_CHANNELS];
		struct driver_rig rig;
		struct fake_i2c chip;

		mark(out);
		fake_chip_init(&rig, &chip, d->name, "");
		chip.is_absent = true;
		assert_int_equal(probe_and_read(&rig, START_US, out), -ENXIO);
		assert_true(is_marked(out));
		d->close(rig.state);
		chip.is_absent = false;
		assert_int_equal(probe_and_read(&rig, START_US + 1000000, out), 0);
		chip.is_absent = true;
		mark(out);
		assert_true(driver_rig_read(&rig, &(int64_t){ START_US + 2000000 }, out) == -ENXIO);
		assert_true(is_marked(out));
		driver_rig_free(&rig);
	}
}

static void another_chip_at_the_address_is_refused_with_a_reason(void **state)
{
	const struct sensor_driver *d;
	size_t i = 0;
	(void)state;

	while ((d = next(&i))) {
		const struct fake_chip *kind = fake_chip_find(d->name);
		struct driver_rig rig;
		struct fake_i2c chip;

		if (!kind->become_other) {
			print_message("%s has no identity\n", d->name);
			continue;
		}
		fake_chip_init(&rig, &chip, d->name, "");
		kind->become_other(&chip);
		assert_int_equal(driver_rig_probe(&rig, START_US), -ENODEV);
		assert_true(rig.err.text[0]);
		driver_rig_free(&rig);
	}
}

/* Registers are as power_on() makes them, and then as the second probe does: the same as after the first. */
static void a_chip_that_lost_its_power_is_set_up_again(void **state)
{
	const struct sensor_driver *d;
	size_t i = 0;
	(void)state;

	while ((d = next(&i))) {
		const struct fake_chip *kind = fake_chip_find(d->name);
		double first[SENSOR_MAX_CHANNELS], second[SENSOR_MAX_CHANNELS];
		struct fake_i2c chip, before;
		struct driver_rig rig;
		int r;

		fake_chip_init(&rig, &chip, d->name, "");
		assert_int_equal(probe_and_read(&rig, START_US, first), 0);
		before = chip;
		memset(&chip, 0, sizeof(chip));
		kind->power_on(&chip);
		if (kind->notices_power_loss) {
			mark(second);
			r = driver_rig_read_patiently(&rig, &(int64_t){ START_US + 1000000 }, second);
			if (r >= 0 || r == -EAGAIN)
				fail_msg("%s: loss of power was not noticed: %d", d->name, r);
			assert_true(is_marked(second));
		}
		assert_int_equal(probe_and_read(&rig, START_US + 2000000, second), 0);
		assert_memory_equal(before.reg, chip.reg, sizeof(chip.reg));
		assert_memory_equal(before.reg16, chip.reg16, sizeof(chip.reg16));
		if (!is_same(first, second, rig.n_channels))
			fail_msg("%s: other values after the power came back", d->name);
		driver_rig_free(&rig);
	}
}

static void two_instances_share_nothing(void **state)
{
	const struct sensor_driver *d;
	size_t i = 0;
	(void)state;

	while ((d = next(&i))) {
		double alone[SENSOR_MAX_CHANNELS], beside[SENSOR_MAX_CHANNELS];
		struct driver_rig a, b;
		struct fake_i2c chip_a, chip_b;
		int n_xfers;

		fake_chip_init(&a, &chip_a, d->name, "");
		fake_chip_init(&b, &chip_b, d->name, "");
		assert_int_equal(probe_and_read(&b, START_US, alone), 0);
		n_xfers = chip_b.n_xfers;
		chip_a.is_absent = true;
		assert_true(probe_and_read(&a, START_US, beside) < 0);
		chip_a.is_absent = false;
		assert_int_equal(probe_and_read(&a, START_US, beside), 0);
		d->close(a.state);
		assert_int_equal(chip_b.n_xfers, n_xfers);
		assert_int_equal(chip_b.n_closes, 0);
		assert_int_equal(driver_rig_read_patiently(&b, &(int64_t){ START_US + 5000000 }, beside), 0);
		driver_rig_free(&a);
		driver_rig_free(&b);
	}
}

/* Whatever the chip says, nothing breaks, no value is infinite, and a failure leaves no value. */
static void a_chip_that_sends_only_ones_or_zeros_breaks_nothing(void **state)
{
	const struct sensor_driver *d;
	size_t i = 0;
	(void)state;

	while ((d = next(&i)))
		for (int ones = 0; ones < 2; ones++) {
			double out[SENSOR_MAX_CHANNELS];
			struct driver_rig rig;
			struct fake_i2c chip;
			int64_t now_us = START_US;
			int r;

			fake_chip_init(&rig, &chip, d->name, "");
			assert_int_equal(driver_rig_probe(&rig, now_us), 0);
			memset(chip.reg, ones ? 0xFF : 0, sizeof(chip.reg));
			memset(chip.reg16, ones ? 0xFF : 0, sizeof(chip.reg16));
			mark(out);
			r = driver_rig_read_patiently(&rig, &now_us, out);
			assert_true(r <= 0 && (r == 0 || is_marked(out)));
			for (int k = 0; k < rig.n_channels; k++)
				assert_false(isinf(out[k]));
			r = driver_rig_probe(&rig, now_us);
			assert_true(r <= 0);
			driver_rig_free(&rig);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_driver_of_a_chip_has_a_fake_and_begins_with_bus_and_address),
		cmocka_unit_test(a_working_chip_gives_values_in_range),
		cmocka_unit_test(every_failing_transfer_is_reported_and_healed),
		cmocka_unit_test(a_bus_that_cannot_be_opened_fails_the_probe),
		cmocka_unit_test(an_absent_chip_is_found_when_it_is_plugged_in),
		cmocka_unit_test(another_chip_at_the_address_is_refused_with_a_reason),
		cmocka_unit_test(a_chip_that_lost_its_power_is_set_up_again),
		cmocka_unit_test(two_instances_share_nothing),
		cmocka_unit_test(a_chip_that_sends_only_ones_or_zeros_breaks_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
