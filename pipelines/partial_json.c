/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A line carries both forms of a partial: the quantities a person reads, and under "exact" the integers that merge.
 * What the contract is needed for is left out without it, so a line never shows a guess.
 */
#include "pipelines/partial_json.h"

#include "base/json.h"
#include "base/timestamp.h"

static const char *const partial_flag_names[] = { "UNSYNCED", "RETIMED", "STEP", "CUT_START", "CUT_END", "BACKFILL" };
static const char *const metric_flag_names[] = { "CLIPPED", "FAULT", "SKETCH_SHIFTED" };

/* Bits of a later version have no name here; they are shown by their number in the message. */
static void flags_to_json(uint32_t flags, const char *const names[], size_t n_names, struct json *j)
{
	json_array_begin(j, "flags");
	for (uint32_t bit = 0; bit < 32; bit++) {
		if (!(flags >> bit & 1))
			continue;
		if (bit < n_names)
			json_text(j, NULL, names[bit]);
		else
			json_uint(j, NULL, (uint64_t)1 << bit);
	}
	json_array_end(j);
}

static void range_to_json(const struct sketch_range *r, const char *offset, const char *counts, struct json *j)
{
	json_int(j, offset, r->offset);
	json_array_begin(j, counts);
	for (uint32_t i = 0; i < r->n; i++)
		json_uint(j, NULL, r->counts[i]);
	json_array_end(j);
}

static void count_to_json(const char *key, uint64_t count, struct json *j)
{
	if (count > 0)
		json_uint(j, key, count);
}

static void sketch_to_json(const struct sketch *s, struct json *j)
{
	json_object_begin(j, "sketch");
	json_int(j, "shift", s->shift);
	count_to_json("under", s->under, j);
	count_to_json("over", s->over, j);
	range_to_json(&s->pos, "offset", "counts", j);
	count_to_json("zero", s->zero, j);
	if (s->neg.n > 0)
		range_to_json(&s->neg, "neg_offset", "neg_counts", j);
	json_object_end(j);
}

static void k_to_json(const char *key, int64_t k, bool exists, struct json *j)
{
	if (exists)
		json_int(j, key, k);
	else
		json_nothing(j, key);
}

/* Beyond 64 bits, which one partial cannot reach, as the nearest double. */
static void s2_to_json(struct u128 s2, bool exists, struct json *j)
{
	if (!exists)
		json_nothing(j, "s2");
	else if (s2.hi == 0)
		json_uint(j, "s2", s2.lo);
	else
		json_double(j, "s2", u128_to_double(s2));
}

static bool is_counter(const struct metric_def *def)
{
	return def && def->kind == SERIES_COUNTER;
}

static bool has_increase(const struct agg *a, const struct metric_def *def)
{
	return is_counter(def) || a->increase > 0 || a->resets > 0;
}

static void exact_to_json(const struct agg *a, const struct metric_def *def, struct json *j)
{
	bool sums = !is_counter(def), extremes = sums && a->n > 0;

	json_object_begin(j, "exact");
	k_to_json("s1", a->s1, sums, j);
	s2_to_json(a->s2, sums, j);
	k_to_json("min", a->min, extremes, j);
	k_to_json("max", a->max, extremes, j);
	k_to_json("first", a->first, extremes, j);
	k_to_json("last", a->last, extremes, j);
	k_to_json("tw", a->tw, sums, j);
	json_uint(j, "tw_ms", a->tw_ms);
	if (a->has_sketch && a->n > 0)
		sketch_to_json(&a->sketch, j);
	if (has_increase(a, def)) {
		json_uint(j, "increase", a->increase);
		json_uint(j, "resets", a->resets);
	}
	json_object_end(j);
}

static void quantiles_to_json(const struct agg *a, const struct metric_def *def, struct json *j)
{
	json_double(j, "p50", agg_quantile(a, def, 0.50));
	json_double(j, "p90", agg_quantile(a, def, 0.90));
	json_double(j, "p95", agg_quantile(a, def, 0.95));
	json_double(j, "p99", agg_quantile(a, def, 0.99));
}

static void quantities_to_json(const struct agg *a, const struct metric_def *def, struct json *j)
{
	json_double(j, "mean", agg_mean(a, def));
	json_double(j, "stddev", agg_stddev(a, def));
	json_double(j, "min", agg_min(a, def));
	json_double(j, "max", agg_max(a, def));
	json_double(j, "first", agg_first(a, def));
	json_double(j, "last", agg_last(a, def));
	json_double(j, "time_mean", agg_time_mean(a, def));
	if (def->has_sketch)
		quantiles_to_json(a, def, j);
	if (has_increase(a, def)) {
		json_double(j, "increase", agg_increase(a, def));
		json_uint(j, "resets", a->resets);
	}
}

/* @knows_expected, @knows_covered: false without a contract for what was left out because it is as in the contract. */
static void metric_to_json(const struct partial_metric *m, const struct metric_def *def, bool knows_expected,
			   bool knows_covered, struct json *j)
{
	json_object_begin(j, NULL);
	json_uint(j, "id", m->id);
	if (def) {
		json_text(j, "name", def->name);
		json_text(j, "unit", def->unit->code);
	}
	json_uint(j, "n", m->agg.n);
	if (knows_expected)
		json_uint(j, "expected", m->agg.expected);
	json_uint(j, "bad", m->agg.bad);
	json_uint(j, "lost", m->agg.lost);
	if (knows_covered)
		json_uint(j, "covered_ms", m->agg.covered_ms);
	if (def)
		quantities_to_json(&m->agg, def, j);
	if (m->agg.flags != 0)
		flags_to_json(m->agg.flags, metric_flag_names, ARRAY_LEN(metric_flag_names), j);
	exact_to_json(&m->agg, def, j);
	json_object_end(j);
}

static void envelope_to_json(const struct partial *p, struct json *j)
{
	json_text(j, "type", "partial");
	json_text(j, "site", p->site);
	json_text(j, "device", p->device);
	json_uint(j, "boot", p->boot);
	json_uint(j, "seq", p->seq);
	json_uint(j, "w0", p->w0);
	json_uint(j, "wl", p->wl);
	json_uint(j, "part", p->part);
	flags_to_json(p->flags, partial_flag_names, ARRAY_LEN(partial_flag_names), j);
	json_uint(j, "wm", p->wm);
	if (p->span > 0)
		json_uint(j, "span", p->span);
}

static void clock_to_json(const struct partial_clock *c, struct json *j)
{
	json_object_begin(j, "clock");
	json_uint(j, "boot", c->boot);
	json_uint(j, "first", c->first);
	json_uint(j, "last", c->last);
	json_int(j, "offset_us", c->offset_us);
	json_object_end(j);
}

void partial_to_json(const struct partial *p, const struct metric_def *defs, size_t n_defs,
		     const struct wire_presence *present, struct dynbuf *out)
{
	struct json j = { .out = out };

	json_object_begin(&j, NULL);
	envelope_to_json(p, &j);
	if (p->clock.last > 0)
		clock_to_json(&p->clock, &j);
	json_array_begin(&j, "metrics");
	for (size_t i = 0; i < p->n_metrics; i++) {
		const struct partial_metric *m = &p->metrics[i];
		const struct metric_def *def = defs && m->id < n_defs ? &defs[m->id] : NULL;

		metric_to_json(m, def, def || !present || (present->expected >> i & 1),
			       def || !present || (present->covered_ms >> i & 1), &j);
	}
	json_array_end(&j);
	json_object_end(&j);
	dynbuf_adds(out, "\n");
}

void kpi_to_json(const struct kpi_def *k, uint64_t w0, double value, double coverage, struct dynbuf *out)
{
	struct json j = { .out = out };

	json_object_begin(&j, NULL);
	json_text(&j, "type", "kpi");
	json_text(&j, "name", k->name);
	json_uint(&j, "w0", w0);
	json_uint(&j, "wl", k->window_s);
	json_double(&j, "value", value);
	json_text(&j, "unit", k->unit);
	json_double(&j, "coverage", coverage);
	json_object_end(&j);
	dynbuf_adds(out, "\n");
}

void event_to_json(const char *stream, const char *event, int64_t at_us, double value, struct dynbuf *out)
{
	struct json j = { .out = out };
	char at[32];

	json_object_begin(&j, NULL);
	json_text(&j, "type", "event");
	json_text(&j, "stream", stream);
	json_text(&j, "event", event);
	json_text(&j, "at", timestamp_format(at_us, at, sizeof(at)));
	json_double(&j, "value", value);
	json_object_end(&j);
	dynbuf_adds(out, "\n");
}
