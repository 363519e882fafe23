/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/part_book.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "collector/shared_contract.h"
#include "collector/sorted.h"
#include "pipelines/wire.h"

struct owner {
	int64_t row;
	char *site, *name, *labels;
};

struct known_contract {
	int64_t device;
	uint32_t hash;
	struct shared_contract *contract;
};

struct part_book {
	struct store *store;
	struct sorted by_row, by_name; /* struct owner * */
	struct sorted known;	       /* struct known_contract */
	struct contract_store contracts;
	struct partial partial;
	struct partial_metric metrics[PARTIAL_MAX_METRICS];
};

static int compare_rows(const void *a, const void *b)
{
	const struct owner *const *x = a, *const *y = b;

	return ((*x)->row > (*y)->row) - ((*x)->row < (*y)->row);
}

static int compare_names(const void *a, const void *b)
{
	const struct owner *const *x = a, *const *y = b;
	int c = strcmp((*x)->site, (*y)->site);

	return c ? c : strcmp((*x)->name, (*y)->name);
}

static int compare_known(const void *a, const void *b)
{
	const struct known_contract *x = a, *y = b;

	if (x->device != y->device)
		return x->device < y->device ? -1 : 1;
	return (x->hash > y->hash) - (x->hash < y->hash);
}

struct part_book *part_book_new(struct store *s)
{
	struct part_book *b = sorted_alloc(sizeof(*b));

	b->store = s;
	b->by_row = (struct sorted){ .item_bytes = sizeof(struct owner *), .compare = compare_rows };
	b->by_name = (struct sorted){ .item_bytes = sizeof(struct owner *), .compare = compare_names };
	b->known = (struct sorted){ .item_bytes = sizeof(struct known_contract), .compare = compare_known };
	contract_store_init(&b->contracts);
	b->partial.metrics = b->metrics;
	return b;
}

void part_book_free(struct part_book *b)
{
	if (!b)
		return;
	for (size_t i = 0; i < b->by_row.n; i++) {
		struct owner *o = *(struct owner **)sorted_at(&b->by_row, i);

		free(o->site);
		free(o->name);
		free(o->labels);
		free(o);
	}
	for (size_t i = 0; i < b->known.n; i++)
		contract_store_give(&b->contracts, ((struct known_contract *)sorted_at(&b->known, i))->contract);
	contract_store_free(&b->contracts);
	sorted_free(&b->known);
	sorted_free(&b->by_name);
	sorted_free(&b->by_row);
	free(b);
}

/* --- devices --- */

static char *copy(const char *text)
{
	size_t bytes = strlen(text) + 1;

	return memcpy(sorted_alloc(bytes), text, bytes);
}

static int add_owner(void *ctx, const struct store_device *d)
{
	struct part_book *b = ctx;
	struct owner key = { .row = d->id }, *o = &key;

	if (sorted_find(&b->by_row, &o))
		return 0;
	o = sorted_alloc(sizeof(*o));
	*o = (struct owner){ d->id, copy(d->site), copy(d->name), copy(d->labels) };
	sorted_insert(&b->by_row, &o);
	sorted_insert(&b->by_name, &o);
	return 0;
}

static const struct owner *find(struct part_book *b, const struct sorted *in, const struct owner *key)
{
	struct owner **found = sorted_find(in, &key);

	if (!found && store_each_device(b->store, add_owner, b) == 0)
		found = sorted_find(in, &key);
	return found ? *found : NULL;
}

/* --- contracts --- */

struct looking {
	struct part_book *book;
	int64_t device;
};

static int add_contract(void *ctx, uint32_t hash, const char *text, size_t bytes)
{
	const struct looking *l = ctx;
	struct known_contract c = { .device = l->device, .hash = hash };
	const char *why;

	if (!sorted_find(&l->book->known, &c) &&
	    contract_store_take(&l->book->contracts, hash, text, bytes, &c.contract, &why) == 0)
		sorted_insert(&l->book->known, &c);
	return 0;
}

static const struct shared_contract *contract_of(struct part_book *b, int64_t device, uint32_t hash)
{
	const struct known_contract key = { .device = device, .hash = hash };
	struct known_contract *found = sorted_find(&b->known, &key);
	struct looking l = { b, device };

	if (!found && store_each_contract(b->store, device, add_contract, &l) == 0)
		found = sorted_find(&b->known, &key);
	return found ? found->contract : NULL;
}

/* --- parts --- */

static int explain(struct part_book *b, const struct owner *o, const struct store_part *p, struct part_view *out)
{
	const struct shared_contract *c;
	struct wire_presence present;
	const char *why;

	if (wire_decode(&b->partial, &present, p->payload, p->bytes, &why) < 0)
		return -EBADMSG;
	c = contract_of(b, o->row, b->partial.contract);
	if (!c)
		return -ENOENT;
	if (wire_complete(&b->partial, &present, c->contract.metrics, c->contract.n_metrics) < 0)
		return -EBADMSG;
	*out = (struct part_view){ .id = p->id,
				   .site = o->site,
				   .device = o->name,
				   .labels = o->labels,
				   .partial = &b->partial,
				   .contract = &c->contract,
				   .contract_text = c->text,
				   .contract_bytes = c->bytes,
				   .payload = p->payload,
				   .bytes = p->bytes };
	return 0;
}

int part_book_read(struct part_book *b, const struct store_part *p, struct part_view *out)
{
	const struct owner key = { .row = p->device }, *o = find(b, &b->by_row, &key);

	return o ? explain(b, o, p, out) : -ENOENT;
}

int part_book_read_named(struct part_book *b, const char *site, const char *device, const struct store_part *p,
			 struct part_view *out)
{
	const struct owner key = { .site = (char *)site, .name = (char *)device }, *o = find(b, &b->by_name, &key);

	return o ? explain(b, o, p, out) : -ENOENT;
}

/* --- definitions --- */

const char *part_book_kind(const struct metric_def *def)
{
	static const char *const names[] = {
		[SERIES_GAUGE] = "gauge", [SERIES_STATE] = "state", [SERIES_COUNTER] = "counter"
	};

	return names[def->kind];
}

const char *part_book_sketch(const struct metric_def *def)
{
	if (!def->has_sketch)
		return "none";
	return def->sketch.kind == SKETCH_LIN ? "lin" : "exp2";
}

const char *part_book_definition(const struct metric_def *def, char out[static PART_BOOK_DEFINITION_BYTES])
{
	char reference[32], quantum[32], width[16] = "";

	text_from_double(def->reference, reference, sizeof(reference));
	text_from_double(def->quantum, quantum, sizeof(quantum));
	if (def->has_sketch && def->sketch.kind == SKETCH_LIN)
		snprintf(width, sizeof(width), "/%u", def->sketch.width);
	snprintf(out, PART_BOOK_DEFINITION_BYTES, "%s %s %s K=%s q=%s %s%s", def->name, def->unit->code,
		 part_book_kind(def), reference, quantum, part_book_sketch(def), width);
	return out;
}
