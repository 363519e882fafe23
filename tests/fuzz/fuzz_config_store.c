/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a board remembers of configs, from a file that a failing card has changed: taken as it is, and once more as lines with
 * a CRC that is right, as hardly anything would come past it otherwise. What is taken can be written, and says the same when
 * it is read again; what is not leaves everything as it was.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "agent/config_store.h"
#include "base/crc32.h"

enum { MAX_BYTES = 4096 };

static void check(const struct config_record *r)
{
	struct config_record again;
	struct dynbuf one, two;

	dynbuf_init(&one, MAX_BYTES);
	dynbuf_init(&two, MAX_BYTES);
	config_record_write(r, &one);
	assert(!one.overflow);
	assert(config_record_parse(dynbuf_text(&one), one.len, &again) == 0);
	assert(again.tried == r->tried && again.is_young == r->is_young && again.file_path == r->file_path);
	config_record_write(&again, &two);
	assert(one.len == two.len && memcmp(one.data, two.data, one.len) == 0);
	dynbuf_free(&one);
	dynbuf_free(&two);
}

static void take(const char *text, size_t bytes)
{
	static const struct config_record untouched = { .tried = 77, .bad_file = 5 };
	struct config_record r;

	memcpy(&r, &untouched, sizeof(r));
	if (config_record_parse(text, bytes, &r) == 0)
		check(&r);
	else
		assert(memcmp(&r, &untouched, sizeof(r)) == 0);
}

static void take_signed(const char *text, size_t bytes)
{
	struct dynbuf whole;

	dynbuf_init(&whole, 2 * MAX_BYTES);
	dynbuf_addf(&whole, "runnel-config 1\n%.*s\n", (int)bytes, text);
	dynbuf_addf(&whole, "crc %u\n", crc32_of(0, whole.data, whole.len));
	take(dynbuf_text(&whole), whole.len);
	dynbuf_free(&whole);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text;

	if (size > MAX_BYTES)
		return 0;
	text = calloc(size + 1, 1);
	if (!text)
		return 0;
	memcpy(text, data, size);
	take(text, size);
	take_signed(text, size);
	free(text);
	return 0;
}
