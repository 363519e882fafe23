/* SPDX-License-Identifier: Apache-2.0 */
/*
 * graph_hold.c - keeps what is for windows while nobody knows what time it is: samples and watermarks in the order in which they
 * came, in one block of memory that is gone when the time is known. Only the last step of a stream is another one
 * meanwhile; nothing is asked per sample at any other time.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "pipelines/graph_private.h"

enum { WATERMARK = UINT32_MAX, WATERMARK_EVERY_US = 1000000 };

struct held_entry {
	int64_t at_us;
	double value;
	uint32_t lost;
	uint32_t stream; /* or WATERMARK */
};

struct held {
	size_t n, max;
	int64_t watermark_us; /* the last one kept */
	uint32_t *lost;	      /* by stream: not kept */
	struct held_entry entries[];
};

static uint32_t sum_up_to_max(uint32_t a, uint32_t b)
{
	return b > UINT32_MAX - a ? UINT32_MAX : a + b;
}

static void keep(struct graph *g, uint32_t stream, const struct sample *in)
{
	struct held *h = g->held;
	uint32_t *lost = &h->lost[stream];

	if (h->n == h->max) {
		*lost = sum_up_to_max(*lost, sum_up_to_max(in->lost, 1));
		return;
	}
	h->entries[h->n++] = (struct held_entry){ in->at_us, in->value, in->lost, stream };
}

static void hold_push(void *state, unsigned input, const struct sample *in, const struct emitter *out)
{
	struct stream *s = state;

	(void)input;
	s->latest_value = in->value;
	s->latest_us = in->at_us;
	if (s->lane)
		keep(s->graph, (uint32_t)(s - s->graph->streams), in);
	if (s->alarm)
		alarm_put(s->alarm, in->at_us, in->value, s->input_value);
	emit(out, in);
}

int graph_hold(struct graph *g, size_t max_samples)
{
	size_t n = max_samples;
	struct held *h;

	assert(!g->held && n > 0);
	h = malloc(sizeof(*h) + n * sizeof(h->entries[0]) + g->plan->n_streams * sizeof(h->lost[0]));
	if (!h)
		return -ENOMEM;
	*h = (struct held){ .max = n, .watermark_us = INT64_MIN, .lost = (uint32_t *)&h->entries[n] };
	for (size_t i = 0; i < g->plan->n_streams; i++) {
		h->lost[i] = 0;
		g->streams[i].node.push = hold_push;
	}
	g->held = h;
	return 0;
}

bool graph_is_holding(const struct graph *g)
{
	return g->held != NULL;
}

size_t graph_hold_room(const struct graph *g)
{
	return g->held->max - g->held->n;
}

/* One a second is enough to close windows in time; it may take the place of one right before. */
void graph_hold_watermark(struct graph *g, int64_t watermark_us)
{
	struct held *h = g->held;
	struct held_entry *last = h->n > 0 ? &h->entries[h->n - 1] : NULL;

	if (last && last->stream == WATERMARK) {
		last->at_us = watermark_us;
	} else if (h->n < h->max &&
		   (h->watermark_us == INT64_MIN || watermark_us >= h->watermark_us + WATERMARK_EVERY_US)) {
		h->entries[h->n++] = (struct held_entry){ .at_us = watermark_us, .stream = WATERMARK };
		h->watermark_us = watermark_us;
	}
}

static void count(struct graph *g, struct held *h)
{
	for (size_t i = 0; i < h->n; i++) {
		const struct held_entry *e = &h->entries[i];

		if (e->stream == WATERMARK)
			graph_advance_windows(g, e->at_us + g->shift_us);
		else
			window_add(g->streams[e->stream].lane,
				   &(struct sample){ .at_us = e->at_us, .value = e->value, .lost = e->lost });
	}
}

/* What there was no room for is told as lost by a gap at the end. */
static void tell_lost(struct graph *g, struct held *h)
{
	for (size_t i = 0; i < g->plan->n_streams; i++)
		if (h->lost[i] > 0)
			window_add(g->streams[i].lane, &(struct sample){ .at_us = g->streams[i].latest_us,
									 .value = g->streams[i].latest_value,
									 .lost = h->lost[i] - 1 });
}

void graph_release(struct graph *g, int64_t shift_us, uint32_t flags, uint32_t flags_after)
{
	struct held *h = g->held;

	assert(h);
	g->held = NULL;
	for (size_t i = 0; i < g->plan->n_streams; i++)
		g->streams[i].node.push = graph_stream_push;
	graph_set_clock(g, shift_us, flags, g->started_us);
	graph_start(g, g->started_us);
	count(g, h);
	tell_lost(g, h);
	g->marks = flags_after;
	for (size_t i = 0; i < g->n_groups; i++)
		window_set_flags(g->groups[i].window, flags_after);
	free(h);
}

void graph_free(struct graph *g)
{
	free(g->held);
	g->held = NULL;
}
