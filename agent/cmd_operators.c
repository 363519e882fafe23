/* SPDX-License-Identifier: Apache-2.0 */
#include <unistd.h>

#include "agent/cmd.h"
#include "agent/cmd_list.h"
#include "agent/exits.h"
#include "agent/ref.h"
#include "base/term.h"
#include "base/text.h"

static const char help[] = "Usage: runnel operators [NAME] [--json]\n"
			   "\n"
			   "What streams and KPIs can do: all operators and KPI functions, or one with its options,\n"
			   "formula, memory and an example config.\n"
			   "\n"
			   "Exit status: 0 done, 64 usage or no such operator, 74 output failed.\n";

static int add_family(struct term_table *table, enum op_family family, size_t *n_lines)
{
	const struct op_class *op;
	int r = list_begin_row(table, (*n_lines)++);

	if (r == 0) {
		term_table_linef(table, TERM_PLAIN, "%s", "");
		r = list_begin_row(table, (*n_lines)++);
	}
	if (r == 0)
		term_table_linef(table, TERM_CYAN, "%s: %s", op_family_name(family), op_family_help(family));
	for (size_t i = 0; r == 0 && (op = op_at(i)); i++) {
		if (op->family != family)
			continue;
		r = list_begin_row(table, (*n_lines)++);
		if (r < 0)
			break;
		term_table_cell(table, TERM_BOLD, op->name);
		term_table_cell(table, TERM_PLAIN, op->help);
	}
	return r;
}

static int print_operators(void)
{
	static const struct term_column columns[] = {
		{ .title = "OPERATOR" },
		{ .title = "DOES", .is_flexible = true },
	};

	struct term_table *table;
	size_t n_lines = 0;
	int r = term_table_create(&table, STDOUT_FILENO, columns, ARRAY_LEN(columns));

	if (r < 0)
		return r;
	for (enum op_family family = OP_SHAPING; r == 0 && family < N_OP_FAMILIES; family++)
		r = add_family(table, family, &n_lines);
	return list_end_table(table, r);
}

static bool add_atom(struct term_table *table, size_t i)
{
	const struct atom *atom = atom_at(i);
	char call[64];

	if (!atom)
		return false;
	term_table_cell(table, TERM_BOLD, ref_atom_call(atom, call, sizeof(call)));
	term_table_cell(table, TERM_PLAIN, atom->help);
	term_table_cell(table, TERM_DIM, ref_atom_unit(atom));
	return true;
}

static int print_atoms(void)
{
	static const struct term_column columns[] = {
		{ .title = "KPI FUNCTION" },
		{ .title = "OF STREAM s IN A WINDOW", .is_flexible = true },
		{ .title = "UNIT", .is_flexible = true },
	};

	return list_table(columns, ARRAY_LEN(columns), add_atom);
}

static int print_all(void)
{
	struct dynbuf out;
	int r = print_operators();

	dynbuf_init(&out, REF_MAX_BYTES);
	dynbuf_adds(&out, "\nEvery stream also takes\n");
	ref_options_text(&out, &conf_stream_options);
	dynbuf_adds(&out, "\n");
	if (r == 0 && list_print(&out) != EXIT_DONE)
		return EXIT_IO;
	if (r == 0)
		r = print_atoms();
	if (r < 0) {
		dynbuf_free(&out);
		return list_io_error(r);
	}
	dynbuf_init(&out, REF_MAX_BYTES);
	dynbuf_adds(&out, "\nEvery KPI takes\n");
	ref_options_text(&out, &conf_kpi_options);
	dynbuf_adds(&out, "\n`runnel operators NAME` shows options, formula, memory and an example.\n");
	return list_print(&out);
}

static int print_all_json(void)
{
	const struct op_class *op;
	const struct atom *atom;
	struct dynbuf out;
	struct json j = { .out = &out };

	dynbuf_init(&out, REF_MAX_BYTES);
	json_object_begin(&j, NULL);
	json_array_begin(&j, "operators");
	for (size_t i = 0; (op = op_at(i)); i++)
		ref_operator_json(&j, op);
	json_array_end(&j);
	ref_options_json(&j, "stream_options", &conf_stream_options);
	json_array_begin(&j, "kpi_functions");
	for (size_t i = 0; (atom = atom_at(i)); i++)
		ref_atom_json(&j, atom);
	json_array_end(&j);
	ref_options_json(&j, "kpi_options", &conf_kpi_options);
	json_object_end(&j);
	dynbuf_adds(&out, "\n");
	return list_print(&out);
}

static int unknown(const char *name)
{
	const char *known[256];
	size_t n = 0;

	if (op_word_meaning(name))
		return list_unknown("operators", "operator or KPI function", name, op_word_meaning(name));
	for (size_t i = 0; op_at(i) && n < ARRAY_LEN(known); i++)
		known[n++] = op_at(i)->name;
	for (size_t i = 0; atom_at(i) && n < ARRAY_LEN(known); i++)
		known[n++] = atom_at(i)->name;
	return list_unknown("operators", "operator or KPI function", name, text_nearest(name, known, n));
}

/* `integral` is both: an operator, and a function of KPIs. */
static void add_both(struct dynbuf *out, const struct op_class *op, const struct atom *atom)
{
	if (op)
		ref_operator_text(out, op);
	if (op && atom)
		dynbuf_adds(out, "\n");
	if (atom)
		ref_atom_text(out, atom);
}

static int print_one(const char *name, bool is_json)
{
	const struct op_class *op = op_find(name);
	const struct atom *atom = atom_find(name);
	struct dynbuf out;
	struct json j = { .out = &out };

	if (!op && !atom)
		return unknown(name);
	dynbuf_init(&out, REF_MAX_BYTES);
	if (!is_json) {
		add_both(&out, op, atom);
		return list_print(&out);
	}
	if (op)
		ref_operator_json(&j, op);
	else
		ref_atom_json(&j, atom);
	dynbuf_adds(&out, "\n");
	return list_print(&out);
}

int cmd_operators(int argc, char **argv)
{
	struct list_arguments a = { 0 };
	int r = list_parse(argc, argv, help, &a);

	if (r != EXIT_DONE || a.is_done)
		return r;
	if (a.name)
		return print_one(a.name, a.is_json);
	return a.is_json ? print_all_json() : print_all();
}
