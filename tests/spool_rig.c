/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/spool_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/fault_vfs.h"

int spool_rig_make(void **state)
{
	struct spool_rig *r = calloc(1, sizeof(*r));

	/* Thousands of syncs: in memory where there is such a place, for it is the faults that are real here and not the disk. */
	snprintf(r->dir, sizeof(r->dir), "%s/runnel-spool-XXXXXX", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	if (!mkdtemp(r->dir))
		return -1;
	snprintf(r->path, sizeof(r->path), "%s/spool.db", r->dir);
	fault_vfs_plan(&(struct fault_plan){ 0 });
	*state = r;
	return 0;
}

int spool_rig_remove(void **state)
{
	struct spool_rig *r = *state;
	char command[128];
	int rc;

	snprintf(command, sizeof(command), "rm -rf '%s'", r->dir);
	rc = system(command);
	free(r);
	return rc;
}

struct spool *spool_rig_open(const char *path, size_t max_bytes)
{
	const struct spool_options o = { .path = path, .max_bytes = max_bytes, .vfs = fault_vfs_name };
	struct spool *s = NULL;

	assert_int_equal(spool_open(&s, &o), 0);
	return s;
}

/* A payload that says which it is, and is longer for some. */
static size_t payload_of(uint32_t seq, char out[static 4096])
{
	size_t bytes = 40 + seq % 7 * 300;

	memset(out, 'a' + (int)(seq % 26), bytes);
	snprintf(out, bytes, "row %u", seq);
	return bytes;
}

void spool_rig_row(uint32_t seq, char text[static 4096], struct spool_row *out)
{
	*out = (struct spool_row){ .boot = SPOOL_RIG_BOOT, .seq = seq, .payload = text };
	out->payload_bytes = payload_of(seq, text);
}

void spool_rig_put(struct spool *s, uint32_t seq)
{
	char text[4096];
	struct spool_row row;

	spool_rig_row(seq, text, &row);
	assert_int_equal(spool_append(s, &row), 0);
}

int spool_rig_offer(struct spool *s, uint64_t id, int64_t now_us)
{
	return spool_offer(s, id) ? 0 : spool_commit(s, now_us, true);
}

bool spool_rig_is_whole(const struct spool_row *row)
{
	char text[4096];
	size_t bytes = payload_of(row->seq, text);

	return row->boot == SPOOL_RIG_BOOT && row->payload_bytes == bytes && memcmp(row->payload, text, bytes) == 0;
}

/* The numbers of what waits as a bit set; fails on one that comes twice, out of order or with other bytes. */
uint64_t spool_rig_waiting(struct spool *s)
{
	struct spool_row row = { 0 };
	uint32_t last = 0;
	uint64_t set = 0;

	while (spool_next(s, row.id, &row) == 1) {
		assert_true(spool_rig_is_whole(&row));
		assert_true(row.seq > last && row.seq < 64);
		last = row.seq;
		set |= (uint64_t)1 << row.seq;
	}
	return set;
}

void spool_rig_ack(struct spool *s, uint32_t seq)
{
	struct spool_row row = { 0 };

	while (spool_next(s, row.id, &row) == 1)
		if (row.seq == seq) {
			spool_ack(s, row.id);
			return;
		}
}

struct spool_stats spool_rig_stats(const struct spool *s)
{
	struct spool_stats stats;

	spool_get_stats(s, &stats);
	return stats;
}
