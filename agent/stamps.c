/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/stamps.h"

#include <math.h>

#define PHASE_GAIN 0.125
#define FADING (1.0 / 64.0) /* of older fetches, each time */
#define TRUST_ROWS 32.0	    /* so many rows does the nominal period count for */
#define MAX_DRIFT 0.25	    /* of the nominal period: beyond, it is not drift */
#define SLACK_ROWS 4.0	    /* a prediction further off than the burst is long, and this, is none */

void stamps_init(struct stamps *s, int64_t nominal_us)
{
	*s = (struct stamps){
		.nominal_us = (double)nominal_us,
		.period_us = (double)nominal_us,
		.sum_us = TRUST_ROWS * (double)nominal_us,
		.sum_rows = TRUST_ROWS,
	};
}

void stamps_restart(struct stamps *s, int64_t since_us)
{
	s->last_us = (double)since_us;
	s->is_running = false;
	s->is_overrun = false;
}

/* A row comes half a period after the buffer was emptied on average, so these spacings fit between then and now. */
static double squeezed_us(const struct stamps *s, double newest_us, size_t n_rows)
{
	return (newest_us - s->last_us) / ((double)n_rows - 0.5);
}

/** Date the rows by the time of the fetch alone. */
static void begin_anew(struct stamps *s, double now_us, size_t n_rows, struct stamps_span *out)
{
	double newest_us = now_us - fmin(s->period_us, fmax(now_us - s->last_us, 0.0)) / 2.0;
	double first_us = newest_us - (double)(n_rows - 1) * s->period_us;
	double missing = round((newest_us - s->last_us) / s->period_us) - (double)n_rows;

	out->spacing_us = s->period_us;
	if (first_us <= s->last_us && squeezed_us(s, newest_us, n_rows) > s->nominal_us * (1.0 - MAX_DRIFT)) {
		out->spacing_us = squeezed_us(s, newest_us, n_rows);
		first_us = s->last_us + out->spacing_us / 2.0;
	} else if (first_us <= s->last_us) {
		double early = floor((s->last_us - first_us) / s->period_us) + 1.0;

		out->skip = early < (double)n_rows ? (size_t)early : n_rows;
		s->lost += out->skip;
	} else if (s->is_overrun && missing > 0.0) {
		s->lost += (uint64_t)fmin(missing, 0x1p32);
	}
	out->first_us = first_us;
	if (out->skip < n_rows)
		s->last_us = newest_us;
	s->is_running = true;
	s->is_overrun = false;
}

static void follow(struct stamps *s, double predicted_us, double error_us, double now_us, size_t n_rows,
		   struct stamps_span *out)
{
	double newest_us = fmin(predicted_us + PHASE_GAIN * error_us, now_us);

	out->spacing_us = (newest_us - s->last_us) / (double)n_rows;
	out->first_us = s->last_us + out->spacing_us;
	s->last_us = newest_us;
}

static void learn_period(struct stamps *s, double passed_us, size_t n_rows)
{
	s->sum_us += passed_us - s->sum_us * FADING;
	s->sum_rows += (double)n_rows - s->sum_rows * FADING;
	s->period_us = fmax(s->sum_us / s->sum_rows, s->nominal_us * (1.0 - MAX_DRIFT));
	s->period_us = fmin(s->period_us, s->nominal_us * (1.0 + MAX_DRIFT));
}

struct stamps_span stamps_next(struct stamps *s, int64_t now_us, size_t n_rows, bool is_overrun)
{
	double newest_us = (double)now_us - s->period_us / 2.0;
	double predicted_us = s->last_us + (double)n_rows * s->period_us;
	double error_us = newest_us - predicted_us;
	struct stamps_span out = { 0 };

	s->is_overrun |= is_overrun;
	if (n_rows == 0)
		return out;
	if (!s->is_running || s->is_overrun || (double)now_us <= s->last_us ||
	    fabs(error_us) > ((double)n_rows + SLACK_ROWS) * s->period_us) {
		begin_anew(s, (double)now_us, n_rows, &out);
	} else {
		follow(s, predicted_us, error_us, (double)now_us, n_rows, &out);
		learn_period(s, (double)(now_us - s->fetched_us), n_rows);
	}
	s->fetched_us = now_us;
	if (out.skip < n_rows) {
		out.lost = s->lost < UINT32_MAX ? (uint32_t)s->lost : UINT32_MAX;
		s->lost = 0;
	}
	return out;
}

int64_t stamps_at(const struct stamps_span *span, size_t i)
{
	return llround(span->first_us + (double)i * span->spacing_us);
}
