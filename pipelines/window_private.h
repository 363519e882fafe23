/* SPDX-License-Identifier: Apache-2.0 */
/* window_private.h - the inside of a window, shared by window.c (samples, watermarks) and window_pane.c (open parts). */
#ifndef RUNNEL_PIPELINES_WINDOW_PRIVATE_H
#define RUNNEL_PIPELINES_WINDOW_PRIVATE_H

#include "pipelines/part_log.h"
#include "pipelines/window.h"

enum { MAX_OPEN = 32, MIN_OPEN = 5 };

/* An open part. */
struct pane {
	bool used, is_late;
	int64_t w0_us, from_us;
	uint32_t part, flags;
	struct cell *cells;
};

struct window {
	struct window_options o;
	int64_t length_us, shift_us;
	uint32_t flags; /* of parts to come */
	bool is_started, was_cut;
	int64_t start_us;	   /* the device runs since; time before is not spoken for */
	int64_t closed_us;	   /* every window that ends by here is closed */
	struct window_lane *lanes; /* one per stream */
	struct pane panes[MAX_OPEN];
	size_t n_panes; /* one of them is spare: for windows that are opened to be closed */
	struct part_log log;
	uint64_t n_forced;
};

static inline int64_t align_down(int64_t t_us, int64_t length_us)
{
	int64_t rest = t_us % length_us;

	return rest < 0 ? t_us - rest - length_us : t_us - rest;
}

static inline int64_t to_ms(int64_t us)
{
	return align_down(us, 1000) / 1000;
}

/** Let stream @i hold its value up to @to_us, through all windows between. */
void window_hold_until(struct window *w, size_t i, int64_t to_us);

/** The open part of the window at @w0_us, or NULL. */
struct pane *pane_find(struct window *w, int64_t w0_us);

/** The same, opened if need be, for which another may have to be closed. */
struct pane *pane_of(struct window *w, int64_t w0_us);

/** There must be room. */
struct pane *pane_open(struct window *w, int64_t w0_us, bool is_late);

/** The open part whose window begins first, of late samples first. */
struct pane *pane_first(struct window *w);

/** Give it away as it is. */
void pane_emit(struct window *w, struct pane *p, int64_t to_us, uint32_t flags);

/** Streams hold their last value up to @to_us, then the part is complete. */
void pane_close(struct window *w, struct pane *p, int64_t to_us, uint32_t flags);

/** May another be opened without closing one? */
bool pane_has_room(const struct window *w);
void pane_force_oldest(struct window *w);

#endif
