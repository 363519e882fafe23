/* SPDX-License-Identifier: Apache-2.0 */
/* In which order rows go, how fast, and what happens to those that are refused; the broker is a list. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/outflow.h"

enum { S = 1000000, MAX_SENT = 4096 };

struct rig {
	struct spool *spool;
	struct outflow flow;
	uint64_t sent[MAX_SENT];
	size_t n_sent;
	int result;	  /* of send() */
	size_t too_large; /* rows of this many bytes and more */
};

static int take(void *ctx, const struct spool_row *row)
{
	struct rig *r = ctx;

	if (r->too_large > 0 && row->payload_bytes >= r->too_large)
		return -EMSGSIZE;
	if (r->result < 0)
		return r->result;
	assert_true(r->n_sent < MAX_SENT);
	r->sent[r->n_sent++] = row->id;
	return 0;
}

static int make_rig(void **state)
{
	struct rig *r = calloc(1, sizeof(*r));

	if (spool_open(&r->spool, &(struct spool_options){ .max_bytes = 1 << 24 }) < 0)
		return -1;
	r->flow = (struct outflow){ .spool = r->spool, .send = take, .ctx = r, .is_paced = true };
	*state = r;
	return 0;
}

static int free_rig(void **state)
{
	struct rig *r = *state;

	spool_close(r->spool);
	free(r);
	return 0;
}

/* @return its id */
static uint64_t put(struct rig *r, enum spool_kind kind, size_t bytes)
{
	static const char zeros[100];

	assert_int_equal(spool_append(r->spool,
				      &(struct spool_row){ .kind = kind, .payload = zeros, .payload_bytes = bytes }),
			 0);
	return spool_last_id(r->spool);
}

static size_t n_rows(const struct rig *r)
{
	struct spool_stats s;

	spool_get_stats(r->spool, &s);
	return s.n_rows;
}

static void arrive_all(struct rig *r, int64_t now_us)
{
	while (r->flow.n_open > 0)
		outflow_arrived(&r->flow, r->flow.open[0].id, now_us);
}

static void nothing_goes_without_a_connection(void **state)
{
	struct rig *r = *state;

	put(r, SPOOL_PARTIAL, 1);
	assert_true(outflow_run(&r->flow, S) == INT64_MAX);
	assert_int_equal(r->n_sent, 0);
	outflow_connect(&r->flow, S);
	outflow_run(&r->flow, S);
	assert_int_equal(r->n_sent, 1);
	outflow_disconnect(&r->flow);
	put(r, SPOOL_PARTIAL, 1);
	outflow_run(&r->flow, 2 * S);
	assert_int_equal(r->n_sent, 1);
	assert_int_equal(n_rows(r), 2); /* no acknowledgement came */
	outflow_connect(&r->flow, 3 * S);
	outflow_run(&r->flow, 3 * S);
	assert_int_equal(r->n_sent, 3); /* the first again */
}

static void what_is_new_overtakes_the_backlog(void **state)
{
	struct rig *r = *state;
	uint64_t id;

	for (int i = 0; i < 200; i++)
		put(r, SPOOL_PARTIAL, 1);
	outflow_connect(&r->flow, S);
	outflow_run(&r->flow, S);
	assert_int_equal(r->n_sent, OUTFLOW_MAX_OPEN - OUTFLOW_KEPT_FREE);
	for (size_t i = 0; i < r->n_sent; i++)
		assert_int_equal(r->sent[i], i + 1);
	id = put(r, SPOOL_EVENT, 1);
	outflow_run(&r->flow, S);
	assert_int_equal(r->sent[r->n_sent - 1], id);
}

static void the_backlog_goes_at_its_rate_and_all_of_it(void **state)
{
	struct rig *r = *state;
	int64_t now_us = S;

	for (int i = 0; i < 1000; i++)
		put(r, SPOOL_PARTIAL, 1);
	outflow_connect(&r->flow, now_us);
	for (; now_us < 6 * S; now_us += 5000) {
		outflow_run(&r->flow, now_us);
		arrive_all(r, now_us);
	}
	assert_in_range(r->n_sent, 590, 610); /* a burst of 100, then 100 a second for 5 s */
	for (; now_us < 12 * S; now_us += 5000) {
		outflow_run(&r->flow, now_us);
		arrive_all(r, now_us);
	}
	assert_int_equal(r->n_sent, 1000);
	assert_int_equal(n_rows(r), 0);
	assert_true(outflow_run(&r->flow, now_us) == INT64_MAX);
}

static void what_was_refused_is_kept_and_tried_again_with_one(void **state)
{
	struct rig *r = *state;
	int64_t again_us;

	for (int i = 0; i < 5; i++)
		put(r, SPOOL_PARTIAL, 1);
	outflow_connect(&r->flow, S);
	outflow_run(&r->flow, S);
	assert_int_equal(r->n_sent, 5);
	while (r->flow.n_open > 0)
		outflow_refused(&r->flow, r->flow.open[0].id, 0x97, S);
	assert_int_equal(n_rows(r), 5);
	assert_true(outflow_is_held(&r->flow));
	again_us = outflow_run(&r->flow, S);
	assert_int_equal(again_us, 6 * S);
	assert_int_equal(r->n_sent, 5);

	put(r, SPOOL_EVENT, 1); /* another kind flows */
	outflow_run(&r->flow, 2 * S);
	assert_int_equal(r->n_sent, 6);
	arrive_all(r, 2 * S);

	outflow_run(&r->flow, 6 * S);
	assert_int_equal(r->n_sent, 7); /* one to see */
	outflow_refused(&r->flow, 1, 0x97, 6 * S);
	assert_int_equal(outflow_run(&r->flow, 7 * S), 16 * S); /* twice as long */
	outflow_run(&r->flow, 16 * S);
	assert_int_equal(r->n_sent, 8);
	outflow_arrived(&r->flow, 1, 16 * S);
	assert_false(outflow_is_held(&r->flow));
	outflow_run(&r->flow, 16 * S);
	arrive_all(r, 16 * S);
	assert_int_equal(n_rows(r), 0);
	assert_int_equal(r->flow.n_refused, 6);
	assert_int_equal(r->flow.n_given_up, 0);
}

static void what_no_repetition_can_help_is_given_up_and_counted(void **state)
{
	struct rig *r = *state;

	r->too_large = 50;
	put(r, SPOOL_PARTIAL, 1);
	put(r, SPOOL_PARTIAL, 60); /* more than the broker takes */
	put(r, SPOOL_PARTIAL, 2);
	outflow_connect(&r->flow, S);
	outflow_run(&r->flow, S);
	assert_int_equal(r->n_sent, 2);
	outflow_refused(&r->flow, 1, 0x99, S); /* payload format invalid */
	outflow_arrived(&r->flow, 3, S);
	assert_int_equal(n_rows(r), 0);
	assert_int_equal(r->flow.n_refused, 2);
	assert_int_equal(r->flow.n_given_up, 2);
	assert_false(outflow_is_held(&r->flow));
}

static void a_full_window_is_no_reason_to_lose_the_place(void **state)
{
	struct rig *r = *state;

	for (int i = 0; i < 3; i++)
		put(r, SPOOL_PARTIAL, 1);
	outflow_connect(&r->flow, S);
	put(r, SPOOL_PARTIAL, 1);
	r->result = -EAGAIN;
	outflow_run(&r->flow, S);
	assert_int_equal(r->n_sent, 0);
	r->result = 0;
	outflow_run(&r->flow, S);
	assert_int_equal(r->n_sent, 4);
	assert_int_equal(r->sent[0], 4);
	assert_int_equal(r->sent[1], 1);
}

static void a_broker_that_acknowledges_nothing_is_called_stuck(void **state)
{
	struct rig *r = *state;

	outflow_connect(&r->flow, S);
	assert_false(outflow_is_stuck(&r->flow, 1000 * (int64_t)S)); /* nothing is open */
	put(r, SPOOL_PARTIAL, 1);
	put(r, SPOOL_PARTIAL, 1);
	assert_int_equal(outflow_run(&r->flow, 1000 * (int64_t)S), 1060 * (int64_t)S);
	assert_false(outflow_is_stuck(&r->flow, 1059 * (int64_t)S));
	outflow_arrived(&r->flow, 1, 1059 * (int64_t)S);
	assert_false(outflow_is_stuck(&r->flow, 1060 * (int64_t)S));
	assert_true(outflow_is_stuck(&r->flow, 1119 * (int64_t)S));
	outflow_disconnect(&r->flow);
	assert_false(outflow_is_stuck(&r->flow, 1119 * (int64_t)S));
}

/* By a broker, or because a row was sent again before its first acknowledgement came. */
static void an_acknowledgement_that_comes_twice_is_one(void **state)
{
	struct rig *r = *state;

	put(r, SPOOL_PARTIAL, 1);
	put(r, SPOOL_PARTIAL, 1);
	outflow_connect(&r->flow, S);
	outflow_run(&r->flow, S);
	outflow_arrived(&r->flow, 1, S);
	outflow_arrived(&r->flow, 1, S);
	outflow_refused(&r->flow, 1, 0x97, S);
	outflow_arrived(&r->flow, 77, S);
	assert_int_equal(n_rows(r), 1);
	assert_int_equal(r->flow.n_open, 1);
	assert_false(outflow_is_held(&r->flow));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(nothing_goes_without_a_connection, make_rig, free_rig),
		cmocka_unit_test_setup_teardown(what_is_new_overtakes_the_backlog, make_rig, free_rig),
		cmocka_unit_test_setup_teardown(the_backlog_goes_at_its_rate_and_all_of_it, make_rig, free_rig),
		cmocka_unit_test_setup_teardown(what_was_refused_is_kept_and_tried_again_with_one, make_rig, free_rig),
		cmocka_unit_test_setup_teardown(what_no_repetition_can_help_is_given_up_and_counted, make_rig,
						free_rig),
		cmocka_unit_test_setup_teardown(a_full_window_is_no_reason_to_lose_the_place, make_rig, free_rig),
		cmocka_unit_test_setup_teardown(a_broker_that_acknowledges_nothing_is_called_stuck, make_rig, free_rig),
		cmocka_unit_test_setup_teardown(an_acknowledgement_that_comes_twice_is_one, make_rig, free_rig),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
