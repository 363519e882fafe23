/* SPDX-License-Identifier: Apache-2.0 */
/* The section `actions`: what is understood, and what is refused with its place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "agent/conf.h"
#include "drivers/gpio_drive.h"

#define STREAMS                                           \
	"sensors: {a: {driver: sim, unit: Cel}}\n"        \
	"streams:\n"                                      \
	"  temp: {from: a.value}\n"                       \
	"  hot: {from: temp, through: [threshold: 28]}\n" \
	"kpis: {warm: {value: mean(temp)}}\n"             \
	"actions:\n"
#define GPIO "driver: gpio-output, chip: gpiochip0, line: 22"

static const char *first_error(const char *text)
{
	static char out[400];
	struct diag d = { .file = "test" };
	struct conf c;

	out[0] = '\0';
	if (conf_parse(&c, text, strlen(text), &d) < 0) {
		snprintf(out, sizeof(out), "%u:%u: %s", d.first->at.line, d.first->at.column, d.first->text);
		if (d.n_errors > 1)
			fail_msg("%s\nand: %s", out, d.first->next->text);
	}
	conf_free(&c);
	diag_free(&d);
	return out;
}

static void the_action_of_the_contract_is_understood(void **state)
{
	static const char text[] =
		STREAMS "  alarm: {when: hot, driver: gpio-output, chip: gpiochip0, line: 22}\n"
			"  fan: {when: hot, driver: gpio-output, chip: gpiochip0, line: FAN, active: low, "
			"safe: on,\n"
			"    min_on: 1m, min_off: 2m, max_on: 1h, on_missing: hold, missing_after: "
			"30s}\n";
	struct diag d = { .file = "test" };
	const struct conf_action *a;
	struct conf c;

	(void)state;
	if (conf_parse(&c, text, strlen(text), &d) < 0)
		fail_msg("%s", d.first->text);
	assert_int_equal(c.n_actions, 2);
	a = c.actions;
	assert_string_equal(a[0].name, "alarm");
	assert_string_equal(c.plan.streams[a[0].source].name, "hot");
	assert_true(!a[0].is_safe_on && !a[0].holds_missing && a[0].missing_after_us == 10000000);
	assert_true(a[0].min_on_us == 0 && a[0].min_off_us == 0 && a[0].max_on_us == 0);
	assert_string_equal(((struct gpio_drive *)a[0].state)->gpio.line, "22");
	assert_true(a[1].is_safe_on && a[1].holds_missing && a[1].missing_after_us == 30000000);
	assert_true(a[1].min_on_us == 60000000 && a[1].min_off_us == 120000000);
	assert_true(a[1].max_on_us == INT64_C(3600000000));
	assert_int_equal(((struct gpio_drive *)a[1].state)->gpio.active, GPIO_ACTIVE_LOW);
	conf_free(&c);
	diag_free(&d);
}

static void only_a_state_can_move_an_output(void **state)
{
	(void)state;
	assert_string_equal(first_error(STREAMS "  x: {when: temp, " GPIO "}\n"),
			    "7:13: stream 'temp' is a gauge; an action follows a state: end its 'through' with a "
			    "threshold");
	assert_string_equal(first_error(STREAMS "  x: {when: warm, " GPIO "}\n"),
			    "7:13: KPI 'warm' is a number; an action follows a condition, such as mean(temp) > 28");
	assert_string_equal(first_error(STREAMS "  x: {when: hott, " GPIO "}\n"),
			    "7:13: unknown stream 'hott', did you mean 'hot'?");
}

static void a_condition_can_move_an_output(void **state)
{
	static const char text[] = "sensors: {a: {driver: sim, unit: Cel}}\n"
				   "streams: {temp: {from: a.value}}\n"
				   "kpis: {n: {value: n(temp)}, warm: {value: mean(temp) > 28, window: 1m}}\n"
				   "actions: {fan: {when: warm, " GPIO "}}\n";
	struct diag d = { .file = "test" };
	struct conf c;

	(void)state;
	if (conf_parse(&c, text, strlen(text), &d) < 0)
		fail_msg("%s", d.first->text);
	assert_true(c.actions[0].is_kpi && c.actions[0].source == 1);
	assert_true(c.plan.kpis[1].watched && !c.plan.kpis[0].watched);
	conf_free(&c);
	diag_free(&d);
}

static void drivers_and_options_are_checked(void **state)
{
	(void)state;
	assert_string_equal(first_error(STREAMS "  x: {when: hot, driver: gpio-ouput, chip: a, line: 1}\n"),
			    "7:26: unknown driver of an action 'gpio-ouput', did you mean 'gpio-output'?");
	assert_string_equal(first_error(STREAMS "  x: {when: hot, driver: gpio-input, chip: a, line: 1}\n"),
			    "7:26: driver 'gpio-input' reads; an action needs one that drives, such as gpio-output");
	assert_string_equal(first_error(STREAMS "  x: {when: hot}\n"),
			    "7:6: an action needs a driver, such as gpio-output");
	assert_string_not_equal(first_error(STREAMS "  x: {when: hot, driver: gpio-output, chip: a}\n"), "");
	assert_string_not_equal(first_error(STREAMS "  x: {driver: gpio-output, chip: a, line: 1}\n"), "");
	assert_string_not_equal(first_error(STREAMS "  x: {when: [hot], " GPIO "}\n"), "");
	assert_string_not_equal(first_error(STREAMS "  x: {when: hot, safe: maybe, " GPIO "}\n"), "");
	assert_string_not_equal(first_error(STREAMS "  x: {when: hot, colour: red, " GPIO "}\n"), "");
	assert_string_not_equal(first_error(STREAMS "  x: hot\n"), "");
	assert_string_equal(first_error(STREAMS "  x: {when: hot, min_on: 1m, max_on: 10s, " GPIO "}\n"),
			    "7:38: max_on is shorter than min_on");
}

static void an_output_driver_is_no_sensor(void **state)
{
	(void)state;
	assert_string_not_equal(first_error("sensors: {a: {driver: gpio-output, chip: a, line: 1}}\n"), "");
}

static void a_line_is_read_or_driven_but_not_both(void **state)
{
	static const char text[] = "sensors: {door: {driver: gpio-input, chip: gpiochip0, line: 22}}\n"
				   "streams: {open: {from: door.state}}\n"
				   "actions:\n"
				   "  lamp: {when: open, driver: gpio-output, chip: gpiochip0, line: 22}\n"
				   "  horn: {when: open, driver: gpio-output, chip: gpiochip0, line: 23}\n";

	(void)state;
	assert_string_equal(first_error(text),
			    "4:66: action 'lamp' takes line 22 of gpiochip0, which sensor 'door' has (line 1, column "
			    "61)");
	assert_string_not_equal(first_error(STREAMS "  x: {when: hot, " GPIO "}\n  y: {when: hot, " GPIO "}\n"), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_action_of_the_contract_is_understood),
		cmocka_unit_test(only_a_state_can_move_an_output),
		cmocka_unit_test(a_condition_can_move_an_output),
		cmocka_unit_test(drivers_and_options_are_checked),
		cmocka_unit_test(an_output_driver_is_no_sensor),
		cmocka_unit_test(a_line_is_read_or_driven_but_not_both),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
