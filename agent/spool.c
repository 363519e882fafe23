/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/spool.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/spool_private.h"
#include "base/log.h"

enum {
	MAX_MEMORY_BYTES = 4 << 20,
	MAX_WAL_BYTES = 1 << 20,
	MIN_PAGES = 24,
	BATCH_PAGES = 128, /* a transaction */
	OFFER_AHEAD = 64,
	MAX_REVIVED = 1000,
};

static const int64_t acks_wait_us = 60000000;

/* --- life --- */

static void set_limits(struct spool *s)
{
	size_t wal_bytes = s->o.max_bytes / 4 < MAX_WAL_BYTES ? s->o.max_bytes / 4 : MAX_WAL_BYTES;

	/* A checkpoint comes after the transaction that fills the log, which may then have twice as much. */
	s->wal_pages = wal_bytes / 2 / SPOOL_DB_PAGE_BYTES;
	s->max_pages = (s->o.max_bytes - wal_bytes) / SPOOL_DB_PAGE_BYTES;
	if (s->max_pages < MIN_PAGES)
		s->max_pages = MIN_PAGES;
	s->max_memory_bytes = s->o.max_bytes;
	if (s->path && s->max_memory_bytes > MAX_MEMORY_BYTES)
		s->max_memory_bytes = MAX_MEMORY_BYTES;
}

int spool_open(struct spool **out, const struct spool_options *o)
{
	struct spool *s = calloc(1, sizeof(*s));
	int r = 0;

	if (!s)
		return -ENOMEM;
	s->o = *o;
	s->lock_fd = -1;
	if (o->path) {
		s->path = strdup(o->path);
		if (!s->path) {
			free(s);
			return -ENOMEM;
		}
		r = spool_file_lock(s);
	}
	set_limits(s);
	if (r < 0) {
		spool_close(s);
		return r;
	}
	if (s->path) {
		r = spool_file_open(s);
		if (r < 0) {
			s->book.last_id = SPOOL_UNKNOWN_BASE;
			(void)!spool_file_failed(s, r, 0);
		}
	}
	*out = s;
	return 0;
}

void spool_close(struct spool *s)
{
	if (!s)
		return;
	if (s->db)
		(void)!spool_commit(s, INT64_MAX, true);
	spool_db_close(s->db);
	while (s->list.first)
		spool_list_remove(&s->list, s->list.first->row.id);
	if (s->lock_fd >= 0)
		close(s->lock_fd);
	spool_contract_free(s);
	free(s->path);
	free(s);
}

int spool_note_boot(struct spool *s, uint32_t boot)
{
	s->boot = boot;
	s->is_dirty = true;
	return spool_commit(s, 0, true);
}

void spool_set_live(struct spool *s, bool is_live)
{
	s->is_live = is_live;
}

/* --- in --- */

static void drop_oldest_in_memory(struct spool *s)
{
	uint64_t id = s->list.first->row.id;

	spool_list_remove(&s->list, id);
	(void)!spool_ids_add(&s->book.done, id);
	s->book.n_dropped++;
	s->is_dirty = true;
}

static bool fits(const struct spool *s, size_t bytes)
{
	if (spool_list_cost(bytes) > s->max_memory_bytes)
		return false;
	return !s->path || spool_room_pages_of(bytes) < s->max_pages / 2;
}

int spool_append(struct spool *s, const struct spool_row *row)
{
	struct spool_row copy = *row;
	int r;

	if (!fits(s, row->payload_bytes)) {
		s->book.n_dropped++;
		return -EMSGSIZE;
	}
	while (s->list.bytes + spool_list_cost(row->payload_bytes) > s->max_memory_bytes)
		drop_oldest_in_memory(s);
	copy.id = s->book.last_id + 1;
	copy.is_offered = s->is_live;
	r = spool_list_append(&s->list, &copy);
	if (r < 0)
		s->book.n_dropped++;
	else
		s->book.last_id++;
	return r;
}

/* --- to the disk --- */

static size_t batch_pages(const struct spool *s, const struct spool_item **end)
{
	size_t pages = 0, most = s->max_pages / 4 < BATCH_PAGES ? s->max_pages / 4 : BATCH_PAGES;
	const struct spool_item *i;

	for (i = s->list.first; i; i = i->next) {
		size_t more = spool_room_pages_of(i->row.payload_bytes);

		if (pages > 0 && pages + more > most)
			break;
		pages += more;
	}
	*end = i;
	return pages;
}

static int put_rows(struct spool *s, const struct spool_item *end)
{
	int r = 0;

	for (const struct spool_item *i = s->list.first; r == 0 && i != end; i = i->next) {
		r = spool_db_put(s->db, &i->row);
		s->book.n_waiting++;
	}
	return r;
}

/* Those of one transaction. */
static int put_batch(struct spool *s)
{
	const struct spool_item *end;
	struct spool_book book;
	size_t pages = batch_pages(s, &end);
	int r = spool_room_make(s, pages);

	if (r == 0 && !s->is_contract_kept)
		r = spool_contract_write(s);
	s->pages_at_most = s->is_contract_kept ? s->pages_at_most + 2 * pages + 2 : s->max_pages;
	if (r == 0)
		r = put_rows(s, end);
	if (r == 0)
		r = spool_room_trim(s);
	if (s->boot > s->book.boot)
		s->book.boot = s->boot;
	book = s->book;
	book.last_id = end ? end->row.id - 1 : s->book.last_id;
	s->file_id = book.last_id;
	if (r == 0)
		r = spool_db_commit(s->db, &book);
	if (r < 0)
		return r;
	s->offered_on_disk = book.offered_id;
	while (s->list.first && s->list.first != end)
		spool_list_remove(&s->list, s->list.first->row.id);
	return 0;
}

static int write_all(struct spool *s)
{
	int r = 0;

	do {
		struct spool_book before = s->book;

		r = spool_db_begin(s->db);
		if (r == 0)
			r = put_batch(s);
		if (r < 0) {
			spool_db_rollback(s->db);
			s->book = before;
			return r;
		}
		s->is_dirty = false;
		s->is_contract_kept = true;
	} while (s->list.first);
	return 0;
}

static int reopen(struct spool *s, int64_t now_us)
{
	if (now_us < s->retry_at_us)
		return -EAGAIN;
	if (s->must_reopen) {
		spool_db_close(s->db);
		s->db = NULL;
	}
	s->must_reopen = false;
	return s->db ? 0 : spool_file_open(s);
}

static bool is_due(const struct spool *s, int64_t now_us, bool with_acks)
{
	if (!s->db || s->is_trouble_told || s->list.first)
		return true;
	return s->is_dirty && (with_acks || now_us - s->committed_us >= acks_wait_us);
}

bool spool_is_due(const struct spool *s, int64_t now_us, bool with_acks)
{
	return s->path && !s->is_left_alone && now_us >= s->retry_at_us && is_due(s, now_us, with_acks);
}

bool spool_is_in_trouble(const struct spool *s)
{
	return s->is_left_alone || s->is_trouble_told;
}

int spool_commit(struct spool *s, int64_t now_us, bool with_acks)
{
	int r;

	if (!s->path || s->is_left_alone)
		return s->path ? -EPROTO : 0;
	if (!is_due(s, now_us, with_acks))
		return 0;
	r = reopen(s, now_us);
	if (r == -EAGAIN)
		return r;
	if (r == 0)
		r = write_all(s);
	if (r < 0)
		return spool_file_failed(s, r, now_us);
	spool_file_works(s);
	s->committed_us = now_us;
	return 0;
}

bool spool_offer(struct spool *s, uint64_t id)
{
	if (id > s->book.offered_id) {
		s->book.offered_id = id + OFFER_AHEAD < s->book.last_id ? id + OFFER_AHEAD : s->book.last_id;
		s->is_dirty = true;
	}
	return !s->path || s->is_left_alone || id <= s->offered_on_disk || id > s->file_id;
}

/* --- out --- */

/* @return as spool_next(); a damaged row is done, and -EAGAIN */
static int next_in_file(struct spool *s, uint64_t after, struct spool_row *row)
{
	int r = spool_db_next(s->db, after, row);

	if (r <= 0)
		return r;
	if (!row->is_damaged || spool_ids_has(&s->book.done, row->id))
		return 1;
	log_warning("spool %s: a row has not the bytes that were written: dropped", s->path);
	s->book.n_damaged++;
	s->book.n_dropped++;
	s->book.n_waiting--;
	s->is_dirty = true;
	return spool_ids_add(&s->book.done, row->id) ? 1 : -EUCLEAN;
}

int spool_next(struct spool *s, uint64_t after, struct spool_row *row)
{
	const struct spool_item *item;
	int r = 0;

	while (s->db) {
		after = after < UINT64_MAX ? spool_ids_run_end(&s->book.done, after + 1) : after;
		r = next_in_file(s, after, row);
		if (r <= 0 || !spool_ids_has(&s->book.done, row->id))
			break;
		after = row->id;
	}
	if (r == 1)
		return 1;
	if (r < 0)
		(void)!spool_file_failed(s, r, s->committed_us);
	item = spool_list_next(&s->list, after);
	if (!item)
		return 0;
	*row = item->row;
	return 1;
}

static bool is_in_file(struct spool *s, uint64_t id)
{
	struct spool_row row;

	return s->db && spool_db_next(s->db, id - 1, &row) == 1 && row.id == id;
}

/* An acknowledgement that cannot be noted is forgotten: the row is sent again, which is no harm. */
void spool_ack(struct spool *s, uint64_t id)
{
	if (s->shift > 0 && id > SPOOL_UNKNOWN_BASE)
		id -= s->shift;
	if (id == 0 || id > s->book.last_id || spool_ids_has(&s->book.done, id))
		return;
	if (spool_list_remove(&s->list, id)) {
		(void)!spool_ids_add(&s->book.done, id);
		return;
	}
	if (!is_in_file(s, id) || !spool_ids_add(&s->book.done, id))
		return;
	s->book.n_waiting--;
	if (s->book.trimmed_id >= id)
		s->book.trimmed_id = id - 1;
	s->is_dirty = true;
}

size_t spool_revive(struct spool *s, uint32_t boot, uint32_t first_seq, uint32_t last_seq)
{
	uint64_t id = s->book.trimmed_id;
	struct spool_row row;
	size_t n = 0;

	while (s->db && n < MAX_REVIVED && (id = spool_ids_next(&s->book.done, id)) > 0) {
		int r = spool_db_next(s->db, id - 1, &row);

		if (r <= 0)
			break;
		id = row.id;
		if (row.kind != SPOOL_PARTIAL || row.boot != boot || row.seq < first_seq || row.seq > last_seq)
			continue;
		if (row.is_damaged || !spool_ids_remove(&s->book.done, id))
			continue;
		s->book.n_waiting++;
		n++;
	}
	s->is_dirty = s->is_dirty || n > 0;
	return n;
}
