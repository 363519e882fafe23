/* SPDX-License-Identifier: Apache-2.0 */
/* From headers and options to channels: the rule of csv_columns.h, and what a wrong config is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "drivers/csv_columns.h"
#include "tests/driver_rig.h"

#define START INT64_C(1763700000000000)

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

static void headers_become_identifiers(void **state)
{
	static const struct {
		const char *header, *name;
	} rows[] = {
		{ "temperature", "temperature" },
		{ "t1 (\xC2\xB0"
		  "C)",
		  "t1_C" },
		{ "RH1% (%)", "RH1" },
		{ "RHref (%RH)", "RHref_RH" },
		{ "air.temperature", "temperature" },
		{ "a.b.c", "a_b_c" },
		{ "1st", "_1st" },
		{ "air.2", "_2" },
		{ ".x", "x" },
		{ "x.", "x" },
		{ "a b.c", "a_b_c" },
		{ "  padded  ", "padded" },
		{ "%", "column_4" },
		{ "", "column_4" },
		{ "_", "_" },
		{ "a__b", "a__b" },
		{ "kW.h", "h" },
		{ "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa bc",
		  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa_b" },
		{ "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa b",
		  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" },
		{ "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz",
		  "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijkl" },
	};
	char name[CSV_NAME_BYTES];
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		csv_column_name((struct csv_cell){ rows[i].header, strlen(rows[i].header) }, 4, name);
		assert_string_equal(name, rows[i].name);
	}
}

static void options_choose_time_columns_units_and_kinds(void **state)
{
	struct driver_rig rig;
	double out[3];
	int64_t now_us = START;
	(void)state;

	begin(&rig,
	      "time: when, columns: [\"t (\xC2\xB0"
	      "C)\", litres, door], units: {t_C: Cel, litres: L}, counters: [litres], states: [door]",
	      "note,t (\xC2\xB0"
	      "C),when,litres,door,spare\nhello,21.5,2025-04-07 11:40:16,1000,1,x\n");
	assert_int_equal(rig.n_channels, 3);
	assert_string_equal(rig.channels[0].name, "t_C");
	assert_string_equal(rig.channels[0].unit, "Cel");
	assert_int_equal(rig.channels[0].kind, CHANNEL_GAUGE);
	assert_string_equal(rig.channels[1].unit, "L");
	assert_int_equal(rig.channels[1].kind, CHANNEL_COUNTER);
	assert_string_equal(rig.channels[2].unit, "1");
	assert_int_equal(rig.channels[2].kind, CHANNEL_STATE);
	assert_int_equal(driver_rig_read(&rig, &now_us, out), 0);
	assert_true(out[0] == 21.5 && out[1] == 1000.0 && out[2] == 1.0);
	driver_rig_free(&rig);
}

static void what_cannot_work_is_said_when_the_config_is_read(void **state)
{
	static const struct {
		const char *options, *text, *says[2];
	} rows[] = {
		{ "", "time,t 1,x,t-1\n", { "columns 2 (t 1) and 4 (t-1)", "t_1" } },
		{ "time: wen", "t,when\n", { "'wen'", "did you mean 'when'" } },
		{ "units: {temperatur: Cel}", "time,temperature\n", { "'temperatur'", "'temperature'" } },
		{ "counters: [x]", "time,temperature\n", { "'x'", "temperature" } },
		{ "", "1700000000,21.5\n", { "line 1", "no header" } },
		{ "", "time\n", { "no column besides", "time" } },
		{ "", "", { "no header", "" } },
		{ "", "time,t\n1700000000,21,5\n", { "line 2 has 3 cells, the header 2", "decimal comma" } },
		{ "", "time,t\n1700000000,\"21,5\"\n", { "line 2, column 2: '21,5' is no number", "columns" } },
		{ "", "t,time\n21.5x,1\n", { "column 1: '21.5x' is no time", "`time`" } },
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct driver_rig rig;

		init(&rig, rows[i].options, rows[i].text);
		print_message("%s\n", rig.err.text);
		assert_int_equal(rig.n_channels, -EINVAL);
		assert_non_null(strstr(rig.err.text, rows[i].says[0]));
		assert_non_null(strstr(rig.err.text, rows[i].says[1]));
		driver_rig_free(&rig);
	}
}

static void too_many_columns_are_refused_unless_some_are_chosen(void **state)
{
	char text[2000] = "time";
	struct driver_rig rig;
	(void)state;

	for (int i = 0; i <= SENSOR_MAX_CHANNELS; i++) {
		size_t n = strlen(text);

		snprintf(text + n, sizeof(text) - n, ",c%d", i);
	}
	init(&rig, "", text);
	assert_int_equal(rig.n_channels, -EINVAL);
	assert_non_null(strstr(rig.err.text, "64"));
	driver_rig_free(&rig);
	init(&rig, "columns: [c64]", text);
	assert_int_equal(rig.n_channels, 1);
	driver_rig_free(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(headers_become_identifiers),
		cmocka_unit_test(options_choose_time_columns_units_and_kinds),
		cmocka_unit_test(what_cannot_work_is_said_when_the_config_is_read),
		cmocka_unit_test(too_many_columns_are_refused_unless_some_are_chosen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
