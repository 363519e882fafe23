/* SPDX-License-Identifier: Apache-2.0 */
/* Actions on a real graph, in a loop whose time stands still while anything runs, with a line that remembers: from the first moment to the last. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "agent/actions.h"
#include "tests/fake_drive.h"

enum { MS = 1000 };

struct rig {
	struct loop *loop;
	struct loop_timer *end;
	struct conf conf;
	struct graph *graph;
	struct actions *actions;
	struct fake_drive line;
	int64_t at_us;
	unsigned n_changed;
};

static void ignore_partial(void *ctx, struct partial *p)
{
	(void)ctx;
	(void)p;
}

static void ignore_kpi(void *ctx, const struct kpi_def *kpi, uint64_t w0_s, double value, double coverage)
{
	(void)ctx;
	(void)kpi;
	(void)w0_s;
	(void)value;
	(void)coverage;
}

static void ignore_event(void *ctx, const char *stream, const char *event, int64_t at_us, double value)
{
	(void)ctx;
	(void)stream;
	(void)event;
	(void)at_us;
	(void)value;
}

static void on_changed(void *ctx)
{
	((struct rig *)ctx)->n_changed++;
}

static void on_end(void *ctx)
{
	loop_stop(((struct rig *)ctx)->loop, 7);
}

static struct rig *begin_when(const char *when, const char *options)
{
	static const struct graph_sink sink = { .partial = ignore_partial, .kpi = ignore_kpi, .event = ignore_event };
	struct rig *r = calloc(1, sizeof(*r));
	struct diag d = { .file = "test" };
	char text[500];

	snprintf(text, sizeof(text),
		 "sensors: {a: {driver: sim, every: 300ms}}\n"
		 "window: 1s\n"
		 "streams: {temp: {from: a.value}, hot: {from: a.value, through: [threshold: 28]}}\n"
		 "kpis: {warm: {value: mean(temp) > 28}}\n"
		 "actions: {alarm: {when: %s, driver: gpio-output, chip: gpiochip0, line: 22%s}}\n",
		 when, options);
	if (conf_parse(&r->conf, text, strlen(text), &d) < 0)
		fail_msg("%s", d.first->text);
	assert_int_equal(loop_create(&r->loop), 0);
	assert_int_equal(loop_timer_create(r->loop, &r->end, on_end, r), 0);
	r->graph = graph_new(&r->conf.plan, &sink, &r->conf.arena);
	r->at_us = INT64_C(1763700000000000);
	graph_start(r->graph, r->at_us);
	fake_drive_attach(&r->line, r->conf.actions[0].state);
	assert_int_equal(actions_create(&r->actions, r->loop, &r->conf, on_changed, r), 0);
	return r;
}

static struct rig *begin(const char *options)
{
	return begin_when("hot", options);
}

static void end(struct rig *r)
{
	actions_free(r->actions);
	assert_false(r->line.is_open);
	loop_timer_free(r->end);
	loop_free(r->loop);
	conf_free(&r->conf);
	free(r);
}

static void run(struct rig *r, int64_t us)
{
	loop_timer_set(r->end, loop_mono_us() + us);
	assert_int_equal(loop_run(r->loop), 7);
}

static void feed(struct rig *r, double celsius)
{
	struct sample s = { .at_us = r->at_us += 1000 * MS, .value = celsius };

	graph_push(r->graph, 0, &s);
	actions_follow(r->actions);
}

static void run_and_feed(struct rig *r, int64_t us, double celsius)
{
	for (int64_t done_us = 0; done_us < us; done_us += 200 * MS) {
		run(r, 200 * MS);
		feed(r, celsius);
	}
}

static void the_output_is_safe_first_follows_the_stream_and_is_safe_last(void **state)
{
	struct rig *r = begin("");

	(void)state;
	actions_start(r->actions, r->graph);
	assert_true(r->line.is_open && !r->line.first_level);
	feed(r, 30);
	assert_true(r->line.is_on);
	feed(r, 31);
	assert_int_equal(r->line.n_sets, 1); /* set when it changes, and not at each reading */
	feed(r, 20);
	assert_false(r->line.is_on);
	feed(r, 30);
	assert_true(r->line.is_on);
	assert_true(r->n_changed >= 3);
	actions_stop(r->actions);
	assert_false(r->line.is_on || r->line.is_open);
	feed(r, 40); /* readings after the end move nothing */
	assert_false(r->line.is_open);
	end(r);
}

static void an_output_that_is_safe_when_on_is_on_from_the_first_moment(void **state)
{
	struct rig *r = begin(", safe: on");

	(void)state;
	actions_start(r->actions, r->graph);
	assert_true(r->line.first_level);
	feed(r, 20);
	assert_false(r->line.is_on);
	actions_stop(r->actions);
	assert_true(r->line.is_on); /* when it was let go */
	end(r);
}

/* No sample comes any more: the timer alone must see it. */
static void a_sensor_that_fails_leaves_the_output_safe(void **state)
{
	struct rig *r = begin(", missing_after: 50ms");

	(void)state;
	actions_start(r->actions, r->graph);
	feed(r, 30);
	feed(r, NAN);
	assert_true(r->line.is_on);
	run(r, 120 * MS);
	assert_false(r->line.is_on);
	feed(r, 30);
	assert_true(r->line.is_on);
	end(r);
}

/* Not even gaps: a recording that is over. Three periods are 900 ms. */
static void a_stream_that_falls_silent_leaves_the_output_safe(void **state)
{
	struct rig *r = begin(", missing_after: 50ms");

	(void)state;
	actions_start(r->actions, r->graph);
	feed(r, 30);
	run(r, 800 * MS);
	assert_true(r->line.is_on);
	run(r, 250 * MS);
	assert_false(r->line.is_on);
	feed(r, 30);
	assert_true(r->line.is_on);
	end(r);
}

/* Windows of a second, as the samples are: the KPI is known when the watermark has passed its end. */
static void a_kpi_moves_it_when_its_window_is_over(void **state)
{
	struct rig *r = begin_when("warm", ", missing_after: 0");

	(void)state;
	actions_start(r->actions, r->graph);
	feed(r, 30);
	assert_false(r->line.is_on); /* not yet known */
	feed(r, 31);
	graph_advance(r->graph, r->at_us);
	actions_follow(r->actions);
	assert_true(r->line.is_on);
	feed(r, 20);
	feed(r, 20);
	graph_advance(r->graph, r->at_us);
	actions_follow(r->actions);
	assert_false(r->line.is_on);
	end(r);
}

static void the_maximum_time_ends_without_a_reading(void **state)
{
	struct rig *r = begin(", max_on: 50ms");

	(void)state;
	actions_start(r->actions, r->graph);
	feed(r, 30);
	assert_true(r->line.is_on);
	run(r, 120 * MS);
	assert_false(r->line.is_on);
	feed(r, 30);
	assert_false(r->line.is_on);
	end(r);
}

static void a_line_that_is_in_use_is_tried_again_and_taken_as_it_should_be(void **state)
{
	struct rig *r = begin("");
	struct dynbuf out;
	struct json j = { .out = &out };

	(void)state;
	r->line.open_error = -EBUSY;
	actions_start(r->actions, r->graph);
	assert_int_equal(r->line.n_opens, 1);
	feed(r, 30);
	assert_int_equal(r->line.n_opens, 1); /* not at each reading */
	dynbuf_init(&out, 4096);
	json_object_begin(&j, NULL);
	actions_describe(r->actions, &j);
	json_object_end(&j);
	assert_string_equal(dynbuf_text(&out),
			    "{\"actions\":{\"alarm\":{\"state\":\"fault\",\"why\":\"line 22 of gpiochip0: in use by "
			    "gpioset\",\"changes\":1,\"faults\":1}}}");
	dynbuf_free(&out);
	r->line.open_error = 0;
	run_and_feed(r, 1200 * MS, 30);
	assert_true(r->line.is_open && r->line.first_level); /* on, as the stream has it by now */
	end(r);
}

static void a_chip_that_is_unplugged_is_a_fault_and_found_again(void **state)
{
	struct rig *r = begin("");

	(void)state;
	actions_start(r->actions, r->graph);
	r->line.set_error = -ENODEV;
	feed(r, 30);
	assert_false(r->line.is_open);
	r->line.set_error = 0;
	run_and_feed(r, 1200 * MS, 30);
	assert_true(r->line.is_open && r->line.is_on);
	end(r);
}

static void the_status_says_what_is_on_and_why(void **state)
{
	struct rig *r = begin(", min_on: 1h");
	struct dynbuf out;
	struct json j = { .out = &out };

	(void)state;
	actions_start(r->actions, r->graph);
	feed(r, 30);
	feed(r, 20);
	dynbuf_init(&out, 4096);
	json_object_begin(&j, NULL);
	actions_describe(r->actions, &j);
	json_object_end(&j);
	assert_string_equal(dynbuf_text(&out), "{\"actions\":{\"alarm\":{\"state\":\"on\",\"why\":\"on for min_on\","
					       "\"changes\":1,\"faults\":0}}}");
	dynbuf_free(&out);
	end(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_output_is_safe_first_follows_the_stream_and_is_safe_last),
		cmocka_unit_test(an_output_that_is_safe_when_on_is_on_from_the_first_moment),
		cmocka_unit_test(a_sensor_that_fails_leaves_the_output_safe),
		cmocka_unit_test(a_stream_that_falls_silent_leaves_the_output_safe),
		cmocka_unit_test(a_kpi_moves_it_when_its_window_is_over),
		cmocka_unit_test(the_maximum_time_ends_without_a_reading),
		cmocka_unit_test(a_line_that_is_in_use_is_tried_again_and_taken_as_it_should_be),
		cmocka_unit_test(a_chip_that_is_unplugged_is_a_fault_and_found_again),
		cmocka_unit_test(the_status_says_what_is_on_and_why),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
