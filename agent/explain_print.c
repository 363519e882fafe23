/* SPDX-License-Identifier: Apache-2.0 */
/* explain_print.c - an explanation for people, and the same as one JSON object. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "agent/explain.h"
#include "base/text.h"
#include "base/timestamp.h"
#include "pipelines/partial.h"

enum { NUMBER_BYTES = 32, TIME_BYTES = 32, CALL_BYTES = 160 };

/* Ten digits are enough for a person; "missing" is what NaN means here. */
static const char *number(double x, char *buf)
{
	char exact[NUMBER_BYTES];

	if (!isfinite(x))
		return "missing";
	text_from_double(x, exact, sizeof(exact));
	if (strlen(exact) <= 11)
		snprintf(buf, NUMBER_BYTES, "%s", exact);
	else
		snprintf(buf, NUMBER_BYTES, "%.10g", x);
	return buf;
}

static const char *unit_of_point(const struct explanation *e, const struct probe_point *p)
{
	bool is_last = p + 1 == e->points.points + e->points.n || p[1].stream != p->stream;

	if (p->source != SIZE_MAX)
		return e->conf->sources[p->source].unit->code;
	return is_last ? e->conf->plan.streams[p->stream].def.unit->code : ""; /* between operators it is nobody's */
}

static const char *input_name(const struct explanation *e, const struct graph_ref *r)
{
	return r->is_stream ? e->conf->plan.streams[r->index].name : e->conf->source_names[r->index];
}

static void print_inputs(const struct explanation *e, size_t stream)
{
	const struct graph_stream *s = &e->conf->plan.streams[stream];

	printf("\nstream %s, from", s->name);
	for (size_t i = 0; i < s->n_from; i++)
		printf("%s %s", i > 0 ? "," : "", input_name(e, &s->from[i]));
	printf("\n");
}

static void print_points(const struct explanation *e)
{
	size_t stream = SIZE_MAX;

	printf("\nreadings in the window %21s %6s %12s %12s %12s %12s\n", "n", "gaps", "min", "mean", "max", "last");
	for (size_t i = 0; i < e->points.n; i++) {
		const struct probe_point *p = &e->points.points[i];
		const struct probe *v = p->probe;
		bool has = v->n > 0;
		char a[NUMBER_BYTES], b[NUMBER_BYTES], c[NUMBER_BYTES], d[NUMBER_BYTES];

		if (p->stream != stream && p->stream != SIZE_MAX)
			print_inputs(e, p->stream);
		stream = p->stream;
		printf("  %-32s %8llu %6llu %12s %12s %12s %12s %s\n", p->what, (unsigned long long)v->n,
		       (unsigned long long)v->n_gaps, number(has ? v->min : NAN, a),
		       number(has ? v->sum / (double)v->n : NAN, b), number(has ? v->max : NAN, c),
		       number(has ? v->last : NAN, d), unit_of_point(e, p));
	}
}

static void print_part(const struct explain_part *p)
{
	char when[TIME_BYTES], a[NUMBER_BYTES], b[NUMBER_BYTES], c[NUMBER_BYTES];

	timestamp_format((int64_t)p->w0 * 1000000, when, sizeof(when));
	when[19] = '\0';
	printf("  %s  n %llu of %llu", when + 11, (unsigned long long)p->n, (unsigned long long)p->expected);
	if (p->bad + p->lost > 0)
		printf(", bad %llu, lost %llu", (unsigned long long)p->bad, (unsigned long long)p->lost);
	printf(", covered %s s", number((double)p->covered_ms / 1000.0, a));
	if (isfinite(p->increase))
		printf(", increase %s", number(p->increase, a));
	else
		printf(", mean %s, min %s, max %s", number(p->mean, a), number(p->min, b), number(p->max, c));
	printf("%s%s\n", p->part > 0 ? ", a further part" : "",
	       p->flags & (PARTIAL_CUT_START | PARTIAL_CUT_END) ? ", not a whole window" : "");
}

static void print_merged(const struct explanation *e, const struct explain_input *in)
{
	const struct agg *a = &in->merged;
	char k[NUMBER_BYTES], q[NUMBER_BYTES];

	printf("\nwindows of %s, %u s each, as integers k = (x - K) / q with K = %s, q = %s\n",
	       e->conf->plan.streams[in->stream].name, in->def->window_s, number(in->def->reference, k),
	       number(in->def->quantum, q));
	for (size_t i = 0; i < in->n_parts && i < EXPLAIN_MAX_PARTS; i++)
		print_part(&in->parts[i]);
	if (in->n_parts > EXPLAIN_MAX_PARTS)
		printf("  ... and %zu more\n", in->n_parts - EXPLAIN_MAX_PARTS);
	if (in->n_parts < e->kpi->def.window_s / in->def->window_s)
		printf("  %zu of %u windows: the others had nothing to tell\n", in->n_parts,
		       e->kpi->def.window_s / in->def->window_s);
	printf("  merged: n %llu, sum of k %lld, min k %lld, max k %lld, k ms %lld in %llu ms, covered %llu of %llu "
	       "ms\n",
	       (unsigned long long)a->n, (long long)a->s1, (long long)a->min, (long long)a->max, (long long)a->tw,
	       (unsigned long long)a->tw_ms, (unsigned long long)a->covered_ms, (unsigned long long)a->due_ms);
	if (in->def->kind == SERIES_COUNTER)
		printf("  increase %llu q, %llu restarts\n", (unsigned long long)a->increase,
		       (unsigned long long)a->resets);
	if (in->n_late > 0)
		printf("  %zu late parts came after the value was told: only a collector counts them\n", in->n_late);
}

static bool is_operator(const char *name)
{
	return strchr("-+*/<>=!", name[0]) || strcmp(name, "and") == 0 || strcmp(name, "or") == 0;
}

static void write_atom(const struct expr_trace_step *s, char *buf)
{
	char p[NUMBER_BYTES];

	if (isfinite(s->p))
		snprintf(buf, CALL_BYTES, "%s(%s, %s)", s->name, s->stream, number(s->p, p));
	else
		snprintf(buf, CALL_BYTES, "%s(%s)", s->name, s->stream);
}

/* "mean(temp)", "21.5 > 20", "if(1, 2, 3)". */
static void write_call(const struct expr_trace_step *s, char *buf)
{
	char a[NUMBER_BYTES], b[NUMBER_BYTES], c[NUMBER_BYTES];
	const double *x = s->operands;

	if (!s->name)
		snprintf(buf, CALL_BYTES, "%s", number(s->value, a));
	else if (s->stream)
		write_atom(s, buf);
	else if (s->n_operands == 1)
		snprintf(buf, CALL_BYTES, "%s%s%s", s->name, is_operator(s->name) ? "" : " ", number(x[0], a));
	else if (s->n_operands == 3)
		snprintf(buf, CALL_BYTES, "%s(%s, %s, %s)", s->name, number(x[0], a), number(x[1], b), number(x[2], c));
	else
		snprintf(buf, CALL_BYTES, is_operator(s->name) ? "%2$s %1$s %3$s" : "%1$s(%2$s, %3$s)", s->name,
			 number(x[0], a), number(x[1], b));
}

static void print_step(void *ctx, const struct expr_trace_step *s)
{
	char call[CALL_BYTES], value[NUMBER_BYTES];

	(void)ctx;
	if (!s->name)
		return;
	write_call(s, call);
	printf("  %-40s = %s\n", call, number(s->value, value));
}

static void trace(const struct explanation *e, void (*step)(void *ctx, const struct expr_trace_step *s), void *ctx)
{
	const struct metric_def *defs[EXPR_MAX_STREAMS];
	const struct agg *aggs[EXPR_MAX_STREAMS];

	for (size_t i = 0; i < e->n_inputs; i++) {
		defs[i] = e->inputs[i].def;
		aggs[i] = &e->inputs[i].merged;
	}
	expr_trace(e->kpi->expr, aggs, defs, step, ctx);
}

void explain_print(const struct explanation *e)
{
	const struct kpi_def *k = &e->kpi->def;
	char from[TIME_BYTES], to[TIME_BYTES], a[NUMBER_BYTES], b[NUMBER_BYTES];

	printf("%s = %s, in %s\n", k->name, k->expression, k->unit);
	printf("window from %s to %s (--window %llu), one of %zu\n",
	       timestamp_format((int64_t)e->w0 * 1000000, from, sizeof(from)),
	       timestamp_format((int64_t)(e->w0 + k->window_s) * 1000000, to, sizeof(to)), (unsigned long long)e->w0,
	       e->n_windows);
	print_points(e);
	for (size_t i = 0; i < e->n_inputs; i++)
		print_merged(e, &e->inputs[i]);
	printf("\nexpression\n");
	trace(e, print_step, NULL);
	if (e->is_told)
		printf("\nvalue %s %s, coverage %s\n", number(e->value, a), isfinite(e->value) ? k->unit : "",
		       number(e->coverage, b));
	else
		printf("\nnothing was told of this window: no stream had a sample in it\n");
}

/* --- JSON --- */

static void points_to_json(const struct explanation *e, struct json *j)
{
	json_array_begin(j, "points");
	for (size_t i = 0; i < e->points.n; i++) {
		const struct probe_point *p = &e->points.points[i];
		const struct probe *v = p->probe;

		json_object_begin(j, NULL);
		json_text(j, "stream", p->stream == SIZE_MAX ? NULL : e->conf->plan.streams[p->stream].name);
		json_text(j, "what", p->what);
		json_uint(j, "n", v->n);
		json_uint(j, "gaps", v->n_gaps);
		json_double(j, "min", v->n > 0 ? v->min : NAN);
		json_double(j, "mean", v->n > 0 ? v->sum / (double)v->n : NAN);
		json_double(j, "max", v->n > 0 ? v->max : NAN);
		json_double(j, "first", v->n > 0 ? v->first : NAN);
		json_double(j, "last", v->n > 0 ? v->last : NAN);
		json_object_end(j);
	}
	json_array_end(j);
}

static void part_to_json(const struct explain_part *p, struct json *j)
{
	json_object_begin(j, NULL);
	json_uint(j, "w0", p->w0);
	json_uint(j, "part", p->part);
	json_uint(j, "n", p->n);
	json_uint(j, "expected", p->expected);
	json_uint(j, "bad", p->bad);
	json_uint(j, "lost", p->lost);
	json_uint(j, "covered_ms", p->covered_ms);
	json_double(j, "mean", p->mean);
	json_double(j, "min", p->min);
	json_double(j, "max", p->max);
	json_object_end(j);
}

static void input_to_json(const struct explanation *e, const struct explain_input *in, struct json *j)
{
	const struct agg *a = &in->merged;

	json_object_begin(j, NULL);
	json_text(j, "stream", e->conf->plan.streams[in->stream].name);
	json_double(j, "K", in->def->reference);
	json_double(j, "q", in->def->quantum);
	json_uint(j, "parts_in_all", in->n_parts);
	json_uint(j, "late_parts", in->n_late);
	json_array_begin(j, "parts");
	for (size_t i = 0; i < in->n_parts && i < EXPLAIN_MAX_PARTS; i++)
		part_to_json(&in->parts[i], j);
	json_array_end(j);
	json_object_begin(j, "merged");
	json_uint(j, "n", a->n);
	json_int(j, "s1", a->s1);
	json_int(j, "min", a->min);
	json_int(j, "max", a->max);
	json_int(j, "tw", a->tw);
	json_uint(j, "tw_ms", a->tw_ms);
	json_uint(j, "increase", a->increase);
	json_uint(j, "covered_ms", a->covered_ms);
	json_uint(j, "due_ms", a->due_ms);
	json_object_end(j);
	json_object_end(j);
}

static void step_to_json(void *ctx, const struct expr_trace_step *s)
{
	struct json *j = ctx;
	char call[CALL_BYTES];

	write_call(s, call);
	json_object_begin(j, NULL);
	json_uint(j, "column", s->column);
	json_text(j, "step", call);
	json_double(j, "value", s->value);
	json_object_end(j);
}

void explain_json(const struct explanation *e, struct dynbuf *out)
{
	const struct kpi_def *k = &e->kpi->def;
	struct json j = { .out = out };

	json_object_begin(&j, NULL);
	json_text(&j, "type", "explanation");
	json_text(&j, "name", k->name);
	json_text(&j, "expression", k->expression);
	json_text(&j, "unit", k->unit);
	json_uint(&j, "w0", e->w0);
	json_uint(&j, "wl", k->window_s);
	points_to_json(e, &j);
	json_array_begin(&j, "inputs");
	for (size_t i = 0; i < e->n_inputs; i++)
		input_to_json(e, &e->inputs[i], &j);
	json_array_end(&j);
	json_array_begin(&j, "steps");
	trace(e, step_to_json, &j);
	json_array_end(&j);
	json_double(&j, "value", e->is_told ? e->value : NAN);
	json_double(&j, "coverage", e->is_told ? e->coverage : NAN);
	json_object_end(&j);
}
