/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sensors at which things happen, in a loop whose time stands still while anything runs: a driver of GPIO with a fake line whose edges bear
 * the times the test says. Events and readings come in order, none is older than a watermark that was given, and a fault closes the
 * descriptor.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "agent/sched.h"
#include "agent/watch.h"
#include "tests/fake_gpio.h"

enum { MS = 1000, GIVEN = 1000 };

struct given {
	bool is_event;
	int64_t at_us, when_us;
	double value;
	uint32_t lost;
};

struct rig {
	struct loop *loop;
	struct loop_timer *end, *act;
	struct clock clock;
	struct driver_rig driver;
	struct fake_gpio line;
	struct conf conf;
	struct conf_sensor sensor;
	struct sched *sched;
	struct given given[GIVEN];
	size_t n;
	int64_t watermark_us;
	void (*action)(struct rig *r);
};

static void take(struct rig *r, const struct given *g)
{
	assert_true(r->n < GIVEN);
	if (g->at_us < r->watermark_us)
		fail_msg("%lld us before the watermark", (long long)(r->watermark_us - g->at_us));
	if (r->n > 0)
		assert_true(g->at_us >= r->given[r->n - 1].at_us);
	r->given[r->n] = *g;
	r->given[r->n++].when_us = clock_now_us(&r->clock);
}

static void on_reading(void *ctx, size_t i, int64_t at_us, uint32_t lost, const double values[])
{
	(void)i;
	take(ctx, &(struct given){ .at_us = at_us, .value = values[0], .lost = lost });
}

static void on_event(void *ctx, size_t i, const struct sensor_event *e)
{
	(void)i;
	take(ctx, &(struct given){ .is_event = true, .at_us = e->at_us, .value = e->value, .lost = e->lost });
}

static void on_settled(void *ctx, int64_t watermark_us)
{
	struct rig *r = ctx;

	if (watermark_us > r->watermark_us)
		r->watermark_us = watermark_us;
}

static void on_end(void *ctx)
{
	loop_stop(((struct rig *)ctx)->loop, 7);
}

static void on_act(void *ctx)
{
	((struct rig *)ctx)->action(ctx);
}

static struct rig *rig_new(const char *driver, const char *yaml, int64_t every_us)
{
	static const struct sched_handlers handlers = { .reading = on_reading,
							.settled = on_settled,
							.event = on_event };
	struct rig *r = calloc(1, sizeof(*r));

	r->watermark_us = INT64_MIN;
	assert_int_equal(loop_create(&r->loop), 0);
	assert_int_equal(loop_timer_create(r->loop, &r->end, on_end, r), 0);
	assert_int_equal(loop_timer_create(r->loop, &r->act, on_act, r), 0);
	clock_init(&r->clock);
	driver_rig_init(&r->driver, driver, yaml);
	fake_gpio_attach(&r->line, &r->driver);
	r->sensor = (struct conf_sensor){
		.name = "door",
		.driver = r->driver.driver,
		.state = r->driver.state,
		.every_us = every_us,
		.channels = r->driver.channels,
		.n_channels = (size_t)r->driver.n_channels,
	};
	r->conf.sensors = &r->sensor;
	r->conf.n_sensors = 1;
	assert_int_equal(sched_create(&r->sched, r->loop, &r->conf, &r->clock, &handlers, r), 0);
	sched_start(r->sched);
	return r;
}

static void rig_free(struct rig *r)
{
	sched_free(r->sched);
	assert_false(r->line.is_open);
	driver_rig_free(&r->driver);
	loop_timer_free(r->end);
	loop_timer_free(r->act);
	loop_free(r->loop);
	arena_free(&r->conf.sensors[0].own);
	free(r);
}

static void run_for(struct rig *r, int64_t us)
{
	loop_timer_set(r->end, loop_mono_us() + us);
	assert_int_equal(loop_run(r->loop), 7);
}

static void act_in(struct rig *r, int64_t us, void (*action)(struct rig *r))
{
	r->action = action;
	loop_timer_set(r->act, loop_mono_us() + us);
}

static size_t count(const struct rig *r, bool is_event, double value)
{
	size_t n = 0;

	for (size_t i = 0; i < r->n; i++)
		n += r->given[i].is_event == is_event &&
		     (isnan(value) ? isnan(r->given[i].value) : r->given[i].value == value);
	return n;
}

static void open_and_shut(struct rig *r)
{
	int64_t now_us = loop_kernel_us();

	fake_gpio_set(&r->line, now_us - 20, true);
	fake_gpio_set(&r->line, now_us - 10, false);
}

static void events_are_given_when_they_happen_with_their_time(void **state)
{
	struct rig *r = rig_new("gpio-input", "{chip: c, line: 1}", 3600000 * (int64_t)MS);
	int64_t from_us = clock_now_us(&r->clock);

	(void)state;
	act_in(r, 30 * MS, open_and_shut);
	run_for(r, 200 * MS);
	assert_int_equal(r->n, 2); /* no reading is due for an hour */
	assert_true(r->given[0].is_event && r->given[0].value == 1.0 && r->given[1].value == 0.0);
	assert_int_equal(r->given[0].at_us - from_us, 30 * MS - 20);
	assert_int_equal(r->given[1].at_us - from_us, 30 * MS - 10);
	assert_int_equal(r->given[1].when_us - from_us, 30 * MS);
	rig_free(r);
}

static void readings_come_besides_and_confirm_the_state(void **state)
{
	struct rig *r = rig_new("gpio-input", "{chip: c, line: 1}", 20 * MS);

	(void)state;
	for (int i = 0; i < 10; i++) {
		act_in(r, 17 * MS, open_and_shut);
		run_for(r, 40 * MS);
	}
	assert_int_equal(count(r, true, 1.0), 10);
	assert_int_equal(count(r, true, 0.0), 10);
	assert_in_range(count(r, false, 0.0), 19, 20); /* every 20 of 400 ms; the last may be due just then */
	assert_int_equal(count(r, false, 1.0), 0);
	rig_free(r);
}

static void open_only(struct rig *r)
{
	fake_gpio_set(&r->line, loop_kernel_us(), true);
}

static void what_settles_later_is_given_without_another_edge(void **state)
{
	struct rig *r = rig_new("gpio-input", "{chip: c, line: 1, debounce: 50ms}", 3600000 * (int64_t)MS);
	int64_t from_us = clock_now_us(&r->clock);

	(void)state;
	act_in(r, 10 * MS, open_only);
	run_for(r, 300 * MS);
	assert_int_equal(r->n, 1);
	assert_true(r->given[0].value == 1.0);
	assert_int_equal(r->given[0].when_us - from_us, 60 * MS);
	rig_free(r);
}

/* An edge that waits in the queue when a window ends is given by the question for the watermark. */
static void the_watermark_gives_what_is_pending_and_stays_behind_what_may_come(void **state)
{
	struct rig *r = rig_new("gpio-input", "{chip: c, line: 1}", 3600000 * (int64_t)MS);
	int64_t watermark_us;

	(void)state;
	open_and_shut(r);
	assert_int_equal(r->n, 0);
	watermark_us = sched_watermark_us(r->sched);
	assert_int_equal(r->n, 2);
	assert_int_equal(clock_now_us(&r->clock) - watermark_us, WATCH_SETTLE_US);
	assert_true(sched_lag_us(r->sched) >= WATCH_SETTLE_US);
	rig_free(r);
}

static void one_question_gives_all_that_is_pending(void **state)
{
	struct rig *r = rig_new("gpio-input", "{chip: c, line: 1}", 3600000 * (int64_t)MS);

	(void)state;
	r->line.is_v2 = true;
	fake_gpio_pulses(&r->line, loop_kernel_us() - 200 * MS, 150, 1 * MS, 500);
	(void)sched_watermark_us(r->sched);
	assert_int_equal(r->n, 300);
	rig_free(r);
}

static void swing(struct fake_gpio *f)
{
	fake_gpio_set(f, loop_kernel_us(), !f->level && f->n == 0);
}

/* A reading bears the time at which it was due, but not when an edge came between then and the reading. */
static void a_reading_is_not_older_than_the_event_before_it(void **state)
{
	struct rig *r = rig_new("gpio-input", "{chip: c, line: 1}", 100 * MS);

	(void)state;
	r->line.before_read = swing;
	run_for(r, 450 * MS);
	assert_true(count(r, true, 1.0) >= 2);
	assert_true(count(r, false, 0.0) + count(r, false, 1.0) >= 2);
	rig_free(r);
}

static void break_line(struct rig *r)
{
	r->line.level_error = -ENODEV;
	r->line.open_error = -ENODEV;
}

static void a_chip_that_is_unplugged_is_a_gap_until_it_is_back(void **state)
{
	struct rig *r = rig_new("gpio-input", "{chip: c, line: 1}", 20 * MS);
	struct sensor_status s;

	(void)state;
	act_in(r, 50 * MS, break_line);
	run_for(r, 200 * MS);
	sched_get_status(r->sched, 0, &s);
	assert_int_equal(s.state, SENSOR_FAULT);
	assert_true(count(r, false, NAN) > 0);
	assert_true(sched_watermark_us(r->sched) > clock_now_us(&r->clock) - 20 * MS - WATCH_SETTLE_US);

	r->line.level_error = r->line.open_error = 0;
	run_for(r, 4000 * MS);
	sched_get_status(r->sched, 0, &s);
	assert_int_equal(s.state, SENSOR_OK);
	r->n = 0;
	act_in(r, 20 * MS, open_and_shut);
	run_for(r, 100 * MS);
	assert_int_equal(count(r, true, 1.0), 1);
	rig_free(r);
}

static void what_a_counter_lost_comes_with_its_reading(void **state)
{
	struct rig *r = rig_new("gpio-counter", "{chip: c, line: 1}", 20 * MS);
	uint32_t lost = 0;

	(void)state;
	fake_gpio_pulses(&r->line, loop_kernel_us() - 100 * MS, 20, 1 * MS, 500);
	run_for(r, 300 * MS);
	for (size_t i = 0; i < r->n; i++)
		lost += r->given[i].lost;
	assert_int_equal(lost, 1);
	assert_true(r->n > 0 && r->given[r->n - 1].value == 16.0);
	assert_int_equal(count(r, true, NAN), 0);
	rig_free(r);
}

/* Stamped with the wall clock, as kernels before 5.7 do: far in the future of the other clock. */
static void open_in_the_future(struct rig *r)
{
	fake_gpio_set(&r->line, loop_wall_us(), true);
}

static void a_time_from_the_future_is_now(void **state)
{
	struct rig *r = rig_new("gpio-input", "{chip: c, line: 1}", 3600000 * (int64_t)MS);

	(void)state;
	act_in(r, 10 * MS, open_in_the_future);
	run_for(r, 100 * MS);
	assert_int_equal(r->n, 1);
	assert_int_equal(r->given[0].at_us, r->given[0].when_us);
	rig_free(r);
}

/* The wall clock is set back an hour: the time of samples goes on as if nothing had happened. */
static void events_do_not_see_that_the_clock_was_set_back(void **state)
{
	struct rig *r = rig_new("gpio-input", "{chip: c, line: 1}", 3600000 * (int64_t)MS);

	(void)state;
	act_in(r, 10 * MS, open_and_shut);
	run_for(r, 100 * MS);
	assert_int_equal(r->n, 2);
	r->clock.shift_us -= 3600000 * (int64_t)MS;
	sched_replan(r->sched);
	r->n = 0;
	act_in(r, 10 * MS, open_and_shut);
	run_for(r, 100 * MS);
	assert_int_equal(r->n, 2);
	assert_int_equal(r->given[0].when_us - r->given[0].at_us, 20);
	assert_int_equal(r->given[1].when_us - r->given[1].at_us, 10);
	rig_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(events_are_given_when_they_happen_with_their_time),
		cmocka_unit_test(readings_come_besides_and_confirm_the_state),
		cmocka_unit_test(what_settles_later_is_given_without_another_edge),
		cmocka_unit_test(the_watermark_gives_what_is_pending_and_stays_behind_what_may_come),
		cmocka_unit_test(one_question_gives_all_that_is_pending),
		cmocka_unit_test(a_reading_is_not_older_than_the_event_before_it),
		cmocka_unit_test(a_chip_that_is_unplugged_is_a_gap_until_it_is_back),
		cmocka_unit_test(what_a_counter_lost_comes_with_its_reading),
		cmocka_unit_test(a_time_from_the_future_is_now),
		cmocka_unit_test(events_do_not_see_that_the_clock_was_set_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
