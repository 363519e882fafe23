/* SPDX-License-Identifier: Apache-2.0 */
/* fleet_kpi_compute.c - one window of one KPI from the merged aggregates, see fleet_kpi.h for what its numbers mean. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "collector/fleet_kpi_private.h"

/** Of one device, by its id. */
struct tally {
	const struct kpi_plan *plan; /* NULL: not expected */
	bool has_reported;
	uint64_t parts_expected; /* of the stream at hand */
};

struct computation {
	const struct site *site;
	const struct kpi_row *row;
	const struct kpi_plan *plan;
	struct tally *tallies;
	struct fleet_kpi *out;
};

static uint64_t row_end(const struct kpi_row *row)
{
	return row->w0 + row->wl;
}

bool fleet_kpi_may_be_complete(const struct kpi_row *row)
{
	for (size_t i = 0; i < row->name->n_devices; i++) {
		const struct device *d = row->name->group[i].device;

		if (row_end(row) > d->expected_from && !device_is_complete(d, row->w0, row_end(row)))
			return false;
	}
	return true;
}

/* Adds the windows of all lengths that make up the row's: devices may cut theirs differently. */
static void merge_stream(const struct computation *c, const struct site_metric *m, struct agg *into)
{
	const struct site *s = c->site;

	for (size_t i = site_first_window(s, c->row->w0); i < s->windows.n; i++) {
		const struct site_window *w = site_window(s, i);
		const struct site_agg *a;

		if (w->w0 >= row_end(c->row))
			return;
		a = c->row->wl % w->wl == 0 ? window_find_agg(w, m->id) : NULL;
		if (!a)
			continue;
		agg_merge(into, &a->agg);
		for (size_t j = 0; j < a->shares.n; j++) {
			const struct share *share = sorted_at(&a->shares, j);

			c->tallies[share->device].has_reported = true;
			c->tallies[share->device].parts_expected += share->expected;
		}
	}
}

/* What was due of stream @slot: what parts say, or what a whole window should bring. Clears the tallies for the next stream. */
static uint64_t due_samples(const struct computation *c, size_t slot)
{
	uint64_t due = 0;

	for (size_t i = 0; i < c->site->devices.n; i++) {
		struct tally *t = &c->tallies[i];
		int64_t period_us = t->plan ? t->plan->metrics[slot]->period_us : 0;
		uint64_t nominal = period_us > 0 ? (uint64_t)c->row->wl * 1000000 / (uint64_t)period_us : 0;

		due += t->parts_expected > nominal ? t->parts_expected : nominal;
		t->parts_expected = 0;
	}
	return due;
}

bool fleet_kpi_is_overdue(const struct fleet *f, const struct kpi_row *row)
{
	uint64_t from = row->told.since > row_end(row) ? row->told.since : row_end(row);

	return row->told.version > 0 && f->now_us / 1000000 >= (int64_t)(from + f->deadline_s);
}

static void count_devices(const struct computation *c, bool is_overdue)
{
	for (size_t i = 0; i < c->site->devices.n; i++) {
		const struct device *d = site_device(c->site, i);
		const struct tally *t = &c->tallies[d->id];

		if (!t->plan && !t->has_reported)
			continue;
		c->out->expected_devices++;
		c->out->devices += t->has_reported;
		c->out->complete_devices += d->is_retired || device_is_complete(d, c->row->w0, row_end(c->row));
	}
	if (c->out->complete_devices == c->out->expected_devices)
		c->out->state = FLEET_KPI_COMPLETE;
	else
		c->out->state = is_overdue ? FLEET_KPI_CLOSED : FLEET_KPI_PROVISIONAL;
}

static void expect_devices(const struct computation *c)
{
	for (size_t i = 0; i < c->row->name->n_devices; i++) {
		const struct casting *g = &c->row->name->group[i];

		if (row_end(c->row) > g->device->expected_from)
			c->tallies[g->device->id].plan = g->plan;
	}
}

static void evaluate(const struct computation *c, struct agg *aggs)
{
	const struct agg *inputs[EXPR_MAX_STREAMS];
	const struct metric_def *defs[EXPR_MAX_STREAMS];
	uint64_t due_ms = c->out->expected_devices * (uint64_t)c->row->wl * 1000;

	c->out->coverage = 1.0;
	for (size_t i = 0; i < c->plan->n_streams; i++) {
		const struct site_metric *m = site_find_metric(c->site, c->plan->metrics[i]->name);
		double coverage;

		aggs[i].due_ms = due_ms;
		inputs[i] = &aggs[i];
		defs[i] = m ? &m->def : c->plan->metrics[i];
		coverage = agg_coverage(&aggs[i], defs[i]);
		if (!(coverage >= c->out->coverage))
			c->out->coverage = coverage;
	}
	c->out->value = expr_eval(c->plan->expr, inputs, defs);
}

void fleet_kpi_compute(struct fleet *f, const struct site *s, const struct kpi_row *row, struct fleet_kpi *out)
{
	struct computation c = { .site = s, .row = row, .plan = row->name->group->plan, .out = out };

	*out = (struct fleet_kpi){ .site = s->name, .name = row->name->name, .w0 = row->w0, .wl = row->wl };
	out->n_definitions = row->name->n_definitions;
	snprintf(out->unit, sizeof(out->unit), "%s", c.plan->def->unit);
	c.tallies = sorted_alloc(s->devices.n * sizeof(c.tallies[0]));
	expect_devices(&c);
	for (size_t i = 0; i < c.plan->n_streams; i++) {
		const struct site_metric *m = site_find_metric(s, c.plan->metrics[i]->name);

		f->aggs[i] = (struct agg){ 0 };
		if (m)
			merge_stream(&c, m, &f->aggs[i]);
		out->n += f->aggs[i].n;
		out->expected += due_samples(&c, i);
	}
	count_devices(&c, fleet_kpi_is_overdue(f, row));
	evaluate(&c, f->aggs);
	free(c.tallies);
}
