/* SPDX-License-Identifier: Apache-2.0 */
/* Which fleet KPIs are told, when, and what their counts of devices and samples say. Values are arithmetic by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "tests/fleet_rig.h"

enum { KEEP_S = 7200 };

static void send(struct fleet_rig *r, const char *device, uint32_t seq, size_t window)
{
	struct rig_part p = fleet_rig_minute(device, seq, window);

	assert_int_equal(fleet_rig_send(r, &p), FLEET_MERGED);
}

static void expect_counts(const struct fleet_kpi *k, size_t reporting, size_t complete, size_t expected)
{
	assert_int_equal(k->devices, reporting);
	assert_int_equal(k->complete_devices, complete);
	assert_int_equal(k->expected_devices, expected);
	assert_int_equal(k->state == FLEET_KPI_COMPLETE, complete == expected);
}

static void start_two(struct fleet_rig *r)
{
	fleet_rig_init(r, KEEP_S);
	fleet_rig_birth(r, "a", 1, &rig_contract, false);
	fleet_rig_birth(r, "b", 1, &rig_contract, false);
}

static void a_window_is_provisional_until_all_expected_devices_are_past_it(void **state)
{
	struct fleet_rig r;

	(void)state;
	start_two(&r);
	send(&r, "a", 1, 0);
	fleet_rig_update(&r, false);
	assert_int_equal(r.n_told, 0);
	fleet_rig_update(&r, true);
	assert_int_equal(r.n_told, 2); /* mean and median of the minute; the five minutes go on */
	expect_counts(fleet_rig_newest(&r, "temp_mean"), 1, 1, 2);
	assert_int_equal(fleet_rig_newest(&r, "temp_mean")->version, 1);
	assert_int_equal(fleet_rig_newest(&r, "temp_mean")->n, 60);
	assert_int_equal(fleet_rig_newest(&r, "temp_mean")->expected, 120);
	assert_true(fleet_rig_newest(&r, "temp_mean")->coverage == 0.5);
	fleet_rig_update(&r, true);
	assert_int_equal(r.n_told, 0); /* nothing changed */

	send(&r, "b", 1, 0);
	fleet_rig_update(&r, false); /* complete windows do not wait for the second */
	assert_int_equal(r.n_told, 2);
	expect_counts(fleet_rig_newest(&r, "temp_mean"), 2, 2, 2);
	assert_int_equal(fleet_rig_newest(&r, "temp_mean")->version, 2);
	fleet_rig_free(&r);
}

static void the_json_is_that_of_the_contract(void **state)
{
	struct fleet_rig r;

	(void)state;
	fleet_rig_init(&r, KEEP_S);
	fleet_rig_birth(&r, "a", 1, &rig_contract, false);
	send(&r, "a", 1, 0);
	fleet_rig_update(&r, true);
	/* 20 + 0.01 * 1770 / 60, in doubles as the contract's formula says; half of 60 is rank 30, k = 29, in bucket [20, 30) */
	assert_string_equal(
		dynbuf_text(&r.told),
		"{\"type\":\"fleet_kpi\",\"site\":\"delft\",\"name\":\"temp_mean\",\"w0\":1763697600,\"wl\":60,"
		"\"value\":20.295,"
		"\"unit\":\"Cel\",\"n\":60,\"expected\":60,\"devices\":1,\"expected_devices\":1,\"complete_devices\":1,"
		"\"coverage\":1,\"state\":\"COMPLETE\",\"version\":1}\n"
		"{\"type\":\"fleet_kpi\",\"site\":\"delft\",\"name\":\"temp_p50\",\"w0\":1763697600,\"wl\":60,"
		"\"value\":20.245,"
		"\"unit\":\"Cel\",\"n\":60,\"expected\":60,\"devices\":1,\"expected_devices\":1,\"complete_devices\":1,"
		"\"coverage\":1,\"state\":\"COMPLETE\",\"version\":1}\n");
	fleet_rig_free(&r);
}

static void a_window_that_still_runs_is_not_told(void **state)
{
	struct rig_part p = fleet_rig_minute("a", 1, 0);
	struct fleet_rig r;

	(void)state;
	start_two(&r);
	p.wm = RIG_T0;
	assert_int_equal(fleet_rig_send(&r, &p), FLEET_MERGED);
	fleet_rig_update(&r, true);
	assert_int_equal(r.n_told, 0);
	fleet_rig_free(&r);
}

static void longer_windows_are_made_of_shorter_ones(void **state)
{
	const struct fleet_kpi *k;
	struct fleet_rig r;

	(void)state;
	fleet_rig_init(&r, KEEP_S);
	fleet_rig_birth(&r, "a", 1, &rig_contract, false);
	for (uint32_t w = 0; w < 5; w++)
		send(&r, "a", w + 1, w);
	fleet_rig_update(&r, true);
	k = fleet_rig_newest(&r, "temp_max");
	expect_counts(k, 1, 1, 1);
	assert_int_equal(k->w0, RIG_T0);
	assert_int_equal(k->wl, 300);
	assert_int_equal(k->n, 300);
	assert_int_equal(k->expected, 300);
	assert_true(fabs(k->value - 20.59) < 1e-12);
	fleet_rig_free(&r);
}

static void a_lost_message_keeps_its_windows_open_until_it_comes(void **state)
{
	struct fleet_rig r;

	(void)state;
	fleet_rig_init(&r, KEEP_S);
	fleet_rig_birth(&r, "a", 1, &rig_contract, false);
	send(&r, "a", 1, 0);
	fleet_rig_update(&r, true);
	send(&r, "a", 3, 2);
	fleet_rig_update(&r, true);
	expect_counts(fleet_rig_newest(&r, "temp_mean"), 1, 0, 1); /* could be in what is missing */
	send(&r, "a", 4, 3);
	send(&r, "a", 5, 4);
	fleet_rig_update(&r, true);
	expect_counts(fleet_rig_newest(&r, "temp_mean"), 1, 1, 1); /* began after the hole */
	expect_counts(fleet_rig_newest(&r, "temp_max"), 1, 0, 1);

	send(&r, "a", 2, 1);
	fleet_rig_update(&r, false);
	expect_counts(fleet_rig_newest(&r, "temp_max"), 1, 1, 1);
	assert_int_equal(fleet_rig_newest(&r, "temp_max")->n, 300);
	assert_null(strstr(dynbuf_text(&r.told), "PROVISIONAL"));
	fleet_rig_free(&r);
}

static void late_parts_are_told_with_a_higher_version_but_not_as_the_newest(void **state)
{
	struct rig_part late = fleet_rig_minute("a", 3, 0);
	struct fleet_rig r;

	(void)state;
	fleet_rig_init(&r, KEEP_S);
	fleet_rig_birth(&r, "a", 1, &rig_contract, false);
	send(&r, "a", 1, 0);
	send(&r, "a", 2, 1);
	fleet_rig_update(&r, true);
	assert_int_equal(r.n_newest, 4);

	late.part = 1;
	late.wm = RIG_T0 + 120;
	late.n_k = 3;
	assert_int_equal(fleet_rig_send(&r, &late), FLEET_MERGED);
	fleet_rig_update(&r, false);
	assert_int_equal(r.n_told, 2);
	assert_int_equal(r.n_newest, 0);
	assert_int_equal(r.last.w0, RIG_T0);
	assert_int_equal(r.last.version, 2);
	assert_int_equal(r.last.n, 63);
	assert_int_equal(fleet_rig_newest(&r, "temp_mean")->w0, RIG_T0 + 60);
	fleet_rig_free(&r);
}

static void a_restart_in_the_window_is_complete_when_the_new_boot_is_past_it(void **state)
{
	struct rig_part first = fleet_rig_minute("a", 1, 0), second = fleet_rig_minute("a", 1, 0);
	struct fleet_rig r;

	(void)state;
	fleet_rig_init(&r, KEEP_S);
	fleet_rig_birth(&r, "a", 1, &rig_contract, false);
	first.n_k = 20;
	first.expected = 20;
	first.wm = RIG_T0;
	assert_int_equal(fleet_rig_send(&r, &first), FLEET_MERGED);
	fleet_rig_birth(&r, "a", 2, &rig_contract, true);
	second.boot = 2;
	second.n_k = 30;
	second.expected = 30;
	assert_int_equal(fleet_rig_send(&r, &second), FLEET_MERGED);
	fleet_rig_update(&r, false);
	expect_counts(fleet_rig_newest(&r, "temp_mean"), 1, 1, 1);
	assert_int_equal(fleet_rig_newest(&r, "temp_mean")->n, 50);
	assert_int_equal(fleet_rig_newest(&r, "temp_mean")->expected, 60); /* what the restart cost was due */
	assert_true(fleet_rig_newest(&r, "temp_mean")->coverage == 50.0 / 60.0);
	fleet_rig_free(&r);
}

static void of_two_definitions_that_of_most_devices_is_told(void **state)
{
	static const struct kpi_def other_kpis[] = { { "temp_mean", "mean(temp) * 1", "Cel", 60 } };
	struct contract other = { rig_contract.metrics, 1, other_kpis, 1 };
	struct rig_message m;
	struct rig_part p = fleet_rig_minute("c", 1, 0);
	struct fleet_rig r;

	(void)state;
	start_two(&r);
	fleet_rig_birth(&r, "c", 1, &other, false);
	send(&r, "a", 1, 0);
	send(&r, "b", 1, 0);
	fleet_rig_encode(&p, &other, &m);
	assert_int_equal(fleet_rig_deliver(&r, &m), FLEET_MERGED);
	fleet_rig_update(&r, true);
	assert_int_equal(fleet_rig_newest(&r, "temp_mean")->n_definitions, 2);
	expect_counts(fleet_rig_newest(&r, "temp_mean"), 3, 3,
		      3); /* all data of the stream count, so does who sent them */
	assert_int_equal(fleet_rig_newest(&r, "temp_mean")->n, 180);
	fleet_rig_free(&r);
}

static void a_tie_goes_to_the_smaller_text(void **state)
{
	static const struct kpi_def ka[] = { { "x", "min(temp)", "Cel", 60 } },
				    kb[] = { { "x", "max(temp)", "Cel", 60 } };
	struct contract ca = { rig_contract.metrics, 1, ka, 1 }, cb = { rig_contract.metrics, 1, kb, 1 };
	struct rig_part p = fleet_rig_minute("a", 1, 0);
	struct rig_message m;
	struct fleet_rig r;

	(void)state;
	fleet_rig_init(&r, KEEP_S);
	fleet_rig_birth(&r, "a", 1, &ca, false);
	fleet_rig_birth(&r, "b", 1, &cb, false);
	fleet_rig_encode(&p, &ca, &m);
	assert_int_equal(fleet_rig_deliver(&r, &m), FLEET_MERGED);
	fleet_rig_update(&r, true);
	assert_true(fabs(fleet_rig_newest(&r, "x")->value - 20.59) < 1e-12); /* "max..." */
	fleet_rig_free(&r);
}

static void kpis_that_cannot_be_computed_are_left_out(void **state)
{
	static const struct kpi_def kpis[] = { { "good", "max(temp)", "Cel", 60 },
					       { "newer", "kurtosis(temp)", "1", 60 },
					       { "absent", "max(nothing)", "1", 60 },
					       { "short", "max(temp)", "1", 1 },
					       { "none", "1 + 1", "1", 60 } };
	struct contract c = { rig_contract.metrics, 1, kpis, 5 };
	struct rig_part p = fleet_rig_minute("a", 1, 0);
	struct rig_message m;
	struct fleet_rig r;

	(void)state;
	fleet_rig_init(&r, KEEP_S);
	fleet_rig_birth(&r, "a", 1, &c, false);
	fleet_rig_encode(&p, &c, &m);
	assert_int_equal(fleet_rig_deliver(&r, &m), FLEET_MERGED);
	fleet_rig_update(&r, true);
	assert_int_equal(r.n_told, 1);
	assert_string_equal(r.last.name, "good");
	fleet_rig_free(&r);
}

static void without_a_value_the_value_is_null(void **state)
{
	struct rig_part p = fleet_rig_minute("a", 1, 0);
	struct fleet_rig r;

	(void)state;
	fleet_rig_init(&r, KEEP_S);
	fleet_rig_birth(&r, "a", 1, &rig_contract, false);
	p.n_k = 0;
	assert_int_equal(fleet_rig_send(&r, &p), FLEET_MERGED);
	fleet_rig_update(&r, true);
	assert_non_null(
		strstr(dynbuf_text(&r.told), "\"value\":null,\"unit\":\"Cel\",\"n\":0,\"expected\":60,\"devices\":1"));
	assert_non_null(strstr(dynbuf_text(&r.told), "\"coverage\":0,"));
	fleet_rig_free(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_window_is_provisional_until_all_expected_devices_are_past_it),
		cmocka_unit_test(the_json_is_that_of_the_contract),
		cmocka_unit_test(a_window_that_still_runs_is_not_told),
		cmocka_unit_test(longer_windows_are_made_of_shorter_ones),
		cmocka_unit_test(a_lost_message_keeps_its_windows_open_until_it_comes),
		cmocka_unit_test(late_parts_are_told_with_a_higher_version_but_not_as_the_newest),
		cmocka_unit_test(a_restart_in_the_window_is_complete_when_the_new_boot_is_past_it),
		cmocka_unit_test(of_two_definitions_that_of_most_devices_is_told),
		cmocka_unit_test(a_tie_goes_to_the_smaller_text),
		cmocka_unit_test(kpis_that_cannot_be_computed_are_left_out),
		cmocka_unit_test(without_a_value_the_value_is_null),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
