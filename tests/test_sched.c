/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The scheduler on a real loop, with drivers that do as they are told. Time is real but for fast_forward(), which moves the offset
 * of the clock, so that minutes of waiting take seconds. Throughout, no reading may come from before a watermark.
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
#include <unistd.h>

#include "agent/sched.h"

enum { MS = 1000, SENSORS = 2, READINGS = 20000 };

struct fake {
	int64_t ready_us;
	int n_again; /* answers of -EAGAIN before each value; -1: always */
	int probe_error, trigger_error, collect_error;
	unsigned end_after; /* values; 0: never */
	unsigned n_probes, n_triggers, n_collects, n_closes, n_values;
	int again;
	int64_t probed_us[64];
};

static int fake_probe(void *state, int64_t now_us, struct sensor_error *err)
{
	struct fake *f = state;

	if (f->n_probes < 64)
		f->probed_us[f->n_probes] = now_us;
	f->n_probes++;
	if (f->probe_error < 0)
		snprintf(err->text, sizeof(err->text), "nobody at address 0x76");
	return f->probe_error;
}

static int64_t fake_trigger(void *state, int64_t now_us)
{
	struct fake *f = state;

	(void)now_us;
	f->n_triggers++;
	f->again = f->n_again;
	return f->trigger_error < 0 ? f->trigger_error : f->ready_us;
}

static int fake_collect(void *state, int64_t now_us, double out[])
{
	struct fake *f = state;

	(void)now_us;
	f->n_collects++;
	if (f->again != 0) {
		f->again -= f->again > 0;
		return -EAGAIN;
	}
	if (f->collect_error < 0)
		return f->collect_error;
	if (f->end_after && f->n_values >= f->end_after)
		return SENSOR_END;
	out[0] = ++f->n_values;
	return 0;
}

static void fake_close(void *state)
{
	((struct fake *)state)->n_closes++;
}

static const struct channel one_channel[] = { { .name = "value", .unit = "1" } };

static const struct sensor_driver driver = {
	.name = "fake", .channels = one_channel, .n_channels = 1, .state_size = sizeof(struct fake),
	.probe = fake_probe, .trigger = fake_trigger, .collect = fake_collect, .close = fake_close,
};
static const struct sensor_driver self_paced_driver = {
	.name = "fake", .channels = one_channel, .n_channels = 1, .state_size = sizeof(struct fake),
	.is_self_paced = true,
	.probe = fake_probe, .trigger = fake_trigger, .collect = fake_collect, .close = fake_close,
};

struct reading {
	size_t sensor;
	int64_t at_us, given_us;
	double value;
};

struct rig {
	struct loop *loop;
	struct loop_timer *end;
	struct clock clock;
	struct conf conf;
	struct conf_sensor sensors[SENSORS];
	struct fake fakes[SENSORS];
	struct sched *sched;
	struct reading *readings;
	size_t n_readings, n_changes, n_settled;
	int64_t watermark_us;
	int64_t forward_us; /* in each turn */
};

static void on_reading(void *ctx, size_t i, int64_t at_us, const double values[])
{
	struct rig *r = ctx;

	assert_true(r->n_readings < READINGS);
	if (at_us < r->watermark_us)
		fail_msg("a reading %lld us before the watermark", (long long)(r->watermark_us - at_us));
	r->readings[r->n_readings++] = (struct reading){ i, at_us, clock_now_us(&r->clock), values[0] };
}

static void on_settled(void *ctx, int64_t watermark_us)
{
	struct rig *r = ctx;

	r->n_settled++;
	assert_true(watermark_us <= clock_now_us(&r->clock));
	if (watermark_us > r->watermark_us)
		r->watermark_us = watermark_us;
	if (r->forward_us) {
		r->clock.offset_us += r->forward_us;
		sched_replan(r->sched);
	}
}

static void on_changed(void *ctx, size_t i)
{
	struct rig *r = ctx;

	assert_true(i < SENSORS);
	r->n_changes++;
}

static void on_end(void *ctx)
{
	loop_stop(((struct rig *)ctx)->loop, 7);
}

static struct rig *rig_make(size_t n_sensors, int64_t every_us)
{
	static const struct sched_handlers handlers = { on_reading, on_settled, on_changed };
	static const char *const names[] = { "first", "second" };
	struct rig *r = calloc(1, sizeof(*r));

	r->readings = calloc(READINGS, sizeof(r->readings[0]));
	r->watermark_us = INT64_MIN;
	assert_int_equal(loop_create(&r->loop), 0);
	assert_int_equal(loop_timer_create(r->loop, &r->end, on_end, r), 0);
	clock_init(&r->clock);
	r->conf.sensors = r->sensors;
	r->conf.n_sensors = n_sensors;
	for (size_t i = 0; i < SENSORS; i++)
		r->sensors[i] = (struct conf_sensor){
			.name = names[i], .driver = &driver, .state = &r->fakes[i], .every_us = every_us,
			.channels = one_channel, .n_channels = 1,
		};
	assert_int_equal(sched_create(&r->sched, r->loop, &r->conf, &r->clock, &handlers, r), 0);
	return r;
}

static void run_for(struct rig *r, int64_t us)
{
	loop_timer_set(r->end, loop_mono_us() + us);
	assert_int_equal(loop_run(r->loop), 7);
}

/* Makes @us pass, in steps of @step_us; a step takes one period of real time. */
static void fast_forward(struct rig *r, int64_t us, int64_t step_us)
{
	int64_t until_us = clock_now_us(&r->clock) + us;

	r->forward_us = step_us;
	while (clock_now_us(&r->clock) < until_us)
		run_for(r, 20 * MS);
	r->forward_us = 0;
}

static void rig_end(struct rig *r)
{
	sched_free(r->sched);
	loop_timer_free(r->end);
	loop_free(r->loop);
	arena_free(&r->conf.arena);
	free(r->readings);
	free(r);
}

static size_t n_of(const struct rig *r, size_t sensor, bool is_gap)
{
	size_t n = 0;

	for (size_t i = 0; i < r->n_readings; i++)
		n += r->readings[i].sensor == sensor && isnan(r->readings[i].value) == is_gap;
	return n;
}

static struct sensor_status status_of(const struct rig *r, size_t i)
{
	struct sensor_status s;

	sched_get_status(r->sched, i, &s);
	return s;
}

/* What the program says on stderr meanwhile. */
static FILE *log_file;
static int saved_stderr;

static void log_begin(void)
{
	log_file = tmpfile();
	assert_non_null(log_file);
	saved_stderr = dup(STDERR_FILENO);
	dup2(fileno(log_file), STDERR_FILENO);
}

static size_t log_count(const char *words)
{
	char line[1024];
	size_t n = 0;

	rewind(log_file);
	while (fgets(line, sizeof(line), log_file))
		n += strstr(line, words) != NULL;
	fseek(log_file, 0, SEEK_END);
	return n;
}

static void log_end(void)
{
	dup2(saved_stderr, STDERR_FILENO);
	close(saved_stderr);
	fclose(log_file);
}

/* --- the usual --- */

static void readings_are_stamped_with_multiples_of_the_period(void **state)
{
	enum { EVERY_US = 200 * MS };
	struct rig *r = rig_make(2, EVERY_US);
	size_t n_on_time = 0;

	(void)state;
	sched_start(r->sched);
	run_for(r, 1300 * MS);
	assert_in_range(n_of(r, 0, false), 3, 7);
	assert_int_equal(n_of(r, 0, true), 0);
	assert_int_equal(n_of(r, 1, false), n_of(r, 0, false));
	for (size_t i = 0; i < r->n_readings; i += 2) {
		const struct reading *a = &r->readings[i], *b = a + 1;

		assert_true(a->at_us == b->at_us); /* due together, stamped together */
		assert_true(a->at_us <= a->given_us);
		n_on_time += a->at_us % EVERY_US == 0;
		if (i > 0)
			assert_true(a->at_us / EVERY_US > (a - 2)->at_us / EVERY_US);
	}
	assert_true(n_on_time > 0);
	assert_int_equal(status_of(r, 0).n_readings, n_of(r, 0, false));
	assert_int_equal(status_of(r, 0).state, SENSOR_OK);
	assert_string_equal(status_of(r, 1).name, "second");
	assert_string_equal(status_of(r, 1).reason, "");
	assert_int_equal(r->n_changes, 2);
	rig_end(r);
}

static void a_conversion_is_collected_when_ready_and_stamped_when_triggered(void **state)
{
	struct rig *r = rig_make(2, 100 * MS);

	(void)state;
	r->fakes[0].ready_us = 60 * MS;
	sched_start(r->sched);
	run_for(r, 700 * MS);
	assert_true(n_of(r, 0, false) >= 2);
	for (size_t i = 0; i < r->n_readings; i++)
		if (r->readings[i].sensor == 0)
			assert_true(r->readings[i].given_us - r->readings[i].at_us >= 60 * MS);
	assert_int_equal(r->fakes[0].n_collects, n_of(r, 0, false)); /* not asked before it was ready */
	rig_end(r);
}

static void a_conversion_longer_than_the_period_is_not_started_twice(void **state)
{
	struct rig *r = rig_make(2, 20 * MS);

	(void)state;
	r->fakes[0].ready_us = 110 * MS;
	sched_start(r->sched);
	run_for(r, 600 * MS);
	assert_in_range(n_of(r, 0, false), 1, 5);
	assert_in_range(r->fakes[0].n_triggers, n_of(r, 0, false), n_of(r, 0, false) + 1);
	assert_true(n_of(r, 1, false) > 2 * n_of(r, 0, false));
	rig_end(r);
}

static void a_sensor_that_is_not_ready_is_asked_again(void **state)
{
	struct rig *r = rig_make(1, 50 * MS);

	(void)state;
	r->fakes[0].n_again = 3;
	sched_start(r->sched);
	run_for(r, 400 * MS);
	assert_true(n_of(r, 0, false) >= 2);
	assert_int_equal(n_of(r, 0, true), 0);
	assert_int_equal(r->fakes[0].n_collects / 4, n_of(r, 0, false));
	assert_int_equal(status_of(r, 0).n_faults, 0);
	rig_end(r);
}

/* --- faults --- */

static void a_sensor_that_hangs_gives_a_gap_after_its_time_and_holds_up_nobody(void **state)
{
	struct rig *r = rig_make(2, 50 * MS);
	const struct reading *gap = NULL;

	(void)state;
	log_begin();
	r->fakes[0].n_again = -1;
	sched_start(r->sched);
	run_for(r, 1800 * MS);
	assert_true(n_of(r, 1, false) >= 10);
	assert_int_equal(status_of(r, 0).state, SENSOR_FAULT);
	assert_string_equal(status_of(r, 0).reason, "no result in time");
	for (size_t i = 0; i < r->n_readings && !gap; i++)
		if (r->readings[i].sensor == 0)
			gap = &r->readings[i];
	assert_non_null(gap);
	assert_true(isnan(gap->value));
	assert_true(gap->given_us - gap->at_us >= 1000 * MS);
	assert_int_equal(log_count("sensor first: starting -> fault: no result in time"), 1);
	log_end();
	rig_end(r);
}

static void the_watermark_waits_for_what_is_being_converted(void **state)
{
	struct rig *r = rig_make(2, 50 * MS);
	int64_t before_us;

	(void)state;
	r->fakes[0].n_again = -1;
	log_begin();
	sched_start(r->sched);
	run_for(r, 300 * MS);
	before_us = sched_watermark_us(r->sched);
	run_for(r, 300 * MS);
	assert_true(sched_watermark_us(r->sched) == before_us); /* the first still is under way */
	assert_true(clock_now_us(&r->clock) - before_us > 300 * MS);
	run_for(r, 900 * MS);
	assert_true(sched_watermark_us(r->sched) > before_us + 800 * MS);
	log_end();
	rig_end(r);
}

static void while_it_fails_each_reading_that_was_due_is_a_gap(void **state)
{
	enum { EVERY_US = 50 * MS };
	static const char *const steps[] = { "probe", "trigger", "collect" };

	(void)state;
	log_begin();
	for (size_t step = 0; step < 3; step++) {
		struct rig *r = rig_make(1, EVERY_US);
		struct fake *f = &r->fakes[0];
		int64_t last_us = 0;

		*(step == 0 ? &f->probe_error : step == 1 ? &f->trigger_error : &f->collect_error) = -EREMOTEIO;
		sched_start(r->sched);
		run_for(r, 700 * MS);
		if (n_of(r, 0, true) < 7 || n_of(r, 0, false) > 0)
			fail_msg("%s: %zu gaps", steps[step], n_of(r, 0, true));
		for (size_t i = 0; i < r->n_readings; i++) {
			assert_true(r->readings[i].at_us / EVERY_US > last_us / EVERY_US); /* one for each */
			last_us = r->readings[i].at_us;
		}
		assert_int_equal(status_of(r, 0).state, SENSOR_FAULT);
		assert_string_equal(status_of(r, 0).reason,
				    step == 0 ? "nobody at address 0x76" : strerror(EREMOTEIO));
		assert_int_equal(r->n_changes, 1);
		assert_int_equal(status_of(r, 0).n_readings, 0);
		assert_true(f->n_triggers <= 2); /* it is left alone until the next probe */
		rig_end(r);
	}
	log_end();
}

static void it_is_probed_again_after_growing_pauses(void **state)
{
	static const double nominal_s[] = { 1, 2, 4, 8, 16, 32, 60, 60, 60 };
	struct rig *r = rig_make(1, 1 * MS);
	const struct fake *f = &r->fakes[0];
	double spread = 0;

	(void)state;
	log_begin();
	r->fakes[0].probe_error = -ENXIO;
	sched_start(r->sched);
	fast_forward(r, INT64_C(330000000), 200 * MS);
	assert_true(f->n_probes > ARRAY_LEN(nominal_s));
	for (size_t i = 0; i < ARRAY_LEN(nominal_s); i++) {
		double pause_s = (double)(f->probed_us[i + 1] - f->probed_us[i]) / 1e6;

		if (pause_s < 0.8 * nominal_s[i] || pause_s > 1.2 * nominal_s[i] + 0.5)
			fail_msg("pause %zu was %.3f s", i, pause_s);
		spread += fabs(pause_s / nominal_s[i] - 1.0);
	}
	assert_true(spread > 0.05); /* boards that lost the same bus do not come back in step */
	assert_int_equal(f->n_closes, f->n_probes);
	assert_int_equal(log_count("->"), 1);
	log_end();
	rig_end(r);
}

static void a_recovery_is_told_once_and_begins_anew(void **state)
{
	struct rig *r = rig_make(1, 1 * MS);
	struct fake *f = &r->fakes[0];
	size_t n_gaps;

	(void)state;
	log_begin();
	sched_start(r->sched);
	run_for(r, 50 * MS);
	assert_int_equal(status_of(r, 0).state, SENSOR_OK);
	f->collect_error = f->probe_error = -EIO;
	fast_forward(r, 100000 * MS, 200 * MS);
	n_gaps = n_of(r, 0, true);
	assert_true(n_gaps > 100);
	f->collect_error = f->probe_error = 0;
	fast_forward(r, 100000 * MS, 200 * MS);
	assert_int_equal(status_of(r, 0).state, SENSOR_OK);
	assert_string_equal(status_of(r, 0).reason, "");
	assert_int_equal(log_count("sensor first: ok -> fault"), 1);
	assert_int_equal(log_count("sensor first: fault -> ok"), 1);
	assert_int_equal(log_count("->"), 2);
	n_gaps = n_of(r, 0, true);
	run_for(r, 50 * MS);
	assert_int_equal(n_of(r, 0, true), n_gaps);

	f->n_probes = 0; /* the next fault waits 1 s, not 60 */
	f->collect_error = f->probe_error = -EIO;
	fast_forward(r, 1500 * MS, 20 * MS);
	assert_int_equal(f->n_probes, 1);
	log_end();
	rig_end(r);
}

/* --- ends, paces, clocks --- */

static void a_recording_ends_once_and_the_others_go_on(void **state)
{
	struct rig *r = rig_make(2, 20 * MS);
	size_t n_second;

	(void)state;
	log_begin();
	r->fakes[0].end_after = 3;
	sched_start(r->sched);
	run_for(r, 300 * MS);
	assert_int_equal(n_of(r, 0, false), 3);
	assert_int_equal(n_of(r, 0, true), 0);
	assert_int_equal(r->fakes[0].n_collects, 4);
	assert_int_equal(status_of(r, 0).state, SENSOR_ENDED);
	n_second = n_of(r, 1, false);
	sched_replan(r->sched);
	run_for(r, 200 * MS);
	assert_true(n_of(r, 1, false) > n_second);
	assert_int_equal(r->fakes[0].n_triggers, 4);
	assert_true(clock_now_us(&r->clock) - sched_watermark_us(r->sched) < 1000 * MS); /* it holds back nothing */
	assert_int_equal(log_count("sensor first: the recording is over"), 1);
	log_end();
	rig_end(r);
}

static void what_paces_itself_is_stamped_when_it_comes_and_holds_nothing_back(void **state)
{
	struct rig *r = rig_make(2, 20 * MS);

	(void)state;
	log_begin();
	r->sensors[0].driver = &self_paced_driver;
	r->fakes[0].ready_us = 250 * MS; /* longer than the period: it is not given up */
	sched_start(r->sched);
	run_for(r, 700 * MS);
	assert_in_range(n_of(r, 0, false), 1, 2);
	for (size_t i = 0; i < r->n_readings; i++)
		if (r->readings[i].sensor == 0)
			assert_true(r->readings[i].given_us - r->readings[i].at_us < 100 * MS);
	assert_true(clock_now_us(&r->clock) - sched_watermark_us(r->sched) < 100 * MS);

	r->fakes[0].collect_error = -EBADMSG; /* a bad row: a gap now, not where it was waited for */
	run_for(r, 500 * MS);
	assert_true(n_of(r, 0, true) > 0);
	log_end();
	rig_end(r);
}

static void a_step_of_the_clock_drops_what_is_under_way_and_goes_on_at_the_new_time(void **state)
{
	static const int64_t steps_us[] = { INT64_C(86400000000), -INT64_C(172800000000), INT64_C(3000000) };
	struct rig *r = rig_make(2, 50 * MS);

	(void)state;
	r->fakes[0].ready_us = 20 * MS;
	sched_start(r->sched);
	for (size_t i = 0; i < ARRAY_LEN(steps_us); i++) {
		size_t before, n[SENSORS] = { 0 };

		run_for(r, 260 * MS);
		before = r->n_readings;
		r->clock.offset_us += steps_us[i];
		r->watermark_us = INT64_MIN;
		sched_replan(r->sched);
		run_for(r, 400 * MS);
		for (size_t k = before; k < r->n_readings; k++) {
			assert_true(r->readings[k].given_us - r->readings[k].at_us < 1000 * MS);
			assert_true(r->readings[k].at_us <= r->readings[k].given_us);
			n[r->readings[k].sensor]++;
		}
		assert_true(n[0] >= 2 && n[1] >= 2);
	}
	assert_int_equal(n_of(r, 0, true) + n_of(r, 1, true), 0);
	rig_end(r);
}

static void after_a_stall_missed_readings_are_not_made_up_for(void **state)
{
	struct rig *r = rig_make(1, 10 * MS);
	size_t before;

	(void)state;
	sched_start(r->sched);
	run_for(r, 50 * MS);
	before = r->n_readings;
	usleep(300 * MS);
	run_for(r, 5 * MS);
	assert_in_range(r->n_readings - before, 1, 2);
	rig_end(r);
}

static void a_config_without_sensors_settles_for_nothing(void **state)
{
	struct rig *r = rig_make(0, 10 * MS);

	(void)state;
	sched_start(r->sched);
	run_for(r, 50 * MS);
	assert_int_equal(r->n_readings, 0);
	assert_true(clock_now_us(&r->clock) - sched_watermark_us(r->sched) < 1000 * MS);
	rig_end(r);
}

static void each_sensor_is_closed_at_the_end(void **state)
{
	struct rig *r = rig_make(2, 10 * MS);

	(void)state;
	sched_start(r->sched);
	sched_free(r->sched);
	assert_int_equal(r->fakes[0].n_closes, 1);
	assert_int_equal(r->fakes[1].n_closes, 1);
	r->sched = NULL;
	rig_end(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(readings_are_stamped_with_multiples_of_the_period),
		cmocka_unit_test(a_conversion_is_collected_when_ready_and_stamped_when_triggered),
		cmocka_unit_test(a_conversion_longer_than_the_period_is_not_started_twice),
		cmocka_unit_test(a_sensor_that_is_not_ready_is_asked_again),
		cmocka_unit_test(a_sensor_that_hangs_gives_a_gap_after_its_time_and_holds_up_nobody),
		cmocka_unit_test(the_watermark_waits_for_what_is_being_converted),
		cmocka_unit_test(while_it_fails_each_reading_that_was_due_is_a_gap),
		cmocka_unit_test(it_is_probed_again_after_growing_pauses),
		cmocka_unit_test(a_recovery_is_told_once_and_begins_anew),
		cmocka_unit_test(a_recording_ends_once_and_the_others_go_on),
		cmocka_unit_test(what_paces_itself_is_stamped_when_it_comes_and_holds_nothing_back),
		cmocka_unit_test(a_step_of_the_clock_drops_what_is_under_way_and_goes_on_at_the_new_time),
		cmocka_unit_test(after_a_stall_missed_readings_are_not_made_up_for),
		cmocka_unit_test(a_config_without_sensors_settles_for_nothing),
		cmocka_unit_test(each_sensor_is_closed_at_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
