/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes from the network: whatever is accepted survives what a collector does with it (completing, merging, printing), and
 * encodes to a message that decodes to the same.
 */
#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "pipelines/partial_json.h"
#include "pipelines/wire.h"

enum { N_DEFS = 8 };

static void make_contract(const struct partial *p, struct metric_def *defs)
{
	for (int i = 0; i < N_DEFS; i++)
		defs[i] = (struct metric_def){
			.name = "x@1",
			.unit = unit_find("1"),
			.kind = (enum series_kind)(i % 3),
			.quantum = 0.01,
			.has_sketch = i < 6,
			.sketch = { (enum sketch_kind)(i % 2), 0.01, 0, i % 2 ? 10 : 0 },
			.period_us = 1000000,
			.window_s = p->wl,
		};
}

static void collect(struct partial *p, const struct wire_presence *present)
{
	struct metric_def defs[N_DEFS];
	struct agg total = { 0 };
	struct dynbuf out;

	make_contract(p, defs);
	dynbuf_init(&out, 1 << 20);
	if (wire_complete(p, present, defs, N_DEFS) == 0)
		for (size_t i = 0; i < p->n_metrics; i++)
			agg_merge(&total, &p->metrics[i].agg);
	partial_to_json(p, defs, N_DEFS, present, &out);
	assert(!out.overflow);
	dynbuf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct partial_metric first_metrics[PARTIAL_MAX_METRICS], second_metrics[PARTIAL_MAX_METRICS];
	struct partial first = { .metrics = first_metrics }, second = { .metrics = second_metrics };
	struct wire_presence present, all;
	uint8_t again[PARTIAL_MAX_BYTES];
	const char *why;
	int bytes, r;

	if (wire_decode(&first, &present, data, size, &why) < 0)
		return 0;

	bytes = wire_encode(&first, NULL, again, sizeof(again));
	if (bytes == -EMSGSIZE) { /* now everything is sent, which can be more than came in */
		assert(size > 4096);
		return 0;
	}
	r = wire_decode(&second, &all, again, (size_t)bytes, &why);
	assert(r == 0 && first.n_metrics == second.n_metrics);
	assert(memcmp(first_metrics, second_metrics, first.n_metrics * sizeof(first_metrics[0])) == 0);
	first.metrics = second.metrics;
	assert(memcmp(&first, &second, offsetof(struct partial, metrics)) == 0);

	second.metrics = second_metrics;
	collect(&second, &present);
	return 0;
}
