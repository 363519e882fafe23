/* SPDX-License-Identifier: Apache-2.0 */
/* Frames and words as the datasheets of SGP40 (v1.1, tables 9 and 10) and SCD30 (interface description v1.0) print them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <math.h>

#include "drivers/pace.h"
#include "drivers/sensirion.h"
#include "tests/fake_i2c.h"

static const struct fake_exchange exchanges[] = {
	{ "26 0F 80 00 A2 66 66 93", "" },
	{ "51 02 03 E8 D4", "" },
	{ "36 15", "" },
};

static void arguments_are_sent_with_their_crcs(void **state)
{
	struct fake_i2c chip;
	struct driver_rig rig;
	struct i2c *i2c;
	(void)state;

	fake_chip_init(&rig, &chip, "bme280", "");
	chip = (struct fake_i2c){ .kind = FAKE_COMMANDS, .exchanges = exchanges, .n_exchanges = ARRAY_LEN(exchanges) };
	i2c = fake_i2c_of(&rig);
	assert_int_equal(i2c_open(i2c, &rig.err), 0);
	assert_int_equal(sensirion_send(i2c, 0x260F, (const uint16_t[]){ 0x8000, 0x6666 }, 2), 0);
	assert_int_equal(sensirion_send(i2c, 0x5102, (const uint16_t[]){ 1000 }, 1), 0);
	assert_int_equal(sensirion_send(i2c, 0x3615, NULL, 0), 0);
	assert_int_equal(sensirion_send(i2c, 0x3616, NULL, 0), -EREMOTEIO);
	driver_rig_free(&rig);
}

static void words_are_fractions_of_the_range(void **state)
{
	(void)state;

	assert_int_equal(sensirion_percent_word(50.0), 0x8000);
	assert_int_equal(sensirion_celsius_word(25.0), 0x6666);
	assert_int_equal(sensirion_percent_word(0.0), 0);
	assert_int_equal(sensirion_celsius_word(-45.0), 0);
	assert_int_equal(sensirion_percent_word(100.0), 0xFFFF);
	assert_int_equal(sensirion_celsius_word(130.0), 0xFFFF);
	assert_true(sensirion_celsius(0) == -45.0 && sensirion_celsius(0xFFFF) == 130.0);
	assert_true(sensirion_percent(0) == 0.0 && sensirion_percent(0xFFFF) == 100.0);
}

static void what_is_beyond_is_clipped(void **state)
{
	(void)state;

	assert_int_equal(sensirion_percent_word(-1.0), 0);
	assert_int_equal(sensirion_percent_word(1e300), 0xFFFF);
	assert_int_equal(sensirion_celsius_word(NAN), 0);
	assert_int_equal(sensirion_celsius_word(INFINITY), 0xFFFF);
}

static void a_clock_that_was_set_back_makes_no_long_wait(void **state)
{
	int64_t due_us = 1000;
	(void)state;

	assert_int_equal(pace_wait_us(&due_us, 400, 5000), 600);
	assert_int_equal(pace_wait_us(&due_us, 1000, 5000), 0);
	assert_int_equal(pace_wait_us(&due_us, 2000, 5000), 0);
	assert_int_equal(due_us, 1000);
	assert_int_equal(pace_wait_us(&due_us, -3600000000, 5000), 5000);
	assert_int_equal(due_us, -3600000000 + 5000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arguments_are_sent_with_their_crcs),
		cmocka_unit_test(words_are_fractions_of_the_range),
		cmocka_unit_test(what_is_beyond_is_clipped),
		cmocka_unit_test(a_clock_that_was_set_back_makes_no_long_wait),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
