/* SPDX-License-Identifier: Apache-2.0 */
#include "pipelines/power_sums.h"

#include <assert.h>
#include <float.h>

/* A distance of which the highest power can be summed over a million values. */
static double distance_max(int order)
{
	return order > 2 ? 0x1p240 : 0x1p480;
}

/* Functions with an @order are inlined, so that it is a constant in them and their loops are none. */
static inline double *set_at(const struct power_sums *p, size_t i, int order)
{
	size_t at = p->head + i;

	return &p->ring[(at < p->room ? at : at - p->room) * (size_t)(order + 1)];
}

void power_sums_setup(struct power_sums *p, size_t room, int order, struct arena *a)
{
	assert(order == 2 || order == 4);
	p->room = room;
	p->order = order;
	p->ring = arena_alloc(a, room * (size_t)(order + 1) * sizeof(double));
}

void power_sums_clear(struct power_sums *p)
{
	p->head = p->n = p->n_older = p->n_useless = 0;
	for (int k = 0; k < POWER_SUMS_MAX; k++)
		p->newer[k] = 0.0;
}

static inline __attribute__((always_inline)) void add_powers(double sums[], double d, int order)
{
	double square = d * d;

	sums[0] += d;
	sums[1] += square;
	if (order > 2) {
		sums[2] += square * d;
		sums[3] += square * square;
	}
}

static inline __attribute__((always_inline)) void add(struct power_sums *p, double x, int order)
{
	*set_at(p, p->n, order) = x;
	if (p->n++ == 0)
		p->center = x;
	add_powers(p->newer, x - p->center, order);
}

void power_sums_add(struct power_sums *p, double x)
{
	assert(p->n < p->room);
	if (p->order == 2)
		add(p, x, 2);
	else
		add(p, x, 4);
}

static inline __attribute__((always_inline)) void sum_backwards(struct power_sums *p, double center, int order)
{
	double sums[POWER_SUMS_MAX] = { 0 };

	for (size_t i = p->n; i-- > 0;) {
		double *set = set_at(p, i, order);

		add_powers(sums, set[0] - center, order);
		for (int k = 0; k < order; k++)
			set[1 + k] = sums[k];
	}
}

/* All values become the older part, about @center. */
static void turn_over(struct power_sums *p, double center)
{
	if (p->order == 2)
		sum_backwards(p, center, 2);
	else
		sum_backwards(p, center, 4);
	for (int k = 0; k < POWER_SUMS_MAX; k++)
		p->newer[k] = 0.0;
	p->center = center;
	p->n_older = p->n;
}

void power_sums_drop(struct power_sums *p)
{
	assert(p->n > 0);
	if (p->n_older == 0) {
		double mean = p->center + p->newer[0] / (double)p->n;

		turn_over(p, isfinite(mean) ? mean : p->center);
	}
	p->head = p->head + 1 == p->room ? 0 : p->head + 1;
	p->n--;
	p->n_older--;
	if (p->n_useless > 0)
		p->n_useless--;
}

/*
 * All sums about the mean. Values too far from the newest one for the powers of their distance make them useless until they have
 * left, and it is of no use to look again before. The second round takes away what rounding left in the mean of the first.
 */
static __attribute__((noinline)) void center_anew(struct power_sums *p)
{
	double center = *set_at(p, p->n - 1, p->order);

	for (size_t i = p->n; i-- > 0;) {
		if (!(fabs(*set_at(p, i, p->order) - center) <= distance_max(p->order))) {
			p->n_useless = i + 1;
			return;
		}
	}
	for (int round = 0; round < 2; round++) {
		double sum = 0.0;

		for (size_t i = 0; i < p->n; i++)
			sum += *set_at(p, i, p->order) - center;
		center += sum / (double)p->n;
	}
	turn_over(p, center);
}

static inline __attribute__((always_inline)) void sum_up(const struct power_sums *p, double sums[], int order)
{
	for (int k = 0; k < order; k++)
		sums[k] = p->newer[k];
	if (p->n_older > 0) {
		const double *older = set_at(p, 0, order) + 1;

		for (int k = 0; k < order; k++)
			sums[k] += older[k];
	}
}

/* In the range of double, and the mean near enough to the center, or as near as it can be where values differ by rounding. */
static inline __attribute__((always_inline)) bool is_sound(const struct power_sums *p, const struct power_moments *m,
							   double highest)
{
	return highest <= DBL_MAX &&
	       (m->spread >= 0.25 * m->sum * m->sum || fabs(m->sum) <= 0x1p-46 * m->n * fabs(p->center));
}

static inline __attribute__((always_inline)) void find_moments(struct power_sums *p, struct power_moments *m, int order)
{
	double sums[POWER_SUMS_MAX], shift;

	sum_up(p, sums, order);
	m->sum = sums[0];
	m->spread = m->n * sums[1] - sums[0] * sums[0];
	if (p->n_useless == 0 && !is_sound(p, m, sums[order - 1])) {
		center_anew(p);
		sum_up(p, sums, order);
		m->sum = sums[0];
		m->spread = m->n * sums[1] - sums[0] * sums[0];
	}
	m->center = p->center;
	if (m->spread < 0.0)
		m->spread = 0.0;
	if (p->n_useless > 0)
		m->sum = m->spread = NAN;
	if (order > 2) {
		shift = sums[0] / m->n;
		m->m3 = sums[2] - shift * (3.0 * sums[1] - 2.0 * shift * sums[0]);
		m->m4 = sums[3] - shift * (4.0 * sums[2] - shift * (6.0 * sums[1] - 3.0 * shift * sums[0]));
	}
}

void power_sums_moments(struct power_sums *p, struct power_moments *m)
{
	assert(p->n > 0);
	m->n = (double)p->n;
	if (p->order == 2)
		find_moments(p, m, 2);
	else
		find_moments(p, m, 4);
}
