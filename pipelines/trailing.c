/* SPDX-License-Identifier: Apache-2.0 */
#include "pipelines/trailing.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>

#include "pipelines/series.h"

enum {
	IRREGULAR = 4096, /* nobody said how often samples come */
	SPARE = 16,	  /* on top of a quarter: jitter, reads on demand */
};

struct trailing_entry {
	int64_t at_us;
	double value;
	struct moments sum; /* of the older part: from here to its end */
};

int trailing_setup(struct trailing *t, const struct opt_span *window, struct op_setup *s)
{
	int64_t n = window->count, period_us = s->inputs[0].period_us;

	if (window->us > 0) {
		n = IRREGULAR;
		if (period_us > 0) {
			n = window->us / period_us;
			n += n / 4 + SPARE;
		}
	}
	if (n > TRAILING_MAX) {
		snprintf(s->error, sizeof(s->error), "window would hold %lld values, expected at most %d", (long long)n,
			 TRAILING_MAX);
		return -EINVAL;
	}
	t->window_us = (uint64_t)window->us;
	t->capacity = (size_t)n;
	t->ring = arena_alloc(s->arena, t->capacity * sizeof(*t->ring));
	return 0;
}

static struct trailing_entry *entry(const struct trailing *t, size_t i)
{
	size_t at = t->head + i;

	return &t->ring[at < t->capacity ? at : at - t->capacity];
}

void trailing_clear(struct trailing *t)
{
	t->n_older = t->n_newer = 0;
	t->newer = (struct moments){ 0 };
}

static void drop_oldest(struct trailing *t)
{
	if (t->n_older == 0) {
		struct moments sum = { 0 };

		for (size_t i = t->n_newer; i-- > 0;) {
			moments_add(&sum, entry(t, i)->value);
			entry(t, i)->sum = sum;
		}
		t->n_older = t->n_newer;
		t->n_newer = 0;
		t->newer = (struct moments){ 0 };
	}
	t->head = t->head + 1 == t->capacity ? 0 : t->head + 1;
	t->n_older--;
}

void trailing_expire(struct trailing *t, int64_t at_us)
{
	if (t->window_us == 0 || t->n_older + t->n_newer == 0)
		return;
	if (at_us < t->newest_us) {
		if (series_distance_us(at_us, t->newest_us) >= t->window_us)
			trailing_clear(t);
		return;
	}
	while (t->n_older + t->n_newer > 0 && series_distance_us(at_us, t->ring[t->head].at_us) >= t->window_us)
		drop_oldest(t);
}

void trailing_add(struct trailing *t, int64_t at_us, double value)
{
	struct trailing_entry *e;

	trailing_expire(t, at_us);
	if (t->n_older + t->n_newer == 0 || at_us > t->newest_us)
		t->newest_us = at_us;
	if (t->n_older + t->n_newer == t->capacity)
		drop_oldest(t);
	e = entry(t, t->n_older + t->n_newer);
	e->at_us = t->newest_us;
	e->value = value;
	t->n_newer++;
	moments_add(&t->newer, value);
}

struct moments trailing_moments(const struct trailing *t)
{
	struct moments m = t->newer;

	if (t->n_older > 0)
		moments_merge(&m, &t->ring[t->head].sum);
	return m;
}

bool trailing_is_full(const struct trailing *t)
{
	return t->n_older + t->n_newer == t->capacity;
}

double trailing_oldest(const struct trailing *t)
{
	assert(t->n_older + t->n_newer > 0);
	return t->ring[t->head].value;
}
