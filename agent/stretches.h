/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stretches.h - what was sent while nobody knew the time: which messages, and how far the wall clock was ahead of the one that never steps
 * then. When the time is known, the difference is by how much they were off, to the microsecond. Each step of a clock that is
 * not synchronised begins another stretch. Bounded: when there are more the oldest is given up, and stays without a date. Pure.
 */
#ifndef RUNNEL_AGENT_STRETCHES_H
#define RUNNEL_AGENT_STRETCHES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pipelines/partial.h"

enum { STRETCHES_MAX = 16 };

struct stretches {
	struct {
		uint32_t boot, first, last;
		int64_t shift_us;
	} items[STRETCHES_MAX];
	size_t n;
	bool is_open; /* the last one goes on */
	uint64_t n_given_up;
};

/** Messages from @first on bear the time of samples plus @shift_us. */
void stretches_begin(struct stretches *s, uint32_t boot, uint32_t first, int64_t shift_us);

/** Message @last was the last of them; smaller than the first: there was none. Without an open stretch nothing happens. */
void stretches_end(struct stretches *s, uint32_t last);

/** The shift that is right is @shift_us: what to say of the oldest stretch, which is then forgotten. @return false: there is none */
bool stretches_take(struct stretches *s, int64_t shift_us, struct partial_clock *out);

#endif
