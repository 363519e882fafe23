/* SPDX-License-Identifier: Apache-2.0 */
/*
 * polyfit.h - the polynomial of least squares through points, as a sum of polynomials that are orthogonal over these points
 * (G. E. Forsythe, "Generation and use of orthogonal polynomials for data-fitting", J. SIAM 5, 1957). No system of equations is
 * solved, whose condition would square, and a straight line is the same road with degree 1.
 */
#ifndef RUNNEL_PIPELINES_POLYFIT_H
#define RUNNEL_PIPELINES_POLYFIT_H

#include <stddef.h>

#include "base/opt.h"

enum { POLYFIT_DEGREE_MAX = 6 };

/** In t = (x - center) / scale: p[k+1] = (t - a[k]) p[k] - b[k] p[k-1]; y is the sum of c[k] p[k]. */
struct polyfit {
	size_t degree;
	double center, scale;
	double a[POLYFIT_DEGREE_MAX], b[POLYFIT_DEGREE_MAX], c[POLYFIT_DEGREE_MAX + 1];
};

/** @points: more than @degree with different x, finite. */
void polyfit_make(struct polyfit *fit, const struct opt_point *points, size_t n, size_t degree);

double polyfit_value(const struct polyfit *fit, double x);

#endif
