/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The same parts, in whatever order and however often they come, give the same bits. Sums are checked against the samples
 * themselves.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/prng.h"
#include "tests/fleet_rig.h"

enum { MAX_MESSAGES = 64, SHUFFLES = 200 };

struct day {
	struct rig_message messages[MAX_MESSAGES];
	size_t n;
	uint64_t n_samples[5]; /* by window */
	int64_t s1[5];
};

static int32_t sample_of(size_t device, size_t window, size_t i)
{
	return (int32_t)(device * 100 + window * 37 + i * i % 61) - 150;
}

/** Samples @from up to @to of a window, as one part. */
static void add_part(struct day *day, size_t device, size_t window, struct rig_part p, size_t from, size_t to)
{
	static const char *const names[] = { "a", "b", "c" };
	int32_t k[60];

	for (size_t i = from; i < to; i++) {
		k[i - from] = sample_of(device, window, i);
		day->s1[window] += k[i - from];
		day->n_samples[window]++;
	}
	p.device = names[device];
	p.w0 = RIG_T0 + window * 60;
	p.k = k;
	p.n_k = to - from;
	fleet_rig_encode(&p, &rig_contract, &day->messages[day->n++]);
}

/** Windows 0 to 4 of three devices. b restarts in window 2, c splits window 3 in two parts and has late samples for window 1. */
static void make_day(struct day *day)
{
	memset(day, 0, sizeof(*day));
	for (uint32_t w = 0; w < 5; w++) {
		uint64_t wm = RIG_T0 + (w + 1) * 60;

		add_part(day, 0, w, (struct rig_part){ .boot = 1, .seq = w + 1, .wm = wm }, 0, 60);
		if (w < 2)
			add_part(day, 1, w, (struct rig_part){ .boot = 7, .seq = w + 1, .wm = wm }, 0, 60);
		if (w > 2)
			add_part(day, 1, w, (struct rig_part){ .boot = 8, .seq = w - 1, .wm = wm }, 0, 60);
	}
	add_part(day, 1, 2, (struct rig_part){ .boot = 7, .seq = 3, .wm = RIG_T0 + 120, .expected = 20 }, 0, 20);
	add_part(day, 1, 2, (struct rig_part){ .boot = 8, .seq = 1, .wm = RIG_T0 + 180, .expected = 35 }, 25, 60);
	add_part(day, 2, 0, (struct rig_part){ .boot = 1, .seq = 1, .wm = RIG_T0 + 60 }, 0, 60);
	add_part(day, 2, 1, (struct rig_part){ .boot = 1, .seq = 2, .wm = RIG_T0 + 120 }, 0, 50);
	add_part(day, 2, 2, (struct rig_part){ .boot = 1, .seq = 3, .wm = RIG_T0 + 180 }, 0, 60);
	add_part(day, 2, 3, (struct rig_part){ .boot = 1, .seq = 4, .wm = RIG_T0 + 180, .expected = 30 }, 0, 30);
	add_part(day, 2, 3, (struct rig_part){ .boot = 1, .seq = 5, .part = 1, .wm = RIG_T0 + 240, .expected = 30 }, 30,
		 60);
	add_part(day, 2, 1, (struct rig_part){ .boot = 1, .seq = 6, .part = 1, .wm = RIG_T0 + 240 }, 50, 58);
	add_part(day, 2, 4, (struct rig_part){ .boot = 1, .seq = 7, .wm = RIG_T0 + 300 }, 0, 60);
}

static void shuffle(size_t order[], size_t n, uint64_t *random)
{
	for (size_t i = n - 1; i > 0; i--) {
		size_t j = prng_u64(random) % (i + 1), swapped = order[i];

		order[i] = order[j];
		order[j] = swapped;
	}
}

/** Every message once, and about a third of them twice. */
static void deliver_shuffled(struct fleet_rig *r, const struct day *day, uint64_t *random)
{
	size_t order[2 * MAX_MESSAGES], n = day->n;

	for (size_t i = 0; i < day->n; i++) {
		order[i] = i;
		if (prng_u64(random) % 3 == 0)
			order[n++] = i;
	}
	shuffle(order, n, random);
	for (size_t i = 0; i < n; i++) {
		enum fleet_verdict v = fleet_rig_deliver(r, &day->messages[order[i]]);

		assert_true(v == FLEET_MERGED || v == FLEET_DUPLICATE);
	}
	assert_int_equal(r->fleet->counters.parts, day->n);
	assert_int_equal(r->fleet->counters.duplicates, n - day->n);
}

static void any_order_with_duplicates_gives_the_same_bits(void **state)
{
	struct day *day = malloc(sizeof(*day));
	uint64_t random = 20251121;
	struct fleet_rig reference, r;

	(void)state;
	assert_non_null(day);
	make_day(day);
	fleet_rig_start_three(&reference);
	for (size_t i = 0; i < day->n; i++)
		assert_int_equal(fleet_rig_deliver(&reference, &day->messages[i]), FLEET_MERGED);
	fleet_rig_update(&reference, true);
	assert_int_equal(reference.n_told, 2 * 5 + 1);
	assert_null(strstr(dynbuf_text(&reference.told), "PROVISIONAL"));

	for (size_t w = 0; w < 5; w++) {
		assert_int_equal(fleet_rig_agg(&reference, w)->n, day->n_samples[w]);
		assert_int_equal(fleet_rig_agg(&reference, w)->s1, day->s1[w]);
	}
	for (int i = 0; i < SHUFFLES; i++) {
		fleet_rig_start_three(&r);
		deliver_shuffled(&r, day, &random);
		fleet_rig_update(&r, true);
		for (size_t w = 0; w < 5; w++)
			assert_memory_equal(fleet_rig_agg(&r, w), fleet_rig_agg(&reference, w), sizeof(struct agg));
		assert_string_equal(dynbuf_text(&r.told), dynbuf_text(&reference.told));
		fleet_rig_free(&r);
	}
	fleet_rig_free(&reference);
	free(day);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_order_with_duplicates_gives_the_same_bits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
