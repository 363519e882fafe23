/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every rule has a message that breaks it and nothing else: a valid one, then the field again with another value, which by
 * the rules of protobuf replaces the first.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/check.h"
#include "tests/proto_message.h"

static struct proto_decoded out;

static void a_plain_message_is_accepted(void **state)
{
	static struct proto_message metric;

	(void)state;
	metric.n = 0;
	proto_put_metric(&metric);
	assert_string_equal(proto_refusal_of_metrics(&metric, 1, &out), "none");
	assert_int_equal(out.p.metrics[0].agg.s1, -1);
	assert_int_equal(out.p.metrics[0].agg.sketch.pos.offset, -1);
}

struct change {
	const char *why;
	unsigned field;
	uint64_t v;
};

static void each_rule_of_the_envelope_is_checked(void **state)
{
	static const struct change rows[] = {
		{ "none", 6, 3600 - 3300 },
		{ "wl is not a window length", 6, 0 },
		{ "wl is not a window length", 6, 7 },
		{ "wl is not a window length", 6, 86400 },
		{ "w0 is not a multiple of wl", 5, 1763700001 },
		{ "none", 5, 0 },
		{ "none", 5, 253402300740 },
		{ "w0 is after the year 9999", 5, 253402300800 },
		{ "w0 is after the year 9999", 5, UINT64_MAX - UINT64_MAX % 60 },
		{ "none", 11, 253402300800 },
		{ "wm is after the year 9999", 11, 253402300801 },
		{ "none", 1, 0 }, /* fields are only ever added: any minor version can be read */
		{ "none", 1, 4000000000 },
		{ "none", 9, 0xFFFFFFFF },
	};
	static struct proto_message m;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		m.n = 0;
		proto_put_envelope(&m);
		proto_put_uint(&m, rows[i].field, rows[i].v);
		assert_string_equal(proto_refusal(&m, &out), rows[i].why);
	}
}

static void site_and_device_are_names(void **state)
{
	static const char device[] = "the device has no valid name", site[] = "the site has no valid name";
	static const struct {
		const char *why;
		unsigned field;
		const char *name;
		size_t n;
	} rows[] = {
		{ "none", 2, "a", 1 },
		{ device, 2, "", 0 },
		{ device, 2, "../x", 4 },
		{ device, 2, "a/b", 3 },
		{ device, 2, "a b", 3 },
		{ device, 2, "a+", 2 },
		{ device, 2, "\xC3\xA9", 2 },
		{ device, 2, "-a", 2 },
		{ site, 12, "", 0 },
		{ site, 12, "#", 1 },
		{ site, 12, "_all", 4 },
		{ "a NUL in a name", 2, "dev\0x", 5 },
		{ "a NUL in a name", 12, "site\0", 5 },
	};
	static const char letters[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
	static struct proto_message m;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		m.n = 0;
		proto_put_envelope(&m);
		proto_put_bytes(&m, rows[i].field, rows[i].name, rows[i].n);
		assert_string_equal(proto_refusal(&m, &out), rows[i].why);
	}
	for (size_t n = 64; n <= 65; n++) {
		m.n = 0;
		proto_put_envelope(&m);
		proto_put_bytes(&m, 12, letters, n);
		assert_int_equal(strcmp(proto_refusal(&m, &out), "none") == 0, n == 64);
	}
}

/* k of the plain metric goes from -4 to 3. Signed fields are written as zigzag: 2k, or -2k - 1 below 0. */
static void each_rule_of_a_metric_is_checked(void **state)
{
	static const char s1[] = "s1 is not a sum of n values from min to max";
	static const char s2[] = "s2 is not a sum of n squares from min to max";
	static const char between[] = "first or last is not between min and max";
	static const char tw[] = "tw is outside the range of k", time[] = "more time than the window has";
	static const struct change rows[] = {
		{ "n is not below 2^17", 2, 1 << 17 },
		{ "the counts of a sketch are not n", 2, (1 << 17) - 1 },
		{ "the counts of a sketch are not n", 2, 3 },
		{ "sums of no values", 2, 0 },
		{ "none", 3, 13 }, /* -7: 49 is not above n * s2 = 50 */
		{ "s2 is too small for s1", 3, 15 },
		{ s1, 3, 17 }, /* -8 is the least that twice -4 to 3 can give, 6 the most */
		{ "none", 3, 12 },
		{ s1, 3, 14 },
		{ s1, 3, UINT64_MAX },
		{ "none", 4, 32 }, /* twice -4 */
		{ s2, 4, 33 },
		{ s2, 4, UINT64_MAX },
		{ "none", 4, 1 },
		{ "s2 is too small for s1", 4, 0 },
		{ "a value is outside the range of k", 5, (1 << 24) - 1 }, /* -2^23 */
		{ between, 5, 6 },
		{ "a value is outside the range of k", 6, 1 << 24 },
		{ "none", 6, (1 << 24) - 2 },
		{ "a value is outside the range of k", 6, UINT64_MAX - 1 },
		{ "min is above max", 6, 9 },
		{ between, 7, 8 },
		{ between, 7, 9 },
		{ between, 8, 8 },
		{ between, 8, 9 },
		{ "t_first is after t_last", 9, 201 },
		{ "none", 9, 200 },
		{ "a time is outside the window", 9, 60000 },
		{ "none", 10, 59999 },
		{ "a time is outside the window", 10, 60000 },
		{ "a time is outside the window", 10, UINT32_MAX },
		{ "none", 15, UINT64_C(2) * 30000 * 8388607 },
		{ tw, 15, UINT64_C(2) * 30000 * 8388607 + 2 },
		{ "none", 15, UINT64_C(2) * 30000 * 8388607 - 1 },
		{ tw, 15, UINT64_C(2) * 30000 * 8388607 + 1 },
		{ tw, 15, UINT64_MAX },
		{ tw, 16, 0 },
		{ "none", 16, 60000 },
		{ time, 16, 60001 },
		{ "none", 22, 60000 },
		{ time, 22, 60001 },
		{ "none", 11, UINT32_MAX },
		{ "none", 19, UINT64_MAX },
		{ "none", 13, UINT32_MAX },
	};
	static struct proto_message m;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		m.n = 0;
		proto_put_metric(&m);
		proto_put_uint(&m, rows[i].field, rows[i].v);
		assert_string_equal(proto_refusal_of_metrics(&m, 1, &out), rows[i].why);
	}
}

static void each_rule_of_a_sketch_is_checked(void **state)
{
	static const char counts[] = "the counts of a sketch are not n",
			  shift[] = "the shift of a sketch is not 0 to 31";
	static const char bucket[] = "a bucket of a sketch is out of range";
	static const struct change rows[] = {
		{ "none", 1, 62 },
		{ shift, 1, 64 },
		{ shift, 1, 1 },
		{ counts, 2, 1 },
		{ counts, 2, UINT64_MAX },
		{ counts, 2, UINT64_MAX - 1 },
		{ counts, 3, 1 },
		{ counts, 3, UINT64_MAX },
		{ counts, 3, UINT64_MAX - 1 },
		{ counts, 6, 1 },
		{ counts, 6, UINT64_MAX },
		{ counts, 6, UINT64_MAX - 1 },
		{ "none", 4, (1 << 24) - 1 }, /* -2^23 */
		{ bucket, 4, (1 << 24) + 1 },
		{ "none", 4, 2 * ((1 << 23) - 2) },
		{ bucket, 4, 2 * ((1 << 23) - 1) },
		{ bucket, 4, UINT32_MAX - 1 }, /* 2^31 - 1 */
		{ bucket, 4, UINT32_MAX },     /* -2^31 */
		{ counts, 5, 1 },	       /* one more element */
		{ bucket, 5, 3 },
		{ bucket, 5, UINT32_MAX },
		{ "none", 5, 0 },
		{ counts, 8, 1 },
		{ bucket, 8, UINT32_MAX },
		{ "none", 8, 0 },
		{ "none", 7, UINT32_MAX }, /* the index of nothing */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		static struct proto_message m, sketch;

		m.n = sketch.n = 0;
		proto_put_uint(&sketch, rows[i].field, rows[i].v);
		proto_put_metric(&m);
		proto_put_bytes(&m, 14, sketch.data, sketch.n); /* protobuf merges it into the first */
		assert_string_equal(proto_refusal_of_metrics(&m, 1, &out), rows[i].why);
	}
}

/* 2^64 - 1 and 1 add up to nothing in 64 bits. */
static void counts_that_wrap_around_are_refused(void **state)
{
	static const unsigned fields[] = { 2, 3, 6 };

	(void)state;
	for (size_t i = 0; i < 9; i++) {
		static struct proto_message m, sketch;

		if (i / 3 == i % 3)
			continue;
		m.n = sketch.n = 0;
		proto_put_uint(&sketch, fields[i / 3], UINT64_MAX);
		proto_put_uint(&sketch, fields[i % 3], 1);
		proto_put_metric(&m);
		proto_put_bytes(&m, 14, sketch.data, sketch.n);
		assert_string_equal(proto_refusal_of_metrics(&m, 1, &out), "the counts of a sketch are not n");
	}
}

static void nothing_that_was_not_measured_has_a_value(void **state)
{
	static struct proto_message m;
	static const uint8_t empty[] = { 1 << 3, 4, 4 << 3, 6 };

	(void)state;
	m.n = 0;
	proto_put_uint(&m, 5, 77); /* min, max, first, last and their times mean nothing when n is 0 */
	proto_put_uint(&m, 6, 7);
	proto_put_uint(&m, 9, UINT32_MAX);
	proto_put_bytes(&m, 14, empty, sizeof(empty));
	assert_string_equal(proto_refusal_of_metrics(&m, 1, &out), "none");
	assert_memory_equal(&out.metrics[0].agg, &(struct agg){ 0 }, sizeof(struct agg));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_plain_message_is_accepted),
		cmocka_unit_test(each_rule_of_the_envelope_is_checked),
		cmocka_unit_test(site_and_device_are_names),
		cmocka_unit_test(each_rule_of_a_metric_is_checked),
		cmocka_unit_test(each_rule_of_a_sketch_is_checked),
		cmocka_unit_test(counts_that_wrap_around_are_refused),
		cmocka_unit_test(nothing_that_was_not_measured_has_a_value),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
