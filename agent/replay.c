/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/replay.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/decimal.h"
#include "base/log.h"

static void match_column(struct replay *r, size_t cell)
{
	const struct conf *c = r->conf;
	struct csv_cell name = r->csv.cells[cell];

	for (size_t i = 0; i < c->plan.n_sources; i++)
		if (strlen(c->source_names[i]) == name.len && memcmp(c->source_names[i], name.text, name.len) == 0) {
			*r->used_end++ = (struct replay_column){ cell, i, INT64_MIN };
			return;
		}
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

		for (const struct replay_column *c = r->used; c < r->used_end; c++)
			is_there = is_there || c->source == s;
		if (!is_there && is_used(r->conf, s))
			log_warning("no column %s in the input: the streams that take from it stay empty",
				    r->conf->source_names[s]);
	}
}

int replay_open(struct replay *r, int fd, const struct conf *conf, struct graph *graph,
		char error[static REPLAY_ERROR_BYTES])
{
	int n;

	*r = (struct replay){ .conf = conf, .graph = graph };
	r->newest_us = r->previous_us = r->advance_at_us = INT64_MIN;
	r->used_end = r->used;
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
	for (size_t i = 1; i < r->n_columns; i++)
		match_column(r, i);
	if (r->used_end == r->used) {
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
static bool is_due(const struct replay *r, const struct replay_column *c, int64_t at_us)
{
	int64_t period_us = r->conf->sources[c->source].period_us;

	return c->seen_us == INT64_MIN || at_us - c->seen_us >= period_us / 4 * 3;
}

/* What is no bare number. @return false: nothing was due */
static __attribute__((noinline)) bool read_odd_cell(struct replay *r, const struct replay_column *c, struct sample *s)
{
	struct csv_cell cell = r->csv.cells[c->cell];

	if (cell.len == 0 && !is_due(r, c, s->at_us))
		return false;
	if (csv_cell_to_double(cell, &s->value) < 0) {
		note_bad(r, &r->stats.n_bad_cells);
		s->value = NAN;
	}
	return true;
}

static inline void feed_cell(struct replay *r, struct replay_column *c, int64_t at_us)
{
	const struct csv_cell *cell = &r->csv.cells[c->cell];
	struct sample s = { .at_us = at_us };

	if (decimal_parse(cell->text, cell->len, &s.value) < 0 && !read_odd_cell(r, c, &s))
		return;
	if (at_us > c->seen_us)
		c->seen_us = at_us;
	graph_push(r->graph, c->source, &s);
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
	if (timestamp_parse_next(&r->second, cells[0].text, cells[0].len, &at_us) < 0) {
		note_bad(r, &r->stats.n_bad_times);
		return;
	}
	if (at_us < r->previous_us) {
		r->stats.n_late_rows++;
		move_watermark(r, at_us);
	} else {
		move_watermark(r, r->previous_us);
	}
	r->previous_us = at_us;
	for (struct replay_column *c = r->used; c < r->used_end; c++)
		feed_cell(r, c, at_us);
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
