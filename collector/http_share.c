/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/http_share.h"

int64_t http_share_wait_us(struct http_share *s, int64_t now_us)
{
	int64_t paid_us = (now_us - s->at_us) / HTTP_SHARE_PARTS;

	s->debt_us = s->debt_us > paid_us ? s->debt_us - paid_us : 0;
	s->at_us = now_us;
	return s->debt_us < HTTP_SHARE_BURST_US ? 0 : (s->debt_us - HTTP_SHARE_BURST_US + 1) * HTTP_SHARE_PARTS;
}

void http_share_take(struct http_share *s, int64_t took_us)
{
	s->debt_us += took_us > HTTP_SHARE_LEAST_US ? took_us : HTTP_SHARE_LEAST_US;
}
