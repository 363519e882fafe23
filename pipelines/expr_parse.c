/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Operators, by precedence climbing over one table: each row is an operator, its level and its step. The parser
 * writes postfix steps while it reads and builds no tree. Recursion is bounded by the nesting of the text, and that
 * by EXPR_MAX_DEPTH.
 */
#include "pipelines/expr_parse.h"

#include <errno.h>
#include <math.h>
#include <strings.h>

#include "base/decimal.h"

enum level { LEVEL_OR, LEVEL_AND, LEVEL_NOT, LEVEL_COMPARISON, LEVEL_SUM, LEVEL_PRODUCT, LEVEL_PREFIX };

struct binary {
	const char *text;
	enum level level;
	enum expr_op op;
};

static const struct binary binaries[] = {
	{ "or", LEVEL_OR, EXPR_OR },
	{ "and", LEVEL_AND, EXPR_AND },
	{ "<", LEVEL_COMPARISON, EXPR_LESS },
	{ "<=", LEVEL_COMPARISON, EXPR_LESS_EQUAL },
	{ ">", LEVEL_COMPARISON, EXPR_MORE },
	{ ">=", LEVEL_COMPARISON, EXPR_MORE_EQUAL },
	{ "==", LEVEL_COMPARISON, EXPR_EQUAL },
	{ "!=", LEVEL_COMPARISON, EXPR_NOT_EQUAL },
	{ "+", LEVEL_SUM, EXPR_ADD },
	{ "-", LEVEL_SUM, EXPR_SUBTRACT },
	{ "*", LEVEL_PRODUCT, EXPR_MULTIPLY },
	{ "/", LEVEL_PRODUCT, EXPR_DIVIDE },
};

/* What people write who know other languages, or paste from a text. */
static const struct {
	const char *found, *expected;
} foreign[] = {
	{ "=", "==" },
	{ "<>", "!=" },
	{ "!", "not or !=" },
	{ "&", "and" },
	{ "&&", "and" },
	{ "AND", "and" },
	{ "NOT", "not" },
	{ "|", "or" },
	{ "||", "or" },
	{ "OR", "or" },
	{ "^", "pow(x, y)" },
	{ "**", "pow(x, y)" },
	{ "?", "if(c, a, b)" },
	{ "%", "a factor, such as 0.01" },
	{ "\u2264", "<=" },
	{ "\u2265", ">=" },
	{ "\u2260", "!=" },
	{ "\u00D7", "*" },
	{ "\u00B7", "*" },
	{ "\u00F7", "/" },
	{ "\u2212", "- (the one on the keyboard)" },
	{ "\u2013", "- (the one on the keyboard)" },
};

int expr_unexpected(struct expr_parser *p, const char *expected)
{
	char spoken[EXPR_SPOKEN_BYTES];

	for (size_t i = 0; i < ARRAY_LEN(foreign); i++)
		if (expr_token_is(&p->token, foreign[i].found))
			expected = foreign[i].expected;
	return expr_fail(p->err, p->token.column, "found %s, expected %s", expr_token_spoken(&p->token, spoken),
			 expected);
}

void expr_advance(struct expr_parser *p)
{
	p->token = expr_lex(p->text, p->token.text + p->token.len);
}

int expr_emit(struct expr_parser *p, const struct expr_token *at, struct expr_step step)
{
	if (p->n_steps == EXPR_MAX_STEPS)
		return expr_fail(p->err, at->column, "longer than %d steps (numbers, atoms and operators)",
				 EXPR_MAX_STEPS);
	step.column = at->column;
	p->steps[p->n_steps++] = step;
	return 0;
}

int expr_enter(struct expr_parser *p)
{
	if (p->depth == EXPR_MAX_DEPTH)
		return expr_fail(p->err, p->token.column, "nested deeper than %d levels", EXPR_MAX_DEPTH);
	p->depth++;
	expr_advance(p);
	return 0;
}

static int parse_level(struct expr_parser *p, enum level level);

static int parse_prefix(struct expr_parser *p, enum level level, enum expr_op op)
{
	struct expr_token at = p->token;
	int r;

	r = expr_enter(p);
	if (r < 0)
		return r;
	r = parse_level(p, level);
	if (r < 0)
		return r;
	p->depth--;
	return expr_emit(p, &at, (struct expr_step){ .op = op });
}

static int parse_number(struct expr_parser *p)
{
	struct expr_token at = p->token;
	char spoken[EXPR_SPOKEN_BYTES];
	double x;
	int r;

	r = decimal_parse(at.text, at.len, &x);
	if (r < 0)
		return expr_fail(p->err, at.column, "%s is %s", expr_token_spoken(&at, spoken),
				 r == -ERANGE ? "too large for a number"
					      : "not a number, expected digits with at most one point");
	expr_advance(p);
	return expr_emit(p, &at, (struct expr_step){ .op = EXPR_NUMBER, .number = x });
}

static int parse_parentheses(struct expr_parser *p)
{
	int r;

	r = expr_enter(p);
	if (r < 0)
		return r;
	r = expr_parse_expression(p);
	if (r < 0)
		return r;
	if (!expr_token_is(&p->token, ")"))
		return expr_unexpected(p, "an operator or ')'");
	p->depth--;
	expr_advance(p);
	return 0;
}

/* Not the name of anything, however it is spelled. */
static bool is_word_operator(const struct expr_token *t)
{
	return (t->len == 2 && strncasecmp(t->text, "or", 2) == 0) ||
	       (t->len == 3 && (strncasecmp(t->text, "and", 3) == 0 || strncasecmp(t->text, "not", 3) == 0));
}

static int parse_operand(struct expr_parser *p, enum level level)
{
	if (level <= LEVEL_NOT && expr_token_is(&p->token, "not"))
		return parse_prefix(p, LEVEL_NOT, EXPR_NOT);
	if (expr_token_is(&p->token, "-"))
		return parse_prefix(p, LEVEL_PREFIX, EXPR_NEGATE);
	if (expr_token_is(&p->token, "("))
		return parse_parentheses(p);
	if (p->token.kind == EXPR_TOKEN_NUMBER)
		return parse_number(p);
	if (p->token.kind == EXPR_TOKEN_NAME && !is_word_operator(&p->token))
		return expr_parse_call(p);
	return expr_unexpected(p, "a value: a number, an atom such as mean(STREAM), or '('");
}

static const struct binary *find_binary(const struct expr_token *t)
{
	for (size_t i = 0; i < ARRAY_LEN(binaries); i++)
		if (expr_token_is(t, binaries[i].text))
			return &binaries[i];
	return NULL;
}

/* An operand, and all operators behind it that bind at least as tightly as @level. */
static int parse_level(struct expr_parser *p, enum level level)
{
	const struct binary *b;
	bool compared = false;
	int r;

	r = parse_operand(p, level);
	while (r == 0 && (b = find_binary(&p->token)) && b->level >= level) {
		struct expr_token at = p->token;

		if (b->level == LEVEL_COMPARISON && compared)
			return expr_fail(p->err, at.column, "comparisons do not chain, expected a < b and b < c");
		compared = b->level == LEVEL_COMPARISON;
		expr_advance(p);
		r = parse_level(p, b->level + 1);
		if (r == 0)
			r = expr_emit(p, &at, (struct expr_step){ .op = b->op });
	}
	return r;
}

int expr_parse_expression(struct expr_parser *p)
{
	return parse_level(p, LEVEL_OR);
}

int expr_parse(struct expr_parser *p)
{
	int r;

	p->token = expr_lex(p->text, p->text);
	r = expr_parse_expression(p);
	if (r < 0)
		return r;
	if (p->token.kind != EXPR_TOKEN_END)
		return expr_unexpected(p, "an operator or the end");
	return 0;
}
