/* SPDX-License-Identifier: Apache-2.0 */
/* fleet_kpi_look.c - what was told of a KPI, for who looks at it: nothing is computed here, and nothing changes. */
#include <string.h>

#include "collector/fleet_kpi_private.h"

static struct kpi_row *row_at(const struct site_kpis *k, size_t i)
{
	return *(struct kpi_row **)sorted_at(&k->rows, i);
}

static const struct kpi_name *find_name(const struct site *s, const char *name)
{
	struct kpi_name key = { .name = (char *)name }, *pointer = &key;
	struct kpi_name **found = sorted_find(&s->kpis->names, &pointer);

	return found ? *found : NULL;
}

static const struct fleet_kpi *last_settled(const struct site_kpis *k, const struct kpi_name *name)
{
	for (size_t i = k->rows.n; i-- > 0;) {
		const struct kpi_row *row = row_at(k, i);

		if (row->name == name && row->told.version > 0 && row->told.state != FLEET_KPI_PROVISIONAL)
			return &row->told;
	}
	return NULL;
}

void fleet_kpi_origin(const struct site *s, const char *name, struct fleet_kpi_origin *out)
{
	const struct kpi_name *n = find_name(s, name);

	*out = (struct fleet_kpi_origin){ .expression = "" };
	if (!n)
		return;
	out->newest = n->newest.name ? &n->newest : NULL;
	out->settled = last_settled(s->kpis, n);
	if (!n->group)
		return;
	out->expression = n->group->plan->def->expression;
	out->n_devices = n->n_devices;
	out->n_streams = n->group->plan->n_streams;
	for (size_t i = 0; i < out->n_streams; i++)
		out->streams[i] = n->group->plan->metrics[i]->name;
}

/* Rows are in order of time. */
static size_t first_row(const struct site_kpis *k, uint64_t from)
{
	size_t low = 0, high = k->rows.n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (row_at(k, middle)->w0 < from)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

void fleet_kpi_each_told(const struct site *s, const char *name, uint64_t from,
			 void (*each)(void *ctx, const struct fleet_kpi *k), void *ctx)
{
	const struct kpi_name *n = find_name(s, name);

	for (size_t i = first_row(s->kpis, from); n && i < s->kpis->rows.n; i++) {
		const struct kpi_row *row = row_at(s->kpis, i);

		if (row->name == n && row->told.version > 0)
			each(ctx, &row->told);
	}
}
