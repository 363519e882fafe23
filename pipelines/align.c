/* SPDX-License-Identifier: Apache-2.0 */
#include "pipelines/align.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>

#include "pipelines/series.h"

#define STATE_HOLDS_US (INT64_C(86400) * 1000000)

static uint64_t three_quarters(int64_t period_us)
{
	return (uint64_t)(period_us - period_us / 4);
}

static uint64_t input_within_us(int64_t within_us, const struct series_info *in)
{
	if (within_us > 0)
		return (uint64_t)within_us;
	return in->period_us > 0 ? 3 * (uint64_t)in->period_us : STATE_HOLDS_US;
}

int align_setup(struct align *a, struct op_setup *s, int64_t within_us)
{
	int64_t shortest_us = 0;

	for (size_t i = 0; i < s->n_inputs; i++) {
		const struct series_info *in = &s->inputs[i];

		if (in->period_us <= 0 && in->kind != SERIES_STATE && within_us == 0) {
			snprintf(s->error, sizeof(s->error),
				 "within is needed, because input %zu has no period to tell when it is too old", i + 1);
			return -EINVAL;
		}
		a->slots[i].within_us = input_within_us(within_us, in);
		a->slots[i].due_us = in->period_us > 0 ? three_quarters(in->period_us) : UINT64_MAX;
		if (in->period_us > 0 && (shortest_us == 0 || in->period_us < shortest_us))
			shortest_us = in->period_us;
	}
	a->n = s->n_inputs;
	a->tick_us = three_quarters(shortest_us);
	s->output->period_us = shortest_us;
	return 0;
}

bool align_is_over(const struct align *a, const struct sample *in)
{
	return a->waiting && series_distance_us(in->at_us, a->start_us) >= a->tick_us;
}

/** Nobody is waited for. */
static bool is_complete(const struct align *a)
{
	for (size_t i = 0; i < a->n; i++) {
		const struct align_slot *slot = &a->slots[i];
		uint64_t age_us = series_distance_us(a->newest_us, slot->at_us);

		if (!slot->in_tick && (!slot->seen || (age_us >= slot->due_us && age_us <= slot->within_us)))
			return false;
	}
	return true;
}

static void start_tick(struct align *a, int64_t at_us)
{
	a->started = a->waiting = true;
	a->start_us = a->newest_us = at_us;
	for (size_t i = 0; i < a->n; i++)
		a->slots[i].in_tick = false;
}

bool align_add(struct align *a, unsigned input, const struct sample *in)
{
	struct align_slot *slot = &a->slots[input];

	if (!a->started || series_distance_us(in->at_us, a->start_us) >= a->tick_us)
		start_tick(a, in->at_us);
	slot->at_us = in->at_us;
	slot->value = series_is_gap(in->value) ? NAN : in->value;
	slot->seen = slot->in_tick = true;
	a->lost = in->lost > UINT32_MAX - a->lost ? UINT32_MAX : a->lost + in->lost;
	if (in->at_us > a->newest_us)
		a->newest_us = in->at_us;
	return a->waiting && is_complete(a);
}

int64_t align_due_us(const struct align *a)
{
	return a->waiting && a->start_us <= INT64_MAX - (int64_t)a->tick_us ? a->start_us + (int64_t)a->tick_us
									    : INT64_MAX;
}

bool align_has_waited(const struct align *a, int64_t watermark_us)
{
	return a->waiting && watermark_us >= align_due_us(a);
}

bool align_take(struct align *a, struct sample *s, double *values)
{
	bool is_whole = true;

	*s = (struct sample){ .at_us = a->newest_us, .value = NAN, .lost = a->lost };
	a->waiting = false;
	a->lost = 0;
	for (size_t i = 0; i < a->n; i++) {
		const struct align_slot *slot = &a->slots[i];

		values[i] = NAN;
		if (slot->seen && series_distance_us(a->newest_us, slot->at_us) <= slot->within_us)
			values[i] = slot->value;
		is_whole = is_whole && !isnan(values[i]);
	}
	return is_whole;
}
