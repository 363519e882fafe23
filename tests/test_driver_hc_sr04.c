/* SPDX-License-Identifier: Apache-2.0 */
/* hc-sr04: the width of the echo is the distance; what is no echo is no distance. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <math.h>
#include <string.h>

#include "tests/fake_sonar.h"

struct bench {
	struct fake_sonar sonar;
	struct driver_rig rig;
	int64_t now_us;
	double out[1];
};

static void begin(struct bench *b, const char *more)
{
	char yaml[120];

	*b = (struct bench){ .now_us = 0 };
	snprintf(yaml, sizeof(yaml), "{chip: gpiochip0, trigger: 23, echo: 24%s}", more);
	driver_rig_init(&b->rig, "hc-sr04", yaml);
	fake_sonar_attach(&b->sonar, &b->rig);
	assert_int_equal(driver_rig_probe(&b->rig, 0), 0);
	assert_true(b->sonar.trigger.is_open && !b->sonar.trigger.first_level);
}

static void end(struct bench *b)
{
	driver_rig_free(&b->rig);
	assert_false(b->sonar.trigger.is_open || b->sonar.echo.is_open);
}

static int measure(struct bench *b, int64_t width_us)
{
	b->sonar.width_us = width_us;
	b->out[0] = -1e9;
	return driver_rig_read(&b->rig, &b->now_us, b->out);
}

static bool is_near(double a, double b, double tolerance)
{
	return fabs(a - b) <= tolerance;
}

/* Speed of sound in dry air (CRC Handbook): 331.5 m/s at 0, 343.4 at 20, 349.2 at 30 degrees; half the way there and back. */
static void the_width_of_the_echo_is_the_distance(void **state)
{
	static const struct {
		const char *options;
		int64_t width_us;
		double metres;
	} rows[] = {
		{ "", 5824, 1.0000 },			/* 2 m at 343.4 m/s */
		{ ", temperature: 0", 6033, 1.0000 },	/* 2 m at 331.5 m/s */
		{ ", temperature: 30", 11455, 2.0000 }, /* 4 m at 349.2 m/s */
		{ "", 117, 0.02009 },			/* the nearest */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct bench b;

		begin(&b, rows[i].options);
		assert_int_equal(measure(&b, rows[i].width_us), 0);
		if (!is_near(b.out[0], rows[i].metres, 0.001 * rows[i].metres))
			fail_msg("row %zu: %.5f m", i, b.out[0]);
		end(&b);
	}
}

/* The maker's rule of thumb: centimetres are microseconds over 58. */
static void it_agrees_with_the_rule_of_the_datasheet(void **state)
{
	struct bench b;

	(void)state;
	begin(&b, "");
	for (int64_t us = 200; us <= 23000; us += 1900) {
		assert_int_equal(measure(&b, us), 0);
		assert_true(is_near(b.out[0], (double)us / 58.0 / 100.0, 0.006 * b.out[0]));
	}
	assert_int_equal(b.sonar.n_pulses, 13);
	end(&b);
}

static void each_reading_sends_one_pulse_made_of_many_calls_and_waits_its_cycle(void **state)
{
	struct bench b;

	(void)state;
	begin(&b, "");
	assert_int_equal(measure(&b, 3000), 0);
	assert_int_equal(b.sonar.n_pulses, 1);
	assert_true(b.sonar.trigger.n_sets >= 35); /* 10 us at 0.3 us a call, and the one that ends it */
	assert_false(b.sonar.trigger.is_on);
	assert_int_equal(b.now_us, 60000);
	end(&b);
}

static void nothing_in_range_is_no_value(void **state)
{
	struct bench b;

	(void)state;
	begin(&b, "");
	assert_int_equal(measure(&b, 38000), 0);
	assert_true(isnan(b.out[0]));
	assert_int_equal(measure(&b, 37999), 0);
	assert_false(isnan(b.out[0]));
	end(&b);
}

static void a_module_that_is_silent_or_stuck_is_an_error(void **state)
{
	struct bench b;

	(void)state;
	begin(&b, "");
	assert_int_equal(measure(&b, 0), -ETIMEDOUT);
	assert_true(b.out[0] == -1e9);
	assert_int_equal(measure(&b, -1), 0); /* it may yet end */
	assert_true(isnan(b.out[0]));
	assert_int_equal(measure(&b, 3000), -EIO); /* but it is still high when the next one begins */
	assert_int_equal(b.sonar.n_pulses, 2);
	fake_gpio_set(&b.sonar.echo, b.sonar.at_us, false);
	assert_int_equal(measure(&b, 3000), 0);
	assert_true(is_near(b.out[0], 0.515, 0.001));
	end(&b);
}

static void edges_that_are_no_echo_are_refused_and_forgotten(void **state)
{
	struct bench b;

	(void)state;
	begin(&b, "");
	b.sonar.n_noise = 3;
	assert_int_equal(measure(&b, 3000), -EBADMSG);
	b.sonar.n_noise = 0;
	fake_gpio_pulses(&b.sonar.echo, b.sonar.at_us - 5000, 3, 1000, 100); /* between two readings */
	assert_int_equal(measure(&b, 3000), 0);
	assert_true(is_near(b.out[0], 0.515, 0.001));
	end(&b);
}

static void lines_that_cannot_be_had_or_fail_are_errors(void **state)
{
	struct bench b;

	(void)state;
	begin(&b, "");
	b.sonar.trigger.set_error = -ENODEV;
	assert_int_equal(measure(&b, 3000), -ENODEV);
	b.sonar.trigger.set_error = 0;
	b.sonar.echo.read_error = -ENODEV;
	assert_int_equal(measure(&b, 3000), -ENODEV);
	b.sonar.echo.read_error = 0;
	b.sonar.echo.open_error = -EBUSY;
	assert_int_equal(driver_rig_probe(&b.rig, 0), -EBUSY);
	assert_false(b.sonar.trigger.is_open); /* what was taken is let go */
	b.sonar.echo.open_error = 0;
	assert_int_equal(driver_rig_probe(&b.rig, 0), 0);
	assert_int_equal(measure(&b, 3000), 0);
	end(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_width_of_the_echo_is_the_distance),
		cmocka_unit_test(it_agrees_with_the_rule_of_the_datasheet),
		cmocka_unit_test(each_reading_sends_one_pulse_made_of_many_calls_and_waits_its_cycle),
		cmocka_unit_test(nothing_in_range_is_no_value),
		cmocka_unit_test(a_module_that_is_silent_or_stuck_is_an_error),
		cmocka_unit_test(edges_that_are_no_echo_are_refused_and_forgotten),
		cmocka_unit_test(lines_that_cannot_be_had_or_fail_are_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
