/* SPDX-License-Identifier: Apache-2.0 */
/* fleet_window.c - windows in memory: the aggregates, who had a share in them, and which parts went in. What they take is counted. */
#include <stdlib.h>

#include "base/log.h"
#include "collector/fleet_kpi.h"
#include "collector/fleet_private.h"

/* Devices that may go over the bound: a window that has room for one metric has room for all of a part. */
enum { SLACK_BYTES = 64 * 1024 * 1024 };

static int compare_parts(const void *a, const void *b)
{
	const struct merged_part *x = a, *y = b;

	if (x->device != y->device)
		return x->device < y->device ? -1 : 1;
	if (x->boot != y->boot)
		return x->boot < y->boot ? -1 : 1;
	return (x->part > y->part) - (x->part < y->part);
}

static int compare_aggs(const void *a, const void *b)
{
	const struct site_agg *x = *(struct site_agg *const *)a, *y = *(struct site_agg *const *)b;

	return (x->metric > y->metric) - (x->metric < y->metric);
}

static int compare_shares(const void *a, const void *b)
{
	const struct share *x = a, *y = b;

	return (x->device > y->device) - (x->device < y->device);
}

int site_compare_windows(const void *a, const void *b)
{
	const struct site_window *x = *(struct site_window *const *)a, *y = *(struct site_window *const *)b;

	if (x->w0 != y->w0)
		return x->w0 < y->w0 ? -1 : 1;
	return (x->wl > y->wl) - (x->wl < y->wl);
}

static size_t bytes_of(const struct sorted *s)
{
	return s->cap * s->item_bytes;
}

static void *insert(struct fleet *f, struct sorted *s, const void *item)
{
	size_t before = bytes_of(s);
	void *slot = sorted_insert(s, item);

	f->window_bytes += bytes_of(s) - before;
	return slot;
}

struct site_agg *window_find_agg(const struct site_window *w, size_t metric)
{
	struct site_agg key = { .metric = metric }, *pointer = &key;
	struct site_agg **found = sorted_find(&w->aggs, &pointer);

	return found ? *found : NULL;
}

static void window_free(struct fleet *f, struct site_window *w)
{
	for (size_t i = 0; i < w->aggs.n; i++) {
		struct site_agg *a = *(struct site_agg **)sorted_at(&w->aggs, i);

		f->window_bytes -= sizeof(*a) + bytes_of(&a->shares);
		sorted_free(&a->shares);
		free(a);
	}
	f->window_bytes -= sizeof(*w) + bytes_of(&w->aggs) + bytes_of(&w->parts);
	sorted_free(&w->aggs);
	sorted_free(&w->parts);
	free(w);
}

/* Windows of all lengths end together at the horizon; those that go on beyond it stay, and are between the ones that go. */
void fleet_forget(struct fleet *f, struct site *s, uint64_t horizon)
{
	struct site_window **windows = (struct site_window **)(void *)s->windows.items;
	size_t n_kept = 0;

	if (horizon <= s->horizon)
		return;
	s->horizon = horizon;
	for (size_t i = 0; i < s->windows.n; i++) {
		if (windows[i]->w0 + windows[i]->wl <= horizon)
			window_free(f, windows[i]);
		else
			windows[n_kept++] = windows[i];
	}
	s->windows.n = n_kept;
	fleet_kpi_forget(s);
}

bool fleet_make_room(struct fleet *f, struct site *s, uint64_t w0)
{
	while (s->windows.n >= FLEET_MAX_WINDOWS || f->window_bytes >= FLEET_MAX_WINDOW_BYTES) {
		const struct site_window *oldest = s->windows.n > 0 ? site_window(s, 0) : NULL;

		if (!oldest || oldest->w0 >= w0)
			return false;
		if (f->n_windows_dropped++ == 0)
			log_warning("%s: no room: windows are forgotten earlier than asked for", s->name);
		fleet_forget(f, s, oldest->w0 + oldest->wl);
	}
	return w0 >= s->horizon;
}

struct site_window *site_find_window(const struct site *s, const struct partial *p)
{
	struct site_window key = { .w0 = p->w0, .wl = p->wl }, *pointer = &key;
	struct site_window **found = sorted_find(&s->windows, &pointer);

	return found ? *found : NULL;
}

struct site_window *site_add_window(struct fleet *f, struct site *s, const struct partial *p)
{
	struct site_window *w = sorted_alloc(sizeof(*w));

	w->w0 = p->w0;
	w->wl = p->wl;
	w->parts = (struct sorted){ .item_bytes = sizeof(struct merged_part), .compare = compare_parts };
	w->aggs = (struct sorted){ .item_bytes = sizeof(struct site_agg *), .compare = compare_aggs };
	f->window_bytes += sizeof(*w);
	sorted_insert(&s->windows, &w);
	return w;
}

/* --- parts --- */

const struct merged_part *window_find_part(const struct site_window *w, const struct merged_part *part)
{
	return sorted_find(&w->parts, part);
}

size_t window_n_parts_of(const struct site_window *w, size_t device)
{
	const struct merged_part from = { .device = device }, to = { .device = device + 1 };

	return sorted_lower_bound(&w->parts, &to) - sorted_lower_bound(&w->parts, &from);
}

void window_merge(struct fleet *f, struct site_window *w, const struct merged_part *part)
{
	insert(f, &w->parts, part);
	w->is_changed = true;
}

/* NULL (counted): no room. */
static struct site_agg *agg_of(struct fleet *f, struct site_window *w, size_t metric)
{
	struct site_agg *a = window_find_agg(w, metric);

	if (a)
		return a;
	if (!f->is_replay && f->window_bytes >= FLEET_MAX_WINDOW_BYTES + SLACK_BYTES) {
		f->counters.refused++;
		return NULL;
	}
	a = sorted_alloc(sizeof(*a));
	a->metric = metric;
	a->shares = (struct sorted){ .item_bytes = sizeof(struct share), .compare = compare_shares };
	f->window_bytes += sizeof(*a);
	insert(f, &w->aggs, &a);
	return a;
}

void window_merge_agg(struct fleet *f, struct site_window *w, size_t metric, size_t device, const struct agg *from)
{
	struct site_agg *into = agg_of(f, w, metric);
	struct share key = { .device = (uint32_t)device }, *share;

	if (!into)
		return;
	agg_merge(&into->agg, from);
	share = sorted_find(&into->shares, &key);
	if (!share)
		share = insert(f, &into->shares, &key);
	share->expected =
		from->expected < UINT32_MAX - share->expected ? share->expected + (uint32_t)from->expected : UINT32_MAX;
}
