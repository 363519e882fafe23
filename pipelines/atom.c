/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table. The value functions of agg.h ignore p but for the quantile, so each gets the signature of the table
 * from a line of its own instead of a cast.
 */
#include "pipelines/atom.h"

#include <string.h>

#include "base/check.h"

#define VALUE_WITHOUT_P(name)                                                                   \
	static double name##_value(const struct agg *a, const struct metric_def *def, double p) \
	{                                                                                       \
		(void)p;                                                                        \
		return agg_##name(a, def);                                                      \
	}

VALUE_WITHOUT_P(coverage)
VALUE_WITHOUT_P(first)
VALUE_WITHOUT_P(increase)
VALUE_WITHOUT_P(integral)
VALUE_WITHOUT_P(last)
VALUE_WITHOUT_P(max)
VALUE_WITHOUT_P(mean)
VALUE_WITHOUT_P(min)
VALUE_WITHOUT_P(rate)
VALUE_WITHOUT_P(stddev)
VALUE_WITHOUT_P(sum)
VALUE_WITHOUT_P(time_mean)

/* The one atom of a window without values that is not missing: none is a number. */
static double n_value(const struct agg *a, const struct metric_def *def, double p)
{
	(void)def;
	(void)p;
	return (double)a->n;
}

static const struct atom atoms[] = {
	/* name, help, needs_p, unit, for_counters, for_gauges, value */
	{ "coverage", "share of the time for which readings vouch, 0 to 1", false, ATOM_UNIT_ONE, true, true,
	  coverage_value },
	{ "first", "value of the earliest sample", false, ATOM_UNIT_OF_STREAM, false, true, first_value },
	{ "increase", "what a counter counted; a fall is a restart from zero", false, ATOM_UNIT_DIFFERENCE, true, false,
	  increase_value },
	{ "integral", "value times seconds, each value held until the next", false, ATOM_UNIT_TIMES_SECOND, false, true,
	  integral_value },
	{ "last", "value of the latest sample", false, ATOM_UNIT_OF_STREAM, false, true, last_value },
	{ "max", "largest sample", false, ATOM_UNIT_OF_STREAM, false, true, max_value },
	{ "mean", "sum of the samples by their number", false, ATOM_UNIT_OF_STREAM, false, true, mean_value },
	{ "min", "smallest sample", false, ATOM_UNIT_OF_STREAM, false, true, min_value },
	{ "n", "number of samples; 0, not missing, when there are none", false, ATOM_UNIT_ONE, true, true, n_value },
	{ "quantile", "value that the share p of the samples does not exceed", true, ATOM_UNIT_OF_STREAM, false, true,
	  agg_quantile },
	{ "rate", "increase for each second of covered time", false, ATOM_UNIT_PER_SECOND, true, false, rate_value },
	{ "stddev", "standard deviation of the samples (n - 1)", false, ATOM_UNIT_DIFFERENCE, false, true,
	  stddev_value },
	{ "sum", "sum of the samples", false, ATOM_UNIT_SUM, false, true, sum_value },
	{ "time_mean", "integral by its time: mean over time, not over samples", false, ATOM_UNIT_OF_STREAM, false,
	  true, time_mean_value },
};

const struct atom *atom_at(size_t i)
{
	return i < ARRAY_LEN(atoms) ? &atoms[i] : NULL;
}

const struct atom *atom_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(atoms); i++)
		if (strcmp(atoms[i].name, name) == 0)
			return &atoms[i];
	return NULL;
}
