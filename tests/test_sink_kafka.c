/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Batches to the cluster that librdkafka can pretend to have. What it got is told by what it refuses: a contract is made too large for it, and a
 * batch with one in it has a row that is refused.
 */
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

#include "collector/sink_spec.h"

enum { LARGEST = 1000, MIB = 1024 * 1024, TRIES = 20 };

struct rig {
	struct arena arena;
	struct sink_spec spec;
	struct sink_wait wait;
	void *state;
	char path[64], *large;
};

static int make(void **state)
{
	static struct rig r;
	char text[256], reason[SINK_REASON_BYTES];
	FILE *f;

	if (sink_kafka.lacks)
		return 0;
	r = (struct rig){ .path = "/tmp/runnel-kafka-XXXXXX" };
	f = fdopen(mkstemp(r.path), "w");
	assert_non_null(f);
	fprintf(f, "test.mock.num.brokers=1\nmessage.max.bytes=%d\n", LARGEST);
	assert_int_equal(fclose(f), 0);
	snprintf(text, sizeof(text), "kafka brokers=localhost:1 rows=parts config_file=%s", r.path);
	assert_int_equal(sink_spec_parse(&r.spec, text, &r.arena), 0);
	assert_int_equal(sink_kafka.open(&r.state, &r.spec.config, &r.wait, reason), 0);
	r.large = calloc(1, MIB);
	assert_non_null(r.large);
	*state = &r;
	return 0;
}

static int unmake(void **state)
{
	struct rig *r = *state;

	if (!r)
		return 0;
	sink_kafka.close(r->state);
	arena_free(&r->arena);
	unlink(r->path);
	free(r->large);
	return 0;
}

static void add(struct rig *r, const char *device, size_t contract_bytes, size_t bytes)
{
	static const struct partial partial = { .contract = 7 };
	const struct part_view p = { .site = "delft",
				     .device = device,
				     .partial = &partial,
				     .contract_text = r->large,
				     .contract_bytes = contract_bytes,
				     .payload = r->large,
				     .bytes = bytes };

	sink_kafka.add_part(r->state, &p);
}

static int flush(struct rig *r)
{
	char reason[SINK_REASON_BYTES];
	int n = -EAGAIN;

	for (int i = 0; i < TRIES && n == -EAGAIN; i++)
		n = sink_kafka.flush(r->state, reason);
	return n;
}

static void a_row_is_refused_once_with_all_of_its_messages(void **state)
{
	struct rig *r = *state;

	if (!r)
		skip();
	add(r, "a", 2 * LARGEST, 2 * LARGEST);
	add(r, "b", 10, 10);
	add(r, "c", 10, 2 * LARGEST);
	add(r, "d", 2 * LARGEST, 10);
	assert_int_equal(flush(r), 3);
}

static void a_contract_is_sent_once(void **state)
{
	struct rig *r = *state;

	if (!r)
		skip();
	add(r, "a", 2 * LARGEST, 10);
	assert_int_equal(flush(r), 1);
	add(r, "a", 2 * LARGEST, 10);
	assert_int_equal(flush(r), 0);
}

static void the_contracts_of_a_batch_that_is_dropped_are_sent_with_the_next(void **state)
{
	struct rig *r = *state;

	if (!r)
		skip();
	add(r, "c", 2 * LARGEST, 10);
	assert_int_equal(flush(r), 1);
	add(r, "b", 2 * LARGEST, 10);
	for (int i = 0; i < 33; i++)
		add(r, "a", 2 * LARGEST, MIB);
	assert_int_equal(flush(r), -EBADMSG);
	add(r, "a", 2 * LARGEST, 10);
	assert_int_equal(flush(r), 1);
	add(r, "b", 2 * LARGEST, 10);
	assert_int_equal(flush(r), 1);
	add(r, "c", 2 * LARGEST, 10); /* it was there before */
	assert_int_equal(flush(r), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_row_is_refused_once_with_all_of_its_messages, make, unmake),
		cmocka_unit_test_setup_teardown(a_contract_is_sent_once, make, unmake),
		cmocka_unit_test_setup_teardown(the_contracts_of_a_batch_that_is_dropped_are_sent_with_the_next, make,
						unmake),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
