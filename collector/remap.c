/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/remap.h"

#include <stddef.h>

#include "base/check.h"

enum { SECOND_HALF = 1 << 29 }; /* more messages than this no boot sends */

static const int64_t second_us = 1000000, most_us = 253402300800000000; /* 10000-01-01 */

static int64_t floor_to(int64_t x, int64_t unit)
{
	int64_t rest = x % unit;

	return x - rest - (rest < 0 ? unit : 0);
}

/* What may be between a window and a part for it to be called aligned. */
static int64_t slack_us(int64_t wl_us)
{
	return wl_us / 100 < second_us / 2 ? wl_us / 100 : second_us / 2;
}

/* @return where the window begins in which [@begin_us, + @p->wl) lies, its length in @wl; -1: there is none */
static int64_t find_window(const struct partial *p, int64_t begin_us, uint32_t *wl)
{
	static const uint32_t lengths[] = { 5, 10, 15, 30, 60, 300, 900, 3600, PARTIAL_DAY_S };
	int64_t wl_us = p->wl * second_us, w0_us = floor_to(begin_us + slack_us(wl_us), wl_us);

	*wl = p->wl;
	if (begin_us - w0_us <= slack_us(wl_us))
		return w0_us;
	for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
		int64_t longer_us = lengths[i] * second_us;

		*wl = lengths[i];
		w0_us = floor_to(begin_us, longer_us);
		if (lengths[i] > p->wl && lengths[i] % p->wl == 0 && begin_us + wl_us <= w0_us + longer_us)
			return w0_us;
	}
	return -1;
}

static void move(struct partial *p, const struct metric_def *defs, int64_t by_ms)
{
	for (size_t i = 0; i < p->n_metrics; i++) {
		struct agg *a = &p->metrics[i].agg;

		if (a->n == 0)
			continue;
		a->first_at_ms += by_ms;
		a->last_at_ms += by_ms;
		if (defs[p->metrics[i].id].kind == SERIES_COUNTER) /* has no first and last */
			a->first_at_ms = a->last_at_ms = (int64_t)p->w0 * 1000;
	}
}

enum remap_result remap_part(struct partial *p, const struct metric_def *defs, int64_t offset_us)
{
	int64_t begin_us = (int64_t)p->w0 * second_us + offset_us, w0_us, by_us = offset_us;
	uint32_t wl;

	if (begin_us < 0 || begin_us >= most_us || p->seq >= SECOND_HALF)
		return REMAP_NEVER;
	w0_us = find_window(p, begin_us, &wl);
	if (w0_us < 0)
		return REMAP_ASTRIDE;
	if (wl == p->wl)
		by_us += w0_us - begin_us;
	p->w0 = (uint64_t)(w0_us / second_us);
	p->wl = wl;
	p->part = PARTIAL_MERGED + p->seq;
	p->flags |= PARTIAL_RETIMED;
	p->wm = 0;
	move(p, defs, floor_to(by_us, 1000) / 1000);
	return REMAP_DATED;
}

uint32_t remap_second_half(uint32_t seq)
{
	return PARTIAL_MERGED + SECOND_HALF + seq;
}
