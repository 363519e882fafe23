/* SPDX-License-Identifier: Apache-2.0 */
/* The bench of op_rig.h. Options take the road they take in the agent: nodes, opt_apply(), setup(). */
#include "tests/op_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/yaml.h"
#include "base/diag.h"
#include "base/unit.h"

const struct series_info rig_gauge = { .unit = NULL, .kind = SERIES_GAUGE, .period_us = 1000000 };

static void keep(void *state, unsigned input, const struct sample *in, const struct emitter *out)
{
	struct op_rig *rig = state;

	(void)input;
	(void)out;
	assert_true(rig->n_out < RIG_OUT_MAX);
	rig->out[rig->n_out++] = *in;
}

static struct node *parse_value(struct arena *a, const char *text)
{
	const struct node *list;
	struct diag diag = { .file = "options" };
	struct node *n = arena_alloc(a, sizeof(*n));

	*n = (struct node){ .kind = NODE_SCALAR, .text = text };
	if (*text == '[' && strchr("[-.0123456789", text[1])) { /* "[degF]" is a unit */
		assert_int_equal(yaml_parse(text, strlen(text), a, &diag, &list), 0);
		*n = *list;
	}
	n->at = (struct place){ 1, 1 };
	return n;
}

/** "5" or "[1,2]" is a value, "a=1 b=[1,2]" a map, "" nothing. */
static struct node *parse_options(struct arena *a, const char *options)
{
	struct node *root = arena_alloc(a, sizeof(*root)), **tail = &root->children;
	char *rest = *options ? arena_strdup(a, options) : NULL, *word;

	root->at = (struct place){ 1, 1 };
	while ((word = strsep(&rest, " "))) {
		char *equals = strchr(word, '=');
		struct node *child;

		if (!equals)
			return parse_value(a, word);
		*equals = '\0';
		child = parse_value(a, equals + 1);
		child->key = word;
		child->key_at = root->at;
		root->kind = NODE_MAP;
		root->n_children++;
		*tail = child;
		tail = &child->next;
	}
	return root;
}

static int apply(struct op_rig *rig, const struct op_class *class, const char *options)
{
	struct diag diag = { .file = "options" };
	int n_errors;

	rig->op = (struct op_node){ class->push, arena_alloc(&rig->arena, class->state_size), { &rig->link, 1 } };
	n_errors = opt_apply(&class->options, parse_options(&rig->arena, options), rig->op.state, &rig->arena, &diag,
			     (struct place){ 1, 1 }, class->name, NULL);
	diag_free(&diag);
	return n_errors;
}

static struct op_rig *assemble(const char *name)
{
	struct op_rig *rig = calloc(1, sizeof(*rig));

	assert_non_null(rig);
	rig->class = op_find(name);
	assert_non_null(rig->class);
	rig->out = calloc(RIG_OUT_MAX, sizeof(*rig->out));
	assert_non_null(rig->out);
	rig->sink = (struct op_node){ .push = keep, .state = rig };
	rig->link = (struct op_link){ .to = &rig->sink };
	return rig;
}

static int set_up(struct op_rig *rig, const struct op_class *class, const struct series_info *inputs, size_t n_inputs)
{
	rig->n_inputs = inputs ? n_inputs : class->min_inputs;
	for (size_t i = 0; i < rig->n_inputs; i++) {
		rig->inputs[i] = inputs ? inputs[i] : rig_gauge;
		if (!rig->inputs[i].unit)
			rig->inputs[i].unit = unit_find("Cel");
	}
	rig->output = rig->inputs[0];
	rig->setup = (struct op_setup){
		.inputs = rig->inputs, .n_inputs = rig->n_inputs, .output = &rig->output, .arena = &rig->arena
	};
	return class->setup ? class->setup(rig->op.state, &rig->setup) : 0;
}

static int echo(void *ctx, const struct sample *in, int64_t *stamp)
{
	const struct op_rig *rig = ctx;
	struct op_exec_answer answer = { .t_s = (double)in->at_us / 1e6, .kind = OP_EXEC_NUMBER, .y = in->value };

	*stamp = 0;
	assert_true(op_exec_answer(rig->op.state, &answer));
	return 0;
}

struct op_rig *rig_new(const char *name, const char *options, const struct series_info *inputs, size_t n_inputs)
{
	struct op_rig *rig = assemble(name);
	int r;

	assert_int_equal(apply(rig, op_find(name), options), 0);
	r = set_up(rig, op_find(name), inputs, n_inputs);
	assert_string_equal(rig->setup.error, "");
	assert_int_equal(r, 0);
	rig->host = (struct op_exec_host){ .ctx = rig, .send = echo };
	if (rig->class == &op_exec)
		op_exec_set_host(rig->op.state, &rig->host);
	return rig;
}

void rig_free(struct op_rig *rig)
{
	arena_free(&rig->arena);
	free(rig->out);
	free(rig);
}

const char *rig_refusal(const char *name, const char *options, const struct series_info *inputs, size_t n_inputs)
{
	static char text[OP_ERROR_BYTES];
	struct op_rig *rig = assemble(name);
	int r;

	assert_int_equal(apply(rig, op_find(name), options), 0);
	r = set_up(rig, op_find(name), inputs, n_inputs);
	snprintf(text, sizeof(text), "%s", rig->setup.error);
	assert_int_equal(r, text[0] ? -EINVAL : 0);
	rig_free(rig);
	return text;
}

int rig_option_errors(const char *name, const char *options)
{
	struct op_rig *rig = assemble(name);
	int n_errors = apply(rig, op_find(name), options);

	rig_free(rig);
	return n_errors;
}

void rig_push_lost(struct op_rig *rig, unsigned input, double at_s, double value, uint32_t lost)
{
	struct sample s = { .at_us = (int64_t)llround(at_s * 1e6), .value = value, .lost = lost };

	assert_true(input < rig->n_inputs);
	rig->op.push(rig->op.state, input, &s, &rig->op.out);
}

void rig_push(struct op_rig *rig, unsigned input, double at_s, double value)
{
	rig_push_lost(rig, input, at_s, value, 0);
}

void rig_advance(struct op_rig *rig, double watermark_s)
{
	rig->class->advance(rig->op.state, (int64_t)llround(watermark_s * 1e6), &rig->op.out);
}

void rig_finish(struct op_rig *rig)
{
	if (rig->class->advance)
		rig->class->advance(rig->op.state, INT64_MAX, &rig->op.out);
}

void rig_expect(struct op_rig *rig, const double values[], size_t n)
{
	for (size_t i = 0; i < n && i < rig->n_out; i++) {
		double found = rig->out[i].value;

		if (found != values[i] && !(isnan(found) && isnan(values[i])))
			fail_msg("result %zu is %.17g, expected %.17g", i, found, values[i]);
	}
	assert_int_equal(rig->n_out, n);
	rig->n_out = 0;
}
