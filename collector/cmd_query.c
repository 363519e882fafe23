/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the collector told is read as it was told; anything else is merged again. Either way rows go out as they are found, so that a year is no
 * more memory than an hour.
 */
#include "collector/cmd_query.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

#include "base/args.h"
#include "base/log.h"
#include "base/text.h"
#include "base/timestamp.h"
#include "collector/past.h"
#include "collector/query_options.h"
#include "collector/query_print.h"
#include "collector/reader.h"

struct query {
	struct query_options *o;
	struct past *past;
	struct query_print print;
	struct past_question merged[PAST_MAX_QUESTIONS];
	const char *told[PAST_MAX_QUESTIONS];
	size_t n_merged, n_told;
};

static void note(const char *fmt, ...) PRINTF_LIKE(1, 2);

static void note(const char *fmt, ...)
{
	va_list args;

	fputs("runnel-collector query: ", stderr);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
}

/* --- which time --- */

static void set_range(struct query *q)
{
	struct past_scope *s = &q->o->scope;
	uint64_t from = 0, to = 0, last_s = q->o->last_s > 0 ? q->o->last_s : 3600;
	bool has_data = past_range(q->past, &from, &to);

	if (!q->o->has_to)
		s->to = has_data ? to : (uint64_t)time(NULL);
	if (!q->o->has_from)
		s->from = s->to > last_s ? s->to - last_s : 0;
	if (s->from < from && s->is_whole && has_data && !q->o->has_from && q->o->last_s == 0)
		s->from = from;
}

static void tell_where_data_are(struct query *q)
{
	char from_text[32], to_text[32];
	uint64_t from, to;

	if (past_range(q->past, &from, &to))
		note("nothing in this range; the parts in the store are from %s to %s",
		     timestamp_format((int64_t)from * 1000000, from_text, sizeof(from_text)),
		     timestamp_format((int64_t)to * 1000000, to_text, sizeof(to_text)));
	else
		note("the store is empty");
}

/* --- which KPIs --- */

static int is_named(void *ctx, const struct reader_kpi *k)
{
	(void)ctx;
	(void)k;
	return 1;
}

static bool was_told(struct query *q, const char *name)
{
	const struct reader_range range = { .name = name, .to = UINT64_MAX, .limit = 1 };
	struct reader *r;
	bool was = false;

	if (reader_attach(&r, past_store(q->past)) == 0) {
		was = reader_each_kpi(r, &range, is_named, NULL) == 1;
		reader_close(r);
	}
	return was;
}

static int refuse_name(struct query *q, const char *name)
{
	const char *near = past_nearest(q->past, &q->o->scope, name, false);

	if (past_nearest(q->past, &q->o->scope, name, true) && (!near || strcmp(near, name) != 0))
		note("no KPI '%s'; of a stream, ask for something like mean(%s)", name,
		     past_nearest(q->past, &q->o->scope, name, true));
	else if (near)
		note("no KPI '%s', did you mean '%s'? --list has all", name, near);
	else
		note("no KPI '%s'; --list has what there is", name);
	return EX_USAGE;
}

/* A KPI by its name, or an expression. */
static int take_question(struct query *q, const char *text)
{
	if (!text_is_identifier(text)) {
		q->merged[q->n_merged++] = (struct past_question){ .name = text, .expression = text };
		return EX_OK;
	}
	if (!q->o->is_computed && was_told(q, text)) {
		q->told[q->n_told++] = text;
		return EX_OK;
	}
	if (past_find_kpi(q->past, &q->o->scope, text, &q->merged[q->n_merged]) < 0)
		return refuse_name(q, text);
	q->n_merged++;
	return EX_OK;
}

/* --- answers --- */

static int print_told(void *ctx, const struct reader_kpi *k)
{
	return query_print_told(ctx, &k->kpi);
}

static int tell_told(struct query *q)
{
	struct reader_range range = { .site = q->o->scope.site, .from = q->o->scope.from, .to = q->o->scope.to };
	struct reader *reader = NULL;
	int r = reader_attach(&reader, past_store(q->past));

	if (r == 0 && q->o->n_questions == 0)
		r = reader_each_kpi(reader, &range, print_told, &q->print);
	for (size_t i = 0; i < q->n_told && r == 0; i++) {
		range.name = q->told[i];
		r = reader_each_kpi(reader, &range, print_told, &q->print);
	}
	reader_close(reader);
	return r;
}

static int print_row(void *ctx, const struct past_row *row)
{
	return query_print_row(ctx, row);
}

static void tell_notes(const struct past_notes *n)
{
	char longest[32];

	if (n->n_too_long > 0)
		note("%llu parts of up to %s are left out: longer than the windows, or across their edges; old hours "
		     "are rolled up. "
		     "Ask for --window %s or a multiple",
		     (unsigned long long)n->n_too_long,
		     text_from_duration((int64_t)n->longest_s * 1000000, longest, sizeof(longest)), longest);
	if (n->n_other > 0)
		note("%llu aggregates are left out: their boards mean something else by the name (unit, version, K, q "
		     "or sketch differ)",
		     (unsigned long long)n->n_other);
	if (n->n_unreadable > 0)
		note("%llu parts can not be read, or their contract is not in the store",
		     (unsigned long long)n->n_unreadable);
}

static int tell_merged(struct query *q)
{
	const struct past_sink sink = { print_row, &q->print };
	struct past_answer answer = { 0 };
	int r;

	if (q->n_merged == 0)
		return 0;
	r = past_ask(q->past, &q->o->scope, q->merged, q->n_merged, &sink, &answer);
	if (r == -EINVAL)
		note("%s", text_make_printable(answer.error));
	tell_notes(&answer.notes);
	return r;
}

static int answer(struct query *q)
{
	int r;

	if (q->o->is_list)
		return query_print_list(&q->print, q->past);
	r = tell_told(q);
	if (r == 0)
		r = tell_merged(q);
	if (r == 0 && q->print.n_rows == 0)
		tell_where_data_are(q);
	return r;
}

static int exit_code(int r)
{
	if (r == 0 && fflush(stdout) != 0)
		r = -EIO;
	if (r == -EINVAL)
		return EX_USAGE;
	if (r < 0 && r != -EPIPE)
		note("%s", store_explain(r));
	return r < 0 ? EX_IOERR : EX_OK;
}

static int run(struct query *q)
{
	int code = EX_OK;

	set_range(q);
	for (size_t i = 0; i < q->o->n_questions && code == EX_OK; i++)
		code = take_question(q, q->o->questions[i]);
	if (code != EX_OK)
		return code;
	query_print_init(&q->print, q->o);
	code = exit_code(answer(q));
	query_print_free(&q->print);
	return code;
}

int collector_cmd_query(int argc, char **argv)
{
	struct query_options o;
	struct query q = { .o = &o };
	int r = query_options_parse(&o, argc, argv);

	if (r >= 0)
		return r;
	log_set_level(LOG_LEVEL_ERROR);
	signal(SIGPIPE, SIG_IGN); /* a reader that goes away is an error of write(2) */
	r = past_open(&q.past, o.store, (int64_t)time(NULL) * 1000000);
	if (r < 0) {
		note("%s: %s", o.store, store_explain(r));
		return r == -ENOENT ? EX_NOINPUT : EX_IOERR;
	}
	r = run(&q);
	past_close(q.past);
	return r;
}
