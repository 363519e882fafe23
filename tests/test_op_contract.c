/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rules of op.h for every row of the table of operators. An operator without a row in op_subjects.c fails here.
 *
 * A step pushes one value into all inputs with one time stamp and must give one result with that stamp, once enough values have
 * come, and before that none. What an operator does otherwise, by its nature, is said in its row there, and only that is forgiven.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <float.h>
#include <malloc.h>
#include <math.h>
#include <string.h>

#include "base/check.h"
#include "base/prng.h"
#include "base/unit.h"
#include "tests/op_rig.h"
#include "tests/op_subjects.h"

enum { STEPS = 400, WINDOW_MAX = 100, STEPS_TO_FADE = 20000 };

#define EACH_SUBJECT(s) (const struct op_subject *s = op_subjects; s < op_subjects + n_op_subjects; s++)

static void step(struct op_rig *rig, double at_s, double value)
{
	for (unsigned i = 0; i < rig->n_inputs; i++)
		rig_push(rig, i, at_s, value);
}

/** A fixed series that crosses every level often, in odd 128ths: never 0, and its sums are exact in any order. */
static double series(int i)
{
	uint64_t seed = (uint64_t)i;

	return floor(640.0 * sin(i * 0.37) + 256.0 * prng_unit(&seed) - 128.0) / 64.0 + 1.0 / 128.0;
}

static bool same(double a, double b)
{
	return a == b || (isnan(a) && isnan(b));
}

/* The series has an amplitude of 10. */
static bool is_near(double a, double b)
{
	return fabs(a - b) <= 1e-9 * (10.0 + fabs(b));
}

static void the_table_is_sorted_and_every_name_is_found(void **state)
{
	(void)state;
	for (size_t i = 0; op_at(i); i++) {
		assert_ptr_equal(op_find(op_at(i)->name), op_at(i));
		if (i > 0)
			assert_true(strcmp(op_at(i - 1)->name, op_at(i)->name) < 0);
	}
	assert_non_null(op_at(0));
	assert_null(op_find("medium"));
	assert_null(op_find(""));
	assert_null(op_at(SIZE_MAX));
}

static void every_operator_is_tested_here(void **state)
{
	(void)state;
	for (size_t i = 0; op_at(i); i++) {
		bool found = false;

		for
			EACH_SUBJECT(s)
		found = found || !strcmp(s->name, op_at(i)->name);
		if (!found)
			fail_msg("%s has no row in op_subjects.c", op_at(i)->name);
	}
}

static void assert_is_line(const char *text)
{
	assert_non_null(text);
	assert_true(strlen(text) >= 4);
	assert_null(strchr(text, '\n'));
	assert_true(text[strlen(text) - 1] != '.');
}

static void every_operator_explains_itself(void **state)
{
	(void)state;
	for (size_t i = 0; op_at(i); i++) {
		const struct op_class *class = op_at(i);

		assert_is_line(class->help);
		assert_is_line(class->formula);
		assert_is_line(class->memory);
		assert_in_range(class->family, OP_SHAPING, N_OP_FAMILIES - 1);
		assert_is_line(op_family_help(class->family));
		assert_non_null(class->push);
		assert_int_equal(class->advance != NULL, class->due_us != NULL);
		assert_true(class->min_inputs >= 1 && class->min_inputs <= class->max_inputs);
		assert_true(class->max_inputs <= OP_MAX_INPUTS);
		for (size_t k = 0; k < class->options.n; k++) {
			assert_is_line(class->options.rows[k].help);
			assert_true(class->options.rows[k].offset < class->state_size);
		}
	}
}

static void defaults_are_what_a_user_could_write(void **state)
{
	(void)state;
	for (size_t i = 0; op_at(i); i++) {
		const struct opt_table *options = &op_at(i)->options;
		int n_required = 0;

		for (size_t k = 0; k < options->n; k++)
			n_required += options->rows[k].required;
		assert_int_equal(rig_option_errors(op_at(i)->name, ""), n_required);
	}
}

/* Finite from the first one on; a state is 0 or 1; never older than the one before, never from the future. */
static void assert_is_result(const struct op_rig *rig, size_t i)
{
	double value = rig->out[i].value;

	assert_in_range(rig->out[i].at_us, i > 0 ? rig->out[i - 1].at_us : 0, (STEPS - 1) * 1000000);
	assert_true(isfinite(value));
	if (rig->output.kind == SERIES_STATE)
		assert_true(value == 0.0 || value == 1.0);
}

static void each_step_gives_one_result_with_its_time(void **state)
{
	(void)state;
	for
		EACH_SUBJECT(s)
		{
			struct op_rig *rig = op_subject_start(s);
			size_t n_silent = 0;

			for (size_t i = 0; i < STEPS; i++) {
				step(rig, (double)i, op_subject_value(s, series((int)i)));
				if (s->nature & SPARSE)
					continue;
				if (s->nature & WARMS_UP && rig->n_out == 0)
					n_silent++;
				assert_int_equal(rig->n_out, i + 1 - n_silent);
				if (rig->n_out > 0)
					assert_int_equal(rig->out[rig->n_out - 1].at_us, i * 1000000);
			}
			assert_true(rig->n_out > 0);
			assert_true(n_silent <= STEPS / 2);
			if (s->nature & WARMS_UP && !(s->nature & SPARSE))
				assert_true(n_silent > 0);
			for (size_t i = 0; i < rig->n_out; i++)
				assert_is_result(rig, i);
			assert_non_null(rig->output.unit);
			if (!(s->nature & SPARSE))
				assert_int_equal(rig->output.period_us, 1000000);
			rig_free(rig);
		}
}

static void no_result_is_infinite(const struct op_rig *rig)
{
	for (size_t i = 0; i < rig->n_out; i++)
		assert_false(isinf(rig->out[i].value));
}

/* Steps come every two seconds, gaps in between and before the first. */
static void gaps_come_out_as_gaps_and_change_nothing(void **state)
{
	static const double no_value[] = { NAN, INFINITY, -INFINITY };

	(void)state;
	for
		EACH_SUBJECT(s)
		{
			struct op_rig *without = op_subject_start(s), *with = op_subject_start(s);
			size_t n = 0;

			step(with, -1, NAN);
			for (int i = 0; i < STEPS; i++) {
				step(without, 2 * i, op_subject_value(s, series(i)));
				step(with, 2 * i, op_subject_value(s, series(i)));
				step(with, 2 * i + 1, no_value[i % 3]);
			}
			if (!(s->nature & (SPARSE | FILLS))) {
				assert_int_equal(with->n_out, without->n_out + STEPS + 1);
				for (size_t i = 0; i < with->n_out; i++)
					assert_true(with->out[i].at_us % 2000000 == 0 || isnan(with->out[i].value));
			}
			no_result_is_infinite(with);
			/* Without the gaps, the results are those of a series that had none. */
			for (size_t i = 0; !(s->nature & FILLS) && i < with->n_out; i++) {
				if (isnan(with->out[i].value))
					continue;
				while (n < without->n_out && isnan(without->out[n].value))
					n++;
				assert_true(n < without->n_out);
				assert_true(with->out[i].value == without->out[n++].value);
			}
			rig_free(without);
			rig_free(with);
		}
}

/** From here on it does what a new instance does, once nothing of before can be in a window. */
static void assert_recovers(struct op_rig *rig, const struct op_subject *s, double from_s)
{
	struct op_rig *fresh = op_subject_start(s);
	int steps = s->nature & FADES ? STEPS_TO_FADE + STEPS : STEPS;
	size_t n_same;

	rig->n_out = 0;
	for (int i = 0; i < steps; i++) {
		step(rig, from_s + i, op_subject_value(s, series(i)));
		step(fresh, from_s + i, op_subject_value(s, series(i)));
	}
	assert_true(rig->n_out > 0 && fresh->n_out > 0);
	if (!(s->nature & (SPARSE | WARMS_UP)))
		assert_in_range(rig->n_out, steps - 1, steps + 1);
	n_same = s->nature & REMEMBERS ? 0 : fresh->n_out * (STEPS - WINDOW_MAX) / (size_t)steps;
	for (size_t back = 1; back <= n_same && back <= rig->n_out; back++) {
		double found = rig->out[rig->n_out - back].value, expected = fresh->out[fresh->n_out - back].value;

		if (!same(found, expected) && !(s->nature & (FADES | ROUNDS) && is_near(found, expected)))
			fail_msg("%s %s: %.17g, expected %.17g", s->name, s->options, found, expected);
	}
	rig_free(fresh);
}

static void huge_and_tiny_values_leave_no_trace(void **state)
{
	static const double odd[] = {
		1e300, -1e300, DBL_MAX, DBL_MAX, DBL_MAX, -DBL_MAX, DBL_MIN, 4.9e-324, -0.0, 0.0
	};

	(void)state;
	for
		EACH_SUBJECT(s)
		{
			struct op_rig *rig = op_subject_start(s);

			for (int i = 0; i < 200; i++)
				step(rig, i, op_subject_value(s, odd[(i * 7 + i / 10) % (int)ARRAY_LEN(odd)]));
			if (!(s->nature & (SPARSE | WARMS_UP)))
				assert_int_equal(rig->n_out, 200);
			no_result_is_infinite(rig);
			assert_recovers(rig, s, 200);
			rig_free(rig);
		}
}

static void disorder_equal_stamps_and_clock_steps_leave_no_trace(void **state)
{
	static const double times[] = { 10, 10, 10, 9, 11, 5, 5, 12, -1000, -999.5, 1e9, 13, 0, 1e10, 14, 14 };

	(void)state;
	for
		EACH_SUBJECT(s)
		{
			struct op_rig *rig = op_subject_start(s);

			for (int i = 0; i < 200; i++)
				step(rig, times[(i + i / 16) % (int)ARRAY_LEN(times)], op_subject_value(s, series(i)));
			assert_true(rig->n_out > 0 || s->nature & (SPARSE | WARMS_UP));
			no_result_is_infinite(rig);
			assert_recovers(rig, s, 100);
			rig_free(rig);
		}
}

static void the_ends_of_time_leave_no_trace(void **state)
{
	static const int64_t times[] = { INT64_MIN, INT64_MAX, 0, INT64_MAX, INT64_MAX - 1, INT64_MIN + 1 };

	(void)state;
	for
		EACH_SUBJECT(s)
		{
			struct op_rig *rig = op_subject_start(s);

			for (size_t i = 0; i < 60; i++) {
				struct sample in = { .at_us = times[i % ARRAY_LEN(times)],
						     .value = op_subject_value(s, series((int)i)) };

				for (unsigned k = 0; k < rig->n_inputs; k++)
					rig->op.push(rig->op.state, k, &in, &rig->op.out);
			}
			no_result_is_infinite(rig);
			assert_recovers(rig, s, 100);
			rig_free(rig);
		}
}

static void two_instances_share_nothing(void **state)
{
	(void)state;
	for
		EACH_SUBJECT(s)
		{
			struct op_rig *alone = op_subject_start(s), *one = op_subject_start(s),
				      *other = op_subject_start(s);

			for (int i = 0; i < STEPS; i++)
				step(alone, i, op_subject_value(s, series(i)));
			for (int i = 0; i < STEPS; i++) {
				step(other, 5 * i, op_subject_value(s, -3.0 * series(i + 11)));
				step(one, i, op_subject_value(s, series(i)));
			}
			assert_int_equal(one->n_out, alone->n_out);
			for (size_t i = 0; i < one->n_out; i++)
				assert_true(same(one->out[i].value, alone->out[i].value));
			rig_free(alone);
			rig_free(one);
			rig_free(other);
		}
}

#ifndef __GLIBC__ /* musl does not tell */
#define mallinfo2() ((struct { size_t uordblks; }){ 0 })
#endif

static void nothing_is_allocated_once_samples_flow(void **state)
{
	(void)state;
	for
		EACH_SUBJECT(s)
		{
			struct op_rig *rig = op_subject_start(s);
			size_t arena_bytes = rig->arena.total_bytes, heap_bytes = mallinfo2().uordblks;

			for (int i = 0; i < 1000; i++)
				step(rig, i, i % 10 == 3 ? NAN : op_subject_value(s, series(i)));
			assert_int_equal(rig->arena.total_bytes, arena_bytes);
			assert_int_equal(mallinfo2().uordblks, heap_bytes);
			rig_free(rig);
		}
}

static void lost_samples_never_vanish(void **state)
{
	(void)state;
	for
		EACH_SUBJECT(s)
		{
			struct op_rig *rig = op_subject_start(s);
			uint64_t lost_in = 0, lost_out = 0, told = 0;
			size_t n_told = 0;

			for (int i = 0; i < STEPS; i++) {
				for (unsigned k = 0; k < rig->n_inputs; k++) {
					uint32_t lost = (uint32_t)(i * 7 + (int)k) % 5;

					rig_push_lost(rig, k, i, i % 6 == 2 ? NAN : op_subject_value(s, series(i)),
						      lost);
					lost_in += lost;
				}
				if (rig->n_out > n_told) {
					n_told = rig->n_out;
					told = lost_in;
				}
			}
			for (size_t i = 0; i < rig->n_out; i++)
				lost_out += rig->out[i].lost;
			assert_true(lost_in > 0);
			if (s->nature & SPARSE) /* the last step may be told of by the next result */
				assert_in_range(lost_out, told > 8 ? told - 8 : 0, lost_in);
			else
				assert_int_equal(lost_in, lost_out);
			rig_free(rig);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table_is_sorted_and_every_name_is_found),
		cmocka_unit_test(every_operator_is_tested_here),
		cmocka_unit_test(every_operator_explains_itself),
		cmocka_unit_test(defaults_are_what_a_user_could_write),
		cmocka_unit_test(each_step_gives_one_result_with_its_time),
		cmocka_unit_test(gaps_come_out_as_gaps_and_change_nothing),
		cmocka_unit_test(huge_and_tiny_values_leave_no_trace),
		cmocka_unit_test(disorder_equal_stamps_and_clock_steps_leave_no_trace),
		cmocka_unit_test(the_ends_of_time_leave_no_trace),
		cmocka_unit_test(two_instances_share_nothing),
		cmocka_unit_test(nothing_is_allocated_once_samples_flow),
		cmocka_unit_test(lost_samples_never_vanish),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
