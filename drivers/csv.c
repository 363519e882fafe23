/* SPDX-License-Identifier: Apache-2.0 */
/*
 * csv - plays a recording as if it were measured now.
 *
 * The rows keep the distances in time that they were recorded with, divided by `pace`. trigger() reads ahead to the first row
 * that is not due, and answers with the time until then; so every row becomes one reading when it is due, and
 * nothing is read in between. When several became due at once, the newest counts, as with a sensor that is read too rarely.
 *
 * Distances, not times, are followed: when the recorded clock steps back, the recording goes on at once. When the clock of this machine
 * steps, or a fault kept the sensor from being read, it goes on with the next row, late, instead of leaving out what went by.
 *
 * A row that cannot be read (other number of cells, which is what a decimal comma looks like, a bad time, a bad number) fails
 * its reading with -EBADMSG. In the first row it is an error of the config.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/csv.h"
#include "base/fileio.h"
#include "base/timestamp.h"
#include "drivers/csv_columns.h"
#include "drivers/sensor.h"

#define LATE_IS_CLOCK_STEP_US INT64_C(3600000000)
#define LONGEST_STEP_US INT64_C(1000000000000000) /* 31 years; a sum with the time of day stays in range */
#define LAST_TIME_US INT64_C(253402300800000000)  /* of the year 9999; guesses end here */
#define EMPTY_ROUND_US INT64_C(1000000)		  /* a recording of one instant, played in a loop */

struct row {
	int64_t due_us;
	int64_t step_us; /* after the row before */
	bool is_bad;
	double values[SENSOR_MAX_CHANNELS];
};

struct recording {
	const char *path;
	double pace;
	bool loop;
	struct csv_wishes wishes;

	struct csv_columns columns;
	uint64_t header_hash;

	bool is_open;
	int fd;
	struct csv csv;
	char buffer[CSV_BUFFER_BYTES];
	uint64_t n_taken;   /* rows of this round, to come back to after a fault */
	uint64_t n_skipped; /* lines of this round that the reader left out and that have failed a reading */
	bool is_read_ahead; /* the row in csv.cells is still to be taken */

	bool is_begun, is_over, is_resuming;
	bool has_next, has_current, has_recorded;
	struct row next, current;
	int64_t recorded_us, step_us, due_us; /* of the row taken last; the step by the recorded clock */
};

static const struct opt options[] = {
	{ "path", OPT_TEXT, offsetof(struct recording, path), .required = true, .example = "readings.csv",
	  .help = "the file; its first line names the columns, and each column but the time is a channel" },
	{ "pace", OPT_DOUBLE, offsetof(struct recording, pace), .min = 0, .max = 1e6, .def = "1",
	  .help = "how many times faster than recorded; 0: one row for each reading, whatever its time" },
	{ "time", OPT_TEXT, offsetof(struct recording, wishes.time),
	  .help = "column of the time: Unix seconds, RFC 3339 or YYYY-MM-DD HH:MM:SS; default: the first" },
	{ "columns", OPT_TEXT_LIST, offsetof(struct recording, wishes.columns),
	  .help = "columns to read; default: all" },
	{ "units", OPT_UNIT_MAP, offsetof(struct recording, wishes.units), .help = "units by column; default: 1" },
	{ "counters", OPT_TEXT_LIST, offsetof(struct recording, wishes.counters),
	  .help = "columns that only grow, such as meter readings" },
	{ "states", OPT_TEXT_LIST, offsetof(struct recording, wishes.states), .help = "columns that are 0 or 1" },
	{ "loop", OPT_BOOL, offsetof(struct recording, loop), .def = "false", .help = "begin again at the end" },
};

static void csv_close(void *state)
{
	struct recording *s = state;

	if (s->is_open)
		fileio_close(s->fd);
	s->is_open = false;
}

static uint64_t hash_of_row(const struct csv *row)
{
	uint64_t hash = 0xCBF29CE484222325u; /* FNV-1a */

	for (size_t i = 0; i < row->n_cells; i++)
		for (size_t k = 0; k <= row->cells[i].len; k++)
			hash = (hash ^ (k < row->cells[i].len ? (unsigned char)row->cells[i].text[k] : ',')) *
			       0x100000001B3u;
	return hash;
}

/** Open and go past the header. */
static int open_file(struct recording *s, struct sensor_error *err)
{
	int r;

	csv_close(s);
	r = fileio_open(s->path);
	if (r < 0) {
		snprintf(err->text, sizeof(err->text), "cannot open %.100s: %s", s->path, strerror(-r));
		return r;
	}
	s->fd = r;
	s->is_open = true;
	csv_init_fd(&s->csv, s->fd, s->buffer);
	r = csv_next(&s->csv);
	if (r < 0)
		snprintf(err->text, sizeof(err->text), "cannot read %.100s: %s", s->path, strerror(-r));
	if (r == 0) {
		snprintf(err->text, sizeof(err->text), "%.100s has no header", s->path);
		return -EINVAL;
	}
	s->is_read_ahead = false;
	return r < 0 ? r : 0;
}

/** The row in csv.cells. @bad: the cell at fault. @return 0, or -EBADMSG; @time_us is set when it could be read */
static int read_cells(const struct recording *s, double values[], int64_t *time_us, size_t *bad)
{
	const struct csv_columns *c = &s->columns;

	*bad = c->time_cell;
	if (s->csv.n_cells != c->n_cells ||
	    timestamp_parse(s->csv.cells[c->time_cell].text, s->csv.cells[c->time_cell].len, time_us) < 0)
		return -EBADMSG;
	for (size_t i = 0; i < c->n; i++) {
		*bad = c->cells[i];
		if (csv_cell_to_double(s->csv.cells[*bad], &values[i]) < 0)
			return -EBADMSG;
	}
	return 0;
}

/** A wrong column is wrong in the first row, and then it is best said at once. */
static int check_first_row(struct recording *s, struct sensor_error *err)
{
	double values[SENSOR_MAX_CHANNELS];
	unsigned long long line;
	int64_t time_us;
	size_t bad;
	int r = csv_next(&s->csv);

	if (r <= 0)
		return r;
	if (read_cells(s, values, &time_us, &bad) == 0)
		return 0;
	line = s->csv.line;
	if (s->csv.n_cells != s->columns.n_cells)
		snprintf(err->text, sizeof(err->text),
			 "line %llu has %zu cells, the header %zu; decimal commas are not read", line, s->csv.n_cells,
			 s->columns.n_cells);
	else
		snprintf(err->text, sizeof(err->text),
			 "line %llu, column %zu: '%.*s' is no %s; name the columns wanted in `%s`", line, bad + 1,
			 (int)(s->csv.cells[bad].len < 40 ? s->csv.cells[bad].len : 40), s->csv.cells[bad].text,
			 bad == s->columns.time_cell ? "time" : "number",
			 bad == s->columns.time_cell ? "time" : "columns");
	return -EINVAL;
}

static int csv_describe(void *state, struct arena *a, const struct channel **out, struct sensor_error *err)
{
	struct recording *s = state;
	int r;

	(void)a;
	r = open_file(s, err);
	if (r == 0)
		r = csv_columns_read(&s->columns, &s->csv, &s->wishes, err);
	if (r == 0) {
		s->header_hash = hash_of_row(&s->csv);
		r = check_first_row(s, err);
	}
	csv_close(s);
	if (r < 0)
		return r;
	*out = s->columns.channels;
	return (int)s->columns.n;
}

static int csv_probe(void *state, int64_t now_us, struct sensor_error *err)
{
	struct recording *s = state;
	int r;

	(void)now_us;
	r = open_file(s, err);
	if (r < 0)
		return r;
	if (hash_of_row(&s->csv) != s->header_hash) {
		snprintf(err->text, sizeof(err->text), "the header of %.100s has changed", s->path);
		return -EINVAL;
	}
	for (uint64_t i = 0; i < s->n_taken; i++) {
		r = csv_next(&s->csv);
		if (r < 0)
			return r;
	}
	s->is_resuming = true;
	return 0;
}

/** Microseconds of this clock for a step of the recorded one. */
static int64_t paced_us(const struct recording *s, int64_t step_us)
{
	double paced = s->pace > 0.0 ? (double)step_us / s->pace : 0.0;

	return paced < 0.0 ? 0 : paced < (double)LONGEST_STEP_US ? (int64_t)paced : LONGEST_STEP_US;
}

/** @time_us: NULL for a row that has none; like the first of a round it follows as the one before did. */
static void schedule(struct recording *s, struct row *row, int64_t now_us, const int64_t *time_us)
{
	if (time_us && s->has_recorded)
		s->step_us = *time_us > s->recorded_us ? *time_us - s->recorded_us : 0;
	if (time_us)
		s->recorded_us = *time_us;
	else if (s->recorded_us < LAST_TIME_US)
		s->recorded_us += s->step_us;
	s->has_recorded |= time_us != NULL;

	row->step_us = s->is_begun ? paced_us(s, s->step_us) : 0;
	s->due_us = s->is_begun ? s->due_us + row->step_us : now_us;
	s->is_begun = true;
	row->due_us = s->due_us;
}

/** @return 1 there is a row in csv.cells, 0 there are no more, or negative errno */
static int read_row(struct recording *s)
{
	struct sensor_error unused;
	int r = s->is_read_ahead ? 1 : csv_next(&s->csv);

	if (r != 0 || !s->loop || s->n_taken == 0 || s->csv.n_skipped > s->n_skipped)
		return r;
	r = open_file(s, &unused);
	if (r < 0)
		return r;
	s->n_taken = 0;
	s->n_skipped = 0;
	s->has_recorded = false;
	if (paced_us(s, s->step_us) == 0)
		s->step_us = EMPTY_ROUND_US;
	return csv_next(&s->csv);
}

/** Fill next. Rows that the reader left out come first, together as one bad row. @return as read_row() */
static int take_row(struct recording *s, int64_t now_us)
{
	int64_t time_us = -1;
	size_t bad;
	int r = read_row(s);

	if (r < 0)
		return r;
	if (s->csv.n_skipped > s->n_skipped) {
		s->n_skipped = s->csv.n_skipped;
		s->is_read_ahead = r == 1;
		s->next.is_bad = true;
		schedule(s, &s->next, now_us, NULL);
		s->has_next = true;
		return 1;
	}
	if (r == 0)
		return 0;
	s->is_read_ahead = false;
	s->n_taken++;
	s->next.is_bad = read_cells(s, s->next.values, &time_us, &bad) < 0;
	schedule(s, &s->next, now_us, time_us >= 0 ? &time_us : NULL);
	s->has_next = true;
	return 1;
}

static void make_due(struct recording *s, int64_t at_us)
{
	s->next.due_us = at_us;
	s->due_us = at_us;
}

/** See above: a fault or a step of the clock must not leave out rows, nor stop the recording. */
static void keep_in_step(struct recording *s, int64_t now_us)
{
	int64_t late_us = now_us - s->next.due_us;

	if (late_us > LATE_IS_CLOCK_STEP_US || (s->is_resuming && late_us > 0))
		make_due(s, now_us);
	else if (-late_us > s->next.step_us)
		make_due(s, now_us + s->next.step_us);
	s->is_resuming = false;
}

static void make_current(struct recording *s)
{
	s->current = s->next;
	s->has_current = true;
	s->has_next = false;
}

/** Is it the turn of the next row? A bad one does not take the place of a good one. */
static bool is_next_due(struct recording *s, int64_t now_us)
{
	if (s->pace <= 0.0)
		return !s->has_current;
	keep_in_step(s, now_us);
	return s->next.due_us <= now_us && !(s->next.is_bad && s->has_current && !s->current.is_bad);
}

static int64_t csv_trigger(void *state, int64_t now_us)
{
	struct recording *s = state;

	if (!s->is_open)
		return -EIO;
	while (!s->is_over) {
		int r = s->has_next ? 1 : take_row(s, now_us);

		if (r < 0)
			return r;
		s->is_over = r == 0;
		if (s->is_over || !is_next_due(s, now_us))
			break;
		make_current(s);
	}
	return s->has_current || s->is_over ? 0 : s->next.due_us - now_us;
}

static int csv_collect(void *state, int64_t now_us, double out[])
{
	struct recording *s = state;

	if (!s->has_current && s->has_next && s->next.due_us <= now_us)
		make_current(s);
	if (!s->has_current)
		return s->is_over ? (int)SENSOR_END : -EAGAIN;
	s->has_current = false;
	if (s->current.is_bad)
		return -EBADMSG;
	memcpy(out, s->current.values, s->columns.n * sizeof(out[0]));
	return 0;
}

const struct sensor_driver csv_driver = {
	.name = "csv",
	.help = "plays a recording from a CSV file",
	.options = { options, ARRAY_LEN(options) },
	.state_size = sizeof(struct recording),
	.describe = csv_describe,
	.needs_local_trust = true,
	.is_self_paced = true,
	.probe = csv_probe,
	.trigger = csv_trigger,
	.collect = csv_collect,
	.close = csv_close,
};
