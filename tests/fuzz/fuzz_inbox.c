/* SPDX-License-Identifier: Apache-2.0 */
/* A file of an inbox with any bytes: nothing is read behind its end, what is taken is sound, and packed again it has the same bytes. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "collector/inbox_record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t head[INBOX_HEAD_BYTES], *file = malloc(size); /* of that size: a read beyond is found */
	struct inbox_start start = { .done = 7 };
	struct inbox_message m;
	size_t at = INBOX_START_BYTES, whole;

	if (!file)
		return 0;
	memcpy(file, data, size);
	if (!inbox_unpack_start(&start, file, size))
		assert(start.done == 7);
	while (at < size && (whole = inbox_unpack(&m, file + at, size - at)) > 0) {
		assert(whole == INBOX_HEAD_BYTES + strlen(m.topic) + 1 + m.payload_bytes);
		assert(inbox_pack_head(&m, head));
		assert(memcmp(head, file + at, sizeof(head)) == 0);
		at += whole;
	}
	free(file);
	return 0;
}
