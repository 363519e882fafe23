/* SPDX-License-Identifier: Apache-2.0 */
/* One part of one stream: rounding, range, sums, ties, counters and the time integral, against wider and slower arithmetic. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/prng.h"
#include "base/u128.h"
#include "pipelines/cell.h"

enum { HOLD_MS = 1000 };

struct rig {
	struct metric_def def;
	struct cell_spec spec;
	struct cell_track track;
	struct cell cell;
	int64_t at_ms;
	uint64_t n_short; /* samples that went the short way */
};

static struct rig rig;

static void set_up(double reference, double quantum, enum series_kind kind, bool wants_increase)
{
	rig = (struct rig){ .def = { .kind = kind, .reference = reference, .quantum = quantum } };
	rig.spec = (struct cell_spec){
		.def = &rig.def,
		.wants_increase = wants_increase,
		.is_plain = kind != SERIES_COUNTER && !wants_increase,
		.hold_ms = HOLD_MS,
		.reference = reference,
		.per_quantum = 1.0 / quantum,
	};
	rig.track = (struct cell_track){ .newest_us = INT64_MIN };
	cell_reset(&rig.cell);
}

/* As a window does. */
static void add_at(double value, int64_t at_ms)
{
	struct sample s = { .at_us = at_ms * 1000, .value = value };

	rig.at_ms = at_ms;
	if (cell_add_next(&rig.cell, &rig.spec, &rig.track, &s, at_ms)) {
		rig.n_short++;
		return;
	}
	cell_hold(&rig.cell, &rig.track, at_ms);
	cell_add(&rig.cell, &rig.spec, &rig.track, &s, at_ms, true);
}

static void add(double value)
{
	add_at(value, rig.at_ms + 1);
}

static int32_t clipped(double v)
{
	if (v >= AGG_K_LIMIT - 1)
		return AGG_K_LIMIT - 1;
	return v <= 1 - AGG_K_LIMIT ? 1 - AGG_K_LIMIT : (int32_t)llround(v);
}

static const struct {
	double reference, quantum;
} scales[] = { { 20.0, 0.01 },	 { 0.0, 0.001 }, { 50.0, 0.01 }, { 1000.0, 0.01 }, { 0.0, 0.0001 },
	       { 0.0, 0.02 },	 { 0.0, 1.0 },	 { 0.0, 20.0 },	 { -273.15, 0.1 }, { 1e-3, 1.0 / 3.0 },
	       { 0.0, 0.00225 }, { 1e6, 1e-12 }, { 0.0, 1e12 },	 { 7.7, 3e-5 } };

/* Both ways: into an empty part, and after a first sample. */
static void check_rounding(double x, double reference, double quantum)
{
	int32_t expected = clipped((x - reference) / quantum);

	rig.cell.n = 0;
	add(x);
	assert_int_equal(rig.cell.last, expected);
	add(x);
	if (rig.cell.last != expected || rig.track.held_k != expected)
		fail_msg("%.17g about %.17g in %.17g: %d, expected %d", x, reference, quantum, rig.cell.last, expected);
}

static void values_around_each_half_are_rounded_as_llround_does(void **state)
{
	uint64_t seed = 1;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(scales); i++) {
		double reference = scales[i].reference, quantum = scales[i].quantum;

		set_up(reference, quantum, SERIES_GAUGE, false);
		for (int round = 0; round < 20000; round++) {
			int32_t k = (int32_t)(prng_u64(&seed) % (1u << (1 + round % 24))) - (1 << (round % 24));
			double x = reference + (k + 0.5) * quantum;

			for (int d = 0; d < 8; d++) /* to where the quotient is exactly a half or next to it */
				x = nextafter(x, -INFINITY);
			for (int d = -8; d <= 8; d++, x = nextafter(x, INFINITY))
				check_rounding(x, reference, quantum);
			check_rounding(reference + quantum * k, reference, quantum);
		}
		if (i < 4)
			assert_true(rig.n_short > 1000); /* both ways have been taken */
	}
}

static void ordinary_values_go_the_short_way(void **state)
{
	uint64_t seed = 2;

	(void)state;
	set_up(20.0, 0.01, SERIES_GAUGE, false);
	for (int i = 0; i < 10000; i++) {
		double x = 15.0 + 10.0 * prng_unit(&seed);

		add(x);
		assert_int_equal(rig.cell.last, clipped((x - 20.0) / 0.01));
	}
	assert_true(rig.n_short >= 9990);
}

static void what_is_out_of_range_is_clipped_counted_and_flagged(void **state)
{
	static const struct {
		double k;
		int32_t expected;
		bool is_clipped;
	} cases[] = {
		{ 8388607.0, 8388607, false },
		{ 8388607.4, 8388607, false },
		{ 8388607.5, 8388607, true },
		{ 8388608.0, 8388607, true },
		{ -8388607.0, -8388607, false },
		{ -8388607.49, -8388607, false },
		{ -8388607.5, -8388607, true },
		{ 1e300, 8388607, true },
		{ -1e300, -8388607, true },
		{ 0x1p62, 8388607, true },
		{ -0x1p63, -8388607, true },
		{ 1.7e308, 8388607, true },
		{ 5e-324, 0, false },
		{ -0.0, 0, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		set_up(0.0, 1.0, SERIES_GAUGE, false);
		add(0.0);
		add(cases[i].k);
		assert_int_equal(rig.cell.last, cases[i].expected);
		assert_int_equal(rig.cell.n, 2);
		assert_int_equal(rig.cell.bad, cases[i].is_clipped);
		assert_int_equal(rig.cell.flags, cases[i].is_clipped ? METRIC_CLIPPED : 0);
	}
	set_up(-1e308, 1e-300, SERIES_GAUGE, false); /* the difference overflows */
	add(1.7e308);
	assert_int_equal(rig.cell.last, AGG_K_LIMIT - 1);
}

static void gaps_count_as_bad_and_end_what_is_held(void **state)
{
	static const double gaps[] = { NAN, INFINITY, -INFINITY };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(gaps); i++) {
		set_up(0.0, 1.0, SERIES_GAUGE, false);
		add_at(5.0, 1000);
		add_at(gaps[i], 1100);
		cell_hold(&rig.cell, &rig.track, 1900);
		assert_int_equal(rig.cell.n, 1);
		assert_int_equal(rig.cell.bad, 1);
		assert_int_equal(rig.cell.flags, METRIC_FAULT);
		assert_int_equal(rig.cell.tw_ms, 100);
		assert_int_equal(rig.cell.tw, 500);
		assert_int_equal(rig.cell.last_at_ms, 1000);
	}
}

static void sums_are_those_of_wider_integers(void **state)
{
	uint64_t seed = 3;
	struct u128 s2 = { 0, 0 };
	int64_t s1 = 0;

	(void)state;
	set_up(0.0, 1.0, SERIES_GAUGE, false);
	for (int i = 0; i < AGG_N_LIMIT - 1; i++) { /* a full part of the largest values */
		int32_t k = (int32_t)(prng_u64(&seed) % 1000) - AGG_K_LIMIT + 1;

		add(k);
		s1 += k;
		s2 = u128_add(s2, u128_mul64((uint64_t)llabs(k), (uint64_t)llabs(k)));
	}
	assert_int_equal(rig.cell.n, AGG_N_LIMIT - 1);
	assert_true(s1 == rig.cell.s1 && s2.hi == 0 && s2.lo == rig.cell.s2 && rig.cell.s2 < (uint64_t)1 << 63);
	add(1.0); /* no room on the short way; the window opens another part before this happens */
	assert_true(rig.n_short > AGG_N_LIMIT - 1000 && rig.n_short < AGG_N_LIMIT - 1);
}

static void at_one_time_first_is_the_smallest_and_last_the_largest(void **state)
{
	static const double order[][3] = { { 1, 2, 3 }, { 3, 2, 1 }, { 2, 3, 1 }, { 2, 1, 3 } };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(order); i++) {
		set_up(0.0, 1.0, SERIES_GAUGE, false);
		for (int j = 0; j < 3; j++)
			add_at(order[i][j], 1000);
		assert_int_equal(rig.cell.first, 1);
		assert_int_equal(rig.cell.last, 3);
		assert_int_equal(rig.track.held_k, (int)order[i][2]); /* held is what came last */
	}
}

static void a_counter_adds_what_it_grew_and_what_it_showed_after_a_reset(void **state)
{
	static const double shown[] = { 100, 100, 130, NAN, 131, 7, 0, 2 };

	(void)state;
	set_up(0.0, 1.0, SERIES_COUNTER, true);
	for (size_t i = 0; i < ARRAY_LEN(shown); i++)
		add(shown[i]);
	assert_int_equal(rig.cell.increase, 30 + 1 + 7 + 0 + 2);
	assert_int_equal(rig.cell.resets, 2);
	assert_int_equal(rig.cell.n, 7);
	assert_int_equal(rig.cell.bad, 1);
	assert_true(rig.cell.s1 == 0 && rig.cell.s2 == 0 && rig.cell.tw == 0 && rig.cell.first_at_ms == 0);
}

/* 10.00 Cel about 20 is k = -1000; a fall to 5.00 Cel restarts from 0 Cel, which is k = -2000. */
static void a_reset_is_to_zero_of_the_unit_not_of_k(void **state)
{
	(void)state;
	set_up(20.0, 0.01, SERIES_GAUGE, true);
	add(9.0);
	add(10.0);
	add(5.0);
	assert_int_equal(rig.cell.increase, 100 + 500);
	add(-3.0);
	assert_int_equal(rig.cell.increase, 600);
	assert_int_equal(rig.cell.resets, 2);
	assert_int_equal(rig.n_short, 0);
}

static void absurd_counters_stay_defined(void **state)
{
	(void)state;
	set_up(1e15, 1e-12, SERIES_COUNTER, true);
	add(1e300);
	add(-1e300);
	add(1e300);
	assert_int_equal(rig.cell.resets, 1);
	assert_int_equal(rig.cell.increase, (uint64_t)1 << 62); /* from -2^61 to 2^61 */
}

static void the_integral_is_the_sum_over_milliseconds(void **state)
{
	enum { SPAN_MS = 20000 };
	static int32_t held[SPAN_MS + HOLD_MS + 1];
	uint64_t seed = 4;

	(void)state;
	for (int round = 0; round < 200; round++) {
		int64_t t = 1, tw = 0, tw_ms = 0;

		memset(held, 0x7f, sizeof(held));
		set_up(0.0, 1.0, SERIES_GAUGE, false);
		rig.track.done_ms = rig.track.until_ms = 0;
		while (t < SPAN_MS) {
			int32_t k = (int32_t)(prng_u64(&seed) % 200) - 100;
			bool is_gap = prng_u64(&seed) % 10 == 0;

			add_at(is_gap ? NAN : k, t);
			for (int64_t ms = t; ms <= t + HOLD_MS && ms < SPAN_MS + HOLD_MS; ms++)
				held[ms] = is_gap || ms == t + HOLD_MS ? 0x7f7f7f7f : k;
			t += (int64_t)(prng_u64(&seed) % (prng_u64(&seed) % 8 ? 300 : 2500)); /* also the same time */
		}
		cell_hold(&rig.cell, &rig.track, SPAN_MS);
		for (int ms = 0; ms < SPAN_MS; ms++) {
			tw += held[ms] == 0x7f7f7f7f ? 0 : held[ms];
			tw_ms += held[ms] != 0x7f7f7f7f;
		}
		assert_int_equal(rig.cell.tw, tw);
		assert_int_equal(rig.cell.tw_ms, tw_ms);
	}
}

static void older_samples_count_but_do_not_move_time(void **state)
{
	struct sample old = { .at_us = 500000, .value = 9.0, .lost = 4 };

	(void)state;
	set_up(0.0, 1.0, SERIES_GAUGE, true);
	add_at(5.0, 1000);
	cell_add(&rig.cell, &rig.spec, &rig.track, &old, 500, false);
	cell_hold(&rig.cell, &rig.track, 1500);
	assert_int_equal(rig.cell.tw, 2500);
	assert_int_equal(rig.cell.first, 9);
	assert_int_equal(rig.cell.last, 5);
	assert_int_equal(rig.cell.lost, 4);
	assert_int_equal(rig.cell.increase, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_around_each_half_are_rounded_as_llround_does),
		cmocka_unit_test(ordinary_values_go_the_short_way),
		cmocka_unit_test(what_is_out_of_range_is_clipped_counted_and_flagged),
		cmocka_unit_test(gaps_count_as_bad_and_end_what_is_held),
		cmocka_unit_test(sums_are_those_of_wider_integers),
		cmocka_unit_test(at_one_time_first_is_the_smallest_and_last_the_largest),
		cmocka_unit_test(a_counter_adds_what_it_grew_and_what_it_showed_after_a_reset),
		cmocka_unit_test(a_reset_is_to_zero_of_the_unit_not_of_k),
		cmocka_unit_test(absurd_counters_stay_defined),
		cmocka_unit_test(the_integral_is_the_sum_over_milliseconds),
		cmocka_unit_test(older_samples_count_but_do_not_move_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
