/* SPDX-License-Identifier: Apache-2.0 */
/* The coverage of a board from its partials. The bytes are the example of docs/protocol.md: 60 s, three samples, all of the time covered. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "agent/push_watch.h"
#include "pipelines/partial.h"
#include "pipelines/wire.h"

static const uint8_t example[] = {
	0x08, 0x01, 0x12, 0x02, 0x62, 0x31, 0x18, 0x96, 0xda, 0xff, 0xc8, 0x06, 0x20, 0x11, 0x28, 0xa0, 0xda,
	0xff, 0xc8, 0x06, 0x30, 0x3c, 0x45, 0x7f, 0xed, 0xd9, 0x38, 0x52, 0x2d, 0x10, 0x03, 0x18, 0x9e, 0x07,
	0x20, 0xe5, 0xb1, 0x04, 0x28, 0x98, 0x02, 0x30, 0xd4, 0x02, 0x38, 0x98, 0x02, 0x40, 0xd4, 0x02, 0x50,
	0xc0, 0xb8, 0x02, 0x72, 0x08, 0x20, 0x1c, 0x2a, 0x04, 0x01, 0x01, 0x00, 0x01, 0x78, 0xc0, 0xaf, 0xea,
	0x08, 0x80, 0x01, 0xe0, 0xd4, 0x03, 0x58, 0xdc, 0xda, 0xff, 0xc8, 0x06, 0x62, 0x03, 0x6c, 0x61, 0x62,
};

enum { W0 = 1763700000, NONE = -1 };

enum { LAST = 1 << 16 }; /* beside its flags: the wm is the end of the window */

/* @n_streams empty metrics from id @first on, the first of them covered for @covered_ms. */
static void hear(struct push_watch *w, uint64_t w0, uint32_t first, size_t n_streams, int64_t covered_ms,
		 uint32_t flags)
{
	static struct partial_metric metrics[PARTIAL_MAX_METRICS];
	struct partial p = { .version = 1, .site = "lab", .device = "b1", .boot = 1, .seq = 1, .w0 = w0, .wl = 60 };
	uint8_t bytes[PARTIAL_MAX_BYTES];
	int n;

	memset(metrics, 0, sizeof(metrics));
	p.part = first > 0;
	p.flags = flags & ~(uint32_t)LAST;
	p.wm = flags & LAST ? w0 + 60 : w0;
	p.metrics = metrics;
	p.n_metrics = n_streams;
	for (size_t i = 0; i < n_streams; i++) {
		metrics[i].id = first + (uint32_t)i;
		metrics[i].agg.covered_ms = i == 0 && covered_ms != NONE ? (uint64_t)covered_ms : 60000;
	}
	n = wire_encode(&p, NULL, bytes, sizeof(bytes));
	assert_true(n > 0);
	push_watch_hear(w, bytes, (size_t)n);
}

static void the_example_of_the_protocol_is_covered(void **state)
{
	struct push_watch w = { 0 };

	(void)state;
	push_watch_hear(&w, example, sizeof(example));
	assert_true(w.is_known);
	assert_int_equal(w.n_streams, 1);
	assert_true(push_watch_coverage(&w) == 1.0);
}

static void what_is_missing_is_counted_in_streams(void **state)
{
	struct push_watch w = { 0 };

	(void)state;
	hear(&w, W0, 0, 4, 15000, LAST);
	assert_true(w.is_known);
	assert_true(w.missing == 0.75);
	assert_true(push_watch_coverage(&w) == 0.8125); /* (0.25 + 3) / 4 */
}

static void a_window_in_several_messages_is_known_with_the_last(void **state)
{
	struct push_watch w = { 0 };

	(void)state;
	hear(&w, W0, 0, 64, NONE, 0);
	assert_false(w.is_known);
	hear(&w, W0, 64, 2, 0, LAST);
	assert_true(w.is_known);
	assert_int_equal(w.n_streams, 66);
	assert_true(w.missing == 1.0);
}

static void parts_of_windows_that_were_cut_or_sent_later_say_nothing(void **state)
{
	struct push_watch w = { 0 };

	(void)state;
	hear(&w, W0, 0, 1, 0, LAST | PARTIAL_CUT_START);
	hear(&w, W0, 0, 1, 0, LAST | PARTIAL_CUT_END);
	hear(&w, W0, 0, 1, 0, LAST | PARTIAL_BACKFILL);
	push_watch_hear(&w, "nonsense", 8);
	push_watch_hear(&w, NULL, 0);
	assert_false(w.is_known);
}

static void after_a_restart_the_window_that_was_open_is_not_looked_at(void **state)
{
	struct push_watch w = { 0 }, before;

	(void)state;
	hear(&w, W0, 0, 2, NONE, LAST);
	before = w;
	push_watch_restart(&w);
	hear(&w, W0 + 60, 0, 2, 0, LAST); /* it was open when the config changed */
	assert_false(w.is_known);
	hear(&w, W0 + 120, 0, 2, 56000, LAST);
	assert_true(w.is_known);
	assert_true(push_watch_has_dropped(&before, &w)); /* 4 s of 60 s are more than a twentieth */
	push_watch_restart(&w);
	hear(&w, W0 + 240, 0, 2, 58000, LAST);
	assert_false(push_watch_has_dropped(&before, &w));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_example_of_the_protocol_is_covered),
		cmocka_unit_test(what_is_missing_is_counted_in_streams),
		cmocka_unit_test(a_window_in_several_messages_is_known_with_the_last),
		cmocka_unit_test(parts_of_windows_that_were_cut_or_sent_later_say_nothing),
		cmocka_unit_test(after_a_restart_the_window_that_was_open_is_not_looked_at),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
