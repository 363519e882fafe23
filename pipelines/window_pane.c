/* SPDX-License-Identifier: Apache-2.0 */
/* window_pane.c - the open parts of a window: a bounded number of them, the oldest makes room. */
#include <assert.h>

#include "pipelines/partial.h"
#include "pipelines/window_private.h"

struct pane *pane_find(struct window *w, int64_t w0_us)
{
	for (size_t i = 0; i < w->n_panes; i++)
		if (w->panes[i].used && w->panes[i].w0_us == w0_us)
			return &w->panes[i];
	return NULL;
}

struct pane *pane_open(struct window *w, int64_t w0_us, bool is_late)
{
	struct pane *p = w->panes;

	for (; p->used; p++)
		assert(p + 1 < w->panes + w->n_panes);
	p->used = true;
	p->is_late = is_late;
	p->w0_us = w0_us;
	p->from_us = !is_late && w->start_us > w0_us ? w->start_us : w0_us;
	p->part = window_take_part(w, w0_us);
	p->flags = w->flags | (p->from_us > w0_us ? PARTIAL_CUT_START : 0);
	for (size_t i = 0; i < w->o.n_streams; i++)
		cell_reset(&p->cells[i]);
	return p;
}

void pane_emit(struct window *w, struct pane *p, int64_t to_us, uint32_t flags)
{
	struct window_part part = {
		.w0_us = p->w0_us,
		.part = p->part,
		.flags = p->flags | flags,
		.from_us = p->from_us,
		.to_us = p->is_late ? p->from_us : to_us,
		.is_late = p->is_late,
		.cells = p->cells,
		.lanes = w->lanes,
	};

	w->o.closed(w->o.ctx, w, &part);
	p->used = false;
	for (size_t i = 0; i < w->o.n_streams; i++)
		if (w->lanes[i].cell == &p->cells[i])
			w->lanes[i].end_us = INT64_MIN;
}

void pane_close(struct window *w, struct pane *p, int64_t to_us, uint32_t flags)
{
	if (!p->is_late)
		for (size_t i = 0; i < w->o.n_streams; i++)
			if (w->lanes[i].track.newest_us != INT64_MIN)
				cell_hold(&p->cells[i], &w->lanes[i].track, to_ms(to_us));
	pane_emit(w, p, to_us, flags);
}

struct pane *pane_first(struct window *w)
{
	struct pane *best = NULL;

	for (size_t i = 0; i < w->n_panes; i++) {
		struct pane *p = &w->panes[i];

		if (p->used && (!best || (p->is_late && !best->is_late) ||
				(p->is_late == best->is_late && p->w0_us < best->w0_us)))
			best = p;
	}
	return best;
}

bool pane_has_room(const struct window *w)
{
	size_t n_used = 0;

	for (size_t i = 0; i < w->n_panes; i++)
		n_used += w->panes[i].used;
	return n_used < w->n_panes - 1;
}

/*
 * Too many parts are open: do what the watermark would do if it were at the end of the oldest. The windows before it are
 * closed too, because time that is held or due in them would be missing.
 */
void pane_force_oldest(struct window *w)
{
	struct pane *p = pane_first(w);
	int64_t to_us, end_us;

	assert(p);
	to_us = p->w0_us + w->length_us;
	w->n_forced++;
	if (p->is_late)
		pane_emit(w, p, p->from_us, 0);
	else
		while ((end_us = window_next_end(w, to_us)) != INT64_MAX)
			window_close(w, end_us);
}

struct pane *pane_of(struct window *w, int64_t w0_us)
{
	struct pane *p = pane_find(w, w0_us);

	if (p)
		return p;
	if (!pane_has_room(w))
		pane_force_oldest(w);
	return pane_open(w, w0_us, w0_us < w->closed_us);
}
