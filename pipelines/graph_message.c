/* SPDX-License-Identifier: Apache-2.0 */
/*
 * graph_message.c - closed parts become messages. A part names one fixed set of samples, so whatever decides how it is cut
 * into messages must depend on the samples alone: the bound of the encoded size, not the encoder's mood.
 */
#include "pipelines/graph_private.h"

/*
 * A message promises, by its watermark, that nothing more will come for windows that end by then. So of the messages made
 * when the watermark moves, only the last may carry the new one: each waits until it is known whether another follows.
 */
void graph_send_waiting(struct graph *g, uint64_t wm_s)
{
	if (!g->is_waiting)
		return;
	g->is_waiting = false;
	g->waiting.wm = wm_s;
	if (g->sink.partial)
		g->sink.partial(g->sink.ctx, &g->waiting);
}

static void queue_message(struct graph *g)
{
	struct partial next = g->waiting;

	graph_send_waiting(g, g->wm_s);
	g->waiting = g->message;
	g->is_waiting = true;
	g->message = next; /* only its memory is of use */
	g->message.n_metrics = 0;
}

static size_t varint_bytes(uint64_t v)
{
	size_t n = 1;

	while (v >>= 7)
		n++;
	return n;
}

static size_t range_bytes(const struct sketch_range *r)
{
	size_t n = 10;

	for (uint32_t i = 0; i < r->n; i++)
		n += varint_bytes(r->counts[i]);
	return n;
}

/* At most what the metric takes in a message. */
static size_t metric_bytes(const struct agg *a)
{
	enum { ALL_FIELDS = 160, SKETCH_FIELDS = 40 };
	size_t n = ALL_FIELDS;

	if (a->has_sketch)
		n += SKETCH_FIELDS + range_bytes(&a->sketch.pos) + range_bytes(&a->sketch.neg);
	return n;
}

static uint64_t samples_due(const struct metric_def *def, const struct window_part *part, size_t slot)
{
	const struct cell *c = &part->cells[slot];
	int64_t period_us = def->period_us, since_us = part->lanes[slot].since_us;
	int64_t from_us = since_us > part->from_us ? since_us : part->from_us;

	if (part->is_late || from_us > part->to_us)
		return 0;
	if (period_us <= 0)
		return c->n + c->bad;
	return (uint64_t)((part->to_us + period_us - 1) / period_us - (from_us + period_us - 1) / period_us);
}

void graph_tell_kpis(struct graph *g, int64_t watermark_us)
{
	for (size_t i = 0; i < g->plan->n_kpis; i++)
		kpi_advance(g->kpis[i], watermark_us, &g->sink);
}

static void give_to_kpis(struct graph *g, uint32_t id, int64_t w0_us, const struct agg *a)
{
	for (size_t u = g->first_user[id]; u < g->first_user[id + 1]; u++)
		kpi_add(g->users[u].kpi, g->users[u].slot, w0_us, a);
}

static void begin_message(struct graph *g, const struct group *group, const struct window_part *part, uint32_t number)
{
	struct partial_metric *metrics = g->message.metrics;

	g->message = (struct partial){
		.version = PARTIAL_VERSION,
		.w0 = (uint64_t)(part->w0_us / 1000000),
		.wl = group->length_s,
		.part = number,
		.flags = part->flags,
		.metrics = metrics,
	};
}

/* What does not fit in one message goes on in another part, with other metrics. */
static void add_metric(struct graph *g, const struct group *group, const struct window_part *part, size_t slot,
		       size_t *bytes)
{
	enum { HEADER = 260 };
	struct partial_metric *m = &g->message.metrics[g->message.n_metrics];
	const struct cell *c = &part->cells[slot];

	m->id = group->ids[slot];
	cell_read(c, &m->agg);
	m->agg.expected = samples_due(&g->metrics[m->id], part, slot);

	if (g->message.n_metrics == PARTIAL_MAX_METRICS - 1 ||
	    *bytes + metric_bytes(&m->agg) > PARTIAL_MAX_BYTES - HEADER) {
		struct partial_metric saved = *m;
		uint32_t number = window_take_part(group->window, part->w0_us);

		queue_message(g);
		begin_message(g, group, part, number);
		m = &g->message.metrics[0];
		*m = saved;
		*bytes = 0;
	}
	*bytes += metric_bytes(&m->agg);
	g->message.n_metrics++;
	give_to_kpis(g, m->id, part->w0_us, &m->agg);
}

/* A part of late samples speaks for no time: it has nothing to say of streams without any. */
static bool speaks_for(const struct window_part *part, size_t slot)
{
	const struct cell *c = &part->cells[slot];

	if (part->is_farewell && !part->lanes[slot].leaves)
		return false;
	return !part->is_late || c->n > 0 || c->bad > 0 || c->lost > 0;
}

void graph_part_closed(void *ctx, const struct window *w, const struct window_part *part)
{
	struct graph *g = ctx;
	const struct group *group = g->groups;
	size_t bytes = 0;

	while (group->window != w)
		group++;
	if (!part->is_late && !part->is_farewell) /* windows come in order: all before this one are closed */
		graph_tell_kpis(g, part->w0_us);
	begin_message(g, group, part, part->part);
	for (size_t i = 0; i < group->n; i++)
		if (speaks_for(part, i))
			add_metric(g, group, part, i, &bytes);
	if (!part->is_farewell || g->message.n_metrics > 0)
		queue_message(g);
}
