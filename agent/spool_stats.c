/* SPDX-License-Identifier: Apache-2.0 */
/* spool_stats.c - what the spool says of itself. */
#include "agent/spool_private.h"

unsigned spool_epoch(const struct spool *s)
{
	return s->epoch;
}

uint64_t spool_n_merged(const struct spool *s)
{
	return s->book.n_merged;
}

uint64_t spool_n_dropped(const struct spool *s)
{
	return s->book.n_dropped;
}

uint64_t spool_last_id(const struct spool *s)
{
	return s->book.last_id;
}

void spool_get_stats(const struct spool *s, struct spool_stats *out)
{
	*out = (struct spool_stats){
		.n_rows = (size_t)s->book.n_waiting + s->list.n,
		.n_in_memory = s->list.n,
		.bytes = s->list.bytes,
		.max_bytes = s->o.max_bytes,
		.n_dropped = s->book.n_dropped,
		.n_merged = s->book.n_merged,
		.n_damaged = s->book.n_damaged,
		.boot = s->book.boot,
		.epoch = s->epoch,
		.is_on_disk = s->db && s->problem[0] == '\0',
		.problem = s->problem,
	};
	if (s->db)
		out->bytes += spool_db_used_pages(s->db) * SPOOL_DB_PAGE_BYTES;
}
