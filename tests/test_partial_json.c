/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers by hand: k = 130 150 170 about K = 20 with q = 0.01 is 21.3 21.5 21.7, with a standard deviation of 0.2. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "pipelines/partial_json.h"

struct fixture {
	struct metric_def defs[2];
	struct partial_metric metrics[2];
	struct partial p;
	struct dynbuf out;
};

static int set_up(void **state)
{
	static struct fixture f;

	memset(&f, 0, sizeof(f));
	f.defs[0] = (struct metric_def){ .name = "temp@1",
					 .unit = unit_find("Cel"),
					 .kind = SERIES_GAUGE,
					 .reference = 20,
					 .quantum = 0.01,
					 .has_sketch = true,
					 .sketch = { SKETCH_LIN, 0.01, 20, 10 },
					 .period_us = 20000000,
					 .window_s = 60 };
	f.defs[1] = (struct metric_def){
		.name = "water@1", .unit = unit_find("L"), .kind = SERIES_COUNTER, .quantum = 0.25, .window_s = 60
	};
	f.metrics[0].agg = (struct agg){ .n = 3,
					 .s1 = 450,
					 .s2 = { 0, 68300 },
					 .min = 130,
					 .max = 170,
					 .first = 130,
					 .last = 170,
					 .expected = 3,
					 .tw = 9000000,
					 .tw_ms = 60000,
					 .covered_ms = 60000,
					 .has_sketch = true,
					 .sketch = { .pos = { 13, 5, { 1, 0, 1, 0, 1 } } } };
	f.metrics[1].id = 1;
	f.metrics[1].agg = (struct agg){
		.n = 5, .expected = 5, .lost = 1, .tw_ms = 50000, .covered_ms = 50000, .increase = 1001, .resets = 2
	};
	f.p = (struct partial){ .version = 1,
				.site = "delft",
				.device = "greenhouse-07",
				.boot = 3,
				.seq = 17,
				.w0 = 1763700000,
				.wl = 60,
				.wm = 1763700060,
				.n_metrics = 1,
				.metrics = f.metrics };
	dynbuf_init(&f.out, 64 * 1024);
	*state = &f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	dynbuf_free(&f->out);
	return 0;
}

static const char *print(struct fixture *f, bool with_contract, const struct wire_presence *present)
{
	dynbuf_reset(&f->out);
	partial_to_json(&f->p, with_contract ? f->defs : NULL, with_contract ? 2 : 0, present, &f->out);
	return dynbuf_text(&f->out);
}

#define ENVELOPE                                                                                              \
	"{\"type\":\"partial\",\"site\":\"delft\",\"device\":\"greenhouse-07\",\"boot\":3,\"seq\":17,\"w0\":" \
	"1763700000,"                                                                                         \
	"\"wl\":60,\"part\":0,\"flags\":[],\"wm\":1763700060,\"metrics\":["

#define TEMP_EXACT                                                                                              \
	"\"exact\":{\"s1\":450,\"s2\":68300,\"min\":130,\"max\":170,\"first\":130,\"last\":170,\"tw\":9000000," \
	"\"tw_ms\":60000,\"sketch\":{\"shift\":0,\"offset\":13,\"counts\":[1,0,1,0,1]}}}"

static void a_line_has_the_quantities_and_the_integers_in_the_order_of_the_contract(void **state)
{
	assert_string_equal(
		print(*state, true, NULL), ENVELOPE
		"{\"id\":0,\"name\":\"temp@1\",\"unit\":\"Cel\",\"n\":3,\"expected\":3,\"bad\":0,\"lost\":0,"
		"\"covered_ms\":60000,\"mean\":21.5,\"stddev\":0.2,\"min\":21.3,\"max\":21.7,\"first\":21.3,"
		"\"last\":21.7,\"time_mean\":21.5,\"p50\":21.545,\"p90\":21.7,\"p95\":21.7,\"p99\":21.7," TEMP_EXACT
		"]}\n");
}

static void without_the_contract_there_are_ids_and_integers_alone(void **state)
{
	struct wire_presence none = { 0 }, both = { 1, 1 };

	assert_string_equal(print(*state, false, &none),
			    ENVELOPE "{\"id\":0,\"n\":3,\"bad\":0,\"lost\":0," TEMP_EXACT "]}\n");
	assert_string_equal(print(*state, false, &both),
			    ENVELOPE "{\"id\":0,\"n\":3,\"expected\":3,\"bad\":0,\"lost\":0,"
				     "\"covered_ms\":60000," TEMP_EXACT "]}\n");
	assert_non_null(
		strstr(print(*state, false, NULL), "\"expected\":3,\"bad\":0,\"lost\":0,\"covered_ms\":60000,"));
}

static void an_id_beyond_the_contract_is_printed_as_without_it(void **state)
{
	struct fixture *f = *state;
	struct wire_presence none = { 0 };

	f->metrics[0].id = 2;
	assert_string_equal(print(f, true, &none),
			    ENVELOPE "{\"id\":2,\"n\":3,\"bad\":0,\"lost\":0," TEMP_EXACT "]}\n");
}

static void a_window_without_samples_has_null_for_every_value(void **state)
{
	struct fixture *f = *state;

	f->metrics[0].agg = (struct agg){ .expected = 3, .bad = 3, .flags = METRIC_FAULT, .has_sketch = true };
	f->p.flags = PARTIAL_STEP | PARTIAL_BACKFILL;
	assert_non_null(strstr(print(f, true, NULL), "\"part\":0,\"flags\":[\"STEP\",\"BACKFILL\"],\"wm\""));
	assert_non_null(strstr(
		dynbuf_text(&f->out),
		"\"n\":0,\"expected\":3,\"bad\":3,\"lost\":0,\"covered_ms\":0,\"mean\":null,\"stddev\":null,"
		"\"min\":null,\"max\":null,\"first\":null,\"last\":null,\"time_mean\":null,\"p50\":null,\"p90\":null,"
		"\"p95\":null,\"p99\":null,\"flags\":[\"FAULT\"],\"exact\":{\"s1\":0,\"s2\":0,\"min\":null,"
		"\"max\":null,\"first\":null,\"last\":null,\"tw\":0,\"tw_ms\":0}}]}\n"));
}

static void a_counter_has_an_increase_and_no_moments(void **state)
{
	struct fixture *f = *state;

	f->p.metrics = &f->metrics[1];
	assert_string_equal(
		print(f, true, NULL),
		ENVELOPE "{\"id\":1,\"name\":\"water@1\",\"unit\":\"L\",\"n\":5,\"expected\":5,\"bad\":0,\"lost\":1,"
			 "\"covered_ms\":50000,\"mean\":null,\"stddev\":null,\"min\":null,\"max\":null,\"first\":null,"
			 "\"last\":null,\"time_mean\":null,\"increase\":250.25,\"resets\":2,\"exact\":{\"s1\":null,"
			 "\"s2\":null,\"min\":null,\"max\":null,\"first\":null,\"last\":null,\"tw\":null,"
			 "\"tw_ms\":50000,\"increase\":1001,\"resets\":2}}]}\n");
	f->metrics[1].agg.increase = f->metrics[1].agg.resets = 0;
	assert_non_null(strstr(print(f, true, NULL), ",\"increase\":0,\"resets\":0,\"exact\""));
	assert_non_null(strstr(dynbuf_text(&f->out), "50000,\"increase\":0,\"resets\":0}"));
}

static void a_gauge_shows_an_increase_only_if_it_has_one(void **state)
{
	struct fixture *f = *state;

	f->metrics[0].agg.increase = 40;
	assert_non_null(strstr(print(f, true, NULL), "\"p99\":21.7,\"increase\":0.4,\"resets\":0,\"exact\""));
	assert_non_null(strstr(print(f, false, NULL), "\"counts\":[1,0,1,0,1]},\"increase\":40,\"resets\":0}}"));
}

static void all_parts_of_a_sketch_and_all_flags_are_shown(void **state)
{
	struct fixture *f = *state;

	f->metrics[0].agg.flags = 7 | 8 | UINT32_C(1) << 31;
	f->metrics[0].agg.sketch = (struct sketch){ 2, 4, 5, 6, { -3, 2, { 7, 8 } }, { 9, 1, { 10 } } };
	f->p.flags = 63 | 64;
	assert_non_null(
		strstr(print(f, false, NULL),
		       "\"flags\":[\"UNSYNCED\",\"RETIMED\",\"STEP\",\"CUT_START\",\"CUT_END\",\"BACKFILL\",64],"));
	assert_non_null(strstr(dynbuf_text(&f->out),
			       "\"flags\":[\"CLIPPED\",\"FAULT\",\"SKETCH_SHIFTED\",8,2147483648],\"exact\""));
	assert_non_null(
		strstr(dynbuf_text(&f->out),
		       "\"sketch\":{\"shift\":2,\"under\":5,\"over\":6,\"offset\":-3,\"counts\":[7,8],\"zero\":4,"
		       "\"neg_offset\":9,\"neg_counts\":[10]}"));
}

static void integers_are_printed_to_the_last_digit(void **state)
{
	struct fixture *f = *state;

	f->metrics[0].agg.s1 = -1099503108097;
	f->metrics[0].agg.s2.lo = 9223299469104250879u;
	assert_non_null(strstr(print(f, true, NULL), "\"s1\":-1099503108097,\"s2\":9223299469104250879,"));
	f->metrics[0].agg.s2 = (struct u128){ 1, 0 }; /* merged ones may be larger */
	assert_non_null(strstr(print(f, true, NULL), "\"s2\":1.8446744073709552e+19,"));
}

static void kpis_and_events_are_lines_too(void **state)
{
	struct fixture *f = *state;
	struct kpi_def kpi = { "temp_p95", "quantile(temp, 0.95)", "Cel", 60 };

	kpi_to_json(&kpi, 1763700000, 21.62, 1.0, &f->out);
	assert_string_equal(
		dynbuf_text(&f->out),
		"{\"type\":\"kpi\",\"name\":\"temp_p95\",\"w0\":1763700000,\"wl\":60,\"value\":21.62,\"unit\":\"Cel\","
		"\"coverage\":1}\n");
	dynbuf_reset(&f->out);
	kpi_to_json(&kpi, 1763700000, NAN, NAN, &f->out);
	assert_non_null(strstr(dynbuf_text(&f->out), "\"value\":null,\"unit\":\"Cel\",\"coverage\":null}\n"));
	dynbuf_reset(&f->out);
	event_to_json("hot", "raised", 1763700012250000, 28.4, &f->out);
	assert_string_equal(
		dynbuf_text(&f->out),
		"{\"type\":\"event\",\"stream\":\"hot\",\"event\":\"raised\",\"at\":\"2025-11-21T04:40:12.250Z\","
		"\"value\":28.4}\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_line_has_the_quantities_and_the_integers_in_the_order_of_the_contract,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(without_the_contract_there_are_ids_and_integers_alone, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(an_id_beyond_the_contract_is_printed_as_without_it, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_window_without_samples_has_null_for_every_value, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_counter_has_an_increase_and_no_moments, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_gauge_shows_an_increase_only_if_it_has_one, set_up, tear_down),
		cmocka_unit_test_setup_teardown(all_parts_of_a_sketch_and_all_flags_are_shown, set_up, tear_down),
		cmocka_unit_test_setup_teardown(integers_are_printed_to_the_last_digit, set_up, tear_down),
		cmocka_unit_test_setup_teardown(kpis_and_events_are_lines_too, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
