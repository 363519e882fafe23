/* SPDX-License-Identifier: Apache-2.0 */
/* Field 14 of a partial: by how much the time of earlier messages was off. Bytes are put together by hand from the table of protobuf. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "base/dynbuf.h"
#include "pipelines/partial_json.h"
#include "pipelines/wire.h"

/* version 1, device "b1", boot 1000, seq 18, wl 3600, part 2^31 + 18, flags 1; clock: boot 1000, 1 to 17, 2 s; site "lab" */
static const uint8_t message[] = {
	0x08, 0x01, 0x12, 0x02, 'b',  '1',  0x18, 0xe8, 0x07, 0x20, 0x12, 0x30, 0x90, 0x1c,
	0x38, 0x92, 0x80, 0x80, 0x80, 0x08, 0x48, 0x01, 0x62, 0x03, 'l',  'a',	'b',  0x72,
	0x0c, 0x08, 0xe8, 0x07, 0x10, 0x01, 0x18, 0x11, 0x20, 0x80, 0x92, 0xf4, 0x01, /* zigzag, 4000000 */
};

static const struct partial said = {
	.version = 1,
	.site = "lab",
	.device = "b1",
	.boot = 1000,
	.seq = 18,
	.wl = 3600,
	.part = PARTIAL_MERGED + 18,
	.flags = PARTIAL_UNSYNCED,
	.clock = { 1000, 1, 17, 2000000 },
};

static struct partial_metric room[PARTIAL_MAX_METRICS];

static int decode(const uint8_t *in, size_t bytes, struct partial *out, const char **why)
{
	struct wire_presence present;

	*out = (struct partial){ .metrics = room };
	return wire_decode(out, &present, in, bytes, why);
}

static void a_clock_has_the_bytes_of_the_table(void **state)
{
	uint8_t bytes[256];
	struct partial p;
	const char *why;

	(void)state;
	assert_int_equal(wire_encode(&said, NULL, bytes, sizeof(bytes)), sizeof(message));
	assert_memory_equal(bytes, message, sizeof(message));
	assert_int_equal(decode(message, sizeof(message), &p, &why), 0);
	assert_int_equal(p.n_metrics, 0);
	assert_int_equal(p.part, 2147483666u);
	assert_memory_equal(&p.clock, &said.clock, sizeof(p.clock));
}

/* @return why the collector does not take it, "" when it does */
static const char *refused(const struct partial *p)
{
	uint8_t bytes[512];
	struct partial out;
	const char *why = "";
	int n = wire_encode(p, NULL, bytes, sizeof(bytes));

	assert_true(n > 0);
	return decode(bytes, (size_t)n, &out, &why) < 0 ? why : "";
}

static void a_clock_that_cannot_be_is_refused(void **state)
{
	static const struct {
		struct partial_clock clock;
		const char *why;
	} cases[] = {
		{ { 1000, 0, 17, 5 }, "a clock of no messages" },
		{ { 1000, 8, 7, 5 }, "a clock of no messages" },
		{ { 1000, 1, 18, 5 }, "a clock of messages that are still to come" },
		{ { 1001, 1, 2, 5 }, "a clock of messages that are still to come" },
		{ { 1000, 1, 17, INT64_MAX }, "a clock that is off by more than all time" },
		{ { 1000, 1, 17, INT64_MIN }, "a clock that is off by more than all time" },
		{ { 1000, 17, 17, -5 }, "" },
		{ { 999, 4, UINT32_MAX, 253402300800000000 }, "" }, /* an earlier boot; its messages are counted */
	};
	struct partial p = said;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		p.clock = cases[i].clock;
		assert_string_equal(refused(&p), cases[i].why);
	}
	p = said;
	p.flags = PARTIAL_RETIMED;
	assert_string_equal(refused(&p), "a clock in a message without the flag UNSYNCED");
	p = said;
	memset(room, 0, sizeof(room));
	p.metrics = room;
	p.n_metrics = 1;
	assert_string_equal(refused(&p), "a clock beside metrics");
}

static void an_empty_clock_is_none(void **state)
{
	uint8_t bytes[sizeof(message)];
	struct partial p;
	const char *why;

	(void)state;
	memcpy(bytes, message, sizeof(message));
	bytes[28] = 0; /* its length; what followed goes */
	assert_int_equal(decode(bytes, 29, &p, &why), -EBADMSG);
	assert_string_equal(why, "a clock of no messages");
}

static void a_line_shows_the_clock(void **state)
{
	struct dynbuf line;

	(void)state;
	dynbuf_init(&line, 1024);
	partial_to_json(&said, NULL, 0, NULL, &line);
	assert_string_equal(
		dynbuf_text(&line),
		"{\"type\":\"partial\",\"site\":\"lab\",\"device\":\"b1\",\"boot\":1000,\"seq\":18,\"w0\":0,"
		"\"wl\":3600,\"part\":2147483666,\"flags\":[\"UNSYNCED\"],\"wm\":0,"
		"\"clock\":{\"boot\":1000,\"first\":1,\"last\":17,\"offset_us\":2000000},\"metrics\":[]}\n");
	dynbuf_free(&line);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_clock_has_the_bytes_of_the_table),
		cmocka_unit_test(a_clock_that_cannot_be_is_refused),
		cmocka_unit_test(an_empty_clock_is_none),
		cmocka_unit_test(a_line_shows_the_clock),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
