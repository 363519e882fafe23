/* SPDX-License-Identifier: Apache-2.0 */
/* feature_sliding.c - stddev, rms, skewness, kurtosis and crest of a window that slides: a queue of sums of powers. */
#include <math.h>

#include "pipelines/feature_private.h"
#include "pipelines/power_sums.h"

static void sliding_setup(struct feature *f, size_t room, const struct feature_options *o, struct arena *a)
{
	struct power_sums *p = f->state = arena_alloc(a, sizeof(*p));

	power_sums_setup(p, room, o->what == FEATURE_KURTOSIS || o->what == FEATURE_SKEWNESS ? 4 : 2, a);
}

static void sliding_add(struct feature *f, size_t slot, double x)
{
	(void)slot;
	power_sums_add(f->state, x);
}

static void sliding_drop(struct feature *f, size_t slot)
{
	(void)slot;
	power_sums_drop(f->state);
}

static void sliding_clear(struct feature *f)
{
	power_sums_clear(f->state);
}

static double sliding_value(struct feature *f)
{
	struct power_moments m;

	power_sums_moments(f->state, &m);
	if (f->what == FEATURE_STDDEV)
		return power_moments_stddev(&m);
	return feature_shape(f->what, power_moments_mean(&m), m.spread / (m.n * m.n), m.m3 / m.n, m.m4 / m.n);
}

const struct feature_machine feature_sliding = {
	.setup = sliding_setup,
	.add = sliding_add,
	.drop = sliding_drop,
	.clear = sliding_clear,
	.value = sliding_value,
};

/* --- crest: the greatest magnitude by the rms --- */

struct crest {
	struct power_sums sums; /* first: where the functions above look for it */
	struct feature_peaks peaks;
};

static void crest_setup(struct feature *f, size_t room, const struct feature_options *o, struct arena *a)
{
	struct crest *c = f->state = arena_alloc(a, sizeof(*c));

	(void)o;
	power_sums_setup(&c->sums, room, 2, a);
	feature_peaks_init(&c->peaks, room, a);
}

static void crest_add(struct feature *f, size_t slot, double x)
{
	struct crest *c = f->state;

	(void)slot;
	power_sums_add(&c->sums, x);
	feature_peaks_add(&c->peaks, fabs(x));
}

static void crest_drop(struct feature *f, size_t slot)
{
	struct crest *c = f->state;

	(void)slot;
	power_sums_drop(&c->sums);
	feature_peaks_drop(&c->peaks, f->n);
}

static void crest_clear(struct feature *f)
{
	struct crest *c = f->state;

	power_sums_clear(&c->sums);
	feature_peaks_clear(&c->peaks);
}

static double crest_value(struct feature *f)
{
	struct crest *c = f->state;
	struct power_moments m;

	power_sums_moments(&c->sums, &m);
	return feature_peaks_greatest(&c->peaks) /
	       feature_shape(FEATURE_RMS, power_moments_mean(&m), m.spread / (m.n * m.n), 0.0, 0.0);
}

const struct feature_machine feature_sliding_crest = {
	.setup = crest_setup,
	.add = crest_add,
	.drop = crest_drop,
	.clear = crest_clear,
	.value = crest_value,
};
