/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/spool_ids.h"

#include <string.h>

/* The first range that ends at @id - 1 or later. */
static size_t find(const struct spool_ids *s, uint64_t id)
{
	size_t i = 0;

	while (i < s->n && s->ranges[i].last < id - 1)
		i++;
	return i;
}

static void remove_range(struct spool_ids *s, size_t i)
{
	s->n--;
	memmove(&s->ranges[i], &s->ranges[i + 1], (s->n - i) * sizeof(s->ranges[0]));
}

bool spool_ids_add(struct spool_ids *s, uint64_t id)
{
	size_t i = find(s, id);
	struct spool_id_range *r = &s->ranges[i];

	if (i == s->n || id + 1 < r->first) {
		if (s->n == SPOOL_IDS_MAX_RANGES)
			return false;
		memmove(r + 1, r, (s->n - i) * sizeof(*r));
		*r = (struct spool_id_range){ id, id };
		s->n++;
		return true;
	}
	if (id + 1 == r->first)
		r->first = id;
	if (id == r->last + 1)
		r->last = id;
	if (i + 1 < s->n && r->last + 1 == s->ranges[i + 1].first) {
		r->last = s->ranges[i + 1].last;
		remove_range(s, i + 1);
	}
	return true;
}

uint64_t spool_ids_run_end(const struct spool_ids *s, uint64_t id)
{
	for (size_t i = 0; i < s->n && s->ranges[i].first <= id; i++)
		if (id <= s->ranges[i].last)
			return s->ranges[i].last;
	return id - 1;
}

bool spool_ids_has(const struct spool_ids *s, uint64_t id)
{
	return spool_ids_run_end(s, id) >= id;
}

bool spool_ids_remove(struct spool_ids *s, uint64_t id)
{
	size_t i = find(s, id + 1);
	struct spool_id_range *r = &s->ranges[i];

	if (!spool_ids_has(s, id))
		return false;
	if (r->first == r->last) {
		remove_range(s, i);
	} else if (id == r->first) {
		r->first++;
	} else if (id == r->last) {
		r->last--;
	} else {
		if (s->n == SPOOL_IDS_MAX_RANGES)
			return false;
		memmove(r + 1, r, (s->n - i) * sizeof(*r));
		s->n++;
		r[0].last = id - 1;
		r[1].first = id + 1;
	}
	return true;
}

uint64_t spool_ids_next(const struct spool_ids *s, uint64_t after)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->ranges[i].last > after)
			return s->ranges[i].first > after ? s->ranges[i].first : after + 1;
	return 0;
}

uint64_t spool_ids_count(const struct spool_ids *s, uint64_t after)
{
	uint64_t count = 0;

	for (size_t i = 0; i < s->n; i++)
		if (s->ranges[i].last > after)
			count += s->ranges[i].last - (s->ranges[i].first > after ? s->ranges[i].first - 1 : after);
	return count;
}

bool spool_ids_is_valid(const struct spool_ids *s)
{
	uint64_t least = 1;

	if (s->n > SPOOL_IDS_MAX_RANGES)
		return false;
	for (size_t i = 0; i < s->n; i++) {
		const struct spool_id_range *r = &s->ranges[i];

		if (r->first < least || r->last < r->first || r->last > INT64_MAX)
			return false;
		least = r->last + 2;
	}
	return true;
}
