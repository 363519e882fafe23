/* SPDX-License-Identifier: Apache-2.0 */
/* kpi_board.h - the newest value of each KPI as JSON, until it has been handed on: retained messages need no queue. */
#ifndef RUNNEL_AGENT_KPI_BOARD_H
#define RUNNEL_AGENT_KPI_BOARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/dynbuf.h"
#include "pipelines/contract.h"

struct kpi_entry {
	const char *name;
	struct dynbuf json;
	bool is_due; /* the owner clears it */
};

/** All-zero is a board without KPIs. */
struct kpi_board {
	struct kpi_entry *entries;
	size_t n;
};

/** Names are borrowed from @c. @return 0 or -ENOMEM */
NODISCARD int kpi_board_init(struct kpi_board *b, const struct contract *c);
void kpi_board_free(struct kpi_board *b);

/** Replaces the entry of @kpi, which becomes due. */
void kpi_board_put(struct kpi_board *b, const struct kpi_def *kpi, uint64_t w0_s, double value, double coverage);

/** The first entry that is due, or NULL. */
struct kpi_entry *kpi_board_due(const struct kpi_board *b);

#endif
