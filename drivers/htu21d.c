/* SPDX-License-Identifier: Apache-2.0 */
/*
 * htu21d - TE (Measurement Specialties) HTU20D and HTU21D, Silicon Labs Si7013, Si7020 and Si7021, Sensirion SHT20, SHT21 and SHT25:
 * relative humidity and temperature. They have one set of commands.
 *
 * Datasheets: HTU21D(F) HPC199_3 (October 2013), Si7021-A20 rev. 1.2, SHT21 version 4; the longest time of the three is waited.
 * Compared with: Linux drivers/iio/humidity/htu21.c; datasheet pages at hand: HTU21D(F) p. 13, Si7021-A20 p. 5, 18, 19.
 * Mode: one measurement of each, no hold master. Not done: the strength of Si7021's heater, battery state, firmware revision.
 * Proven by: tests/test_driver_htu21d.c with the examples of the HTU21D datasheet and a dump of a real SHT2x; no hardware yet.
 *
 * Of the serial number only the first byte and its CRC are compared: later ones are over one byte or over all so far, depending on the
 * maker. The user register keeps its reserved bits, and is written before each reading, because a loss of power resets it.
 */
#include <errno.h>
#include <stdio.h>

#include "base/bytes.h"
#include "drivers/i2c.h"
#include "drivers/i2c_identity.h"
#include "drivers/pace.h"

enum {
	MEASURE_TEMPERATURE = 0xF3,
	MEASURE_HUMIDITY = 0xF5,
	WRITE_USER = 0xE6,
	READ_USER = 0xE7,
	USER_RESOLUTION = 0x81,
	USER_HEATER = 0x04,
	STATUS_BITS = 0x03, /* of the low byte: which quantity it is, not a number */
};

static const char *const resolutions[] = { "14/12", "12/8", "13/10", "11/11", NULL };

/* Temperature, humidity: the longest of any maker. Si7021 measures both for humidity, the others only that; mostly SHT21 is slower. */
static const struct {
	uint8_t bits;
	int32_t temperature_us, humidity_us;
} modes[] = { { 0x00, 85000, 29000 }, { 0x01, 22000, 6900 }, { 0x80, 43000, 10700 }, { 0x81, 11000, 15000 } };

enum step { MEASURE, FETCH_TEMPERATURE, FETCH_HUMIDITY };

struct htu21d {
	struct i2c i2c;
	int resolution;
	bool heater;

	enum step next;
	int64_t due_us;
	uint8_t user;
	double celsius;
};

static const struct opt options[] = {
	I2C_OPTIONS(struct htu21d, "0x40", "always 0x40"),
	{ "resolution", OPT_ENUM, offsetof(struct htu21d, resolution), .def = "14/12", .choices = resolutions,
	  .help = "bits of temperature and of humidity; fewer are faster and have more noise" },
	{ "heater", OPT_BOOL, offsetof(struct htu21d, heater), .def = "false",
	  .help = "heat the chip by about a degree, to dry it or to see that it reacts" },
};

enum { TEMPERATURE, HUMIDITY };

static const struct channel channels[] = {
	[TEMPERATURE] = { "temperature", "Cel", .min = -40, .max = 125, .help = "temperature of the chip" },
	[HUMIDITY] = { "humidity", "%", .min = 0, .max = 100, .help = "relative humidity at the chip" },
};

static double humidity_percent(uint16_t raw)
{
	double h = -6.0 + 125.0 * raw / 65536.0;

	return h < 0.0 ? 0.0 : h > 100.0 ? 100.0 : h; /* beyond is what the spread of chips makes of dry and wet air */
}

static int htu21d_probe(void *state, int64_t now_us, struct sensor_error *err)
{
	static const uint8_t read_serial[] = { 0xFA, 0x0F };
	struct htu21d *s = state;
	uint8_t serial[8];
	int r = i2c_open(&s->i2c, err);

	if (r < 0)
		return r;
	r = i2c_transfer(&s->i2c, read_serial, sizeof(read_serial), serial, sizeof(serial));
	if (r < 0)
		return i2c_explain(&s->i2c, r, err);
	if (i2c_crc8_31(0x00, serial, 1) != serial[1] || !(serial[0] | serial[2] | serial[4] | serial[6])) {
		snprintf(err->text, sizeof(err->text),
			 "another chip at 0x%02x: its serial number begins with %02X %02X %02X",
			 (unsigned)s->i2c.address, serial[0], serial[1], serial[2]);
		return -ENODEV;
	}
	r = i2c_read_reg(&s->i2c, READ_USER, &s->user, 1);
	if (r < 0)
		return r;
	s->user &= (uint8_t) ~(USER_RESOLUTION | USER_HEATER);
	s->user |= (uint8_t)(modes[s->resolution].bits | (s->heater ? USER_HEATER : 0));
	s->next = MEASURE;
	s->due_us = now_us;
	return 0;
}

static int64_t begin(struct htu21d *s, int64_t now_us, enum step next)
{
	uint8_t command = next == FETCH_TEMPERATURE ? MEASURE_TEMPERATURE : MEASURE_HUMIDITY;
	int64_t wait_us =
		next == FETCH_TEMPERATURE ? modes[s->resolution].temperature_us : modes[s->resolution].humidity_us;
	int r = i2c_write(&s->i2c, &command, 1);

	if (r < 0)
		return r;
	s->next = next;
	s->due_us = now_us + wait_us;
	return wait_us;
}

static int64_t htu21d_trigger(void *state, int64_t now_us)
{
	struct htu21d *s = state;
	int64_t wait_us = pace_wait_us(&s->due_us, now_us, modes[s->resolution].temperature_us);
	int r;

	s->next = MEASURE;
	if (wait_us > 0)
		return wait_us;
	r = i2c_write_reg(&s->i2c, WRITE_USER, s->user);
	return r < 0 ? r : begin(s, now_us, FETCH_TEMPERATURE);
}

static int fetch(struct htu21d *s, uint16_t *value)
{
	uint8_t raw[3];
	int r = i2c_read(&s->i2c, raw, sizeof(raw));

	if (r < 0)
		return r;
	if (i2c_crc8_31(0x00, raw, 2) != raw[2])
		return -EBADMSG;
	*value = bytes_be16(raw) & (uint16_t)~STATUS_BITS;
	return 0;
}

static int htu21d_collect(void *state, int64_t now_us, double out[])
{
	struct htu21d *s = state;
	uint16_t raw;
	int64_t r;

	if (now_us < s->due_us)
		return -EAGAIN;
	if (s->next == MEASURE) {
		r = htu21d_trigger(s, now_us);
		return r < 0 ? (int)r : -EAGAIN;
	}
	r = fetch(s, &raw);
	if (r < 0)
		return (int)r;
	if (s->next == FETCH_TEMPERATURE) {
		s->celsius = -46.85 + 175.72 * raw / 65536.0;
		r = begin(s, now_us, FETCH_HUMIDITY);
		return r < 0 ? (int)r : -EAGAIN;
	}
	out[TEMPERATURE] = s->celsius;
	out[HUMIDITY] = humidity_percent(raw);
	return 0;
}

static void htu21d_close(void *state)
{
	i2c_close(&((struct htu21d *)state)->i2c);
}

static bool is_temperature(uint8_t address, const uint8_t *answer)
{
	(void)address;
	return (answer[0] | answer[1]) && i2c_crc8_31(0x00, answer, 2) == answer[2];
}

/*
 * Asked by a measurement: the command that reads the serial number has two bytes, which would write to a PCA9685, common at this
 * address. 0xFE, where TI's chips have the maker's number, is a reset here.
 */
static const struct i2c_identity identity = {
	.at = { { 0x40, 0x40 } },
	.harm = { { 0xE3, 0xE7 }, { 0xF5, 0xF5 }, { 0xFE, 0xFE } },
	.n_harm = 3,
	.is_certain = true,
	.ask = { { .write = { MEASURE_TEMPERATURE },
		   .n_write = 1,
		   .n_read = 3,
		   .wait_us = 85000,
		   .fits = is_temperature } },
};

const struct sensor_driver htu21d_driver = {
	.name = "htu21d",
	.help = "HTU20D, HTU21D, Si7020, Si7021, SHT20, SHT21, SHT25: relative humidity and temperature",
	.identity = &identity,
	.options = { options, ARRAY_LEN(options) },
	.channels = channels,
	.n_channels = ARRAY_LEN(channels),
	.state_size = sizeof(struct htu21d),
	.probe = htu21d_probe,
	.trigger = htu21d_trigger,
	.collect = htu21d_collect,
	.close = htu21d_close,
};
