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

#include <stdio.h>
#include <string.h>

#include "drivers/i2c_identity.h"
#include "tests/scan_bench.h"

/** The next driver with an identity from row @i on, NULL: no more. */
static const struct sensor_driver *next(size_t *i)
{
	const struct sensor_driver *d;

	while ((d = sensor_driver_at((*i)++)))
		if (d->identity)
			return d;
	return NULL;
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
		struct scan_bench b;

		if (!fake_chip_find(d->name) || strcmp(d->name, "i2c-register") == 0) {
			assert_null(d->identity);
			continue;
		}
		if (!d->identity)
			fail_msg("%s has no identity", d->name);
		scan_bench_put(&b, d->name, 0);
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
	struct scan_bench b;

	scan_bench_put(&b, d->name, address);
	before = b.chip;
	found = scan_bench_identify_as(&b, address, is_reader);
	assert_memory_equal(before.reg, b.chip.reg, sizeof(before.reg));
	assert_memory_equal(before.reg16, b.chip.reg16, sizeof(before.reg16));
	check_commands(d, &b.chip);
	if (!scan_bench_has(&found, d))
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
		struct scan_bench b;

		if (!kind->become_other)
			continue;
		scan_bench_put(&b, d->name, address);
		kind->become_other(&b.chip);
		found = scan_bench_identify(&b, address);
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
			struct scan_bench b;

			scan_bench_put(&b, "bme280", address);
			memset(b.chip.reg, ones ? 0xFF : 0, sizeof(b.chip.reg));
			found = scan_bench_identify(&b, address);
			if (found.kind == SCAN_KNOWN)
				fail_msg("0x%02x: %s", address, found.drivers[0]->name);
			assert_false(scan_bench_has(&found, sensor_driver_find("lm75")));
			assert_false(scan_bench_has(&found, sensor_driver_find("tmp102")));
			assert_false(scan_bench_has(&found, sensor_driver_find("ads1115")));
			assert_false(scan_bench_has(&found, sensor_driver_find("ds3231")));
			driver_rig_free(&b.rig);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_driver_of_a_chip_declares_where_it_may_be),
		cmocka_unit_test(every_question_can_be_asked_and_its_values_are_under_the_mask),
		cmocka_unit_test(every_chip_is_known_as_itself_or_a_candidate_and_nothing_in_it_changes),
		cmocka_unit_test(another_chip_is_not_taken_for_it),
		cmocka_unit_test(only_ones_or_zeros_are_no_chip),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
