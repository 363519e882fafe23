/* SPDX-License-Identifier: Apache-2.0 */
/* query_list.c - what a store can be asked for. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "base/timestamp.h"
#include "collector/query_print.h"

enum { NAME_BYTES = 160 };

/** A thing to ask for: a stream, a KPI or a label. */
struct item {
	const char *kind;
	char *name, *text; /* unit and window, or the expression, or the values */
	size_t n_devices;
};

struct listing {
	struct query_print *print;
	struct past *past;
	char text[160];
};

static int compare_items(const void *a, const void *b)
{
	const struct item *x = a, *y = b;
	int order = strcmp(x->kind, y->kind);

	if (order == 0)
		order = strcmp(x->name, y->name);
	return order ? order : strcmp(x->text, y->text);
}

static void count(struct sorted *items, struct arena *a, const char *kind, char *name, char *text)
{
	struct item key = { .kind = kind, .name = name, .text = text, .n_devices = 1 }, *found;

	text_make_printable(name);
	text_make_printable(text);
	found = sorted_find(items, &key);
	if (found) {
		found->n_devices++;
		return;
	}
	key.name = arena_strdup(a, name);
	key.text = arena_strdup(a, text);
	sorted_insert(items, &key);
}

static void count_contract(struct sorted *items, struct arena *a, const struct contract *c)
{
	char text[600], window[32], name[NAME_BYTES];

	for (size_t i = 0; i < c->n_metrics; i++) {
		const struct metric_def *m = &c->metrics[i];

		snprintf(text, sizeof(text), "%s, windows of %s%s", m->unit->code,
			 text_from_duration((int64_t)m->window_s * 1000000, window, sizeof(window)),
			 m->has_sketch ? ", with quantiles" : "");
		snprintf(name, sizeof(name), "%s", m->name);
		count(items, a, "stream", name, text);
	}
	for (size_t i = 0; i < c->n_kpis; i++) {
		snprintf(text, sizeof(text), "%.400s, in %.60s, windows of %s", c->kpis[i].expression, c->kpis[i].unit,
			 text_from_duration((int64_t)c->kpis[i].window_s * 1000000, window, sizeof(window)));
		snprintf(name, sizeof(name), "%s", c->kpis[i].name);
		count(items, a, "KPI", name, text);
	}
}

static void count_labels(struct sorted *items, struct arena *a, const char *labels)
{
	char name[JSON_IN_LABELS_BYTES], value[JSON_IN_LABELS_BYTES];

	for (const char *line = labels; *line; line += strcspn(line, "\n"), line += *line == '\n') {
		size_t len = strcspn(line, "\n"), name_len = strcspn(line, "=");

		if (name_len >= len || len >= sizeof(value))
			continue;
		snprintf(name, sizeof(name), "%.*s", (int)name_len, line);
		snprintf(value, sizeof(value), "%.*s", (int)(len - name_len - 1), line + name_len + 1);
		count(items, a, "label", name, value);
	}
}

static int print(struct query_print *p, const struct item *item)
{
	struct json j = { .out = &p->line };

	if (p->options->format == QUERY_JSON) {
		json_object_begin(&j, NULL);
		json_text(&j, "type", item->kind);
		json_text(&j, "name", item->name);
		json_text(&j, "text", item->text);
		json_uint(&j, "devices", item->n_devices);
		json_object_end(&j);
		dynbuf_adds(&p->line, "\n");
	} else {
		dynbuf_addf(&p->line, "%-6s  %-24s  %5zu  %s\n", item->kind, item->name, item->n_devices, item->text);
	}
	if (fwrite(dynbuf_text(&p->line), 1, p->line.len, stdout) != p->line.len)
		return -EIO;
	dynbuf_reset(&p->line);
	return 0;
}

static void print_range(struct query_print *p, struct past *past)
{
	char from_text[32], to_text[32];
	uint64_t from, to;

	if (p->options->format == QUERY_JSON)
		return;
	if (past_range(past, &from, &to))
		printf("parts from %s to %s\n\n",
		       timestamp_format((int64_t)from * 1000000, from_text, sizeof(from_text)),
		       timestamp_format((int64_t)to * 1000000, to_text, sizeof(to_text)));
	printf("%-6s  %-24s  %5s  %s\n", "WHAT", "NAME", "BOARDS", "");
}

static const char *why_undated(const struct past *p, const char *site, const char *device, uint32_t boot)
{
	const struct device *d = site_find_device(fleet_find_site(past_fleet(p), site), device);

	if (device_knows_clock(d, boot))
		return "no window holds them, or they are about to be dated";
	if (d->is_born && d->birth.boot > boot)
		return "it ended before it knew the time";
	return "it does not know the time yet";
}

/* What is in no KPI, and by whose fault. */
static int print_apart(void *ctx, const struct store_apart *a)
{
	struct listing *l = ctx;
	char name[2 * NAME_BYTES];
	const char *site, *device;
	struct item item = { .kind = "apart", .name = name, .n_devices = 1, .text = l->text };

	if (!past_device_of(l->past, a->device, &site, &device))
		return 0;
	snprintf(name, sizeof(name), "%s/%s", site, device);
	text_make_printable(name);
	if (a->kind == STORE_CONFLICT)
		snprintf(
			l->text, sizeof(l->text),
			"%lld parts with the key of another and other bytes: is its name there twice? (table conflict)",
			(long long)a->n);
	else
		snprintf(l->text, sizeof(l->text), "%lld parts of boot %u: %s (table unsynced)", (long long)a->n,
			 a->boot, why_undated(l->past, site, device, a->boot));
	return print(l->print, &item);
}

int query_print_list(struct query_print *p, struct past *past)
{
	struct sorted items = { .item_bytes = sizeof(struct item), .compare = compare_items };
	const struct fleet *f = past_fleet(past);
	char name[NAME_BYTES], nothing[1] = "";
	struct listing listing = { .print = p, .past = past };
	struct arena arena = { 0 };
	int r = 0;

	for (size_t i = 0; i < f->sites.n; i++) {
		const struct site *s = fleet_site(f, i);

		for (size_t j = 0; j < s->devices.n; j++) {
			struct device *d = site_device(s, j);
			const struct shared_contract *c = past_contract(d);

			snprintf(name, sizeof(name), "%s", s->name);
			count(&items, &arena, "site", name, nothing);
			count_labels(&items, &arena, d->birth.labels);
			if (c)
				count_contract(&items, &arena, &c->contract);
		}
	}
	print_range(p, past);
	for (size_t i = 0; i < items.n && r == 0; i++)
		r = print(p, sorted_at(&items, i));
	sorted_free(&items);
	arena_free(&arena);
	return r == 0 ? store_each_apart(past_store(past), print_apart, &listing) : r;
}
