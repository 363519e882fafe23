/* SPDX-License-Identifier: Apache-2.0 */
/* What is kept of configs is what was put there, or nothing; and a write that fails at any step leaves what was there before. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/config_store.h"
#include "base/crc32.h"
#include "base/fileio.h"

static struct rig {
	char dir[64], spool[96], command[128];
	struct config_store store;
} rig;

static int set_up(void **state)
{
	(void)state;
	snprintf(rig.dir, sizeof(rig.dir), "/tmp/runnel-config-XXXXXX");
	if (!mkdtemp(rig.dir))
		return -1;
	snprintf(rig.spool, sizeof(rig.spool), "%s/spool.db", rig.dir);
	config_store_open(&rig.store, rig.spool);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	snprintf(rig.command, sizeof(rig.command), "rm -rf %s", rig.dir);
	return system(rig.command);
}

static struct config_mark put(int64_t revision, const char *text)
{
	struct config_mark m = { revision, crc32_of(0, text, strlen(text)), false };

	assert_int_equal(config_store_put(&rig.store, &m, text, strlen(text)), 0);
	return m;
}

static void expect_text(const struct config_mark *m, const char *text)
{
	char *got = NULL;
	long n = config_store_get(&rig.store, m, &got);

	if (!text) {
		assert_int_equal(n, -ENOENT);
		return;
	}
	assert_int_equal(n, strlen(text));
	assert_memory_equal(got, text, (size_t)n);
	free(got);
}

static void what_was_saved_is_there_after_a_start(void **state)
{
	struct config_mark m = put(7, "revision: 7\n");
	struct config_record *r = &rig.store.record;

	(void)state;
	config_record_activate(r, &m);
	r->tried = 9;
	r->bad_file = 0xdeadbeef;
	r->trial = (struct config_mark){ 9, 5, true };
	r->starts_s[0] = 1763700000;
	r->starts_s[1] = 1763690000;
	assert_int_equal(config_store_save(&rig.store), 0);
	config_store_open(&rig.store, rig.spool);
	assert_int_equal(r->tried, 9);
	assert_int_equal(r->active.revision, 7);
	assert_true(config_mark_is(&r->active, &r->history[0]));
	assert_true(r->trial.is_file && r->trial.hash == 5);
	assert_int_equal(r->bad_file, 0xdeadbeef);
	assert_int_equal(r->starts_s[0], 1763700000);
	assert_int_equal(r->starts_s[1], 1763690000);
	assert_true(r->is_young);
	expect_text(&m, "revision: 7\n");
}

static void the_last_ten_texts_are_kept_and_no_more(void **state)
{
	struct config_mark marks[12];
	char text[32];

	(void)state;
	for (int i = 0; i < 12; i++) {
		snprintf(text, sizeof(text), "revision: %d\n", i + 1);
		marks[i] = put(i + 1, text);
		config_record_activate(&rig.store.record, &marks[i]);
		assert_int_equal(config_store_save(&rig.store), 0);
	}
	expect_text(&marks[0], NULL);
	expect_text(&marks[1], NULL);
	expect_text(&marks[2], "revision: 3\n");
	expect_text(&marks[11], "revision: 12\n");
	config_record_return(&rig.store.record);
	assert_int_equal(rig.store.record.active.revision, 11);
}

static void a_state_with_one_byte_changed_is_not_believed(void **state)
{
	struct config_mark m = put(7, "revision: 7\n");
	char path[160], text[512];
	size_t n;
	FILE *f;

	(void)state;
	config_record_activate(&rig.store.record, &m);
	assert_int_equal(config_store_save(&rig.store), 0);
	snprintf(path, sizeof(path), "%s.config/state", rig.spool);
	f = fopen(path, "r");
	n = fread(text, 1, sizeof(text), f);
	fclose(f);
	for (size_t i = 0; i < n - 1; i += 37) { /* but the last line end */
		text[i] ^= 1;
		f = fopen(path, "w");
		fwrite(text, 1, n, f);
		fclose(f);
		text[i] ^= 1;
		config_store_open(&rig.store, rig.spool);
		assert_int_equal(rig.store.record.active.revision, 0);
	}
}

static void a_damaged_text_is_not_given(void **state)
{
	struct config_mark m = put(7, "revision: 7\n");
	char path[160], *got;
	FILE *f;

	(void)state;
	snprintf(path, sizeof(path), "%s.config/7-%08x.yaml", rig.spool, m.hash);
	f = fopen(path, "w");
	fputs("revision: 8\n", f);
	fclose(f);
	assert_int_equal(config_store_get(&rig.store, &m, &got), -EBADMSG);
}

static int no_space(void *arg)
{
	(void)arg;
	return -ENOSPC;
}

static void a_full_disk_leaves_what_was_there(void **state)
{
	struct config_mark m = put(7, "revision: 7\n");

	(void)state;
	config_record_activate(&rig.store.record, &m);
	assert_int_equal(config_store_save(&rig.store), 0);
	rig.store.record.tried = 99;
	fileio_set_hook(no_space, NULL);
	assert_int_equal(config_store_save(&rig.store), -ENOSPC);
	assert_int_equal(config_store_put(&rig.store, &m, "x", 1), -ENOSPC);
	fileio_set_hook(NULL, NULL);
	config_store_open(&rig.store, rig.spool);
	assert_int_equal(rig.store.record.tried, 0);
	expect_text(&m, "revision: 7\n");
}

static void without_a_spool_nothing_is_kept(void **state)
{
	struct config_mark m = { 7, 1, false };
	char *got;

	(void)state;
	config_store_open(&rig.store, NULL);
	assert_int_equal(config_store_put(&rig.store, &m, "x", 1), 0);
	assert_int_equal(config_store_save(&rig.store), 0);
	assert_int_equal(config_store_get(&rig.store, &m, &got), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_was_saved_is_there_after_a_start, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_last_ten_texts_are_kept_and_no_more, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_state_with_one_byte_changed_is_not_believed, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_damaged_text_is_not_given, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_full_disk_leaves_what_was_there, set_up, tear_down),
		cmocka_unit_test_setup_teardown(without_a_spool_nothing_is_kept, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
