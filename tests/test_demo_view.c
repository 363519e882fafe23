/* SPDX-License-Identifier: Apache-2.0 */
/* What the live table keeps of what it is told. How it looks is for tests/e2e/demo_terminal.py. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "agent/demo_private.h"

struct rig {
	struct conf conf;
	struct demo_view *view;
};

static int set_up(void **state)
{
	static struct rig rig;
	struct diag d = { .file = "demo" };

	rig = (struct rig){ 0 };
	assert_int_equal(conf_parse(&rig.conf, demo_config, strlen(demo_config), &d), 0);
	diag_free(&d);
	assert_int_equal(demo_view_create(&rig.view, &rig.conf), 0);
	*state = &rig;
	return 0;
}

static int tear_down(void **state)
{
	struct rig *rig = *state;

	demo_view_free(rig->view);
	conf_free(&rig->conf);
	return 0;
}

/* A part of the second stream's window that begins at @w0 with @n samples. */
static void tell(struct rig *rig, uint64_t w0, uint64_t n)
{
	struct metric_def defs[] = { rig->conf.plan.streams[0].def, rig->conf.plan.streams[1].def };
	const struct contract contract = { .metrics = defs, .n_metrics = ARRAY_LEN(defs) };
	struct partial_metric metric = { .id = 1, .agg = { .n = n, .expected = 10 } };
	const struct partial part = { .w0 = w0, .wl = 5, .n_metrics = 1, .metrics = &metric };
	const struct agent_view *hooks = demo_view_hooks(rig->view);

	hooks->partial(hooks->ctx, &part, &contract);
}

static void the_newest_window_is_kept(void **state)
{
	struct rig *rig = *state;

	assert_false(rig->view->windows[1].is_there);
	tell(rig, 100, 7);
	tell(rig, 105, 8);
	tell(rig, 100, 1); /* late: not what the table shows */
	assert_true(rig->view->windows[1].is_there);
	assert_int_equal(rig->view->windows[1].w0, 105);
	assert_int_equal(rig->view->windows[1].agg.n, 8);
	assert_false(rig->view->windows[0].is_there);
}

static void parts_of_one_window_are_merged(void **state)
{
	struct rig *rig = *state;

	tell(rig, 100, 7);
	tell(rig, 100, 2);
	assert_int_equal(rig->view->windows[1].agg.n, 9);
}

static void a_kpi_finds_its_place_by_name(void **state)
{
	struct rig *rig = *state;
	const struct agent_view *hooks = demo_view_hooks(rig->view);
	const struct kpi_def def = { .name = "flow" };

	hooks->kpi(hooks->ctx, &def, 100, 12.5, 1.0);
	for (size_t i = 0; i < rig->conf.plan.n_kpis; i++) {
		bool is_flow = strcmp(rig->conf.plan.kpis[i].def.name, "flow") == 0;

		assert_int_equal(rig->view->kpis[i].is_there, is_flow);
		assert_true(!is_flow || rig->view->kpis[i].value == 12.5);
	}
}

static void an_event_says_what_was_measured(void **state)
{
	struct rig *rig = *state;
	const struct agent_view *hooks = demo_view_hooks(rig->view);

	hooks->event(hooks->ctx, "hot", "raised", 1000000, 27.25);
	assert_int_equal(rig->view->n_events, 1);
	assert_non_null(strstr(rig->view->events[0].text, "hot "));
	assert_non_null(strstr(rig->view->events[0].text, "raised "));
	assert_non_null(strstr(rig->view->events[0].text, "at 27.25 Cel"));
	hooks->event(hooks->ctx, "gate", "cleared", 1000000, 0.0);
	assert_null(strstr(rig->view->events[1].text, " at ")); /* 0 or 1 is what raised and cleared say */
}

static void more_events_than_there_is_room_for_push_out_the_oldest(void **state)
{
	struct rig *rig = *state;
	const struct agent_view *hooks = demo_view_hooks(rig->view);

	for (int64_t i = 0; i < 3 * DEMO_MAX_EVENTS + 1; i++)
		hooks->event(hooks->ctx, "hot", "raised", i, 27.0);
	assert_int_equal(rig->view->n_events, 3 * DEMO_MAX_EVENTS + 1);
	assert_int_equal(rig->view->events[0].at_us, 3 * DEMO_MAX_EVENTS);
	assert_int_equal(rig->view->events[1].at_us, 2 * DEMO_MAX_EVENTS + 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_newest_window_is_kept, set_up, tear_down),
		cmocka_unit_test_setup_teardown(parts_of_one_window_are_merged, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_kpi_finds_its_place_by_name, set_up, tear_down),
		cmocka_unit_test_setup_teardown(an_event_says_what_was_measured, set_up, tear_down),
		cmocka_unit_test_setup_teardown(more_events_than_there_is_room_for_push_out_the_oldest, set_up,
						tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
