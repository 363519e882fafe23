/* SPDX-License-Identifier: Apache-2.0 */
/*
 * contract.h - what makes partials readable: the metrics (id is the index) and KPIs of a config, as canonical JSON.
 * Its hash, the CRC-32 of that JSON, names it in every partial and in the topic contract/HASH (8 lower-case hex digits).
 * Nothing of one device is in it: the same streams give the same hash on every board.
 */
#ifndef RUNNEL_PIPELINES_CONTRACT_H
#define RUNNEL_PIPELINES_CONTRACT_H

#include <stddef.h>
#include <stdint.h>

#include "base/dynbuf.h"
#include "pipelines/agg.h"

struct kpi_def {
	const char *name;
	const char *expression;
	const char *unit; /* UCUM or any text; "1" when nothing is known */
	uint32_t window_s;
};

struct contract {
	const struct metric_def *metrics;
	size_t n_metrics;
	const struct kpi_def *kpis;
	size_t n_kpis;
};

enum { CONTRACT_MAX_BYTES = 64 * 1024 };

/**
 * {"metrics":[{"id":0,"name":"temp@1","unit":"Cel","kind":"gauge","K":20,"q":0.01,"sketch":{"kind":"lin","width":10},
 *   "period_ms":1000,"window":60},...],"kpis":[{"name":...,"expression":...,"unit":...,"window":60},...]}
 * sketch is null without quantiles, {"kind":"exp2","scale":5} or {"kind":"lin","width":QUANTA}. period_ms 0: irregular.
 */
void contract_to_json(const struct contract *c, struct dynbuf *out);

/** CRC-32 of the canonical JSON. */
uint32_t contract_hash(const char *json, size_t bytes);

/** Samples due in one whole window: window / period, 0 for irregular streams. */
uint64_t metric_nominal_expected(const struct metric_def *m);

#endif
