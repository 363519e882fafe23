/* SPDX-License-Identifier: Apache-2.0 */
/* What dating the parts of a clock that nobody had set must bear: messages that become too long, clocks that lie, promises without a time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "pipelines/wire.h"
#include "tests/date_rig.h"

enum { WIDE = 60 };

static struct partial_metric wide_metrics[WIDE];
static struct metric_def wide_defs[WIDE];
static char wide_names[WIDE][8];

/* As many metrics as fit, each with a sketch of 140 buckets; what is as in the contract is left out. */
static size_t make_wide(struct partial *p, struct rig_message *m)
{
	int n = 0;

	*p = (struct partial){
		.version = 1, .site = "delft", .device = "a", .boot = DATE_RIG_LIFE, .seq = 1, .w0 = 1200, .wl = 60
	};
	p->flags = PARTIAL_UNSYNCED;
	p->metrics = wide_metrics;
	for (size_t i = 0; i < WIDE; i++) {
		struct agg *a = &wide_metrics[i].agg;

		snprintf(wide_names[i], sizeof(wide_names[i]), "s%zu@1", i);
		wide_defs[i] = rig_contract.metrics[0];
		wide_defs[i].name = wide_names[i];
		wide_metrics[i].id = (uint32_t)i;
		*a = (struct agg){
			.n = 140, .max = 1390, .first_at_ms = 1200000, .last_at_ms = 1259000, .expected = 60
		};
		a->covered_ms = 60000;
		a->has_sketch = true;
		a->sketch.pos.n = 140;
		for (int64_t k = 0; k < 140; k++) {
			a->sketch.pos.counts[k] = 1;
			a->s1 += 10 * k;
			a->s2.lo += (uint64_t)(100 * k * k);
		}
	}
	p->contract = 0;
	for (size_t i = 1; i <= WIDE && n >= 0; i++) {
		p->n_metrics = i;
		n = wire_encode(p, wide_defs, m->data, sizeof(m->data));
		m->bytes = n > 0 ? (size_t)n : m->bytes;
	}
	assert_true(n < 0);
	return p->n_metrics - 1;
}

static void a_message_that_becomes_too_long_is_two(void **state)
{
	static struct rig_message m = { .device = "a" };
	struct contract c = { .metrics = wide_defs };
	struct partial p, clock = date_rig_told(1763697600 * INT64_C(1000000) + 1500000);
	struct archive_rig r;

	(void)state;
	date_rig_begin(&r);
	c.n_metrics = make_wide(&p, &m);
	p.contract = fleet_rig_birth(&r.fleet, "a", DATE_RIG_LIFE, &c, false);
	p.n_metrics = c.n_metrics;
	m.bytes = (size_t)wire_encode(&p, wide_defs, m.data, sizeof(m.data));
	assert_in_range(m.bytes, 8000, 8192);
	assert_int_equal(fleet_rig_deliver(&r.fleet, &m), FLEET_UNSYNCED);
	assert_int_equal(date_rig_tell(&r, &clock), FLEET_CLOCK);
	date_rig_tick(&r, 2);
	assert_true(archive_rig_ask(&r, "SELECT count(*) FROM unsynced WHERE w0 > 0") == 0);
	assert_true(archive_rig_ask(&r, "SELECT count(*) FROM part WHERE w0 = 1763698800 AND wl = 300 AND"
					" part IN (2147483649, 2684354561)") == 2);
	assert_int_equal(site_window(fleet_find_site(r.fleet.fleet, "delft"), 0)->aggs.n, c.n_metrics);

	/* both have one number, and are too long together: neither keeps its hour, or others, from being rolled up */
	for (int day = 1; day <= 5; day += 4) {
		archive_rig_end(&r);
		fleet_rig_init(&r.fleet, 3600);
		r.fleet.now_us = (INT64_C(1763698800) + 86400 * day) * 1000000;
		assert_int_equal(archive_rig_try(&r, 86400 * 2), 0);
		date_rig_tick(&r, 5);
	}
	assert_string_equal(archive_problem(r.archive), "");
	assert_true(archive_rig_ask(&r, "SELECT count(*) FROM part WHERE wl = 300") == 0);
	assert_true(archive_rig_ask(&r, "SELECT count(*) FROM part WHERE wl = 3600") == 2);
	date_rig_end(&r);
}

static void a_clock_that_lies_moves_no_watermark_and_merges_nothing(void **state)
{
	static const int64_t lies[] = { INT64_C(2000000000000000), INT64_C(250000000000000000),
					INT64_C(-250000000000000000) };
	struct archive_rig r;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(lies); i++) {
		const struct partial clock = date_rig_told(lies[i]);
		struct rig_part p = date_rig_unknown_minute(3);
		struct site *s;

		date_rig_begin(&r);
		date_rig_send_b(&r, 0);
		assert_int_equal(fleet_rig_send(&r.fleet, &p), FLEET_UNSYNCED);
		assert_int_equal(date_rig_tell(&r, &clock), FLEET_CLOCK);
		date_rig_tick(&r, 3);
		s = fleet_find_site(r.fleet.fleet, "delft");
		assert_int_equal(s->front, RIG_T0 + 60);
		assert_int_equal(device_wm(site_find_device(s, "a")), 0);
		assert_true(archive_rig_ask(&r, "SELECT count(*) FROM part") == 1);
		assert_true(archive_rig_ask(&r, "SELECT count(*) FROM unsynced WHERE w0 > 0") == 1);
		date_rig_end(&r);
	}
}

static void a_status_of_a_clock_that_nobody_set_promises_nothing(void **state)
{
	struct archive_rig r;
	struct site *s;

	(void)state;
	date_rig_begin(&r);
	s = fleet_find_site(r.fleet.fleet, "delft");
	fleet_rig_status(&r.fleet, "a",
			 "{\"state\":\"online\",\"boot\":9,\"seq\":0,\"wm\":1763698000,\"clock\":{\"state\":"
			 "\"unsynchronised\"}}");
	assert_int_equal(s->front, 0);
	fleet_rig_status(
		&r.fleet, "a",
		"{\"state\":\"online\",\"boot\":9,\"seq\":0,\"wm\":1763698000,\"clock\":{\"state\":\"synchronised\"}}");
	assert_int_equal(s->front, 1763698000);
	date_rig_end(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_that_becomes_too_long_is_two),
		cmocka_unit_test(a_clock_that_lies_moves_no_watermark_and_merges_nothing),
		cmocka_unit_test(a_status_of_a_clock_that_nobody_set_promises_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
