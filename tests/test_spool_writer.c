/* SPDX-License-Identifier: Apache-2.0 */
/* A disk that takes its time holds up nobody: on a real loop and a real file, whose syncs end when the test says so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "agent/spool_writer.h"
#include "base/check.h"
#include "base/log.h"
#include "tests/fault_vfs.h"
#include "tests/spool_rig.h"

enum { S = 1000000, TICK, WRITTEN, MAX_BYTES = 64 << 20 };

struct rig {
	struct spool_rig *files;
	struct loop *loop;
	struct loop_timer *tick;
	struct spool *spool;
	struct spool_writer *writer;
	unsigned n_written;
};

static void on_tick(void *ctx)
{
	loop_stop(((struct rig *)ctx)->loop, TICK);
}

static void on_written(void *ctx)
{
	struct rig *r = ctx;

	r->n_written++;
	assert_false(spool_writer_is_busy(r->writer));
	loop_stop(r->loop, WRITTEN);
}

static int set_up(void **state)
{
	struct rig *r = calloc(1, sizeof(*r));
	void *files;

	if (spool_rig_make(&files) < 0)
		return -1;
	log_set_level(LOG_LEVEL_ERROR);
	r->files = files;
	r->spool = spool_rig_open(r->files->path, MAX_BYTES);
	assert_int_equal(loop_create(&r->loop), 0);
	assert_int_equal(loop_timer_create(r->loop, &r->tick, on_tick, r), 0);
	assert_int_equal(spool_writer_create(&r->writer, r->loop, r->spool, on_written, r), 0);
	*state = r;
	return 0;
}

static int tear_down(void **state)
{
	struct rig *r = *state;
	void *files = r->files;

	spool_writer_free(r->writer);
	spool_close(r->spool);
	loop_timer_free(r->tick);
	loop_free(r->loop);
	free(r);
	return spool_rig_remove(&files);
}

static void put(struct rig *r, uint32_t seq)
{
	char text[4096];
	struct spool_row row;

	spool_rig_row(seq, text, &row);
	spool_writer_put(r->writer, &row);
}

/* What a start of the agent would find. */
static uint64_t on_disk(struct rig *r)
{
	spool_writer_free(r->writer);
	r->writer = NULL;
	spool_close(r->spool);
	r->spool = spool_rig_open(r->files->path, MAX_BYTES);
	return spool_rig_waiting(r->spool);
}

static struct spool_stats stats(struct rig *r)
{
	struct spool_stats s;

	spool_writer_get_stats(r->writer, &s);
	return s;
}

static void what_is_put_while_the_disk_is_busy_waits_and_follows(void **state)
{
	struct rig *r = *state;

	put(r, 1);
	assert_int_equal(spool_rig_stats(r->spool).n_rows, 1);
	fault_vfs_gate(true);
	spool_writer_start(r->writer, S, false);
	fault_vfs_wait_for_sync();
	loop_timer_set(r->tick, loop_mono_us() + 1);
	assert_int_equal(loop_run(r->loop), TICK); /* the loop goes on */
	assert_true(spool_writer_is_busy(r->writer));
	put(r, 2);
	put(r, 3);
	assert_int_equal(stats(r).n_rows, 3);
	assert_int_equal(stats(r).n_in_memory, 3);

	fault_vfs_gate(false);
	assert_int_equal(loop_run(r->loop), WRITTEN);
	assert_int_equal(r->n_written, 1);
	assert_int_equal(stats(r).n_rows, 3);
	assert_int_equal(stats(r).n_in_memory, 2);
	assert_int_equal(spool_rig_waiting(r->spool), 0xe);

	spool_writer_start(r->writer, 2 * S, false);
	assert_int_equal(loop_run(r->loop), WRITTEN);
	assert_int_equal(stats(r).n_in_memory, 0);
	assert_int_equal(on_disk(r), 0xe);
}

static void *open_gate(void *ctx UNUSED)
{
	fault_vfs_wait_for_sync();
	fault_vfs_gate(false);
	return NULL;
}

/* The loop stands still for whoever cannot do without the spool. */
static void who_waits_gets_the_spool_and_is_not_told_again(void **state)
{
	struct rig *r = *state;
	pthread_t thread;

	assert_false(spool_writer_wait(r->writer));
	put(r, 1);
	fault_vfs_gate(true);
	spool_writer_start(r->writer, S, false);
	put(r, 2);
	assert_int_equal(pthread_create(&thread, NULL, open_gate, NULL), 0);
	assert_true(spool_writer_wait(r->writer));
	pthread_join(thread, NULL);
	assert_int_equal(spool_rig_waiting(r->spool), 0x6);
	loop_timer_set(r->tick, loop_mono_us() + 20000);
	assert_int_equal(loop_run(r->loop), TICK);
	assert_int_equal(r->n_written, 0);
}

static void the_end_waits_for_the_disk_and_loses_nothing(void **state)
{
	struct rig *r = *state;
	pthread_t thread;

	put(r, 1);
	fault_vfs_gate(true);
	spool_writer_start(r->writer, S, false);
	put(r, 2);
	assert_int_equal(pthread_create(&thread, NULL, open_gate, NULL), 0);
	assert_int_equal(on_disk(r), 0x6);
	pthread_join(thread, NULL);
	assert_int_equal(r->n_written, 0);
}

/* Memory is bounded: then the disk is waited for after all, and still nothing is lost. */
static void more_than_may_wait_waits_for_the_disk(void **state)
{
	enum { BYTES = 4096, ROWS = 600 };
	static char text[BYTES];
	struct rig *r = *state;
	struct spool_row row = { .boot = SPOOL_RIG_BOOT, .payload = text, .payload_bytes = BYTES };
	pthread_t thread;

	put(r, 1);
	fault_vfs_gate(true);
	spool_writer_start(r->writer, S, false);
	for (row.seq = 2; stats(r).bytes < (2 << 20) - BYTES; row.seq++)
		spool_writer_put(r->writer, &row);
	assert_true(spool_writer_is_busy(r->writer));
	assert_int_equal(pthread_create(&thread, NULL, open_gate, NULL), 0);
	for (; row.seq <= ROWS; row.seq++)
		spool_writer_put(r->writer, &row);
	pthread_join(thread, NULL);
	(void)spool_writer_wait(r->writer);
	assert_int_equal(stats(r).n_rows, ROWS);
	assert_int_equal(stats(r).n_dropped, 0);
}

static void a_disk_that_fails_is_told_and_tried_again(void **state)
{
	struct rig *r = *state;

	put(r, 1);
	fault_vfs_plan(&(struct fault_plan){ FAULT_FULL, 1, 0, 1 });
	spool_writer_start(r->writer, S, false);
	assert_int_equal(loop_run(r->loop), WRITTEN);
	assert_true(spool_is_in_trouble(r->spool));
	assert_int_not_equal(stats(r).problem[0], '\0');
	assert_false(spool_is_due(r->spool, S, true)); /* too early */
	assert_true(spool_is_due(r->spool, 100 * S, false));
	fault_vfs_plan(&(struct fault_plan){ 0 });
	spool_writer_start(r->writer, 100 * S, false);
	assert_int_equal(loop_run(r->loop), WRITTEN);
	assert_false(spool_is_in_trouble(r->spool));
	assert_int_equal(on_disk(r), 0x2);
}

#define WITH_RIG(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		WITH_RIG(what_is_put_while_the_disk_is_busy_waits_and_follows),
		WITH_RIG(who_waits_gets_the_spool_and_is_not_told_again),
		WITH_RIG(the_end_waits_for_the_disk_and_loses_nothing),
		WITH_RIG(more_than_may_wait_waits_for_the_disk),
		WITH_RIG(a_disk_that_fails_is_told_and_tried_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
