/* SPDX-License-Identifier: Apache-2.0 */
/*
 * part_log.h - how many parts of each window were handed out, so that no number is given twice. The newest windows are
 * remembered one by one; all that fell out share one number that none of them has reached.
 */
#ifndef RUNNEL_PIPELINES_PART_LOG_H
#define RUNNEL_PIPELINES_PART_LOG_H

#include <stddef.h>
#include <stdint.h>

enum { PART_LOG_WINDOWS = 64 };

/** part_log_init() before first use. */
struct part_log {
	struct part_log_entry {
		int64_t w0_us;
		uint32_t next_part;
	} entries[PART_LOG_WINDOWS]; /* a ring */
	size_t n;
	int64_t newest_us;	/* the highest w0 ever */
	uint32_t next_of_older; /* a part number free for every window that fell out */
};

void part_log_init(struct part_log *log);

/** All that a log must not forget when its windows end: from which number on every part is free, and where windows are fresh. */
struct part_mark {
	int64_t newest_us;
	uint32_t next_part;
};

struct part_mark part_log_mark(const struct part_log *log);

/** Instead of part_log_init(): go on after @mark. */
void part_log_resume(struct part_log *log, const struct part_mark *mark);

/** A part number for the window at @w0_us that it has not had before. */
uint32_t part_log_take(struct part_log *log, int64_t w0_us);

#endif
