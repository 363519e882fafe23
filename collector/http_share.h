/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http_share.h - how much of the loop's time may go into answers that are made for one asker, as they search the store: a quarter, and a
 * second more for who asks for a whole page of plots at once. While it is used up, who asks is told when to come again, and
 * what the boards send is merged meanwhile.
 *
 * Time is what is counted, not requests: it is what others wait for, and the same question is a thousandfold dearer on a slow card over
 * a year. But no answer counts as nothing.
 */
#ifndef RUNNEL_COLLECTOR_HTTP_SHARE_H
#define RUNNEL_COLLECTOR_HTTP_SHARE_H

#include <stdint.h>

enum { HTTP_SHARE_PARTS = 4, HTTP_SHARE_BURST_US = 1000000, HTTP_SHARE_LEAST_US = 10000 };

/** All-zero is the start. */
struct http_share {
	int64_t debt_us; /* time taken that the share has not paid back */
	int64_t at_us;	 /* when it was that */
};

/** @now_us: a clock that never goes back. @return 0: the answer may be made; or how long to wait, us */
int64_t http_share_wait_us(struct http_share *s, int64_t now_us);

/** An answer took @took_us. */
void http_share_take(struct http_share *s, int64_t took_us);

#endif
