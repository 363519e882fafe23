/* SPDX-License-Identifier: Apache-2.0 */
/* One sink at work, with another end that takes, waits or refuses as it is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "collector/sink_worker.h"
#include "collector/sinks.h"
#include "tests/pause.h"

enum { ROWS = 100, BATCH = 32 };

/* The other end. It is a table's row, so what it does is the process's own. */
static struct far_end {
	size_t n_batch, batch[BATCH]; /* what was added, by the w0 of the KPI */
	size_t n_taken[ROWS];
	int n_away;   /* flushes that it is still away for */
	long refused; /* this row; -1: none */
	size_t n_flushes;
	bool is_stuck; /* away for ever */
	bool knows_rows;
} far_end;

static int far_open(void **state, const void *config, struct sink_wait *wait, char reason[static SINK_REASON_BYTES])
{
	(void)config;
	(void)wait;
	(void)reason;
	*state = &far_end;
	return 0;
}

static void far_close(void *state)
{
	(void)state;
}

static void far_add(void *state, const struct fleet_kpi *k)
{
	struct far_end *f = state;

	assert_in_range(f->n_batch, 0, BATCH - 1);
	f->batch[f->n_batch++] = k->w0 / 60;
}

static void far_add_part(void *state, const struct part_view *p)
{
	(void)state;
	(void)p;
}

static int far_flush(void *state, char reason[static SINK_REASON_BYTES])
{
	struct far_end *f = state;
	int n_refused = 0;

	f->n_flushes++;
	snprintf(reason, SINK_REASON_BYTES, "as the test wants it");
	if (f->is_stuck || f->n_away > 0) {
		f->n_away--;
		return -EAGAIN;
	}
	for (size_t i = 0; i < f->n_batch; i++) {
		if ((long)f->batch[i] != f->refused)
			continue;
		n_refused++;
		if (!f->knows_rows)
			f->n_batch = 0;
		if (!f->knows_rows)
			return -EBADMSG;
	}
	for (size_t i = 0; i < f->n_batch; i++)
		f->n_taken[f->batch[i]] += (long)f->batch[i] != f->refused;
	f->n_batch = 0;
	return n_refused;
}

static const struct sink_kind far_kind = {
	.name = "far",
	.max_rows = BATCH,
	.open = far_open,
	.close = far_close,
	.add_kpi = far_add,
	.add_part = far_add_part,
	.flush = far_flush,
};

/* --- a store with ROWS fleet KPIs --- */

struct rig {
	char path[64];
	struct store *store;
	struct sink_worker worker;
};

static void write_rows(struct rig *r, uint64_t from, uint64_t to, uint32_t version)
{
	struct fleet_kpi k = { .site = "delft", .name = "temp", .wl = 60, .value = 20.5, .version = version };

	assert_int_equal(store_begin(r->store), 0);
	for (uint64_t i = from; i < to; i++) {
		k.w0 = 60 * i;
		assert_int_equal(store_write_kpi(r->store, &k), 0);
	}
	assert_int_equal(store_end(r->store, 0), 0);
}

static int make(void **state)
{
	static struct rig rig;
	int fd;

	rig = (struct rig){ .path = "/tmp/runnel-sink-XXXXXX" };
	far_end = (struct far_end){ .refused = -1 };
	fd = mkstemp(rig.path);
	assert_true(fd >= 0);
	close(fd);
	log_set_level(LOG_LEVEL_ERROR);
	assert_int_equal(store_open(&rig.store, rig.path, false), 0);
	write_rows(&rig, 0, ROWS, 1);
	*state = &rig;
	return 0;
}

static int unmake(void **state)
{
	struct rig *r = *state;
	char path[80];

	store_close(r->store);
	unlink(r->path);
	snprintf(path, sizeof(path), "%s-wal", r->path);
	unlink(path);
	snprintf(path, sizeof(path), "%s-shm", r->path);
	unlink(path);
	return 0;
}

/* Of a device that nobody can explain: they are handed on as nothing, a batch at a time. */
static void write_parts(struct rig *r)
{
	const struct store_device d = { .id = 1, .site = "delft", .name = "a", .labels = "", .progress = "" };
	struct store_part p = { .device = 1, .wl = 60, .payload = "x", .bytes = 1 };

	assert_int_equal(store_begin(r->store), 0);
	assert_int_equal(store_write_device(r->store, &d), 0);
	for (uint32_t i = 0; i < ROWS; i++) {
		p.w0 = 60 * i;
		assert_int_equal(store_insert_part(r->store, &p), 0);
	}
	assert_int_equal(store_end(r->store, 0), 0);
}

/* As the collector does when it ends: what can be taken within a second is. @return how far it is */
static int64_t work_on(struct rig *r, int64_t cursor, enum sink_rows rows)
{
	int64_t by_us;

	r->worker = (struct sink_worker){ .path = r->path };
	r->worker.spec.kind = &far_kind;
	r->worker.spec.config.common = (struct sink_common){ "far", rows };
	r->worker.shared.cursor[SINK_KPIS] = cursor;
	assert_int_equal(sink_worker_start(&r->worker), 0);
	for (int i = 0; i < 500 && r->worker.shared.cursor[SINK_KPIS] < ROWS && !far_end.is_stuck; i++)
		pause_ms(10);
	by_us = sink_worker_now_us() + 1000000;
	sink_worker_finish(&r->worker, by_us);
	sink_worker_join(&r->worker, by_us);
	return r->worker.shared.cursor[SINK_KPIS];
}

static int64_t work(struct rig *r, int64_t cursor)
{
	return work_on(r, cursor, SINK_ROWS_KPIS);
}

static void assert_taken(size_t from, size_t to, size_t times)
{
	for (size_t i = from; i < to; i++)
		assert_int_equal(far_end.n_taken[i], times);
}

/* --- --- */

static void every_row_is_taken_once(void **state)
{
	struct rig *r = *state;

	assert_int_equal(work(r, 0), ROWS);
	assert_taken(0, ROWS, 1);
	assert_int_equal(r->worker.shared.sent, ROWS);
	assert_true(r->worker.shared.is_up);
}

static void it_goes_on_from_its_cursor(void **state)
{
	assert_int_equal(work(*state, 40), ROWS);
	assert_taken(0, 40, 0);
	assert_taken(40, ROWS, 1);
}

static void a_batch_waits_while_the_other_end_is_away(void **state)
{
	far_end.n_away = 2;
	assert_int_equal(work(*state, 0), ROWS);
	assert_taken(0, ROWS, 1);
	assert_int_equal(far_end.n_flushes, 2 + 4); /* 100 rows in batches of 32 */
}

static void the_cursor_stays_when_nothing_is_taken(void **state)
{
	struct rig *r = *state;
	int64_t began_us = sink_worker_now_us();

	far_end.is_stuck = true;
	assert_int_equal(work(r, 7), 7);
	assert_int_equal(r->worker.shared.sent, 0);
	assert_false(r->worker.shared.is_up);
	assert_string_equal(r->worker.shared.reason, "as the test wants it");
	assert_true(sink_worker_now_us() - began_us < 30000000); /* ending does not wait for it */
}

static void a_row_that_is_refused_is_found_and_left_out(void **state)
{
	struct rig *r = *state;

	far_end.refused = 41;
	assert_int_equal(work(r, 0), ROWS);
	assert_taken(0, 41, 1);
	assert_taken(41, 42, 0);
	assert_taken(42, ROWS, 1);
	assert_int_equal(r->worker.shared.sent, ROWS - 1);
	assert_int_equal(r->worker.shared.refused, 1);
}

static void an_end_that_knows_which_row_it_refuses_takes_the_others(void **state)
{
	struct rig *r = *state;

	far_end.refused = 41;
	far_end.knows_rows = true;
	assert_int_equal(work(r, 0), ROWS);
	assert_taken(42, ROWS, 1);
	assert_int_equal(far_end.n_flushes, 4);
	assert_int_equal(r->worker.shared.refused, 1);
}

static void a_row_that_is_refused_makes_batches_of_its_own_kind_smaller(void **state)
{
	struct rig *r = *state;
	size_t n_alone;

	far_end.refused = 41;
	write_parts(r);
	assert_int_equal(work(r, 0), ROWS);
	n_alone = far_end.n_flushes;
	far_end = (struct far_end){ .refused = 41 };
	assert_int_equal(work_on(r, 0, SINK_ROWS_BOTH), ROWS);
	assert_int_equal(r->worker.shared.cursor[SINK_PARTS], ROWS);
	assert_int_equal(far_end.n_flushes, n_alone + 4); /* 100 parts in batches of 32 */
}

static void a_new_version_goes_and_only_the_newest(void **state)
{
	struct rig *r = *state;

	write_rows(r, 10, 20, 2); /* before anything was taken: changes 101 to 110 take the place of 11 to 20 */
	assert_int_equal(work(r, 0), ROWS + 10);
	assert_taken(0, ROWS, 1);
}

static void what_is_wrong_with_a_spec_is_refused(void **state)
{
	static const char *const wrong[] = { "",
					     "nix",
					     "influx",
					     "influx database",
					     "influx database=x rows=some",
					     "influx =x",
					     "kafka brokers=x:1 name=a/b",
					     "kafka brokers=x:1 colour=red",
					     "kafka brokers=x:1 brokers=y:1" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		assert_int_equal(sinks_check(&wrong[i], 1), -EINVAL);
}

static void two_sinks_have_two_names(void **state)
{
	static const char *const same[] = { "kafka brokers=x:1", "kafka brokers=y:1" };
	static const char *const different[] = { "kafka brokers=x:1", "kafka brokers=y:1 name=second rows=both" };

	(void)state;
	if (sink_kafka.lacks)
		skip();
	assert_int_equal(sinks_check(same, 2), -EINVAL);
	assert_int_equal(sinks_check(different, 2), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_row_is_taken_once, make, unmake),
		cmocka_unit_test_setup_teardown(it_goes_on_from_its_cursor, make, unmake),
		cmocka_unit_test_setup_teardown(a_batch_waits_while_the_other_end_is_away, make, unmake),
		cmocka_unit_test_setup_teardown(the_cursor_stays_when_nothing_is_taken, make, unmake),
		cmocka_unit_test_setup_teardown(a_row_that_is_refused_is_found_and_left_out, make, unmake),
		cmocka_unit_test_setup_teardown(an_end_that_knows_which_row_it_refuses_takes_the_others, make, unmake),
		cmocka_unit_test_setup_teardown(a_row_that_is_refused_makes_batches_of_its_own_kind_smaller, make,
						unmake),
		cmocka_unit_test_setup_teardown(a_new_version_goes_and_only_the_newest, make, unmake),
		cmocka_unit_test(what_is_wrong_with_a_spec_is_refused),
		cmocka_unit_test(two_sinks_have_two_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
