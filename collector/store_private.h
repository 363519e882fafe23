/* SPDX-License-Identifier: Apache-2.0 */
/* store_private.h - between store.c (what is written) and store_read.c. */
#ifndef RUNNEL_COLLECTOR_STORE_PRIVATE_H
#define RUNNEL_COLLECTOR_STORE_PRIVATE_H

#include "base/db.h"
#include "collector/store.h"

enum store_statement {
	STORE_PUT,
	STORE_BYTES_OF,
	STORE_QUARANTINE,
	STORE_PUT_UNSYNCED,
	STORE_BYTES_OF_UNSYNCED,
	STORE_PUT_DEVICE,
	STORE_PUT_TEXT,
	STORE_PUT_CONTRACT,
	STORE_PUT_KPI,
	STORE_PUT_NUMBER,
	STORE_DELETE_PART,
	STORE_DELETE_PARTS,
	STORE_DELETE_KPIS,
	STORE_N_STATEMENTS,
};

struct store {
	struct db *db;
	struct db_stmt *statements[STORE_N_STATEMENTS];
	struct store_part *pending; /* payload: copied into bytes */
	size_t n_pending, cap_pending, pending_bytes;
	int64_t last_device;
	int64_t n_quarantined, n_unsynced;
	int64_t last_change, saved_change; /* of a KPI row */
};

enum { STORE_KPI_CHANGE = 20 }; /* its column */

/** Device, boot, w0, wl and part, from ?1 on. */
void store_bind_key(struct db_stmt *s, const struct store_part *p);

/** A row of SELECT * FROM kpi. Texts are valid until the next step. */
void store_take_kpi(struct db_stmt *q, struct fleet_kpi *k);

#endif
