/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Windows that become a longer one. Minutes of 60 samples k = 0 .. 59 (fleet_rig.h): sums of five by arithmetic, and the word of
 * a collector that once got the minutes and once the merged ones.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "agent/spool.h"
#include "agent/spool_merge.h"
#include "base/log.h"
#include "pipelines/wire.h"
#include "tests/fleet_rig.h"
#include "tests/spool_rig.h"

struct merged {
	struct partial p;
	struct partial_metric metrics[PARTIAL_MAX_METRICS];
	struct rig_message message;
};

static struct dynbuf nominal_of_rig(void)
{
	struct dynbuf nominal;

	dynbuf_init(&nominal, 4096);
	spool_merge_nominal(&rig_contract, &nominal);
	return nominal;
}

static struct rig_message minute(size_t i, uint32_t seq, uint32_t flags)
{
	struct rig_part part = fleet_rig_minute("a", seq, i);
	struct rig_message m;

	part.flags = flags;
	fleet_rig_encode(&part, &rig_contract, &m);
	return m;
}

static void take_result(struct spool_merge *m, size_t i, struct merged *out)
{
	struct wire_presence present;
	struct spool_row row;
	const char *why = "";

	spool_merge_result(m, i, &row);
	out->p.metrics = out->metrics;
	if (wire_decode(&out->p, &present, row.payload, row.payload_bytes, &why) < 0)
		fail_msg("%s", why);
	assert_int_equal(present.expected & present.covered_ms & 1, 1);
	assert_int_equal(row.seq, out->p.seq);
	assert_int_equal(row.span, out->p.span);
	snprintf(out->message.device, sizeof(out->message.device), "a");
	memcpy(out->message.data, row.payload, row.payload_bytes);
	out->message.bytes = row.payload_bytes;
}

/* Messages @first up to @first + @n, the first with number @seq. @return of how many the result is */
static size_t merge_minutes(struct spool_merge *m, size_t first, size_t n, uint32_t seq)
{
	struct dynbuf nominal = nominal_of_rig();
	struct rig_message one = minute(first, seq, 0);
	bool is_good = spool_merge_begin(m, one.data, one.bytes, nominal.data, nominal.len);

	dynbuf_free(&nominal);
	for (size_t i = 1; is_good && i < n; i++) {
		one = minute(first + i, seq + (uint32_t)i, 0);
		is_good = spool_merge_add(m, one.data, one.bytes);
	}
	return is_good ? spool_merge_finish(m) : 0;
}

static void five_minutes_become_one_window_with_all_their_samples(void **state)
{
	struct spool_merge *m = spool_merge_new();
	static struct merged r;
	const struct agg *a = &r.metrics[0].agg;

	(void)state;
	assert_int_equal(merge_minutes(m, 0, 5, 11), 1);
	take_result(m, 0, &r);
	assert_int_equal(r.p.w0, RIG_T0);
	assert_int_equal(r.p.wl, 300);
	assert_int_equal(r.p.seq, 15);
	assert_int_equal(r.p.span, 4);
	assert_int_equal(r.p.part, 2147483648u + 15);
	assert_int_equal(r.p.wm, RIG_T0 + 300);
	assert_int_equal(r.p.n_metrics, 1);
	assert_int_equal(a->n, 300);
	assert_int_equal(a->s1, 5 * 1770);
	assert_int_equal(a->s2.lo, 5 * 70210); /* 59 * 60 * 119 / 6 */
	assert_int_equal(a->min, 0);
	assert_int_equal(a->max, 59);
	assert_int_equal(a->expected, 300);
	assert_int_equal(a->covered_ms, 300000);
	assert_int_equal(a->first_at_ms, RIG_T0 * 1000);
	assert_int_equal(a->last_at_ms, RIG_T0 * 1000 + 299000);
	assert_int_equal(sketch_count(&a->sketch), 300);
	spool_merge_free(m);
}

static void merged_windows_merge_again_and_stand_for_all_their_numbers(void **state)
{
	struct spool_merge *m = spool_merge_new(), *again = spool_merge_new();
	struct dynbuf nominal = nominal_of_rig();
	static struct merged r;

	(void)state;
	for (uint32_t i = 0; i < 3; i++) {
		assert_int_equal(merge_minutes(m, 5 * i, 5, 1 + 5 * i), 1);
		take_result(m, 0, &r);
		if (i == 0)
			assert_true(
				spool_merge_begin(again, r.message.data, r.message.bytes, nominal.data, nominal.len));
		else
			assert_true(spool_merge_add(again, r.message.data, r.message.bytes));
	}
	assert_int_equal(spool_merge_finish(again), 1);
	take_result(again, 0, &r);
	assert_int_equal(r.p.wl, 900);
	assert_int_equal(r.p.seq, 15);
	assert_int_equal(r.p.span, 14);
	assert_int_equal(r.metrics[0].agg.n, 900);
	assert_int_equal(r.metrics[0].agg.expected, 900);
	dynbuf_free(&nominal);
	spool_merge_free(m);
	spool_merge_free(again);
}

static void only_a_whole_window_is_merged(void **state)
{
	struct spool_merge *m = spool_merge_new();

	(void)state;
	assert_int_equal(merge_minutes(m, 0, 4, 1), 0); /* one is missing at the end */
	assert_int_equal(merge_minutes(m, 1, 5, 1), 0); /* does not begin at a multiple of five minutes */
	assert_int_equal(merge_minutes(m, 0, 6, 1), 0); /* the sixth is of the next window */
	assert_int_equal(merge_minutes(m, 5, 5, 1), 1);
	spool_merge_free(m);
}

static bool takes(struct spool_merge *m, size_t i, uint32_t seq, uint32_t flags)
{
	struct rig_message one = minute(i, seq, flags);

	return spool_merge_add(m, one.data, one.bytes);
}

static void what_does_not_follow_is_not_taken(void **state)
{
	struct spool_merge *m = spool_merge_new();

	(void)state;
	assert_int_equal(merge_minutes(m, 0, 2, 1), 0);
	assert_false(takes(m, 2, 4, 0));		/* number 3 is missing */
	assert_false(takes(m, 2, 3, PARTIAL_UNSYNCED)); /* a clock that nobody had set */
	assert_false(takes(m, 2, 3, PARTIAL_BACKFILL));
	assert_false(spool_merge_add(m, "garbage", 7));
	assert_true(takes(m, 2, 3, PARTIAL_RETIMED));
	assert_true(takes(m, 3, 4, 0));
	assert_true(takes(m, 4, 5, 0));
	assert_int_equal(spool_merge_finish(m), 1);
	spool_merge_free(m);
}

/* The collector's word on the five-minute KPI, from minutes or from what was merged. */
static struct fleet_kpi told_of(bool is_merged)
{
	struct spool_merge *m = spool_merge_new();
	static struct merged r;
	struct fleet_rig rig;
	struct fleet_kpi kpi;

	fleet_rig_init(&rig, 7200);
	fleet_rig_birth(&rig, "a", 1, &rig_contract, false);
	for (uint32_t i = 0; i < 10; i++) {
		struct rig_message one = minute(i, i + 1, 0);

		if (is_merged && i < 5)
			continue;
		assert_int_equal(fleet_rig_deliver(&rig, &one), FLEET_MERGED);
	}
	if (is_merged) { /* it comes late, and twice */
		assert_int_equal(merge_minutes(m, 0, 5, 1), 1);
		take_result(m, 0, &r);
		assert_int_equal(fleet_rig_deliver(&rig, &r.message), FLEET_MERGED);
		assert_int_equal(fleet_rig_deliver(&rig, &r.message), FLEET_DUPLICATE);
	}
	rig.now_us += 600 * (int64_t)1000000;
	fleet_rig_update(&rig, true);
	kpi = *fleet_rig_newest(&rig, "temp_max");
	fleet_rig_free(&rig);
	spool_merge_free(m);
	return kpi;
}

static void a_collector_says_the_same_of_merged_windows(void **state)
{
	struct fleet_kpi plain = told_of(false), merged = told_of(true);

	(void)state;
	assert_true(plain.value == merged.value);
	assert_int_equal(plain.n, 300);
	assert_int_equal(merged.n, plain.n);
	assert_int_equal(merged.expected, plain.expected);
	assert_int_equal(merged.state, plain.state);
	assert_int_equal(plain.state, FLEET_KPI_COMPLETE);
	assert_true(merged.coverage == plain.coverage);
}

struct total {
	uint64_t n_messages, n_samples, n_lost;
	uint32_t last_seq, longest;
};

static struct total read_all(struct spool *s)
{
	static struct partial_metric metrics[PARTIAL_MAX_METRICS];
	struct partial p = { .metrics = metrics };
	struct wire_presence present;
	struct total t = { 0 };
	struct spool_row row = { 0 };
	const char *why;

	while (spool_next(s, row.id, &row) == 1) {
		assert_int_equal(wire_decode(&p, &present, row.payload, row.payload_bytes, &why), 0);
		assert_true(p.seq - p.span > t.last_seq);
		t.n_lost += p.seq - p.span - t.last_seq - 1;
		t.last_seq = p.seq;
		t.n_messages++;
		t.n_samples += p.metrics[0].agg.n;
		t.longest = p.wl > t.longest ? p.wl : t.longest;
	}
	return t;
}

/* A day and more of minutes in a spool that holds some hundred of them, restarts in between. */
static void a_full_spool_loses_resolution_and_no_data(void **state)
{
	enum { MINUTES = 2000, SIZE = 96 * 1024 };
	const struct spool_rig *rig = *state;
	struct dynbuf nominal = nominal_of_rig();
	const struct spool_contract c = { 0, "{}", 2, nominal.data, nominal.len };
	struct spool *s = spool_rig_open(rig->path, SIZE);
	struct spool_contract used = c;
	struct total t;

	for (size_t i = 0; i < MINUTES; i++) {
		struct rig_message one = minute(i, (uint32_t)i + 1, 0);
		struct spool_row row = {
			.boot = 1, .seq = (uint32_t)i + 1, .payload = one.data, .payload_bytes = one.bytes
		};
		struct spool_merge *m = i == 0 ? spool_merge_new() : NULL;

		if (m)
			assert_true(spool_merge_contract_of(m, one.data, one.bytes, &used.hash));
		spool_merge_free(m);
		if (i % 400 == 0) {
			spool_close(s);
			s = spool_rig_open(rig->path, SIZE);
			assert_int_equal(spool_keep_contract(s, &used), 0);
		}
		assert_int_equal(spool_append(s, &row), 0);
		assert_int_equal(spool_commit(s, (int64_t)i * 60000000, false), 0);
	}
	t = read_all(s);
	assert_int_equal(spool_rig_stats(s).n_dropped, 0);
	assert_int_equal(t.n_lost, 0);
	assert_int_equal(t.last_seq, MINUTES);
	assert_int_equal(t.n_samples, MINUTES * 60);
	assert_int_equal(t.n_messages, spool_rig_stats(s).n_rows);
	assert_int_equal(t.n_messages + spool_rig_stats(s).n_merged, MINUTES);
	assert_true(t.longest >= 300);
	spool_close(s);
	dynbuf_free(&nominal);
}

/* What may be with a broker has the bytes that it has. */
static void what_was_offered_is_never_merged(void **state)
{
	enum { MINUTES = 2000, OFFERED = 20, SIZE = 96 * 1024 };
	const struct spool_rig *rig = *state;
	struct dynbuf nominal = nominal_of_rig();
	struct spool *s = spool_rig_open(rig->path, SIZE);
	struct spool_contract c = { 0, "{}", 2, nominal.data, nominal.len };
	struct spool_row row;

	for (size_t i = 0; i < MINUTES; i++) {
		struct rig_message one = minute(i, (uint32_t)i + 1, 0);
		struct spool_row in = {
			.boot = 1, .seq = (uint32_t)i + 1, .payload = one.data, .payload_bytes = one.bytes
		};
		struct spool_merge *m = i == 0 ? spool_merge_new() : NULL;

		if (m) {
			assert_true(spool_merge_contract_of(m, one.data, one.bytes, &c.hash));
			assert_int_equal(spool_keep_contract(s, &c), 0);
		}
		spool_merge_free(m);
		assert_int_equal(spool_append(s, &in), 0);
		assert_int_equal(spool_commit(s, (int64_t)i * 60000000, false), 0);
		if (i + 1 == OFFERED) {
			assert_int_equal(spool_rig_offer(s, OFFERED, (int64_t)i * 60000000), 0);
			spool_close(s);
			s = spool_rig_open(rig->path, SIZE);
			assert_int_equal(spool_keep_contract(s, &c), 0);
		}
	}
	assert_true(spool_rig_stats(s).n_merged > 0);
	row.id = 0;
	for (uint32_t seq = 1; seq <= OFFERED; seq++) {
		assert_int_equal(spool_next(s, row.id, &row), 1);
		assert_int_equal(row.seq, seq);
		assert_int_equal(row.span, 0);
	}
	spool_close(s);
	dynbuf_free(&nominal);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(five_minutes_become_one_window_with_all_their_samples),
		cmocka_unit_test(merged_windows_merge_again_and_stand_for_all_their_numbers),
		cmocka_unit_test(only_a_whole_window_is_merged),
		cmocka_unit_test(what_does_not_follow_is_not_taken),
		cmocka_unit_test(a_collector_says_the_same_of_merged_windows),
		cmocka_unit_test_setup_teardown(a_full_spool_loses_resolution_and_no_data, spool_rig_make,
						spool_rig_remove),
		cmocka_unit_test_setup_teardown(what_was_offered_is_never_merged, spool_rig_make, spool_rig_remove),
	};

	log_set_level(LOG_LEVEL_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
