/* SPDX-License-Identifier: Apache-2.0 */
/*
 * feature.c - the table of features and the ring that their machines share.
 *
 * stddev divides by n - 1, as everywhere in runnel; skewness, kurtosis and rms are those of the values themselves (n). The
 * kurtosis of a normal distribution is 3. A quantile lies between two values by their distance, as NumPy's. Skewness
 * and kurtosis of what is constant but for rounding are none.
 */
#include "pipelines/feature.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>

#include "base/unit.h"
#include "base/unit_time.h"
#include "pipelines/feature_private.h"
#include "pipelines/series.h"

enum { SAMPLES_IRREGULAR = 4096, SAMPLES_SPARE = 16 };

enum unit_rule { SAME, DIFFERENCE, ONE, COUNT, PER_TIME, SECONDS };

const char *const feature_names[] = {
	"n",	  "sum", "min",	     "max",	 "mean",     "stddev",	     "range",	       "quantile",
	"median", "rms", "crest",    "kurtosis", "skewness", "peak_to_peak", "zero_crossings", "entropy",
	"slope",  "r2",	 "duration", NULL,
};

static const struct row {
	const struct feature_machine *machine;
	enum unit_rule unit;
	int n_needed;			       /* values */
	const struct feature_machine *sliding; /* another for a window that slides */
} rows[N_FEATURES] = {
	[FEATURE_N] = { &feature_counts, COUNT, 1, NULL },
	[FEATURE_SUM] = { &feature_sums, SAME, 1, NULL },
	[FEATURE_MIN] = { &feature_extremes, SAME, 1, NULL },
	[FEATURE_MAX] = { &feature_extremes, SAME, 1, NULL },
	[FEATURE_MEAN] = { &feature_sums, SAME, 1, NULL },
	[FEATURE_STDDEV] = { &feature_moments, DIFFERENCE, 2, &feature_sliding },
	[FEATURE_RANGE] = { &feature_extremes, DIFFERENCE, 1, NULL },
	[FEATURE_QUANTILE] = { &feature_order, SAME, 1, NULL },
	[FEATURE_MEDIAN] = { &feature_order, SAME, 1, NULL },
	[FEATURE_RMS] = { &feature_moments, SAME, 1, &feature_sliding },
	[FEATURE_CREST] = { &feature_crest, ONE, 1, &feature_sliding_crest },
	[FEATURE_KURTOSIS] = { &feature_moments, ONE, 2, &feature_sliding },
	[FEATURE_SKEWNESS] = { &feature_moments, ONE, 2, &feature_sliding },
	[FEATURE_PEAK_TO_PEAK] = { &feature_extremes, DIFFERENCE, 1, NULL },
	[FEATURE_ZERO_CROSSINGS] = { &feature_crossings, COUNT, 1, NULL },
	[FEATURE_ENTROPY] = { &feature_entropy, ONE, 1, NULL },
	[FEATURE_SLOPE] = { &feature_trend, PER_TIME, 2, NULL },
	[FEATURE_R2] = { &feature_trend, ONE, 2, NULL },
	[FEATURE_DURATION] = { &feature_counts, SECONDS, 1, NULL },
};

static const struct unit *unit_of(enum unit_rule rule, const struct unit *in, int64_t per_us)
{
	switch (rule) {
	case DIFFERENCE:
		return unit_of_difference(in);
	case ONE:
		return unit_find("1");
	case COUNT:
		return unit_find("{count}");
	case SECONDS:
		return unit_find("s");
	case PER_TIME:
		return unit_per_time(in, per_us);
	default:
		return in;
	}
}

static int check_bins(const struct feature_options *o, struct op_setup *s)
{
	int n_ends = !isnan(o->low) + !isnan(o->high);

	if (o->what != FEATURE_ENTROPY && n_ends > 0)
		snprintf(s->error, sizeof(s->error), "low and high are for the entropy; value is %s",
			 feature_names[o->what]);
	else if (o->what == FEATURE_ENTROPY && n_ends < 2)
		snprintf(s->error, sizeof(s->error), "low and high are needed for the entropy");
	else if (o->what == FEATURE_ENTROPY && !(o->low < o->high))
		snprintf(s->error, sizeof(s->error), "low must be below high");
	else
		return 0;
	return -EINVAL;
}

static int check_options(const struct feature_options *o, struct op_setup *s)
{
	const char *name = feature_names[o->what];

	if (s->inputs[0].kind == SERIES_COUNTER && o->what != FEATURE_N && o->what != FEATURE_DURATION) {
		snprintf(s->error, sizeof(s->error), "a counter has no %s; expected a measured quantity or a state",
			 name);
		return -EINVAL;
	}
	if ((o->what == FEATURE_QUANTILE) != !isnan(o->p)) {
		snprintf(s->error, sizeof(s->error), "p %s; value is %s",
			 isnan(o->p) ? "is needed for a quantile" : "is for a quantile", name);
		return -EINVAL;
	}
	return check_bins(o, s);
}

static int find_room(const struct feature_options *o, const struct feature_window *w, struct op_setup *s, size_t *room)
{
	int64_t n = SAMPLES_IRREGULAR, period_us = s->inputs[0].period_us, n_needed = rows[o->what].n_needed;

	if (w->count > 0) {
		n = w->count;
	} else if (o->max_samples > 0) {
		n = o->max_samples;
	} else if (w->length_us > 0 && period_us > 0) {
		n = w->length_us / period_us;
		n += n / 4 + SAMPLES_SPARE;
	}
	if (w->slides && (n < n_needed || (w->length_us > 0 && n_needed > 1 && w->length_us <= period_us))) {
		snprintf(s->error, sizeof(s->error), "the window holds one value at most, %s takes %d",
			 feature_names[o->what], (int)n_needed);
		return -EINVAL;
	}
	if (n > FEATURE_SAMPLES_MAX) {
		snprintf(s->error, sizeof(s->error),
			 "the window would keep %lld samples, expected at most %d; limit it by max_samples",
			 (long long)n, FEATURE_SAMPLES_MAX);
		return -EINVAL;
	}
	*room = (size_t)n;
	return 0;
}

int feature_setup(struct feature *f, const struct feature_options *o, const struct feature_window *w,
		  struct op_setup *s)
{
	const struct row *row = &rows[o->what];
	bool stays_state = o->what == FEATURE_MIN || o->what == FEATURE_MAX;
	size_t room = 0;
	int r = check_options(o, s);

	if (r == 0 && (w->slides || row->machine->keeps))
		r = find_room(o, w, s, &room);
	if (r < 0)
		return r;

	*f = (struct feature){ .machine = w->slides && row->sliding ? row->sliding : row->machine,
			       .name = feature_names[o->what],
			       .what = o->what };
	f->n_needed = (size_t)row->n_needed;
	f->room = room > 0 ? room : SIZE_MAX;
	if (room > 0)
		f->times = arena_alloc(s->arena, room * sizeof(*f->times));
	f->machine->setup(f, room, o, s->arena);
	f->machine->clear(f);
	s->output->unit = unit_of(row->unit, s->inputs[0].unit, o->per_us);
	if (s->inputs[0].kind == SERIES_COUNTER || !stays_state)
		s->output->kind = SERIES_GAUGE;
	return 0;
}

void feature_add(struct feature *f, int64_t at_us, double x)
{
	size_t slot = 0;

	if (f->n == 0)
		f->first_us = at_us;
	f->newest_us = at_us;
	if (f->times) {
		if (f->n == f->room)
			feature_drop(f);
		slot = feature_slot(f, f->n);
		f->times[slot] = at_us;
	}
	f->machine->add(f, slot, x);
	f->n++;
}

void feature_drop(struct feature *f)
{
	if (f->machine->drop)
		f->machine->drop(f, f->head);
	f->head = feature_slot(f, 1);
	f->n--;
}

void feature_clear(struct feature *f)
{
	f->machine->clear(f);
	f->n = 0;
	f->head = 0;
}

double feature_value(struct feature *f)
{
	return f->n > 0 ? f->machine->value(f) : NAN;
}
