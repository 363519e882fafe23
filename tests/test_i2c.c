/* SPDX-License-Identifier: Apache-2.0 */
/* Check values of the CRCs: Sensirion's datasheets (BE EF gives 92), the catalogue of parametrised CRC algorithms. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "drivers/i2c.h"

/* A chip that notes what it is told and answers 0x10, 0x11, ... or fails. */
struct echo {
	uint8_t out[I2C_MAX_BYTES];
	size_t n_out, n_in;
	const uint8_t *answer;
	int error, n_opens, n_closes;
};

static int echo_open(struct i2c *i2c, struct sensor_error *err)
{
	(void)err;
	((struct echo *)i2c->backend)->n_opens++;
	return ((struct echo *)i2c->backend)->error;
}

static int echo_transfer(struct i2c *i2c, const uint8_t *out, size_t n_out, uint8_t *in, size_t n_in)
{
	struct echo *e = i2c->backend;

	if (n_out)
		memcpy(e->out, out, n_out);
	e->n_out = n_out;
	e->n_in = n_in;
	for (size_t i = 0; i < n_in; i++)
		in[i] = e->answer ? e->answer[i] : (uint8_t)(0x10 + i);
	return e->error;
}

static void echo_close(struct i2c *i2c)
{
	((struct echo *)i2c->backend)->n_closes++;
}

static const struct i2c_ops echo_ops = { echo_open, echo_transfer, echo_close };

static struct i2c opened(struct echo *e)
{
	struct i2c i2c = { .bus = "test", .address = 0x44, .ops = &echo_ops, .backend = e };
	struct sensor_error err;

	assert_int_equal(i2c_open(&i2c, &err), 0);
	return i2c;
}

static void opening_and_closing_twice_is_once(void **state)
{
	struct echo e = { .error = 0 };
	struct i2c i2c = { .ops = &echo_ops, .backend = &e };
	struct sensor_error err;
	(void)state;

	i2c_close(&i2c);
	assert_int_equal(e.n_closes, 0);
	e.error = -ENOENT;
	assert_int_equal(i2c_open(&i2c, &err), -ENOENT);
	e.error = 0;
	assert_int_equal(i2c_open(&i2c, &err), 0);
	assert_int_equal(i2c_open(&i2c, &err), 0);
	assert_int_equal(e.n_opens, 2);
	i2c_close(&i2c);
	i2c_close(&i2c);
	assert_int_equal(e.n_closes, 1);
	assert_int_equal(i2c_write_reg(&i2c, 1, 2), -ENODEV);
}

static void registers_are_bytes_on_the_wire(void **state)
{
	struct echo e = { .error = 0 };
	struct i2c i2c = opened(&e);
	uint8_t in[3] = { 0 };
	uint16_t word = 0;
	(void)state;

	assert_int_equal(i2c_write_reg(&i2c, 0xF4, 0x25), 0);
	assert_int_equal(e.n_out, 2);
	assert_memory_equal(e.out, "\xF4\x25", 2);
	assert_int_equal(i2c_write_reg16be(&i2c, 0x05, 0x1234), 0);
	assert_int_equal(e.n_out, 3);
	assert_memory_equal(e.out, "\x05\x12\x34", 3);
	assert_int_equal(i2c_read_reg(&i2c, 0x88, in, 3), 0);
	assert_int_equal(e.n_out, 1);
	assert_int_equal(e.out[0], 0x88);
	assert_memory_equal(in, "\x10\x11\x12", 3);
	assert_int_equal(i2c_read_reg16be(&i2c, 0x02, &word), 0);
	assert_int_equal(word, 0x1011);
	assert_int_equal(i2c_read(&i2c, in, 2), 0);
	assert_int_equal(e.n_out, 0);
	i2c_close(&i2c);
}

static void a_transfer_that_fails_changes_nothing_and_is_counted(void **state)
{
	struct echo e = { .error = 0 };
	struct i2c i2c = opened(&e);
	uint8_t in[4] = { 1, 2, 3, 4 };
	uint16_t word = 0xAAAA;
	(void)state;

	assert_int_equal(i2c_read_reg(&i2c, 0, in, 2), 0);
	assert_int_equal(i2c_write_reg(&i2c, 0, 7), 0);
	e.error = -EREMOTEIO;
	assert_int_equal(i2c_read_reg(&i2c, 0, in, 4), -EREMOTEIO);
	assert_int_equal(i2c_read_reg16be(&i2c, 0, &word), -EREMOTEIO);
	assert_memory_equal(in, "\x10\x11\x03\x04", 4);
	assert_int_equal(word, 0xAAAA);
	assert_int_equal(i2c.stats.n_transfers, 4);
	assert_int_equal(i2c.stats.n_errors, 2);
	assert_int_equal(i2c.stats.n_bytes, 3 + 2);
	i2c_close(&i2c);
}

/* To the agent -EAGAIN is a conversion that takes longer. */
static void a_lost_arbitration_is_an_error(void **state)
{
	struct echo e = { .error = 0 };
	struct i2c i2c = opened(&e);
	(void)state;

	e.error = -EAGAIN;
	assert_int_equal(i2c_write_reg(&i2c, 0, 7), -EIO);
	i2c_close(&i2c);
}

static void checksums_are_the_published_ones(void **state)
{
	(void)state;

	assert_int_equal(i2c_crc8_31(0xFF, (const uint8_t *)"\xBE\xEF", 2), 0x92);
	assert_int_equal(i2c_crc8_31(0x00, (const uint8_t *)"\x5F\xA8", 2), 0x3B);
	assert_int_equal(i2c_crc8_31(0xFF, (const uint8_t *)"\x00", 1), 0xAC);
	assert_int_equal(i2c_crc8_31(0xFF, (const uint8_t *)"123456789", 9), 0xF7); /* CRC-8/NRSC-5 */
	assert_int_equal(i2c_crc8_31(0xFF, NULL, 0), 0xFF);
	assert_int_equal(i2c_pec(0, (const uint8_t *)"123456789", 9), 0xF4); /* CRC-8/SMBUS */
	assert_int_equal(i2c_pec(i2c_pec(0, (const uint8_t *)"12345", 5), (const uint8_t *)"6789", 4), 0xF4);
}

/* The SCD4x datasheet's reading: 500 ppm, 0x6667, 0x5EB9. */
static void words_with_checksums_are_taken_whole_or_not_at_all(void **state)
{
	uint8_t reading[] = { 0x01, 0xF4, 0x33, 0x66, 0x67, 0xA2, 0x5E, 0xB9, 0x3C };
	struct echo e = { .answer = reading };
	struct i2c i2c = opened(&e);
	uint16_t words[3] = { 1, 2, 3 };
	(void)state;

	for (size_t i = 0; i < sizeof(reading); i++)
		for (int bit = 0; bit < 8; bit++) {
			reading[i] ^= (uint8_t)(1 << bit);
			assert_int_equal(i2c_read_words_crc(&i2c, words, 3), -EBADMSG);
			assert_true(words[0] == 1 && words[1] == 2 && words[2] == 3);
			reading[i] ^= (uint8_t)(1 << bit);
		}
	assert_int_equal(i2c_read_words_crc(&i2c, words, 3), 0);
	assert_int_equal(e.n_in, 9);
	assert_true(words[0] == 500 && words[1] == 0x6667 && words[2] == 0x5EB9);
	i2c_close(&i2c);
}

static void another_chip_is_told_from_none(void **state)
{
	struct echo e = { .error = 0 };
	struct i2c i2c = opened(&e);
	struct sensor_error err = { "" };
	(void)state;

	assert_int_equal(i2c_check_id(&i2c, 0xD0, 0x10, &err), 0);
	assert_string_equal(err.text, "");
	assert_int_equal(i2c_check_id(&i2c, 0xD0, 0x60, &err), -ENODEV);
	assert_string_equal(err.text, "another chip at 0x44: register 0xd0 says 0x10 instead of 0x60");
	e.error = -EREMOTEIO;
	assert_int_equal(i2c_check_id(&i2c, 0xD0, 0x60, &err), -EREMOTEIO);
	assert_string_equal(err.text, "nothing answers at 0x44 on test: check address, wiring and power");
	assert_int_equal(i2c_explain(&i2c, -ETIMEDOUT, &err), -ETIMEDOUT);
	assert_string_equal(err.text, "test is held by a device, or has no pull-up resistors");
	assert_int_equal(i2c_explain(&i2c, -EOPNOTSUPP, &err), -EOPNOTSUPP);
	assert_string_equal(err.text, "the adapter of test cannot do what 0x44 needs");
	assert_int_equal(i2c_explain(&i2c, -EBADMSG, &err), -EBADMSG);
	assert_string_equal(err.text, "wrong checksum from 0x44 on test");
	err.text[0] = '\0';
	assert_int_equal(i2c_explain(&i2c, -EIO, &err), -EIO);
	assert_string_equal(err.text, "");
	i2c_close(&i2c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(opening_and_closing_twice_is_once),
		cmocka_unit_test(registers_are_bytes_on_the_wire),
		cmocka_unit_test(a_transfer_that_fails_changes_nothing_and_is_counted),
		cmocka_unit_test(a_lost_arbitration_is_an_error),
		cmocka_unit_test(checksums_are_the_published_ones),
		cmocka_unit_test(words_with_checksums_are_taken_whole_or_not_at_all),
		cmocka_unit_test(another_chip_is_told_from_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
