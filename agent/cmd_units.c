/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/cmd.h"
#include "agent/cmd_list.h"
#include "agent/exits.h"
#include "agent/ref.h"
#include "base/term.h"
#include "base/text.h"

static const char help[] = "Usage: runnel units [CODE] [--json]\n"
			   "\n"
			   "Units of streams by UCUM code, and how their samples are counted: reference K, quantum q,\n"
			   "sketch of quantiles and the range that is not clipped.\n"
			   "\n"
			   "Exit status: 0 done, 64 usage or no such unit, 74 output failed.\n";

static bool add_row(struct term_table *table, size_t i)
{
	const struct unit *unit = unit_at(i);
	char number[32];
	double min, max;

	if (!unit)
		return false;
	ref_unit_range(unit, &min, &max);
	term_table_cell(table, TERM_BOLD, unit->code);
	term_table_cell(table, TERM_PLAIN, unit->name);
	term_table_cell(table, TERM_DIM, unit->quantity);
	term_table_cell(table, TERM_PLAIN, text_from_double(unit->reference, number, sizeof(number)));
	term_table_cell(table, TERM_PLAIN, text_from_double(unit->quantum, number, sizeof(number)));
	term_table_cellf(table, TERM_PLAIN, "K±%.9g", max - unit->reference);
	if (unit->sketch == SKETCH_LIN)
		term_table_cellf(table, TERM_DIM, "lin %g", unit->sketch_width);
	else
		term_table_cell(table, TERM_DIM, "exp2");
	return true;
}

static int print_all(void)
{
	static const struct term_column columns[] = {
		{ .title = "UNIT" },
		{ .title = "NAME", .is_flexible = true },
		{ .title = "OF", .is_flexible = true },
		{ .title = "K", .is_right = true },
		{ .title = "q", .is_right = true },
		{ .title = "RANGE", .is_right = true },
		{ .title = "SKETCH" },
	};
	int r = list_table(columns, ARRAY_LEN(columns), add_row);

	return r == 0 ? EXIT_DONE : list_io_error(r);
}

static int print_all_json(void)
{
	struct dynbuf out;
	struct json j = { .out = &out };

	dynbuf_init(&out, REF_MAX_BYTES);
	json_object_begin(&j, NULL);
	json_array_begin(&j, "units");
	for (size_t i = 0; unit_at(i); i++)
		ref_unit_json(&j, unit_at(i));
	json_array_end(&j);
	json_object_end(&j);
	dynbuf_adds(&out, "\n");
	return list_print(&out);
}

static int print_one(const char *code, bool is_json)
{
	const struct unit *unit = unit_find(code);
	struct dynbuf out;
	struct json j = { .out = &out };

	if (!unit)
		return list_unknown("units", "unit", code, unit_nearest(code));
	dynbuf_init(&out, REF_MAX_BYTES);
	if (is_json) {
		ref_unit_json(&j, unit);
		dynbuf_adds(&out, "\n");
	} else {
		ref_unit_text(&out, unit);
	}
	return list_print(&out);
}

int cmd_units(int argc, char **argv)
{
	struct list_arguments a = { 0 };
	int r = list_parse(argc, argv, help, &a);

	if (r != EXIT_DONE || a.is_done)
		return r;
	if (a.name)
		return print_one(a.name, a.is_json);
	return a.is_json ? print_all_json() : print_all();
}
