/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/inbox_record.h"

#include <string.h>

#include "base/crc32.h"

static const uint32_t start_magic = 0x69626F78, record_magic = 0x69726563;

enum { CRC_AT = 4, COVERED_AT = 8, MAX_TOPIC_BYTES = UINT16_MAX, MAX_PAYLOAD_BYTES = 1 << 28 };

struct start {
	uint32_t magic, crc;
	uint64_t done;
	uint32_t tries, zero;
};

struct head {
	uint32_t magic, crc; /* of all that follows */
	uint64_t number;
	int64_t at_us;
	uint32_t payload_bytes, topic_bytes; /* with its NUL */
};

_Static_assert(sizeof(struct start) == INBOX_START_BYTES, "no holes");
_Static_assert(sizeof(struct head) == INBOX_HEAD_BYTES, "no holes");

void inbox_pack_start(const struct inbox_start *s, uint8_t out[static INBOX_START_BYTES])
{
	const struct start start = { .magic = start_magic, .done = s->done, .tries = s->tries };
	uint32_t crc;

	memcpy(out, &start, sizeof(start));
	crc = crc32_of(0, out + COVERED_AT, INBOX_START_BYTES - COVERED_AT);
	memcpy(out + CRC_AT, &crc, sizeof(crc));
}

bool inbox_unpack_start(struct inbox_start *s, const uint8_t *data, size_t bytes)
{
	struct start start;

	if (bytes < INBOX_START_BYTES)
		return false;
	memcpy(&start, data, sizeof(start));
	if (start.magic != start_magic || start.crc != crc32_of(0, data + COVERED_AT, INBOX_START_BYTES - COVERED_AT))
		return false;
	*s = (struct inbox_start){ .done = start.done, .tries = start.tries };
	return true;
}

bool inbox_pack_head(const struct inbox_message *m, uint8_t out[static INBOX_HEAD_BYTES])
{
	size_t topic_bytes = strlen(m->topic) + 1;
	const struct head head = { .magic = record_magic,
				   .number = m->number,
				   .at_us = m->at_us,
				   .payload_bytes = (uint32_t)m->payload_bytes,
				   .topic_bytes = (uint32_t)topic_bytes };
	uint32_t crc;

	if (topic_bytes > MAX_TOPIC_BYTES || m->payload_bytes > MAX_PAYLOAD_BYTES)
		return false;
	memcpy(out, &head, sizeof(head));
	crc = crc32_of(0, out + COVERED_AT, INBOX_HEAD_BYTES - COVERED_AT);
	crc = crc32_of(crc, m->topic, topic_bytes);
	if (m->payload_bytes > 0)
		crc = crc32_of(crc, m->payload, m->payload_bytes);
	memcpy(out + CRC_AT, &crc, sizeof(crc));
	return true;
}

size_t inbox_unpack(struct inbox_message *m, const uint8_t *data, size_t bytes)
{
	const char *topic = (const char *)data + INBOX_HEAD_BYTES;
	struct head head;
	size_t whole;

	if (bytes < INBOX_HEAD_BYTES)
		return 0;
	memcpy(&head, data, sizeof(head));
	if (head.magic != record_magic || head.topic_bytes == 0 || head.topic_bytes > MAX_TOPIC_BYTES ||
	    head.payload_bytes > MAX_PAYLOAD_BYTES)
		return 0;
	whole = (size_t)INBOX_HEAD_BYTES + head.topic_bytes + head.payload_bytes;
	if (whole > bytes || head.crc != crc32_of(0, data + COVERED_AT, whole - COVERED_AT))
		return 0;
	if (strnlen(topic, head.topic_bytes) != head.topic_bytes - 1)
		return 0;
	*m = (struct inbox_message){ .number = head.number,
				     .at_us = head.at_us,
				     .topic = topic,
				     .payload = topic + head.topic_bytes,
				     .payload_bytes = head.payload_bytes };
	return whole;
}
