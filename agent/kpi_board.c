/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/kpi_board.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pipelines/partial_json.h"

enum { KPI_MAX_BYTES = 4096 };

int kpi_board_init(struct kpi_board *b, const struct contract *c)
{
	struct kpi_entry *entries = calloc(c->n_kpis + 1, sizeof(*entries));

	if (!entries)
		return -ENOMEM;
	for (size_t i = 0; i < c->n_kpis; i++) {
		entries[i].name = c->kpis[i].name;
		dynbuf_init(&entries[i].json, KPI_MAX_BYTES);
	}
	*b = (struct kpi_board){ entries, c->n_kpis };
	return 0;
}

void kpi_board_free(struct kpi_board *b)
{
	for (size_t i = 0; i < b->n; i++)
		dynbuf_free(&b->entries[i].json);
	free(b->entries);
	*b = (struct kpi_board){ 0 };
}

void kpi_board_put(struct kpi_board *b, const struct kpi_def *kpi, uint64_t w0_s, double value, double coverage)
{
	for (size_t i = 0; i < b->n; i++) {
		struct kpi_entry *e = &b->entries[i];
		struct dynbuf *json = &e->json;

		if (strcmp(e->name, kpi->name) != 0)
			continue;
		dynbuf_reset(json);
		kpi_to_json(kpi, w0_s, value, coverage, json);
		if (json->len > 0 && json->data[json->len - 1] == '\n')
			json->data[--json->len] = '\0';
		e->is_due = !json->overflow;
	}
}

struct kpi_entry *kpi_board_due(const struct kpi_board *b)
{
	for (size_t i = 0; i < b->n; i++)
		if (b->entries[i].is_due)
			return &b->entries[i];
	return NULL;
}
