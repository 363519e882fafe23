/* SPDX-License-Identifier: Apache-2.0 */
/*
 * spool_room.c - who has to go when the bound is reached: done rows, then resolution, then the oldest. Called within the
 * transaction that needs the room. What is freed is more than what is needed, so that a full spool does not do this at each batch.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/spool_merge.h"
#include "agent/spool_private.h"

enum {
	KEEP_ROWS = 512, /* done ones, while there is room */
	TRIM_ROWS = 32,
	GROUP_ROWS = 64,
	SPARE_DIVISOR = 64, /* of the pages */
	PAYLOAD_PAGE_BYTES = 950,
	MERGE_STEPS = 2048,    /* rows looked at in one transaction: less than 0.1 s */
	MERGE_AGAIN_ROWS = 64, /* more rows, after there was nothing to merge */
};

size_t spool_room_pages_of(size_t payload_bytes)
{
	return payload_bytes / PAYLOAD_PAGE_BYTES + 1;
}

static bool has_room(struct spool *s, size_t pages)
{
	if (s->pages_at_most + pages + 4 > s->max_pages)
		s->pages_at_most = spool_db_used_pages(s->db);
	return s->pages_at_most + pages + 4 <= s->max_pages;
}

/* @return 1: some went, 0: there are none, or negative errno */
static int trim_some(struct spool *s)
{
	uint64_t first = spool_ids_next(&s->book.done, s->book.trimmed_id), last;
	int r;

	if (first == 0)
		return 0;
	last = spool_ids_run_end(&s->book.done, first);
	if (last >= first + TRIM_ROWS)
		last = first + TRIM_ROWS - 1;
	r = spool_db_delete(s->db, first, last);
	s->book.trimmed_id = last;
	return r < 0 ? r : 1;
}

int spool_room_trim(struct spool *s)
{
	int r = 1;

	while (r == 1 && spool_ids_count(&s->book.done, s->book.trimmed_id) >= KEEP_ROWS + TRIM_ROWS)
		r = trim_some(s);
	return r < 0 ? r : 0;
}

/* --- merging --- */

struct group {
	struct spool_merge *merge;
	uint64_t ids[GROUP_ROWS];
	size_t n;
};

static bool is_mergeable(const struct spool *s, const struct spool_row *row)
{
	return row->kind == SPOOL_PARTIAL && !row->is_offered && !row->is_damaged && row->id > s->book.offered_id;
}

/* @return 1: begun, 0: this row cannot begin one, or negative errno. @row is void afterwards */
static int begin_group(struct spool *s, struct group *g, const struct spool_row *row)
{
	struct spool_contract c = { 0 };
	void *payload = malloc(row->payload_bytes + 1);
	uint32_t hash;
	int r = 0;

	if (!payload)
		return 0;
	memcpy(payload, row->payload, row->payload_bytes);
	g->n = 1;
	g->ids[0] = row->id;
	if (spool_merge_contract_of(g->merge, payload, row->payload_bytes, &hash))
		r = spool_db_next_contract(s->db, (int64_t)hash - 1, &c);
	if (r == 1)
		r = c.hash == hash &&
		    spool_merge_begin(g->merge, payload, row->payload_bytes, c.nominal, c.nominal_bytes);
	free(payload);
	return r;
}

/* Events between partials are passed over. @return 0 or negative errno */
static int fill_group(struct spool *s, struct group *g)
{
	uint64_t id = g->ids[0];
	struct spool_row row;
	int r;

	while (g->n < GROUP_ROWS && (r = spool_db_next(s->db, id, &row)) != 0) {
		if (r < 0)
			return r;
		id = row.id;
		if (row.kind == SPOOL_EVENT || spool_ids_has(&s->book.done, id))
			continue;
		if (!is_mergeable(s, &row) || !spool_merge_add(g->merge, row.payload, row.payload_bytes))
			break;
		g->ids[g->n++] = id;
	}
	return 0;
}

/* The @n messages of the result take the ids of the last of the group. */
static int replace_group(struct spool *s, struct group *g, size_t n)
{
	size_t gone = g->n - n;
	int r = 0;

	for (size_t i = 0; r == 0 && i < gone; i++) {
		r = spool_db_delete(s->db, g->ids[i], g->ids[i]);
		(void)!spool_ids_add(&s->book.done, g->ids[i]);
	}
	for (size_t i = 0; r == 0 && i < n; i++) {
		struct spool_row row;

		spool_merge_result(g->merge, i, &row);
		row.id = g->ids[gone + i];
		r = spool_db_put(s->db, &row);
	}
	s->book.n_waiting -= gone;
	s->book.n_merged += gone;
	return r;
}

/* One group after merge_at. @return 1: merged or passed over, 0: there are no more rows, or negative errno */
static int merge_step(struct spool *s, struct group *g, bool *is_merged)
{
	struct spool_row row;
	size_t n;
	int r;

	if (s->merge_at < s->book.offered_id)
		s->merge_at = s->book.offered_id;
	r = spool_db_next(s->db, s->merge_at, &row);
	if (r <= 0)
		return r;
	s->merge_at = row.id;
	if (!is_mergeable(s, &row) || spool_ids_has(&s->book.done, row.id))
		return 1;
	r = begin_group(s, g, &row);
	if (r == 1)
		r = fill_group(s, g) < 0 ? -1 : 1;
	if (r <= 0)
		return r < 0 ? r : 1;
	n = spool_merge_finish(g->merge);
	if (n == 0)
		return 1;
	r = replace_group(s, g, n);
	s->merge_at = g->ids[g->n - 1];
	*is_merged = true;
	return r < 0 ? r : 1;
}

/* From the oldest on; at the end of the rows again from the front, as long as a round has merged something. */
static int merge_until(struct spool *s, size_t pages)
{
	struct group g = { .merge = spool_merge_new() };
	bool is_merged = false, is_second_round = false;
	int r = 1;

	if (s->book.last_id < s->merge_again_id)
		r = 0;
	for (int i = 0; g.merge && r == 1 && i < MERGE_STEPS && !has_room(s, pages); i++) {
		r = merge_step(s, &g, &is_merged);
		if (r != 0)
			continue;
		s->merge_at = 0;
		r = is_merged || !is_second_round;
		if (r == 0)
			s->merge_again_id = s->book.last_id + MERGE_AGAIN_ROWS;
		is_second_round = true;
		is_merged = false;
	}
	spool_merge_free(g.merge);
	return r < 0 ? r : 0;
}

/* --- dropping --- */

/* @return 1: one went, 0: there is none, or negative errno */
static int drop_oldest(struct spool *s)
{
	struct spool_row row;
	uint64_t after = 0;
	int r;

	do {
		after = spool_ids_run_end(&s->book.done, after + 1);
		r = spool_db_next(s->db, after, &row);
		if (r <= 0)
			return r;
		after = row.id;
	} while (spool_ids_has(&s->book.done, row.id));
	s->book.n_waiting--;
	s->book.n_dropped += 1 + (uint64_t)row.span;
	r = spool_db_delete(s->db, after, after);
	(void)!spool_ids_add(&s->book.done, after);
	return r < 0 ? r : 1;
}

int spool_room_make(struct spool *s, size_t pages)
{
	size_t more = pages + s->max_pages / SPARE_DIVISOR;
	int r = 1;

	if (has_room(s, pages))
		return 0;
	while (r == 1 && !has_room(s, more))
		r = trim_some(s);
	if (r >= 0 && !has_room(s, more))
		r = merge_until(s, more);
	for (r = r < 0 ? r : 1; r == 1 && !has_room(s, pages);)
		r = drop_oldest(s);
	return r < 0 ? r : 0;
}
