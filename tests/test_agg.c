/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Known answers: at least one for every row of the table of atoms, none of them computed by this code. The laws are in
 * test_agg_laws.c; alone they would let a consistently wrong function live.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "pipelines/agg.h"
#include "pipelines/atom.h"

static const struct unit celsius = { .code = "Cel" }, lux = { .code = "lx" }, litre = { .code = "L" },
			 one = { .code = "1" };

static const struct metric_def temperature = {
	.name = "temp@1",
	.unit = &celsius,
	.reference = 20.0,
	.quantum = 0.01,
	.has_sketch = true,
	.sketch = { SKETCH_LIN, 0.01, 20.0, 10 },
};
static const struct metric_def brightness = {
	.name = "light@1",
	.unit = &lux,
	.quantum = 0.01,
	.has_sketch = true,
	.sketch = { SKETCH_EXP2, 0.01, 0.0, 0 },
};
static const struct metric_def pressure = { .name = "air@1", .reference = 1000.0, .quantum = 0.01 };
static const struct metric_def state = { .name = "door@1", .unit = &one, .kind = SERIES_STATE, .quantum = 1.0 };
static const struct metric_def counter = {
	.name = "water@1", .unit = &litre, .kind = SERIES_COUNTER, .quantum = 0.00225
};

/* 1013.25 1013.26 1013.25 1013.24 1013.27 hPa, a second each. */
#define FIVE_PRESSURES                                                                                           \
	{                                                                                                        \
		.n = 5, .s1 = 6627, .s2 = { 0, 8783431 }, .min = 1324, .max = 1327, .first = 1325, .last = 1327, \
		.tw = 6627000, .tw_ms = 5000, .covered_ms = 5000, .due_ms = 60000, .increase = 4, .resets = 2    \
	}

/* The counts of buckets 14, 15, 16 of 0.1 Cel from 20 Cel on: 60 samples from 21.4 to 21.7. */
#define SIXTY_TEMPERATURES                                                                                         \
	{                                                                                                          \
		.n = 60, .s1 = 9193, .s2 = { 0, 1409000 }, .min = 140, .max = 164, .has_sketch = true, .sketch = { \
			.pos = { .offset = 14, .n = 3, .counts = { 3, 20, 37 } }                                   \
		}                                                                                                  \
	}

#define COUNTED                                                                                    \
	{                                                                                          \
		.n = 300, .increase = 1234567, .resets = 1, .covered_ms = 300000, .due_ms = 600000 \
	}

struct known {
	const char *atom;
	const struct metric_def *def;
	double p, expected;
	struct agg agg;
};

/* Decimal arithmetic by hand or, where more than four digits come out, python3's decimal module with 60 digits. */
static const struct known knowns[] = {
	{ "n", &pressure, NAN, 5, FIVE_PRESSURES },
	{ "n", &pressure, NAN, 0, { .due_ms = 60000 } },
	{ "n", &counter, NAN, 300, COUNTED },
	{ "sum", &pressure, NAN, 5066.27, FIVE_PRESSURES },
	{ "mean", &pressure, NAN, 1013.254, FIVE_PRESSURES },
	{ "min", &pressure, NAN, 1013.24, FIVE_PRESSURES },
	{ "max", &pressure, NAN, 1013.27, FIVE_PRESSURES },
	{ "first", &pressure, NAN, 1013.25, FIVE_PRESSURES },
	{ "last", &pressure, NAN, 1013.27, FIVE_PRESSURES },
	/* 0.01 * sqrt((8783431 - 6627^2 / 5) / 4) = 0.01 * sqrt(1.3) */
	{ "stddev", &pressure, NAN, 0.011401754250991380, FIVE_PRESSURES },
	{ "integral", &pressure, NAN, 5066.27, FIVE_PRESSURES },
	{ "time_mean", &pressure, NAN, 1013.254, FIVE_PRESSURES },
	{ "coverage", &pressure, NAN, 5.0 / 60.0, FIVE_PRESSURES },
	{ "increase", &pressure, NAN, 0.04, FIVE_PRESSURES },

	/* One sample at -3.21 Cel: no deviation. */
	{ "mean", &temperature, NAN, -3.21, { .n = 1, .s1 = -2321, .s2 = { 0, 5387041 }, .min = -2321, .max = -2321 } },
	{ "max", &temperature, NAN, -3.21, { .n = 1, .s1 = -2321, .s2 = { 0, 5387041 }, .min = -2321, .max = -2321 } },
	{ "stddev", &temperature, NAN, NAN, { .n = 1, .s1 = -2321, .s2 = { 0, 5387041 } } },

	/* 2^38 samples, all at the limit of k but one, which is one quantum below: 0.01 / sqrt(2^38). */
	{ "stddev",
	  &temperature,
	  NAN,
	  1.9073486328125e-8,
	  { .n = 1ull << 38, .s1 = 2305842734335787007, .s2 = { 0xfffff, 0xc000003fff000003 } } },
	/* 2^39 samples, half at each limit. */
	{ "stddev", &temperature, NAN, 83886.07000007629, { .n = 1ull << 39, .s2 = { 0x1fffff, 0x8000008000000000 } } },
	{ "mean", &temperature, NAN, 20, { .n = 1ull << 39, .s2 = { 0x1fffff, 0x8000008000000000 } } },
	/* All equal: zero, exactly. */
	{ "stddev", &temperature, NAN, 0, { .n = 3, .s1 = 3 * 8388607, .s2 = { 0, 3 * 70368727400449 } } },
	/* 19.99 and 19.97 Cel: 0.01 * sqrt(2). */
	{ "stddev", &temperature, NAN, 0.014142135623730951, { .n = 2, .s1 = -4, .s2 = { 0, 10 } } },
	/* Sums that no samples can have. */
	{ "stddev", &temperature, NAN, NAN, { .n = 1, .s2 = { 0, 1 } } },
	{ "stddev", &temperature, NAN, NAN, { .n = 2, .s1 = 10, .s2 = { 0, 49 } } },
	{ "stddev", &temperature, NAN, NAN, { .n = 2, .s1 = INT64_MIN, .s2 = { 0, 1 } } },

	/* 1013.25 hPa for 10 s, 1013.27 hPa for 50 s. */
	{ "time_mean", &pressure, NAN, 1013.2666666666667, { .n = 2, .tw = 79600000, .tw_ms = 60000 } },
	{ "integral", &pressure, NAN, 60796, { .n = 2, .tw = 79600000, .tw_ms = 60000 } },
	/* Open for 15 s of 60; and open all the time without any news. */
	{ "time_mean", &state, NAN, 0.25, { .n = 2, .s1 = 1, .tw = 15000, .tw_ms = 60000 } },
	{ "time_mean", &state, NAN, 1, { .tw = 60000, .tw_ms = 60000 } },
	{ "integral", &state, NAN, 60, { .tw = 60000, .tw_ms = 60000 } },
	{ "last", &state, NAN, NAN, { .tw = 60000, .tw_ms = 60000 } },

	{ "increase", &counter, NAN, 2777.77575, COUNTED },
	{ "rate", &counter, NAN, 9.2592525, COUNTED },
	{ "rate", &counter, NAN, NAN, { .n = 1, .increase = 7 } },
	{ "coverage", &counter, NAN, 0.5, COUNTED },
	{ "coverage", &counter, NAN, 1, { .covered_ms = 60001, .due_ms = 60000 } },
	{ "coverage", &counter, NAN, NAN, { .covered_ms = 60000 } },

	/* Rank ceil(60 p): 3 is in bucket 14, 21.4 to 21.49, middle 21.445; 4 in bucket 15; 24 in bucket 16, cut to max. */
	{ "quantile", &temperature, 0.05, 21.445, SIXTY_TEMPERATURES },
	{ "quantile", &temperature, 0.051, 21.545, SIXTY_TEMPERATURES },
	{ "quantile", &temperature, 0.5, 21.64, SIXTY_TEMPERATURES },
	{ "quantile", &temperature, 0, 21.445, SIXTY_TEMPERATURES },
	{ "quantile", &temperature, 1, 21.64, SIXTY_TEMPERATURES },
	{ "quantile", &temperature, 1.01, NAN, SIXTY_TEMPERATURES },
	{ "quantile", &temperature, NAN, NAN, SIXTY_TEMPERATURES },
	{ "quantile", &temperature, 0.5, NAN, { .n = 3, .s1 = 30, .min = 10, .max = 10 } },
	/* 1.01 and 1.02 lx are in the bucket above 1, up to h = 2^(1/32): 2 h / (1 + h). */
	{ "quantile",
	  &brightness,
	  0.5,
	  1.0108300012533736,
	  { .n = 2, .min = 101, .max = 102, .has_sketch = true, .sketch = { .pos = { .n = 1, .counts = { 2 } } } } },
	/* 1.02 lx alone: the smallest sample bounds the bucket. */
	{ "quantile",
	  &brightness,
	  0.5,
	  1.02,
	  { .n = 1, .min = 102, .max = 102, .has_sketch = true, .sketch = { .pos = { .n = 1, .counts = { 1 } } } } },
};

static void check_value(const char *what, double got, double expected)
{
	if (isnan(expected) ? isnan(got) : fabs(got - expected) <= 4e-16 * fabs(expected))
		return;
	fail_msg("%s: got %.17g, expected %.17g", what, got, expected);
}

static void every_atom_gives_the_known_answers(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < sizeof(knowns) / sizeof(knowns[0]); i++) {
		const struct atom *atom = atom_find(knowns[i].atom);
		char what[64];

		assert_non_null(atom);
		snprintf(what, sizeof(what), "%s, row %zu", knowns[i].atom, i);
		check_value(what, atom->value(&knowns[i].agg, knowns[i].def, knowns[i].p), knowns[i].expected);
	}
}

static void no_atom_lacks_a_known_answer(void **unused)
{
	(void)unused;
	for (size_t i = 0; atom_at(i); i++) {
		size_t n = 0;

		for (size_t j = 0; j < sizeof(knowns) / sizeof(knowns[0]); j++)
			n += strcmp(knowns[j].atom, atom_at(i)->name) == 0 && !isnan(knowns[j].expected);
		if (n == 0)
			fail_msg("no known answer for %s", atom_at(i)->name);
	}
}

static void the_table_is_sorted_and_complete(void **unused)
{
	(void)unused;
	for (size_t i = 0; atom_at(i); i++) {
		assert_true(i == 0 || strcmp(atom_at(i - 1)->name, atom_at(i)->name) < 0);
		assert_true(strlen(atom_at(i)->help) > 0);
		assert_ptr_equal(atom_find(atom_at(i)->name), atom_at(i));
	}
	assert_null(atom_at(14)); /* contract section 3.7 lists 14 */
	assert_non_null(atom_at(13));
	assert_null(atom_find("average"));
}

static void without_data_nothing_has_a_value_but_n(void **unused)
{
	static const struct metric_def *const defs[] = { &temperature, &brightness, &state, &counter };
	const struct agg empty = { 0 };

	(void)unused;
	for (size_t d = 0; d < 4; d++)
		for (size_t i = 0; atom_at(i); i++)
			check_value(atom_at(i)->name, atom_at(i)->value(&empty, defs[d], 0.5),
				    strcmp(atom_at(i)->name, "n") == 0 ? 0.0 : NAN);
}

static void a_counter_has_exactly_the_atoms_that_say_so(void **unused)
{
	const struct agg full = { .n = 2,
				  .s1 = 1,
				  .s2 = { 0, 1 },
				  .max = 1,
				  .tw = 1,
				  .tw_ms = 1,
				  .covered_ms = 1,
				  .due_ms = 1,
				  .increase = 1,
				  .has_sketch = true,
				  .sketch = { .pos = { .n = 1, .counts = { 2 } } } };

	(void)unused;
	for (size_t i = 0; atom_at(i); i++)
		if (atom_at(i)->for_counters == isnan(atom_at(i)->value(&full, &counter, 0.5)))
			fail_msg("%s", atom_at(i)->name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_atom_gives_the_known_answers),
		cmocka_unit_test(no_atom_lacks_a_known_answer),
		cmocka_unit_test(the_table_is_sorted_and_complete),
		cmocka_unit_test(without_data_nothing_has_a_value_but_n),
		cmocka_unit_test(a_counter_has_exactly_the_atoms_that_say_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
