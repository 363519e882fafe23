/* SPDX-License-Identifier: Apache-2.0 */
/* Canonical because json.h is: no blanks, keys in the order written here, numbers in their shortest form. */
#include "pipelines/contract.h"

#include "base/crc32.h"
#include "base/json.h"

static const char *kind_name(enum series_kind kind)
{
	static const char *const names[] = {
		[SERIES_GAUGE] = "gauge", [SERIES_STATE] = "state", [SERIES_COUNTER] = "counter"
	};

	return names[kind];
}

static void sketch_to_json(const struct metric_def *m, struct json *j)
{
	if (!m->has_sketch) {
		json_nothing(j, "sketch");
		return;
	}
	json_object_begin(j, "sketch");
	if (m->sketch.kind == SKETCH_LIN) {
		json_text(j, "kind", "lin");
		json_uint(j, "width", m->sketch.width);
	} else {
		json_text(j, "kind", "exp2");
		json_int(j, "scale", SKETCH_SCALE);
	}
	json_object_end(j);
}

static void metric_def_to_json(const struct metric_def *m, size_t id, struct json *j)
{
	json_object_begin(j, NULL);
	json_uint(j, "id", id);
	json_text(j, "name", m->name);
	json_text(j, "unit", m->unit->code);
	json_text(j, "kind", kind_name(m->kind));
	json_double(j, "K", m->reference);
	json_double(j, "q", m->quantum);
	sketch_to_json(m, j);
	json_double(j, "period_ms", (double)m->period_us / 1000.0);
	json_uint(j, "window", m->window_s);
	json_object_end(j);
}

static void kpi_def_to_json(const struct kpi_def *k, struct json *j)
{
	json_object_begin(j, NULL);
	json_text(j, "name", k->name);
	json_text(j, "expression", k->expression);
	json_text(j, "unit", k->unit);
	json_uint(j, "window", k->window_s);
	json_object_end(j);
}

void contract_to_json(const struct contract *c, struct dynbuf *out)
{
	struct json j = { .out = out };

	json_object_begin(&j, NULL);
	json_array_begin(&j, "metrics");
	for (size_t i = 0; i < c->n_metrics; i++)
		metric_def_to_json(&c->metrics[i], i, &j);
	json_array_end(&j);
	json_array_begin(&j, "kpis");
	for (size_t i = 0; i < c->n_kpis; i++)
		kpi_def_to_json(&c->kpis[i], &j);
	json_array_end(&j);
	json_object_end(&j);
}

uint32_t contract_hash(const char *json, size_t bytes)
{
	return crc32_of(0, json, bytes);
}

uint64_t metric_nominal_expected(const struct metric_def *m)
{
	return m->period_us > 0 ? (uint64_t)m->window_s * 1000000 / (uint64_t)m->period_us : 0;
}
