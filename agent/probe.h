/* SPDX-License-Identifier: Apache-2.0 */
/*
 * probe.h - looks into a running graph without changing what it computes: operators of our own that pass everything on, put behind
 * each operator of a plan, and streams that look at what the sensors give.
 */
#ifndef RUNNEL_AGENT_PROBE_H
#define RUNNEL_AGENT_PROBE_H

#include "agent/conf.h"

/** What passed in [from_us, to_us). */
struct probe {
	int64_t from_us, to_us;
	uint64_t n, n_gaps;
	double sum, min, max, first, last; /* mean nothing when n is 0 */
	/** Also told of every sample, if not NULL. */
	void (*sample)(void *ctx, const struct sample *s);
	void *ctx;
};

struct probe_point {
	const char *what; /* "air.temperature", an operator, or "as it is" */
	size_t stream;	  /* in the plan; of a source: SIZE_MAX */
	size_t source;	  /* of a stream: SIZE_MAX */
	struct probe *probe;
};

struct probe_points {
	struct probe_point *points;
	size_t n;
};

/**
 * A plan that computes the same as @c's, with points at the streams @wanted (by index, n_streams of them) and all that they take from:
 * sources first, then streams in order, behind each operator. Memory is @c's.
 */
struct graph_plan probe_plan(struct conf *c, const bool *wanted, struct probe_points *out);

#endif
