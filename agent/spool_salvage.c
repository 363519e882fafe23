/* SPDX-License-Identifier: Apache-2.0 */
/*
 * spool_salvage.c - what of a damaged file can still be read. Damage is a page or a few, and a page is two windows of eight streams, or
 * the way to some hundred: rows are asked for one by one, around those that cannot be read, and those are taken whose bytes have
 * their CRC. They keep their ids and bytes, so that one which a broker already has is a duplicate and no more. None is
 * merged any more: the record of what was offered may be damaged too.
 *
 * Rows that are deleted are not looked for, though their bytes may still be there: they were acknowledged, or are in a merged one.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "agent/spool_private.h"
#include "base/log.h"

enum {
	BATCH_ROWS = 64,	/* a transaction */
	MAX_UNREADABLE = 20000, /* ids that are tried in vain, one after the other: less than a second */
};

struct salvage {
	struct spool_db *from, *to;
	struct spool_book was; /* of the damaged file; zero if it could not be read */
	struct spool_book book;
	uint64_t at; /* ids up to here have been looked at */
	unsigned n_unreadable;
};

static int take_contracts(struct salvage *v)
{
	struct spool_contract c;
	int64_t after = -1;
	int r = spool_db_begin(v->to);

	while (r == 0 && spool_db_next_contract(v->from, after, &c) == 1 && c.hash > after) {
		after = c.hash;
		r = spool_db_put_contract(v->to, &c);
	}
	return r < 0 ? r : spool_db_commit(v->to, &v->book);
}

static int take_row(struct salvage *v, const struct spool_row *found)
{
	struct spool_row row = *found;
	int r;

	row.is_offered = true;
	r = spool_db_put(v->to, &row);
	if (r < 0)
		return r;
	v->book.last_id = v->book.offered_id = row.id;
	v->book.n_waiting++;
	return 0;
}

/* @return 1: there may be more, 0: no more, or negative errno: the new file takes no more */
static int take_next(struct salvage *v)
{
	struct spool_row row;
	int r = spool_db_next(v->from, v->at, &row);

	if (r == 0 ||
	    (r < 0 && (++v->n_unreadable > MAX_UNREADABLE || (v->was.last_id > 0 && v->at >= v->was.last_id))))
		return 0;
	v->at = r < 0 ? v->at + 1 : row.id;
	if (r < 0)
		return 1;
	v->n_unreadable = 0;
	if (row.is_damaged || spool_ids_has(&v->was.done, row.id))
		return 1;
	r = take_row(v, &row);
	return r < 0 ? r : 1;
}

static void take_rows(struct salvage *v, struct spool_book *found)
{
	int r = 1;

	while (r == 1) {
		uint64_t end = v->book.n_waiting + BATCH_ROWS;

		r = spool_db_begin(v->to);
		r = r == 0 ? 1 : r;
		while (r == 1 && v->book.n_waiting < end)
			r = take_next(v);
		if (r >= 0 && spool_db_commit(v->to, &v->book) == 0) {
			*found = v->book;
			continue;
		}
		spool_db_rollback(v->to);
		r = -1;
	}
}

void spool_salvage(struct spool *s, struct spool_book *found)
{
	struct salvage v = { .to = s->db };
	char path[PATH_MAX];
	const struct spool_db_options o = { .path = path, .vfs = s->o.vfs };
	uint64_t at_stake = s->n_at_stake;

	s->must_salvage = false;
	if ((size_t)snprintf(path, sizeof(path), "%s.corrupt-1", s->path) < sizeof(path) &&
	    spool_db_open_damaged(&v.from, &o, &v.was) == 0) {
		v.book = (struct spool_book){ .n_dropped = v.was.n_dropped,
					      .n_merged = v.was.n_merged,
					      .boot = v.was.boot };
		if (take_contracts(&v) == 0)
			take_rows(&v, found);
		else
			spool_db_rollback(v.to);
		spool_db_close(v.from);
	}
	if (!s->was_open)
		at_stake = v.was.n_waiting;
	if (at_stake > found->n_waiting)
		*(s->was_open ? &s->book.n_dropped : &found->n_dropped) += at_stake - found->n_waiting;
	log_error("spool %s: damaged, set aside as %s.corrupt-1; %llu undelivered messages in it could be read and are "
		  "kept",
		  s->path, s->path, (unsigned long long)found->n_waiting);
}
