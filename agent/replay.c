/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/replay.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/timestamp.h"

static size_t find_source(const struct conf *c, struct csv_cell name)
{
	for (size_t i = 0; i < c->plan.n_sources; i++)
		if (strlen(c->source_names[i]) == name.len && memcmp(c->source_names[i], name.text, name.len) == 0)
			return i;
	return REPLAY_UNUSED;
}

static bool is_used(const struct conf *c, size_t source)
{
	for (size_t i = 0; i < c->plan.n_streams; i++)
		for (size_t f = 0; f < c->plan.streams[i].n_from; f++)
			if (!c->plan.streams[i].from[f].is_stream && c->plan.streams[i].from[f].index == source)
				return true;
	return false;
}

static void warn_of_missing_columns(const struct replay *r)
{
	for (size_t s = 0; s < r->conf->plan.n_sources; s++) {
		bool is_there = false;

		for (size_t i = 0; i < r->n_columns; i++)
			is_there = is_there || r->sources[i] == s;
		if (!is_there && is_used(r->conf, s))
			log_warning("no column %s in the input: the streams that take from it stay empty",
				    r->conf->source_names[s]);
	}
}

int replay_open(struct replay *r, int fd, const struct conf *conf, struct graph *graph,
		char error[static REPLAY_ERROR_BYTES])
{
	size_t n_matched = 0;
	int n;

	*r = (struct replay){ .conf = conf, .graph = graph };
	r->newest_us = r->previous_us = r->advance_at_us = INT64_MIN;
	csv_init_fd(&r->csv, fd, r->buf);
	n = csv_next(&r->csv);
	if (n <= 0) {
		snprintf(error, REPLAY_ERROR_BYTES, "%s",
			 n < 0 ? strerror(-n) : "the input is empty, expected a header such as time,air.temperature");
		return n < 0 ? n : -EINVAL;
	}
	if (r->csv.n_cells < 2 || r->csv.cells[0].len != 4 || memcmp(r->csv.cells[0].text, "time", 4) != 0) {
		snprintf(error, REPLAY_ERROR_BYTES,
			 "the first line must be a header such as time,air.temperature, found '%.*s'",
			 (int)(r->csv.cells[0].len < 60 ? r->csv.cells[0].len : 60), r->csv.cells[0].text);
		return -EINVAL;
	}
	r->n_columns = r->csv.n_cells;
	r->sources[0] = REPLAY_UNUSED;
	for (size_t i = 1; i < r->n_columns; i++) {
		r->sources[i] = find_source(conf, r->csv.cells[i]);
		n_matched += r->sources[i] != REPLAY_UNUSED;
	}
	if (n_matched == 0) {
		snprintf(error, REPLAY_ERROR_BYTES,
			 "no column is a SENSOR.CHANNEL of the config; its channels begin with %s",
			 conf->plan.n_sources > 0 ? conf->source_names[0] : "none at all");
		return -EINVAL;
	}
	warn_of_missing_columns(r);
	return 0;
}

static void note_bad(struct replay *r, uint64_t *counter)
{
	(*counter)++;
	if (r->stats.first_bad_line == 0)
		r->stats.first_bad_line = r->csv.line;
}

/* With a known period, most of it must have passed since the last reading for another to be due. */
static bool is_due(const struct replay *r, size_t column, int64_t at_us)
{
	int64_t period_us = r->conf->sources[r->sources[column]].period_us;

	return !r->has_seen[column] || at_us - r->seen_us[column] >= period_us / 4 * 3;
}

static void feed_cell(struct replay *r, size_t column, int64_t at_us)
{
	struct csv_cell cell = r->csv.cells[column];
	struct sample s = { .at_us = at_us };

	if (cell.len == 0 && !is_due(r, column, at_us))
		return;
	if (csv_cell_to_double(cell, &s.value) < 0) {
		note_bad(r, &r->stats.n_bad_cells);
		s.value = NAN;
	}
	if (!r->has_seen[column] || at_us > r->seen_us[column])
		r->seen_us[column] = at_us;
	r->has_seen[column] = true;
	graph_push(r->graph, r->sources[column], &s);
	r->stats.n_samples++;
}

/* A time counts only when the row after it is no earlier: one wrong date in the future would make all that follows late. */
static void move_watermark(struct replay *r, int64_t confirmed_us)
{
	int64_t watermark_us;

	if (confirmed_us <= r->newest_us)
		return;
	r->newest_us = confirmed_us;
	watermark_us = confirmed_us - r->conf->lateness_us;
	if (watermark_us >= r->advance_at_us)
		r->advance_at_us = graph_advance(r->graph, watermark_us);
}

static void feed_row(struct replay *r)
{
	const struct csv_cell *cells = r->csv.cells;
	int64_t at_us;

	if (r->csv.n_cells != r->n_columns) {
		note_bad(r, &r->stats.n_torn_rows);
		return;
	}
	if (timestamp_parse(cells[0].text, cells[0].len, &at_us) < 0) {
		note_bad(r, &r->stats.n_bad_times);
		return;
	}
	r->stats.n_late_rows += at_us < r->previous_us;
	move_watermark(r, at_us < r->previous_us ? at_us : r->previous_us);
	r->previous_us = at_us;
	for (size_t i = 1; i < r->n_columns; i++)
		if (r->sources[i] != REPLAY_UNUSED)
			feed_cell(r, i, at_us);
	r->stats.n_rows++;
}

int replay_step(struct replay *r, uint64_t max_rows)
{
	while (max_rows-- > 0) {
		int n = csv_next(&r->csv);

		if (n <= 0)
			return n;
		feed_row(r);
	}
	return 1;
}
