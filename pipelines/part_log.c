/* SPDX-License-Identifier: Apache-2.0 */
#include "pipelines/part_log.h"

void part_log_init(struct part_log *log)
{
	*log = (struct part_log){ .newest_us = INT64_MIN };
}

static struct part_log_entry *find(struct part_log *log, int64_t w0_us)
{
	size_t n = log->n < PART_LOG_WINDOWS ? log->n : PART_LOG_WINDOWS;

	for (size_t i = 0; i < n; i++)
		if (log->entries[i].w0_us == w0_us)
			return &log->entries[i];
	return NULL;
}

uint32_t part_log_take(struct part_log *log, int64_t w0_us)
{
	struct part_log_entry *e = find(log, w0_us);
	uint32_t part;

	if (e)
		return e->next_part++;

	part = w0_us > log->newest_us ? 0 : log->next_of_older;
	if (w0_us > log->newest_us)
		log->newest_us = w0_us;

	e = &log->entries[log->n % PART_LOG_WINDOWS];
	if (log->n++ >= PART_LOG_WINDOWS && e->next_part > log->next_of_older)
		log->next_of_older = e->next_part;
	*e = (struct part_log_entry){ w0_us, part + 1 };
	return part;
}

struct part_mark part_log_mark(const struct part_log *log)
{
	size_t n = log->n < PART_LOG_WINDOWS ? log->n : PART_LOG_WINDOWS;
	struct part_mark m = { log->newest_us, log->next_of_older };

	for (size_t i = 0; i < n; i++)
		if (log->entries[i].next_part > m.next_part)
			m.next_part = log->entries[i].next_part;
	return m;
}

void part_log_resume(struct part_log *log, const struct part_mark *mark)
{
	part_log_init(log);
	log->newest_us = mark->newest_us;
	log->next_of_older = mark->next_part;
}
