/* SPDX-License-Identifier: Apache-2.0 */
/*
 * spool_db_book.c - the one row of book-keeping, between struct spool_book and the file. The ids that are done stand in
 * it as ranges, two numbers of 64 bits each, little-endian on every machine. What is read is not trusted: ranges that are
 * not ascending are damage, and no set.
 */
#include <errno.h>

#include "agent/spool_db_private.h"
#include "base/check.h"

enum { RANGE_BYTES = 16 };

static size_t pack_ids(const struct spool_ids *ids, uint8_t *out)
{
	for (size_t i = 0; i < ids->n; i++)
		for (unsigned shift = 0; shift < 64; shift += 8) {
			out[i * RANGE_BYTES + shift / 8] = (uint8_t)(ids->ranges[i].first >> shift);
			out[i * RANGE_BYTES + 8 + shift / 8] = (uint8_t)(ids->ranges[i].last >> shift);
		}
	return ids->n * RANGE_BYTES;
}

static uint64_t le64(const uint8_t *p)
{
	uint64_t value = 0;

	for (unsigned i = 8; i-- > 0;)
		value = value << 8 | p[i];
	return value;
}

static int unpack_ids(const uint8_t *in, size_t bytes, struct spool_ids *out)
{
	if (bytes % RANGE_BYTES != 0 || bytes / RANGE_BYTES > SPOOL_IDS_MAX_RANGES)
		return -EUCLEAN;
	out->n = bytes / RANGE_BYTES;
	for (size_t i = 0; i < out->n; i++)
		out->ranges[i] = (struct spool_id_range){ le64(in + i * RANGE_BYTES), le64(in + i * RANGE_BYTES + 8) };
	return spool_ids_is_valid(out) ? 0 : -EUCLEAN;
}

static int take_book(sqlite3_stmt *s, struct spool_book *book)
{
	const uint8_t *done = sqlite3_column_blob(s, 9);
	size_t bytes = (size_t)sqlite3_column_bytes(s, 9);

	book->last_id = (uint64_t)sqlite3_column_int64(s, 1);
	book->offered_id = (uint64_t)sqlite3_column_int64(s, 2);
	book->n_waiting = (uint64_t)sqlite3_column_int64(s, 3);
	book->n_dropped = (uint64_t)sqlite3_column_int64(s, 4);
	book->n_merged = (uint64_t)sqlite3_column_int64(s, 5);
	book->n_damaged = (uint64_t)sqlite3_column_int64(s, 6);
	book->boot = (uint32_t)sqlite3_column_int64(s, 7);
	book->trimmed_id = (uint64_t)sqlite3_column_int64(s, 8);
	return bytes > 0 ? unpack_ids(done, bytes, &book->done) : 0;
}

int spool_db_read_book(struct spool_db *db, struct spool_book *book)
{
	sqlite3_stmt *s;
	int rc = sqlite3_prepare_v2(db->handle, "SELECT * FROM book", -1, &s, NULL), r;

	if (rc == SQLITE_OK)
		rc = sqlite3_step(s);
	r = rc == SQLITE_DONE ? -EUCLEAN : spool_db_error(db, rc);
	if (rc == SQLITE_ROW)
		r = take_book(s, book);
	sqlite3_finalize(s);
	return r;
}

int spool_db_write_book(struct spool_db *db, const struct spool_book *b)
{
	uint8_t done[SPOOL_IDS_MAX_RANGES * RANGE_BYTES] = { 0 };
	size_t bytes = pack_ids(&b->done, done);
	const int64_t numbers[] = { (int64_t)b->last_id,
				    (int64_t)b->offered_id,
				    (int64_t)b->n_waiting,
				    (int64_t)b->n_dropped,
				    (int64_t)b->n_merged,
				    (int64_t)b->n_damaged,
				    b->boot,
				    (int64_t)b->trimmed_id };
	int r;

	for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
		sqlite3_bind_int64(db->statements[SPOOL_DB_BOOK], (int)i + 1, numbers[i]);
	sqlite3_bind_blob(db->statements[SPOOL_DB_BOOK], 9, done, (int)bytes, SQLITE_STATIC);
	r = spool_db_run(db, SPOOL_DB_BOOK);
	sqlite3_clear_bindings(db->statements[SPOOL_DB_BOOK]);
	return r;
}
