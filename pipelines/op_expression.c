/* SPDX-License-Identifier: Apache-2.0 */
/*
 * expression - an arithmetic expression over readings of the same time, in the language of KPIs (expr.h) but with variables
 * in the place of atoms: a, b, c ... are the inputs in their order, or what `names` calls them. Compiled once.
 *
 *     from: [air.temperature, air.humidity]
 *     through: [expression: {expression: "t - (100 - rh) / 5", names: [t, rh], unit: Cel}]
 *
 * The unit follows from the arithmetic where it can, else it must be said. log, exp and pow are those of the target's libm
 * and may differ in the last digit; everything else gives the same bits everywhere. Which readings belong together is said
 * in align.h. A missing input, a division by zero and an overflow are gaps; only the branch of if(c, x, y) that is not taken
 * may be missing.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/text.h"
#include "base/unit.h"
#include "pipelines/align.h"
#include "pipelines/expr.h"
#include "pipelines/op.h"
#include "pipelines/series.h"

struct expression {
	const char *text;
	struct opt_list names;
	const struct unit *unit;
	bool is_state;
	int64_t within_us;

	struct expr *expr;
	struct align align;
};

static const struct opt options[] = {
	{ "expression", OPT_TEXT, offsetof(struct expression, text), .required = true, .example = "1.8 * a + 32",
	  .help = "over a, b, c, ..., the inputs in their order; + - * /, comparisons, and or not, if(c, x, y), abs "
		  "sqrt log exp pow least greatest" },
	{ "names", OPT_TEXT_LIST, offsetof(struct expression, names), .help = "of the inputs, instead of letters" },
	{ "unit", OPT_UNIT, offsetof(struct expression, unit), .example = "[degF]",
	  .help = "unit of the result; default: where the arithmetic decides it, that" },
	{ "state", OPT_BOOL, offsetof(struct expression, is_state), .def = "no",
	  .help = "the result is a state: 1 for any number but 0" },
	ALIGN_WITHIN(struct expression, within_us),
};

static const char *const letters[OP_MAX_INPUTS] = { "a", "b", "c", "d", "e", "f", "g", "h",
						    "i", "j", "k", "l", "m", "n", "o", "p" };

static int check_names(const struct expression *e, struct op_setup *s)
{
	if (e->names.n != s->n_inputs) {
		snprintf(s->error, sizeof(s->error), "names must be as many as there are inputs, %zu, found %zu",
			 s->n_inputs, e->names.n);
		return -EINVAL;
	}
	for (size_t i = 0; i < e->names.n; i++) {
		bool is_new = true;

		for (size_t k = 0; k < i; k++)
			is_new = is_new && strcmp(e->names.items[i], e->names.items[k]) != 0;
		if (!is_new || !text_is_identifier(e->names.items[i])) {
			snprintf(s->error, sizeof(s->error), "name '%.40s' %s", e->names.items[i],
				 is_new ? "must be letters, digits and _ behind a letter" : "is given twice");
			return -EINVAL;
		}
	}
	return 0;
}

static int fail_at_column(struct op_setup *s, const struct expr_error *err)
{
	snprintf(s->error, sizeof(s->error), "column %u: %.130s", err->column, err->text);
	return -EINVAL;
}

static int compile(struct expression *e, struct op_setup *s)
{
	struct expr_variables variables = { e->names.n > 0 ? e->names.items : letters, s->n_inputs };
	struct metric_def inputs[OP_MAX_INPUTS];
	const struct metric_def *defs[OP_MAX_INPUTS];
	const char *unit = NULL;
	struct expr_error err;

	for (size_t i = 0; i < s->n_inputs; i++) {
		inputs[i] = (struct metric_def){ .unit = s->inputs[i].unit, .kind = s->inputs[i].kind };
		defs[i] = &inputs[i];
	}
	if (expr_compile_values(&e->expr, e->text, &variables, s->arena, &err) < 0)
		return fail_at_column(s, &err);
	if (expr_check(e->expr, defs, s->arena, &unit, &err) < 0 && !e->unit)
		return fail_at_column(s, &err);
	s->output->unit = e->is_state ? unit_find("1") : e->unit ? e->unit : unit ? unit_find(unit) : NULL;
	if (!s->output->unit) {
		snprintf(s->error, sizeof(s->error), "unit is needed: it does not follow from those of the inputs");
		return -EINVAL;
	}
	return 0;
}

static int expression_setup(void *state, struct op_setup *s)
{
	struct expression *e = state;
	int r = e->names.n > 0 ? check_names(e, s) : 0;

	for (size_t i = 0; r == 0 && i < s->n_inputs; i++)
		if (s->inputs[i].kind == SERIES_COUNTER) {
			snprintf(s->error, sizeof(s->error),
				 "input %zu is a counter, which may restart; use its increase() in a KPI", i + 1);
			r = -EINVAL;
		}
	if (r == 0)
		r = align_setup(&e->align, s, e->within_us);
	if (r == 0)
		r = compile(e, s);
	s->output->kind = e->is_state ? SERIES_STATE : SERIES_GAUGE;
	return r;
}

static void give(struct expression *e, const struct emitter *out)
{
	double values[OP_MAX_INPUTS], result;
	struct sample s;

	align_take(&e->align, &s, values);
	result = expr_eval_values(e->expr, values);
	if (e->is_state && !isnan(result))
		result = result != 0.0;
	series_emit(out, &s, result);
}

static void expression_push(void *state, unsigned input, const struct sample *in, const struct emitter *out)
{
	struct expression *e = state;

	if (align_is_over(&e->align, in))
		give(e, out);
	if (align_add(&e->align, input, in))
		give(e, out);
}

static int64_t expression_due_us(const void *state)
{
	const struct expression *e = state;

	return align_due_us(&e->align);
}

static void expression_advance(void *state, int64_t watermark_us, const struct emitter *out)
{
	struct expression *e = state;

	if (align_has_waited(&e->align, watermark_us))
		give(e, out);
}

const struct op_class op_expression = {
	.name = "expression",
	.family = OP_JOINING,
	.help = "an arithmetic expression over one or several series, one result for readings of the same time",
	.formula = "y(t) = f(a, b, c, ...) of the latest values, none older than `within`",
	.memory = "one sample an input, 48 B for each number, name and sign of the expression",
	.options = { options, ARRAY_LEN(options) },
	.state_size = sizeof(struct expression),
	.min_inputs = 1,
	.max_inputs = OP_MAX_INPUTS,
	.setup = expression_setup,
	.push = expression_push,
	.advance = expression_advance,
	.due_us = expression_due_us,
};
