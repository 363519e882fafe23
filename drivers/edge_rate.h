/* SPDX-License-Identifier: Apache-2.0 */
/*
 * edge_rate.h - how often edges come, by their time stamps: of n edges since the one before them, n over the time between. That is as
 * exact for one pulse a minute as for thousands a second, which a count per reading is not. While none comes, the rate
 * cannot be more than one over the time waited so far; after `timeout` it is 0.
 */
#ifndef RUNNEL_DRIVERS_EDGE_RATE_H
#define RUNNEL_DRIVERS_EDGE_RATE_H

#include <stdbool.h>
#include <stdint.h>

/** All-zero: no edge yet, rate 0. */
struct edge_rate {
	bool has_from, has_last;
	int64_t from_us, last_us; /* the edge that the count begins after, the newest */
	int64_t n;		  /* edges after from_us */
	double per_s;
};

static inline void edge_rate_add(struct edge_rate *r, int64_t at_us)
{
	if (r->has_from)
		r->n++;
	else
		r->from_us = at_us;
	r->has_from = r->has_last = true;
	r->last_us = at_us;
}

/** Edges a second. @now_us: on the clock of the edges */
static inline double edge_rate_take(struct edge_rate *r, int64_t now_us, int64_t timeout_us)
{
	int64_t quiet_us = now_us - r->last_us;

	if (r->n > 0 && r->last_us > r->from_us) {
		r->per_s = (double)r->n * 1e6 / (double)(r->last_us - r->from_us);
		r->from_us = r->last_us;
		r->n = 0;
	}
	if (!r->has_last || quiet_us > timeout_us)
		*r = (struct edge_rate){ .n = 0 };
	else if (quiet_us > 0 && r->per_s * (double)quiet_us > 1e6)
		r->per_s = 1e6 / (double)quiet_us;
	return r->per_s;
}

#endif
