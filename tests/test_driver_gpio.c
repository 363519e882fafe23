/* SPDX-License-Identifier: Apache-2.0 */
/* The drivers of GPIO lines: what they make of edges, at times the test says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <math.h>
#include <string.h>

#include "tests/fake_gpio.h"

enum { MS = 1000, S = 1000000, MAX = 64 };

struct bench {
	struct fake_gpio line;
	struct driver_rig rig;
	struct sensor_event events[256];
	int n;
	double out[2];
};

static void begin(struct bench *b, const char *driver, const char *yaml)
{
	driver_rig_init(&b->rig, driver, yaml);
	assert_true(b->rig.n_channels > 0);
	fake_gpio_attach(&b->line, &b->rig);
	assert_int_equal(driver_rig_probe(&b->rig, 0), 0);
}

static void end(struct bench *b)
{
	driver_rig_free(&b->rig);
	assert_false(b->line.is_open);
}

/* As the agent does: events first, then a reading. */
static void fetch(struct bench *b, int64_t kernel_us)
{
	int n;

	b->n = 0;
	do {
		n = b->rig.driver->watch->fetch(b->rig.state, kernel_us, &b->events[b->n], MAX);
		assert_true(n >= 0);
		b->n += n;
	} while (n > 0);
}

static void read_at(struct bench *b, int64_t kernel_us)
{
	int64_t now_us = 0;

	fetch(b, kernel_us);
	assert_int_equal(driver_rig_read(&b->rig, &now_us, b->out), 0);
}

static bool is_near(double a, double b)
{
	return fabs(a - b) <= 1e-9 * fabs(b);
}

/* --- gpio-input --- */

static void an_input_gives_each_change_with_its_time(void **state)
{
	struct bench b = { .n = 0 };

	(void)state;
	begin(&b, "gpio-input", "{chip: gpiochip0, line: 17}");
	read_at(&b, 0);
	assert_true(b.out[0] == 0.0);
	fake_gpio_set(&b.line, 250 * MS, true);
	fake_gpio_set(&b.line, 700 * MS, false);
	fake_gpio_set(&b.line, 900 * MS, true);
	read_at(&b, 1 * S);
	assert_int_equal(b.n, 3);
	assert_true(b.events[1].at_us == 700 * MS && b.events[1].value == 0.0 && b.events[1].channel == 0);
	assert_true(b.out[0] == 1.0);
	end(&b);
}

static void an_input_that_nobody_watches_reads_its_level(void **state)
{
	struct bench b = { .line.level = true };
	int64_t now_us = 0;

	(void)state;
	begin(&b, "gpio-input", "{chip: gpiochip0, line: 17, active: low, bias: pull-up, debounce: 10ms}");
	assert_int_equal(driver_rig_read(&b.rig, &now_us, b.out), 0);
	assert_true(b.out[0] == 1.0);
	fake_gpio_set(&b.line, 0, false);
	assert_int_equal(driver_rig_read(&b.rig, &now_us, b.out), 0);
	assert_true(b.out[0] == 0.0);
	end(&b);
}

static void while_it_bounces_an_input_reads_what_has_settled(void **state)
{
	struct bench b = { .n = 0 };

	(void)state;
	begin(&b, "gpio-input", "{chip: gpiochip0, line: 17, debounce: 10ms}");
	fetch(&b, 0);
	fake_gpio_set(&b.line, 996 * MS, true);
	read_at(&b, 1000 * MS);
	assert_true(b.out[0] == 0.0);
	read_at(&b, 1006 * MS);
	assert_int_equal(b.n, 1);
	assert_true(b.events[0].at_us == 1006 * MS);
	assert_true(b.out[0] == 1.0);
	end(&b);
}

static void a_chip_that_is_gone_is_a_fault_and_is_opened_again(void **state)
{
	struct bench b = { .n = 0 };

	(void)state;
	begin(&b, "gpio-input", "{chip: gpiochip0, line: 17}");
	fetch(&b, 0);
	b.line.level_error = -ENODEV;
	assert_int_equal(b.rig.driver->trigger(b.rig.state, 0), -ENODEV);
	b.line.open_error = -ENODEV;
	assert_int_equal(driver_rig_probe(&b.rig, 0), -ENODEV);
	assert_string_equal(b.rig.err.text, "there is no GPIO chip 'gpiochip0'");
	b.line.open_error = b.line.level_error = 0;
	b.line.level = true;
	assert_int_equal(driver_rig_probe(&b.rig, 0), 0);
	read_at(&b, 1 * S);
	assert_true(b.out[0] == 1.0);
	end(&b);
}

/* --- gpio-counter --- */

/* 0.00225 L a pulse, as in a YF-S201 (450 pulses a litre): 1000 pulses in 10 s are 2.25 L and 13.5 L/min. */
static void a_counter_sums_pulses_and_tells_their_rate(void **state)
{
	struct bench b = { .n = 0 };

	(void)state;
	begin(&b, "gpio-counter", "{chip: gpiochip0, line: 27, scale: 0.00225, unit: L}");
	assert_int_equal(b.rig.n_channels, 2);
	assert_string_equal(b.rig.channels[0].name, "volume");
	assert_string_equal(b.rig.channels[0].unit, "L");
	assert_int_equal(b.rig.channels[0].kind, CHANNEL_COUNTER);
	assert_string_equal(b.rig.channels[1].name, "rate");
	assert_string_equal(b.rig.channels[1].unit, "L/min");
	read_at(&b, 0);
	assert_true(b.out[0] == 0.0 && b.out[1] == 0.0);
	for (int i = 0; i < 1000; i++) {
		fake_gpio_pulses(&b.line, i * 10 * MS, 1, 10 * MS, 5 * MS);
		fetch(&b, i * 10 * MS + 6 * MS);
	}
	read_at(&b, 9995 * MS);
	assert_int_equal(b.n, 0);
	assert_true(is_near(b.out[0], 2.25));
	assert_true(is_near(b.out[1], 13.5));
	end(&b);
}

static void pulses_are_never_made_up_by_rounding(void **state)
{
	struct bench b = { .line.is_v2 = true };
	double before = 0.0;

	(void)state;
	begin(&b, "gpio-counter", "{chip: c, line: 1, scale: 0.1, unit: L, edge: both}");
	for (int i = 0; i < 100; i++) {
		fake_gpio_pulses(&b.line, i * S, 5, 10 * MS, 5 * MS);
		read_at(&b, i * S + 500 * MS);
		assert_true(b.out[0] > before);
		before = b.out[0];
	}
	assert_true(b.out[0] == 1000 * 0.1);
	end(&b);
}

/* One pulse at 0 and at 10 s: 6 a minute; then at most one in the time waited: 20 s, 3; and 0 after a minute. */
static void a_rate_falls_while_nothing_comes_and_ends_after_the_timeout(void **state)
{
	struct bench b = { .n = 0 };

	(void)state;
	begin(&b, "gpio-counter", "{chip: c, line: 1, timeout: 1m}");
	assert_string_equal(b.rig.channels[0].name, "count");
	assert_string_equal(b.rig.channels[1].unit, "/min");
	fake_gpio_pulses(&b.line, 0, 2, 10 * S, 5 * MS);
	read_at(&b, 11 * S);
	assert_true(is_near(b.out[1], 6.0));
	read_at(&b, 20 * S);
	assert_true(is_near(b.out[1], 6.0));
	read_at(&b, 30 * S);
	assert_true(is_near(b.out[1], 3.0));
	read_at(&b, 70 * S);
	assert_true(is_near(b.out[1], 1.0));
	read_at(&b, 70 * S + 1);
	assert_true(b.out[1] == 0.0);
	fake_gpio_pulses(&b.line, 100 * S, 1, 1 * S, 5 * MS);
	read_at(&b, 101 * S);
	assert_true(b.out[0] == 3.0 && b.out[1] == 0.0); /* one pulse has no rate */
	end(&b);
}

static void what_a_counter_lost_is_told_with_its_reading(void **state)
{
	struct bench b = { .line.is_v2 = true };

	(void)state;
	begin(&b, "gpio-counter", "{chip: c, line: 1}");
	fake_gpio_pulses(&b.line, 0, 1100, 1 * MS, 500);
	read_at(&b, 2 * S);
	assert_true(b.out[0] == 1024.0);
	assert_int_equal(b.rig.driver->watch->take_lost(b.rig.state), 76);
	assert_int_equal(b.rig.driver->watch->take_lost(b.rig.state), 0);
	end(&b);
}

static void a_counter_goes_on_after_a_fault(void **state)
{
	struct bench b = { .n = 0 };

	(void)state;
	begin(&b, "gpio-counter", "{chip: c, line: 1}");
	fake_gpio_pulses(&b.line, 0, 3, 10 * MS, 5 * MS);
	fetch(&b, 1 * S);
	b.line.read_error = -ENODEV;
	assert_int_equal(b.rig.driver->watch->fetch(b.rig.state, 2 * S, b.events, MAX), -ENODEV);
	b.line.read_error = 0;
	assert_int_equal(driver_rig_probe(&b.rig, 0), 0);
	fake_gpio_pulses(&b.line, 3 * S, 2, 10 * MS, 5 * MS);
	read_at(&b, 4 * S);
	assert_true(b.out[0] == 5.0);
	end(&b);
}

static void a_counter_that_nobody_watches_counts_what_is_queued(void **state)
{
	struct bench b = { .n = 0 };
	int64_t now_us = 0;

	(void)state;
	begin(&b, "gpio-counter", "{chip: c, line: 1}");
	fake_gpio_pulses(&b.line, 0, 3, 10 * MS, 5 * MS);
	assert_int_equal(driver_rig_read(&b.rig, &now_us, b.out), 0);
	assert_true(b.out[0] == 3.0);
	end(&b);
}

/* Bounces of a reed contact, 3 ms, and no pulse more than there is. */
static void a_debounced_counter_counts_contacts_not_bounces(void **state)
{
	struct bench b = { .n = 0 };

	(void)state;
	begin(&b, "gpio-counter", "{chip: c, line: 1, debounce: 5ms}");
	for (int i = 0; i < 10; i++) {
		int64_t at_us = i * 200 * MS;

		fake_gpio_pulses(&b.line, at_us, 2, 1 * MS, 500);
		fake_gpio_set(&b.line, at_us + 3 * MS, true);
		fake_gpio_set(&b.line, at_us + 100 * MS, false);
		fake_gpio_pulses(&b.line, at_us + 101 * MS, 2, 1 * MS, 500);
		fetch(&b, at_us + 110 * MS);
	}
	read_at(&b, 3 * S);
	assert_true(b.out[0] == 10.0);
	end(&b);
}

static void names_and_units_of_a_counter_follow_its_options(void **state)
{
	static const struct {
		const char *yaml, *name, *rate_unit;
	} cases[] = {
		{ "{chip: c, line: 1, unit: mm, scale: 0.2794}", "rain", "mm/h" },
		{ "{chip: c, line: 1, unit: kW.h, scale: 0.001}", "energy", "kW" },
		{ "{chip: c, line: 1, unit: m3, channel: gas}", "gas", "m3/h" },
		{ "{chip: c, line: 1, unit: kg}", "mass", NULL },
		{ "{chip: c, line: 1, unit: Ohm}", "total", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct driver_rig rig;

		driver_rig_init(&rig, "gpio-counter", cases[i].yaml);
		assert_int_equal(rig.n_channels, cases[i].rate_unit ? 2 : 1);
		assert_string_equal(rig.channels[0].name, cases[i].name);
		if (cases[i].rate_unit)
			assert_string_equal(rig.channels[1].unit, cases[i].rate_unit);
		driver_rig_free(&rig);
	}
	for (int i = 0; i < 2; i++) {
		struct driver_rig rig;

		driver_rig_init(&rig, "gpio-counter",
				i ? "{chip: c, line: 1, channel: rate}" : "{chip: c, line: 1, channel: a.b}");
		assert_int_equal(rig.n_channels, -EINVAL);
		driver_rig_free(&rig);
	}
}

/* S0: 1000 pulses a kWh, so one in 3.6 s is 1 kW. */
static void one_pulse_in_three_point_six_seconds_is_one_kilowatt(void **state)
{
	struct bench b = { .n = 0 };

	(void)state;
	begin(&b, "gpio-counter", "{chip: c, line: 1, unit: kW.h, scale: 0.001}");
	fake_gpio_pulses(&b.line, 0, 2, 3600 * MS, 30 * MS);
	read_at(&b, 3700 * MS);
	assert_true(is_near(b.out[1], 1.0));
	end(&b);
}

/* --- gpio-frequency, gpio-duty --- */

/* A fan with two pulses a turn, 50 a second: 1500 turns a minute, also when they fall unevenly between the readings. */
static void a_fan_has_its_revolutions_whatever_the_readings(void **state)
{
	struct bench b = { .n = 0 };

	(void)state;
	begin(&b, "gpio-frequency", "{chip: c, line: 1, scale: 30, unit: /min}");
	assert_string_equal(b.rig.channels[0].unit, "/min");
	for (int i = 0; i < 100; i++) {
		fake_gpio_pulses(&b.line, i * 20 * MS, 1, 20 * MS, 10 * MS);
		if (i % 7 == 3) {
			read_at(&b, i * 20 * MS + 13 * MS);
			assert_true(is_near(b.out[0], 1500.0));
		}
	}
	read_at(&b, 100 * S);
	assert_true(b.out[0] == 0.0);
	end(&b);
}

static void duty_is_the_share_of_the_time_between_readings(void **state)
{
	struct bench b = { .n = 0 };

	(void)state;
	begin(&b, "gpio-duty", "{chip: c, line: 1}");
	read_at(&b, 1 * S);
	assert_true(b.out[0] == 0.0);
	fake_gpio_set(&b.line, 1250 * MS, true);
	read_at(&b, 2 * S); /* 0.75 of 1 s */
	assert_true(is_near(b.out[0], 75.0));
	fake_gpio_set(&b.line, 2100 * MS, false);
	fake_gpio_set(&b.line, 2900 * MS, true);
	read_at(&b, 3 * S); /* 0.1 + 0.1 */
	assert_true(is_near(b.out[0], 20.0));
	read_at(&b, 5 * S);
	assert_true(b.out[0] == 100.0);
	read_at(&b, 5 * S);
	assert_true(b.out[0] == 100.0);
	end(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_input_gives_each_change_with_its_time),
		cmocka_unit_test(an_input_that_nobody_watches_reads_its_level),
		cmocka_unit_test(while_it_bounces_an_input_reads_what_has_settled),
		cmocka_unit_test(a_chip_that_is_gone_is_a_fault_and_is_opened_again),
		cmocka_unit_test(a_counter_sums_pulses_and_tells_their_rate),
		cmocka_unit_test(pulses_are_never_made_up_by_rounding),
		cmocka_unit_test(a_rate_falls_while_nothing_comes_and_ends_after_the_timeout),
		cmocka_unit_test(what_a_counter_lost_is_told_with_its_reading),
		cmocka_unit_test(a_counter_goes_on_after_a_fault),
		cmocka_unit_test(a_counter_that_nobody_watches_counts_what_is_queued),
		cmocka_unit_test(a_debounced_counter_counts_contacts_not_bounces),
		cmocka_unit_test(names_and_units_of_a_counter_follow_its_options),
		cmocka_unit_test(one_pulse_in_three_point_six_seconds_is_one_kilowatt),
		cmocka_unit_test(a_fan_has_its_revolutions_whatever_the_readings),
		cmocka_unit_test(duty_is_the_share_of_the_time_between_readings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
