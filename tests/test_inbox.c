/* SPDX-License-Identifier: Apache-2.0 */
/* What was put into an inbox and not settled comes back after any death; a child that ends without a word is that death. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "collector/inbox.h"
#include "tests/inbox_rig.h"

enum { MIB = 1 << 20 };

struct rig {
	struct inbox_rig at;
	uint64_t n, first, last; /* what came back */
	bool is_in_order;
	char text[64]; /* the last payload */
};

static void count(void *ctx, const struct inbox_message *m)
{
	struct rig *r = ctx;

	r->is_in_order = r->is_in_order && m->number > r->last;
	r->first = r->first ? r->first : m->number;
	r->last = m->number;
	r->n++;
	snprintf(r->text, sizeof(r->text), "%.*s", m->payload_bytes < 60 ? (int)m->payload_bytes : 60,
		 (const char *)m->payload);
}

static struct inbox *begin(struct rig *r)
{
	const struct inbox_reader reader = { count, r };

	r->n = r->first = r->last = 0;
	r->is_in_order = true;
	r->text[0] = '\0';
	return inbox_open(r->at.path, &reader);
}

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

static uint64_t put_text(struct inbox *b, const char *text)
{
	return inbox_put(b, "runnel/1/a/b/partial", text, strlen(text), 1763697600000000);
}

struct life {
	struct rig *rig;
	int n;
	uint64_t n_settled;
};

static void live(void *ctx)
{
	const struct life *l = ctx;
	struct inbox *b = begin(l->rig);
	char text[32];

	for (int i = 1; i <= l->n; i++) {
		snprintf(text, sizeof(text), "message %d", i);
		put_text(b, text);
	}
	inbox_settle(b, l->n_settled);
}

/* A child opens it, puts @n messages, settles the first @n_settled of them, and is gone. */
static void live_and_die(struct rig *r, int n, uint64_t n_settled)
{
	struct life l = { r, n, n_settled };

	assert_int_equal(inbox_rig_apart(live, &l), 0);
}

static void what_was_not_settled_comes_back_in_order(void **state)
{
	struct rig *r = *state;
	struct inbox *b;

	live_and_die(r, 10, 4);
	b = begin(r);
	assert_int_equal(r->n, 6);
	assert_int_equal(r->first, 5);
	assert_true(r->is_in_order);
	assert_string_equal(r->text, "message 10");
	assert_int_equal(put_text(b, "next"), 11);
	inbox_close(b);
	b = begin(r); /* nothing was settled since */
	assert_int_equal(r->n, 7);
	assert_string_equal(r->text, "next");
	inbox_settle(b, 11);
	inbox_close(b);
	assert_int_equal(inbox_rig_bytes_of(r->at.files[0]), -1); /* an end in good order leaves nothing */
	assert_int_equal(inbox_rig_bytes_of(r->at.files[1]), -1);
}

static void numbers_go_on_when_everything_was_settled(void **state)
{
	struct rig *r = *state;
	struct inbox *b;

	live_and_die(r, 10, 10);
	b = begin(r);
	assert_int_equal(r->n, 0);
	assert_int_equal(put_text(b, "next"), 11);
	inbox_close(b);
	b = begin(r);
	assert_int_equal(r->n, 1);
	assert_int_equal(r->first, 11);
	inbox_close(b);
}

static void a_torn_end_costs_the_torn_message_alone(void **state)
{
	struct rig *r = *state;
	struct inbox *b;
	off_t whole, before;

	live_and_die(r, 2, 0);
	before = inbox_rig_bytes_of(r->at.files[0]);
	live_and_die(r, 1, 0);
	whole = inbox_rig_bytes_of(r->at.files[0]);
	for (off_t bytes = whole - 1; bytes > before; bytes -= 7) {
		assert_int_equal(truncate(r->at.files[0], bytes), 0);
		b = begin(r);
		assert_int_equal(r->n, 2);
		assert_int_equal(put_text(b, "message 1"), 3); /* in the place of the torn one */
		inbox_close(b);
		assert_int_equal(inbox_rig_bytes_of(r->at.files[0]), whole);
	}
	assert_int_equal(truncate(r->at.files[0], 3), 0); /* not even the beginning is whole */
	b = begin(r);
	assert_int_equal(r->n, 0);
	assert_int_equal(put_text(b, "new"), 1);
	inbox_close(b);
	b = begin(r);
	assert_int_equal(r->n, 1);
	inbox_close(b);
}

/* The payload is a record, and the one around it is damaged: who chose the payload must not speak for others. */
static void a_record_inside_a_payload_is_never_taken(void **state)
{
	struct rig *r = *state;
	struct inbox *b = begin(r);
	struct inbox_message forged = { .number = 2, .topic = "runnel/1/a/other/birth", .payload = "" };
	uint8_t payload[INBOX_HEAD_BYTES + 23];
	FILE *f;

	assert_true(inbox_pack_head(&forged, payload));
	memcpy(payload + INBOX_HEAD_BYTES, forged.topic, 23);
	assert_int_equal(inbox_put(b, "t", payload, sizeof(payload), 0), 1);
	inbox_close(b);
	f = fopen(r->at.files[0], "r+");
	assert_non_null(f);
	fseek(f, INBOX_START_BYTES + 8, SEEK_SET);
	fputc(99, f);
	fclose(f);
	b = begin(r);
	assert_int_equal(r->n, 0);
	inbox_close(b);
}

static void files_take_turns_and_stay_small(void **state)
{
	struct rig *r = *state;
	struct inbox *b = begin(r);
	char *payload = calloc(1, MIB);
	uint64_t number = 0;
	off_t most = 0;

	assert_non_null(payload);
	for (int i = 0; i < 40; i++) {
		number = inbox_put(b, "t", payload, MIB, 0);
		assert_int_equal(number, i + 1);
		inbox_settle(b, number - 1); /* one is always on its way */
		for (size_t f = 0; f < 2; f++)
			most = inbox_rig_bytes_of(r->at.files[f]) > most ? inbox_rig_bytes_of(r->at.files[f]) : most;
	}
	assert_true(most < INBOX_FILE_BYTES + 2 * MIB);
	inbox_close(b);
	b = begin(r);
	assert_int_equal(r->n, 1);
	assert_int_equal(r->last, 40);
	inbox_close(b);
	free(payload);
}

static void both_files_come_back_the_older_first(void **state)
{
	struct rig *r = *state;
	struct inbox *b = begin(r);
	char *payload = calloc(1, MIB);

	assert_non_null(payload);
	for (int i = 0; i < 7; i++) {
		(void)inbox_put(b, "t", payload, MIB, 0);
		inbox_settle(b, 1);
	}
	assert_true(inbox_rig_bytes_of(r->at.files[0]) > 0 && inbox_rig_bytes_of(r->at.files[1]) > MIB);
	inbox_close(b);
	b = begin(r);
	assert_int_equal(r->n, 6);
	assert_int_equal(r->first, 2);
	assert_true(r->is_in_order);
	inbox_settle(b, 7);
	assert_int_equal(inbox_rig_bytes_of(r->at.files[0]), 0);
	inbox_close(b);
	free(payload);
}

static void a_full_disk_costs_what_it_does_not_take_and_no_more(void **state)
{
	struct rig *r = *state;
	struct rlimit before, limit;
	struct inbox *b = begin(r);
	char payload[1000] = "";

	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	limit = before;
	limit.rlim_cur = 2500; /* two messages, and half of the third */
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	assert_int_equal(inbox_put(b, "t", payload, sizeof(payload), 0), 1);
	assert_int_equal(inbox_put(b, "t", payload, sizeof(payload), 0), 2);
	assert_int_equal(inbox_put(b, "t", payload, sizeof(payload), 0), 0);
	assert_int_equal(inbox_put(b, "t", payload, sizeof(payload), 0), 0);
	inbox_settle(b, 0);
	assert_int_equal(put_text(b, "short"), 3);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(put_text(b, "it works again"), 4);
	inbox_settle(b, 0);
	inbox_close(b);
	b = begin(r);
	assert_int_equal(r->n, 4);
	assert_string_equal(r->text, "it works again");
	inbox_close(b);
}

static void more_than_its_bound_it_does_not_take(void **state)
{
	struct rig *r = *state;
	struct inbox *b = begin(r);
	char *payload = calloc(1, 8 * MIB);

	assert_non_null(payload);
	for (int i = 1; i <= 15; i++)
		assert_int_equal(inbox_put(b, "t", payload, 8 * MIB, 0), i);
	assert_int_equal(inbox_put(b, "t", payload, 8 * MIB, 0), 0);
	assert_int_equal(put_text(b, "small"), 16);
	assert_true(inbox_is_crowded(b, 0));
	assert_false(inbox_is_crowded(b, 60 * MIB));
	inbox_settle(b, 15); /* the other file is next */
	assert_int_equal(inbox_put(b, "t", payload, 8 * MIB, 0), 17);
	inbox_settle(b, 17);
	inbox_close(b);
	free(payload);
}

static void without_files_nothing_is_kept_and_all_goes_on(void **state)
{
	struct rig *r = *state;
	struct inbox *b;

	assert_int_equal(mkdir(r->at.files[1], 0700), 0);
	b = begin(r);
	assert_int_equal(put_text(b, "a"), 0);
	assert_false(inbox_is_crowded(b, 0));
	inbox_turn(b);
	inbox_settle(b, 5);
	inbox_close(b);
	assert_true(inbox_rig_bytes_of(r->at.files[1]) >= 0); /* not ours to remove */
}

static void what_kills_the_reader_each_time_is_set_aside(void **state)
{
	struct rig *r = *state;
	struct inbox *b;
	char unread[112];

	live_and_die(r, 3, 0);
	for (int i = 0; i < INBOX_TRIES; i++)
		assert_int_equal(inbox_rig_be_killed(&r->at), INBOX_RIG_DIED);
	b = begin(r);
	assert_int_equal(r->n, 0);
	assert_int_equal(put_text(b, "new"), 4);
	inbox_close(b);
	snprintf(unread, sizeof(unread), "%s.unread", r->at.files[0]);
	assert_true(inbox_rig_bytes_of(unread) > INBOX_START_BYTES);
	snprintf(unread, sizeof(unread), "%s.unread", r->at.files[1]);
	assert_int_equal(inbox_rig_bytes_of(unread), -1); /* there was nothing in it */
	b = begin(r);
	assert_int_equal(r->n, 1);
	inbox_close(b);
}

static void *put_many(void *inbox)
{
	static const char payload[1000];
	uint64_t last = 0;

	for (size_t i = 0; i < 20000; i++)
		last = inbox_put(inbox, "runnel/1/a/b/partial", payload, i % 1000, 0);
	assert_int_equal(last, 20000);
	return NULL;
}

static void one_thread_puts_while_another_settles(void **state)
{
	struct rig *r = *state;
	struct inbox *b = begin(r);
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, put_many, b), 0);
	for (uint64_t done = 1; done < 19000; done += 13)
		inbox_settle(b, done); /* now ahead of what was put, now behind: it must only hold together */
	assert_int_equal(pthread_join(thread, NULL), 0);
	inbox_close(b);
	b = begin(r);
	assert_true(r->n >= 1000 && r->last == 20000 && r->is_in_order);
	inbox_close(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_was_not_settled_comes_back_in_order, set_up, tear_down),
		cmocka_unit_test_setup_teardown(numbers_go_on_when_everything_was_settled, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_torn_end_costs_the_torn_message_alone, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_record_inside_a_payload_is_never_taken, set_up, tear_down),
		cmocka_unit_test_setup_teardown(files_take_turns_and_stay_small, set_up, tear_down),
		cmocka_unit_test_setup_teardown(both_files_come_back_the_older_first, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_full_disk_costs_what_it_does_not_take_and_no_more, set_up, tear_down),
		cmocka_unit_test_setup_teardown(more_than_its_bound_it_does_not_take, set_up, tear_down),
		cmocka_unit_test_setup_teardown(without_files_nothing_is_kept_and_all_goes_on, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_kills_the_reader_each_time_is_set_aside, set_up, tear_down),
		cmocka_unit_test_setup_teardown(one_thread_puts_while_another_settles, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
