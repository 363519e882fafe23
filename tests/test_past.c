/* SPDX-License-Identifier: Apache-2.0 */
/* Questions over a store. The values follow from k = 0 .. 59 a minute: mean 20 + 0.01 * 29.5, max 20.59; or from the k given in place of these. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "collector/past.h"
#include "tests/archive_rig.h"

enum { MINUTES = 30 };

struct answers {
	size_t n;
	struct past_row rows[64]; /* question and group are not kept */
	char groups[64][32];
};

static int take(void *ctx, const struct past_row *row)
{
	struct answers *a = ctx;

	assert_true(a->n < 64);
	a->rows[a->n] = *row;
	snprintf(a->groups[a->n++], sizeof(a->groups[0]), "%s", row->group);
	return 0;
}

static void birth(struct archive_rig *r, const char *device, const char *line)
{
	char json[256];
	struct fleet_message m = { .site = "delft", .device = device, .payload = json, .now_us = r->fleet.now_us };
	uint32_t hash = fleet_rig_birth(&r->fleet, device, 1, &rig_contract, false);

	snprintf(json, sizeof(json), "{\"boot\":1,\"contract\":\"%08x\",\"labels\":{\"floor\":\"2\",\"line\":\"%s\"}}",
		 hash, line);
	m.bytes = strlen(json);
	fleet_birth(r->fleet.fleet, &m);
}

/* Half an hour of a and b in line x, c in line y; c is silent for the first ten minutes, and has 10 samples of k = 700 in the others. */
static void make_store(struct archive_rig *r)
{
	static const int32_t high[10] = { 700, 700, 700, 700, 700, 700, 700, 700, 700, 700 };

	*r = (struct archive_rig){ 0 };
	archive_rig_make(r);
	archive_rig_begin(r);
	birth(r, "a", "x");
	birth(r, "b", "x");
	birth(r, "c", "y");
	for (uint32_t m = 0; m < MINUTES; m++) {
		struct rig_part a = fleet_rig_minute("a", m + 1, m), b = fleet_rig_minute("b", m + 1, m),
				c = fleet_rig_minute("c", m - 9, m);

		c.k = high;
		c.n_k = 10;
		(void)!fleet_rig_send(&r->fleet, &a);
		(void)!fleet_rig_send(&r->fleet, &b);
		if (m >= 10)
			assert_int_equal(fleet_rig_send(&r->fleet, &c), FLEET_MERGED);
	}
	archive_rig_tick(r);
}

static struct past_scope half_hour(enum past_by by, uint32_t window_s)
{
	return (struct past_scope){
		.by = by, .from = RIG_T0, .to = RIG_T0 + MINUTES * 60, .window_s = window_s, .deadline_s = 86400
	};
}

static struct past_answer ask(struct archive_rig *r, const struct past_scope *scope, const char *expression, int want,
			      struct answers *a)
{
	const struct past_question q = { .name = expression, .expression = expression };
	const struct past_sink sink = { take, a };
	struct past_answer answer;
	struct past *p;

	*a = (struct answers){ 0 };
	assert_int_equal(past_open(&p, r->path, r->fleet.now_us), 0);
	assert_int_equal(past_ask(p, scope, &q, 1, &sink, &answer), want);
	past_close(p);
	return answer;
}

static void end(struct archive_rig *r)
{
	archive_rig_end(r);
	archive_rig_remove(r);
}

static void longer_windows_are_merged_from_the_parts(void **state)
{
	struct past_scope scope = half_hour(PAST_BY_SITE, 600);
	struct archive_rig r;
	struct answers a;

	(void)state;
	make_store(&r);
	ask(&r, &scope, "mean(temp)", 0, &a);
	assert_int_equal(a.n, 3);
	assert_string_equal(a.groups[0], "delft");
	assert_string_equal(a.rows[0].unit, "Cel");
	assert_true(a.rows[0].value == 20.295); /* of a and b alone */
	assert_int_equal(a.rows[0].n, 2 * 600);
	assert_int_equal(a.rows[0].expected, 3 * 600);
	assert_int_equal(a.rows[0].devices, 2);
	assert_int_equal(a.rows[0].expected_devices, 3);
	assert_int_equal(a.rows[1].w0, RIG_T0 + 600);
	assert_int_equal(a.rows[1].wl, 600);
	assert_int_equal(a.rows[1].n, 2 * 600 + 100);
	/* (1200 * 29.5 + 100 * 700) / 1300 */
	assert_true(fabs(a.rows[1].value - (20 + 0.01 * 105400 / 1300)) < 1e-12);
	assert_int_equal(a.rows[2].complete_devices, 3);
	assert_int_equal(a.rows[2].state, FLEET_KPI_COMPLETE);
	end(&r);
}

static void a_window_of_a_kpi_is_what_the_collector_told(void **state)
{
	struct past_scope scope = half_hour(PAST_BY_SITE, 0);
	struct archive_rig r;
	struct answers a;

	(void)state;
	make_store(&r);
	ask(&r, &scope, "quantile(temp, 0.5) / mean(temp)", 0, &a);
	assert_int_equal(a.n, MINUTES); /* the window of its stream */
	ask(&r, &scope, "mean(temp)", 0, &a);
	assert_int_equal(a.n, MINUTES);
	for (size_t i = 0; i < a.n; i++) {
		char sql[256];

		snprintf(sql, sizeof(sql),
			 "SELECT value = %.17g AND n = %llu AND expected = %llu AND devices = %zu AND complete_devices "
			 "= %zu"
			 " AND state = '%s' FROM kpi WHERE name = 'temp_mean' AND w0 = %llu",
			 a.rows[i].value, (unsigned long long)a.rows[i].n, (unsigned long long)a.rows[i].expected,
			 a.rows[i].devices, a.rows[i].complete_devices, fleet_kpi_state_name(a.rows[i].state),
			 (unsigned long long)a.rows[i].w0);
		assert_true(archive_rig_ask(&r, sql) == 1);
	}
	end(&r);
}

static void groups_are_devices_or_labels_and_silence_is_told(void **state)
{
	struct past_scope scope = half_hour(PAST_BY_DEVICE, 600);
	struct archive_rig r;
	struct answers a;

	(void)state;
	make_store(&r);
	ask(&r, &scope, "max(temp)", 0, &a);
	assert_int_equal(a.n, 9);
	assert_string_equal(a.groups[0], "a");
	assert_string_equal(a.groups[2], "c");
	assert_true(isnan(a.rows[2].value));
	assert_int_equal(a.rows[2].n, 0);
	assert_int_equal(a.rows[2].expected, 600);
	assert_true(fabs(a.rows[5].value - 27) < 1e-12);

	scope.by = PAST_BY_LABEL;
	scope.by_label = "line";
	ask(&r, &scope, "sum(temp)", 0, &a);
	assert_int_equal(a.n, 6);
	assert_string_equal(a.groups[0], "x");
	assert_string_equal(a.groups[1], "y");
	assert_true(fabs(a.rows[0].value - (1200 * 20 + 0.01 * 1200 * 29.5)) < 1e-6);
	assert_int_equal(a.rows[3].n, 100);

	scope.by_label = "colour"; /* nobody has it */
	ask(&r, &scope, "sum(temp)", 0, &a);
	assert_int_equal(a.n, 3);
	assert_string_equal(a.groups[0], "");
	scope.by_label = "line";
	scope.label = "line=y";
	ask(&r, &scope, "n(temp)", 0, &a);
	assert_int_equal(a.n, 2);
	assert_true(a.rows[0].value == 100);
	end(&r);
}

static void all_of_a_range_is_one_window(void **state)
{
	struct past_scope scope = half_hour(PAST_BY_NOTHING, 0);
	struct past_answer answer;
	struct archive_rig r;
	struct answers a;

	(void)state;
	make_store(&r);
	scope.is_whole = true;
	scope.from += 30; /* cuts the first minute of a and b: 58 parts and 20 of c are left */
	answer = ask(&r, &scope, "n(temp)", 0, &a);
	assert_int_equal(a.n, 1);
	assert_true(a.rows[0].value == 58 * 60 + 20 * 10);
	assert_int_equal(a.rows[0].wl, MINUTES * 60 - 30);
	assert_int_equal(answer.notes.n_too_long, 0);
	assert_int_equal(answer.notes.n_parts, 78);
	end(&r);
}

static void hours_that_are_rolled_up_answer_questions_about_hours(void **state)
{
	struct past_scope scope = half_hour(PAST_BY_DEVICE, 3600);
	struct past_answer answer;
	struct archive_rig r;
	struct answers a;

	(void)state;
	make_store(&r);
	scope.to = RIG_T0 + 3600;
	ask(&r, &scope, "quantile(temp, 0.9)", 0, &a);
	assert_int_equal(a.n, 3);
	archive_close(r.archive);
	fleet_rig_free(&r.fleet);
	{
		double before[3] = { a.rows[0].value, a.rows[1].value, a.rows[2].value };

		fleet_rig_init(&r.fleet, 3600);
		r.fleet.now_us = (int64_t)(RIG_T0 + 86400 * 3) * 1000000;
		assert_int_equal(archive_rig_try(&r, 86400), 0);
		archive_rig_tick(&r);
		assert_true(archive_rig_ask(&r, "SELECT count(*) FROM part") == 3);
		ask(&r, &scope, "quantile(temp, 0.9)", 0, &a);
		assert_int_equal(a.n, 3);
		for (size_t i = 0; i < 3; i++)
			assert_true(a.rows[i].value == before[i]);
	}
	scope.window_s = 600;
	answer = ask(&r, &scope, "mean(temp)", 0, &a);
	assert_int_equal(a.n, 0);
	assert_int_equal(answer.notes.n_too_long, 3);
	assert_int_equal(answer.notes.longest_s, 3600);
	end(&r);
}

static void what_can_not_be_asked_is_explained(void **state)
{
	struct past_scope scope = half_hour(PAST_BY_SITE, 90);
	struct past_question q;
	struct archive_rig r;
	struct answers a;
	struct past *p;

	(void)state;
	make_store(&r);
	assert_string_equal(ask(&r, &scope, "mean(temp)", -EINVAL, &a).error,
			    "mean(temp): column 6: windows of 90s are no multiple of those of temp@1, 1m");
	scope.window_s = 60;
	assert_string_equal(ask(&r, &scope, "mean(tmp)", -EINVAL, &a).error,
			    "mean(tmp): column 6: no device has a stream 'tmp', did you mean 'temp'?");
	assert_non_null(strstr(ask(&r, &scope, "1 + 1", -EINVAL, &a).error, "no stream"));
	assert_non_null(strstr(ask(&r, &scope, "mean(temp", -EINVAL, &a).error, "column 10"));
	assert_non_null(strstr(ask(&r, &scope, "mean(temp) + n(temp)", -EINVAL, &a).error, "column 12"));
	assert_int_equal(a.n, 0);
	assert_int_equal(past_open(&p, r.path, r.fleet.now_us), 0);
	assert_int_equal(past_find_kpi(p, &scope, "temp_p50", &q), 0);
	assert_string_equal(q.expression, "quantile(temp, 0.5)");
	assert_int_equal(past_find_kpi(p, &scope, "temp_p51", &q), -ENOENT);
	assert_string_equal(past_nearest(p, &scope, "temp_p51", false), "temp_p50");
	past_close(p);
	assert_int_equal(past_open(&p, "/nonexistent", 0), -ENOENT);
	end(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(longer_windows_are_merged_from_the_parts),
		cmocka_unit_test(a_window_of_a_kpi_is_what_the_collector_told),
		cmocka_unit_test(groups_are_devices_or_labels_and_silence_is_told),
		cmocka_unit_test(all_of_a_range_is_one_window),
		cmocka_unit_test(hours_that_are_rolled_up_answer_questions_about_hours),
		cmocka_unit_test(what_can_not_be_asked_is_explained),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
