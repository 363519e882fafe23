/* SPDX-License-Identifier: Apache-2.0 */
#include "pipelines/baseline.h"

const char *const direction_names[] = { "both", "up", "down", NULL };

void baseline_setup(struct baseline *b)
{
	b->center = b->target;
	b->spread = b->sigma;
	b->is_known = !isnan(b->target) && !isnan(b->sigma);
}

bool baseline_learn(struct baseline *b, double x, double quantum)
{
	double stddev;

	if (b->is_known)
		return true;
	moments_add(&b->learnt, x);
	if (b->learnt.n < (double)b->learn)
		return false;
	stddev = moments_stddev(&b->learnt);
	if (!isfinite(stddev) || !isfinite(b->learnt.mean)) {
		b->learnt = (struct moments){ 0 }; /* a value beyond all measure was among them: once more */
		return false;
	}
	if (isnan(b->target))
		b->center = b->learnt.mean;
	if (isnan(b->sigma))
		b->spread = stddev > quantum ? stddev : quantum;
	b->is_known = true;
	return false;
}
