/* SPDX-License-Identifier: Apache-2.0 */
#include "pipelines/trailing.h"

#include <errno.h>
#include <stdio.h>

#include "pipelines/series.h"

enum {
	IRREGULAR = 4096, /* nobody said how often samples come */
	SPARE = 16,	  /* on top of a quarter: jitter, reads on demand */
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
	t->times = arena_alloc(s->arena, (size_t)n * sizeof(*t->times));
	power_sums_setup(&t->sums, (size_t)n, 2, s->arena);
	return 0;
}

void trailing_clear(struct trailing *t)
{
	power_sums_clear(&t->sums);
}

void trailing_expire(struct trailing *t, int64_t at_us)
{
	const struct power_sums *sums = &t->sums;

	if (t->window_us == 0 || sums->n == 0)
		return;
	if (at_us < t->newest_us) {
		if (series_distance_us(at_us, t->newest_us) >= t->window_us)
			trailing_clear(t);
		return;
	}
	while (sums->n > 0 && series_distance_us(at_us, t->times[sums->head]) >= t->window_us)
		power_sums_drop(&t->sums);
}

void trailing_add(struct trailing *t, int64_t at_us, double value)
{
	size_t at;

	trailing_expire(t, at_us);
	if (t->sums.n == 0 || at_us > t->newest_us)
		t->newest_us = at_us;
	if (trailing_is_full(t))
		power_sums_drop(&t->sums);
	at = t->sums.head + t->sums.n;
	t->times[at < t->sums.room ? at : at - t->sums.room] = t->newest_us;
	power_sums_add(&t->sums, value);
}
