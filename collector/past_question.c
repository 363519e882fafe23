/* SPDX-License-Identifier: Apache-2.0 */
/* past_question.c - from the text of a question to what is to be merged. */
#include <errno.h>
#include <stdio.h>

#include "base/text.h"
#include "collector/past_private.h"

static int fail(struct past_asking *a, const char *name, unsigned column, const char *text)
{
	snprintf(a->answer->error, PAST_ERROR_BYTES, "%.60s: column %u: %s", name, column, text);
	return -EINVAL;
}

/* The index of a definition, added if new; PAST_NONE: no room. */
static size_t index_of(struct past_asking *a, const struct metric_def *def)
{
	for (size_t i = 0; i < a->n_defs; i++)
		if (archive_is_same_metric(a->defs[i], def))
			return i;
	if (a->n_defs == PAST_MAX_STREAMS)
		return PAST_NONE;
	a->defs[a->n_defs] = def;
	return a->n_defs++;
}

static int find_stream(struct past_asking *a, struct past_asked *k, size_t i)
{
	const char *stream = expr_stream(k->expr, i);
	const struct metric_def *def = past_definition(&a->members, stream);
	const char *near = def ? NULL : past_nearest(a->past, a->scope, stream, true);
	char text[160];

	if (!def) {
		snprintf(text, sizeof(text),
			 near ? "no device has a stream '%.40s', did you mean '%.40s'?"
			      : "no device has a stream '%.40s'",
			 stream, near);
		return fail(a, k->q->name, expr_stream_column(k->expr, i), text);
	}
	k->streams[i] = index_of(a, def);
	return k->streams[i] == PAST_NONE
		       ? fail(a, k->q->name, expr_stream_column(k->expr, i), "too many streams at once")
		       : 0;
}

static int choose_window(struct past_asking *a, struct past_asked *k)
{
	char length[32], own[32], text[160];

	k->wl = a->scope->window_s > 0 ? a->scope->window_s : k->q->window_s;
	for (size_t i = 0; i < k->n_streams && k->wl == 0; i++)
		for (size_t j = 0; j < k->n_streams; j++)
			if (a->defs[k->streams[j]]->window_s > k->wl)
				k->wl = a->defs[k->streams[j]]->window_s;
	if (a->scope->is_whole)
		return 0;
	for (size_t i = 0; i < k->n_streams; i++) {
		const struct metric_def *def = a->defs[k->streams[i]];

		if (k->wl % def->window_s == 0)
			continue;
		snprintf(text, sizeof(text), "windows of %s are no multiple of those of %.40s, %s",
			 text_from_duration((int64_t)k->wl * 1000000, length, sizeof(length)), def->name,
			 text_from_duration((int64_t)def->window_s * 1000000, own, sizeof(own)));
		return fail(a, k->q->name, expr_stream_column(k->expr, i), text);
	}
	return 0;
}

int past_understand(struct past_asking *a, const struct past_question *q)
{
	struct past_asked *k = &a->asked[a->n_asked++];
	const struct metric_def *defs[EXPR_MAX_STREAMS];
	struct expr_error err = { 0 };
	struct expr *expr;
	int r = 0;

	*k = (struct past_asked){ .q = q };
	if (expr_compile(&expr, q->expression, &a->arena, &err) < 0)
		return fail(a, q->name, err.column, err.text);
	k->expr = expr;
	k->n_streams = expr_n_streams(expr);
	if (k->n_streams == 0)
		return fail(a, q->name, 1, "it uses no stream; expected something like mean(temp)");
	for (size_t i = 0; i < k->n_streams && r == 0; i++) {
		r = find_stream(a, k, i);
		defs[i] = r == 0 ? a->defs[k->streams[i]] : NULL;
	}
	if (r == 0 && expr_check(expr, defs, &a->arena, &k->unit, &err) < 0)
		return fail(a, q->name, err.column, err.text);
	if (q->unit || !k->unit)
		k->unit = q->unit ? q->unit : "";
	return r == 0 ? choose_window(a, k) : r;
}
