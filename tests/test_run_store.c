/* SPDX-License-Identifier: Apache-2.0 */
/* From the broker into the store, with a death at each point between: a child lives, and is gone; the next one opens what it left. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/archive_private.h"
#include "collector/run_store.h"
#include "collector/store.h"
#include "tests/fleet_rig.h"
#include "tests/inbox_rig.h"

enum { MIB = 1 << 20 };

struct rig {
	struct fleet_rig fleet;
	struct run_store store;
	struct inbox_rig at;
};

static int set_up(void **state)
{
	struct rig *r = calloc(1, sizeof(*r));

	*state = r;
	if (!r)
		return -1;
	return inbox_rig_make(&r->at);
}

static int tear_down(void **state)
{
	struct rig *r = *state;
	int rc = inbox_rig_remove(&r->at);

	free(r);
	return rc;
}

static void begin(struct rig *r)
{
	const struct run_options o = { .store = r->at.path, .prefix = "runnel/1", .deadline_us = 86400000000 };

	fleet_rig_init(&r->fleet, 86400);
	assert_int_equal(run_store_open(&r->store, &o, r->fleet.fleet), 0);
}

static void end(struct rig *r)
{
	run_store_close(&r->store);
	fleet_rig_free(&r->fleet);
}

/* The connection notes it down, and hands it over, if it comes to that. */
static void arrive(struct rig *r, const char *topic, const void *payload, size_t bytes, bool is_taken)
{
	struct mqtt_message m = { .topic = topic, .payload = payload, .payload_bytes = bytes, .qos = 1 };

	m.mark = run_store_note_down(&r->store, &m);
	assert_true(m.mark > 0);
	if (is_taken)
		run_store_take(&r->store, &m);
}

static void send(struct rig *r, uint32_t seq, bool is_taken)
{
	struct rig_part p = fleet_rig_minute("a", seq, seq);
	struct rig_message m;

	fleet_rig_encode(&p, &rig_contract, &m);
	arrive(r, "runnel/1/delft/a/partial", m.data, m.bytes, is_taken);
}

struct life {
	struct rig *rig;
	void (*live)(struct rig *r);
};

static void live(void *ctx)
{
	const struct life *l = ctx;

	begin(l->rig);
	l->live(l->rig);
}

/* Runs @how in a process that is gone when it returns. */
static void live_and_die(struct rig *r, void (*how)(struct rig *r))
{
	struct life l = { r, how };

	assert_int_equal(inbox_rig_apart(live, &l), 0);
}

static void send_and_be_killed_before_they_are_taken(struct rig *r)
{
	fleet_rig_contract_message(&r->fleet, "a", &rig_contract);
	assert_int_equal(archive_save(r->store.archive), 0);
	send(r, 1, false);
	send(r, 2, false);
}

static void what_was_noted_down_and_not_taken_is_taken_in_the_next_life(void **state)
{
	struct rig *r = *state;

	live_and_die(r, send_and_be_killed_before_they_are_taken);
	begin(r);
	assert_int_equal(r->fleet.fleet->counters.parts, 2);
	end(r);
	begin(r); /* it is in the store now, and the inbox is gone */
	assert_int_equal(r->fleet.fleet->counters.messages, 0);
	assert_int_equal(r->fleet.fleet->n_devices, 1);
	end(r);
}

static void send_and_be_killed_before_the_commit(struct rig *r)
{
	fleet_rig_contract_message(&r->fleet, "a", &rig_contract);
	assert_int_equal(archive_save(r->store.archive), 0);
	send(r, 1, true);
	assert_int_equal(archive_save(r->store.archive), 0);
	run_store_settle(&r->store);
	send(r, 2, true);
	run_store_settle(&r->store); /* not committed: nothing is settled */
}

static void what_was_taken_and_not_committed_is_taken_again_and_no_more(void **state)
{
	struct rig *r = *state;

	live_and_die(r, send_and_be_killed_before_the_commit);
	begin(r);
	assert_int_equal(r->fleet.fleet->counters.messages, 1);
	assert_int_equal(r->fleet.fleet->counters.parts, 1);
	end(r);
}

static void send_and_be_killed_after_the_commit(struct rig *r)
{
	fleet_rig_contract_message(&r->fleet, "a", &rig_contract);
	send(r, 1, true);
	assert_int_equal(archive_save(r->store.archive), 0);
}

static void what_was_committed_and_not_crossed_off_counts_once(void **state)
{
	struct rig *r = *state;

	live_and_die(r, send_and_be_killed_after_the_commit);
	begin(r);
	assert_int_equal(r->fleet.fleet->counters.messages, 1);
	assert_int_equal(r->fleet.fleet->counters.parts, 0);
	assert_int_equal(r->fleet.fleet->counters.duplicates, 1);
	end(r);
}

/* A part without a contract, then 40 MiB of what others send. */
static void wait_long(struct rig *r)
{
	char *payload = calloc(1, MIB);

	assert_non_null(payload);
	send(r, 1, true);
	assert_int_equal(r->fleet.fleet->counters.messages, 1);
	assert_true(r->fleet.fleet->waiting_bytes > 0);
	for (int i = 0; i < 40; i++) {
		arrive(r, "runnel/1/delft/b/log", payload, MIB, true);
		assert_int_equal(archive_save(r->store.archive), 0);
		run_store_settle(&r->store);
		assert_true(inbox_rig_bytes(&r->at) < 12 * MIB);
	}
	free(payload);
}

static void a_part_that_waits_for_its_contract_survives_and_fills_no_disk(void **state)
{
	struct rig *r = *state;

	live_and_die(r, wait_long);
	begin(r);
	assert_true(r->fleet.fleet->waiting_bytes > 0);
	assert_int_equal(r->fleet.fleet->counters.parts, 0);
	end(r);
	begin(r); /* an end in good order does not forget it either */
	fleet_rig_contract_message(&r->fleet, "a", &rig_contract);
	assert_int_equal(r->fleet.fleet->counters.parts, 1);
	end(r);
	assert_int_equal(inbox_rig_bytes(&r->at), 0);
}

static void what_the_broker_keeps_is_not_noted_down(void **state)
{
	struct rig *r = *state;
	struct mqtt_message m = { .topic = "runnel/1/delft/a/birth", .payload = "{}", .payload_bytes = 2, .qos = 1 };

	begin(r);
	m.retained = true;
	assert_int_equal(run_store_note_down(&r->store, &m), 0);
	m.retained = false;
	assert_int_equal(run_store_note_down(&r->store, &m), 1);
	end(r);
}

/* Trouble with what is old is no reason to keep what is new twice. */
static void what_is_durable_is_crossed_off_whatever_else_is_wrong(void **state)
{
	struct rig *r = *state;

	begin(r);
	fleet_rig_contract_message(&r->fleet, "a", &rig_contract);
	send(r, 1, true);
	assert_int_equal(archive_save(r->store.archive), 0);
	assert_int_equal(archive_note(r->store.archive, -EEXIST), -EEXIST);
	assert_string_not_equal(archive_problem(r->store.archive), "");
	run_store_settle(&r->store);
	assert_true(inbox_rig_bytes(&r->at) > 0);
	inbox_turn(r->store.inbox);
	run_store_settle(&r->store); /* the file that is not written now goes when all in it is crossed off */
	assert_true(inbox_rig_bytes(&r->at) < 100);
	end(r);
}

static void count(void *ctx, const struct inbox_message *m)
{
	(void)m;
	++*(int *)ctx;
}

static void put_into_both_files(void *path)
{
	int n = 0;
	const struct inbox_reader reader = { count, &n };
	struct inbox *b = inbox_open(path, &reader);

	assert_int_equal(inbox_put(b, "t", "a", 1, 0), 1);
	inbox_turn(b);
	assert_int_equal(inbox_put(b, "t", "b", 1, 0), 2);
}

static void what_kills_the_reader_is_set_aside_whichever_file_is_written(void **state)
{
	struct rig *r = *state;
	int n = 0;
	const struct inbox_reader reader = { count, &n };

	assert_int_equal(inbox_rig_apart(put_into_both_files, r->at.path), 0);
	for (int i = 0; i < INBOX_TRIES; i++)
		assert_int_equal(inbox_rig_be_killed(&r->at), INBOX_RIG_DIED);
	inbox_close(inbox_open(r->at.path, &reader));
	assert_int_equal(n, 0);
}

static void without_a_store_there_is_no_inbox(void **state)
{
	struct rig *r = *state;
	const struct run_options o = { .prefix = "runnel/1" };

	fleet_rig_init(&r->fleet, 3600);
	assert_int_equal(run_store_open(&r->store, &o, r->fleet.fleet), 0);
	assert_null(r->store.inbox);
	run_store_settle(&r->store);
	end(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_was_noted_down_and_not_taken_is_taken_in_the_next_life, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(what_was_taken_and_not_committed_is_taken_again_and_no_more, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(what_was_committed_and_not_crossed_off_counts_once, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_part_that_waits_for_its_contract_survives_and_fills_no_disk, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(what_the_broker_keeps_is_not_noted_down, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_is_durable_is_crossed_off_whatever_else_is_wrong, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(what_kills_the_reader_is_set_aside_whichever_file_is_written, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(without_a_store_there_is_no_inbox, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
