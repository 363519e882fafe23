/* SPDX-License-Identifier: Apache-2.0 */
/*
 * window.h - tumbling event-time windows of one length, over all streams that use this length.
 *
 * A window [w0, w0 + length), w0 a multiple of the length since the epoch, is closed when the watermark passes its end, and is
 * then immutable. What comes for it later opens a further part: parts of a window are disjoint sets of samples, so nothing is
 * ever revised. Part numbers are never reused within one life of the object, however far back a sample lies.
 *
 * Samples bear the time of a clock that never steps, windows that of the wall, which is ahead by a shift: when the wall clock is set,
 * what is open is cut and only the shift changes. Only samples are in that other time; all else here is wall time.
 *
 * Pure: time comes in with samples and watermarks. Memory is taken once, in window_new(); a bounded number of parts is open
 * at a time, and when more are needed the oldest is closed early, which costs a part, never a sample.
 */
#ifndef RUNNEL_PIPELINES_WINDOW_H
#define RUNNEL_PIPELINES_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "pipelines/cell.h"
#include "pipelines/part_log.h"

struct window;

/** A stream in a window: its memory, and a short cut to the part its newest sample went to. Only for window_add(). */
struct window_lane {
	struct cell_track track;
	struct cell *cell;
	const struct cell_spec *spec;
	int64_t w0_us, end_us; /* that part's window, in the time of samples; end INT64_MIN: no short cut */
	int64_t w0_ms;	       /* wall */
	struct window *window;
	size_t index;
	int64_t since_us; /* nothing is due before; wall */
	bool leaves;	  /* see window_adopt() */
};

/** A lane that goes on from no other. */
#define WINDOW_NO_LANE SIZE_MAX

/** A part that has just been closed; valid during the call. */
struct window_part {
	int64_t w0_us;
	uint32_t part, flags;	/* enum partial_flag */
	int64_t from_us, to_us; /* the time it speaks for; equal for late samples */
	bool is_late;
	const struct cell *cells;	 /* one per stream */
	const struct window_lane *lanes; /* the same */
	bool is_farewell;		 /* it speaks only for streams whose lane leaves */
};

struct window_options {
	uint32_t length_s;
	const struct cell_spec *specs; /* one per stream; borrowed */
	size_t n_streams;
	int64_t lateness_us; /* how far the watermark stays behind the newest sample, for the number of open parts */
	bool emit_empty;     /* windows without any sample too: a running device is never silent */
	void (*closed)(void *ctx, const struct window *w, const struct window_part *part);
	void *ctx;
};

struct window *window_new(const struct window_options *o, struct arena *a);

/** The wall is ahead of the time of samples by @shift_us. Only at the beginning, or after window_cut(). */
void window_set_shift(struct window *w, int64_t shift_us);

/** Parts that open from now on carry these flags (enum partial_flag) too. */
void window_set_flags(struct window *w, uint32_t flags);

/** The device runs since @at_us: windows count from here. Without it they count from the first sample's window. */
void window_start(struct window *w, int64_t at_us);

/** The lane of stream @i, valid as long as the window. */
struct window_lane *window_lane(struct window *w, size_t i);

/** Count a sample of stream @i, whatever it is: the first, late, a gap, one that opens or fills a part. */
void window_add_any(struct window *w, size_t i, const struct sample *s);

/** Count a sample. In line, because every sample passes here. */
static inline void window_add(struct window_lane *l, const struct sample *s)
{
	if (s->at_us < l->end_us && s->at_us >= l->track.newest_us) {
		uint32_t into_us = (uint32_t)(s->at_us - l->w0_us); /* fits: a window is at most an hour */

		if (cell_add_next(l->cell, l->spec, &l->track, s, l->w0_ms + into_us / 1000)) {
			l->track.newest_us = s->at_us;
			return;
		}
	}
	window_add_any(l->window, l->index, s);
}

/** End of the next window that must be closed when the watermark is @watermark_us, or INT64_MAX: nothing to close. */
int64_t window_next_end(const struct window *w, int64_t watermark_us);

/** Until the watermark reaches this, window_next_end() has nothing and window_advance() does nothing. INT64_MIN before the first sample. */
int64_t window_quiet_until(const struct window *w);

/** Close the window that ends at @end_us, got from window_next_end(), after the parts of late samples. */
void window_close(struct window *w, int64_t end_us);

/** Nothing is open before @watermark_us any more: samples from before are late. */
void window_advance(struct window *w, int64_t watermark_us);

/**
 * Close all open parts at @at_us and mark them with @flag (PARTIAL_CUT_END, PARTIAL_STEP), after closing what ends by then
 * with window_close(). Samples that follow count as after a window_start() at their own time. Keeps shift and flags.
 */
void window_cut(struct window *w, int64_t at_us, uint32_t flag);

/**
 * Instead of window_start(): go on where @old of the same length stands at @at_us, with the same clock. Stream i goes on from stream
 * @from[i] of it, whose definition is the same, or begins now (WINDOW_NO_LANE). What is open goes on unsplit; streams of @old that
 * nobody goes on from give what they have, in parts of their own. @old is of no use afterwards.
 */
void window_adopt(struct window *w, struct window *old, const size_t from[], int64_t at_us);

/** End of the latest open window, or INT64_MIN: how far to close when the input has ended. */
int64_t window_last_open_end(const struct window *w);

/** Close the parts of late samples that are still open. */
void window_close_late(struct window *w);

/** A further part number for the window at @w0_us, when what it holds does not fit in one message. */
uint32_t window_take_part(struct window *w, int64_t w0_us);

/** What to remember of its part numbers when the window ends, and for another of the same length to go on from. */
struct part_mark window_mark(const struct window *w);
void window_resume(struct window *w, const struct part_mark *mark);

/** Parts closed early because too many were open. */
uint64_t window_n_forced(const struct window *w);

#endif
