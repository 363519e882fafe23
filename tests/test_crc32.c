/* SPDX-License-Identifier: Apache-2.0 */
/* CRC-32 against the check value of the catalogue of CRC algorithms and against zlib.crc32 of Python. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/check.h"
#include "base/crc32.h"

static void known_texts_have_their_known_sums(void **state)
{
	static const struct {
		const char *text;
		uint32_t crc;
	} known[] = {
		{ "", 0 },
		{ "123456789", 0xCBF43926 }, /* the check value */
		{ "a", 0xE8B7BE43 },
		{ "The quick brown fox jumps over the lazy dog", 0x414FA339 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		assert_int_equal(crc32_of(0, known[i].text, strlen(known[i].text)), known[i].crc);
}

static void every_byte_value_counts(void **state)
{
	unsigned char all[256];

	(void)state;
	for (size_t i = 0; i < sizeof(all); i++)
		all[i] = (unsigned char)i;
	assert_int_equal(crc32_of(0, all, sizeof(all)), 0x29058C73); /* zlib.crc32(bytes(range(256))) */
}

static void a_sum_can_be_continued_anywhere(void **state)
{
	static const char text[] = "123456789";

	(void)state;
	for (size_t i = 0; i <= 9; i++)
		assert_int_equal(crc32_of(crc32_of(0, text, i), text + i, 9 - i), 0xCBF43926);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_texts_have_their_known_sums),
		cmocka_unit_test(every_byte_value_counts),
		cmocka_unit_test(a_sum_can_be_continued_anywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
