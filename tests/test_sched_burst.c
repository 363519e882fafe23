/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The scheduler and a device with a buffer, in a loop whose time stands still while anything runs: the fake fills its buffer by that time, 3 %
 * slower than it says, numbers its rows, and forgets the oldest when the buffer is full. So rows that come with a gap in their numbers were lost.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/sched.h"
#include "tests/still_loop.h"

enum { MS = 1000, CHANNELS = 3, CAPACITY = 32, NOMINAL_US = 625, READINGS = 20000 };

#define TRUE_PERIOD_US 643.75

struct device {
	int64_t begun_us; /* loop_mono_us() when it began to sample; 0: it does not */
	uint64_t n_fetched;
	int probe_error, fetch_error;
	bool is_dead; /* samples nothing, and says so */
	unsigned n_probes, n_fetches;
};

static uint64_t taken(const struct device *d)
{
	return (uint64_t)((double)(loop_mono_us() - d->begun_us) / TRUE_PERIOD_US);
}

static int device_probe(void *state, int64_t now_us, struct sensor_error *err)
{
	struct device *d = state;

	(void)now_us, (void)err;
	d->n_probes++;
	if (d->probe_error)
		return d->probe_error;
	d->begun_us = loop_mono_us() - (int64_t)((double)d->n_fetched * TRUE_PERIOD_US); /* the numbers go on */
	return 0;
}

static int64_t device_trigger(void *state, int64_t now_us)
{
	(void)state, (void)now_us;
	return -ENOTSUP; /* nobody asks for single readings */
}

static int device_collect(void *state, int64_t now_us, double out[])
{
	(void)state, (void)now_us, (void)out;
	return -ENOTSUP;
}

static bool device_plan(const void *state, struct burst_plan *out)
{
	(void)state;
	*out = (struct burst_plan){ .period_us = NOMINAL_US, .capacity = CAPACITY };
	return true;
}

static int device_fetch(void *state, int64_t now_us, struct burst *out)
{
	struct device *d = state;
	uint64_t n = taken(d);

	(void)now_us;
	d->n_fetches++;
	if (d->fetch_error)
		return d->fetch_error;
	if (d->is_dead)
		return 0;
	out->is_overrun = n - d->n_fetched > CAPACITY;
	if (out->is_overrun)
		d->n_fetched = n - CAPACITY;
	for (; d->n_fetched < n; d->n_fetched++, out->n_rows++)
		for (size_t c = 0; c < CHANNELS; c++)
			out->values[out->n_rows * CHANNELS + c] = (double)d->n_fetched + 0.25 * (double)c;
	return 0;
}

static const struct channel channels[] = { { .name = "x", .unit = "1" },
					   { .name = "y", .unit = "1" },
					   { .name = "z", .unit = "1" } };

static const struct sensor_driver driver = {
	.name = "device",
	.channels = channels,
	.n_channels = CHANNELS,
	.state_size = sizeof(struct device),
	.probe = device_probe,
	.trigger = device_trigger,
	.collect = device_collect,
	.plan_burst = device_plan,
	.collect_burst = device_fetch,
};

struct row {
	int64_t at_us;
	uint32_t lost;
	double number; /* NaN: a gap */
};

struct rig {
	struct loop *loop;
	struct loop_timer *end;
	struct clock clock;
	struct conf conf;
	struct conf_sensor sensor;
	struct device device;
	struct sched *sched;
	struct row rows[READINGS];
	size_t n_rows;
	int64_t watermark_us;
};

static void on_reading(void *ctx, size_t i, int64_t at_us, uint32_t lost, const double values[])
{
	struct rig *r = ctx;

	assert_int_equal(i, 0);
	assert_true(r->n_rows < READINGS);
	assert_true(at_us >= r->watermark_us);
	assert_true(at_us <= clock_now_us(&r->clock));
	assert_true(isnan(values[0]) || (values[1] == values[0] + 0.25 && values[2] == values[0] + 0.5));
	r->rows[r->n_rows++] = (struct row){ at_us, lost, values[0] };
}

static void on_settled(void *ctx, int64_t watermark_us)
{
	struct rig *r = ctx;

	r->watermark_us = watermark_us;
}

static void on_end(void *ctx)
{
	loop_stop(((struct rig *)ctx)->loop, 7);
}

static struct rig *rig_new(void)
{
	static const struct sched_handlers handlers = { .reading = on_reading, .settled = on_settled };
	struct rig *r = calloc(1, sizeof(*r));

	assert_non_null(r);
	r->watermark_us = INT64_MIN;
	assert_int_equal(loop_create(&r->loop), 0);
	assert_int_equal(loop_timer_create(r->loop, &r->end, on_end, r), 0);
	clock_init(&r->clock);
	r->sensor = (struct conf_sensor){
		.name = "shaker",
		.driver = &driver,
		.state = &r->device,
		.every_us = 1000 * MS,
		.channels = channels,
		.n_channels = CHANNELS,
	};
	r->conf.sensors = &r->sensor;
	r->conf.n_sensors = 1;
	assert_int_equal(sched_create(&r->sched, r->loop, &r->conf, &r->clock, &handlers, r), 0);
	sched_start(r->sched);
	return r;
}

static void run(struct rig *r, int64_t us)
{
	loop_timer_set(r->end, loop_mono_us() + us);
	assert_int_equal(loop_run(r->loop), 7);
}

static void rig_end(struct rig *r)
{
	sched_free(r->sched);
	loop_timer_free(r->end);
	loop_free(r->loop);
	arena_free(&r->conf.sensors[0].own);
	free(r);
}

static struct sensor_status status(const struct rig *r)
{
	struct sensor_status s;

	sched_get_status(r->sched, 0, &s);
	return s;
}

/**
 * Times rise, and what is missing between two numbers was told as lost, to @off rows and a twentieth: as long as the true rate is not known, it is
 * counted by the nominal one. @return all that was lost
 */
static uint64_t check_rows(const struct rig *r, size_t from, uint64_t off)
{
	uint64_t all = 0;

	for (size_t i = from + 1; i < r->n_rows; i++) {
		const struct row *a = &r->rows[i - 1], *b = &r->rows[i];
		uint64_t missing = (uint64_t)(b->number - a->number) - 1;
		uint64_t room = off + missing / 20;

		assert_true(b->at_us > a->at_us);
		assert_true(b->lost <= missing + room && missing <= b->lost + room);
		all += missing;
	}
	return all;
}

/* 1600 rows a second nominal, 1553 true, three values each, with the smallest buffer of our chips. */
static void sixteen_hundred_rows_a_second_come_through_without_loss(void **state)
{
	struct rig *r = rig_new();
	size_t half;
	double us;
	(void)state;

	run(r, 1000 * MS);
	half = r->n_rows;
	run(r, 1000 * MS);
	us = (double)(r->rows[r->n_rows - 1].at_us - r->rows[half].at_us);
	assert_int_equal(check_rows(r, 0, 0), 0);
	assert_in_range(r->n_rows, 3106 - CAPACITY / 2, 3106); /* 2 s of 643.75 us, but for those of the next fetch */
	assert_in_range(r->device.n_fetches, 180, 220);	       /* twice per buffer, 10 ms */
	assert_true(fabs(us / (double)(r->n_rows - 1 - half) / TRUE_PERIOD_US - 1.0) < 0.01);
	assert_int_equal(status(r).n_readings, r->n_rows);
	assert_int_equal(status(r).state, SENSOR_OK);
	assert_true(clock_now_us(&r->clock) - sched_watermark_us(r->sched) < 1000 * MS);
	rig_end(r);
}

static void what_is_lost_in_a_stall_is_told_with_the_next_row(void **state)
{
	struct rig *r = rig_new();
	uint64_t lost;
	(void)state;

	run(r, 300 * MS);
	still_loop_pass(300 * MS);
	run(r, 300 * MS);
	lost = check_rows(r, 0, 3);
	assert_in_range(lost, 466 - CAPACITY,
			466); /* 300 ms are 466 rows; of those of before and of these, 32 are left */
	assert_int_equal(status(r).n_faults, 0);
	rig_end(r);
}

static void a_device_that_fails_gives_gaps_and_begins_anew(void **state)
{
	struct rig *r = rig_new();
	size_t n_gaps = 0, first;
	(void)state;

	run(r, 100 * MS);
	r->device.fetch_error = -EREMOTEIO;
	run(r, 100 * MS);
	assert_int_equal(status(r).state, SENSOR_FAULT);
	assert_string_equal(status(r).reason, "no answer from the device: absent or unpowered");
	assert_int_equal(r->device.n_probes, 1);
	for (size_t i = 0; i < r->n_rows; i++)
		n_gaps += isnan(r->rows[i].number);
	assert_in_range(n_gaps, 3, 12); /* one for each fetch that was due */
	r->device.fetch_error = 0;
	run(r, 1400 * MS);
	assert_int_equal(r->device.n_probes, 2);
	assert_int_equal(status(r).state, SENSOR_OK);
	for (first = r->n_rows; first > 0 && !isnan(r->rows[first - 1].number); first--)
		;
	assert_true(r->rows[first].at_us > r->rows[first - 1].at_us);
	check_rows(r, first, 3);
	rig_end(r);
}

static void a_device_that_no_longer_samples_is_found_out(void **state)
{
	struct rig *r = rig_new();
	(void)state;

	run(r, 100 * MS);
	r->device.is_dead = true; /* it lost its power for a moment, and answers as before */
	run(r, 1200 * MS);
	assert_int_equal(status(r).state, SENSOR_FAULT);
	assert_string_equal(status(r).reason, "the device does not sample");
	r->device.is_dead = false;
	run(r, 1500 * MS);
	assert_int_equal(r->device.n_probes, 2);
	assert_int_equal(status(r).state, SENSOR_OK);
	rig_end(r);
}

/* A first row that takes many fetches to come is no reason to set the device up anew, which would empty its buffer each time. */
static void a_device_that_is_slow_to_begin_is_left_to_it(void **state)
{
	struct rig *r = rig_new();
	(void)state;

	run(r, 50 * MS);
	r->device.fetch_error = -EREMOTEIO;
	run(r, 50 * MS);
	r->device.fetch_error = 0;
	r->device.is_dead = true;
	run(r, 1600 * MS); /* probed after a second or so */
	assert_int_equal(r->device.n_probes, 2);
	assert_int_equal(status(r).n_faults, 1);
	r->device.is_dead = false;
	run(r, 100 * MS);
	assert_int_equal(r->device.n_probes, 2);
	assert_int_equal(status(r).state, SENSOR_OK);
	rig_end(r);
}

static void a_step_of_the_clock_loses_no_row(void **state)
{
	static const int64_t shifts_us[] = { INT64_C(86400000000), -INT64_C(172800000000) };
	struct rig *r = rig_new();
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(shifts_us); i++) {
		size_t before;

		run(r, 200 * MS);
		before = r->n_rows;
		r->clock.shift_us = shifts_us[i];
		sched_replan(r->sched);
		run(r, 200 * MS);
		assert_true(r->n_rows > before + 100);
		assert_int_equal(r->rows[before].number, r->rows[before - 1].number + 1);
		assert_int_equal(r->rows[before].lost, 0);
	}
	check_rows(r, 0, 3);
	rig_end(r);
}

/* Coverage and the hold of a value follow from the period, so the config must know that of the device, not that of the fetches. */
static void the_config_expects_what_the_device_samples(void **state)
{
	static const char text[] = "sensors:\n"
				   "  fast: {driver: lis3dh, bus: i2c-1, rate: 400, every: 10s}\n"
				   "  slow: {driver: lis3dh, bus: i2c-1, address: 0x19, every: 10s}\n";
	struct diag d = { .file = "test" };
	struct conf c;
	(void)state;

	if (conf_parse(&c, text, strlen(text), &d) < 0)
		fail_msg("%s", d.first->text);
	assert_int_equal(c.plan.n_sources, 6);
	assert_int_equal(c.sources[0].period_us, 2500);
	assert_int_equal(c.sources[3].period_us, 10000 * MS);
	conf_free(&c);
	diag_free(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sixteen_hundred_rows_a_second_come_through_without_loss),
		cmocka_unit_test(what_is_lost_in_a_stall_is_told_with_the_next_row),
		cmocka_unit_test(a_device_that_fails_gives_gaps_and_begins_anew),
		cmocka_unit_test(a_device_that_no_longer_samples_is_found_out),
		cmocka_unit_test(a_device_that_is_slow_to_begin_is_left_to_it),
		cmocka_unit_test(a_step_of_the_clock_loses_no_row),
		cmocka_unit_test(the_config_expects_what_the_device_samples),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
