/* SPDX-License-Identifier: Apache-2.0 */
/*
 * window_adopt.c - another set of streams takes the place of one that runs: what is open goes on for those that are the same, and is
 * told for those that end. Their parts have numbers of their own, so all parts of a window stay disjoint.
 */
#include <assert.h>

#include "pipelines/partial.h"
#include "pipelines/window_private.h"

static bool goes_on(const struct window *w, const size_t from[], size_t lane)
{
	for (size_t i = 0; i < w->o.n_streams; i++)
		if (from[i] == lane)
			return true;
	return false;
}

static void tell_leaving(struct window *w, struct pane *p, int64_t at_us)
{
	int64_t end_us = p->w0_us + w->length_us, to_us = at_us < end_us ? at_us : end_us;
	struct window_part part = {
		.w0_us = p->w0_us,
		.part = window_take_part(w, p->w0_us),
		.flags = p->flags | (at_us < end_us ? PARTIAL_CUT_END : 0),
		.from_us = p->from_us,
		.to_us = p->is_late || to_us < p->from_us ? p->from_us : to_us,
		.is_late = p->is_late,
		.cells = p->cells,
		.lanes = w->lanes,
		.is_farewell = true,
	};

	w->o.closed(w->o.ctx, w, &part);
}

static void end_streams(struct window *old, const struct window *w, const size_t from[], int64_t at_us)
{
	bool is_any = false;

	for (size_t i = 0; i < old->o.n_streams; i++) {
		struct window_lane *l = &old->lanes[i];

		l->leaves = !goes_on(w, from, i);
		is_any = is_any || l->leaves;
		if (l->leaves && l->track.newest_us != INT64_MIN)
			window_hold_until(old, i, at_us);
	}
	for (size_t p = 0; is_any && p < old->n_panes; p++)
		if (old->panes[p].used)
			tell_leaving(old, &old->panes[p], at_us);
}

static void copy_cell(struct cell *to, const struct cell *from)
{
	struct sketch_ring *ring = to->ring;

	*to = *from;
	to->ring = ring;
	if (ring)
		*ring = *from->ring;
}

static void copy_panes(struct window *w, const struct window *old, const size_t from[])
{
	size_t n = 0;

	for (size_t k = 0; k < old->n_panes; k++) {
		const struct pane *was = &old->panes[k];
		struct pane *p = &w->panes[n];
		struct cell *cells = p->cells;

		if (!was->used)
			continue;
		n++;
		assert(n < w->n_panes);
		*p = *was;
		p->cells = cells;
		for (size_t i = 0; i < w->o.n_streams; i++) {
			if (from[i] == WINDOW_NO_LANE)
				cell_reset(&cells[i]);
			else
				copy_cell(&cells[i], &was->cells[from[i]]);
		}
	}
}

static size_t n_used(const struct window *w)
{
	size_t n = 0;

	for (size_t i = 0; i < w->n_panes; i++)
		n += w->panes[i].used;
	return n;
}

void window_adopt(struct window *w, struct window *old, const size_t from[], int64_t at_us)
{
	assert(w->length_us == old->length_us && n_used(w) == 0);
	while (n_used(old) > w->n_panes - 1)
		pane_force_oldest(old);
	end_streams(old, w, from, at_us);

	w->shift_us = old->shift_us;
	w->flags = old->flags;
	w->is_started = old->is_started;
	w->was_cut = old->was_cut;
	w->start_us = old->start_us;
	w->closed_us = old->closed_us;
	w->log = old->log;
	w->n_forced = old->n_forced;
	copy_panes(w, old, from);
	for (size_t i = 0; i < w->o.n_streams; i++) {
		struct window_lane *l = &w->lanes[i];

		if (from[i] == WINDOW_NO_LANE) {
			l->since_us = at_us;
			continue;
		}
		l->track = old->lanes[from[i]].track;
		l->since_us = old->lanes[from[i]].since_us;
	}
}

struct part_mark window_mark(const struct window *w)
{
	return part_log_mark(&w->log);
}

void window_resume(struct window *w, const struct part_mark *mark)
{
	part_log_resume(&w->log, mark);
}
