/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A value that is missing is an empty cell in CSV and NULL in SQL, never 0. SQL is written so that SQLite and PostgreSQL both take it,
 * and so that a row that comes again changes nothing: parts never change, and of a KPI the higher version stays.
 */
#include "collector/rows.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "base/timestamp.h"

static const struct {
	const char *name, *columns, *conflict, *help;
} tables[ROWS_N_TABLES] = {
	[ROWS_KPIS] = { "kpis",
			"change,time,w0,wl,site,name,value,unit,n,expected,devices,expected_devices,complete_devices,"
			"coverage,state,version,spread_devices,low,median,high",
			" ON CONFLICT (site, name, wl, w0) DO UPDATE SET change = excluded.change, value = "
			"excluded.value,"
			" unit = excluded.unit, n = excluded.n, expected = excluded.expected, devices = "
			"excluded.devices,"
			" expected_devices = excluded.expected_devices, complete_devices = excluded.complete_devices,"
			" coverage = excluded.coverage, state = excluded.state, version = excluded.version,"
			" spread_devices = excluded.spread_devices, low = excluded.low, median = excluded.median,"
			" high = excluded.high WHERE excluded.version > kpis.version",
			"fleet KPIs, the newest version of each window" },
	[ROWS_FEATURES] = { "features",
			    "time,w0,wl,site,device,labels,metric,unit,n,expected,bad,coverage,mean,stddev,min,max,"
			    "first,last,time_mean,increase,rate,p50,p90,p95,p99",
			    NULL, "quantities of each device, metric and window, for training models" },
	[ROWS_METRICS] = { "metrics", "definition,name,unit,kind,reference,quantum,sketch,width",
			   " ON CONFLICT DO NOTHING", "definitions of metrics, for moments and buckets" },
	[ROWS_MOMENTS] = { "moments",
			   "id,site,device,boot,w0,wl,part,definition,n,expected,bad,lost,covered_ms,s1,s2,min,max,"
			   "first,last,first_ms,last_ms,tw,tw_ms,increase,resets",
			   " ON CONFLICT DO NOTHING", "exact integers of each part, to be merged by SQL" },
	[ROWS_BUCKETS] = { "buckets", "id,site,device,boot,w0,wl,part,definition,shift,sign,idx,c",
			   " ON CONFLICT DO NOTHING", "exact counts of the sketches, for quantiles by SQL" },
};

const char *rows_name(enum rows_table table)
{
	return tables[table].name;
}

const char *rows_help(enum rows_table table)
{
	return tables[table].help;
}

void rows_init(struct rows *r, enum rows_table table, enum rows_format format, size_t max_bytes)
{
	*r = (struct rows){ .table = table, .format = format };
	dynbuf_init(&r->out, max_bytes);
}

void rows_free(struct rows *r)
{
	dynbuf_free(&r->out);
}

void rows_header(struct rows *r)
{
	if (r->format == ROWS_CSV)
		dynbuf_addf(&r->out, "%s\n", tables[r->table].columns);
}

void rows_end(struct rows *r)
{
	if (r->is_begun)
		dynbuf_addf(&r->out, "%s;\n", tables[r->table].conflict);
	r->is_begun = false;
}

/* --- fields --- */

static void row_begin(struct rows *r)
{
	r->is_first_field = true;
	r->n++;
	if (r->format == ROWS_CSV)
		return;
	if (r->is_begun)
		dynbuf_adds(&r->out, ",\n(");
	else
		dynbuf_addf(&r->out, "INSERT INTO %s(%s) VALUES\n(", tables[r->table].name, tables[r->table].columns);
	r->is_begun = true;
}

static void row_end(struct rows *r)
{
	dynbuf_adds(&r->out, r->format == ROWS_CSV ? "\n" : ")");
}

static void separate(struct rows *r)
{
	if (!r->is_first_field)
		dynbuf_add(&r->out, ",", 1);
	r->is_first_field = false;
}

/* Around what could be taken for something else, with that doubled. */
static void quote(struct rows *r, const char *text, char mark)
{
	dynbuf_add(&r->out, &mark, 1);
	for (const char *end; (end = strchr(text, mark)); text = end + 1) {
		dynbuf_add(&r->out, text, (size_t)(end - text) + 1);
		dynbuf_add(&r->out, &mark, 1);
	}
	dynbuf_adds(&r->out, text);
	dynbuf_add(&r->out, &mark, 1);
}

static void add_text(struct rows *r, const char *text)
{
	separate(r);
	if (r->format == ROWS_SQL)
		quote(r, text, '\'');
	else if (strpbrk(text, ",\"\r\n"))
		quote(r, text, '"');
	else
		dynbuf_adds(&r->out, text);
}

static void add_int(struct rows *r, int64_t value)
{
	separate(r);
	dynbuf_addf(&r->out, "%" PRId64, value);
}

static void add_uint(struct rows *r, uint64_t value)
{
	separate(r);
	dynbuf_addf(&r->out, "%" PRIu64, value);
}

static void add_nothing(struct rows *r)
{
	separate(r);
	if (r->format == ROWS_SQL)
		dynbuf_adds(&r->out, "NULL");
}

static void add_double(struct rows *r, double value)
{
	char text[32];

	if (!isfinite(value)) {
		add_nothing(r);
		return;
	}
	separate(r);
	dynbuf_adds(&r->out, text_from_double(value, text, sizeof(text)));
}

static void add_k(struct rows *r, int64_t k, bool exists)
{
	if (exists)
		add_int(r, k);
	else
		add_nothing(r);
}

/* "2025-11-21T04:40:00Z" */
static void add_time(struct rows *r, uint64_t unix_s)
{
	char text[32];
	size_t len;

	timestamp_format((int64_t)unix_s * 1000000, text, sizeof(text));
	len = strcspn(text, ".");
	memcpy(text + len, "Z", 2);
	add_text(r, text);
}

/* --- rows --- */

void rows_kpi(struct rows *r, const struct fleet_kpi *k, int64_t change)
{
	const struct fleet_spread *s = &k->spread;

	row_begin(r);
	add_int(r, change);
	add_time(r, k->w0);
	add_uint(r, k->w0);
	add_uint(r, k->wl);
	add_text(r, k->site);
	add_text(r, k->name);
	add_double(r, k->value);
	add_text(r, k->unit);
	add_uint(r, k->n);
	add_uint(r, k->expected);
	add_uint(r, k->devices);
	add_uint(r, k->expected_devices);
	add_uint(r, k->complete_devices);
	add_double(r, k->coverage);
	add_text(r, fleet_kpi_state_name(k->state));
	add_uint(r, k->version);
	add_uint(r, s->n);
	add_double(r, s->n > 0 ? s->low : NAN);
	add_double(r, s->n > 0 ? s->median : NAN);
	add_double(r, s->n > 0 ? s->high : NAN);
	row_end(r);
}

static void add_key(struct rows *r, const struct part_view *p, const struct metric_def *def)
{
	char definition[PART_BOOK_DEFINITION_BYTES];

	add_int(r, p->id);
	add_text(r, p->site);
	add_text(r, p->device);
	add_uint(r, p->partial->boot);
	add_uint(r, p->partial->w0);
	add_uint(r, p->partial->wl);
	add_uint(r, p->partial->part);
	add_text(r, part_book_definition(def, definition));
}

static void add_moments(struct rows *r, const struct part_view *p, const struct metric_def *def, const struct agg *a)
{
	const bool has = a->n > 0, has_values = has && def->kind != SERIES_COUNTER;
	const int64_t ks[] = { a->min, a->max, a->first, a->last, a->first_at_ms, a->last_at_ms };

	row_begin(r);
	add_key(r, p, def);
	add_uint(r, a->n);
	add_uint(r, a->expected);
	add_uint(r, a->bad);
	add_uint(r, a->lost);
	add_uint(r, a->covered_ms);
	add_int(r, a->s1);
	add_uint(r, a->s2.lo); /* of one part: below 2^63 */
	for (size_t i = 0; i < ARRAY_LEN(ks); i++)
		add_k(r, ks[i], has_values);
	add_int(r, a->tw);
	add_uint(r, a->tw_ms);
	add_uint(r, a->increase);
	add_uint(r, a->resets);
	row_end(r);
}

static void add_bucket(struct rows *r, const struct part_view *p, const struct metric_def *def,
		       const int64_t bucket[static 4])
{
	if (bucket[3] == 0)
		return;
	row_begin(r);
	add_key(r, p, def);
	for (size_t i = 0; i < 4; i++)
		add_int(r, bucket[i]);
	row_end(r);
}

static void add_range(struct rows *r, const struct part_view *p, const struct partial_metric *m,
		      const struct sketch_range *range)
{
	const struct sketch *s = &m->agg.sketch;

	for (uint32_t i = 0; i < range->n; i++) {
		const int64_t bucket[] = { s->shift, range == &s->neg ? -1 : 1, range->offset + (int64_t)i,
					   (int64_t)range->counts[i] };

		add_bucket(r, p, &p->contract->metrics[m->id], bucket);
	}
}

static void add_sketch(struct rows *r, const struct part_view *p, const struct partial_metric *m)
{
	const struct sketch *s = &m->agg.sketch;
	const int64_t zero[] = { s->shift, 0, 0, (int64_t)s->zero };

	if (!m->agg.has_sketch)
		return;
	add_range(r, p, m, &s->neg);
	add_bucket(r, p, &p->contract->metrics[m->id], zero);
	add_range(r, p, m, &s->pos);
}

static void add_metric(struct rows *r, const struct metric_def *def)
{
	char definition[PART_BOOK_DEFINITION_BYTES];

	row_begin(r);
	add_text(r, part_book_definition(def, definition));
	add_text(r, def->name);
	add_text(r, def->unit->code);
	add_text(r, part_book_kind(def));
	add_double(r, def->reference);
	add_double(r, def->quantum);
	add_text(r, part_book_sketch(def));
	add_uint(r, def->has_sketch ? def->sketch.width : 0);
	row_end(r);
}

void rows_part(struct rows *r, const struct part_view *p, size_t i)
{
	const struct partial_metric *m = &p->partial->metrics[i];
	const struct metric_def *def = &p->contract->metrics[m->id];

	if (r->table == ROWS_METRICS)
		add_metric(r, def);
	else if (r->table == ROWS_MOMENTS)
		add_moments(r, p, def, &m->agg);
	else if (r->table == ROWS_BUCKETS)
		add_sketch(r, p, m);
}

void rows_feature(struct rows *r, const struct part_view *p, const struct metric_def *def, const struct agg *agg)
{
	const bool is_counter = def->kind == SERIES_COUNTER;
	const double atoms[] = { agg_coverage(agg, def),
				 agg_mean(agg, def),
				 agg_stddev(agg, def),
				 agg_min(agg, def),
				 agg_max(agg, def),
				 agg_first(agg, def),
				 agg_last(agg, def),
				 agg_time_mean(agg, def),
				 is_counter ? agg_increase(agg, def) : NAN,
				 is_counter ? agg_rate(agg, def) : NAN };
	static const double quantiles[] = { 0.5, 0.9, 0.95, 0.99 };

	row_begin(r);
	add_time(r, p->partial->w0);
	add_uint(r, p->partial->w0);
	add_uint(r, p->partial->wl);
	add_text(r, p->site);
	add_text(r, p->device);
	add_text(r, p->labels);
	add_text(r, def->name);
	add_text(r, def->unit->code);
	add_uint(r, agg->n);
	add_uint(r, agg->expected);
	add_uint(r, agg->bad);
	for (size_t i = 0; i < ARRAY_LEN(atoms); i++)
		add_double(r, atoms[i]);
	for (size_t i = 0; i < ARRAY_LEN(quantiles); i++)
		add_double(r, def->has_sketch ? agg_quantile(agg, def, quantiles[i]) : NAN);
	row_end(r);
}
