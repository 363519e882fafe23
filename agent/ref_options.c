/* SPDX-License-Identifier: Apache-2.0 */
/* ref_options.c - one option table, three ways. A default or a bound is shown as a user would write it. */
#include <string.h>

#include "agent/ref.h"
#include "base/text.h"

enum { LINE_COLUMNS = 80, NAME_COLUMNS = 16, ACCEPTS_BYTES = 512 };

/* Code points, for UTF-8 as in the names of units. */
static size_t width_of(const char *text, size_t bytes)
{
	size_t n = 0;

	for (size_t i = 0; i < bytes; i++)
		n += ((unsigned char)text[i] & 0xC0) != 0x80;
	return n;
}

void ref_wrap(struct dynbuf *out, size_t indent, size_t column, const char *text)
{
	bool is_fresh = true;

	while (*text) {
		size_t bytes = strcspn(text, " "), width = width_of(text, bytes);

		if (!is_fresh && column + 1 + width > LINE_COLUMNS) {
			dynbuf_addf(out, "\n%*s", (int)indent, "");
			column = indent;
			is_fresh = true;
		}
		if (!is_fresh) {
			dynbuf_adds(out, " ");
			column++;
		}
		dynbuf_add(out, text, bytes);
		column += width;
		is_fresh = false;
		text += bytes;
		text += strspn(text, " ");
	}
	dynbuf_adds(out, "\n");
}

static void say_default(const struct opt *row, struct dynbuf *out)
{
	if (row->required)
		dynbuf_adds(out, "; required");
	else if (row->def && row->def[0])
		dynbuf_addf(out, "; default %s", row->def);
}

static void row_text(struct dynbuf *out, const struct opt *row, size_t name_columns)
{
	char accepts[ACCEPTS_BYTES];
	size_t indent = name_columns + 4;
	struct dynbuf line;

	dynbuf_init(&line, ACCEPTS_BYTES + 256);
	dynbuf_adds(&line, opt_expects(row, accepts, sizeof(accepts)));
	say_default(row, &line);
	dynbuf_addf(out, "  %-*s  ", (int)name_columns, row->name);
	if (strlen(row->name) > name_columns)
		dynbuf_addf(out, "\n%*s", (int)indent, "");
	ref_wrap(out, indent, indent, dynbuf_text(&line));
	dynbuf_addf(out, "%*s", (int)indent, "");
	ref_wrap(out, indent, indent, row->help);
	dynbuf_free(&line);
}

void ref_options_text(struct dynbuf *out, const struct opt_table *table)
{
	size_t columns = 0;

	for (size_t i = 0; i < table->n; i++) {
		size_t len = strlen(table->rows[i].name);

		columns = len > columns && len <= NAME_COLUMNS ? len : columns;
	}
	for (size_t i = 0; i < table->n; i++)
		row_text(out, &table->rows[i], columns);
	if (table->n == 0)
		dynbuf_adds(out, "  none\n");
}

void ref_options_json(struct json *j, const char *key, const struct opt_table *table)
{
	char accepts[ACCEPTS_BYTES];

	json_array_begin(j, key);
	for (size_t i = 0; i < table->n; i++) {
		const struct opt *row = &table->rows[i];

		json_object_begin(j, NULL);
		json_text(j, "name", row->name);
		json_text(j, "accepts", opt_expects(row, accepts, sizeof(accepts)));
		json_text(j, "unit", row->unit);
		json_text(j, "default", row->def);
		json_bool(j, "required", row->required);
		json_text(j, "help", row->help);
		opt_schema(row, j, "schema");
		json_object_end(j);
	}
	json_array_end(j);
}

void ref_markdown_cell(struct dynbuf *out, const char *text)
{
	for (; *text; text++)
		dynbuf_addf(out, *text == '|' ? "\\%c" : "%c", *text);
	dynbuf_adds(out, " |");
}

void ref_options_markdown(struct dynbuf *out, const struct opt_table *table)
{
	char accepts[ACCEPTS_BYTES];

	if (table->n == 0)
		return;
	dynbuf_adds(out, "| option | accepts | default | what |\n|---|---|---|---|\n");
	for (size_t i = 0; i < table->n; i++) {
		const struct opt *row = &table->rows[i];

		dynbuf_addf(out, "| `%s` | ", row->name);
		ref_markdown_cell(out, opt_expects(row, accepts, sizeof(accepts)));
		dynbuf_adds(out, " ");
		if (row->required)
			dynbuf_adds(out, "*required*");
		else if (row->def && row->def[0])
			dynbuf_addf(out, "`%s`", row->def);
		dynbuf_adds(out, " | ");
		ref_markdown_cell(out, row->help);
		dynbuf_adds(out, "\n");
	}
	dynbuf_adds(out, "\n");
}
