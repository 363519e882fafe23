/* SPDX-License-Identifier: Apache-2.0 */
/* A recording is played to a reader that asks as the agent does: at multiples of its period, and when told to wait, then. */
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

#include "tests/driver_rig.h"

#define SECOND INT64_C(1000000)
#define START (INT64_C(1763700000) * SECOND)

static void init(struct driver_rig *rig, const char *options, const char *text)
{
	char yaml[300];

	snprintf(yaml, sizeof(yaml), "{path: %s%s%s}", driver_rig_file(0, text), *options ? ", " : "", options);
	driver_rig_init(rig, "csv", yaml);
}

static void begin(struct driver_rig *rig, const char *options, const char *text)
{
	init(rig, options, text);
	if (rig->n_channels < 0)
		fail_msg("%s", rig->err.text);
	assert_int_equal(driver_rig_probe(rig, START), 0);
}

/** As the scheduler of the agent does, probing again after faults: "SECONDS=VALUE" or "SECONDS!ERROR" for each reading. */
static const char *play(struct driver_rig *rig, int64_t every_us, int64_t for_us)
{
	static char text[2000];
	size_t n = 0;
	double out[SENSOR_MAX_CHANNELS];

	text[0] = '\0';
	for (int64_t tick = START, now_us; tick <= START + for_us; tick = (now_us / every_us + 1) * every_us) {
		int r;

		now_us = tick;
		r = driver_rig_read(rig, &now_us, out);
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%g", (double)(now_us - START) / 1e6);
		if (r == SENSOR_END) {
			snprintf(text + n, sizeof(text) - n, " end");
			return text;
		}
		if (r < 0) {
			n += (size_t)snprintf(text + n, sizeof(text) - n, "!%d ", -r);
			assert_int_equal(driver_rig_probe(rig, now_us), 0);
		} else {
			n += (size_t)snprintf(text + n, sizeof(text) - n, "=%g ", out[0]);
		}
	}
	return text;
}

static void every_row_is_one_reading_when_it_is_due(void **state)
{
	struct driver_rig rig;
	(void)state;

	begin(&rig, "", "time,t\n1700000000,1\n1700000001.5,2\n1700000002,3\n1700000010,4\n");
	assert_string_equal(play(&rig, SECOND / 10, 60 * SECOND), "0=1 1.5=2 2=3 10=4 10.1 end");
	driver_rig_free(&rig);
}

static void pace_scales_the_recorded_clock(void **state)
{
	static const char text[] = "time,t\n2025-04-07 11:40:16,1\n2025-04-07 11:40:17,2\n2025-04-07 11:40:19,3\n";
	struct driver_rig rig;
	(void)state;

	begin(&rig, "pace: 10", text);
	assert_string_equal(play(&rig, SECOND / 100, SECOND), "0=1 0.1=2 0.3=3 0.31 end");
	driver_rig_free(&rig);
	begin(&rig, "pace: 0.5", text);
	assert_string_equal(play(&rig, SECOND, 60 * SECOND), "0=1 2=2 6=3 7 end");
	driver_rig_free(&rig);
	begin(&rig, "pace: 0", text);
	assert_string_equal(play(&rig, SECOND * 5, 60 * SECOND), "0=1 5=2 10=3 15 end");
	driver_rig_free(&rig);
}

static void a_slow_reader_gets_the_newest_row(void **state)
{
	struct driver_rig rig;
	(void)state;

	begin(&rig, "", "time,t\n0,1\n1,2\n2,3\n3,4\n4,5\n5,6\n6,7\n");
	assert_string_equal(play(&rig, 3 * SECOND, 60 * SECOND), "0=1 3=4 6=7 9 end");
	driver_rig_free(&rig);
}

static void a_gap_of_days_is_one_wait(void **state)
{
	struct driver_rig rig;
	(void)state;

	begin(&rig, "", "time,t\n1700000000,1\n1701209600,2\n");
	assert_string_equal(play(&rig, SECOND, 60 * SECOND), "0=1 1.2096e+06=2 ");
	driver_rig_free(&rig);
}

static void a_recorded_clock_that_steps_back_goes_on_at_once(void **state)
{
	struct driver_rig rig;
	(void)state;

	begin(&rig, "", "millis,t\n128321,1\n128322,2\n1,3\n3,4\n");
	/* The row after the step is due with the one before it, and comes when asked for next. */
	assert_string_equal(play(&rig, SECOND / 2, 60 * SECOND), "0=1 1=2 1.5=3 3=4 3.5 end");
	driver_rig_free(&rig);
}

static void a_step_of_this_clock_neither_skips_nor_stops_the_recording(void **state)
{
	struct driver_rig rig;
	double out[1];
	int64_t now_us = START;
	(void)state;

	begin(&rig, "", "time,t\n0,1\n1,2\n2,3\n3,4\n");
	assert_int_equal(driver_rig_read(&rig, &now_us, out), 0);
	now_us += 365 * 86400 * SECOND;
	assert_int_equal(driver_rig_read(&rig, &now_us, out), 0);
	assert_true(out[0] == 2);
	now_us = START;
	assert_true(rig.driver->trigger(rig.state, now_us) == SECOND);
	now_us += SECOND;
	assert_int_equal(rig.driver->collect(rig.state, now_us, out), 0);
	assert_true(out[0] == 3);
	driver_rig_free(&rig);
}

static void asking_too_early_is_answered_with_again(void **state)
{
	struct driver_rig rig;
	double out[1] = { -7 };
	int64_t now_us = START;
	(void)state;

	begin(&rig, "", "time,t\n0,1\n10,2\n");
	assert_int_equal(driver_rig_read(&rig, &now_us, out), 0);
	assert_true(rig.driver->trigger(rig.state, START + SECOND) == 9 * SECOND);
	out[0] = -7;
	assert_int_equal(rig.driver->collect(rig.state, START + 2 * SECOND, out), -EAGAIN);
	assert_true(out[0] == -7);
	assert_int_equal(rig.driver->collect(rig.state, START + 10 * SECOND, out), 0);
	assert_true(out[0] == 2);
	driver_rig_free(&rig);
}

static void a_bad_row_fails_its_reading_and_no_other(void **state)
{
	struct driver_rig rig;
	(void)state;

	/* 74 is EBADMSG: a decimal comma, a quoted one, text, a bad time, a NUL-free torn line, a stray quote */
	begin(&rig, "", "time,t\n0,1\n1,2,5\n2,\"3,5\"\n3,on\nx,5\n5\n6,\"7\n7,8\n");
	assert_string_equal(play(&rig, SECOND / 2, 60 * SECOND), "0=1 0.5!74 2!74 3!74 4!74 5!74 6!74 7=8 7.5 end");
	driver_rig_free(&rig);

	begin(&rig, "", "time,t\n0,1\n1,2\n2,\"3\n"); /* at the end */
	assert_string_equal(play(&rig, SECOND / 2, 60 * SECOND), "0=1 1=2 2!74 2.5 end");
	driver_rig_free(&rig);
}

static void an_empty_cell_is_a_gap(void **state)
{
	struct driver_rig rig;
	double out[2];
	int64_t now_us = START;
	(void)state;

	begin(&rig, "", "time,air.t,air.rh\n0,,50\n");
	assert_string_equal(rig.channels[0].name, "t");
	assert_int_equal(driver_rig_read(&rig, &now_us, out), 0);
	assert_true(isnan(out[0]) && out[1] == 50.0);
	driver_rig_free(&rig);
}

static void a_loop_begins_again_one_step_after_the_end(void **state)
{
	struct driver_rig rig;
	(void)state;

	begin(&rig, "loop: true", "time,t\n0,1\n2,2\n4,3\n");
	assert_string_equal(play(&rig, SECOND, 12 * SECOND), "0=1 2=2 4=3 6=1 8=2 10=3 12=1 ");
	driver_rig_free(&rig);
	begin(&rig, "loop: true", "time,t\n5,1\n"); /* one instant: once a second */
	assert_string_equal(play(&rig, SECOND / 2, 3 * SECOND), "0=1 1=1 2=1 3=1 ");
	driver_rig_free(&rig);
	begin(&rig, "loop: true", "time,t\n"); /* nothing to repeat */
	assert_string_equal(play(&rig, SECOND, 3 * SECOND), "0 end");
	driver_rig_free(&rig);
	begin(&rig, "loop: true", "time,t\n0,1\n1,\"2\n"); /* the bad end counts in each round */
	assert_string_equal(play(&rig, SECOND / 2, 4 * SECOND), "0=1 0.5!74 1=1 2!74 3=1 4!74 ");
	driver_rig_free(&rig);
}

/* Any call may fail at any time: the readings that follow are those that would have come. */
static void a_failure_loses_no_row(void **state)
{
	char text[1 << 17] = "time,t\n";
	int n_calls = 0, n_failed = 0;
	size_t n = strlen(text);
	(void)state;

	for (int i = 0; i < 9000; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%d,%d\n", 10000 + i, i);
	for (int fail_at = 0; fail_at <= n_calls; fail_at++) {
		struct driver_rig rig;
		double out[1];
		int64_t now_us = START;
		int r = 0, next = 0;

		begin(&rig, "", text);
		fail_call(fail_at, -EIO);
		while ((r = driver_rig_read(&rig, &now_us, out)) != SENSOR_END) {
			if (r == 0) {
				assert_true(out[0] == next++);
				continue;
			}
			n_failed++;
			assert_int_equal(r, -EIO);
			now_us += 5 * SECOND; /* the agent does not probe at once */
			assert_int_equal(driver_rig_probe(&rig, now_us), 0);
		}
		n_calls = fail_no_call();
		assert_int_equal(next, 9000);
		driver_rig_free(&rig);
	}
	assert_true(n_failed >= 2); /* the file is longer than the buffer */
}

static void a_missing_or_changed_file_is_told(void **state)
{
	struct driver_rig rig;
	char text[200];
	(void)state;

	driver_rig_init(&rig, "csv", "{path: /nonexistent/x.csv}");
	assert_int_equal(rig.n_channels, -ENOENT);
	assert_string_equal(rig.err.text, "cannot open /nonexistent/x.csv: No such file or directory");
	driver_rig_free(&rig);
	driver_rig_init(&rig, "csv", "{path: /}");
	assert_int_equal(rig.n_channels, -EISDIR);
	driver_rig_free(&rig);

	init(&rig, "", "time,t\n0,1\n");
	driver_rig_file(0, "time,x\n0,1\n");
	assert_int_equal(driver_rig_probe(&rig, START), -EINVAL);
	assert_non_null(strstr(rig.err.text, "has changed"));
	driver_rig_free(&rig);
	assert_int_equal(driver_rig_option_errors("csv", "{pace: 1}", text), 1);
	assert_non_null(strstr(text, "path"));
}

/* python3: rows 7522; math.fsum of "p1 (hPa)" is 7660829.61 */
static void a_real_recording_is_played_whole(void **state)
{
	struct driver_rig rig;
	double out[SENSOR_MAX_CHANNELS], sum = 0;
	int64_t now_us = START;
	int n = 0, r;
	(void)state;

	if (access("../shared/data/rpi_2x_bme280_1hz.csv", R_OK) != 0)
		skip();
	driver_rig_init(&rig, "csv",
			"{path: ../shared/data/rpi_2x_bme280_1hz.csv, time: Timestamp, columns: [t1_C, p1_hPa], units: "
			"{t1_C: Cel, p1_hPa: hPa}}");
	assert_int_equal(rig.n_channels, 2);
	assert_int_equal(driver_rig_probe(&rig, now_us), 0);
	for (; (r = driver_rig_read(&rig, &now_us, out)) == 0; n++) {
		assert_true(now_us == START + n * SECOND);
		sum += out[1];
	}
	assert_int_equal(r, SENSOR_END);
	assert_int_equal(n, 7522);
	assert_true(fabs(sum - 7660829.61) < 1e-5);
	driver_rig_free(&rig);

	driver_rig_init(&rig, "csv", "{path: ../shared/data/rpi_2x_bme280_1hz.csv, time: Timestamp}");
	assert_int_equal(rig.n_channels, -EINVAL);
	assert_non_null(strstr(rig.err.text, "column 1: '2025-04-07 11:40:16' is no number"));
	driver_rig_free(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_is_one_reading_when_it_is_due),
		cmocka_unit_test(pace_scales_the_recorded_clock),
		cmocka_unit_test(a_slow_reader_gets_the_newest_row),
		cmocka_unit_test(a_gap_of_days_is_one_wait),
		cmocka_unit_test(a_recorded_clock_that_steps_back_goes_on_at_once),
		cmocka_unit_test(a_step_of_this_clock_neither_skips_nor_stops_the_recording),
		cmocka_unit_test(asking_too_early_is_answered_with_again),
		cmocka_unit_test(a_bad_row_fails_its_reading_and_no_other),
		cmocka_unit_test(an_empty_cell_is_a_gap),
		cmocka_unit_test(a_loop_begins_again_one_step_after_the_end),
		cmocka_unit_test(a_failure_loses_no_row),
		cmocka_unit_test(a_missing_or_changed_file_is_told),
		cmocka_unit_test(a_real_recording_is_played_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
