/* SPDX-License-Identifier: Apache-2.0 */
/*
 * filter.c - the design. 1 - cos w is taken as 2 sin^2(w / 2), which keeps its digits at low frequencies.
 */
#include "pipelines/filter.h"

#include <assert.h>

#include "pipelines/plain_math.h"

static void add(struct filter *f, const struct filter_section *section, double a0)
{
	struct filter_section *c = &f->sections[f->n++];

	assert(f->n <= FILTER_MAX_SECTIONS);
	*c = (struct filter_section){ .b0 = section->b0 / a0,
				      .b1 = section->b1 / a0,
				      .b2 = section->b2 / a0,
				      .a1 = section->a1 / a0,
				      .a2 = section->a2 / a0,
				      .dc = section->dc };
}

static double alpha(double turns, double q)
{
	return plain_sin_turns(turns) / (2.0 * q);
}

static double squared(double x)
{
	return x * x;
}

/* What all four share, divided by a0 = 1 + alpha in the end. */
static struct filter_section poles(double turns, double q)
{
	return (struct filter_section){ .a1 = -2.0 * plain_cos_turns(turns), .a2 = 1.0 - alpha(turns, q) };
}

void filter_add_low_pass(struct filter *f, double turns, double q)
{
	struct filter_section c = poles(turns, q);

	c.b0 = c.b2 = squared(plain_sin_turns(0.5 * turns));
	c.b1 = 2.0 * c.b0;
	c.dc = 1.0;
	add(f, &c, 1.0 + alpha(turns, q));
}

void filter_add_high_pass(struct filter *f, double turns, double q)
{
	struct filter_section c = poles(turns, q);

	c.b0 = c.b2 = squared(plain_cos_turns(0.5 * turns));
	c.b1 = -2.0 * c.b0;
	add(f, &c, 1.0 + alpha(turns, q));
}

void filter_add_band_pass(struct filter *f, double turns, double q)
{
	struct filter_section c = poles(turns, q);

	c.b0 = alpha(turns, q);
	c.b2 = -c.b0;
	add(f, &c, 1.0 + alpha(turns, q));
}

void filter_add_notch(struct filter *f, double turns, double q)
{
	struct filter_section c = poles(turns, q);

	c.b0 = c.b2 = 1.0;
	c.b1 = c.a1;
	c.dc = 1.0;
	add(f, &c, 1.0 + alpha(turns, q));
}

/* (s or 1) / (s + 1) with s = (z - 1) / (z + 1) / tan(w / 2). */
static void add_first_order(struct filter *f, double turns, double dc)
{
	double sine = plain_sin_turns(0.5 * turns), cosine = plain_cos_turns(0.5 * turns);
	struct filter_section c = { .a1 = sine - cosine, .dc = dc };

	c.b0 = dc > 0.0 ? sine : cosine;
	c.b1 = dc > 0.0 ? sine : -cosine;
	add(f, &c, sine + cosine);
}

/* Of pair @k of the poles on the half circle; the flattest section comes first, so that the peaks of others do not clip. */
static double butterworth_q(int k, int order)
{
	return 0.5 / plain_sin_turns((2.0 * k + 1.0) / (4.0 * order));
}

void filter_add_butterworth_low(struct filter *f, double turns, int order)
{
	if (order % 2 == 1)
		add_first_order(f, turns, 1.0);
	for (int k = order / 2 - 1; k >= 0; k--)
		filter_add_low_pass(f, turns, butterworth_q(k, order));
}

void filter_add_butterworth_high(struct filter *f, double turns, int order)
{
	if (order % 2 == 1)
		add_first_order(f, turns, 0.0);
	for (int k = order / 2 - 1; k >= 0; k--)
		filter_add_high_pass(f, turns, butterworth_q(k, order));
}

void filter_settle(struct filter *f, double x)
{
	for (struct filter_section *c = f->sections; c < f->sections + f->n; c++) {
		double y = c->dc * x;

		c->s1 = y - c->b0 * x;
		c->s2 = c->b2 * x - c->a2 * y;
		x = y;
	}
}
