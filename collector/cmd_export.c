/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The store as rows on standard output, while the collector may be writing it. `--after N` continues where a database is: the last number it has
 * is its cursor, so there is none to be kept elsewhere, and a load that failed half way is simply done again.
 */
#include "collector/cmd_export.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "collector/export_options.h"
#include "collector/reader.h"
#include "collector/rows.h"
#include "collector/sorted.h"

enum { MAX_WAITING_BYTES = 4 * 1024 * 1024, ENOUGH_BYTES = 64 * 1024, STATEMENT_ROWS = 500, MAX_FEATURES = 256 };

/** The metrics of one device and window, merged over its parts. */
struct feature {
	const struct metric_def *def;
	struct agg agg;
};

struct exporting {
	const struct export_options *o;
	struct rows rows[ROWS_N_TABLES];
	struct part_book *book;
	struct feature *features; /* MAX_FEATURES */
	size_t n_features;
	struct partial key; /* of them: w0, wl */
	char *site, *device, *labels;
	size_t n_unexplained;
};

/* --- rows --- */

static int drain(struct rows *r)
{
	rows_end(r);
	if (r->out.len > 0 && fwrite(dynbuf_text(&r->out), 1, r->out.len, stdout) != r->out.len)
		return -EIO;
	if (r->out.overflow)
		return -EMSGSIZE;
	dynbuf_reset(&r->out);
	return 0;
}

static bool is_wanted(const struct export_options *o, const char *site, uint64_t w0)
{
	return w0 >= o->from && w0 < o->to && (!o->site || strcmp(o->site, site) == 0);
}

static int add_kpi(void *ctx, const struct reader_kpi *k)
{
	struct exporting *e = ctx;
	struct rows *r = &e->rows[ROWS_KPIS];

	if (!is_wanted(e->o, k->kpi.site, k->kpi.w0))
		return 0;
	rows_kpi(r, &k->kpi, k->change);
	return r->out.len < ENOUGH_BYTES && r->n % STATEMENT_ROWS != 0 ? 0 : drain(r);
}

static int flush_features(struct exporting *e)
{
	const struct part_view p = { .site = e->site, .device = e->device, .labels = e->labels, .partial = &e->key };
	struct rows *r = &e->rows[ROWS_FEATURES];

	for (size_t i = 0; i < e->n_features; i++)
		rows_feature(r, &p, e->features[i].def, &e->features[i].agg);
	e->n_features = 0;
	return r->out.len < ENOUGH_BYTES ? 0 : drain(r);
}

static void remember(char **to, const char *text)
{
	size_t bytes = strlen(text) + 1;

	free(*to);
	*to = memcpy(sorted_alloc(bytes), text, bytes);
}

static bool is_same_definition(const struct metric_def *a, const struct metric_def *b)
{
	char x[PART_BOOK_DEFINITION_BYTES], y[PART_BOOK_DEFINITION_BYTES];

	return a == b || strcmp(part_book_definition(a, x), part_book_definition(b, y)) == 0;
}

/* Parts of one window share what was due: it counts once. */
static void merge_feature(struct exporting *e, const struct metric_def *def, const struct agg *agg)
{
	size_t i = 0;
	struct feature *f;

	while (i < e->n_features && !is_same_definition(e->features[i].def, def))
		i++;
	if (i == MAX_FEATURES)
		return;
	f = &e->features[i];
	if (i == e->n_features) {
		*f = (struct feature){ .def = def };
		e->n_features++;
	}
	agg_merge(&f->agg, agg);
	f->agg.due_ms = agg->due_ms;
}

static int add_features(struct exporting *e, const struct part_view *p)
{
	int r = 0;

	if (e->n_features > 0 && (e->key.w0 != p->partial->w0 || e->key.wl != p->partial->wl ||
				  strcmp(e->device, p->device) != 0 || strcmp(e->site, p->site) != 0))
		r = flush_features(e);
	if (e->n_features == 0) {
		e->key = (struct partial){ .w0 = p->partial->w0, .wl = p->partial->wl };
		remember(&e->site, p->site);
		remember(&e->device, p->device);
		remember(&e->labels, p->labels);
		for (char *end; (end = strchr(e->labels, '\n'));)
			*end = ';';
	}
	for (size_t i = 0; i < p->partial->n_metrics; i++)
		merge_feature(e, &p->contract->metrics[p->partial->metrics[i].id], &p->partial->metrics[i].agg);
	return r;
}

/* Rows of several tables go out together, so that the last number a database has stands for all of them. */
static int add_view(struct exporting *e, const struct part_view *p)
{
	bool is_enough = false;
	int r = 0;

	if (e->o->tables[ROWS_FEATURES])
		r = add_features(e, p);
	for (int t = ROWS_METRICS; t <= ROWS_BUCKETS; t++) {
		for (size_t i = 0; e->o->tables[t] && i < p->partial->n_metrics; i++)
			rows_part(&e->rows[t], p, i);
		is_enough = is_enough || e->rows[t].out.len >= ENOUGH_BYTES;
	}
	for (int t = ROWS_METRICS; t <= ROWS_BUCKETS && is_enough && r == 0; t++)
		r = drain(&e->rows[t]);
	return r;
}

static int note_unexplained(struct exporting *e, int r)
{
	e->n_unexplained += r < 0;
	return 0;
}

static int add_part(void *ctx, const struct store_part *p)
{
	struct exporting *e = ctx;
	struct part_view v;
	int r = part_book_read(e->book, p, &v);

	if (r < 0)
		return note_unexplained(e, r);
	return is_wanted(e->o, v.site, p->w0) ? add_view(e, &v) : 0;
}

static int add_new_part(void *ctx, const struct reader_part *n)
{
	struct exporting *e = ctx;
	const struct store_part p = { .id = n->id, .payload = n->payload, .bytes = n->bytes };
	struct part_view v;
	int r = part_book_read_named(e->book, n->site, n->device, &p, &v);

	if (r < 0)
		return note_unexplained(e, r);
	return is_wanted(e->o, v.site, n->w0) ? add_view(e, &v) : 0;
}

/* --- walks --- */

static int export_kpis(struct exporting *e, struct reader *reader)
{
	const struct reader_range range = { .site = e->o->site, .from = e->o->from, .to = e->o->to };

	if (e->o->after > 0)
		return reader_each_change(reader, e->o->after, SIZE_MAX, add_kpi, e);
	return reader_each_kpi(reader, &range, add_kpi, e);
}

static int export_parts(struct exporting *e, struct store *s, struct reader *reader)
{
	const struct store_range range = { .from = e->o->from, .to = e->o->to };

	return e->o->after > 0 ? reader_each_part(reader, e->o->after, SIZE_MAX, add_new_part, e)
			       : store_each_part(s, &range, add_part, e);
}

static int export_rows(struct exporting *e, struct store *s, struct reader *reader)
{
	int r = 0;

	for (int t = 0; t < ROWS_N_TABLES; t++)
		if (e->o->tables[t])
			rows_header(&e->rows[t]);
	if (e->o->tables[ROWS_KPIS])
		r = export_kpis(e, reader);
	if (r == 0 && e->o->has_parts)
		r = export_parts(e, s, reader);
	if (r == 0)
		r = flush_features(e);
	for (int t = 0; t < ROWS_N_TABLES && r == 0; t++)
		r = drain(&e->rows[t]);
	return r;
}

/* A database takes all of it or nothing. */
static int export_all(struct exporting *e, struct store *s, struct reader *reader)
{
	int r;

	if (e->o->is_sql)
		puts("BEGIN;");
	r = export_rows(e, s, reader);
	if (r == 0 && e->o->is_sql)
		puts("COMMIT;");
	return r == 0 && (ferror(stdout) || fflush(stdout) != 0) ? -EIO : r;
}

static int run(const struct export_options *o, struct store *s, struct reader *reader)
{
	struct exporting *e = sorted_alloc(sizeof(*e));
	int r;

	e->o = o;
	e->book = part_book_new(s);
	e->features = sorted_alloc(MAX_FEATURES * sizeof(e->features[0]));
	for (int t = 0; t < ROWS_N_TABLES; t++)
		rows_init(&e->rows[t], (enum rows_table)t, o->is_sql ? ROWS_SQL : ROWS_CSV, MAX_WAITING_BYTES);
	r = export_all(e, s, reader);
	if (e->n_unexplained > 0)
		fprintf(stderr, "runnel-collector export: %zu parts could not be explained and are left out\n",
			e->n_unexplained);
	for (int t = 0; t < ROWS_N_TABLES; t++)
		rows_free(&e->rows[t]);
	free(e->site);
	free(e->device);
	free(e->labels);
	free(e->features);
	part_book_free(e->book);
	free(e);
	return r;
}

int collector_cmd_export(int argc, char **argv)
{
	struct export_options o;
	struct reader *reader = NULL;
	struct store *s = NULL;
	int r = export_options_parse(&o, argc, argv);

	if (r >= 0)
		return r;
	r = store_open(&s, o.store, true);
	if (r == 0)
		r = reader_attach(&reader, s);
	if (r < 0) {
		fprintf(stderr, "runnel-collector export: %s: %s\n", o.store, store_explain(r));
		store_close(s);
		return r == -ENOENT ? EX_NOINPUT : EX_IOERR;
	}
	r = run(&o, s, reader);
	if (r < 0)
		fprintf(stderr, "runnel-collector export: %s\n", store_explain(r));
	reader_close(reader);
	store_close(s);
	return r < 0 ? EX_IOERR : EX_OK;
}
