/* SPDX-License-Identifier: Apache-2.0 */
/* expr.c - from the parser's scratch memory to an expression that lives in the arena, no larger than it must be. */
#include "pipelines/expr.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "pipelines/expr_parse.h"
#include "pipelines/expr_program.h"

int expr_fail(struct expr_error *err, unsigned column, const char *fmt, ...)
{
	va_list args;

	err->column = column;
	va_start(args, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, args);
	va_end(args);
	return -EINVAL;
}

static int compile(struct expr **out, struct expr_parser *p, struct arena *a)
{
	struct expr_step *steps;
	struct expr *e;
	int r;

	p->depth = 0;
	p->n_steps = p->n_streams = 0;
	r = expr_parse(p);
	if (r < 0)
		return r;

	steps = arena_alloc(a, p->n_steps * sizeof(*steps));
	memcpy(steps, p->steps, p->n_steps * sizeof(*steps));
	e = arena_alloc(a, sizeof(*e));
	e->steps = steps;
	e->n_steps = p->n_steps;
	e->n_streams = p->n_streams;
	for (size_t i = 0; i < p->n_streams; i++) {
		e->streams[i] = arena_strndup(a, p->streams[i].text, p->streams[i].len);
		e->stream_columns[i] = p->streams[i].column;
	}
	*out = e;
	return 0;
}

int expr_compile(struct expr **out, const char *text, struct arena *a, struct expr_error *err)
{
	struct expr_parser p;

	p.text = text;
	p.err = err;
	p.n_variables = 0;
	return compile(out, &p, a);
}

int expr_compile_values(struct expr **out, const char *text, const struct expr_variables *v, struct arena *a,
			struct expr_error *err)
{
	struct expr_parser p;

	assert(v->n > 0);
	p.text = text;
	p.err = err;
	p.variables = v->names;
	p.n_variables = v->n;
	return compile(out, &p, a);
}

size_t expr_n_streams(const struct expr *e)
{
	return e->n_streams;
}

const char *expr_stream(const struct expr *e, size_t i)
{
	assert(i < e->n_streams);
	return e->streams[i];
}

unsigned expr_stream_column(const struct expr *e, size_t i)
{
	assert(i < e->n_streams);
	return e->stream_columns[i];
}
