/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/archive_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/db.h"
#include "base/log.h"
#include "collector/store.h"

void archive_rig_make(struct archive_rig *r)
{
	snprintf(r->dir, sizeof(r->dir), "/tmp/runnel-archive-XXXXXX");
	assert_non_null(mkdtemp(r->dir));
	snprintf(r->path, sizeof(r->path), "%s/fleet.db", r->dir);
	log_set_level(LOG_LEVEL_ERROR);
}

void archive_rig_remove(struct archive_rig *r)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf %s", r->dir);
	assert_int_equal(system(command), 0);
}

int archive_rig_try(struct archive_rig *r, uint64_t keep_parts_s)
{
	const struct archive_options o = { .path = r->path, .keep_parts_s = keep_parts_s };

	return archive_open(&r->archive, r->fleet.fleet, &o, r->fleet.now_us);
}

void archive_rig_begin(struct archive_rig *r)
{
	int64_t now_us = r->fleet.now_us;

	fleet_rig_init(&r->fleet, 3600);
	if (now_us)
		r->fleet.now_us = now_us;
	r->fleet.fleet->now_us = r->fleet.now_us;
	assert_int_equal(archive_rig_try(r, 0), 0);
}

void archive_rig_end(struct archive_rig *r)
{
	archive_close(r->archive);
	fleet_rig_free(&r->fleet);
}

static void tell(void *ctx, const struct fleet_kpi *k, bool is_newest)
{
	struct fleet_rig *r = ctx;

	(void)is_newest;
	r->n_told++;
	r->last = *k;
}

void archive_rig_tick(struct archive_rig *r)
{
	struct fleet_kpi_sink sink = { tell, &r->fleet };

	r->fleet.n_told = 0;
	r->fleet.fleet->now_us = r->fleet.now_us;
	assert_int_equal(archive_commit(r->archive), 0);
	fleet_kpi_update(r->fleet.fleet, true, &sink);
	archive_tick(r->archive, &sink);
}

void archive_rig_crash(struct archive_rig *r)
{
	char command[1024];

	snprintf(command, sizeof(command), "cp %s %s.2 && { cp %s-wal %s.2-wal 2>/dev/null || true; }", r->path,
		 r->path, r->path, r->path);
	assert_int_equal(system(command), 0);
	archive_rig_end(r);
	snprintf(command, sizeof(command),
		 "rm -f %s %s-wal %s-shm && mv %s.2 %s && { mv %s.2-wal %s-wal 2>/dev/null || true; }", r->path,
		 r->path, r->path, r->path, r->path, r->path, r->path);
	assert_int_equal(system(command), 0);
	archive_rig_begin(r);
}

static struct db_stmt *first_row(const struct archive_rig *r, const char *sql, struct db **db)
{
	const struct db_options o = {
		.path = r->path, .is_read_only = true, .magic = 0x72756E63, .version = STORE_VERSION, .cache_kib = 64
	};
	struct db_stmt *s;

	assert_int_equal(db_open(db, &o), 0);
	assert_int_equal(db_prepare(*db, &s, sql), 0);
	assert_int_equal(db_step(s), 1);
	return s;
}

double archive_rig_ask(const struct archive_rig *r, const char *sql)
{
	struct db *db;
	struct db_stmt *s = first_row(r, sql, &db);
	double value = db_double(s, 0);

	db_stmt_free(s);
	db_close(db);
	return value;
}

void archive_rig_ask_text(const struct archive_rig *r, const char *sql, char *out, size_t bytes)
{
	struct db *db;
	struct db_stmt *s = first_row(r, sql, &db);

	assert_in_range(snprintf(out, bytes, "%s", db_text(s, 0)), 0, bytes - 1);
	db_stmt_free(s);
	db_close(db);
}

/* --- three boards for three hours --- */

const char *const archive_rig_names[ARCHIVE_RIG_DEVICES] = { "a", "b", "c" };

void archive_rig_introduce(struct archive_rig *r)
{
	for (size_t i = 0; i < ARCHIVE_RIG_DEVICES; i++)
		fleet_rig_birth(&r->fleet, archive_rig_names[i], 1, &rig_contract, false);
}

enum fleet_verdict archive_rig_send(struct archive_rig *r, size_t device, uint32_t minute)
{
	struct rig_part p = fleet_rig_minute(archive_rig_names[device], minute + 1, minute);

	return fleet_rig_send(&r->fleet, &p);
}

void archive_rig_send_all_but(struct archive_rig *r, size_t device, uint32_t minute)
{
	for (uint32_t m = 0; m < ARCHIVE_RIG_MINUTES; m++)
		for (size_t d = 0; d < ARCHIVE_RIG_DEVICES; d++)
			if (d != device || m != minute)
				assert_int_equal(archive_rig_send(r, d, m), FLEET_MERGED);
}
