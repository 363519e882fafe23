/* SPDX-License-Identifier: Apache-2.0 */
/* csv_columns.c - see the header. A name in the options that matches no column is an error: it is a typing error. */
#include "drivers/csv_columns.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/timestamp.h"

static bool is_name_char(char ch)
{
	return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || (ch >= '0' && ch <= '9') || ch == '_';
}

static PRINTF_LIKE(2, 3) int refuse(struct sensor_error *err, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, args);
	va_end(args);
	return -EINVAL;
}

/** The part after the dot of IDENTIFIER.IDENTIFIER, else all of it. */
static struct csv_cell without_sensor(struct csv_cell header)
{
	const char *dot = memchr(header.text, '.', header.len);
	size_t after;

	if (!dot || dot == header.text)
		return header;
	after = (size_t)(dot + 1 - header.text);
	if (after == header.len)
		return header;
	for (size_t i = 0; i < header.len; i++)
		if (i != after - 1 && !is_name_char(header.text[i]))
			return header;
	return (struct csv_cell){ header.text + after, header.len - after };
}

void csv_column_name(struct csv_cell header, size_t column, char name[CSV_NAME_BYTES])
{
	struct csv_cell part = without_sensor(header);
	size_t n = 0;
	bool is_gap = false;

	for (size_t i = 0; i < part.len && n < CSV_NAME_BYTES - 1; i++) {
		char ch = part.text[i];

		if (!is_name_char(ch)) {
			is_gap = true;
			continue;
		}
		if ((is_gap && n > 0) || (n == 0 && ch >= '0' && ch <= '9')) {
			if (n == CSV_NAME_BYTES - 2)
				break; /* no room for what it would join */
			name[n++] = '_';
		}
		is_gap = false;
		name[n++] = ch;
	}
	name[n] = '\0';
	if (n == 0)
		snprintf(name, CSV_NAME_BYTES, "column_%zu", column);
}

static bool is_called(struct csv_cell header, size_t column, const char *wish)
{
	char name[CSV_NAME_BYTES];

	if (strlen(wish) == header.len && memcmp(wish, header.text, header.len) == 0)
		return true;
	csv_column_name(header, column, name);
	return strcmp(wish, name) == 0;
}

static bool is_listed(struct csv_cell header, size_t column, const struct opt_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		if (is_called(header, column, list->items[i]))
			return true;
	return false;
}

/** @return index of the column, or -EINVAL with @err filled */
static int find_column(const struct csv *row, const char *wish, struct sensor_error *err)
{
	char names[CSV_MAX_COLUMNS][CSV_NAME_BYTES];
	const char *known[CSV_MAX_COLUMNS], *nearest;

	for (size_t i = 0; i < row->n_cells; i++) {
		if (is_called(row->cells[i], i + 1, wish))
			return (int)i;
		csv_column_name(row->cells[i], i + 1, names[i]);
		known[i] = names[i];
	}
	nearest = text_nearest(wish, known, row->n_cells);
	if (nearest)
		return refuse(err, "the file has no column '%.60s'; did you mean '%s'?", wish, nearest);
	return refuse(err, "the file has no column '%.60s'; the first is '%s', the last '%s'", wish, known[0],
		      known[row->n_cells - 1]);
}

static int check_wishes(const struct csv *row, const struct csv_wishes *wishes, struct sensor_error *err)
{
	const struct opt_list *lists[] = { &wishes->columns, &wishes->counters, &wishes->states };
	int r = 0;

	for (size_t k = 0; k < ARRAY_LEN(lists); k++)
		for (size_t i = 0; i < lists[k]->n && r >= 0; i++)
			r = find_column(row, lists[k]->items[i], err);
	for (size_t i = 0; i < wishes->units.n && r >= 0; i++)
		r = find_column(row, wishes->units.pairs[i].name, err);
	return r < 0 ? r : 0;
}

static int add_channel(struct csv_columns *c, const struct csv *row, size_t cell, const struct csv_wishes *wishes,
		       struct sensor_error *err)
{
	struct csv_cell header = row->cells[cell];
	struct channel *ch;

	if (c->n == SENSOR_MAX_CHANNELS)
		return refuse(err, "the file has more than %d columns; name those wanted in `columns`",
			      SENSOR_MAX_CHANNELS);
	csv_column_name(header, cell + 1, c->names[c->n]);
	for (size_t i = 0; i < c->n; i++)
		if (strcmp(c->names[i], c->names[c->n]) == 0) {
			struct csv_cell other = row->cells[c->cells[i]];

			return refuse(
				err,
				"columns %zu (%.*s) and %zu (%.*s) are both called %.40s; leave one out with `columns`",
				c->cells[i] + 1, (int)(other.len < 24 ? other.len : 24), other.text, cell + 1,
				(int)(header.len < 24 ? header.len : 24), header.text, c->names[i]);
		}

	ch = &c->channels[c->n];
	*ch = (struct channel){ .name = c->names[c->n], .unit = "1", .help = "column of the file" };
	for (size_t i = 0; i < wishes->units.n; i++)
		if (is_called(header, cell + 1, wishes->units.pairs[i].name))
			ch->unit = wishes->units.pairs[i].value;
	if (is_listed(header, cell + 1, &wishes->counters))
		ch->kind = CHANNEL_COUNTER;
	else if (is_listed(header, cell + 1, &wishes->states))
		ch->kind = CHANNEL_STATE;
	c->cells[c->n++] = cell;
	return 0;
}

int csv_columns_read(struct csv_columns *out, const struct csv *row, const struct csv_wishes *wishes,
		     struct sensor_error *err)
{
	int64_t us;
	int r = 0;

	if (wishes->time) {
		r = find_column(row, wishes->time, err);
		if (r < 0)
			return r;
	}
	out->n = 0;
	out->n_cells = row->n_cells;
	out->time_cell = (size_t)r;
	if (timestamp_parse(row->cells[r].text, row->cells[r].len, &us) == 0)
		return refuse(err, "line %llu is no header: its first line must name the columns",
			      (unsigned long long)row->line);
	r = check_wishes(row, wishes, err);
	for (size_t i = 0; i < row->n_cells && r == 0; i++) {
		bool is_wanted = !wishes->columns.n || is_listed(row->cells[i], i + 1, &wishes->columns);

		if (i != out->time_cell && is_wanted)
			r = add_channel(out, row, i, wishes, err);
	}
	if (r < 0)
		return r;
	return out->n ? 0 : refuse(err, "the file has no column besides the time");
}
