/* SPDX-License-Identifier: Apache-2.0 */
/* Types as the kernel's Documentation/ABI/testing/sysfs-bus-iio and its drivers have them; values by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>

#include "base/check.h"
#include "drivers/iio_scan.h"

static struct iio_element element(const char *type, unsigned index)
{
	struct iio_element e = { .index = index };

	assert_int_equal(iio_scan_parse(type, &e), 0);
	return e;
}

static double value(const char *type, const uint8_t row[])
{
	struct iio_element e = element(type, 0);

	assert_true(iio_scan_lay_out(&e, 1) > 0);
	return iio_scan_value(&e, row);
}

static void a_type_is_understood(void **state)
{
	struct iio_element e = element("be:s12/16>>4\n", 0);
	(void)state;

	assert_true(e.is_big_endian);
	assert_true(e.is_signed);
	assert_int_equal(e.bits, 12);
	assert_int_equal(e.bytes, 2);
	assert_int_equal(e.shift, 4);
	e = element("le:u24/32>>8", 0);
	assert_false(e.is_big_endian);
	assert_false(e.is_signed);
	assert_int_equal(e.bits, 24);
	assert_int_equal(e.bytes, 4);
	e = element("le:s64/64>>0", 0);
	assert_int_equal(e.bits, 64);
	assert_int_equal(element("le:u8/8", 0).shift, 0);
}

static void no_type_is_refused(void **state)
{
	static const char *const wrong[] = { "",
					     "s12/16>>4",
					     "xe:s12/16>>4",
					     "le:x12/16>>4",
					     "le:s12",
					     "le:s12/",
					     "le:s/16>>4",
					     "le:s12/24>>4", /* no size of a C type */
					     "le:s12/16>>5", /* 17 bits of 16 */
					     "le:s17/16>>0",
					     "le:s0/16>>0",
					     "le:s012/16>>4",
					     "le:s12/16>>",
					     "le:s12/16X3>>4", /* a vector: quaternions, timestamps of several */
					     "le:s12/16>>4 more",
					     "le:s-2/16>>4" };
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		struct iio_element e = { .bits = 77 };

		if (iio_scan_parse(wrong[i], &e) != -EINVAL)
			fail_msg("'%s' is no type", wrong[i]);
		assert_int_equal(e.bits, 77);
	}
}

static void numbers_are_cut_out_shifted_and_signed(void **state)
{
	/* LIS3DH: 12 bits at the top of 16. 0x15E0 >> 4 is 350; 0xEA20 >> 4 is 0xEA2, 3746 - 4096. */
	static const uint8_t accel[] = { 0xE0, 0x15 }, less[] = { 0x20, 0xEA }, big[] = { 0xEA, 0x20 };
	static const uint8_t all[] = { 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF };
	(void)state;

	assert_true(value("le:s12/16>>4", accel) == 350.0);
	assert_true(value("le:s12/16>>4", less) == -350.0);
	assert_true(value("be:s12/16>>4", big) == -350.0);
	assert_true(value("le:u12/16>>4", less) == 3746.0);
	assert_true(value("le:u12/16>>0", less) == 2592.0); /* 0xA20: what stands above does not belong to it */
	assert_true(value("le:s8/8>>0", all) == -1.0);
	assert_true(value("le:u32/32>>0", all) == 4294967295.0);
	assert_true(value("be:s64/64>>0", all) == -1.0);
	assert_true(value("le:u64/64>>0", all) == 18446744073709551615.0);
	assert_true(value("le:s1/8>>7", all) == -1.0);
}

static void times_are_exact(void **state)
{
	static const uint8_t row[] = { 0x15, 0xCD, 0x5B, 0x07, 0x2F, 0xD0, 0x7A, 0x18 }; /* little endian */
	struct iio_element e = element("le:s64/64>>0", 0);
	(void)state;

	assert_true(iio_scan_lay_out(&e, 1) == 8);
	assert_true(iio_scan_integer(&e, row) == INT64_C(0x187AD02F075BCD15));
}

/* The example of Documentation/driver-api/iio/buffers.rst has 16-bit axes and a time: 6 bytes, 2 of padding, 8. */
static void elements_stand_at_multiples_of_their_size_by_index(void **state)
{
	struct iio_element e[4] = { element("le:s16/16>>0", 2), element("le:s16/16>>0", 0), element("le:s16/16>>0", 1),
				    element("le:s64/64>>0", 3) };
	(void)state;

	assert_int_equal(iio_scan_lay_out(e, 4), 16);
	assert_int_equal(e[1].offset, 0);
	assert_int_equal(e[2].offset, 2);
	assert_int_equal(e[0].offset, 4);
	assert_int_equal(e[3].offset, 8);
}

static void a_row_ends_at_a_multiple_of_its_largest(void **state)
{
	struct iio_element e[3] = { element("le:u8/8>>0", 0), element("le:s24/32>>8", 5), element("be:u8/8>>0", 7) };
	(void)state;

	assert_int_equal(iio_scan_lay_out(e, 3), 12);
	assert_int_equal(e[1].offset, 4);
	assert_int_equal(e[2].offset, 8);
	assert_int_equal(iio_scan_lay_out(e, 1), 1);
}

static void two_elements_at_one_place_are_no_row(void **state)
{
	struct iio_element e[2] = { element("le:u8/8>>0", 1), element("le:u8/8>>0", 1) };
	(void)state;

	assert_int_equal(iio_scan_lay_out(e, 2), 0);
	assert_int_equal(iio_scan_lay_out(e, 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_type_is_understood),
		cmocka_unit_test(no_type_is_refused),
		cmocka_unit_test(numbers_are_cut_out_shifted_and_signed),
		cmocka_unit_test(times_are_exact),
		cmocka_unit_test(elements_stand_at_multiples_of_their_size_by_index),
		cmocka_unit_test(a_row_ends_at_a_multiple_of_its_largest),
		cmocka_unit_test(two_elements_at_one_place_are_no_row),
	};

	return cmocka_run_group_tests_name("iio_scan", tests, NULL, NULL);
}
