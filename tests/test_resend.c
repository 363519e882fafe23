/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "collector/resend.h"
#include "tests/fleet_rig.h"

struct asked {
	size_t n;
	struct resend_range last;
};

static void ask(void *ctx, const struct site *s, const struct device *d, const struct resend_range *r)
{
	struct asked *a = ctx;

	assert_string_equal(s->name, "delft");
	assert_string_equal(d->name, "a");
	a->n++;
	a->last = *r;
}

static void send(struct fleet_rig *r, uint32_t seq)
{
	struct rig_part p = fleet_rig_minute("a", seq, seq);

	assert_int_equal(fleet_rig_send(r, &p), FLEET_MERGED);
}

static void start(struct fleet_rig *r)
{
	fleet_rig_start_three(r);
	fleet_rig_status(r, "a", "{\"state\":\"online\",\"boot\":1}");
}

/* Seconds from @from up to @to pass. */
static void pass(struct fleet_rig *r, struct asked *a, int64_t from, int64_t to)
{
	const struct resend_sink sink = { ask, a };

	for (int64_t s = from; s < to; s++)
		resend_update(r->fleet, s * 1000000, &sink);
}

static void a_gap_is_asked_for_until_it_is_filled(void **state)
{
	struct asked a = { 0 };
	struct fleet_rig r;

	(void)state;
	start(&r);
	send(&r, 1);
	send(&r, 5);
	pass(&r, &a, 100, 105);
	assert_int_equal(a.n, 0); /* it may be on its way */
	pass(&r, &a, 105, 106);
	assert_int_equal(a.n, 1);
	assert_int_equal(a.last.boot, 1);
	assert_int_equal(a.last.from, 2);
	assert_int_equal(a.last.to, 4);
	pass(&r, &a, 106, 116);
	assert_int_equal(a.n, 2);
	for (uint32_t seq = 2; seq <= 4; seq++)
		send(&r, seq);
	pass(&r, &a, 116, 1000);
	assert_int_equal(a.n, 2);
	fleet_rig_free(&r);
}

static void what_four_questions_do_not_bring_is_left_alone_and_the_next_gap_is_not(void **state)
{
	struct asked a = { 0 };
	struct fleet_rig r;

	(void)state;
	start(&r);
	send(&r, 1);
	send(&r, 3);
	send(&r, 5);
	pass(&r, &a, 0, 5 + 10 + 20 + 40 + 1);
	assert_int_equal(a.n, 4);
	assert_int_equal(a.last.from, 2);
	pass(&r, &a, 76, 155);
	assert_int_equal(a.n, 4);
	pass(&r, &a, 155, 157); /* left alone; the other one has waited all the time */
	assert_int_equal(a.n, 5);
	assert_int_equal(a.last.from, 4);
	pass(&r, &a, 157, 3000);
	assert_int_equal(a.n, 8);
	fleet_rig_free(&r);
}

static void the_end_that_a_status_tells_of_is_asked_for(void **state)
{
	struct asked a = { 0 };
	struct fleet_rig r;

	(void)state;
	start(&r);
	send(&r, 1);
	fleet_rig_status(&r, "a", "{\"state\":\"online\",\"boot\":1,\"seq\":5000,\"wm\":1763697900}");
	pass(&r, &a, 0, 7);
	assert_int_equal(a.n, 1);
	assert_int_equal(a.last.from, 2);
	assert_int_equal(a.last.to, 1 + RESEND_MAX_NUMBERS);
	fleet_rig_status(&r, "a", "{\"state\":\"offline\",\"boot\":1}");
	pass(&r, &a, 7, 3000);
	assert_int_equal(a.n, 1);
	fleet_rig_free(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_gap_is_asked_for_until_it_is_filled),
		cmocka_unit_test(what_four_questions_do_not_bring_is_left_alone_and_the_next_gap_is_not),
		cmocka_unit_test(the_end_that_a_status_tells_of_is_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
