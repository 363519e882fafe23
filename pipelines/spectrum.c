/* SPDX-License-Identifier: Apache-2.0 */
#include "pipelines/spectrum.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "pipelines/plain_math.h"
#include "pipelines/series.h"

static int set_band(struct spectrum *sp, const struct spectrum_options *o, struct op_setup *s)
{
	double low = isnan(o->low) ? sp->step_hz : o->low, high = isnan(o->high) ? 0.5 * sp->rate.hz : o->high;
	char a[32], b[32];

	sp->first = (size_t)ceil(low / sp->step_hz * (1.0 - 1e-12));
	sp->first = sp->first > 0 ? sp->first : 1; /* the mean has been taken away */
	sp->last = (size_t)floor(high / sp->step_hz * (1.0 + 1e-12));
	if (high > 0.5 * sp->rate.hz * (1.0 + 1e-12)) {
		snprintf(s->error, sizeof(s->error), "high must be at most half the rate, %s Hz; found %s",
			 text_from_double(0.5 * sp->rate.hz, a, sizeof(a)), text_from_double(high, b, sizeof(b)));
		return -EINVAL;
	}
	if (sp->first > sp->last) {
		snprintf(s->error, sizeof(s->error), "no frequency lies from low to high; they are %s Hz apart",
			 text_from_double(sp->step_hz, a, sizeof(a)));
		return -EINVAL;
	}
	return 0;
}

static void take_memory(struct spectrum *sp, struct arena *a)
{
	size_t n = sp->size;
	double square = 0.0;

	sp->fft = fft_new(n, a);
	sp->block = arena_alloc(a, n * sizeof(double));
	sp->taper = arena_alloc(a, n * sizeof(double));
	sp->tapered = arena_alloc(a, n * sizeof(double));
	sp->power = arena_alloc(a, (n / 2 + 1) * sizeof(double));
	sp->density = arena_alloc(a, (n / 2 + 1) * sizeof(double));
	for (size_t i = 0; i < n; i++) {
		sp->taper[i] = 0.5 - 0.5 * plain_cos_turns((double)i / (double)n);
		square += sp->taper[i] * sp->taper[i];
	}
	sp->scale = 1.0 / (sp->rate.hz * square * (double)sp->n_average);
}

int spectrum_setup(struct spectrum *sp, const struct spectrum_options *o, struct op_setup *s)
{
	int r = rate_setup(&sp->rate, o->rate_hz, s);

	if (r < 0)
		return r;
	if ((o->size & (o->size - 1)) != 0) {
		snprintf(s->error, sizeof(s->error), "size must be a power of two, found %lld", (long long)o->size);
		return -EINVAL;
	}
	sp->size = (size_t)o->size;
	sp->hop = sp->size - (size_t)floor(o->overlap * (double)sp->size);
	sp->n_average = (size_t)o->average;
	sp->step_hz = sp->rate.hz / (double)sp->size;
	r = set_band(sp, o, s);
	if (r < 0)
		return r;
	take_memory(sp, s->arena);
	s->output->kind = SERIES_GAUGE;
	s->output->period_us = llround((double)(sp->hop * sp->n_average) * 1e6 / sp->rate.hz);
	return 0;
}

/** Without the mean and tapered. */
static void prepare_block(struct spectrum *sp)
{
	double sums[4] = { 0 }, mean;

	for (size_t i = 0; i < sp->size; i += 4)
		for (size_t k = 0; k < 4; k++)
			sums[k] += sp->block[i + k];
	mean = ((sums[0] + sums[1]) + (sums[2] + sums[3])) / (double)sp->size;
	for (size_t i = 0; i < sp->size; i++)
		sp->tapered[i] = (sp->block[i] - mean) * sp->taper[i];
}

static double floor_of(const struct spectrum *sp)
{
	double greatest = 0.0;

	for (size_t i = 0; i < sp->size; i++)
		greatest = fabs(sp->block[i]) > greatest ? fabs(sp->block[i]) : greatest;
	return 1e-28 * greatest * greatest * (double)sp->size;
}

static void add_block(struct spectrum *sp)
{
	double least = floor_of(sp);
	size_t n = sp->size / 2;

	if (sp->n_blocks == 0)
		memset(sp->density, 0, (n + 1) * sizeof(double));
	prepare_block(sp);
	fft_power(sp->fft, sp->tapered, sp->power);
	for (size_t k = 0; k <= n; k++)
		sp->density[k] += sp->power[k] < least ? 0.0 : sp->power[k];
	sp->n_blocks++;
	sp->fill = sp->size - sp->hop;
	memmove(sp->block, sp->block + sp->hop, sp->fill * sizeof(double));
}

/** Both halves of the spectrum of a real signal are one; only the ends have no other half. */
static void finish_average(struct spectrum *sp)
{
	size_t n = sp->size / 2;

	for (size_t k = 0; k <= n; k++)
		sp->density[k] *= k == 0 || k == n ? sp->scale : 2.0 * sp->scale;
	sp->n_blocks = 0;
}

bool spectrum_push(struct spectrum *sp, const struct sample *in, uint32_t *lost)
{
	uint64_t step_us = series_distance_us(in->at_us, sp->rate.last_us);

	sp->lost = series_add_lost(sp->lost, in->lost);
	if (series_is_gap(in->value)) {
		sp->fill = 0;
		return false;
	}
	if ((double)step_us > (double)sp->size * 2.0 * sp->rate.half_us)
		sp->n_blocks = 0;
	if (!rate_is_next(&sp->rate, in->at_us) || in->lost > 0)
		sp->fill = 0;
	sp->block[sp->fill++] = in->value;
	if (sp->fill < sp->size)
		return false;
	add_block(sp);
	if (sp->n_blocks < sp->n_average)
		return false;
	finish_average(sp);
	*lost = sp->lost;
	sp->lost = 0;
	return true;
}
