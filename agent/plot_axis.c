/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/plot_axis.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/timestamp.h"

double plot_step(double min, double max, unsigned n_max)
{
	static const double factors[] = { 1.0, 2.0, 5.0, 10.0 };
	double rough = (max - min) / n_max, power = pow(10.0, floor(log10(rough)));

	for (size_t i = 0; i < ARRAY_LEN(factors); i++)
		if (factors[i] * power >= rough * (1.0 - 1e-9))
			return factors[i] * power;
	return 10.0 * power;
}

unsigned plot_decimals(double step)
{
	int n = (int)ceil(-log10(step) - 1e-9);

	return n < 0 ? 0 : n > 9 ? 9 : (unsigned)n;
}

enum { S = 1000000 };

int64_t plot_time_step_us(int64_t span_us, unsigned n_max)
{
	static const int64_t seconds[] = { 1,	 2,    5,    10,    15,	   30,	  60,	 120,	 300,	 600,	 900,
					   1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800, 604800, 1209600 };
	int64_t rough_us = span_us / n_max, step_us = 1209600 * (int64_t)S;

	if (rough_us < S / 2)
		return (int64_t)llround(plot_step(0.0, (double)(span_us < 10 ? 10 : span_us), n_max));
	for (size_t i = 0; i < ARRAY_LEN(seconds); i++)
		if (seconds[i] * S >= rough_us)
			return seconds[i] * S;
	while (step_us < rough_us)
		step_us *= 2;
	return step_us;
}

const char *plot_time_label(int64_t at_us, int64_t step_us, char *buf)
{
	char text[PLOT_LABEL_BYTES];
	int from = 11, len = 5; /* 2025-11-21T04:40:12.250Z */

	timestamp_format(at_us, text, sizeof(text));
	if (step_us >= INT64_C(86400) * S) {
		from = 0;
		len = 10;
	} else if (step_us < S) {
		len = 12;
	} else if (step_us < 60 * S) {
		len = 8;
	}
	snprintf(buf, PLOT_LABEL_BYTES, "%.*s", len, text + from);
	return buf;
}
