/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Examples of the datasheet (v1.7, table 11 and command examples), the tests of hauju/scd4x-rs, and, where the recordings are, all
 * frames of a real chip: periph.io devices, scd4x.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <math.h>
#include <stdio.h>

#include "tests/fake_answers.h"

enum { CO2, TEMPERATURE, HUMIDITY };

/** Probe and read a chip that answers @command with @frame. */
static int read_frame(const char *command, const char *frame, double out[])
{
	struct fake_answers answers = { 0 };
	struct driver_rig rig;
	struct fake_i2c chip;
	int64_t now_us = 0;
	int r;

	fake_chip_init(&rig, &chip, "scd4x", "");
	fake_answers_change(&answers, &chip, command, frame);
	r = driver_rig_probe(&rig, now_us);
	if (r == 0)
		r = driver_rig_read_patiently(&rig, &now_us, out);
	driver_rig_free(&rig);
	return r;
}

static void known_frames_give_known_values(void **state)
{
	static const struct {
		const char *frame;
		double ppm, celsius, percent;
	} known[] = {
		{ "01 F4 33 66 67 A2 5E B9 3C", 500, 25.0, 37.0 },
		{ "03 E8 D4 62 03 5E 80 00 A2", 1000, 22.00122, 50.0 },
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		double out[3] = { 0 };

		assert_int_equal(read_frame("EC 05", known[i].frame, out), 0);
		assert_true(out[CO2] == known[i].ppm);
		assert_true(fabs(out[TEMPERATURE] - known[i].celsius) < 0.003);
		assert_true(fabs(out[HUMIDITY] - known[i].percent) < 0.003);
	}
}

static void a_wrong_crc_is_no_value(void **state)
{
	static const struct {
		const char *command, *answer;
		int r;
	} rows[] = {
		{ "EC 05", "01 F4 32 66 67 A2 5E B9 3C", -EBADMSG },
		{ "EC 05", "01 F4 33 66 67 A2 5E B9 3D", -EBADMSG },
		{ "EC 05", "FF FF FF FF FF FF FF FF FF", -EBADMSG },
		{ "E4 B8", "80 06 05", -EBADMSG },
		{ "36 82", "F8 96 31 9F 07 C2 3B BE 88", -ENODEV },
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		double out[3] = { -1e9, -1e9, -1e9 };
		int r = read_frame(rows[i].command, rows[i].answer, out);

		assert_int_equal(r, rows[i].r);
		assert_true(out[CO2] == -1e9 && out[TEMPERATURE] == -1e9 && out[HUMIDITY] == -1e9);
	}
}

/* The chip says 0 ppm when it could not tell. */
static void no_concentration_is_not_0(void **state)
{
	double out[3] = { 0 };
	(void)state;

	assert_int_equal(read_frame("EC 05", "00 00 81 66 67 A2 5E B9 3C", out), 0);
	assert_true(isnan(out[CO2]));
	assert_true(fabs(out[TEMPERATURE] - 25.0) < 0.003);
}

/* 80 00 A2 is the datasheet's, F8 00 another project's: the low 11 bits count. A lost power looks the same. */
static void a_value_that_does_not_come_is_waited_for_in_vain(void **state)
{
	double out[3] = { -1e9, -1e9, -1e9 };
	(void)state;

	assert_int_equal(read_frame("E4 B8", "80 00 A2", out), -EAGAIN);
	assert_true(out[CO2] == -1e9 || isnan(out[CO2]));
}

/** Until the chip measures: half a second to stop it, then step by step. */
static void set_up(struct driver_rig *rig, struct fake_i2c *chip, const char *yaml, int64_t *now_us)
{
	double out[3];
	int r;

	fake_chip_init(rig, chip, "scd4x", yaml);
	assert_int_equal(driver_rig_probe(rig, *now_us), 0);
	assert_true(fake_i2c_wrote(chip, "3F 86"));
	assert_int_equal(rig->driver->trigger(rig->state, *now_us), 500000);
	*now_us += 500000;
	while ((r = rig->driver->collect(rig->state, *now_us, out)) == -EAGAIN)
		*now_us += 2000;
	assert_int_equal(r, 0);
	assert_true(isnan(out[CO2]) && isnan(out[TEMPERATURE]) && isnan(out[HUMIDITY]));
}

/* Offset 6.2 degC is 0912, altitude 1950 m is 079E, 987 hPa is 03DB: command examples of the datasheet. */
static void options_are_set_before_it_measures(void **state)
{
	static const struct {
		const char *yaml, *offset, *altitude, *self_calibration, *pressure, *start;
		int64_t period_us;
	} rows[] = {
		{ "", "24 1D 05 DA 29", "24 27 00 00 81", "24 16 00 01 B0", NULL, "21 B1", 5000000 },
		{ "temperature_offset: 6.2, altitude: 1950, self_calibration: false, pressure: 987, mode: low_power",
		  "24 1D 09 12 63", "24 27 07 9E 09", "24 16 00 00 81", "E0 00 03 DB 42", "21 AC", 30000000 },
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct driver_rig rig;
		struct fake_i2c chip;
		double out[3];
		int64_t now_us = 0, begun_us;

		set_up(&rig, &chip, rows[i].yaml, &now_us);
		assert_true(fake_i2c_wrote(&chip, rows[i].offset));
		assert_true(fake_i2c_wrote(&chip, rows[i].altitude));
		assert_true(fake_i2c_wrote(&chip, rows[i].self_calibration));
		assert_true(!rows[i].pressure || fake_i2c_wrote(&chip, rows[i].pressure));
		assert_true(fake_i2c_wrote(&chip, rows[i].start));

		begun_us = now_us;
		assert_int_equal(rig.driver->trigger(rig.state, now_us), rows[i].period_us);
		now_us += 1000000;
		assert_int_equal(rig.driver->trigger(rig.state, now_us), rows[i].period_us - 1000000);
		assert_int_equal(driver_rig_read_patiently(&rig, &now_us, out), 0);
		assert_true(out[CO2] == 500);
		assert_true(now_us >= begun_us + rows[i].period_us && now_us < begun_us + rows[i].period_us + 20000);
		driver_rig_free(&rig);
	}
}

static void a_command_and_its_answer_are_a_millisecond_apart(void **state)
{
	struct driver_rig rig;
	struct fake_i2c chip;
	double out[3];
	int64_t now_us = 0;
	int n;
	(void)state;

	set_up(&rig, &chip, "", &now_us);
	now_us += rig.driver->trigger(rig.state, now_us);
	n = chip.n_xfers;
	assert_int_equal(rig.driver->collect(rig.state, now_us, out), -EAGAIN);
	assert_int_equal(chip.n_xfers, n + 1);
	assert_int_equal(rig.driver->collect(rig.state, now_us + 999, out), -EAGAIN);
	assert_int_equal(chip.n_xfers, n + 1);
	assert_int_equal(rig.driver->collect(rig.state, now_us + 1000, out), -EAGAIN);
	assert_int_equal(chip.n_xfers, n + 3); /* the answer, and the next command */
	assert_int_equal(rig.driver->collect(rig.state, now_us + 2000, out), 0);
	driver_rig_free(&rig);
}

/* chip,recording,seq,address,written,read,...: each frame of values, whose CRCs another program made. */
static void every_recorded_frame_is_read(void **state)
{
	FILE *f = fopen("../shared/data/bus_recordings.csv", "re");
	char line[400], frame[40];
	int n = 0;
	(void)state;

	if (!f)
		skip();
	while (fgets(line, sizeof(line), f)) {
		double out[3] = { 0 };

		if (sscanf(line, "SCD4x,%*[^,],%*d,0x62,EC 05,%39[^,],", frame) != 1)
			continue;
		assert_int_equal(read_frame("EC 05", frame, out), 0);
		assert_true(out[CO2] > 400 && out[CO2] < 1000);
		assert_true(out[TEMPERATURE] > 20 && out[TEMPERATURE] < 30 && out[HUMIDITY] > 20 && out[HUMIDITY] < 50);
		n++;
	}
	fclose(f);
	assert_int_equal(n, 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_frames_give_known_values),
		cmocka_unit_test(a_wrong_crc_is_no_value),
		cmocka_unit_test(no_concentration_is_not_0),
		cmocka_unit_test(a_value_that_does_not_come_is_waited_for_in_vain),
		cmocka_unit_test(options_are_set_before_it_measures),
		cmocka_unit_test(a_command_and_its_answer_are_a_millisecond_apart),
		cmocka_unit_test(every_recorded_frame_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
