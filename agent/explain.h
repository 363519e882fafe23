/* SPDX-License-Identifier: Apache-2.0 */
/*
 * explain.h - one window of one KPI over a recording, with all that led to it: what sensors gave, what each operator made of it, the
 * parts of the windows, their merge, and every step of the expression.
 */
#ifndef RUNNEL_AGENT_EXPLAIN_H
#define RUNNEL_AGENT_EXPLAIN_H

#include "agent/probe.h"
#include "base/json.h"

enum { EXPLAIN_MAX_PARTS = 24, EXPLAIN_ANY_WINDOW = -1, EXPLAIN_MAX_JSON_BYTES = 1 << 20 };

struct explain_part {
	uint64_t w0;
	uint32_t part, flags;
	uint64_t n, expected, bad, lost, covered_ms;
	double mean, min, max; /* of a counter: NaN */
	double increase;       /* NaN when nobody asks for it */
};

struct explain_input {
	size_t stream; /* in the plan */
	uint32_t id;   /* of the metric */
	const struct metric_def *def;
	struct agg merged;
	size_t n_parts, n_late;			      /* n_late: came when the KPI was told */
	struct explain_part parts[EXPLAIN_MAX_PARTS]; /* the first of them */
};

struct explanation {
	const struct conf *conf;
	const struct graph_kpi *kpi;
	uint64_t w0;
	size_t n_windows; /* of the KPI in the recording, the first and the last of them */
	uint64_t first_w0, last_w0;
	bool is_told;
	double value, coverage;
	struct probe_points points;
	struct explain_input *inputs; /* of the expression, in order */
	size_t n_inputs;
};

/** The KPI, or NULL with a message on stderr that knows better names. */
const struct graph_kpi *explain_find_kpi(const struct conf *c, const char *name);

/**
 * First reading of @input: which windows there are. The window is @wanted_w0 or, if that is EXPLAIN_ANY_WINDOW, the last that
 * has a value. @return an exit code; messages go to stderr
 */
int explain_choose(struct explanation *e, struct conf *c, const char *kpi, const char *input, int64_t wanted_w0);

/** Second reading, with a config loaded anew because operators remember. @return an exit code */
int explain_run(struct explanation *e, struct conf *c, const char *kpi, const char *input);

void explain_print(const struct explanation *e);
void explain_json(const struct explanation *e, struct dynbuf *out);

#endif
