/* SPDX-License-Identifier: Apache-2.0 */
#include "pipelines/polyfit.h"

#include <math.h>

/** p[0] to p[degree] at @t, the last two are left in @now and @before. Returns the sum. */
static double sum_terms(const struct polyfit *fit, size_t degree, double t, double *now, double *before)
{
	double sum = fit->c[0];

	*now = 1.0;
	*before = 0.0;
	for (size_t k = 0; k < degree; k++) {
		double next = (t - fit->a[k]) * *now - fit->b[k] * *before;

		*before = *now;
		*now = next;
		sum += fit->c[k + 1] * next;
	}
	return sum;
}

static void set_scale(struct polyfit *fit, const struct opt_point *points, size_t n)
{
	double min = points[0].x, max = min;

	for (size_t i = 1; i < n; i++) {
		min = points[i].x < min ? points[i].x : min;
		max = points[i].x > max ? points[i].x : max;
	}
	fit->center = 0.5 * min + 0.5 * max;
	fit->scale = 0.5 * max - 0.5 * min;
}

/*
 * For degree k: the part of y that the terms so far do not explain, projected on p[k]; and the moments of p[k] that make p[k+1]
 * orthogonal to it and to p[k-1].
 */
void polyfit_make(struct polyfit *fit, const struct opt_point *points, size_t n, size_t degree)
{
	double norm_before = 1.0;

	*fit = (struct polyfit){ .degree = degree };
	set_scale(fit, points, n);
	for (size_t k = 0; k <= degree; k++) {
		double norm = 0.0, moment = 0.0, projection = 0.0;

		for (size_t i = 0; i < n; i++) {
			double t = (points[i].x - fit->center) / fit->scale, p, before;
			double rest = points[i].y - sum_terms(fit, k, t, &p, &before);

			norm += p * p;
			moment += t * p * p;
			projection += rest * p;
		}
		fit->c[k] = projection / norm;
		if (k < degree) {
			fit->a[k] = moment / norm;
			fit->b[k] = k > 0 ? norm / norm_before : 0.0;
		}
		norm_before = norm;
	}
}

double polyfit_value(const struct polyfit *fit, double x)
{
	double now, before;

	return sum_terms(fit, fit->degree, (x - fit->center) / fit->scale, &now, &before);
}
