/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/golden_partials.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static void set_names(struct golden *g, const char *device, const char *site)
{
	memcpy(g->partial.device, device, strlen(device) + 1);
	memcpy(g->partial.site, site, strlen(site) + 1);
}

static void build_one_metric(struct golden *g)
{
	g->partial.boot = 3;
	g->partial.seq = 17;
	g->partial.w0 = 1763700000;
	g->partial.wl = 60;
	g->partial.contract = 0x1234abcd;
	g->partial.wm = 1763700060;
	set_names(g, "greenhouse-07", "delft");
	g->partial.n_metrics = 1;
	g->metrics[0].agg = (struct agg){
		.n = 60,
		.s1 = 9193,
		.s2 = { 0, 1409813 },
		.min = 140,
		.max = 170,
		.first = 140,
		.last = 160,
		.first_at_ms = 1763700000012,
		.last_at_ms = 1763700059012,
		.expected = 60,
		.tw = 9190800,
		.tw_ms = 60000,
		.covered_ms = 60000,
	};
}

static void build_all_fields(struct golden *g)
{
	g->partial.boot = UINT32_MAX;
	g->partial.seq = UINT32_MAX;
	g->partial.w0 = 1763699400;
	g->partial.wl = 300;
	g->partial.part = 2;
	g->partial.contract = 0xfedcba98;
	g->partial.flags = PARTIAL_UNSYNCED | PARTIAL_RETIMED | PARTIAL_STEP | PARTIAL_CUT_START | PARTIAL_CUT_END |
			   PARTIAL_BACKFILL;
	g->partial.wm = 1763699700;
	set_names(g, "A", "Z-9._z");
	g->partial.n_metrics = 1;
	g->metrics[0].id = 5;
	g->metrics[0].agg = (struct agg){
		.n = 10,
		.s1 = 23,
		.s2 = { 0, 285 },
		.min = -6,
		.max = 9,
		.first = -6,
		.last = 8,
		.first_at_ms = 1763699400001,
		.last_at_ms = 1763699699999,
		.expected = 30,
		.bad = 4,
		.lost = 128,
		.tw = -1,
		.tw_ms = 150000,
		.covered_ms = 150001,
		.increase = UINT64_MAX,
		.resets = 300,
		.flags = METRIC_CLIPPED | METRIC_FAULT | METRIC_SKETCH_SHIFTED,
		.has_sketch = true,
		.sketch = { .shift = 1,
			    .under = 1,
			    .over = 1,
			    .zero = 1,
			    .pos = { -70, 3, { 4, 0, 1 } },
			    .neg = { 3, 1, { 2 } } },
	};
	g->present = (struct wire_presence){ 1, 1 };
}

static void build_exp2_signs(struct golden *g)
{
	g->defs[0].period_us = 100000;
	g->partial.boot = 1;
	g->partial.seq = 1;
	g->partial.wl = 1;
	g->partial.contract = 1;
	set_names(g, "meter", "default");
	g->partial.n_metrics = 1;
	g->metrics[0].agg = (struct agg){
		.n = 9,
		.s1 = 945,
		.s2 = { 0, 1002039 },
		.min = -32,
		.max = 1000,
		.first = -32,
		.last = 1000,
		.last_at_ms = 800,
		.expected = 10,
		.tw = 94500,
		.tw_ms = 900,
		.covered_ms = 900,
		.flags = METRIC_SKETCH_SHIFTED,
		.has_sketch = true,
		.sketch = { .shift = 1,
			    .zero = 2,
			    .pos = { 15, 145, { [0] = 1, [16] = 1, [22] = 1, [144] = 1 } },
			    .neg = { 25, 55, { [0] = 1, [54] = 2 } } },
	};
	g->present.covered_ms = 1;
}

static void build_lin_negative_offset(struct golden *g)
{
	g->partial.boot = 2;
	g->partial.seq = 5;
	g->partial.w0 = 1763700030;
	g->partial.wl = 10;
	g->partial.part = 1;
	g->partial.contract = 0xc0ffee;
	g->partial.flags = PARTIAL_CUT_START | PARTIAL_CUT_END;
	g->partial.wm = 1763700040;
	set_names(g, "freezer", "cold.store_2");
	g->partial.n_metrics = 1;
	g->metrics[0].id = 1;
	g->metrics[0].agg = (struct agg){
		.n = 4,
		.s1 = -16297,
		.s2 = { 0, 66406435 },
		.min = -4103,
		.max = -3995,
		.first = -4100,
		.last = -3995,
		.first_at_ms = 1763700032000,
		.last_at_ms = 1763700035000,
		.expected = 4,
		.tw = -16302000,
		.tw_ms = 4000,
		.covered_ms = 4000,
		.has_sketch = true,
		.sketch = { .pos = { -411, 12, { [0] = 1, [1] = 2, [11] = 1 } } },
	};
	g->present = (struct wire_presence){ 1, 1 };
}

static void build_heartbeat(struct golden *g)
{
	g->partial.boot = 3;
	g->partial.seq = 18;
	g->partial.w0 = 1763700060;
	g->partial.wl = 60;
	g->partial.contract = 0x1234abcd;
	g->partial.wm = 1763700120;
	set_names(g, "greenhouse-07", "delft");
	g->partial.n_metrics = 1;
	g->metrics[0].agg = (struct agg){ .expected = 60, .bad = 60, .flags = METRIC_FAULT };
	g->present.covered_ms = 1;
}

static void build_several_metrics(struct golden *g)
{
	g->partial.boot = 3;
	g->partial.seq = 19;
	g->partial.w0 = 1763699400;
	g->partial.wl = 900;
	g->partial.contract = 0x9a0b1c2d;
	g->partial.wm = 1763700300;
	set_names(g, "greenhouse-07", "delft");
	g->partial.n_metrics = 3;
	g->metrics[0].agg = (struct agg){
		.n = 900,
		.s1 = 137895,
		.s2 = { 0, 21141600 },
		.min = 140,
		.max = 170,
		.first = 140,
		.last = 160,
		.first_at_ms = 1763699400000,
		.last_at_ms = 1763700299000,
		.expected = 900,
		.tw = 137895000,
		.tw_ms = 900000,
		.covered_ms = 900000,
		.has_sketch = true,
		.sketch = { .pos = { 14, 3, { 45, 300, 555 } } },
	};
	g->metrics[1].id = 3;
	g->metrics[1].agg = (struct agg){ .tw = 900000, .tw_ms = 900000, .covered_ms = 900000 };
	g->metrics[2].id = 7;
	g->metrics[2].agg = (struct agg){
		.n = 88,
		.lost = 2,
		.increase = 65536,
		.resets = 1,
		.tw_ms = 900000,
		.expected = 90,
		.covered_ms = 900000,
		.first_at_ms = 1763699400000,
		.last_at_ms = 1763699400000,
	};
	g->present.expected = 2 | 4;
}

static void build_extremes(struct golden *g)
{
	static const char longest[] = "a234567890123456789012345678901234567890123456789012345678901234";
	const int64_t peak = 8388607;

	g->has_contract = false;
	g->partial.boot = 1;
	g->partial.seq = 1;
	g->partial.w0 = 253402297200;
	g->partial.wl = 3600;
	g->partial.contract = UINT32_MAX;
	g->partial.wm = 253402300800;
	set_names(g, longest, longest);
	g->partial.n_metrics = 2;
	g->metrics[0].agg = (struct agg){
		.n = 131071,
		.s1 = 1099503108097,
		.s2 = { 0, 9223299469104250879 },
		.min = peak,
		.max = peak,
		.first = peak,
		.last = peak,
		.first_at_ms = 253402300799999,
		.last_at_ms = 253402300799999,
		.bad = UINT32_MAX,
		.lost = UINT32_MAX,
		.tw = 30198985200000,
		.tw_ms = 3600000,
		.resets = UINT32_MAX,
		.expected = UINT32_MAX,
		.covered_ms = 3600000,
		.has_sketch = true,
		.sketch = { .shift = 31, .pos = { -1, 1, { 131071 } } },
	};
	g->metrics[1].id = UINT32_MAX;
	g->metrics[1].agg = (struct agg){
		.n = 131071,
		.s1 = -1099503108097,
		.s2 = { 0, 9223299469104250879 },
		.min = -peak,
		.max = -peak,
		.first = -peak,
		.last = -peak,
		.first_at_ms = 253402297200000,
		.last_at_ms = 253402297200000,
		.tw = -30198985200000,
		.tw_ms = 3600000,
		.has_sketch = true,
		.sketch = { .pos = { -8388608, 1, { 131071 } } },
	};
	g->present = (struct wire_presence){ 3, 3 };
}

static const struct {
	const char *name;
	void (*build)(struct golden *g);
} goldens[] = {
	{ "one_metric", build_one_metric }, { "all_fields", build_all_fields },
	{ "exp2_signs", build_exp2_signs }, { "lin_negative_offset", build_lin_negative_offset },
	{ "heartbeat", build_heartbeat },   { "several_metrics", build_several_metrics },
	{ "extremes", build_extremes },
};

size_t golden_count(void)
{
	return ARRAY_LEN(goldens);
}

void golden_build(size_t i, struct golden *g)
{
	memset(g, 0, sizeof(*g));
	g->name = goldens[i].name;
	g->has_contract = true;
	g->partial.version = 1;
	g->partial.metrics = g->metrics;
	for (size_t d = 0; d < GOLDEN_MAX_DEFS; d++)
		g->defs[d].period_us = 1000000;
	goldens[i].build(g);
	for (size_t d = 0; d < GOLDEN_MAX_DEFS; d++)
		g->defs[d].window_s = g->partial.wl;
}

size_t golden_read(const char *name, uint8_t *out, size_t cap)
{
	char path[128];
	unsigned byte;
	size_t n = 0;
	FILE *f;

	snprintf(path, sizeof(path), "tests/golden/%s.hex", name);
	f = fopen(path, "re");
	if (!f)
		f = fopen(path + strlen("tests/"), "re"); /* started in tests/ */
	assert(f);
	while (fscanf(f, "%2x", &byte) == 1) {
		assert(n < cap);
		out[n++] = (uint8_t)byte;
	}
	fclose(f);
	return n;
}
