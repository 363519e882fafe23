/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "pipelines/contract.h"

static const struct metric_def metrics[] = {
	{ .name = "temp@1",
	  .kind = SERIES_GAUGE,
	  .reference = 20,
	  .quantum = 0.01,
	  .has_sketch = true,
	  .sketch = { .kind = SKETCH_LIN, .quantum = 0.01, .reference = 20, .width = 10 },
	  .period_us = 1000000,
	  .window_s = 60 },
	{ .name = "hot@1", .kind = SERIES_STATE, .quantum = 1, .window_s = 60 },
	{ .name = "water@2", .kind = SERIES_COUNTER, .quantum = 0.00225, .period_us = 2500, .window_s = 900 },
	{ .name = "power@1",
	  .kind = SERIES_GAUGE,
	  .quantum = 1e-6,
	  .has_sketch = true,
	  .sketch = { .kind = SKETCH_EXP2, .quantum = 1e-6 },
	  .period_us = 86400000000,
	  .window_s = 3600 },
	{ .name = "odd@1",
	  .kind = SERIES_GAUGE,
	  .reference = -273.15,
	  .quantum = 0.1,
	  .period_us = 1500,
	  .window_s = 1 },
};

static const struct kpi_def kpis[] = {
	{ "temp_p95", "quantile(temp, 0.95)", "Cel", 60 },
	{ "share", "n(\"x\\y\") / 2", "1", 900 },
};

static const char expected[] =
	"{\"metrics\":["
	"{\"id\":0,\"name\":\"temp@1\",\"unit\":\"Cel\",\"kind\":\"gauge\",\"K\":20,\"q\":0.01,"
	"\"sketch\":{\"kind\":\"lin\",\"width\":10},\"period_ms\":1000,\"window\":60},"
	"{\"id\":1,\"name\":\"hot@1\",\"unit\":\"1\",\"kind\":\"state\",\"K\":0,\"q\":1,\"sketch\":null,\"period_ms\":"
	"0,\"window\":60},"
	"{\"id\":2,\"name\":\"water@2\",\"unit\":\"L\",\"kind\":\"counter\",\"K\":0,\"q\":0.00225,\"sketch\":null,"
	"\"period_ms\":2.5,"
	"\"window\":900},"
	"{\"id\":3,\"name\":\"power@1\",\"unit\":\"W\",\"kind\":\"gauge\",\"K\":0,\"q\":1e-06,\"sketch\":{\"kind\":"
	"\"exp2\",\"scale\":5},"
	"\"period_ms\":86400000,\"window\":3600},"
	"{\"id\":4,\"name\":\"odd@1\",\"unit\":\"Cel\",\"kind\":\"gauge\",\"K\":-273.15,\"q\":0.1,\"sketch\":null,"
	"\"period_ms\":1.5,"
	"\"window\":1}],"
	"\"kpis\":["
	"{\"name\":\"temp_p95\",\"expression\":\"quantile(temp, 0.95)\",\"unit\":\"Cel\",\"window\":60},"
	"{\"name\":\"share\",\"expression\":\"n(\\\"x\\\\y\\\") / 2\",\"unit\":\"1\",\"window\":900}]}";

static void with_units(struct metric_def *out)
{
	static const char *const units[] = { "Cel", "1", "L", "W", "Cel" };

	memcpy(out, metrics, sizeof(metrics));
	for (size_t i = 0; i < ARRAY_LEN(metrics); i++) {
		out[i].unit = unit_find(units[i]);
		assert_non_null(out[i].unit);
	}
}

static void a_contract_is_written_in_its_one_canonical_form(void **state)
{
	struct metric_def defs[ARRAY_LEN(metrics)];
	struct contract c = { defs, ARRAY_LEN(metrics), kpis, ARRAY_LEN(kpis) };
	struct dynbuf out;

	(void)state;
	with_units(defs);
	dynbuf_init(&out, CONTRACT_MAX_BYTES);
	contract_to_json(&c, &out);
	assert_string_equal(dynbuf_text(&out), expected);
	dynbuf_free(&out);
}

static void an_empty_contract_is_valid_json_too(void **state)
{
	struct contract c = { 0 };
	struct dynbuf out;

	(void)state;
	dynbuf_init(&out, CONTRACT_MAX_BYTES);
	contract_to_json(&c, &out);
	assert_string_equal(dynbuf_text(&out), "{\"metrics\":[],\"kpis\":[]}");
	dynbuf_free(&out);
}

/* Of both texts by zlib.crc32() of Python; the third is the check value of CRC-32. */
static void the_hash_is_the_crc_32_of_zlib(void **state)
{
	(void)state;
	assert_int_equal(contract_hash("{\"metrics\":[],\"kpis\":[]}", 24), 0x2DA7C7B2);
	assert_int_equal(contract_hash(expected, strlen(expected)), 0x0EA2B9E5);
	assert_int_equal(contract_hash("123456789", 9), 0xCBF43926);
}

static void nominal_samples_are_window_by_period(void **state)
{
	static const struct {
		int64_t period_us;
		uint32_t window_s;
		uint64_t samples;
	} rows[] = {
		{ 1000000, 60, 60 }, { 0, 60, 0 },	     { -1, 60, 0 },	      { 7000000, 60, 8 },
		{ 60000000, 60, 1 }, { 600000000, 60, 0 },   { 1000, 3600, 3600000 }, { 1, 3600, 3600000000 },
		{ 1500, 1, 666 },    { INT64_MAX, 3600, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct metric_def m = { .period_us = rows[i].period_us, .window_s = rows[i].window_s };

		assert_int_equal(metric_nominal_expected(&m), rows[i].samples);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_contract_is_written_in_its_one_canonical_form),
		cmocka_unit_test(an_empty_contract_is_valid_json_too),
		cmocka_unit_test(the_hash_is_the_crc_32_of_zlib),
		cmocka_unit_test(nominal_samples_are_window_by_period),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
