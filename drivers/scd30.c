/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scd30 - Sensirion SCD30: carbon dioxide, with temperature and relative humidity.
 *
 * Datasheet: Sensirion SCD30 interface description, version 1.0 (May 2020); sections cited as s.n.
 * Compared with: Linux drivers/iio/chemical/scd30_core.c and scd30_i2c.c; datasheet pages at hand: version 1.0, s.1.1.
 * Mode: continuous, every `interval`; `every` should not be shorter. Not done: Modbus, PWM, forced recalibration.
 * Proven by: tests/test_driver_scd30.c with the worked example of the interface description; no hardware yet.
 *
 * It stretches the clock by up to 150 ms, at most 50 kHz are recommended, and no repeated start is understood: a command and its
 * answer are two transfers with 3 ms in between. Settings are kept in its flash, so each is read first and written only if it differs.
 * It is set up in steps by the first reading, which has no values. A new unit, or one after a loss of power, needs 2 s before it answers.
 */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "drivers/i2c.h"
#include "drivers/i2c_identity.h"
#include "drivers/pace.h"
#include "drivers/sensirion.h"

enum {
	START = 0x0010, /* s.1.4.1; with the air pressure, 0: not corrected for */
	READ_FIRMWARE = 0xD100,
	IS_DATA_READY = 0x0202,
	READ_VALUES = 0x0300,

	SET_INTERVAL = 0x4600,
	SET_SELF_CALIBRATION = 0x5306,
	SET_TEMPERATURE_OFFSET = 0x5403,
	SET_ALTITUDE = 0x5102,
	N_SETTINGS = 4,

	ANSWER_US = 3000,
	WRITE_US = 10000, /* not in the description; what the maker's own driver waits */
	ASK_AGAIN_US = 50000,
	WORDS_PER_VALUE = 2,
};

enum step { CHECK_FIRMWARE, ASK_SETTING, CHECK_SETTING, BEGIN, ASK, CHECK_READY, FETCH };

struct scd30 {
	struct i2c i2c;
	int64_t interval_us, altitude_m;
	double pressure_hpa, temperature_offset;
	bool self_calibration;

	enum step next;
	int setting;
	int64_t due_us;
};

static const struct opt options[] = {
	I2C_OPTIONS(struct scd30, "0x61", "always 0x61"),
	{ "interval", OPT_DURATION, offsetof(struct scd30, interval_us), .min = 2e6, .max = 1800e6, .def = "2s",
	  .help = "time from one measurement to the next, whole seconds" },
	{ "altitude", OPT_INT, offsetof(struct scd30, altitude_m), .min = 0, .max = 5000, .def = "0", .unit = "m",
	  .help = "above sea level, which the concentration is corrected for when there is no pressure" },
	{ "pressure", OPT_DOUBLE, offsetof(struct scd30, pressure_hpa), .min = 700, .max = 1400, .unit = "hPa",
	  .help = "usual air pressure, if it is known better than by the altitude" },
	{ "temperature_offset", OPT_DOUBLE, offsetof(struct scd30, temperature_offset), .min = 0, .max = 50, .def = "0",
	  .unit = "Cel",
	  .help = "how much warmer than the air the sensor is, where it is built in; subtracted by the sensor" },
	{ "self_calibration", OPT_BOOL, offsetof(struct scd30, self_calibration), .def = "false",
	  .help = "take the least value of about a week for fresh air of 400 ppm" },
};

enum { CO2, TEMPERATURE, HUMIDITY, N_VALUES };

static const struct channel channels[] = {
	[CO2] = { "co2", "[ppm]", .min = 0, .max = 40000, .help = "carbon dioxide" },
	[TEMPERATURE] = { "temperature", "Cel", .min = -40, .max = 70,
			  .help = "temperature of the air by the sensor's offset" },
	[HUMIDITY] = { "humidity", "%", .min = 0, .max = 100, .help = "relative humidity" },
};

/** Command and value of the @i-th setting. */
static uint16_t setting(const struct scd30 *s, int i, uint16_t *value)
{
	static const uint16_t commands[N_SETTINGS] = { SET_INTERVAL, SET_SELF_CALIBRATION, SET_TEMPERATURE_OFFSET,
						       SET_ALTITUDE };
	const uint16_t values[N_SETTINGS] = {
		(uint16_t)(s->interval_us / 1000000),
		s->self_calibration,
		(uint16_t)lround(s->temperature_offset * 100.0),
		(uint16_t)s->altitude_m,
	};

	*value = values[i];
	return commands[i];
}

static int scd30_probe(void *state, int64_t now_us, struct sensor_error *err)
{
	struct scd30 *s = state;
	int r = i2c_open(&s->i2c, err);

	if (r < 0)
		return r;
	r = sensirion_send(&s->i2c, READ_FIRMWARE, NULL, 0);
	if (r < 0)
		return i2c_explain(&s->i2c, r, err);
	s->next = CHECK_FIRMWARE;
	s->setting = 0;
	s->due_us = now_us + ANSWER_US;
	return 0;
}

static int64_t scd30_trigger(void *state, int64_t now_us)
{
	struct scd30 *s = state;

	return pace_wait_us(&s->due_us, now_us, s->interval_us);
}

/** @return -EAGAIN: there is more to come */
static int go_on(struct scd30 *s, int64_t due_us, enum step next)
{
	s->next = next;
	s->due_us = due_us;
	return -EAGAIN;
}

static int send(struct scd30 *s, int64_t now_us, enum step next, uint16_t command)
{
	int r = sensirion_send(&s->i2c, command, NULL, 0);

	return r < 0 ? r : go_on(s, now_us + ANSWER_US, next);
}

static int check_firmware(struct scd30 *s, int64_t now_us)
{
	uint16_t version;
	int r = i2c_read_words_crc(&s->i2c, &version, 1);

	if (r < 0)
		return r == -EBADMSG ? -ENODEV : r;
	return go_on(s, now_us, ASK_SETTING);
}

static int check_setting(struct scd30 *s, int64_t now_us)
{
	uint16_t is, wanted, command = setting(s, s->setting, &wanted);
	enum step next = s->setting + 1 < N_SETTINGS ? ASK_SETTING : BEGIN;
	int r = i2c_read_words_crc(&s->i2c, &is, 1);

	if (r < 0)
		return r;
	if (is != wanted) {
		r = sensirion_send(&s->i2c, command, &wanted, 1);
		if (r < 0)
			return r;
	}
	s->setting++;
	return go_on(s, is == wanted ? now_us : now_us + WRITE_US, next);
}

static int begin(struct scd30 *s, int64_t now_us, double out[])
{
	const uint16_t pressure = isnan(s->pressure_hpa) ? 0 : (uint16_t)lround(s->pressure_hpa);
	int r = sensirion_send(&s->i2c, START, &pressure, 1);

	if (r < 0)
		return r;
	go_on(s, now_us + s->interval_us, ASK);
	out[CO2] = out[TEMPERATURE] = out[HUMIDITY] = NAN;
	return 0;
}

static int check_ready(struct scd30 *s, int64_t now_us)
{
	uint16_t ready;
	int r = i2c_read_words_crc(&s->i2c, &ready, 1);

	if (r < 0)
		return r;
	return ready == 1 ? send(s, now_us, FETCH, READ_VALUES) : go_on(s, now_us + ASK_AGAIN_US, ASK);
}

static double float_of(const uint16_t words[WORDS_PER_VALUE])
{
	uint32_t bits = (uint32_t)words[0] << 16 | words[1];
	float value;

	memcpy(&value, &bits, sizeof(value));
	return (double)value;
}

static int fetch(struct scd30 *s, int64_t now_us, double out[])
{
	uint16_t words[WORDS_PER_VALUE * N_VALUES];
	double values[N_VALUES];
	int r = i2c_read_words_crc(&s->i2c, words, ARRAY_LEN(words));

	if (r < 0)
		return r;
	for (int i = 0; i < N_VALUES; i++) {
		values[i] = float_of(&words[WORDS_PER_VALUE * i]);
		if (!isfinite(values[i]))
			return -EIO;
	}
	go_on(s, now_us + s->interval_us, ASK);
	if (values[CO2] <= 0.0)
		values[CO2] = NAN; /* there is no such air: what it says before it can tell */
	memcpy(out, values, sizeof(values));
	return 0;
}

static int scd30_collect(void *state, int64_t now_us, double out[])
{
	struct scd30 *s = state;
	uint16_t ignored;

	if (now_us < s->due_us)
		return -EAGAIN;
	switch (s->next) {
	case CHECK_FIRMWARE:
		return check_firmware(s, now_us);
	case ASK_SETTING:
		return send(s, now_us, CHECK_SETTING, setting(s, s->setting, &ignored));
	case CHECK_SETTING:
		return check_setting(s, now_us);
	case BEGIN:
		return begin(s, now_us, out);
	case ASK:
		return send(s, now_us, CHECK_READY, IS_DATA_READY);
	case CHECK_READY:
		return check_ready(s, now_us);
	default:
		return fetch(s, now_us, out);
	}
}

static void scd30_close(void *state)
{
	i2c_close(&((struct scd30 *)state)->i2c);
}

static const struct i2c_identity identity = {
	.at = { { 0x61, 0x61 } },
	.is_certain = true,
	.every = "2s",
	.ask = { { .write = { READ_FIRMWARE >> 8, READ_FIRMWARE & 0xFF },
		   .n_write = 2,
		   .n_read = 3,
		   .wait_us = ANSWER_US,
		   .fits = i2c_fits_word_crc } },
};

const struct sensor_driver scd30_driver = {
	.name = "scd30",
	.help = "Sensirion SCD30: carbon dioxide, temperature and relative humidity",
	.identity = &identity,
	.options = { options, ARRAY_LEN(options) },
	.channels = channels,
	.n_channels = ARRAY_LEN(channels),
	.state_size = sizeof(struct scd30),
	.probe = scd30_probe,
	.trigger = scd30_trigger,
	.collect = scd30_collect,
	.close = scd30_close,
};
