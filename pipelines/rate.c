/* SPDX-License-Identifier: Apache-2.0 */
#include "pipelines/rate.h"

#include <errno.h>
#include <stdio.h>

#include "base/text.h"

/* Below, a recursive filter of second order loses more than 8 of its 16 digits. */
static const double lowest_share = 1e-5;

static int check_input(double option_hz, double period_us, struct op_setup *s)
{
	char found[32], wanted[32];

	if (s->inputs[0].kind == SERIES_COUNTER) {
		snprintf(s->error, sizeof(s->error), "a counter only grows; expected a measured quantity or a state");
		return -EINVAL;
	}
	if (isnan(option_hz) && period_us <= 0.0) {
		snprintf(s->error, sizeof(s->error),
			 "needs samples at an even pace, and this input has no period; if it has one, say rate");
		return -EINVAL;
	}
	/* A period of 2 us may be 1.5 or 2.5. */
	if (!isnan(option_hz) && period_us > 0.0 && fabs(1e6 / option_hz - period_us) > 1.0 + 0.01 * period_us) {
		snprintf(s->error, sizeof(s->error), "rate %s Hz is not that of the input, which is %s Hz",
			 text_from_double(option_hz, found, sizeof(found)),
			 text_from_double(1e6 / period_us, wanted, sizeof(wanted)));
		return -EINVAL;
	}
	return 0;
}

int rate_setup(struct rate *r, double option_hz, struct op_setup *s)
{
	double period_us = (double)s->inputs[0].period_us;
	int rc = check_input(option_hz, period_us, s);

	if (rc < 0)
		return rc;
	r->hz = isnan(option_hz) ? 1e6 / period_us : option_hz;
	period_us = 1e6 / r->hz;
	r->half_us = 0.5 * period_us;
	r->limit_us = 1.5 * period_us;
	r->pause_us = (uint64_t)(RATE_PAUSE_PERIODS * period_us);
	if (s->output->period_us <= 0)
		s->output->period_us = llround(period_us);
	return 0;
}

int rate_check_frequency(const struct rate *r, const char *option, double hz, struct op_setup *s)
{
	char found[32], lowest[32], highest[32];

	if (hz >= lowest_share * r->hz && hz < 0.5 * r->hz)
		return 0;
	snprintf(s->error, sizeof(s->error), "%s must be from %s Hz to below half the rate, %s Hz; found %s%s", option,
		 text_from_double(lowest_share * r->hz, lowest, sizeof(lowest)),
		 text_from_double(0.5 * r->hz, highest, sizeof(highest)), text_from_double(hz, found, sizeof(found)),
		 hz < 0.5 * r->hz ? " (decimate first)" : "");
	return -EINVAL;
}
