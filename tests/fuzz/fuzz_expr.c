/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any text as a KPI expression. The first byte chooses what the streams are. What compiles is checked and evaluated;
 * the result is a number or missing, never infinite, and a second compilation gives the same bits. Errors are inside
 * the text and readable.
 */
#include <assert.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pipelines/expr.h"

static const struct unit celsius = { .code = "Cel" }, litre = { .code = "L" };

static const struct metric_def kinds[] = {
	{ .unit = &celsius,
	  .reference = 20.0,
	  .quantum = 0.01,
	  .has_sketch = true,
	  .sketch = { SKETCH_LIN, 0.01, 20.0, 10 } },
	{ .unit = &litre, .kind = SERIES_COUNTER, .quantum = 0.5 },
	{ .kind = SERIES_STATE, .quantum = 1.0 },
};

static const struct agg aggs[] = {
	{ .n = 60,
	  .s1 = 900,
	  .s2 = { 0, 20000 },
	  .min = 1,
	  .max = 40,
	  .first = 1,
	  .last = 40,
	  .tw = 900000,
	  .tw_ms = 60000,
	  .covered_ms = 60000,
	  .due_ms = 60000,
	  .increase = 39,
	  .has_sketch = true,
	  .sketch = { .pos = { .n = 3, .counts = { 20, 20, 20 } } } },
	{ .due_ms = 60000 },
	{ .n = UINT64_MAX,
	  .s1 = INT64_MIN,
	  .s2 = { UINT64_MAX, UINT64_MAX },
	  .min = INT64_MIN,
	  .max = INT64_MAX,
	  .tw = INT64_MIN,
	  .tw_ms = UINT64_MAX,
	  .covered_ms = 1,
	  .due_ms = 1,
	  .increase = UINT64_MAX },
};

static double evaluate(const struct expr *e, unsigned choice, struct arena *a)
{
	const struct metric_def *defs[EXPR_MAX_STREAMS];
	const struct agg *inputs[EXPR_MAX_STREAMS];
	struct expr_error err = { 0 };
	const char *unit = "untouched";
	double value;

	for (size_t i = 0; i < expr_n_streams(e); i++) {
		unsigned c = choice + (unsigned)i;

		assert(strlen(expr_stream(e, i)) > 0);
		defs[i] = &kinds[c % 3];
		inputs[i] = c / 3 % 4 < 3 ? &aggs[c / 3 % 4] : NULL;
	}
	if (expr_check(e, defs, a, &unit, &err) < 0)
		assert(err.column > 0 && err.text[0] && strcmp(unit, "untouched") == 0);
	value = expr_eval(e, inputs, defs);
	assert(!isinf(value) && !(value == 0.0 && signbit(value)));
	return value;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct expr_error err = { 0 };
	struct arena a = { 0 };
	struct expr *e, *again;
	char *text;

	if (size == 0)
		return 0;
	text = malloc(size);
	memcpy(text, data + 1, size - 1);
	text[size - 1] = '\0';

	if (expr_compile(&e, text, &a, &err) < 0) {
		assert(err.column > 0 && err.column <= strlen(text) + 1 && err.text[0]);
		for (const char *c = err.text; *c; c++)
			assert((unsigned char)*c >= 0x20 && *c != 0x7F);
	} else {
		double x, y;

		assert(expr_compile(&again, text, &a, &err) == 0);
		x = evaluate(e, data[0], &a);
		y = evaluate(again, data[0], &a);
		assert(memcmp(&x, &y, sizeof(x)) == 0 || (isnan(x) && isnan(y)));
	}
	arena_free(&a);
	free(text);
	return 0;
}
