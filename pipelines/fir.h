/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fir.h - a weighted sum of the last values. They are kept twice, one length apart, so that the newest @n always lie in one
 * piece, oldest first, and the sum is the same bits wherever in the ring it starts.
 */
#ifndef RUNNEL_PIPELINES_FIR_H
#define RUNNEL_PIPELINES_FIR_H

#include <stddef.h>

#include "base/arena.h"

struct fir {
	const double *weights; /* of the oldest first */
	double *twice;
	size_t n, next; /* values in the sum; where the next one goes */
	size_t held;	/* at most n */
};

/** @weights outlive the filter; it holds nothing yet. */
static inline void fir_init(struct fir *f, const double *weights, size_t n, struct arena *a)
{
	*f = (struct fir){ .weights = weights, .n = n, .twice = arena_alloc(a, 2 * n * sizeof(double)) };
}

static inline void fir_push(struct fir *f, double x)
{
	f->twice[f->next] = f->twice[f->next + f->n] = x;
	f->next = f->next + 1 == f->n ? 0 : f->next + 1;
	f->held += f->held < f->n;
}

/** As if @x had been there for ever. */
static inline void fir_settle(struct fir *f, double x)
{
	for (size_t i = 0; i < f->n; i++)
		fir_push(f, x);
}

/** Over all n, in four sums, so that one addition need not wait for the one before. Only when full. */
static inline double fir_sum(const struct fir *f)
{
	const double *x = f->twice + f->next, *w = f->weights;
	double sums[4] = { 0 };
	size_t i = 0;

	for (; i + 4 <= f->n; i += 4) {
		sums[0] += w[i] * x[i];
		sums[1] += w[i + 1] * x[i + 1];
		sums[2] += w[i + 2] * x[i + 2];
		sums[3] += w[i + 3] * x[i + 3];
	}
	for (; i < f->n; i++)
		sums[0] += w[i] * x[i];
	return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

#endif
