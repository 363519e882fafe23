/* SPDX-License-Identifier: Apache-2.0 */
/* The section `kpis`: what is said of mistakes, at their place however the text is written, and what events are made of. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "agent/conf.h"

static int parse(struct conf *c, struct diag *d, const char *text)
{
	*d = (struct diag){ .file = "x" };
	return conf_parse(c, text, strlen(text), d);
}

#define SIM "device: d\nsensors: {a: {driver: sim}}\nstreams: {s: {from: a.value}}\n"

static const struct {
	const char *text, *error; /* of its only error, the beginning */
} bad[] = {
	{ SIM "kpis:\n  k:\n    value: \"mean(s)\\x20+ \\\"\"\n", "6:26: found '\"'" },
	{ SIM "kpis:\n  k: 'mean(s) + ''x'\n", "5:18: " },
	{ SIM "kpis:\n  k:\n    mean(s) +\n      mean(t)\n", "7:12: unknown stream 't'" },
	{ SIM "kpis:\n  k: \"mean(s) +\n\n    mean(t)\"\n", "7:10: unknown stream 't'" },
	{ SIM "kpis:\n  k: |\n    mean(s)\n      + mean(t)\n", "7:14: unknown stream 't'" },
	{ SIM "kpis:\n  k: >-\n\n    mean(s)\n    + 1\n\n    + mean(t)\n", "10:12: unknown stream 't'" },
	{ SIM "kpis:\n  k: |\n    mean(s) +\n\n", "6:14: found the end" },
	{ SIM "kpis: {k: {value: mean(s), unit: V}}\n", "4:34: the value is in " },
	{ SIM "kpis: {k: {value: mean(s), event: yes}}\n", "4:35: only a condition has events" },
	{ "device: d\nsensors: {a: {driver: sim}}\nstreams: {s: {from: a.value, through: [threshold: 1], event: yes}}\n"
	  "kpis: {s: {value: n(s) > 1, event: yes}}\n",
	  "4:8: stream 's' has events, too" },
};

static void each_mistake_is_told_with_its_place(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		char said[600] = "";
		struct conf c;
		struct diag d;

		assert_int_equal(parse(&c, &d, bad[i].text), -EINVAL);
		assert_int_equal(d.n_errors, 1);
		snprintf(said, sizeof(said), "%u:%u: %s", d.first->at.line, d.first->at.column, d.first->text);
		if (strncmp(said, bad[i].error, strlen(bad[i].error)) != 0)
			fail_msg("%s\nsays     %s\nexpected %s", bad[i].text, said, bad[i].error);
		conf_free(&c);
		diag_free(&d);
	}
}

/* Three periods, at least 10 s; what comes when something happens may be silent. */
static void it_is_known_after_which_silence_an_event_is_missing(void **state)
{
	static const struct {
		const char *every, *options;
		int64_t missing_after_s;
	} rows[] = { { "1s", "", 10 },
		     { "1m", "", 180 },
		     { "1m", ", hold: 5m", 300 },
		     { "1m", ", hold: 5m, missing_after: 7s", 7 },
		     { "1s", ", missing_after: 0", 0 } };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char text[300];
		struct diag d = { 0 };
		struct conf c;

		snprintf(text, sizeof(text),
			 "device: d\nsensors: {a: {driver: sim, every: %s}}\n"
			 "streams: {s: {from: a.value, through: [threshold: 1], event: yes%s}}\n"
			 "kpis: {k: {value: n(s) > 1, event: yes, window: 15m}, l: {value: n(s) < 1, missing_after: "
			 "2h}}\n",
			 rows[i].every, rows[i].options);
		assert_int_equal(parse(&c, &d, text), 0);
		assert_int_equal(c.plan.streams[0].missing_after_us, rows[i].missing_after_s * 1000000);
		assert_true(c.plan.kpis[0].event && !c.plan.kpis[1].event);
		assert_int_equal(c.plan.kpis[0].missing_after_us, INT64_C(900000000));
		assert_int_equal(c.plan.kpis[1].missing_after_us, INT64_C(7200000000));
		conf_free(&c);
		diag_free(&d);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_mistake_is_told_with_its_place),
		cmocka_unit_test(it_is_known_after_which_silence_an_event_is_missing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
