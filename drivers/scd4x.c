/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scd4x - Sensirion SCD40, SCD41 and SCD43: carbon dioxide, with temperature and relative humidity.
 *
 * Datasheet: Sensirion SCD4x, version 1.7 (April 2025), whose sections are cited as s.n; version 1.3 numbers them otherwise.
 * Compared with: Linux drivers/iio/chemical/scd4x.c; datasheet pages at hand: version 1.3 (not 1.7), table 9.
 * Mode: periodic, every 5 s, or low power, every 30 s; `every` should not be shorter. Not done: single shots (SCD41), forced
 * recalibration, the factory reset and the EEPROM: settings live until the next loss of power, and are set by each probe.
 * Proven by: tests/test_driver_scd4x.c with the examples of the datasheet and recordings of a real chip; no hardware yet.
 *
 * Settings can be written, and the serial number read, only while the chip does not measure, and stopping takes half a second; so it is
 * set up in steps by the first readings, the last of which has no values. Between a command and its answer there must be 1 ms.
 * After a loss of power there are no new values: the reading fails in time, and the probe that follows sets everything up again.
 */
#include <errno.h>
#include <math.h>

#include "drivers/i2c.h"
#include "drivers/i2c_identity.h"
#include "drivers/pace.h"
#include "drivers/sensirion.h"

enum {
	STOP = 0x3F86, /* s.3.5 */
	READ_SERIAL = 0x3682,
	SET_TEMPERATURE_OFFSET = 0x241D,
	SET_ALTITUDE = 0x2427,
	SET_SELF_CALIBRATION = 0x2416,
	SET_PRESSURE = 0xE000,
	IS_DATA_READY = 0xE4B8,
	READ_VALUES = 0xEC05,

	STOP_US = 500000,
	ANSWER_US = 1000,
	ASK_AGAIN_US = 50000,
	DATA_READY_MASK = 0x07FF,
};

static const char *const modes[] = { "periodic", "low_power", NULL };
static const struct {
	uint16_t command;
	int32_t us;
} starts[] = { { 0x21B1, 5000000 }, { 0x21AC, 30000000 } };

enum step { STOPPED, CHECK_SERIAL, ALTITUDE, SELF_CALIBRATION, PRESSURE, START, ASK, CHECK_READY, FETCH };

struct scd4x {
	struct i2c i2c;
	int mode;
	int64_t altitude_m;
	double pressure_hpa, temperature_offset;
	bool self_calibration;

	enum step next;
	int64_t due_us;
};

static const struct opt options[] = {
	I2C_OPTIONS(struct scd4x, "0x62", "always 0x62"),
	{ "mode", OPT_ENUM, offsetof(struct scd4x, mode), .def = "periodic", .choices = modes,
	  .help = "a value every 5 s (periodic) or every 30 s (low_power)" },
	{ "altitude", OPT_INT, offsetof(struct scd4x, altitude_m), .min = 0, .max = 3000, .def = "0", .unit = "m",
	  .help = "above sea level, which the concentration is corrected for" },
	{ "pressure", OPT_DOUBLE, offsetof(struct scd4x, pressure_hpa), .min = 700, .max = 1200, .unit = "hPa",
	  .help = "usual air pressure, if it is known better than by the altitude" },
	{ "temperature_offset", OPT_DOUBLE, offsetof(struct scd4x, temperature_offset), .min = 0, .max = 20, .def = "4",
	  .unit = "Cel",
	  .help = "how much warmer than the air the chip is, where it is built in; subtracted by the chip" },
	{ "self_calibration", OPT_BOOL, offsetof(struct scd4x, self_calibration), .def = "true",
	  .help = "take the least value of about a week for fresh air of 400 ppm" },
};

enum { CO2, TEMPERATURE, HUMIDITY };

static const struct channel channels[] = {
	[CO2] = { "co2", "[ppm]", .min = 0, .max = 40000, .help = "carbon dioxide" },
	[TEMPERATURE] = { "temperature", "Cel", .min = -10, .max = 60,
			  .help = "temperature of the air by the chip's offset" },
	[HUMIDITY] = { "humidity", "%", .min = 0, .max = 100, .help = "relative humidity" },
};

static int scd4x_probe(void *state, int64_t now_us, struct sensor_error *err)
{
	struct scd4x *s = state;
	int r = i2c_open(&s->i2c, err);

	if (r < 0)
		return r;
	r = sensirion_send(&s->i2c, STOP, NULL, 0);
	if (r < 0)
		return i2c_explain(&s->i2c, r, err);
	s->next = STOPPED;
	s->due_us = now_us + STOP_US;
	return 0;
}

static int64_t scd4x_trigger(void *state, int64_t now_us)
{
	struct scd4x *s = state;

	return pace_wait_us(&s->due_us, now_us, starts[s->mode].us);
}

/** @return -EAGAIN, for there is more to come, or the error of the transfer */
static int send(struct scd4x *s, int64_t now_us, enum step next, uint16_t command, const uint16_t *arg)
{
	int r = sensirion_send(&s->i2c, command, arg, arg ? 1 : 0);

	if (r < 0)
		return r;
	s->next = next;
	s->due_us = now_us + ANSWER_US;
	return -EAGAIN;
}

static int check_serial(struct scd4x *s, int64_t now_us)
{
	const uint16_t offset = (uint16_t)lround(s->temperature_offset * 65535.0 / 175.0); /* s.3.7.1 */
	uint16_t serial[3];
	int r = i2c_read_words_crc(&s->i2c, serial, ARRAY_LEN(serial));

	if (r < 0)
		return r == -EBADMSG ? -ENODEV : r;
	return send(s, now_us, ALTITUDE, SET_TEMPERATURE_OFFSET, &offset);
}

static int set_pressure(struct scd4x *s, int64_t now_us)
{
	const uint16_t pressure = isnan(s->pressure_hpa) ? 0 : (uint16_t)lround(s->pressure_hpa);

	if (!pressure) {
		s->next = START;
		return -EAGAIN;
	}
	return send(s, now_us, START, SET_PRESSURE, &pressure);
}

static int start(struct scd4x *s, int64_t now_us, double out[])
{
	int r = sensirion_send(&s->i2c, starts[s->mode].command, NULL, 0);

	if (r < 0)
		return r;
	s->next = ASK;
	s->due_us = now_us + starts[s->mode].us;
	out[CO2] = out[TEMPERATURE] = out[HUMIDITY] = NAN;
	return 0;
}

static int check_ready(struct scd4x *s, int64_t now_us)
{
	uint16_t ready;
	int r = i2c_read_words_crc(&s->i2c, &ready, 1);

	if (r < 0)
		return r;
	if (ready & DATA_READY_MASK)
		return send(s, now_us, FETCH, READ_VALUES, NULL);
	s->next = ASK;
	s->due_us = now_us + ASK_AGAIN_US;
	return -EAGAIN;
}

static int fetch(struct scd4x *s, int64_t now_us, double out[])
{
	uint16_t words[3];
	int r = i2c_read_words_crc(&s->i2c, words, ARRAY_LEN(words));

	if (r < 0)
		return r;
	s->next = ASK;
	s->due_us = now_us + starts[s->mode].us;
	out[CO2] = words[0] > 0 ? words[0] : NAN; /* there is no such air: the chip could not tell */
	out[TEMPERATURE] = sensirion_celsius(words[1]);
	out[HUMIDITY] = sensirion_percent(words[2]);
	return 0;
}

static int scd4x_collect(void *state, int64_t now_us, double out[])
{
	struct scd4x *s = state;
	const uint16_t altitude_m = (uint16_t)s->altitude_m, self_calibration = s->self_calibration;

	if (now_us < s->due_us)
		return -EAGAIN;
	switch (s->next) {
	case STOPPED:
		return send(s, now_us, CHECK_SERIAL, READ_SERIAL, NULL);
	case CHECK_SERIAL:
		return check_serial(s, now_us);
	case ALTITUDE:
		return send(s, now_us, SELF_CALIBRATION, SET_ALTITUDE, &altitude_m);
	case SELF_CALIBRATION:
		return send(s, now_us, PRESSURE, SET_SELF_CALIBRATION, &self_calibration);
	case PRESSURE:
		return set_pressure(s, now_us);
	case START:
		return start(s, now_us, out);
	case ASK:
		return send(s, now_us, CHECK_READY, IS_DATA_READY, NULL);
	case CHECK_READY:
		return check_ready(s, now_us);
	default:
		return fetch(s, now_us, out);
	}
}

static void scd4x_close(void *state)
{
	i2c_close(&((struct scd4x *)state)->i2c);
}

/* Asked whether there are data: the serial number is only told while it does not measure. */
static const struct i2c_identity identity = {
	.at = { { 0x62, 0x62 } },
	.is_certain = true,
	.every = "5s",
	.ask = { { .write = { IS_DATA_READY >> 8, IS_DATA_READY & 0xFF },
		   .n_write = 2,
		   .n_read = 3,
		   .wait_us = ANSWER_US,
		   .fits = i2c_fits_word_crc } },
};

const struct sensor_driver scd4x_driver = {
	.name = "scd4x",
	.help = "Sensirion SCD40, SCD41, SCD43: carbon dioxide, temperature and relative humidity",
	.identity = &identity,
	.options = { options, ARRAY_LEN(options) },
	.channels = channels,
	.n_channels = ARRAY_LEN(channels),
	.state_size = sizeof(struct scd4x),
	.probe = scd4x_probe,
	.trigger = scd4x_trigger,
	.collect = scd4x_collect,
	.close = scd4x_close,
};
