/* SPDX-License-Identifier: Apache-2.0 */
/* Chips that a wrong question would disturb, and what is not asked because of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "tests/scan_bench.h"

/* 0xFE, the maker's number of its neighbours, is its reset. */
static int busy_twice(struct fake_i2c *f, const uint8_t *out, size_t n_out, uint8_t *in, size_t n_in)
{
	static const uint8_t celsius[] = { 0x68, 0x3A, 0x7C };

	if (f->n_xfers < 3)
		return -EREMOTEIO;
	assert_true(n_out == 0 || (n_out == 1 && out[0] == 0xF3));
	for (size_t i = 0; i < n_in; i++)
		in[i] = celsius[i % 3];
	return 0;
}

static void an_htu21d_that_is_busy_is_waited_for_and_not_reset(void **state)
{
	struct scan_chip found;
	struct scan_bench b;
	(void)state;

	scan_bench_put(&b, "htu21d", 0x40);
	b.chip.respond = busy_twice;
	found = scan_bench_identify(&b, 0x40);
	assert_int_equal(found.kind, SCAN_KNOWN);
	assert_string_equal(b.chip.log, "[F3][F3][F3]");
	driver_rig_free(&b.rig);
}

/* 85 ms is not enough for this one: it is still there, so nobody else is asked by what would reset it. */
static void an_htu21d_that_is_slow_is_not_reset(void **state)
{
	static const struct fake_exchange slow[] = { { "F3", "" } };
	struct scan_chip found;
	struct scan_bench b;
	(void)state;

	scan_bench_put(&b, "htu21d", 0x40);
	b.chip.exchanges = slow;
	b.chip.n_exchanges = 1;
	found = scan_bench_identify(&b, 0x40);
	assert_int_equal(found.kind, SCAN_AMBIGUOUS);
	assert_true(scan_bench_has(&found, sensor_driver_find("htu21d")));
	assert_false(fake_i2c_wrote(&b.chip, "FE"));
	driver_rig_free(&b.rig);
}

/* As long as an HTU21D may be there, nobody asks this one, and an INA219 would be asked by what makes it measure. */
static void an_hdc1080_that_cannot_be_asked_is_left_alone(void **state)
{
	static const struct fake_exchange odd[] = { { "F3", "" }, { "00", "12 34 12 34" } };
	struct scan_chip found;
	struct scan_bench b;
	(void)state;

	scan_bench_put(&b, "hdc1080", 0x40);
	b.chip.exchanges = odd;
	b.chip.n_exchanges = ARRAY_LEN(odd);
	found = scan_bench_identify(&b, 0x40);
	assert_int_equal(found.kind, SCAN_AMBIGUOUS);
	assert_true(scan_bench_has(&found, sensor_driver_find("hdc1080")));
	assert_string_equal(b.chip.log, "[F3]");
	driver_rig_free(&b.rig);
}

static int last_measurement(struct fake_i2c *f, const uint8_t *out, size_t n_out, uint8_t *in, size_t n_in)
{
	static const uint8_t frame[] = { 0x1C, 0x65, 0xB4, 0x25, 0xCD, 0x26, 0xC6 };
	(void)f;
	(void)out;

	assert_int_equal(n_out, 0);
	for (size_t i = 0; i < n_in; i++)
		in[i] = i < sizeof(frame) ? frame[i] : 0xFF;
	return 0;
}

static int status_alone(struct fake_i2c *f, const uint8_t *out, size_t n_out, uint8_t *in, size_t n_in)
{
	(void)f;
	(void)out;
	assert_int_equal(n_out, 0);
	memset(in, 0x1C, n_in);
	return 0;
}

static void an_aht20_that_has_not_measured_may_be_one(void **state)
{
	struct scan_chip found;
	struct scan_bench b;
	(void)state;

	scan_bench_put(&b, "aht20", 0x38);
	b.chip.respond = status_alone;
	found = scan_bench_identify(&b, 0x38);
	assert_int_equal(found.kind, SCAN_AMBIGUOUS);
	assert_int_equal(found.n_drivers, 2);
	assert_string_equal(found.drivers[0]->name, "aht20");
	assert_string_equal(found.drivers[1]->name, "pcf8574");
	driver_rig_free(&b.rig);
}

static void an_aht20_that_has_measured_is_known_by_reading_alone(void **state)
{
	struct scan_chip found;
	struct scan_bench b;
	(void)state;

	scan_bench_put(&b, "aht20", 0x38);
	b.chip.respond = last_measurement;
	found = scan_bench_identify(&b, 0x38);
	assert_int_equal(found.kind, SCAN_KNOWN);
	assert_string_equal(found.drivers[0]->name, "aht20");
	driver_rig_free(&b.rig);
}

/* NXP PCA9685 rev. 4, table 4: 0x00 to 0x45 and 0xFA to 0xFF are its registers; it drives motors, and has any address from 0x40 on. */
static void a_pca9685_is_not_moved(void **state)
{
	(void)state;
	for (uint8_t address = 0x40; address <= SCAN_LAST_ADDRESS; address++) {
		bool is_reader = address >= 0x50 && address <= 0x5F;
		struct scan_bench b;

		scan_bench_put(&b, "bme280", address);
		for (size_t i = 0; i < sizeof(b.chip.reg); i++)
			b.chip.reg[i] = (uint8_t)(3 * i + 1);
		scan_bench_identify_as(&b, address, is_reader);
		for (size_t i = 0; i < sizeof(b.chip.reg); i++)
			if ((i <= 0x45 || i >= 0xFA) && b.chip.reg[i] != (uint8_t)(3 * i + 1))
				fail_msg("register 0x%02zx at 0x%02x", i, address);
		driver_rig_free(&b.rig);
	}
}

static int mux(struct fake_i2c *f, const uint8_t *out, size_t n_out, uint8_t *in, size_t n_in)
{
	for (size_t i = 0; i < n_out; i++)
		f->reg[0] = out[i];
	for (size_t i = 0; i < n_in; i++)
		in[i] = f->reg[0];
	return 0;
}

static void a_mux_keeps_its_channels(void **state)
{
	(void)state;
	for (uint8_t address = 0x70; address <= 0x77; address++)
		for (int channels = 0; channels < 256; channels++) {
			struct scan_chip found;
			struct scan_bench b;

			scan_bench_put(&b, "bme280", address);
			b.chip.respond = mux;
			b.chip.reg[0] = (uint8_t)channels;
			found = scan_bench_identify(&b, address);
			assert_int_equal(b.chip.reg[0], channels);
			assert_int_not_equal(found.kind, SCAN_KNOWN);
			if (address >= 0x76 && channels != 0xD0)
				assert_int_equal(found.kind, SCAN_MUX);
			if (address < 0x76)
				assert_string_equal(b.chip.log, "");
			driver_rig_free(&b.rig);
		}
}

static void a_bus_that_is_held_meanwhile_ends_the_asking(void **state)
{
	struct scan_chip found = { .address = 0x76 };
	struct sensor_error err;
	struct scan_bench b;
	(void)state;

	scan_bench_put(&b, "bme280", 0x76);
	b.chip.fail_at = 5; /* after the reads for a mux */
	b.chip.error = -ETIMEDOUT;
	assert_int_equal(i2c_open(fake_i2c_of(&b.rig), &err), 0);
	assert_int_equal(scan_identify(fake_i2c_of(&b.rig), &scan_bench_world, false, &found), -ETIMEDOUT);
	assert_int_equal(found.kind, SCAN_AMBIGUOUS);
	assert_true(scan_bench_has(&found, sensor_driver_find("bme280")));
	driver_rig_free(&b.rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_htu21d_that_is_busy_is_waited_for_and_not_reset),
		cmocka_unit_test(an_htu21d_that_is_slow_is_not_reset),
		cmocka_unit_test(an_hdc1080_that_cannot_be_asked_is_left_alone),
		cmocka_unit_test(an_aht20_that_has_measured_is_known_by_reading_alone),
		cmocka_unit_test(an_aht20_that_has_not_measured_may_be_one),
		cmocka_unit_test(a_pca9685_is_not_moved),
		cmocka_unit_test(a_mux_keeps_its_channels),
		cmocka_unit_test(a_bus_that_is_held_meanwhile_ends_the_asking),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
