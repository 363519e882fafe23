/* SPDX-License-Identifier: Apache-2.0 */
/*
 * progress.h - what one boot of one device has sent: which sequence numbers came, and what its watermark promises.
 *
 * A message says: I am number seq, and when I was made the watermark was wm. Numbers that came are kept as runs without a hole.
 * A hole hides messages that were made while the watermark went from that of the message before it to that of the message
 * after it; so it can hide data of windows that end after the one and begin before the other, and of no others.
 * That is why one lost message costs the completeness of a window or two and not that of the rest of the boot, and why a
 * collector that starts in the middle of a boot can vouch for what begins after it came.
 */
#ifndef RUNNEL_COLLECTOR_PROGRESS_H
#define RUNNEL_COLLECTOR_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PROGRESS_MAX_RUNS = 32 };

/** Instead of a watermark that is not to be believed. */
#define PROGRESS_NO_WM UINT64_MAX

struct seq_run {
	uint32_t first, last;
	uint64_t wm_first; /* of the first message; PROGRESS_NO_WM: not known */
	uint64_t wm_last;  /* the highest */
};

struct progress {
	uint32_t boot;
	bool is_backfill; /* recorded data, sent later: not the device's own life */
	size_t n_runs;
	struct seq_run runs[PROGRESS_MAX_RUNS]; /* ascending, at least one number apart */
	bool has_promise; /* by a status: after promise_seq messages the watermark was promise_wm */
	uint32_t promise_seq;
	uint64_t promise_wm;
};

/** Message @seq (from 1) came. @wm may be PROGRESS_NO_WM. When there are too many runs the oldest is forgotten, which makes a hole. */
void progress_message(struct progress *p, uint32_t seq, uint64_t wm);

/** One message came that stands for all numbers from @first to @last: windows that were merged before they were sent. */
void progress_range(struct progress *p, uint32_t first, uint32_t last, uint64_t wm);

/** A status came; the newest one (by seq, then wm) counts. */
void progress_status(struct progress *p, uint32_t seq, uint64_t wm);

/** The watermark, 0 when nothing is known. */
uint64_t progress_wm(const struct progress *p);

/** Whether messages that did not come may hold data of the window [@w0, @end). */
bool progress_has_hole(const struct progress *p, uint64_t w0, uint64_t end);

/** The highest number that came; 0: none. */
uint32_t progress_last_seq(const struct progress *p);

/** Numbers that are missing between the first and the last that is known of. */
uint64_t progress_n_missing(const struct progress *p);

#endif
