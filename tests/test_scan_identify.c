/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is asked of the identities of all drivers, on the chips of FAKE_CHIPS at each address they may have. A new driver is tested without a
 * change here.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "agent/scan.h"
#include "drivers/i2c_identity.h"
#include "tests/fake_i2c.h"

static void no_sleep(int64_t us)
{
	assert_true(us > 0 && us <= 100000);
}

static const struct scan_world world = { .root = "/nowhere", .sleep_us = no_sleep };

/** The next driver with an identity from row @i on, NULL: no more. */
static const struct sensor_driver *next(size_t *i)
{
	const struct sensor_driver *d;

	while ((d = sensor_driver_at((*i)++)))
		if (d->identity)
			return d;
	return NULL;
}

struct bench {
	struct driver_rig rig;
	struct fake_i2c chip;
};

static void put(struct bench *b, const char *driver, uint8_t address)
{
	fake_chip_init(&b->rig, &b->chip, driver, "");
	b->chip.address = address;
}

static struct scan_chip identify_as(struct bench *b, uint8_t address, bool is_reader)
{
	struct scan_chip found = { .address = address };
	struct i2c *i2c = fake_i2c_of(&b->rig);
	struct sensor_error err;

	assert_int_equal(i2c_open(i2c, &err), 0);
	i2c->address = address;
	assert_int_equal(scan_identify(i2c, &world, is_reader, &found), 0);
	return found;
}

static struct scan_chip identify(struct bench *b, uint8_t address)
{
	return identify_as(b, address, false);
}

static bool has(const struct scan_chip *found, const struct sensor_driver *d)
{
	for (size_t i = 0; i < found->n_drivers; i++)
		if (found->drivers[i] == d)
			return true;
	return false;
}

/* Silent until it has measured: nothing but reading is asked of it. */
static bool is_known_by_reading_alone(const struct sensor_driver *d)
{
	return d->identity->is_certain && d->identity->ask[0].n_write == 0;
}

static void every_driver_of_a_chip_declares_where_it_may_be(void **state)
{
	const struct sensor_driver *d;
	size_t n = 0;
	(void)state;

	for (size_t i = 0; (d = sensor_driver_at(i)); i++) {
		struct bench b;

		if (!fake_chip_find(d->name) || strcmp(d->name, "i2c-register") == 0) {
			assert_null(d->identity);
			continue;
		}
		if (!d->identity)
			fail_msg("%s has no identity", d->name);
		put(&b, d->name, 0);
		assert_true(i2c_identity_covers(d->identity, (uint8_t)fake_i2c_of(&b.rig)->address));
		for (size_t k = 0; k < I2C_RANGES_MAX && d->identity->at[k].first; k++) {
			assert_true(d->identity->at[k].first >= SCAN_FIRST_ADDRESS);
			assert_true(d->identity->at[k].last <= SCAN_LAST_ADDRESS);
			assert_true(d->identity->at[k].first <= d->identity->at[k].last);
		}
		assert_true(!d->identity->is_certain || d->identity->ask[0].n_read > 0);
		driver_rig_free(&b.rig);
		n++;
	}
	assert_true(n >= 36);
}

static void every_question_can_be_asked_and_its_values_are_under_the_mask(void **state)
{
	const struct i2c_question *q;
	const struct sensor_driver *d;
	size_t i = 0;
	(void)state;

	while ((d = next(&i)))
		for (size_t k = 0; (q = i2c_identity_ask(d->identity, k)); k++) {
			assert_true(q->n_write <= 2 && q->n_read <= I2C_ANSWER_BYTES);
			assert_true(q->fits || (q->n_read <= 4 && q->mask && (q->value & ~q->mask) == 0));
			assert_true(q->n_write > 0 || q->wait_us == 0);
		}
}

static bool is_asked(const struct sensor_driver *d, const char *command)
{
	const struct i2c_question *q;
	char asked[8];

	for (size_t i = 0; (q = i2c_identity_ask(d->identity, i)); i++) {
		if (q->n_write == 2)
			snprintf(asked, sizeof(asked), "%02X %02X", q->write[0], q->write[1]);
		else
			snprintf(asked, sizeof(asked), "%02X", q->write[0]);
		if (q->n_write > 0 && strcmp(asked, command) == 0)
			return true;
	}
	return false;
}

/* Of all commands that the chip knows it got none but what it is asked for its identity. */
static void check_commands(const struct sensor_driver *d, const struct fake_i2c *chip)
{
	for (size_t i = 0; i < chip->n_exchanges; i++)
		if (!is_asked(d, chip->exchanges[i].out) && fake_i2c_wrote(chip, chip->exchanges[i].out))
			fail_msg("%s got %s", d->name, chip->exchanges[i].out);
}

static void check_one(const struct sensor_driver *d, uint8_t address, bool is_reader)
{
	struct fake_i2c before;
	struct scan_chip found;
	struct bench b;

	put(&b, d->name, address);
	before = b.chip;
	found = identify_as(&b, address, is_reader);
	assert_memory_equal(before.reg, b.chip.reg, sizeof(before.reg));
	assert_memory_equal(before.reg16, b.chip.reg16, sizeof(before.reg16));
	check_commands(d, &b.chip);
	if (!has(&found, d))
		fail_msg("%s is not found at 0x%02x", d->name, address);
	if (d->identity->is_certain && !is_known_by_reading_alone(d) && !is_reader) {
		if (found.kind != SCAN_KNOWN || found.n_drivers != 1)
			fail_msg("%s is not known at 0x%02x: %d, %zu", d->name, address, found.kind, found.n_drivers);
	}
	if (!d->identity->is_certain)
		assert_int_equal(found.kind, SCAN_AMBIGUOUS);
	driver_rig_free(&b.rig);
}

static void every_chip_is_known_as_itself_or_a_candidate_and_nothing_in_it_changes(void **state)
{
	const struct sensor_driver *d;
	size_t i = 0;
	(void)state;

	while ((d = next(&i)))
		for (uint8_t address = SCAN_FIRST_ADDRESS; address <= SCAN_LAST_ADDRESS; address++)
			if (i2c_identity_covers(d->identity, address)) {
				check_one(d, address, false);
				check_one(d, address, true);
			}
}

static void another_chip_is_not_taken_for_it(void **state)
{
	const struct sensor_driver *d;
	size_t i = 0;
	(void)state;

	while ((d = next(&i))) {
		const struct fake_chip *kind = fake_chip_find(d->name);
		uint8_t address = d->identity->at[0].first;
		struct scan_chip found;
		struct bench b;

		if (!kind->become_other)
			continue;
		put(&b, d->name, address);
		kind->become_other(&b.chip);
		found = identify(&b, address);
		if (found.kind == SCAN_KNOWN && found.drivers[0] == d)
			fail_msg("another chip is taken for %s", d->name);
		driver_rig_free(&b.rig);
	}
}

/* A wire, an EEPROM that is empty, a chip that sleeps. */
static void only_ones_or_zeros_are_no_chip(void **state)
{
	(void)state;
	for (int ones = 0; ones < 2; ones++)
		for (uint8_t address = SCAN_FIRST_ADDRESS; address <= SCAN_LAST_ADDRESS; address++) {
			struct scan_chip found;
			struct bench b;

			put(&b, "bme280", address);
			memset(b.chip.reg, ones ? 0xFF : 0, sizeof(b.chip.reg));
			found = identify(&b, address);
			if (found.kind == SCAN_KNOWN)
				fail_msg("0x%02x: %s", address, found.drivers[0]->name);
			assert_false(has(&found, sensor_driver_find("lm75")));
			assert_false(has(&found, sensor_driver_find("tmp102")));
			assert_false(has(&found, sensor_driver_find("ads1115")));
			assert_false(has(&found, sensor_driver_find("ds3231")));
			driver_rig_free(&b.rig);
		}
}

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
	struct bench b;
	(void)state;

	put(&b, "htu21d", 0x40);
	b.chip.respond = busy_twice;
	found = identify(&b, 0x40);
	assert_int_equal(found.kind, SCAN_KNOWN);
	assert_string_equal(b.chip.log, "[F3][F3][F3]");
	driver_rig_free(&b.rig);
}

/* 85 ms is not enough for this one: it is still there, so nobody else is asked by what would reset it. */
static void an_htu21d_that_is_slow_is_not_reset(void **state)
{
	static const struct fake_exchange slow[] = { { "F3", "" } };
	struct scan_chip found;
	struct bench b;
	(void)state;

	put(&b, "htu21d", 0x40);
	b.chip.exchanges = slow;
	b.chip.n_exchanges = 1;
	found = identify(&b, 0x40);
	assert_int_equal(found.kind, SCAN_AMBIGUOUS);
	assert_true(has(&found, sensor_driver_find("htu21d")));
	assert_false(fake_i2c_wrote(&b.chip, "FE"));
	driver_rig_free(&b.rig);
}

/* As long as an HTU21D may be there, nobody asks this one, and an INA219 would be asked by what makes it measure. */
static void an_hdc1080_that_cannot_be_asked_is_left_alone(void **state)
{
	static const struct fake_exchange odd[] = { { "F3", "" }, { "00", "12 34 12 34" } };
	struct scan_chip found;
	struct bench b;
	(void)state;

	put(&b, "hdc1080", 0x40);
	b.chip.exchanges = odd;
	b.chip.n_exchanges = ARRAY_LEN(odd);
	found = identify(&b, 0x40);
	assert_int_equal(found.kind, SCAN_AMBIGUOUS);
	assert_true(has(&found, sensor_driver_find("hdc1080")));
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
	struct bench b;
	(void)state;

	put(&b, "aht20", 0x38);
	b.chip.respond = status_alone;
	found = identify(&b, 0x38);
	assert_int_equal(found.kind, SCAN_AMBIGUOUS);
	assert_int_equal(found.n_drivers, 2);
	assert_string_equal(found.drivers[0]->name, "aht20");
	assert_string_equal(found.drivers[1]->name, "pcf8574");
	driver_rig_free(&b.rig);
}

static void an_aht20_that_has_measured_is_known_by_reading_alone(void **state)
{
	struct scan_chip found;
	struct bench b;
	(void)state;

	put(&b, "aht20", 0x38);
	b.chip.respond = last_measurement;
	found = identify(&b, 0x38);
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
		struct bench b;

		put(&b, "bme280", address);
		for (size_t i = 0; i < sizeof(b.chip.reg); i++)
			b.chip.reg[i] = (uint8_t)(3 * i + 1);
		identify_as(&b, address, is_reader);
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
			struct bench b;

			put(&b, "bme280", address);
			b.chip.respond = mux;
			b.chip.reg[0] = (uint8_t)channels;
			found = identify(&b, address);
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
	struct bench b;
	(void)state;

	put(&b, "bme280", 0x76);
	b.chip.fail_at = 5; /* after the reads for a mux */
	b.chip.error = -ETIMEDOUT;
	assert_int_equal(i2c_open(fake_i2c_of(&b.rig), &err), 0);
	assert_int_equal(scan_identify(fake_i2c_of(&b.rig), &world, false, &found), -ETIMEDOUT);
	driver_rig_free(&b.rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_driver_of_a_chip_declares_where_it_may_be),
		cmocka_unit_test(every_question_can_be_asked_and_its_values_are_under_the_mask),
		cmocka_unit_test(every_chip_is_known_as_itself_or_a_candidate_and_nothing_in_it_changes),
		cmocka_unit_test(another_chip_is_not_taken_for_it),
		cmocka_unit_test(only_ones_or_zeros_are_no_chip),
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
