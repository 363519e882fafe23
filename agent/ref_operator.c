/* SPDX-License-Identifier: Apache-2.0 */
/* ref_operator.c - what the tables of operators and of KPI functions say. */
#include <stdio.h>

#include "agent/ref.h"

static void say_inputs(struct dynbuf *out, const struct op_class *op)
{
	if (op->min_inputs == op->max_inputs)
		dynbuf_addf(out, "%zu", op->min_inputs);
	else
		dynbuf_addf(out, "%zu to %zu", op->min_inputs, op->max_inputs);
}

void ref_operator_text(struct dynbuf *out, const struct op_class *op)
{
	dynbuf_addf(out, "%s\n  ", op->name);
	ref_wrap(out, 2, 2, op->help);
	dynbuf_addf(out, "\n  family   %s\n  inputs   ", op_family_name(op->family));
	say_inputs(out, op);
	dynbuf_adds(out, "\n  formula  ");
	ref_wrap(out, 11, 11, op->formula);
	dynbuf_adds(out, "  memory   ");
	ref_wrap(out, 11, 11, op->memory);
	dynbuf_adds(out, "\nOptions\n");
	ref_options_text(out, &op->options);
	if (op->options.n > 0)
		dynbuf_addf(out, "\n  `%s: VALUE` is short for `%s: {%s: VALUE}`.\n", op->name, op->name,
			    op->options.rows[0].name);
	dynbuf_adds(out, "\nExample\n");
	ref_operator_example(out, op);
}

void ref_operator_json(struct json *j, const struct op_class *op)
{
	struct dynbuf example;

	dynbuf_init(&example, REF_MAX_BYTES);
	ref_operator_example(&example, op);
	json_object_begin(j, NULL);
	json_text(j, "name", op->name);
	json_text(j, "family", op_family_name(op->family));
	json_text(j, "help", op->help);
	json_text(j, "formula", op->formula);
	json_text(j, "memory", op->memory);
	json_uint(j, "min_inputs", op->min_inputs);
	json_uint(j, "max_inputs", op->max_inputs);
	ref_options_json(j, "options", &op->options);
	json_text(j, "example", dynbuf_text(&example));
	json_object_end(j);
	dynbuf_free(&example);
}

void ref_operator_markdown(struct dynbuf *out, const struct op_class *op)
{
	dynbuf_addf(out, "### %s\n\n%s.\n\n- formula: %s\n- memory: %s\n- inputs: ", op->name, op->help, op->formula,
		    op->memory);
	say_inputs(out, op);
	dynbuf_adds(out, "\n\n");
	ref_options_markdown(out, &op->options);
	dynbuf_adds(out, "```yaml\n");
	ref_operator_example(out, op);
	dynbuf_adds(out, "```\n\n");
}

const char *ref_atom_call(const struct atom *atom, char *buf, size_t buf_bytes)
{
	snprintf(buf, buf_bytes, atom->needs_p ? "%s(s, p)" : "%s(s)", atom->name);
	return buf;
}

const char *ref_atom_unit(const struct atom *atom)
{
	static const char *const words[] = {
		[ATOM_UNIT_OF_STREAM] = "of the stream",
		[ATOM_UNIT_DIFFERENCE] = "of the stream, K for Cel",
		[ATOM_UNIT_SUM] = "of the stream",
		[ATOM_UNIT_ONE] = "1",
		[ATOM_UNIT_PER_SECOND] = "of the stream, per second",
		[ATOM_UNIT_TIMES_SECOND] = "of the stream, times second",
	};

	return words[atom->unit];
}

void ref_atom_text(struct dynbuf *out, const struct atom *atom)
{
	char call[64];

	dynbuf_addf(out, "%s\n  ", ref_atom_call(atom, call, sizeof(call)));
	ref_wrap(out, 2, 2, atom->help);
	dynbuf_addf(out, "\n  a function of KPI expressions over the samples of stream s in a window\n  unit      %s\n",
		    ref_atom_unit(atom));
	dynbuf_addf(out, "  counters  %s\n", atom->for_counters ? "yes" : "no: has no meaning for them");
	if (atom->needs_p)
		dynbuf_adds(out, "  p         0 to 1; the stream must have `quantiles: true`\n");
}

void ref_atom_json(struct json *j, const struct atom *atom)
{
	static const char *const units[] = {
		[ATOM_UNIT_OF_STREAM] = "stream",    [ATOM_UNIT_DIFFERENCE] = "stream",
		[ATOM_UNIT_SUM] = "stream",	     [ATOM_UNIT_ONE] = "1",
		[ATOM_UNIT_PER_SECOND] = "stream/s", [ATOM_UNIT_TIMES_SECOND] = "stream.s",
	};

	json_object_begin(j, NULL);
	json_text(j, "name", atom->name);
	json_text(j, "help", atom->help);
	json_bool(j, "needs_p", atom->needs_p);
	json_text(j, "unit", units[atom->unit]);
	json_bool(j, "for_counters", atom->for_counters);
	json_object_end(j);
}
