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

/** What a device keeps apart for its clock. */
struct store_apart_count {
	int64_t parts, clocks; /* clocks: all that have such a key */
};

struct store {
	struct db *db;
	struct db_stmt *statements[STORE_N_STATEMENTS];
	struct store_part *pending; /* payload: copied into bytes */
	size_t n_pending, cap_pending, pending_bytes;
	int64_t last_device;
	int64_t n_quarantined;
	int64_t n_unsynced, saved_unsynced;			   /* without clocks; saved: before the transaction */
	struct store_apart_count *unsynced_of, *saved_unsynced_of; /* by row of the device */
	size_t cap_unsynced_of;
	bool has_unsaved_counts;
	int64_t last_change, saved_change; /* of a KPI row */
};

enum { STORE_KPI_CHANGE = 20 }; /* its column */

/** Device, boot, w0, wl and part, from ?1 on. */
void store_bind_key(struct db_stmt *s, const struct store_part *p);

/** How many parts are kept apart for their clocks. */
NODISCARD int store_count_unsynced(struct store *s);
bool store_has_room_unsynced(const struct store *s, const struct store_part *p);
void store_note_unsynced(struct store *s, const struct store_part *p, int64_t n);

/** The end of a transaction: they count, or they are what they were. */
void store_settle_unsynced(struct store *s, bool is_done);

/** A row of SELECT * FROM kpi. Texts are valid until the next step. */
void store_take_kpi(struct db_stmt *q, struct fleet_kpi *k);

#endif
