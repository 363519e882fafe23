/* SPDX-License-Identifier: Apache-2.0 */
#include "pipelines/window.h"

#include <assert.h>

#include "pipelines/window_private.h"

struct window *window_new(const struct window_options *o, struct arena *a)
{
	struct window *w = arena_alloc(a, sizeof(*w));
	int64_t extra;

	w->o = *o;
	w->length_us = (int64_t)o->length_s * 1000000;
	w->closed_us = INT64_MIN;
	part_log_init(&w->log);
	w->lanes = arena_alloc(a, o->n_streams * sizeof(w->lanes[0]));
	for (size_t i = 0; i < o->n_streams; i++)
		w->lanes[i] = (struct window_lane){
			.track.newest_us = INT64_MIN,
			.end_us = INT64_MIN,
			.since_us = INT64_MIN,
			.spec = &o->specs[i],
			.window = w,
			.index = i,
		};

	extra = (o->lateness_us + w->length_us - 1) / w->length_us;
	w->n_panes = extra + MIN_OPEN > MAX_OPEN ? MAX_OPEN : (size_t)extra + MIN_OPEN;
	for (size_t p = 0; p < w->n_panes; p++) {
		struct pane *pane = &w->panes[p];

		pane->cells = arena_alloc(a, o->n_streams * sizeof(*pane->cells));
		for (size_t i = 0; i < o->n_streams; i++)
			if (o->specs[i].def->has_sketch) {
				pane->cells[i].ring = arena_alloc(a, sizeof(struct sketch_ring));
				sketch_ring_init(pane->cells[i].ring, &o->specs[i].def->sketch);
			}
	}
	return w;
}

uint32_t window_take_part(struct window *w, int64_t w0_us)
{
	return part_log_take(&w->log, w0_us);
}

/* --- samples --- */

void window_start(struct window *w, int64_t at_us)
{
	w->is_started = true;
	w->start_us = at_us;
	w->closed_us = align_down(at_us, w->length_us);
	if (w->o.emit_empty)
		pane_of(w, w->closed_us);
}

/* The watermark may have moved before: other lengths have closed windows, and promised that nothing more comes for them. */
static void start_by_sample(struct window *w, int64_t at_us)
{
	int64_t from_us = w->was_cut ? at_us : align_down(at_us, w->length_us);

	window_start(w, from_us > w->closed_us ? from_us : w->closed_us);
}

/* Windows that are closed have said what was held in them: what is held from now on speaks for the time after. */
static void skip_closed(const struct window *w, struct cell_track *t)
{
	if (t->done_ms < w->closed_us / 1000)
		t->done_ms = w->closed_us / 1000;
}

void window_hold_until(struct window *w, size_t i, int64_t to_us)
{
	struct cell_track *t = &w->lanes[i].track;
	int64_t end_ms = to_ms(to_us);

	skip_closed(w, t);
	while (t->done_ms < end_ms && t->until_ms > t->done_ms) {
		int64_t w0_us = align_down(t->done_ms * 1000, w->length_us);
		int64_t edge_ms = (w0_us + w->length_us) / 1000;

		if (!pane_find(w, w0_us) && !pane_has_room(w))
			pane_force_oldest(w); /* it may be this window that is closed then */
		else
			cell_hold(&pane_of(w, w0_us)->cells[i], t, edge_ms < end_ms ? edge_ms : end_ms);
	}
	if (t->done_ms < end_ms)
		t->done_ms = end_ms;
}

/* A part takes fewer than 2^17 samples of a stream: the fuller window goes on in the next one. */
static void split_full(struct window *w, struct pane *p, int64_t at_us)
{
	int64_t w0_us = p->w0_us, from_us = at_us > p->from_us ? at_us : p->from_us;

	if (p->is_late) {
		pane_emit(w, p, p->from_us, 0); /* the next sample opens another */
		return;
	}
	pane_close(w, p, from_us, 0);
	p = pane_open(w, w0_us, false);
	p->from_us = from_us;
	p->flags = w->flags;
}

static void take_short_cut(struct window *w, size_t i, struct pane *p)
{
	struct window_lane *l = &w->lanes[i];

	l->cell = &p->cells[i];
	l->w0_us = p->w0_us - w->shift_us;
	l->end_us = l->w0_us + w->length_us;
	l->w0_ms = p->w0_us / 1000;
}

/* The ends of what 64 bits hold are far outside of what any clock shows. */
static int64_t to_wall(const struct window *w, int64_t at_us)
{
	int64_t wall_us;

	if (__builtin_add_overflow(at_us, w->shift_us, &wall_us))
		return at_us > 0 ? INT64_MAX : INT64_MIN;
	return wall_us;
}

/*
 * A sample for a window that is still open comes after one that is later by an hour and all lateness, which the watermark never
 * confirmed: so that one was from the future. Forget it, or all that follow would be out of order. What it made hold may
 * have been integrated already, at most for as long as a value holds: so long nothing is.
 */
#define FUTURE_US INT64_C(3600000000)

static bool was_from_future(const struct window *w, const struct cell_track *t, int64_t wall_us)
{
	int64_t newest_us = to_wall(w, t->newest_us);

	return wall_us >= w->closed_us && newest_us > wall_us &&
	       (uint64_t)newest_us - (uint64_t)wall_us > (uint64_t)(FUTURE_US + w->o.lateness_us);
}

static void forget_future(struct window *w, size_t i, int64_t at_us)
{
	struct window_lane *l = &w->lanes[i];

	l->track.newest_us = at_us;
	l->track.done_ms = l->track.until_ms = to_ms(to_wall(w, at_us)) + l->spec->hold_ms;
	l->end_us = INT64_MIN;
}

void window_add_any(struct window *w, size_t i, const struct sample *s)
{
	struct cell_track *t = &w->lanes[i].track;
	int64_t wall_us = to_wall(w, s->at_us), w0_us = align_down(wall_us, w->length_us);
	bool in_order = s->at_us >= t->newest_us;
	struct pane *p;

	if (!w->is_started)
		start_by_sample(w, wall_us);
	if (t->newest_us == INT64_MIN)
		t->done_ms = t->until_ms = to_ms(wall_us);
	if (in_order) {
		window_hold_until(w, i, wall_us);
		t->newest_us = s->at_us;
	} else if (was_from_future(w, t, wall_us)) {
		forget_future(w, i, s->at_us);
	}
	p = pane_of(w, w0_us);
	if (in_order)
		skip_closed(w, t);
	cell_add(&p->cells[i], &w->o.specs[i], t, s, to_ms(wall_us), in_order);
	if (p->cells[i].n >= AGG_N_LIMIT - 1)
		split_full(w, p, wall_us);
	else if (in_order && !p->is_late)
		take_short_cut(w, i, p);
}

void window_set_shift(struct window *w, int64_t shift_us)
{
	assert(!pane_first(w));
	w->shift_us = shift_us;
}

void window_set_flags(struct window *w, uint32_t flags)
{
	w->flags = flags;
}

struct window_lane *window_lane(struct window *w, size_t i)
{
	return &w->lanes[i];
}

/* Does a value speak for time in the window that begins at closed_us? */
static bool is_anything_held(const struct window *w)
{
	for (size_t i = 0; i < w->o.n_streams; i++) {
		const struct cell_track *t = &w->lanes[i].track;

		if (t->newest_us != INT64_MIN && t->until_ms > t->done_ms && t->until_ms * 1000 > w->closed_us &&
		    t->done_ms * 1000 < w->closed_us + w->length_us)
			return true;
	}
	return false;
}

int64_t window_next_end(const struct window *w, int64_t watermark_us)
{
	int64_t end_us = INT64_MAX;

	if (!w->is_started)
		return INT64_MAX;
	for (size_t i = 0; i < w->n_panes; i++) {
		const struct pane *p = &w->panes[i];

		if (p->used && !p->is_late && p->w0_us + w->length_us < end_us)
			end_us = p->w0_us + w->length_us;
	}
	if (w->closed_us + w->length_us < end_us && (w->o.emit_empty || is_anything_held(w)))
		end_us = w->closed_us + w->length_us;
	return end_us <= watermark_us ? end_us : INT64_MAX;
}

int64_t window_last_open_end(const struct window *w)
{
	int64_t end_us = INT64_MIN;

	for (size_t i = 0; i < w->n_panes; i++) {
		const struct pane *p = &w->panes[i];

		if (p->used && !p->is_late && p->w0_us + w->length_us > end_us)
			end_us = p->w0_us + w->length_us;
	}
	return end_us;
}

int64_t window_quiet_until(const struct window *w)
{
	return w->is_started ? w->closed_us + w->length_us : INT64_MIN;
}

void window_close_late(struct window *w)
{
	for (size_t i = 0; i < w->n_panes; i++)
		if (w->panes[i].used && w->panes[i].is_late)
			pane_emit(w, &w->panes[i], w->panes[i].from_us, 0);
}

void window_close(struct window *w, int64_t end_us)
{
	struct pane *p;

	window_close_late(w);
	p = pane_find(w, end_us - w->length_us);
	if (!p)
		p = pane_open(w, end_us - w->length_us, false);
	pane_close(w, p, end_us, 0);
	w->closed_us = end_us;
}

void window_advance(struct window *w, int64_t watermark_us)
{
	int64_t closed_us = align_down(watermark_us, w->length_us);

	if (closed_us > w->closed_us)
		w->closed_us = closed_us;
}

void window_cut(struct window *w, int64_t at_us, uint32_t flag)
{
	int64_t w0_us = align_down(at_us, w->length_us);
	struct pane *p;

	assert(window_next_end(w, at_us) == INT64_MAX);
	if (w->is_started && w0_us >= w->closed_us && !pane_find(w, w0_us) && (w->o.emit_empty || is_anything_held(w)))
		pane_open(w, w0_us, false);
	while ((p = pane_first(w))) {
		if (at_us > p->w0_us)
			pane_close(w, p, at_us > p->from_us ? at_us : p->from_us, flag);
		else
			pane_emit(w, p, p->from_us, flag); /* of the time to come: nothing is held there */
	}
	for (size_t i = 0; i < w->o.n_streams; i++) {
		struct cell_track *t = &w->lanes[i].track;

		t->newest_us = INT64_MIN;
		t->until_ms = t->done_ms;
	}
	w->is_started = false;
	w->was_cut = true;
	w->closed_us = INT64_MIN;
}

uint64_t window_n_forced(const struct window *w)
{
	return w->n_forced;
}
