/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names in KPI expressions: atoms over a stream, functions over values. Most mistakes in a KPI are made here, and
 * each has its own text: a stream without an atom, an atom in an atom, an atom over an expression, the channel of
 * a sensor, a percentage for p, a name of another language.
 */
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/decimal.h"
#include "base/text.h"
#include "pipelines/expr_parse.h"

enum { NAME_MAX_LEN = 64, NAME_BYTES = NAME_MAX_LEN + 1, MAX_NAMES = 32 };

struct function {
	const char *name, *usage;
	unsigned min_args, max_args;
	enum expr_op op;
};

static const struct function functions[] = {
	{ "abs", "abs(x)", 1, 1, EXPR_ABS },
	{ "exp", "exp(x)", 1, 1, EXPR_EXP },
	{ "greatest", "greatest(a, b, ...)", 2, UINT_MAX, EXPR_GREATEST },
	{ "if", "if(condition, then, else)", 3, 3, EXPR_IF },
	{ "least", "least(a, b, ...)", 2, UINT_MAX, EXPR_LEAST },
	{ "log", "log(x)", 1, 1, EXPR_LOG },
	{ "pow", "pow(x, y)", 2, 2, EXPR_POW },
	{ "sqrt", "sqrt(x)", 1, 1, EXPR_SQRT },
};

/* Names used elsewhere for what is meant, too far off for a typing error. */
static const struct {
	const char *name, *meant;
} synonyms[] = {
	{ "average", "mean" },	      { "avg", "mean" },      { "count", "n" },
	{ "delta", "increase" },      { "ln", "log" },	      { "median", "quantile" },
	{ "percentile", "quantile" }, { "sd", "stddev" },     { "stdev", "stddev" },
	{ "std", "stddev" },	      { "twa", "time_mean" },
};

static const struct function *find_function(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(functions); i++)
		if (strcmp(functions[i].name, name) == 0)
			return &functions[i];
	return NULL;
}

static const char *nearest_name(const char *word)
{
	const char *candidates[MAX_NAMES];
	char lower[NAME_BYTES];
	size_t n = 0, i;

	for (i = 0; word[i]; i++)
		lower[i] = (char)tolower((unsigned char)word[i]);
	lower[i] = '\0';

	for (i = 0; i < ARRAY_LEN(synonyms); i++)
		if (strcmp(synonyms[i].name, lower) == 0)
			return synonyms[i].meant;
	for (i = 0; atom_at(i) && n < MAX_NAMES; i++)
		candidates[n++] = atom_at(i)->name;
	for (i = 0; i < ARRAY_LEN(functions) && n < MAX_NAMES; i++)
		candidates[n++] = functions[i].name;
	return text_nearest(lower, candidates, n);
}

static int no_such_function(struct expr_parser *p, const struct expr_token *at, const char *name)
{
	const char *nearest = nearest_name(name);
	char all[EXPR_ERROR_BYTES] = "";
	size_t len = 0;

	if (nearest)
		return expr_fail(p->err, at->column, "no function '%s', did you mean '%s'?", name, nearest);
	for (size_t i = 0; atom_at(i) && len < sizeof(all); i++)
		len += (size_t)snprintf(all + len, sizeof(all) - len, " %s", atom_at(i)->name);
	for (size_t i = 0; i < ARRAY_LEN(functions) && len < sizeof(all); i++)
		len += (size_t)snprintf(all + len, sizeof(all) - len, " %s", functions[i].name);
	return expr_fail(p->err, at->column, "no function '%.32s', expected one of%s", name, all);
}

static int parse_variable(struct expr_parser *p, const struct expr_token *at, const char *name)
{
	char all[EXPR_ERROR_BYTES] = "";
	size_t len = 0;

	for (size_t i = 0; i < p->n_variables; i++)
		if (strcmp(p->variables[i], name) == 0)
			return expr_emit(p, at, (struct expr_step){ .op = EXPR_VARIABLE, .stream = (unsigned)i });
	for (size_t i = 0; i < p->n_variables && len < sizeof(all); i++)
		len += (size_t)snprintf(all + len, sizeof(all) - len, " %s", p->variables[i]);
	return expr_fail(p->err, at->column, "no variable '%.32s', expected one of%.140s", name, all);
}

/* A name that no parenthesis follows. */
static int bare_name(struct expr_parser *p, const struct expr_token *at, const char *name)
{
	const struct function *function = find_function(name);
	const struct atom *atom = atom_find(name);

	if (p->n_variables > 0)
		return parse_variable(p, at, name);
	if (function)
		return expr_fail(p->err, at->column, "'%s' is a function, expected %s", name, function->usage);
	if (atom)
		return expr_fail(p->err, at->column, "'%s' needs a stream, expected %s(STREAM%s)", name, name,
				 atom->needs_p ? ", p" : "");
	return expr_fail(p->err, at->column,
			 "'%.32s' alone is no value, expected an atom such as mean(%.32s) or last(%.32s)", name, name,
			 name);
}

static int find_or_add_stream(struct expr_parser *p, const struct expr_token *name, unsigned *out)
{
	for (size_t i = 0; i < p->n_streams; i++) {
		if (p->streams[i].len == name->len && memcmp(p->streams[i].text, name->text, name->len) == 0) {
			*out = (unsigned)i;
			return 0;
		}
	}
	if (name->len > NAME_MAX_LEN)
		return expr_fail(p->err, name->column, "a name of more than %d characters is no stream", NAME_MAX_LEN);
	if (p->n_streams == EXPR_MAX_STREAMS)
		return expr_fail(p->err, name->column, "more than %d streams", EXPR_MAX_STREAMS);
	*out = (unsigned)p->n_streams;
	p->streams[p->n_streams++] = *name;
	return 0;
}

/* The p of quantile(s, p), behind its comma. */
static int parse_p(struct expr_parser *p, double *out)
{
	const struct expr_token at = p->token;
	double x;

	if (at.kind != EXPR_TOKEN_NUMBER)
		return expr_unexpected(p, "p, a plain number from 0 to 1");
	if (decimal_parse(at.text, at.len, &x) < 0 || !(x <= 1.0)) {
		char spoken[EXPR_SPOKEN_BYTES];

		return expr_fail(p->err, at.column, "p is %s, expected 0 to 1: the 95th percentile is 0.95",
				 expr_token_spoken(&at, spoken));
	}
	*out = x;
	expr_advance(p);
	if (expr_token_is(&p->token, "%"))
		return expr_unexpected(p, "')'");
	if (expr_token_is(&p->token, ","))
		return expr_fail(p->err, p->token.column,
				 "found ',' behind p, expected ')': a decimal point is a point");
	if (expr_token_is(&p->token, ")"))
		return 0;
	return expr_unexpected(p, p->token.kind == EXPR_TOKEN_SYMBOL ? "')': p is a plain number, not an expression"
								     : "')'");
}

/* Behind the stream of an atom that takes nothing else. */
static int expect_end_of_atom(struct expr_parser *p, const struct atom *atom, const struct expr_token *stream)
{
	const char *name = atom->name;
	int len = stream->len > 32 ? 32 : (int)stream->len;

	if (expr_token_is(&p->token, ")"))
		return 0;
	if (expr_token_is(&p->token, "(")) {
		const char *instead = strcmp(name, "max") == 0	 ? ": of several values, greatest(a, b)"
				      : strcmp(name, "min") == 0 ? ": of several values, least(a, b)"
								 : ": atoms do not nest";

		return expr_fail(p->err, stream->column, "found '%.*s(' in %s(), expected the name of a stream%s", len,
				 stream->text, name, instead);
	}
	if (expr_token_is(&p->token, "."))
		return expr_fail(p->err, p->token.column,
				 "found '.', expected ')': a channel of a sensor needs a stream with that `from:`");
	if (expr_token_is(&p->token, ","))
		return expr_fail(p->err, p->token.column, "found ',', expected ')': %s() takes one stream and no more",
				 name);
	if (p->token.kind == EXPR_TOKEN_SYMBOL)
		return expr_fail(p->err, p->token.column,
				 "%s() takes one stream and not an expression, expected %s(%.*s%s) here", name, name,
				 len, stream->text, atom->needs_p ? ", p" : "");
	return expr_unexpected(p, atom->needs_p ? "', p)'" : "')'");
}

/* Behind the opening parenthesis. */
static int parse_atom(struct expr_parser *p, const struct atom *atom, const struct expr_token *at)
{
	struct expr_step step = { .op = EXPR_ATOM, .atom = atom, .number = NAN };
	struct expr_token stream = p->token;
	int r;

	if (stream.kind != EXPR_TOKEN_NAME)
		return expr_unexpected(p, "the name of a stream");
	expr_advance(p);
	if (atom->needs_p && expr_token_is(&p->token, ")"))
		return expr_fail(p->err, p->token.column, "found ')', expected ', p': %s(STREAM, p)", atom->name);
	if (atom->needs_p && expr_token_is(&p->token, ",")) {
		expr_advance(p);
		r = parse_p(p, &step.number);
	} else {
		r = expect_end_of_atom(p, atom, &stream);
	}
	if (r < 0)
		return r;
	r = find_or_add_stream(p, &stream, &step.stream);
	if (r < 0)
		return r;
	expr_advance(p);
	return expr_emit(p, at, step);
}

/* Behind an argument, or where one is missing. */
static int wrong_argument(struct expr_parser *p, const struct function *f)
{
	char expected[64];

	if (expr_token_is(&p->token, ")") || expr_token_is(&p->token, ","))
		return expr_unexpected(p, f->usage);
	snprintf(expected, sizeof(expected), "an operator, ',' or ')': %s", f->usage);
	return expr_unexpected(p, expected);
}

/* The @n-th argument, from 0. What takes any number of them folds: least(a, b, c) becomes a b LEAST c LEAST. */
static int parse_argument(struct expr_parser *p, const struct function *f, const struct expr_token *at, unsigned n)
{
	int r;

	if (n > 0)
		expr_advance(p); /* the comma */
	if (expr_token_is(&p->token, ")"))
		return wrong_argument(p, f);
	r = expr_parse_expression(p);
	if (r == 0 && n > 0 && f->max_args == UINT_MAX)
		r = expr_emit(p, at, (struct expr_step){ .op = f->op });
	return r;
}

/* Behind the opening parenthesis. */
static int parse_arguments(struct expr_parser *p, const struct function *f, const struct expr_token *at)
{
	unsigned n = 0;
	int r;

	do {
		r = parse_argument(p, f, at, n);
		if (r < 0)
			return r;
		n++;
	} while (n < f->max_args && expr_token_is(&p->token, ","));

	if (!expr_token_is(&p->token, ")") || n < f->min_args)
		return wrong_argument(p, f);
	p->depth--;
	expr_advance(p);
	return f->max_args == UINT_MAX ? 0 : expr_emit(p, at, (struct expr_step){ .op = f->op });
}

int expr_parse_call(struct expr_parser *p)
{
	const struct expr_token at = p->token;
	const struct function *function;
	const struct atom *atom;
	char name[NAME_BYTES];
	int r;

	if (at.len > NAME_MAX_LEN)
		return expr_fail(p->err, at.column, "a name of more than %d characters is no function", NAME_MAX_LEN);
	memcpy(name, at.text, at.len);
	name[at.len] = '\0';
	atom = atom_find(name);
	function = find_function(name);

	expr_advance(p);
	if (!expr_token_is(&p->token, "("))
		return bare_name(p, &at, name);
	if (atom && p->n_variables > 0)
		return expr_fail(p->err, at.column,
				 "%s() is of a window and for KPIs, expected a variable or a function", name);
	if (atom) {
		expr_advance(p);
		return parse_atom(p, atom, &at);
	}
	if (!function)
		return no_such_function(p, &at, name);
	r = expr_enter(p);
	return r < 0 ? r : parse_arguments(p, function, &at);
}
