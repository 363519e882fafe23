/* SPDX-License-Identifier: Apache-2.0 */
/* wire_complete.c - what a message leaves out because the contract knows it. */
#include <errno.h>

#include "pipelines/wire.h"

static bool sketch_fits(const struct agg *a, const struct metric_def *def)
{
	if (!a->has_sketch)
		return true;
	return def->has_sketch && (def->sketch.kind == SKETCH_EXP2 || (a->sketch.neg.n == 0 && a->sketch.zero == 0));
}

/* A merged window is made of several of the contract's. */
static bool is_window_of(const struct partial *p, const struct metric_def *def)
{
	if (p->part >= PARTIAL_MERGED)
		return def->window_s > 0 && p->wl % def->window_s == 0;
	return p->wl == def->window_s;
}

int wire_complete(struct partial *p, const struct wire_presence *present, const struct metric_def *defs, size_t n_defs)
{
	for (size_t i = 0; i < p->n_metrics; i++) {
		const struct partial_metric *m = &p->metrics[i];

		if (m->id >= n_defs || !is_window_of(p, &defs[m->id]))
			return -ENOENT;
		if (!sketch_fits(&m->agg, &defs[m->id]))
			return -EBADMSG;
	}

	for (size_t i = 0; i < p->n_metrics; i++) {
		struct agg *a = &p->metrics[i].agg;

		if (!(present->expected >> i & 1))
			a->expected = metric_nominal_expected(&defs[p->metrics[i].id]);
		if (!(present->covered_ms >> i & 1))
			a->covered_ms = (uint64_t)p->wl * 1000;
		a->due_ms = (uint64_t)p->wl * 1000;
	}
	return 0;
}
