/* SPDX-License-Identifier: Apache-2.0 */
/*
 * replay.h - recorded samples through the same pipelines, in event time. The input is CSV: `time,SENSOR.CHANNEL,...`; columns
 * stand in for what the sensors of the config would read. Rows may be late; bad rows are skipped and counted.
 * An empty cell is a gap when a reading was due; a sensor that is read less often than there are rows just has none there.
 */
#ifndef RUNNEL_AGENT_REPLAY_H
#define RUNNEL_AGENT_REPLAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/conf.h"
#include "base/csv.h"
#include "base/timestamp.h"
#include "pipelines/graph.h"

enum { REPLAY_ERROR_BYTES = 256 };

struct replay_stats {
	uint64_t n_rows, n_samples;
	uint64_t n_bad_times, n_bad_cells, n_torn_rows, n_late_rows;
	uint64_t first_bad_line; /* 0: none */
};

struct replay {
	struct csv csv;
	const struct conf *conf;
	struct graph *graph;
	struct replay_stats stats;
	size_t n_columns;
	struct timestamp_second second;
	int64_t newest_us, previous_us; /* confirmed by the row after it; of the row before */
	int64_t advance_at_us;		/* a watermark below changes nothing */
	struct replay_column {
		size_t cell, source;
		int64_t seen_us; /* newest sample or gap; INT64_MIN: none yet */
	} used[CSV_MAX_COLUMNS], *used_end;
	char buf[CSV_BUFFER_BYTES];
};

/** Read the header from @fd and match the columns. @return 0, or negative errno with @error filled */
int replay_open(struct replay *r, int fd, const struct conf *conf, struct graph *graph,
		char error[static REPLAY_ERROR_BYTES]);

/** Feed up to @max_rows rows. @return 1: there may be more, 0: the end of the input, or negative errno of reading */
int replay_step(struct replay *r, uint64_t max_rows);

#endif
