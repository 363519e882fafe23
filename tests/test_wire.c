/* SPDX-License-Identifier: Apache-2.0 */
/* The expected bytes of tests/golden come from protoc; hostile messages are put together here byte by byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "pipelines/wire.h"
#include "tests/golden_partials.h"

struct decoded {
	struct partial p;
	struct wire_presence present;
	const char *why;
	struct partial_metric metrics[PARTIAL_MAX_METRICS];
};

static struct decoded result;

static int decode(const uint8_t *in, size_t bytes)
{
	memset(&result, 0, sizeof(result));
	result.p.metrics = result.metrics;
	return wire_decode(&result.p, &result.present, in, bytes, &result.why);
}

static int encode(const struct golden *g, uint8_t *out, size_t cap)
{
	return wire_encode(&g->partial, g->has_contract ? g->defs : NULL, out, cap);
}

static void assert_same_range(const struct sketch_range *a, const struct sketch_range *b)
{
	assert_int_equal(a->n, b->n);
	assert_int_equal(a->offset, b->offset);
	assert_memory_equal(a->counts, b->counts, sizeof(a->counts));
}

static void assert_same_agg(const struct agg *a, const struct agg *b)
{
	assert_int_equal(a->n, b->n);
	assert_int_equal(a->s1, b->s1);
	assert_int_equal(a->s2.hi, b->s2.hi);
	assert_int_equal(a->s2.lo, b->s2.lo);
	assert_int_equal(a->min, b->min);
	assert_int_equal(a->max, b->max);
	assert_int_equal(a->first, b->first);
	assert_int_equal(a->last, b->last);
	assert_int_equal(a->first_at_ms, b->first_at_ms);
	assert_int_equal(a->last_at_ms, b->last_at_ms);
	assert_int_equal(a->bad, b->bad);
	assert_int_equal(a->lost, b->lost);
	assert_int_equal(a->tw, b->tw);
	assert_int_equal(a->tw_ms, b->tw_ms);
	assert_int_equal(a->increase, b->increase);
	assert_int_equal(a->resets, b->resets);
	assert_int_equal(a->flags, b->flags);
	assert_int_equal(a->has_sketch, b->has_sketch);
	assert_int_equal(a->sketch.shift, b->sketch.shift);
	assert_int_equal(a->sketch.zero, b->sketch.zero);
	assert_int_equal(a->sketch.under, b->sketch.under);
	assert_int_equal(a->sketch.over, b->sketch.over);
	assert_same_range(&a->sketch.pos, &b->sketch.pos);
	assert_same_range(&a->sketch.neg, &b->sketch.neg);
}

static void assert_same_partial(const struct partial *a, const struct partial *b)
{
	assert_int_equal(a->version, b->version);
	assert_string_equal(a->site, b->site);
	assert_string_equal(a->device, b->device);
	assert_int_equal(a->boot, b->boot);
	assert_int_equal(a->seq, b->seq);
	assert_int_equal(a->w0, b->w0);
	assert_int_equal(a->wl, b->wl);
	assert_int_equal(a->part, b->part);
	assert_int_equal(a->contract, b->contract);
	assert_int_equal(a->flags, b->flags);
	assert_int_equal(a->wm, b->wm);
	assert_int_equal(a->n_metrics, b->n_metrics);
	for (size_t i = 0; i < a->n_metrics; i++) {
		assert_int_equal(a->metrics[i].id, b->metrics[i].id);
		assert_same_agg(&a->metrics[i].agg, &b->metrics[i].agg);
	}
}

static void partials_become_the_bytes_that_protoc_makes(void **state)
{
	uint8_t expected[PARTIAL_MAX_BYTES], out[PARTIAL_MAX_BYTES];
	struct golden g;

	(void)state;
	for (size_t i = 0; i < golden_count(); i++) {
		size_t bytes;

		golden_build(i, &g);
		print_message("%s\n", g.name);
		bytes = golden_read(g.name, expected, sizeof(expected));
		assert_int_equal(encode(&g, out, sizeof(out)), bytes);
		assert_memory_equal(out, expected, bytes);
	}
}

static void the_bytes_that_protoc_makes_become_partials(void **state)
{
	uint8_t in[PARTIAL_MAX_BYTES];
	struct golden g;

	(void)state;
	for (size_t i = 0; i < golden_count(); i++) {
		golden_build(i, &g);
		print_message("%s\n", g.name);
		assert_int_equal(decode(in, golden_read(g.name, in, sizeof(in))), 0);
		assert_same_partial(&result.p, &g.partial);
		assert_int_equal(result.present.expected, g.present.expected);
		assert_int_equal(result.present.covered_ms, g.present.covered_ms);
	}
}

static void the_contract_gives_back_what_was_not_sent(void **state)
{
	uint8_t in[PARTIAL_MAX_BYTES];
	struct golden g;

	(void)state;
	for (size_t i = 0; i < golden_count(); i++) {
		golden_build(i, &g);
		if (!g.has_contract)
			continue;
		for (size_t d = 0; d < GOLDEN_MAX_DEFS; d++)
			g.defs[d].has_sketch = true; /* exp2 */
		assert_int_equal(decode(in, golden_read(g.name, in, sizeof(in))), 0);
		assert_int_equal(wire_complete(&result.p, &result.present, g.defs, GOLDEN_MAX_DEFS), 0);
		for (size_t m = 0; m < g.partial.n_metrics; m++) {
			assert_int_equal(result.metrics[m].agg.expected, g.metrics[m].agg.expected);
			assert_int_equal(result.metrics[m].agg.covered_ms, g.metrics[m].agg.covered_ms);
			assert_int_equal(result.metrics[m].agg.due_ms, (uint64_t)g.partial.wl * 1000);
		}
	}
}

static void a_message_cut_anywhere_is_refused(void **state)
{
	uint8_t in[PARTIAL_MAX_BYTES];
	struct golden g;

	(void)state;
	for (size_t i = 0; i < golden_count(); i++) {
		size_t bytes;

		golden_build(i, &g);
		bytes = golden_read(g.name, in, sizeof(in));
		for (size_t cut = 0; cut < bytes; cut++) { /* the site is the last field, and must be there */
			uint8_t torn[PARTIAL_MAX_BYTES];

			memcpy(torn, in, cut);
			assert_int_equal(decode(torn, cut), -EBADMSG);
			assert_non_null(result.why);
		}
	}
}

static void a_changed_bit_never_crashes_and_what_is_accepted_encodes_again(void **state)
{
	uint8_t in[PARTIAL_MAX_BYTES], out[PARTIAL_MAX_BYTES];
	static struct partial_metric first[PARTIAL_MAX_METRICS];
	struct golden g;

	(void)state;
	for (size_t i = 0; i < golden_count(); i++) {
		size_t bytes;

		golden_build(i, &g);
		bytes = golden_read(g.name, in, sizeof(in));
		for (size_t bit = 0; bit < bytes * 8; bit++) {
			struct partial p;
			int r;

			in[bit / 8] ^= (uint8_t)(1 << bit % 8);
			if (decode(in, bytes) == 0) {
				memcpy(first, result.metrics, sizeof(first));
				p = result.p;
				p.metrics = first;
				r = wire_encode(&p, NULL, out, sizeof(out));
				assert_true(r > 0);
				assert_int_equal(decode(out, (size_t)r), 0);
				assert_same_partial(&result.p, &p);
			}
			in[bit / 8] ^= (uint8_t)(1 << bit % 8);
		}
	}
}

static void a_refused_message_changes_nothing_but_the_room_for_metrics(void **state)
{
	struct partial_metric metrics[PARTIAL_MAX_METRICS];
	struct partial p = { .seq = 77, .n_metrics = 5, .metrics = metrics };
	struct wire_presence present = { 1, 2 };
	uint8_t in[PARTIAL_MAX_BYTES];
	size_t bytes = golden_read("several_metrics", in, sizeof(in));
	const char *why = NULL;

	(void)state;
	assert_int_equal(wire_decode(&p, &present, in, bytes - 1, &why), -EBADMSG);
	assert_non_null(why);
	assert_int_equal(p.seq, 77);
	assert_int_equal(p.n_metrics, 5);
	assert_ptr_equal(p.metrics, metrics);
	assert_int_equal(present.expected, 1);
	assert_int_equal(present.covered_ms, 2);
}

static void what_does_not_fit_is_refused_without_a_byte_too_many(void **state)
{
	uint8_t out[PARTIAL_MAX_BYTES + 1];
	struct golden g;

	(void)state;
	for (size_t i = 0; i < golden_count(); i++) {
		int bytes;

		golden_build(i, &g);
		bytes = encode(&g, out, sizeof(out));
		for (size_t cap = 0; cap < (size_t)bytes; cap++) {
			out[cap] = 0xA5;
			assert_int_equal(encode(&g, out, cap), -EMSGSIZE);
			assert_int_equal(out[cap], 0xA5);
		}
		assert_int_equal(encode(&g, out, (size_t)bytes), bytes);
	}
}

static void no_message_is_longer_than_8_kib(void **state)
{
	static uint8_t out[64 * 1024];
	static struct partial_metric metrics[PARTIAL_MAX_METRICS];
	struct golden g;

	(void)state;
	golden_build(2, &g);
	for (uint32_t i = 0; i < PARTIAL_MAX_METRICS; i++) {
		metrics[i] = g.metrics[0];
		metrics[i].id = i;
	}
	g.partial.metrics = metrics;
	g.partial.n_metrics = 30;
	assert_in_range(wire_encode(&g.partial, NULL, out, sizeof(out)), 30 * 200, PARTIAL_MAX_BYTES);
	g.partial.n_metrics = PARTIAL_MAX_METRICS; /* each has 200 bytes of counts */
	assert_int_equal(wire_encode(&g.partial, NULL, out, sizeof(out)), -EMSGSIZE);
}

static void zeros_around_the_counts_are_never_sent(void **state)
{
	uint8_t expected[PARTIAL_MAX_BYTES], out[PARTIAL_MAX_BYTES];
	size_t bytes = golden_read("lin_negative_offset", expected, sizeof(expected));
	struct sketch_range *r;
	struct golden g;

	(void)state;
	golden_build(3, &g);
	r = &g.metrics[0].agg.sketch.pos;
	memmove(&r->counts[5], &r->counts[0], 12 * sizeof(r->counts[0]));
	memset(r->counts, 0, 5 * sizeof(r->counts[0]));
	r->offset -= 5;
	r->n = SKETCH_MAX_BUCKETS;
	assert_int_equal(encode(&g, out, sizeof(out)), bytes);
	assert_memory_equal(out, expected, bytes);
}

static void what_means_nothing_without_samples_is_not_sent(void **state)
{
	uint8_t expected[PARTIAL_MAX_BYTES], out[PARTIAL_MAX_BYTES];
	size_t bytes = golden_read("heartbeat", expected, sizeof(expected));
	struct golden g;

	(void)state;
	golden_build(4, &g);
	g.metrics[0].agg.min = g.metrics[0].agg.last = 7;
	g.metrics[0].agg.first_at_ms = 1;
	g.metrics[0].agg.has_sketch = true;
	assert_int_equal(encode(&g, out, sizeof(out)), bytes);
	assert_memory_equal(out, expected, bytes);
}

static void troubles_beyond_32_bits_stay_at_the_largest_number(void **state)
{
	uint8_t out[PARTIAL_MAX_BYTES];
	struct golden g;
	int r;

	(void)state;
	golden_build(4, &g);
	g.metrics[0].agg.bad = UINT64_C(1) << 32;
	g.metrics[0].agg.lost = UINT64_MAX;
	g.metrics[0].agg.resets = UINT64_C(0x123456789A);
	r = encode(&g, out, sizeof(out));
	assert_int_equal(decode(out, (size_t)r), 0);
	assert_int_equal(result.metrics[0].agg.bad, UINT32_MAX);
	assert_int_equal(result.metrics[0].agg.lost, UINT32_MAX);
	assert_int_equal(result.metrics[0].agg.resets, UINT32_MAX);
}

static void the_contract_must_know_the_id_the_window_and_the_sketch(void **state)
{
	uint8_t in[PARTIAL_MAX_BYTES];
	struct golden g;

	(void)state;
	golden_build(2, &g); /* with zeros and negatives: exp2 */
	assert_int_equal(decode(in, golden_read(g.name, in, sizeof(in))), 0);
	assert_int_equal(wire_complete(&result.p, &result.present, g.defs, 0), -ENOENT);
	assert_int_equal(wire_complete(&result.p, &result.present, g.defs, 1), -EBADMSG);
	g.defs[0].has_sketch = true;
	g.defs[0].sketch.kind = SKETCH_LIN;
	assert_int_equal(wire_complete(&result.p, &result.present, g.defs, 1), -EBADMSG);
	g.defs[0].sketch.kind = SKETCH_EXP2;
	g.defs[0].window_s = 60;
	assert_int_equal(wire_complete(&result.p, &result.present, g.defs, 1), -ENOENT);
	assert_int_equal(result.metrics[0].agg.due_ms, 0); /* untouched so far */
	g.defs[0].window_s = 1;
	assert_int_equal(wire_complete(&result.p, &result.present, g.defs, 1), 0);
}

static void only_the_windows_of_the_contract_are_windows(void **state)
{
	static const uint32_t lengths[] = { 1, 5, 10, 15, 30, 60, 300, 900, 3600 };
	size_t n = 0;

	(void)state;
	for (uint32_t s = 0; s < 90000; s++)
		n += wire_is_window_length(s) != 0;
	assert_int_equal(n, ARRAY_LEN(lengths));
	for (size_t i = 0; i < ARRAY_LEN(lengths); i++)
		assert_true(wire_is_window_length(lengths[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(partials_become_the_bytes_that_protoc_makes),
		cmocka_unit_test(the_bytes_that_protoc_makes_become_partials),
		cmocka_unit_test(the_contract_gives_back_what_was_not_sent),
		cmocka_unit_test(a_message_cut_anywhere_is_refused),
		cmocka_unit_test(a_changed_bit_never_crashes_and_what_is_accepted_encodes_again),
		cmocka_unit_test(a_refused_message_changes_nothing_but_the_room_for_metrics),
		cmocka_unit_test(what_does_not_fit_is_refused_without_a_byte_too_many),
		cmocka_unit_test(no_message_is_longer_than_8_kib),
		cmocka_unit_test(zeros_around_the_counts_are_never_sent),
		cmocka_unit_test(what_means_nothing_without_samples_is_not_sent),
		cmocka_unit_test(troubles_beyond_32_bits_stay_at_the_largest_number),
		cmocka_unit_test(the_contract_must_know_the_id_the_window_and_the_sketch),
		cmocka_unit_test(only_the_windows_of_the_contract_are_windows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
