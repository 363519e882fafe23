/* SPDX-License-Identifier: Apache-2.0 */
/* Values from the tables of datasheets (see `source`) and by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>

#include "tests/fake_i2c.h"

static const struct {
	const char *source, *yaml, *registers; /* from register 0x10 on */
	double value;
} known[] = {
	{ "LM75B, table 11: 11 bits, left-justified", "width: 16, shift: 5, signed: true, scale: 0.125", "7F 00",
	  127.0 },
	{ "LM75B, table 11", "width: 16, shift: 5, signed: true, scale: 0.125", "00 20", 0.125 },
	{ "LM75B, table 11", "width: 16, shift: 5, signed: true, scale: 0.125", "FF E0", -0.125 },
	{ "LM75B, table 11", "width: 16, shift: 5, signed: true, scale: 0.125", "C9 00", -55.0 },
	{ "TMP102, normal mode", "width: 16, shift: 4, signed: true, scale: 0.0625", "E7 00", -25.0 },
	{ "TMP102, normal mode", "width: 16, shift: 4, signed: true, scale: 0.0625", "64 00", 100.0 },
	{ "by hand", "", "80", 128.0 },
	{ "by hand", "signed: true", "80", -128.0 },
	{ "by hand", "signed: true, mask: 0x0F", "F8", -8.0 },
	{ "by hand", "mask: 0xF0, shift: 4, signed: true", "8F", -8.0 },
	{ "by hand", "width: 16, byte_order: little", "34 12", 0x1234 },
	{ "by hand", "width: 24", "01 02 03", 0x010203 },
	{ "by hand", "width: 24, byte_order: little, signed: true", "00 00 80", -8388608.0 },
	{ "by hand", "width: 32", "FF FF FF FF", 4294967295.0 },
	{ "by hand", "width: 32, signed: true", "80 00 00 00", -2147483648.0 },
	{ "by hand", "width: 32, mask: 0x7FFFFFFF, signed: true", "40 00 00 00", -1073741824.0 },
	{ "by hand", "width: 32, shift: 31", "80 00 00 00", 1.0 },
	{ "by hand", "width: 16, scale: -0.5, offset: 1000", "00 64", 950.0 },
	{ "by hand", "kind: state, mask: 0x04", "FB", 0.0 },
	{ "by hand", "kind: state, mask: 0x04", "04", 1.0 },
};

static void registers_become_values(void **state)
{
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		char yaml[200];
		struct driver_rig rig;
		struct fake_i2c chip;
		double out[1];
		int64_t now_us = 0;

		print_message("%s: %s: %s\n", known[i].source, known[i].yaml, known[i].registers);
		snprintf(yaml, sizeof(yaml), "register: 0x10%s%s", known[i].yaml[0] ? ", " : "", known[i].yaml);
		fake_chip_init(&rig, &chip, "i2c-register", yaml);
		chip.kind = FAKE_BYTES;
		fake_i2c_set(&chip, 0x10, known[i].registers);
		assert_int_equal(rig.n_channels, 1);
		assert_int_equal(driver_rig_probe(&rig, now_us), 0);
		assert_int_equal(driver_rig_read(&rig, &now_us, out), 0);
		assert_true(out[0] == known[i].value);
		driver_rig_free(&rig);
	}
}

static void what_is_to_be_written_first_is_written_in_order(void **state)
{
	struct driver_rig rig;
	struct fake_i2c chip;
	(void)state;

	fake_chip_init(&rig, &chip, "i2c-register", "init: [0x01=0x60, 2=7, 0xF4=0x00A0, 0x05=0x01020304, 0x06=0xA]");
	chip.kind = FAKE_BYTES;
	assert_int_equal(driver_rig_probe(&rig, 0), 0);
	assert_string_equal(chip.log, "[01 60][02 07][F4 00 A0][05 01 02 03 04][06 0A][00]");
	driver_rig_free(&rig);
}

static void the_channel_is_as_described(void **state)
{
	struct driver_rig rig;
	struct fake_i2c chip;
	(void)state;

	fake_chip_init(&rig, &chip, "i2c-register", "unit: L, kind: counter, min: -1, max: 2.5");
	assert_string_equal(rig.channels[0].name, "value");
	assert_string_equal(rig.channels[0].unit, "L");
	assert_int_equal(rig.channels[0].kind, CHANNEL_COUNTER);
	assert_true(rig.channels[0].min == -1.0 && rig.channels[0].max == 2.5);
	driver_rig_free(&rig);
	fake_chip_init(&rig, &chip, "i2c-register", "unit: Cel");
	assert_int_equal(rig.channels[0].kind, CHANNEL_GAUGE);
	assert_true(rig.channels[0].min == 0.0 && rig.channels[0].max == 0.0);
	driver_rig_free(&rig);
}

static void a_description_that_cannot_be_is_refused(void **state)
{
	static const struct {
		const char *yaml, *text;
	} rows[] = {
		{ "init: [0x01]", "init: '0x01' is not REGISTER=VALUE, such as 0x01=0x60" },
		{ "init: [=1]", "init: '=1' is not REGISTER=VALUE, such as 0x01=0x60" },
		{ "init: [0x01=]", "init: '0x01=' is not REGISTER=VALUE, such as 0x01=0x60" },
		{ "init: [0x100=1]", "init: '0x100=1' is not REGISTER=VALUE, such as 0x01=0x60" },
		{ "init: [1=256]", "init: '1=256' is not REGISTER=VALUE, such as 0x01=0x60" },
		{ "init: [1=-1]", "init: '1=-1' is not REGISTER=VALUE, such as 0x01=0x60" },
		{ "init: [1=0x123]", "init: '1=0x123' is not REGISTER=VALUE, such as 0x01=0x60" },
		{ "init: [1=0x0102030405]", "init: '1=0x0102030405' is not REGISTER=VALUE, such as 0x01=0x60" },
		{ "init: [1=two]", "init: '1=two' is not REGISTER=VALUE, such as 0x01=0x60" },
		{ "mask: 0xFF00", "mask and shift leave no bit of 8" },
		{ "width: 16, shift: 16", "mask and shift leave no bit of 16" },
		{ "min: 1", "min and max belong together, and min is the lesser" },
		{ "min: 2, max: 2", "min and max belong together, and min is the lesser" },
		{ "kind: state, unit: Cel", "a state is 0 or 1: its unit must be \"1\"" },
		{ "kind: state, scale: 2", "a state has no scale and no offset" },
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct driver_rig rig;
		struct fake_i2c chip;

		fake_chip_init(&rig, &chip, "i2c-register", rows[i].yaml);
		assert_int_equal(rig.n_channels, -EINVAL);
		assert_string_equal(rig.err.text, rows[i].text);
		driver_rig_free(&rig);
	}
}

static void too_many_writes_are_refused(void **state)
{
	struct driver_rig rig;
	struct fake_i2c chip;
	char yaml[400] = "init: [1=1";
	(void)state;

	for (int i = 1; i < 33; i++)
		snprintf(yaml + 6 + 4 * i, 8, ",1=1");
	snprintf(yaml + 6 + 4 * 33, 4, "]");
	fake_chip_init(&rig, &chip, "i2c-register", yaml);
	assert_int_equal(rig.n_channels, -EINVAL);
	assert_string_equal(rig.err.text, "init: at most 32 writes");
	driver_rig_free(&rig);
}

static void a_chip_is_known_by_its_id(void **state)
{
	struct driver_rig rig;
	struct fake_i2c chip;
	(void)state;

	fake_chip_init(&rig, &chip, "i2c-register", "id_register: 0x0F, id: 0x33");
	chip.kind = FAKE_BYTES;
	chip.reg[0x0F] = 0x32;
	assert_int_equal(driver_rig_probe(&rig, 0), -ENODEV);
	assert_string_equal(rig.err.text, "another chip at 0x48: register 0x0f says 0x32 instead of 0x33");
	chip.reg[0x0F] = 0x33;
	assert_int_equal(driver_rig_probe(&rig, 0), 0);
	driver_rig_free(&rig);
}

static void an_address_is_hexadecimal_or_decimal_and_has_seven_bits(void **state)
{
	char text[200];
	(void)state;

	assert_int_equal(driver_rig_option_errors("i2c-register", "{bus: x, address: 0x76}", text), 0);
	assert_int_equal(driver_rig_option_errors("i2c-register", "{bus: x, address: 118}", text), 0);
	assert_int_equal(driver_rig_option_errors("i2c-register", "{bus: x, address: 0x78}", text), 1);
	assert_int_equal(driver_rig_option_errors("i2c-register", "{bus: x, address: 0xEC}", text), 1);
	assert_int_equal(driver_rig_option_errors("i2c-register", "{bus: x, address: 76h}", text), 1);
	assert_int_equal(driver_rig_option_errors("i2c-register", "{address: 0x48}", text), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(registers_become_values),
		cmocka_unit_test(what_is_to_be_written_first_is_written_in_order),
		cmocka_unit_test(the_channel_is_as_described),
		cmocka_unit_test(a_description_that_cannot_be_is_refused),
		cmocka_unit_test(too_many_writes_are_refused),
		cmocka_unit_test(a_chip_is_known_by_its_id),
		cmocka_unit_test(an_address_is_hexadecimal_or_decimal_and_has_seven_bits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
