/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "agent/announce.h"
#include "agent/conf.h"
#include "base/crc32.h"

static const char config[] = "device: board-1\n"
			     "site: delft\n"
			     "labels: {line: a, \"the \\\"floor\\\"\": \"2\"}\n"
			     "revision: 12\n"
			     "sensors:\n"
			     "  air: {driver: sim, every: 250ms}\n"
			     "  door: {driver: sim, shape: square}\n"
			     "streams:\n"
			     "  temp: {from: air.value}\n";

static void the_birth_says_who_it_is_and_what_it_measures(void **state)
{
	struct identity id = { .boot = 4294967295u, .contract = 0xab, .nonce = "0123456789abcdef" };
	struct diag d = { .file = "test" };
	struct conf c;
	struct dynbuf out;
	char expected[1024];

	(void)state;
	assert_int_equal(conf_parse(&c, config, strlen(config), &d), 0);
	dynbuf_init(&out, 4096);
	dynbuf_adds(&out, "what was there before");
	announce_birth(&out, &c, &id);
	snprintf(expected, sizeof(expected),
		 "{\"device\":\"board-1\",\"site\":\"delft\",\"labels\":{\"line\":\"a\",\"the \\\"floor\\\"\":\"2\"},"
		 "\"agent\":\"" RUNNEL_VERSION "\",\"boot\":4294967295,\"revision\":12,\"config\":\"%08x\","
		 "\"nonce\":\"0123456789abcdef\",\"contract\":\"000000ab\",\"sensors\":["
		 "{\"name\":\"air\",\"driver\":\"sim\",\"every_ms\":250},"
		 "{\"name\":\"door\",\"driver\":\"sim\",\"every_ms\":1000}]}",
		 crc32_of(0, config, strlen(config)));
	assert_string_equal(dynbuf_text(&out), expected);
	assert_false(out.overflow);
	dynbuf_free(&out);
	diag_free(&d);
	conf_free(&c);
}

static void add_clock(void *ctx, struct json *j)
{
	json_uint(j, "steps", *(unsigned *)ctx);
}

static void the_status_says_how_it_is(void **state)
{
	const struct status s = {
		.state = "online",
		.boot = 3,
		.seq = 17,
		.wm_s = 1763700060,
		.n_refused = 3,
		.n_connects = 2,
		.n_attempts_failed = 5,
		.error = "certificate has expired",
		.error_at_us = 1763700012250000,
		.spool = { .n_rows = 2,
			   .bytes = 300,
			   .n_dropped = 18446744073709551615u,
			   .n_merged = 4,
			   .is_on_disk = true },
	};
	struct dynbuf out;
	unsigned steps = 1;

	(void)state;
	dynbuf_init(&out, 4096);
	announce_status(&out, &s, NULL, NULL);
	assert_string_equal(dynbuf_text(&out), "{\"state\":\"online\",\"boot\":3,\"seq\":17,\"wm\":1763700060,"
					       "\"spool\":{\"rows\":2,\"bytes\":300,\"dropped\":18446744073709551615,"
					       "\"refused\":3,\"merged\":4,\"on_disk\":true},"
					       "\"mqtt\":{\"connects\":2,\"failed\":5,\"error\":\"certificate has "
					       "expired\",\"error_at\":\"2025-11-21T04:40:12.250Z\"}}");
	announce_status(&out, &s, add_clock, &steps);
	assert_string_equal(dynbuf_text(&out), "{\"state\":\"online\",\"boot\":3,\"seq\":17,\"wm\":1763700060,"
					       "\"spool\":{\"rows\":2,\"bytes\":300,\"dropped\":18446744073709551615,"
					       "\"refused\":3,\"merged\":4,\"on_disk\":true},"
					       "\"mqtt\":{\"connects\":2,\"failed\":5,\"error\":\"certificate has "
					       "expired\",\"error_at\":\"2025-11-21T04:40:12.250Z\"},\"steps\":1}");
	dynbuf_free(&out);
}

static void the_status_says_what_is_wrong(void **state)
{
	const struct status s = {
		.state = "online",
		.is_held = true,
		.twin = "0123456789abcdef",
		.spool = { .problem = "the disk is full" },
	};
	struct dynbuf out;

	(void)state;
	dynbuf_init(&out, 4096);
	announce_status(&out, &s, NULL, NULL);
	assert_string_equal(
		dynbuf_text(&out),
		"{\"state\":\"online\",\"boot\":0,\"seq\":0,\"wm\":0,"
		"\"spool\":{\"rows\":0,\"bytes\":0,\"dropped\":0,\"refused\":0,\"merged\":0,\"on_disk\":false,"
		"\"problem\":\"the disk is "
		"full\",\"held\":true},\"mqtt\":{\"connects\":0,\"failed\":0},\"twin\":\"0123456789abcdef\"}");
	dynbuf_free(&out);
}

static void each_start_has_a_nonce_of_its_own(void **state)
{
	enum { STARTS = 200 };
	char nonces[STARTS][17];

	(void)state;
	for (int i = 0; i < STARTS; i++) {
		announce_make_nonce(nonces[i]);
		assert_int_equal(strlen(nonces[i]), 16);
		assert_int_equal(strspn(nonces[i], "0123456789abcdef"), 16);
		for (int j = 0; j < i; j++)
			assert_string_not_equal(nonces[i], nonces[j]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_birth_says_who_it_is_and_what_it_measures),
		cmocka_unit_test(the_status_says_how_it_is),
		cmocka_unit_test(the_status_says_what_is_wrong),
		cmocka_unit_test(each_start_has_a_nonce_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
