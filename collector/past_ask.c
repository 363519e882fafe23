/* SPDX-License-Identifier: Apache-2.0 */
/*
 * past_ask.c - parts merged again into the windows and groups of a question. One walk in order of time, so that only one window is in memory,
 * however long the range is.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/past_private.h"
#include "pipelines/wire.h"

static void find_own(struct past_asking *a)
{
	for (size_t i = 0; i < a->members.n; i++) {
		const struct shared_contract *c = device_current_contract(a->members.items[i].device);

		for (size_t j = 0; c && j < c->contract.n_metrics; j++)
			for (size_t k = 0; k < a->n_defs; k++)
				if (archive_is_same_metric(&c->contract.metrics[j], a->defs[k]))
					a->own[i * a->n_defs + k] = &c->contract.metrics[j];
	}
}

/* --- a window is whole --- */

struct group_sum {
	size_t group;
	const struct past_asked *k;
	struct past_row row;
	uint64_t due_ms;
};

static bool is_expected(const struct past_asking *a, const struct past_asked *k, size_t member)
{
	const struct device *d = a->members.items[member].device;

	if (!d->is_born || a->w0 + a->wl <= d->expected_from)
		return false;
	for (size_t i = 0; i < k->n_streams; i++)
		if (!a->own[member * a->n_defs + k->streams[i]])
			return false;
	return true;
}

static void count_member(const struct past_asking *a, struct group_sum *g, size_t member)
{
	const struct device *d = a->members.items[member].device;
	bool is_due = is_expected(a, g->k, member), is_there = false;

	for (size_t i = 0; i < g->k->n_streams; i++) {
		size_t at = member * a->n_defs + g->k->streams[i];
		int64_t period_us = is_due ? a->own[at]->period_us : 0;
		uint64_t nominal = period_us > 0 ? a->wl * 1000000 / (uint64_t)period_us : 0;

		is_there = is_there || a->given[at].is_there;
		g->row.expected += a->given[at].expected > nominal ? a->given[at].expected : nominal;
	}
	if (!is_due && !is_there)
		return;
	g->row.expected_devices++;
	g->row.devices += is_there;
	g->row.complete_devices += d->is_retired || device_is_complete(d, a->w0, a->w0 + a->wl);
}

static void evaluate(struct past_asking *a, struct group_sum *g)
{
	const struct agg *inputs[EXPR_MAX_STREAMS];
	const struct metric_def *defs[EXPR_MAX_STREAMS];
	struct agg *spare = a->past->fleet->aggs;

	g->row.coverage = 1.0;
	for (size_t i = 0; i < g->k->n_streams; i++) {
		struct agg *agg = a->aggs[g->group * a->n_defs + g->k->streams[i]];
		double coverage;

		if (!agg) {
			agg = &spare[i];
			*agg = (struct agg){ 0 };
		}
		agg->due_ms = g->row.expected_devices * a->wl * 1000;
		inputs[i] = agg;
		defs[i] = a->defs[g->k->streams[i]];
		g->row.n += agg->n;
		coverage = agg_coverage(agg, defs[i]);
		if (!(coverage >= g->row.coverage))
			g->row.coverage = coverage;
	}
	g->row.value = expr_eval(g->k->expr, inputs, defs);
}

static void label(const struct past_asking *a, struct past_row *row)
{
	uint64_t overdue_s = row->w0 + row->wl + a->scope->deadline_s;

	if (row->complete_devices == row->expected_devices)
		row->state = FLEET_KPI_COMPLETE;
	else
		row->state = (int64_t)overdue_s <= a->past->fleet->now_us / 1000000 ? FLEET_KPI_CLOSED
										    : FLEET_KPI_PROVISIONAL;
}

static int tell(struct past_asking *a, size_t group, const struct past_asked *k)
{
	struct group_sum g = { .group = group, .k = k };

	g.row = (struct past_row){
		.question = k->q, .group = a->members.groups[group], .unit = k->unit, .w0 = a->w0, .wl = a->wl
	};
	for (size_t i = a->members.first[group]; i < a->members.first[group + 1]; i++)
		count_member(a, &g, i);
	if (g.row.expected_devices == 0)
		return 0;
	evaluate(a, &g);
	label(a, &g.row);
	return a->sink->row(a->sink->ctx, &g.row);
}

static int end_window(struct past_asking *a)
{
	int r = 0;

	for (size_t g = 0; g < a->members.n_groups && r == 0; g++)
		for (size_t i = 0; i < a->n_asked && r == 0; i++)
			if (a->asked[i].wl == a->wl || a->scope->is_whole)
				r = tell(a, g, &a->asked[i]);
	for (size_t i = 0; i < a->members.n_groups * a->n_defs; i++)
		if (a->aggs[i])
			*a->aggs[i] = (struct agg){ 0 };
	memset(a->given, 0, a->members.n * a->n_defs * sizeof(a->given[0]));
	a->has_window = false;
	return r;
}

/* --- parts --- */

static size_t stream_of(const struct past_asking *a, const struct metric_def *def)
{
	size_t len = strcspn(def->name, "@");

	for (size_t i = 0; i < a->n_defs; i++)
		if (archive_is_same_metric(def, a->defs[i]))
			return i;
	for (size_t i = 0; i < a->n_defs; i++)
		if (strncmp(def->name, a->defs[i]->name, len + 1) == 0)
			return PAST_OTHER;
	return PAST_NONE;
}

static const struct past_map *map_of(struct past_asking *a, const struct shared_contract *c)
{
	struct past_map *m;

	if (a->last_map < a->n_maps && a->maps[a->last_map].contract == c)
		return &a->maps[a->last_map];
	for (a->last_map = 0; a->last_map < a->n_maps; a->last_map++)
		if (a->maps[a->last_map].contract == c)
			return &a->maps[a->last_map];
	if (a->n_maps == a->cap_maps) {
		struct past_map *grown = sorted_alloc((2 * a->cap_maps + 16) * sizeof(*grown));

		if (a->n_maps > 0)
			memcpy(grown, a->maps, a->n_maps * sizeof(*grown));
		free(a->maps);
		a->maps = grown;
		a->cap_maps = 2 * a->cap_maps + 16;
	}
	m = &a->maps[a->n_maps++];
	m->contract = c;
	for (size_t i = 0; i < c->contract.n_metrics && i < PARTIAL_MAX_METRICS; i++)
		m->stream[i] = stream_of(a, &c->contract.metrics[i]);
	return m;
}

static void merge(struct past_asking *a, size_t member, const struct partial *p, const struct past_map *map)
{
	for (size_t i = 0; i < p->n_metrics; i++) {
		size_t stream = map->stream[p->metrics[i].id];
		size_t group = a->members.items[member].group;
		struct agg **agg;

		a->answer->notes.n_other += stream == PAST_OTHER;
		if (stream >= PAST_MAX_STREAMS)
			continue;
		agg = &a->aggs[group * a->n_defs + stream];
		if (!*agg)
			*agg = sorted_alloc(sizeof(**agg));
		agg_merge(*agg, &p->metrics[i].agg);
		a->given[member * a->n_defs + stream].expected += p->metrics[i].agg.expected;
		a->given[member * a->n_defs + stream].is_there = true;
	}
}

/* @return whether a part is inside one window, whose begin is in @w0 */
static bool find_window(const struct past_asking *a, const struct store_part *row, uint64_t *w0)
{
	*w0 = a->scope->is_whole ? a->scope->from : row->w0 - row->w0 % a->wl;
	return row->w0 + row->wl <= *w0 + a->wl;
}

static int take(void *ctx, const struct store_part *row)
{
	struct past_asking *a = ctx;
	struct partial p = { .metrics = a->past->fleet->metrics };
	size_t member = (size_t)row->device < a->members.n_rows ? a->members.by_row[row->device] : 0;
	const struct shared_contract *c;
	struct wire_presence present;
	const char *why;
	uint64_t w0;
	int r;

	if (member-- == 0)
		return 0;
	a->answer->notes.n_parts++;
	if (!find_window(a, row, &w0)) {
		a->answer->notes.n_too_long++;
		a->answer->notes.longest_s =
			row->wl > a->answer->notes.longest_s ? row->wl : a->answer->notes.longest_s;
		return 0;
	}
	if (a->has_window && a->w0 != w0) {
		r = end_window(a);
		if (r != 0)
			return r;
	}
	a->w0 = w0;
	a->has_window = true;
	c = wire_decode(&p, &present, row->payload, row->bytes, &why) == 0
		    ? device_contract(a->members.items[member].device, p.contract)
		    : NULL;
	if (c && wire_complete(&p, &present, c->contract.metrics, c->contract.n_metrics) == 0)
		merge(a, member, &p, map_of(a, c));
	else
		a->answer->notes.n_unreadable++;
	return 0;
}

static int walk(struct past_asking *a, uint64_t wl)
{
	const struct past_scope *s = a->scope;
	struct store_range range = { .from = s->from, .to = s->to };
	int r;

	a->wl = wl;
	if (!s->is_whole) {
		range.from = s->from + (wl - s->from % wl) % wl;
		range.to = s->to + (wl - s->to % wl) % wl;
	}
	r = store_each_part(a->past->archive->store, &range, take, a);
	return r == 0 && a->has_window ? end_window(a) : r;
}

static int walk_all(struct past_asking *a)
{
	size_t n_cells = a->members.n * a->n_defs + 1;
	int r = 0;

	a->aggs = sorted_alloc((a->members.n_groups * a->n_defs + 1) * sizeof(a->aggs[0]));
	a->given = sorted_alloc(n_cells * sizeof(a->given[0]));
	a->own = sorted_alloc(n_cells * sizeof(a->own[0]));
	find_own(a);
	if (a->scope->is_whole)
		return walk(a, a->scope->to - a->scope->from);
	for (size_t i = 0; i < a->n_asked && r == 0; i++) {
		size_t j = 0;

		while (a->asked[j].wl != a->asked[i].wl)
			j++;
		if (j == i)
			r = walk(a, a->asked[i].wl);
	}
	return r;
}

int past_ask(struct past *p, const struct past_scope *scope, const struct past_question *q, size_t n,
	     const struct past_sink *sink, struct past_answer *answer)
{
	struct past_asking *a = sorted_alloc(sizeof(*a));
	int r = 0;

	*answer = (struct past_answer){ 0 };
	*a = (struct past_asking){ .past = p, .scope = scope, .sink = sink, .answer = answer };
	past_members_find(&a->members, p, scope);
	if (a->members.n == 0) {
		snprintf(answer->error, sizeof(answer->error), "no device is meant: --list has sites and labels");
		r = -EINVAL;
	}
	for (size_t i = 0; i < n && r == 0; i++)
		r = past_understand(a, &q[i]);
	if (r == 0 && scope->from < scope->to)
		r = walk_all(a);
	for (size_t i = 0; a->aggs && i < a->members.n_groups * a->n_defs; i++)
		free(a->aggs[i]);
	free(a->aggs);
	free(a->given);
	free(a->own);
	free(a->maps);
	past_members_free(&a->members);
	arena_free(&a->arena);
	free(a);
	return r;
}
