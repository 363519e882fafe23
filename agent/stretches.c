/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/stretches.h"

#include <assert.h>
#include <string.h>

static void forget_oldest(struct stretches *s)
{
	memmove(&s->items[0], &s->items[1], --s->n * sizeof(s->items[0]));
}

void stretches_begin(struct stretches *s, uint32_t boot, uint32_t first, int64_t shift_us)
{
	assert(!s->is_open);
	if (s->n == STRETCHES_MAX) {
		forget_oldest(s);
		s->n_given_up++;
	}
	s->items[s->n].boot = boot;
	s->items[s->n].first = first;
	s->items[s->n].shift_us = shift_us;
	s->n++;
	s->is_open = true;
}

void stretches_end(struct stretches *s, uint32_t last)
{
	if (!s->is_open)
		return;
	s->is_open = false;
	s->items[s->n - 1].last = last;
	if (last < s->items[s->n - 1].first)
		s->n--;
}

bool stretches_take(struct stretches *s, int64_t shift_us, struct partial_clock *out)
{
	assert(!s->is_open);
	if (s->n == 0)
		return false;
	*out = (struct partial_clock){ s->items[0].boot, s->items[0].first, s->items[0].last,
				       shift_us - s->items[0].shift_us };
	forget_oldest(s);
	return true;
}
