/* SPDX-License-Identifier: Apache-2.0 */
/* What devices may say about themselves, and what they may not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/crc32.h"
#include "collector/json_in.h"

#define METRIC(fields) "{\"metrics\":[{" fields "}],\"kpis\":[]}"
#define GOOD_BUT_ID                                                                                         \
	"\"name\":\"temp@1\",\"unit\":\"Cel\",\"kind\":\"gauge\",\"K\":20,\"q\":0.01,\"sketch\":{\"kind\":" \
	"\"lin\",\"width\":10},\"period_ms\":1000,\"window\":60"
#define KPI(fields) "{\"metrics\":[],\"kpis\":[{" fields "}]}"

static int parse(const char *text, struct contract *c, struct arena *a, const char **why)
{
	return json_in_contract(c, a, text, strlen(text), crc32_of(0, text, strlen(text)), why);
}

/* "none", or why it is refused. */
static const char *refusal(const char *text)
{
	struct arena a = { 0 };
	struct contract c = { .n_metrics = 77 };
	const char *why = "none";

	if (parse(text, &c, &a, &why) < 0)
		assert_int_equal(c.n_metrics, 77);
	arena_free(&a);
	return why;
}

static void what_contract_c_writes_is_read_back(void **state)
{
	static const struct unit own = { .code = "{widgets}/s" };
	struct metric_def defs[] = {
		{ .name = "temp@1",
		  .unit = unit_find("Cel"),
		  .reference = 20,
		  .quantum = 0.01,
		  .has_sketch = true,
		  .sketch = { SKETCH_LIN, 0.01, 20, 10 },
		  .period_us = 1000000,
		  .window_s = 60 },
		{ .name = "lux@2",
		  .unit = unit_find("lx"),
		  .quantum = 0.1,
		  .has_sketch = true,
		  .sketch = { SKETCH_EXP2, 0.1, 0, 0 },
		  .period_us = 33333,
		  .window_s = 1 },
		{ .name = "door@1", .unit = unit_find("1"), .kind = SERIES_STATE, .quantum = 1, .window_s = 3600 },
		{ .name = "w@12",
		  .unit = &own,
		  .kind = SERIES_COUNTER,
		  .quantum = 1e-9,
		  .period_us = 250,
		  .window_s = 5 },
	};
	struct kpi_def kpi = { "k", "mean(temp) > 3", "1", 900 };
	struct contract in = { defs, 4, &kpi, 1 }, out;
	struct arena a = { 0 };
	struct dynbuf text, again;
	const char *why = NULL;

	(void)state;
	dynbuf_init(&text, CONTRACT_MAX_BYTES);
	dynbuf_init(&again, CONTRACT_MAX_BYTES);
	contract_to_json(&in, &text);
	assert_int_equal(json_in_contract(&out, &a, text.data, text.len, contract_hash(text.data, text.len), &why), 0);
	contract_to_json(&out, &again);
	assert_string_equal(text.data, again.data);
	assert_int_equal(out.metrics[1].period_us, 33333);
	assert_int_equal(out.metrics[1].sketch.kind, SKETCH_EXP2);
	assert_true(out.metrics[0].sketch.reference == 20.0 && out.metrics[0].sketch.quantum == 0.01);
	assert_ptr_equal(out.metrics[0].unit, unit_find("Cel"));
	assert_string_equal(out.metrics[3].unit->code, "{widgets}/s");
	dynbuf_free(&text);
	dynbuf_free(&again);
	arena_free(&a);
}

static void a_text_with_another_hash_is_refused(void **state)
{
	struct arena a = { 0 };
	struct contract c;
	const char *why = NULL, *text = "{\"metrics\":[],\"kpis\":[]}";

	(void)state;
	/* python3: zlib.crc32(text) */
	assert_int_equal(json_in_contract(&c, &a, text, strlen(text), 0x53ea5ee1, &why), -EBADMSG);
	assert_string_equal(why, "the hash in the topic is not that of the text");
	arena_free(&a);
}

static void contracts_that_make_no_sense_are_refused(void **state)
{
	static const struct {
		const char *text, *why;
	} rows[] = {
		{ METRIC("\"id\":0," GOOD_BUT_ID), "none" },
		{ METRIC("\"id\":0,\"later\":[{}]," GOOD_BUT_ID), "none" },
		{ METRIC("\"id\":1," GOOD_BUT_ID), "the ids of the metrics do not count from 0" },
		{ METRIC("\"id\":0,\"id\":0," GOOD_BUT_ID), "not one JSON object without duplicate keys" },
		{ "{\"metrics\":[{\"id\":0," GOOD_BUT_ID "},{\"id\":1," GOOD_BUT_ID "}],\"kpis\":[]}",
		  "a stream occurs twice" },
		{ "[]", "not one JSON object without duplicate keys" },
		{ "", "not one JSON object without duplicate keys" },
		{ "{\"metrics\":[],\"kpis\":[]} x", "not one JSON object without duplicate keys" },
		{ "{\"metrics\":{},\"kpis\":[]}", "no array of metrics" },
		{ "{\"metrics\":[]}", "no array of KPIs" },
		{ "{\"metrics\":[7],\"kpis\":[]}", "a metric has no id" },
		{ METRIC("\"id\":0,\"name\":\"a\\u0000b@1\""), "not one JSON object without duplicate keys" },
		{ METRIC("\"id\":0,\"name\":\"temp\""), "the name of a metric is not NAME@VERSION" },
		{ METRIC("\"id\":0,\"name\":\"te mp@1\""), "the name of a metric is not NAME@VERSION" },
		{ METRIC("\"id\":0,\"name\":\"temp@1x\""), "the name of a metric is not NAME@VERSION" },
		{ KPI("\"name\":\"k\",\"expression\":\"1\",\"unit\":\"1\",\"window\":60"), "none" },
		{ KPI("\"name\":\"a/b\",\"expression\":\"1\",\"unit\":\"1\",\"window\":60"),
		  "the name of a KPI is not a name" },
		{ KPI("\"name\":\"+\",\"expression\":\"1\",\"unit\":\"1\",\"window\":60"),
		  "the name of a KPI is not a name" },
		{ KPI("\"name\":\"k\",\"expression\":1,\"unit\":\"1\",\"window\":60"),
		  "a KPI has no expression, or one that is too long" },
		{ KPI("\"name\":\"k\",\"expression\":\"1\",\"unit\":\"1\",\"window\":61"),
		  "a window has a length that does not exist" },
		{ KPI("\"name\":\"k\",\"expression\":\"1\",\"unit\":\"1\",\"window\":60.0"),
		  "a window is not a number of seconds" },
		{ KPI("\"name\":\"k\",\"expression\":\"1\",\"unit\":\"\",\"window\":60"), "a KPI has no unit" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(refusal(rows[i].text), rows[i].why);
}

/* One field of a good metric is replaced. */
static void fields_out_of_range_are_refused(void **state)
{
	static const struct {
		const char *from, *to, *why;
	} rows[] = {
		{ "\"q\":0.01", "\"q\":0", "the q of a metric is not above 0" },
		{ "\"q\":0.01", "\"q\":-1", "the q of a metric is not above 0" },
		{ "\"q\":0.01", "\"q\":\"0.01\"", "a metric has no finite q" },
		{ "\"q\":0.01", "\"q\":1e999", "not one JSON object without duplicate keys" },
		{ "\"q\":0.01", "\"q\":1e305", "K and q of a metric give values beyond a double" },
		{ "\"q\":0.01", "\"q\":1e-300", "none" },
		{ "\"K\":20", "\"K\":null", "a metric has no finite K" },
		{ "\"gauge\"", "\"gorge\"", "a metric is neither gauge, state nor counter" },
		{ "\"lin\"", "\"log\"", "a sketch is neither lin nor exp2" },
		{ "\"width\":10", "\"width\":0", "the width of a sketch is 0" },
		{ "\"width\":10", "\"width\":8388609", "the width of a sketch is wrong" },
		{ "\"width\":10", "\"width\":-10", "the width of a sketch is wrong" },
		{ "\"lin\",\"width\":10", "\"exp2\",\"scale\":4", "the scale of a sketch is not 5" },
		{ "\"lin\",\"width\":10", "\"exp2\",\"scale\":5", "none" },
		{ "{\"kind\":\"lin\",\"width\":10}", "null", "none" },
		{ "{\"kind\":\"lin\",\"width\":10}", "false", "a sketch is neither null nor an object" },
		{ "\"period_ms\":1000", "\"period_ms\":-1", "the period of a metric is out of range" },
		{ "\"period_ms\":1000", "\"period_ms\":1e12", "the period of a metric is out of range" },
		{ "\"period_ms\":1000", "\"period_ms\":0", "none" },
		{ "\"window\":60", "\"window\":7200", "a window has a length that does not exist" },
		{ "\"window\":60", "\"window\":-60", "a window is not a number of seconds" },
		{ "\"unit\":\"Cel\"", "\"unit\":\"furlong\"", "none" },
		{ "\"unit\":\"Cel\"", "\"unit\":7", "a metric has no unit" },
	};
	static const char good[] = METRIC("\"id\":0," GOOD_BUT_ID);

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *at = strstr(good, rows[i].from);
		char text[512];

		assert_non_null(at);
		snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - good), good, rows[i].to, at + strlen(rows[i].from));
		assert_string_equal(refusal(text), rows[i].why);
	}
}

static void a_contract_that_is_too_long_is_not_even_parsed(void **state)
{
	char *text = malloc(CONTRACT_MAX_BYTES + 2);

	(void)state;
	assert_non_null(text);
	memset(text, ' ', CONTRACT_MAX_BYTES + 1);
	memcpy(text, "{\"metrics\":[],\"kpis\":[]}", 24);
	text[CONTRACT_MAX_BYTES + 1] = '\0';
	assert_string_equal(refusal(text), "too long");
	text[CONTRACT_MAX_BYTES] = '\0';
	assert_string_equal(refusal(text), "none");
	memset(text, '[', CONTRACT_MAX_BYTES);
	assert_string_equal(refusal(text), "not one JSON object without duplicate keys");
	free(text);
}

static const char *birth_refusal(const char *text, struct birth *b)
{
	const char *why = "none";

	(void)!json_in_birth(b, text, strlen(text), &why);
	return why;
}

static void births_are_read(void **state)
{
	struct birth b = { 0 };

	(void)state;
	assert_string_equal(
		birth_refusal("{\"device\":\"x\",\"site\":\"y\",\"labels\":{},\"agent\":\"0.1.0\",\"boot\":3,"
			      "\"revision\":12,\"config\":\"0badcafe\",\"nonce\":\"00000001ffffffff\","
			      "\"contract\":\"016efbba\",\"sensors\":[]}",
			      &b),
		"none");
	assert_int_equal(b.boot, 3);
	assert_int_equal(b.revision, 12);
	assert_true(b.has_contract);
	assert_int_equal(b.contract, 0x016efbba);
	assert_true(b.nonce == 0x1ffffffff);
	assert_string_equal(b.agent, "0.1.0");
	assert_string_equal(birth_refusal("{\"boot\":4,\"contract\":null}", &b), "none");
	assert_false(b.has_contract);
	assert_string_equal(birth_refusal("{\"contract\":\"016efbba\"}", &b), "no boot number");
	assert_string_equal(birth_refusal("{\"boot\":4294967296}", &b), "no boot number");
	assert_string_equal(birth_refusal("{\"boot\":1,\"contract\":\"016EFBBA\"}", &b),
			    "the contract is not named by 8 hexadecimal digits");
	assert_string_equal(birth_refusal("{\"boot\":1,\"nonce\":\"12\"}", &b),
			    "the nonce is not 16 hexadecimal digits");
	assert_int_equal(b.boot, 4); /* untouched since */
}

static const char *status_refusal(const char *text, struct status *s)
{
	const char *why = "none";

	(void)!json_in_status(s, text, strlen(text), &why);
	return why;
}

static void statuses_are_read(void **state)
{
	struct status s = { 0 };

	(void)state;
	assert_string_equal(status_refusal("{\"state\":\"online\",\"boot\":3,\"seq\":17,\"wm\":1763700060}", &s),
			    "none");
	assert_true(s.is_online && s.has_progress);
	assert_int_equal(s.seq, 17);
	assert_int_equal(s.wm, 1763700060);
	assert_string_equal(status_refusal("{\"state\":\"offline\",\"boot\":3}", &s), "none");
	assert_false(s.is_online || s.has_progress);
	assert_string_equal(status_refusal("{\"state\":\"asleep\",\"boot\":3}", &s),
			    "the state is neither online nor offline");
	assert_string_equal(status_refusal("{\"state\":\"online\",\"boot\":3,\"seq\":-1,\"wm\":0}", &s),
			    "seq is not a 32-bit number");
	assert_string_equal(status_refusal("{\"state\":\"online\",\"boot\":3,\"seq\":1,\"wm\":253402300801}", &s),
			    "wm is not a time");
}

static void a_hash_is_eight_lower_case_digits(void **state)
{
	uint32_t hash = 0;

	(void)state;
	assert_true(json_in_hash("00c0ffee", &hash));
	assert_int_equal(hash, 0x00c0ffee);
	assert_false(json_in_hash("0c0ffee", &hash));
	assert_false(json_in_hash("00C0FFEE", &hash));
	assert_false(json_in_hash("00c0ffee0", &hash));
	assert_false(json_in_hash("", &hash));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_contract_c_writes_is_read_back),
		cmocka_unit_test(a_text_with_another_hash_is_refused),
		cmocka_unit_test(contracts_that_make_no_sense_are_refused),
		cmocka_unit_test(fields_out_of_range_are_refused),
		cmocka_unit_test(a_contract_that_is_too_long_is_not_even_parsed),
		cmocka_unit_test(births_are_read),
		cmocka_unit_test(statuses_are_read),
		cmocka_unit_test(a_hash_is_eight_lower_case_digits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
