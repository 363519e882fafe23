/* SPDX-License-Identifier: Apache-2.0 */
/* Graphs against the model of tests/graph_model.h: random lives of a device, from a seed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>

#include "base/check.h"
#include "base/prng.h"
#include "tests/graph_model.h"

static struct model model;

struct life {
	uint64_t seed;
	struct model_stream streams[MODEL_STREAMS];
	size_t n;
	int64_t now_us, advanced_us;
};

static uint64_t below(struct life *l, uint64_t n)
{
	return prng_u64(&l->seed) % n;
}

static void choose_streams(struct life *l, uint32_t longest_s)
{
	static const uint32_t windows[] = { 1, 5, 10, 30 };
	static const int64_t periods_us[] = { 0, 100000, 250000, 333333, 1000000, 7000000 };
	static const int64_t holds_us[] = { 300000, 750000, 3000000, 21000000, 86400000000, 1999 };

	l->n = 2 + below(l, MODEL_STREAMS - 1);
	for (size_t i = 0; i < l->n; i++) {
		struct model_stream *s = &l->streams[i];

		*s = (struct model_stream){
			.kind = (enum series_kind)(below(l, 5) % 3),
			.window_s = windows[below(l, 4)],
			.period_us = periods_us[below(l, 6)],
			.hold_us = holds_us[below(l, 6)],
			.unit = below(l, 2) ? "Cel" : "V",
		};
		s->has_sketch = s->kind == SERIES_GAUGE && below(l, 2);
		if (s->window_s > longest_s)
			s->window_s = longest_s;
		if (s->kind == SERIES_COUNTER)
			s->unit = "{count}";
	}
}

static double any_value(struct life *l, enum series_kind kind)
{
	static const double odd[] = { NAN, INFINITY, -INFINITY, 1e300, -1e300, 1e6, -0.0 };
	static const double fine[] = { 20.004, 20.005, 20.015, 19.995, 0.00005, 0.00015 };

	if (below(l, 12) == 0)
		return odd[below(l, kind == SERIES_GAUGE ? 7 : 3)];
	if (kind == SERIES_COUNTER)
		return (double)((l->now_us / 100000) % 500);
	if (kind == SERIES_STATE)
		return (double)below(l, 2);
	return below(l, 9) ? 15.0 + 10.0 * prng_unit(&l->seed) : fine[below(l, 6)];
}

/* Now, a little off, on an edge, or well off. */
static int64_t any_time(struct life *l, int64_t late_s, int64_t early_s)
{
	int64_t at_us = l->now_us, begin_us = MODEL_BEGIN_US, s_us = 1000000;

	switch (below(l, 12)) {
	case 0:
		at_us -= (int64_t)below(l, (uint64_t)(late_s * s_us));
		break;
	case 1:
		at_us += (int64_t)below(l, (uint64_t)(early_s * s_us));
		break;
	case 2:
		at_us = at_us / s_us * s_us; /* w0 of some window */
		break;
	case 3:
		at_us = at_us / s_us * s_us + s_us; /* w0 + wl */
		break;
	case 4:
		at_us = at_us / s_us * s_us + s_us - 1;
		break;
	case 5:
		at_us = at_us / s_us * s_us - (int64_t)below(l, 1001);
		break;
	default:
		break;
	}
	if (at_us < begin_us)
		return begin_us;
	return at_us < begin_us + (MODEL_SPAN_S - 1) * s_us ? at_us : begin_us + (MODEL_SPAN_S - 1) * s_us;
}

static void live(struct life *l, int64_t until_us, int64_t late_s, int64_t early_s)
{
	while (l->now_us < until_us) {
		size_t i = below(l, l->n);
		struct sample s = { .at_us = any_time(l, late_s, early_s), .lost = below(l, 40) == 0 ? 3 : 0 };

		s.value = any_value(l, l->streams[i].kind);
		model_push(&model, i, &s);
		if (below(l, 4) == 0) /* often enough the same time again */
			l->now_us += (int64_t)below(l, below(l, 30) == 0 ? 9000000 : 300000);
		if (below(l, 10) == 0 && l->now_us - l->advanced_us > 0)
			l->advanced_us += (int64_t)below(l, (uint64_t)(l->now_us - l->advanced_us) + 1);
		if (below(l, 6) == 0)
			model_advance(&model, l->advanced_us);
	}
}

static void begin(struct life *l, uint64_t seed, bool emit_empty, int64_t lateness_s)
{
	*l = (struct life){ .seed = seed, .now_us = MODEL_BEGIN_US + 30000000 };
	choose_streams(l, 30);
	l->advanced_us = l->now_us;
	model_init(&model, l->streams, l->n, below(l, 3) ? 30 : 60);
	model.plan.emit_empty = emit_empty;
	model.plan.lateness_us = lateness_s * 1000000;
	model_build(&model);
}

static void every_sample_and_every_millisecond_is_counted_once(void **state)
{
	struct life l;

	(void)state;
	for (uint64_t seed = 1; seed <= 150; seed++) {
		begin(&l, seed, seed % 2, 40);
		if (seed % 3 == 0)
			model_start(&model, l.now_us += (int64_t)below(&l, 3000000));
		live(&l, MODEL_BEGIN_US + (seed % 5 ? 60 : 150) * INT64_C(1000000), 25, 3);
		model_finish(&model);
		model_check(&model);
	}
}

/* Configs are pushed while samples flow, some of them late, and nothing has changed: so nobody may see it. */
static void a_graph_that_takes_over_loses_and_splits_nothing(void **state)
{
	struct life l;

	(void)state;
	for (uint64_t seed = 1; seed <= 150; seed++) {
		begin(&l, 3000 + seed, seed % 2, 40);
		if (seed % 3 == 0)
			model_start(&model, l.now_us += (int64_t)below(&l, 3000000));
		for (int push = 0; push < 5; push++) {
			live(&l, l.now_us + (int64_t)below(&l, 20000000), 25, 3);
			model_swap(&model, l.now_us);
		}
		live(&l, l.now_us + 5000000, 25, 3);
		model_finish(&model);
		model_check(&model);
	}
}

/* A cut comes after all samples. */
static int64_t newest_us(int64_t now_us)
{
	for (size_t i = 0; i < model.n_samples; i++)
		if (model.samples[i].run == model.run && model.samples[i].at_us > now_us)
			now_us = model.samples[i].at_us;
	return now_us;
}

static void cuts_and_steps_of_the_clock_lose_and_double_nothing(void **state)
{
	struct life l;

	(void)state;
	for (uint64_t seed = 1; seed <= 150; seed++) {
		begin(&l, 1000 + seed, seed % 2, 40);
		model_start(&model, l.now_us);
		for (int run = 0; run < 4; run++) {
			live(&l, l.now_us + (int64_t)below(&l, 25000000), 5, 2);
			l.now_us = newest_us(l.now_us);
			model_cut(&model, l.now_us, run == 3 ? PARTIAL_CUT_END : PARTIAL_STEP);
			l.now_us += (int64_t)below(&l, 40000000) - 20000000;
			if (l.now_us < MODEL_BEGIN_US)
				l.now_us = MODEL_BEGIN_US;
			l.advanced_us = l.now_us;
			if (run < 3 && below(&l, 3))
				model_start(&model, l.now_us);
		}
		model_check(&model);
	}
}

/* Streams that jump through hundreds of windows while the watermark stands still. */
static void too_many_open_windows_cost_parts_but_no_sample(void **state)
{
	struct life l;

	(void)state;
	for (uint64_t seed = 1; seed <= 150; seed++) {
		begin(&l, 2000 + seed, seed % 2, 0);
		model.may_force = true;
		if (seed % 3 == 0)
			model_start(&model, l.now_us);
		live(&l, MODEL_BEGIN_US + 70 * INT64_C(1000000), 30, 60);
		model_finish(&model);
		model_check(&model);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_sample_and_every_millisecond_is_counted_once),
		cmocka_unit_test(a_graph_that_takes_over_loses_and_splits_nothing),
		cmocka_unit_test(cuts_and_steps_of_the_clock_lose_and_double_nothing),
		cmocka_unit_test(too_many_open_windows_cost_parts_but_no_sample),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
