/* SPDX-License-Identifier: Apache-2.0 */
/*
 * filter.h - recursive filters as cascades of sections of second order, designed from frequencies.
 *
 * Sections are those of the Audio EQ Cookbook (R. Bristow-Johnson): the analogue prototype through the bilinear transform,
 * bent so that the cut-off lies exactly where it was asked for. Butterworth filters of any order up to 16 are cascades of them, each
 * with the Q of its pair of poles, and one of first order when the order is odd.
 *
 *     y = b0 x + s1,  s1 = b1 x - a1 y + s2,  s2 = b2 x - a2 y       (transposed direct form II)
 */
#ifndef RUNNEL_PIPELINES_FILTER_H
#define RUNNEL_PIPELINES_FILTER_H

#include <math.h>
#include <stddef.h>

enum { FILTER_MAX_SECTIONS = 16, FILTER_MAX_ORDER = 16 };

struct filter_section {
	double b0, b1, b2, a1, a2;
	double s1, s2;
	double dc; /* gain at 0 Hz: 0 or 1 */
};

/** All-zero lets everything pass. */
struct filter {
	struct filter_section sections[FILTER_MAX_SECTIONS];
	size_t n;
};

/** Add to the cascade. @turns: frequency / rate, above 0, below 0.5. */
void filter_add_low_pass(struct filter *f, double turns, double q);
void filter_add_high_pass(struct filter *f, double turns, double q);
void filter_add_band_pass(struct filter *f, double turns, double q); /* gain 1 in the middle; width = frequency / q */
void filter_add_notch(struct filter *f, double turns, double q);

/** @order 1 to FILTER_MAX_ORDER; two of order 16 fill the cascade. -3 dB at @turns. */
void filter_add_butterworth_low(struct filter *f, double turns, int order);
void filter_add_butterworth_high(struct filter *f, double turns, int order);

/** As if @x had been there for ever: no start-up swing. */
void filter_settle(struct filter *f, double x);

/* A fading state ends at 0 and not among the denormal numbers, which are slow for ever. */
static inline double filter_flush(double s)
{
	return fabs(s) < 1e-290 ? 0.0 : s;
}

/** Filter one sample. Not finite when the state has overflown: filter_settle() then. */
static inline double filter_run(struct filter *f, double x)
{
	for (struct filter_section *c = f->sections; c < f->sections + f->n; c++) {
		double y = c->b0 * x + c->s1;

		c->s1 = filter_flush(c->b1 * x - c->a1 * y + c->s2);
		c->s2 = filter_flush(c->b2 * x - c->a2 * y);
		x = y;
	}
	return x;
}

#endif
