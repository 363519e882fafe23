/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>

#include "collector/reader.h"
#include "tests/archive_rig.h"

/* What a walk gave. */
struct seen {
	size_t n;
	int64_t last_change;
	struct fleet_kpi last;
	char names[8][32];
};

static int see(void *ctx, const struct reader_kpi *k)
{
	struct seen *s = ctx;

	assert_true(k->change > 0);
	if (s->n < 8)
		snprintf(s->names[s->n], sizeof(s->names[0]), "%s", k->kpi.name);
	s->n++;
	s->last_change = k->change;
	s->last = k->kpi;
	return 0;
}

static int see_device(void *ctx, const struct store_device *d)
{
	struct seen *s = ctx;

	snprintf(s->names[s->n++], sizeof(s->names[0]), "%s", d->name);
	return 0;
}

static int see_part(void *ctx, const struct reader_part *p)
{
	struct seen *s = ctx;

	assert_string_equal(p->site, "delft");
	assert_true(p->bytes > 0 && p->id > s->last_change);
	s->last_change = p->id;
	s->n++;
	return 0;
}

static void send(struct archive_rig *r, const char *device, uint32_t minute)
{
	struct rig_part p = fleet_rig_minute(device, minute + 1, minute);

	(void)!fleet_rig_send(&r->fleet, &p);
}

static void begin(struct archive_rig *r)
{
	*r = (struct archive_rig){ 0 };
	archive_rig_make(r);
	archive_rig_begin(r);
	fleet_rig_birth(&r->fleet, "a", 1, &rig_contract, false);
	fleet_rig_birth(&r->fleet, "b", 1, &rig_contract, false);
}

static void end(struct archive_rig *r)
{
	archive_rig_end(r);
	archive_rig_remove(r);
}

static struct seen changes(struct reader *r, int64_t after, size_t limit)
{
	struct seen s = { 0 };

	assert_int_equal(reader_each_change(r, after, limit, see, &s), 0);
	return s;
}

static void a_cursor_gets_each_row_once_and_again_only_when_it_changed(void **state)
{
	struct archive_rig r;
	struct reader *reader;
	struct seen s;

	(void)state;
	begin(&r);
	assert_int_equal(reader_open(&reader, r.path), 0);
	assert_int_equal(changes(reader, 0, 100).n, 0);
	send(&r, "a", 0);
	send(&r, "b", 0);
	archive_rig_tick(&r);
	s = changes(reader, 0, 100); /* temp_mean and temp_p50 of a minute */
	assert_int_equal(s.n, 2);
	assert_int_equal(s.last.state, FLEET_KPI_COMPLETE);
	assert_int_equal(s.last_change, reader_last_change(reader));
	archive_rig_tick(&r);
	assert_int_equal(changes(reader, s.last_change, 100).n, 0);

	send(&r, "a", 1);
	archive_rig_tick(&r);
	s = changes(reader, s.last_change, 100);
	assert_int_equal(s.n, 2);
	assert_int_equal(s.last.state, FLEET_KPI_PROVISIONAL);
	archive_rig_crash(&r);
	assert_int_equal(reader_last_change(reader), s.last_change);
	reader_close(reader);
	assert_int_equal(reader_open(&reader, r.path), 0);
	send(&r, "b", 1);
	archive_rig_tick(&r);
	s = changes(reader, s.last_change, 100);
	assert_int_equal(s.n, 2); /* the same rows: they are one version further */
	assert_int_equal(s.last.version, 2);
	assert_int_equal(s.last.n, 120);
	assert_int_equal(changes(reader, 0, 100).n, 4);
	assert_int_equal(changes(reader, 0, 3).n, 3);
	reader_close(reader);
	end(&r);
}

static void a_sink_has_its_own_cursor_that_survives(void **state)
{
	struct archive_rig r;
	struct reader *reader;

	(void)state;
	begin(&r);
	assert_int_equal(reader_attach(&reader, r.fleet.fleet->store), 0);
	assert_int_equal(reader_cursor(reader, "influxdb"), 0);
	assert_int_equal(reader_set_cursor(reader, "influxdb", 41), 0);
	assert_int_equal(reader_set_cursor(reader, "kafka", 7), 0);
	reader_close(reader);
	archive_rig_crash(&r);
	assert_int_equal(reader_open(&reader, r.path), 0);
	assert_int_equal(reader_cursor(reader, "influxdb"), 41);
	assert_int_equal(reader_cursor(reader, "kafka"), 7);
	assert_int_equal(reader_set_cursor(reader, "kafka", 8), -EROFS);
	reader_close(reader);
	end(&r);
}

static void parts_are_read_in_the_order_in_which_they_came(void **state)
{
	struct archive_rig r;
	struct reader *reader;
	struct seen s = { 0 };

	(void)state;
	begin(&r);
	send(&r, "b", 3);
	send(&r, "a", 1);
	send(&r, "a", 1);
	send(&r, "a", 0);
	assert_int_equal(archive_commit(r.archive), 0);
	assert_int_equal(reader_attach(&reader, r.fleet.fleet->store), 0);
	assert_int_equal(reader_each_part(reader, 0, 2, see_part, &s), 0);
	assert_int_equal(s.n, 2);
	assert_int_equal(reader_each_part(reader, s.last_change, 10, see_part, &s), 0);
	assert_int_equal(s.n, 3);
	assert_int_equal(reader_last_part(reader), s.last_change);
	reader_close(reader);
	end(&r);
}

static void rows_are_found_by_time_and_name_and_the_newest_of_each(void **state)
{
	const uint64_t t0 = RIG_T0;
	struct reader_range range = { .site = "delft", .name = "temp_mean", .from = t0 + 60, .to = t0 + 240 };
	struct archive_rig r;
	struct reader *reader;
	struct seen s = { 0 };

	(void)state;
	begin(&r);
	for (uint32_t m = 0; m < 10; m++) {
		send(&r, "a", m);
		send(&r, "b", m);
	}
	archive_rig_tick(&r);
	assert_int_equal(reader_open(&reader, r.path), 0);
	assert_int_equal(reader_each_kpi(reader, &range, see, &s), 0);
	assert_int_equal(s.n, 3);
	assert_int_equal(s.last.w0, t0 + 180);
	assert_true(s.last.value == 20.295);
	range = (struct reader_range){ .to = UINT64_MAX, .limit = 1, .newest_first = true };
	assert_int_equal(reader_each_kpi(reader, &range, see, &s), 0);
	assert_int_equal(s.n, 4);
	assert_int_equal(s.last.w0, t0 + 540);
	s.n = 0;
	assert_int_equal(reader_each_newest(reader, NULL, see, &s), 0);
	assert_int_equal(s.n, 3);
	assert_string_equal(s.names[0], "temp_max");
	assert_string_equal(s.names[1], "temp_mean");
	assert_string_equal(s.names[2], "temp_p50");
	assert_int_equal(reader_each_newest(reader, "elsewhere", see, &s), 0);
	assert_int_equal(s.n, 3);
	s.n = 0;
	assert_int_equal(reader_each_device(reader, "delft", see_device, &s), 0);
	assert_int_equal(s.n, 2);
	assert_string_equal(s.names[1], "b");
	reader_close(reader);
	end(&r);
}

static void who_stands_out_is_read_as_it_was_told(void **state)
{
	struct fleet_kpi k = { .spread = { .n = 9, .n_worst = 2, .worst = { { "a-1", -0.1 }, { "b_2", 1e300 } } } };
	char text[FLEET_KPI_WORST_BYTES];
	struct fleet_kpi back = { 0 };

	(void)state;
	fleet_kpi_parse_worst(&back, fleet_kpi_worst_names(&k, text));
	assert_int_equal(back.spread.n_worst, 2);
	assert_string_equal(back.spread.worst[0].device, "a-1");
	assert_true(back.spread.worst[0].value == -0.1 && back.spread.worst[1].value == 1e300);
	fleet_kpi_parse_worst(&back, "a b= =  c=1 d=x");
	assert_int_equal(back.spread.n_worst, 1);
	assert_string_equal(back.spread.worst[0].device, "c");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_cursor_gets_each_row_once_and_again_only_when_it_changed),
		cmocka_unit_test(a_sink_has_its_own_cursor_that_survives),
		cmocka_unit_test(parts_are_read_in_the_order_in_which_they_came),
		cmocka_unit_test(rows_are_found_by_time_and_name_and_the_newest_of_each),
		cmocka_unit_test(who_stands_out_is_read_as_it_was_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
