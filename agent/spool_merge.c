/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/spool_merge.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "pipelines/wire.h"

enum {
	MAX_METRICS = 2 * PARTIAL_MAX_METRICS, /* of a result, over all of its messages */
	MAX_SLICES = 16,
	KEPT_APART = PARTIAL_UNSYNCED | PARTIAL_BACKFILL,
};

/* Of one metric, as it stands in the spool's file: plain fields, the byte order of the machine. */
struct nominal {
	int64_t period_us;
	uint32_t window_s, width;
	uint32_t has_sketch, kind;
};

struct slice {
	size_t first, n; /* metrics */
};

struct spool_merge {
	struct partial in;  /* the message at hand */
	struct partial out; /* metrics: all of the result */
	struct metric_def defs[256];
	size_t n_defs;
	uint32_t last_seq, first_number; /* first_number: the first that the result stands for */
	uint32_t wl;
	uint64_t wm_first, seen; /* seen: a bit for each shorter window */
	size_t n_messages, n_slices;
	struct slice slices[MAX_SLICES];
	struct partial_metric in_metrics[PARTIAL_MAX_METRICS];
	struct partial_metric out_metrics[MAX_METRICS];
	uint8_t payload[PARTIAL_MAX_BYTES];
};

void spool_merge_nominal(const struct contract *c, struct dynbuf *out)
{
	for (size_t i = 0; i < c->n_metrics; i++) {
		const struct metric_def *m = &c->metrics[i];
		const struct nominal n = { .period_us = m->period_us,
					   .window_s = m->window_s,
					   .width = m->sketch.width,
					   .has_sketch = m->has_sketch,
					   .kind = m->sketch.kind };

		dynbuf_add(out, &n, sizeof(n));
	}
}

struct spool_merge *spool_merge_new(void)
{
	return calloc(1, sizeof(struct spool_merge));
}

void spool_merge_free(struct spool_merge *m)
{
	free(m);
}

static bool take_nominal(struct spool_merge *m, const void *nominal, size_t bytes)
{
	if (bytes % sizeof(struct nominal) != 0 || bytes / sizeof(struct nominal) > ARRAY_LEN(m->defs))
		return false;
	m->n_defs = bytes / sizeof(struct nominal);
	for (size_t i = 0; i < m->n_defs; i++) {
		struct nominal n;

		memcpy(&n, (const char *)nominal + i * sizeof(n), sizeof(n));
		m->defs[i] = (struct metric_def){ .period_us = n.period_us, .window_s = n.window_s };
		m->defs[i].has_sketch = n.has_sketch != 0;
		m->defs[i].sketch.width = n.width;
		m->defs[i].sketch.kind = n.kind == SKETCH_LIN ? SKETCH_LIN : SKETCH_EXP2;
	}
	return true;
}

/* 0: there is no longer one. */
static uint32_t next_length(uint32_t wl)
{
	static const uint32_t lengths[] = { 5, 10, 30, 60, 300, 900, 3600 };

	for (size_t i = 0; i < ARRAY_LEN(lengths); i++)
		if (lengths[i] > wl && lengths[i] % wl == 0)
			return lengths[i];
	return 0;
}

static bool decode(struct spool_merge *m, const void *payload, size_t bytes, struct wire_presence *present)
{
	const char *why;

	m->in.metrics = m->in_metrics;
	return wire_decode(&m->in, present, payload, bytes, &why) == 0;
}

bool spool_merge_contract_of(struct spool_merge *m, const void *payload, size_t bytes, uint32_t *out)
{
	struct wire_presence present;

	if (!decode(m, payload, bytes, &present))
		return false;
	*out = m->in.contract;
	return true;
}

static struct partial_metric *metric_of(struct spool_merge *m, uint32_t id)
{
	for (size_t i = 0; i < m->out.n_metrics; i++)
		if (m->out.metrics[i].id == id)
			return &m->out.metrics[i];
	if (m->out.n_metrics == MAX_METRICS)
		return NULL;
	m->out.metrics[m->out.n_metrics] = (struct partial_metric){ .id = id };
	return &m->out.metrics[m->out.n_metrics++];
}

/* Looked at before anything is changed: a message is taken whole or not at all. */
static bool has_room(const struct spool_merge *m)
{
	size_t n_new = m->in.n_metrics;

	for (size_t i = 0; i < m->in.n_metrics; i++)
		for (size_t k = 0; k < m->out.n_metrics; k++) {
			if (m->out.metrics[k].id != m->in.metrics[i].id)
				continue;
			n_new--;
			if (m->out.metrics[k].agg.n + m->in.metrics[i].agg.n >= AGG_N_LIMIT)
				return false;
		}
	return m->out.n_metrics + n_new <= MAX_METRICS;
}

static bool take(struct spool_merge *m)
{
	if (!has_room(m))
		return false;
	for (size_t i = 0; i < m->in.n_metrics; i++)
		agg_merge(&metric_of(m, m->in.metrics[i].id)->agg, &m->in.metrics[i].agg);
	m->out.flags |= m->in.flags;
	m->out.wm = m->in.wm;
	m->last_seq = m->in.seq;
	m->seen |= (uint64_t)1 << (m->in.w0 - m->out.w0) / m->wl;
	m->n_messages++;
	return true;
}

bool spool_merge_begin(struct spool_merge *m, const void *payload, size_t bytes, const void *nominal,
		       size_t nominal_bytes)
{
	struct wire_presence present;
	uint32_t longer;

	if (!take_nominal(m, nominal, nominal_bytes) || !decode(m, payload, bytes, &present))
		return false;
	longer = next_length(m->in.wl);
	if (longer == 0 || m->in.w0 % longer != 0 || m->in.seq >= PARTIAL_MERGED)
		return false;
	if (wire_complete(&m->in, &present, m->defs, m->n_defs) < 0)
		return false;
	m->out = m->in;
	m->out.metrics = m->out_metrics;
	m->out.n_metrics = 0;
	m->out.wl = longer;
	m->wl = m->in.wl;
	m->first_number = m->in.seq - m->in.span;
	m->wm_first = m->in.wm < m->in.w0 ? m->in.wm : m->in.w0;
	m->seen = 0;
	m->n_messages = 0;
	return take(m);
}

bool spool_merge_add(struct spool_merge *m, const void *payload, size_t bytes)
{
	struct wire_presence present;
	const struct partial *p = &m->in;

	if (!decode(m, payload, bytes, &present))
		return false;
	if (p->boot != m->out.boot || p->contract != m->out.contract || p->wl != m->wl ||
	    (p->flags & KEPT_APART) != (m->out.flags & KEPT_APART))
		return false;
	if (p->seq - p->span != m->last_seq + 1 || p->w0 < m->out.w0 || p->w0 >= m->out.w0 + m->out.wl)
		return false;
	return wire_complete(&m->in, &present, m->defs, m->n_defs) == 0 && take(m);
}

/* --- the result --- */

static int encode(struct spool_merge *m, const struct slice *s)
{
	struct partial p = m->out;

	p.metrics = m->out.metrics + s->first;
	p.n_metrics = s->n;
	return wire_encode(&p, NULL, m->payload, sizeof(m->payload));
}

static void number(struct spool_merge *m, size_t i)
{
	m->out.seq = m->last_seq - (uint32_t)(m->n_slices - 1 - i);
	m->out.part = PARTIAL_MERGED + m->out.seq;
	m->out.span = i == 0 ? m->out.seq - m->first_number : 0;
}

/* As many metrics a message as fit. */
static bool cut(struct spool_merge *m)
{
	struct slice s = { 0, 0 };

	m->n_slices = 0;
	m->out.seq = m->last_seq;
	m->out.part = PARTIAL_MERGED + m->last_seq;
	m->out.span = m->last_seq - m->first_number;
	do {
		size_t left = m->out.n_metrics - s.first;

		s.n = left < PARTIAL_MAX_METRICS ? left : PARTIAL_MAX_METRICS;
		while (s.n > 1 && encode(m, &s) < 0)
			s.n = (s.n + 1) / 2;
		if (m->n_slices == MAX_SLICES || encode(m, &s) < 0)
			return false;
		m->slices[m->n_slices++] = s;
		s.first += s.n;
	} while (s.first < m->out.n_metrics);
	return true;
}

size_t spool_merge_finish(struct spool_merge *m)
{
	uint64_t all = ((uint64_t)1 << m->out.wl / m->wl) - 1;

	return m->seen == all && cut(m) && m->n_slices < m->n_messages ? m->n_slices : 0;
}

void spool_merge_result(struct spool_merge *m, size_t i, struct spool_row *row)
{
	uint64_t wm = m->out.wm;
	int bytes;

	number(m, i);
	if (i + 1 < m->n_slices)
		m->out.wm = m->wm_first;
	bytes = encode(m, &m->slices[i]);
	m->out.wm = wm;
	assert(bytes > 0); /* it fitted when it was cut, and no number has become longer */
	*row = (struct spool_row){ .kind = SPOOL_PARTIAL,
				   .boot = m->out.boot,
				   .seq = m->out.seq,
				   .span = m->out.span,
				   .payload = m->payload,
				   .payload_bytes = (size_t)bytes };
}
