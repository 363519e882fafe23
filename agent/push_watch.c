/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/push_watch.h"

#include <string.h>

#include "pipelines/wire.h"

/* Such parts say nothing of a whole window: cut at a start or a step, sent later, or of a clock that may be wrong. */
static bool is_whole(const struct partial *p)
{
	enum { OTHERS = PARTIAL_UNSYNCED | PARTIAL_STEP | PARTIAL_CUT_START | PARTIAL_CUT_END | PARTIAL_BACKFILL };

	return !(p->flags & OTHERS) && p->part < PARTIAL_MERGED;
}

static void begin(struct push_watch *w, const struct partial *p)
{
	w->w0 = p->w0;
	w->length = p->wl;
	w->n_adding = 0;
	w->missing_adding = 0;
	memset(w->seen, 0, sizeof(w->seen));
}

/* @return whether it is the first part that tells of metric @id */
static bool is_first(struct push_watch *w, uint32_t id)
{
	uint8_t bit = (uint8_t)(1u << id % 8);

	if (id >= 8 * sizeof(w->seen) || w->seen[id / 8] & bit)
		return false;
	w->seen[id / 8] |= bit;
	return true;
}

/* What is absent is as it should be; later parts of a metric only add to it. */
static void add(struct push_watch *w, const struct partial *p, uint64_t has_covered)
{
	double due_ms = (double)p->wl * 1000;

	for (size_t i = 0; i < p->n_metrics; i++) {
		double covered_ms = has_covered >> i & 1 ? (double)p->metrics[i].agg.covered_ms : due_ms;

		if (is_first(w, p->metrics[i].id)) {
			w->n_adding++;
			w->missing_adding += 1.0;
		}
		w->missing_adding -= covered_ms / due_ms;
	}
}

static bool is_looked_at(const struct push_watch *w, const struct partial *p)
{
	return is_whole(p) && p->w0 >= w->from && (w->length == 0 || p->wl <= w->length);
}

static void hear(struct push_watch *w, const struct partial *p, uint64_t has_covered)
{
	if (w->newest < p->w0)
		w->newest = p->w0;
	if (w->w0 == 0 || p->wl < w->length || p->w0 > w->w0)
		begin(w, p);
	if (p->w0 == w->w0)
		add(w, p, has_covered);
	if (p->wm < w->w0 + w->length || w->n_adding == 0)
		return;
	w->is_known = true;
	w->n_streams = w->n_adding;
	w->missing = w->missing_adding > 0 ? w->missing_adding : 0;
}

void push_watch_hear(struct push_watch *w, const void *payload, size_t bytes)
{
	struct partial_metric metrics[PARTIAL_MAX_METRICS];
	struct partial p = { .metrics = metrics };
	struct wire_presence has;
	const char *why;

	if (wire_decode(&p, &has, payload, bytes, &why) == 0 && is_looked_at(w, &p))
		hear(w, &p, has.covered_ms);
}

void push_watch_restart(struct push_watch *w)
{
	*w = (struct push_watch){ .from = w->newest + 2 * w->length, .newest = w->newest };
}

double push_watch_coverage(const struct push_watch *w)
{
	return w->n_streams > 0 ? 1.0 - w->missing / (double)w->n_streams : 0.0;
}

bool push_watch_has_dropped(const struct push_watch *before, const struct push_watch *after)
{
	return after->missing > before->missing + 0.05;
}
