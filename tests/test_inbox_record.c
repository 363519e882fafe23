/* SPDX-License-Identifier: Apache-2.0 */
/* Records of the inbox: whole or not at all. The bytes expected are those of Python's struct and zlib. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "collector/inbox_record.h"

static const char topic[] = "runnel/1/a/b/partial", payload[] = "123456789";

enum { WHOLE = INBOX_HEAD_BYTES + sizeof(topic) + sizeof(payload) - 1 };

static void make(uint8_t out[static WHOLE])
{
	const struct inbox_message m = { .number = 7,
					 .at_us = 1763697600000000,
					 .topic = topic,
					 .payload = payload,
					 .payload_bytes = strlen(payload) };

	assert_true(inbox_pack_head(&m, out));
	memcpy(out + INBOX_HEAD_BYTES, topic, sizeof(topic));
	memcpy(out + INBOX_HEAD_BYTES + sizeof(topic), payload, strlen(payload));
}

static void a_record_has_the_bytes_that_are_written_down(void **state)
{
	static const uint8_t expected[INBOX_HEAD_BYTES] = {
		0x63, 0x65, 0x72, 0x69, 0x33, 0x39, 0xa2, 0x7e, 7, 0, 0, 0, 0,	  0, 0, 0,
		0x00, 0x70, 0xf0, 0xd8, 0x12, 0x44, 0x06, 0x00, 9, 0, 0, 0, 0x15, 0, 0, 0,
	};
	uint8_t record[WHOLE];

	(void)state;
	make(record);
	assert_memory_equal(record, expected, sizeof(expected));
}

static void what_was_packed_is_unpacked(void **state)
{
	struct inbox_message m;
	uint8_t record[WHOLE + 1];

	(void)state;
	make(record);
	record[WHOLE] = 0x63; /* the next one begins */
	assert_int_equal(inbox_unpack(&m, record, sizeof(record)), WHOLE);
	assert_int_equal(m.number, 7);
	assert_int_equal(m.at_us, 1763697600000000);
	assert_string_equal(m.topic, topic);
	assert_int_equal(m.payload_bytes, 9);
	assert_memory_equal(m.payload, payload, 9);
}

static void a_record_that_is_cut_anywhere_is_none(void **state)
{
	uint8_t record[WHOLE];

	(void)state;
	make(record);
	for (size_t bytes = 0; bytes < WHOLE; bytes++) {
		uint8_t *cut = malloc(bytes); /* of that size, so that a look behind it is found */
		struct inbox_message m;

		if (bytes > 0)
			memcpy(cut, record, bytes);
		assert_int_equal(inbox_unpack(&m, cut, bytes), 0);
		free(cut);
	}
}

static void a_record_with_a_wrong_bit_is_none(void **state)
{
	uint8_t record[WHOLE];
	struct inbox_message m;

	(void)state;
	make(record);
	for (size_t bit = 0; bit < 8 * (size_t)WHOLE; bit++) {
		record[bit / 8] ^= (uint8_t)(1u << bit % 8);
		assert_int_equal(inbox_unpack(&m, record, WHOLE), 0);
		record[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	assert_int_equal(inbox_unpack(&m, record, WHOLE), WHOLE);
}

static void sizes_that_no_message_has_are_refused(void **state)
{
	char *long_topic = calloc(1, 70000);
	struct inbox_message m = { .number = 1, .topic = long_topic };
	uint8_t head[INBOX_HEAD_BYTES];

	(void)state;
	assert_non_null(long_topic);
	memset(long_topic, 'x', 69999);
	assert_false(inbox_pack_head(&m, head));
	m.topic = topic;
	m.payload_bytes = (size_t)1 << 31;
	assert_false(inbox_pack_head(&m, head));
	free(long_topic);
}

static void a_beginning_is_whole_or_none(void **state)
{
	struct inbox_start s = { .done = 41, .tries = 3 }, back = { 0 };
	uint8_t start[INBOX_START_BYTES];

	(void)state;
	inbox_pack_start(&s, start);
	assert_true(inbox_unpack_start(&back, start, sizeof(start)));
	assert_int_equal(back.done, 41);
	assert_int_equal(back.tries, 3);
	assert_memory_equal(start + 4, "\x15\x39\x70\xa8", 4); /* the CRC-32 of both numbers */
	assert_false(inbox_unpack_start(&back, start, sizeof(start) - 1));
	start[9] ^= 1;
	assert_false(inbox_unpack_start(&back, start, sizeof(start)));
	memset(start, 0, sizeof(start));
	assert_false(inbox_unpack_start(&back, start, sizeof(start)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_record_has_the_bytes_that_are_written_down),
		cmocka_unit_test(what_was_packed_is_unpacked),
		cmocka_unit_test(a_record_that_is_cut_anywhere_is_none),
		cmocka_unit_test(a_record_with_a_wrong_bit_is_none),
		cmocka_unit_test(sizes_that_no_message_has_are_refused),
		cmocka_unit_test(a_beginning_is_whole_or_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
