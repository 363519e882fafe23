/* SPDX-License-Identifier: Apache-2.0 */
/* Windows by hand: edges, part numbers, full parts, cuts. What happens in general is held to a model in test_graph.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>

#include "pipelines/partial.h"
#include "pipelines/window.h"

enum { MAX_PARTS = 400, S = 1000000 };

/* A multiple of 3600 s. */
static const int64_t t0 = INT64_C(1763697600) * S;

struct part {
	int64_t w0_us, from_us, to_us;
	uint32_t part, flags, n[2], tw_ms[2], first_at_ms;
	bool is_late;
};

static struct rig {
	struct arena arena;
	struct metric_def defs[2];
	struct cell_spec specs[2];
	struct window *window;
	size_t n_parts;
	struct part parts[MAX_PARTS];
} rig;

static void on_closed(void *ctx, const struct window *w, const struct window_part *p)
{
	struct part *out = &rig.parts[rig.n_parts++];

	(void)ctx;
	assert_ptr_equal(w, rig.window);
	assert_true(rig.n_parts < MAX_PARTS);
	*out = (struct part){ p->w0_us, p->from_us, p->to_us, p->part, p->flags, { 0 }, { 0 }, 0, p->is_late };
	for (size_t i = 0; i < 2; i++) {
		out->n[i] = p->cells[i].n;
		out->tw_ms[i] = p->cells[i].tw_ms;
	}
	out->first_at_ms = (uint32_t)(p->cells[0].first_at_ms - p->w0_us / 1000);
}

static int set_up(void **state)
{
	struct window_options o = { .length_s = 10, .specs = rig.specs, .n_streams = 2, .closed = on_closed };

	rig = (struct rig){ 0 };
	o.emit_empty = *state != NULL;
	for (size_t i = 0; i < 2; i++) {
		rig.defs[i] = (struct metric_def){ .quantum = 1.0, .has_sketch = i == 0 };
		rig.specs[i] = (struct cell_spec){ &rig.defs[i], false, true, 2500, 0.0, 1.0 };
	}
	rig.defs[0].sketch = (struct sketch_mapping){ SKETCH_LIN, 1.0, 0.0, 1 };
	rig.window = window_new(&o, &rig.arena);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_free(&rig.arena);
	return 0;
}

static void push(size_t stream, int64_t at_us, double value)
{
	window_add(window_lane(rig.window, stream), &(struct sample){ .at_us = t0 + at_us, .value = value });
}

/* As graph_advance() does. */
static void advance(int64_t to_us)
{
	int64_t end_us;

	while ((end_us = window_next_end(rig.window, t0 + to_us)) != INT64_MAX)
		window_close(rig.window, end_us);
	window_advance(rig.window, t0 + to_us);
}

static void the_edge_belongs_to_the_window_it_begins(void **state)
{
	(void)state;
	push(0, 0, 1);
	push(0, 10 * S - 1, 1);
	push(0, 10 * S, 1);
	push(0, 20 * S - 1, 1);
	push(0, 20 * S, 1);
	advance(20 * S - 1);
	assert_int_equal(rig.n_parts, 1);
	advance(20 * S);
	assert_int_equal(rig.n_parts, 2);
	assert_true(rig.parts[0].n[0] == 2 && rig.parts[1].n[0] == 2 && rig.parts[1].w0_us == t0 + 10 * S);
	/* held from 9.999999 s, which is millisecond 9999, for 2.5 s */
	assert_true(rig.parts[0].tw_ms[0] == 2501 && rig.parts[1].tw_ms[0] == 2501);
}

static void what_is_held_speaks_in_the_next_windows(void **state)
{
	(void)state;
	push(0, 8 * S, 1);
	advance(40 * S);
	assert_int_equal(rig.n_parts, 2); /* and no third one: nothing is held there */
	assert_true(rig.parts[0].tw_ms[0] == 2000 && rig.parts[1].tw_ms[0] == 500 && rig.parts[1].n[0] == 0);
}

static void late_samples_open_a_further_part_that_speaks_for_no_time(void **state)
{
	(void)state;
	push(0, 1 * S, 1);
	push(0, 11 * S, 1);
	advance(10 * S);
	push(0, 9 * S, 7);
	push(1, 8 * S, 7); /* its first ever */
	push(0, 12 * S, 1);
	advance(20 * S);
	assert_int_equal(rig.n_parts, 3);
	assert_true(rig.parts[1].is_late && rig.parts[1].part == 1 && rig.parts[1].w0_us == t0);
	assert_true(rig.parts[1].n[0] == 1 && rig.parts[1].n[1] == 1 && rig.parts[1].tw_ms[1] == 0);
	assert_true(rig.parts[2].n[0] == 2 && rig.parts[2].part == 0);
	assert_int_equal(rig.parts[2].tw_ms[1], 500); /* of the value from 8 s, what is after the closed window */
}

static void a_full_part_goes_on_in_the_next(void **state)
{
	const uint32_t many = 2 * AGG_N_LIMIT + 10;

	(void)state;
	for (uint32_t i = 0; i < many; i++)
		push(0, (int64_t)i * 38, 1); /* within 10 s */
	push(1, 5 * S, 1);
	advance(10 * S);
	assert_int_equal(rig.n_parts, 3);
	for (uint32_t p = 0; p < 3; p++) {
		assert_true(rig.parts[p].part == p && rig.parts[p].n[0] < AGG_N_LIMIT && rig.parts[p].w0_us == t0);
		assert_true(p == 0 || rig.parts[p].from_us == rig.parts[p - 1].to_us);
	}
	assert_int_equal(rig.parts[0].n[0] + rig.parts[1].n[0] + rig.parts[2].n[0], many);
	assert_int_equal(rig.parts[0].tw_ms[0] + rig.parts[1].tw_ms[0] + rig.parts[2].tw_ms[0], 10000);
	assert_true(rig.parts[0].from_us == t0 && rig.parts[2].to_us == t0 + 10 * S);
}

static void a_full_part_of_late_samples_too(void **state)
{
	const uint32_t many = 2 * (AGG_N_LIMIT - 1);

	(void)state;
	push(0, 15 * S, 1);
	for (uint32_t i = 0; i < many; i++)
		push(0, 5 * S, 1);
	advance(20 * S);
	assert_int_equal(rig.n_parts, 3); /* and none without samples */
	assert_true(rig.parts[0].is_late && rig.parts[1].is_late && !rig.parts[2].is_late);
	assert_int_equal(rig.parts[0].n[0] + rig.parts[1].n[0], many);
	assert_int_equal(rig.parts[1].part, rig.parts[0].part + 1);
}

static void part_numbers_are_never_given_twice(void **state)
{
	(void)state;
	push(0, 0, 1);
	for (int round = 0; round < 3; round++) {
		advance((round * 1000 + 10) * S);
		push(0, 5 * S, 1); /* late: windows fall out of the log between */
		push(0, 6 * S, 1);
		for (int i = 1; i < 100; i++) {
			push(0, (round * 1000 + i * 10) * (int64_t)S, 1);
			advance((round * 1000 + i * 10) * (int64_t)S);
		}
	}
	for (size_t a = 0; a < rig.n_parts; a++)
		for (size_t b = 0; b < a; b++)
			assert_false(rig.parts[a].w0_us == rig.parts[b].w0_us &&
				     rig.parts[a].part == rig.parts[b].part);
}

static void a_start_and_a_cut_within_a_window_are_marked(void **state)
{
	(void)state;
	window_start(rig.window, t0 + 3 * S);
	push(0, 4 * S, 1);
	window_cut(rig.window, t0 + 5 * S, PARTIAL_STEP);
	window_start(rig.window, t0 + 2 * S);
	push(0, 3 * S, 1);
	advance(10 * S);
	push(1, 11 * S, 1);
	window_cut(rig.window, t0 + 12 * S, PARTIAL_CUT_END);
	assert_int_equal(rig.n_parts, 3);
	assert_int_equal(rig.parts[0].flags, PARTIAL_CUT_START | PARTIAL_STEP);
	assert_true(rig.parts[0].from_us == t0 + 3 * S && rig.parts[0].to_us == t0 + 5 * S);
	assert_int_equal(rig.parts[0].tw_ms[0], 1000);
	assert_int_equal(rig.parts[1].flags, PARTIAL_CUT_START);
	assert_true(rig.parts[1].part == 1 && rig.parts[1].from_us == t0 + 2 * S && rig.parts[1].tw_ms[0] == 2500);
	assert_int_equal(rig.parts[2].flags, PARTIAL_CUT_END);
	assert_int_equal(rig.parts[2].tw_ms[1], 1000);
}

static void a_running_device_is_never_silent(void **state)
{
	(void)state;
	window_start(rig.window, t0);
	advance(35 * S);
	window_cut(rig.window, t0 + 35 * S, PARTIAL_CUT_END);
	assert_int_equal(rig.n_parts, 4);
	assert_true(rig.parts[3].from_us == t0 + 30 * S && rig.parts[3].to_us == t0 + 35 * S);
}

static void samples_of_the_future_do_not_speak_for_the_time_before(void **state)
{
	(void)state;
	push(0, 1 * S, 1);
	push(1, 55 * S, 1);
	window_cut(rig.window, t0 + 2 * S, PARTIAL_CUT_END);
	assert_int_equal(rig.n_parts, 2);
	assert_int_equal(rig.parts[0].tw_ms[0], 1000);
	assert_true(rig.parts[1].n[1] == 1 && rig.parts[1].tw_ms[0] == 0 && rig.parts[1].tw_ms[1] == 0);
	assert_true(rig.parts[1].from_us == rig.parts[1].to_us);
}

static void too_many_open_windows_close_the_oldest_and_those_before(void **state)
{
	(void)state;
	push(0, 0, 1);
	for (int i = 9; i >= 2; i--) /* backwards, far ahead of the watermark */
		push(1, i * 100 * (int64_t)S, 1);
	assert_true(window_n_forced(rig.window) > 0);
	advance(1000 * S);
	for (size_t a = 0; a < rig.n_parts; a++) {
		assert_true(rig.parts[a].tw_ms[0] <= 10000 && rig.parts[a].tw_ms[1] <= 10000);
		for (size_t b = 0; b < a; b++)
			assert_false(rig.parts[a].w0_us == rig.parts[b].w0_us && !rig.parts[a].is_late);
	}
}

static char emit_empty;

#define WINDOW_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

static void a_sample_from_the_future_silences_nothing(void **state)
{
	(void)state;
	advance(-10 * S);
	for (int i = 0; i < 10; i++)
		push(0, i * (int64_t)S, i);
	push(0, INT64_C(7200) * S, 5); /* two hours ahead, once */
	for (int i = 10; i < 40; i++)
		push(0, i * (int64_t)S, i);
	advance(40 * S);

	assert_int_equal(rig.n_parts, 4);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(rig.parts[i].n[0], 10);
	assert_int_equal(rig.parts[0].tw_ms[0], 10000);
	/* The value of second 9 was held until 11.5; from 10 + 2.5 on values are held again. */
	assert_int_equal(rig.parts[1].tw_ms[0], 9000);
	assert_int_equal(rig.parts[2].tw_ms[0], 10000);
}

/* The clock of samples is 1234.567891 s behind the wall's, then 15 s less: windows are the wall's. */
static void windows_are_of_the_wall_clock(void **state)
{
	const int64_t shift_us = 1234567891, second_us = shift_us - 15 * S;

	(void)state;
	window_set_shift(rig.window, shift_us);
	for (int i = 0; i < 10; i++)
		push(0, i * (int64_t)S - shift_us, i);
	for (int i = 10; i < 20; i++)
		push(0, i * (int64_t)S - shift_us, i);
	advance(10 * S);
	assert_int_equal(rig.n_parts, 1);
	assert_int_equal(rig.parts[0].w0_us, t0);
	assert_int_equal(rig.parts[0].n[0], 10);
	assert_int_equal(rig.parts[0].tw_ms[0], 10000);
	assert_int_equal(rig.parts[0].first_at_ms, 0);

	window_cut(rig.window, t0 + 19 * S, PARTIAL_STEP);
	assert_int_equal(rig.n_parts, 2);
	assert_int_equal(rig.parts[1].flags, PARTIAL_STEP);
	window_set_shift(rig.window, second_us);
	window_set_flags(rig.window, PARTIAL_UNSYNCED);
	window_start(rig.window, t0 + 5 * S);
	push(0, 5 * S - second_us, 0);
	advance(10 * S);
	assert_int_equal(rig.n_parts, 3);
	assert_int_equal(rig.parts[2].w0_us, t0);
	assert_int_equal(rig.parts[2].part, 1);
	assert_int_equal(rig.parts[2].flags, PARTIAL_CUT_START | PARTIAL_UNSYNCED);
	assert_int_equal(rig.parts[2].first_at_ms, 5000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WINDOW_TEST(the_edge_belongs_to_the_window_it_begins),
		WINDOW_TEST(what_is_held_speaks_in_the_next_windows),
		WINDOW_TEST(late_samples_open_a_further_part_that_speaks_for_no_time),
		WINDOW_TEST(a_full_part_goes_on_in_the_next),
		WINDOW_TEST(a_full_part_of_late_samples_too),
		WINDOW_TEST(part_numbers_are_never_given_twice),
		WINDOW_TEST(a_start_and_a_cut_within_a_window_are_marked),
		cmocka_unit_test_prestate_setup_teardown(a_running_device_is_never_silent, set_up, tear_down,
							 &emit_empty),
		WINDOW_TEST(samples_of_the_future_do_not_speak_for_the_time_before),
		WINDOW_TEST(too_many_open_windows_close_the_oldest_and_those_before),
		WINDOW_TEST(a_sample_from_the_future_silences_nothing),
		WINDOW_TEST(windows_are_of_the_wall_clock),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
