/* SPDX-License-Identifier: Apache-2.0 */
/*
 * resend.h - numbers of messages that did not come are asked for again: a board keeps what it sent as long as it has room. So a broker that
 * forgot its queue, or a server that lost its power between the acknowledgement and the commit, costs time and no data.
 */
#ifndef RUNNEL_COLLECTOR_RESEND_H
#define RUNNEL_COLLECTOR_RESEND_H

#include "collector/fleet.h"

enum { RESEND_MAX_NUMBERS = 1000, RESEND_A_TURN = 20, RESEND_TRIES = 4 };

struct resend_range {
	uint32_t boot, from, to;
};

struct resend_sink {
	void (*ask)(void *ctx, const struct site *s, const struct device *d, const struct resend_range *r);
	void *ctx;
};

/**
 * Each second. The oldest gap of a device is asked for 5 s after it was seen first, then after 10 s, 20 s, ...; what four questions did not bring is left alone, and the next one
 * is asked for. Only of devices that are there.
 */
void resend_update(struct fleet *f, int64_t now_us, const struct resend_sink *sink);

#endif
