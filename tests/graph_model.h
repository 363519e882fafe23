/* SPDX-License-Identifier: Apache-2.0 */
/*
 * graph_model.h - what a graph should say, worked out the slow way: every sample is kept in a list, every millisecond of
 * what is held in an array, and each window is computed from them alone. Everything that goes into the graph goes into the
 * model too; what comes out is encoded, decoded and kept; model_check() compares.
 */
#ifndef RUNNEL_TESTS_GRAPH_MODEL_H
#define RUNNEL_TESTS_GRAPH_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "pipelines/graph.h"

enum { MODEL_STREAMS = 6, MODEL_SPAN_S = 240, MODEL_SAMPLES = 6000, MODEL_PARTS = 6000, MODEL_WINDOWS = MODEL_SPAN_S };

/* Seconds; a multiple of 300. Nothing may happen outside the span that begins here. */
#define MODEL_BEGIN_S 1763700000
#define MODEL_BEGIN_US (MODEL_BEGIN_S * INT64_C(1000000))

struct model_stream {
	enum series_kind kind;
	uint32_t window_s;
	int64_t period_us, hold_us;
	const char *unit;
	bool has_sketch;
};

struct model_sample {
	size_t stream;
	int64_t at_us;
	double value;
	uint32_t lost, increase;
	bool is_late, is_reset;
	unsigned run; /* counts the cuts before it */
};

/* Of one stream in one window, for each time it was lived through. */
struct model_window {
	bool is_spoken_for; /* a part that is not late must come */
	uint64_t due, tw_ms;
	int64_t tw;
};

struct model_part {
	uint64_t w0;
	uint32_t wl, part, id;
	bool is_late;
	struct agg agg;
};

struct model {
	struct arena arena;
	struct graph *graph;
	struct graph_plan plan;
	struct graph_stream streams[MODEL_STREAMS];
	struct graph_ref refs[MODEL_STREAMS];
	struct graph_kpi kpi;
	size_t kpi_streams[2], arena_bytes;

	/* what went in */
	size_t n_samples;
	struct model_sample samples[MODEL_SAMPLES];
	int32_t held[MODEL_STREAMS][MODEL_SPAN_S * 1000]; /* k of each millisecond; INT32_MIN: none */
	int64_t held_until_ms[MODEL_STREAMS];
	int64_t newest_us[MODEL_STREAMS], raw[MODEL_STREAMS];
	bool has_raw[MODEL_STREAMS];
	unsigned run;
	bool is_started[MODEL_STREAMS]; /* streams of one length share these three */
	int64_t start_us[MODEL_STREAMS], closed_us[MODEL_STREAMS];
	struct model_window windows[MODEL_STREAMS][MODEL_SPAN_S];

	/* what came out */
	size_t n_parts, n_keys, n_kpis;
	struct model_part parts[MODEL_PARTS];
	struct model_key {
		uint64_t w0;
		uint32_t wl, part;
	} keys[MODEL_PARTS];
	uint64_t wm, kpi_w0[MODEL_SPAN_S];
	bool may_force; /* parts may be closed early: what depends on when is not compared */
};

/** Set up a plan of @n streams, each from a source of its own, and a KPI over the first two; @kpi_window_s 0: none. */
void model_init(struct model *m, const struct model_stream *streams, size_t n, uint32_t kpi_window_s);

/** Build the graph, after lateness and emit_empty of m->plan have been set. */
void model_build(struct model *m);

/** Let another graph of the same plan take over. */
void model_swap(struct model *m, int64_t at_us);

void model_start(struct model *m, int64_t at_us);
void model_push(struct model *m, size_t stream, const struct sample *s);
void model_advance(struct model *m, int64_t watermark_us);
void model_cut(struct model *m, int64_t at_us, enum partial_flag flag);

/** The input has ended. */
void model_finish(struct model *m);

/** After model_finish() or a cut at the end: compare everything, then free. */
void model_check(struct model *m);

/* --- shared by graph_model.c (what goes in) and graph_model_check.c (what comes out) --- */

int64_t model_floor_to(int64_t us, int64_t length_us);
int64_t model_length_us(const struct model *m, size_t stream);

/** The value in quanta, rounded; far outside of their range anything far outside. */
int64_t model_quanta(const struct metric_def *def, double value);
int32_t model_clip(int64_t raw);

void model_on_partial(void *ctx, struct partial *p);
void model_on_kpi(void *ctx, const struct kpi_def *kpi, uint64_t w0_s, double value, double coverage);

#endif
