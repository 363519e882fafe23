/* SPDX-License-Identifier: Apache-2.0 */
/*
 * graph.h - the running whole: sources feed operators, operators feed streams, streams feed windows, closed windows feed
 * KPIs. Samples bear the time of a clock that never steps, and so do watermarks; windows, KPIs and events are told in wall time. Built once from a plan whose operators are already set up and whose streams stand in an order in which each comes after
 * its inputs. Pure: samples and watermarks come in, partials, KPIs, events and states go out through callbacks.
 */
#ifndef RUNNEL_PIPELINES_GRAPH_H
#define RUNNEL_PIPELINES_GRAPH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/check.h"
#include "pipelines/contract.h"
#include "pipelines/expr.h"
#include "pipelines/op.h"
#include "pipelines/partial.h"

struct graph;

/** An input of a stream: a source or an earlier stream. */
struct graph_ref {
	bool is_stream;
	size_t index;
};

struct graph_op {
	const struct op_class *class;
	void *state; /* options applied, set up */
};

struct graph_stream {
	const char *name;
	const struct graph_ref *from;
	size_t n_from; /* of the first operator; 1 when there is none */
	const struct graph_op *ops;
	size_t n_ops;
	bool publish;
	bool event;		  /* tell events of it */
	bool watched;		  /* tell its state, for actions */
	int64_t missing_after_us; /* an event or state without a value for longer is missing; 0: never */
	bool wants_increase;
	int64_t hold_us; /* how long a value vouches for what it measured */
	struct metric_def def;
};

struct graph_kpi {
	struct kpi_def def;
	const struct expr *expr;
	const size_t *streams;	  /* index of each of its streams, in the order of expr_stream() */
	bool event, watched;	  /* as of a stream; it is a condition then, expr_is_condition() */
	int64_t missing_after_us; /* after the end of the last window with a value */
};

/** What is known of a stream with events, or that is watched, or such a KPI. */
struct graph_state {
	double value;	    /* 1 raised, 0 not; NaN: no value yet */
	bool is_missing;    /* silent for longer than it may; @value is the last one */
	int64_t changed_us; /* one of them, in the time of samples; of a KPI: wall */
};

struct graph_plan {
	size_t n_sources;
	const struct graph_stream *streams;
	size_t n_streams;
	const struct graph_kpi *kpis;
	size_t n_kpis;
	int64_t lateness_us; /* see window.h */
	bool emit_empty;
};

/** What comes out. Pointers are valid during the call. */
struct graph_sink {
	void *ctx;
	/** A closed part; site, device, boot, seq and contract are the receiver's to fill. */
	void (*partial)(void *ctx, struct partial *p);
	void (*kpi)(void *ctx, const struct kpi_def *kpi, uint64_t w0_s, double value, double coverage);
	/**
	 * A state stream or KPI with `event: true` was raised, cleared, missing or recovered at @at_us, wall time. @value: what the first
	 * input of the stream read at that time, or the left side of the KPI's comparison; NaN when missing.
	 */
	void (*event)(void *ctx, const char *name, const char *event, int64_t at_us, double value);
	/** The state of stream or KPI @index changed, its first value included. May be NULL. */
	void (*state)(void *ctx, bool is_kpi, size_t index, const struct graph_state *state);
};

/** @plan and what it points to outlive the graph; its memory is taken from @a. */
struct graph *graph_new(const struct graph_plan *plan, const struct graph_sink *sink, struct arena *a);

/** Metrics (published streams, id is the index) and KPIs. Owned by the graph. */
const struct contract *graph_contract(const struct graph *g);

/**
 * The wall clock is ahead of the time of samples by @shift_us, and parts carry @flags (enum partial_flag) from now on. Before
 * graph_start(), or between graph_cut() and graph_start(). @at_us: now, in the time of samples.
 * @return  whether the time goes back behind what watermarks have promised: then parts to come need another boot number
 */
bool graph_set_clock(struct graph *g, int64_t shift_us, uint32_t flags, int64_t at_us);

/**
 * Before graph_start(): nobody knows yet what time it is. Operators and events run, but what is for windows is kept, in memory
 * for @max_samples, until graph_release(). @return 0 or -ENOMEM
 */
NODISCARD int graph_hold(struct graph *g, size_t max_samples);
bool graph_is_holding(const struct graph *g);

/** Samples there is still room for; what comes when there is none counts as lost. */
size_t graph_hold_room(const struct graph *g);

/** Now it is known, or cannot be waited for: count what was kept, in parts with @flags; parts after it carry @flags_after. Otherwise as graph_set_clock(). */
void graph_release(struct graph *g, int64_t shift_us, uint32_t flags, uint32_t flags_after);

/** Frees what graph_hold() took. The rest is the arena's. */
void graph_free(struct graph *g);

/** The device runs since @at_us. */
void graph_start(struct graph *g, int64_t at_us);

/** What goes on in another graph: for each of its streams and KPIs the index in the old one, or GRAPH_NEW. */
struct graph_moves {
	const size_t *streams, *kpis;
};

#define GRAPH_NEW SIZE_MAX

/**
 * Instead of graph_start(), after graph_advance() of @old: @g goes on where @old stands at @at_us. The streams and KPIs that move have the same definitions and
 * take from the same; the states of their operators are already those of the old ones. Their windows are not split and lose nothing.
 * What does not move is told by @old, which is of no use afterwards but for graph_free(). @old is not holding.
 */
void graph_adopt(struct graph *g, struct graph *old, const struct graph_moves *moves, int64_t at_us);

/** A reading of source @source. Allocates nothing. */
void graph_push(struct graph *g, size_t source, const struct sample *s);

/**
 * Nothing from before @watermark_us is to be expected: close the windows that end by then. Allocates nothing.
 * @return  the watermark below which a further call would do nothing, unless there is input meanwhile
 */
int64_t graph_advance(struct graph *g, int64_t watermark_us);

/**
 * Close everything open at @at_us. PARTIAL_CUT_END: the program ends; KPIs of unfinished windows are not given. PARTIAL_STEP: the
 * clock has been set; go on with graph_start().
 */
void graph_cut(struct graph *g, int64_t at_us, enum partial_flag flag);

/** The input has ended: close everything at the end of its window. */
void graph_finish(struct graph *g);

/**
 * When the next window of any length ends after @now_us, an operator will have something to tell, or a state will be missing if nothing
 * comes; at most the next full hour. Input can make it earlier: ask again after it.
 */
int64_t graph_next_due_us(const struct graph *g, int64_t now_us);

/** End of the last windows that were closed, Unix seconds. */
uint64_t graph_watermark_s(const struct graph *g);

/** The state of stream or KPI @i of the plan; false when it has neither `event` nor `watched`. */
bool graph_state(const struct graph *g, bool is_kpi, size_t i, struct graph_state *out);

/** The newest value of stream @i (gap: NaN) and its time; false when there was none yet. */
bool graph_latest(const struct graph *g, size_t i, struct sample *out);

#endif
