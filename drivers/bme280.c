/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bme280 - temperature, air pressure and relative humidity over I2C.
 *
 * Datasheet: Bosch BST-BME280-DS002 rev 1.6; sections cited as s.n.
 * Compared with: Linux drivers/iio/pressure/bmp280.h (registers), other projects' copies of Bosch's formulas; datasheet pages at hand: rev
 * 1.6 contents.
 * Mode: forced, one conversion for each reading, and sleep in between. The filter works in it too, one step a reading.
 * Not done: normal mode, SPI, correction of self-heating.
 * Proven by: tests/test_driver_bme280.c with values of the BMP280 datasheet's example and of other projects' sensors; read through
 * Linux 6.1's i2c-stub with one of them; no hardware yet.
 *
 * A chip that lost its power answers as before, with default settings. So collect() fetches the settings together with the data, which
 * costs five bytes on the wire and no transfer of its own, and a reading without our settings is an error; the next probe sets them anew.
 */
#include <errno.h>
#include <math.h>

#include "base/bytes.h"
#include "drivers/bmx280.h"
#include "drivers/i2c_identity.h"

enum {
	CHIP_ID = 0x60,
	REG_TRIM_H1 = 0xA1,
	REG_TRIM_H2 = 0xE1, /* to 0xE7 */
	TRIM_H_BYTES = 7,
	NO_HUMIDITY = 0x8000, /* skipped, or never done since power-on */

	/* From REG_CTRL_HUM on: settings, an unused register, then pressure, temperature and humidity. */
	AT_CTRL_HUM = 0,
	AT_STATUS = 1,
	AT_CTRL_MEAS = 2,
	AT_CONFIG = 3,
	AT_PRESSURE = 5,
	AT_TEMPERATURE = 8,
	AT_HUMIDITY = 11,
	BURST_BYTES = 13,
};

struct bme280 {
	struct i2c i2c;
	int temperature_x, pressure_x, humidity_x, filter;

	struct bmx280_trim trim;
	uint8_t h1, h3; /* s.4.2.2 */
	int16_t h2, h4, h5;
	int8_t h6;
};

static const struct opt options[] = {
	I2C_OPTIONS(struct bme280, "0x76", "0x76, or 0x77 with SDO high"),
	{ "temperature_oversampling", OPT_ENUM, offsetof(struct bme280, temperature_x), .def = "x1",
	  .choices = bmx280_oversampling_on, .help = "conversions averaged by the chip" },
	{ "pressure_oversampling", OPT_ENUM, offsetof(struct bme280, pressure_x), .def = "x1",
	  .choices = bmx280_oversampling, .help = "likewise; off: not measured" },
	{ "humidity_oversampling", OPT_ENUM, offsetof(struct bme280, humidity_x), .def = "x1",
	  .choices = bmx280_oversampling, .help = "likewise; off: not measured" },
	{ "filter", OPT_ENUM, offsetof(struct bme280, filter), .def = "off", .choices = bmx280_filter,
	  .help = "the chip's own low-pass over this many readings, not for humidity" },
};

enum { TEMPERATURE, PRESSURE, HUMIDITY };

static const struct channel channels[] = {
	[TEMPERATURE] = { "temperature", "Cel", .min = -40, .max = 85,
			  .help = "temperature of the chip, a little above the air's" },
	[PRESSURE] = { "pressure", "hPa", .min = 300, .max = 1100,
		       .help = "air pressure here, not reduced to sea level" },
	[HUMIDITY] = { "humidity", "%", .min = 0, .max = 100, .help = "relative humidity" },
};

static uint8_t ctrl_meas(const struct bme280 *s)
{
	return (uint8_t)((s->temperature_x + 1) << 5 | s->pressure_x << 2); /* s.5.4.5 */
}

static uint8_t config(const struct bme280 *s)
{
	return (uint8_t)(s->filter << 2); /* s.5.4.6 */
}

/** The longest it takes, s.9.1: every sample 2.3 ms, 1.25 ms to begin, 0.575 ms more for pressure and for humidity. */
static int64_t conversion_us(const struct bme280 *s)
{
	int t = bmx280_samples(s->temperature_x + 1), p = bmx280_samples(s->pressure_x),
	    h = bmx280_samples(s->humidity_x);

	return 1250 + 2300 * (t + p + h) + (p ? 575 : 0) + (h ? 575 : 0);
}

static double humidity_percent(const struct bme280 *s, uint16_t adc, double t_fine) /* s.8.1 */
{
	double x = t_fine - 76800.0;
	double h = adc - (s->h4 * 64.0 + s->h5 / 16384.0 * x);

	h *= s->h2 / 65536.0 * (1.0 + s->h6 / 67108864.0 * x * (1.0 + s->h3 / 67108864.0 * x));
	h *= 1.0 - s->h1 * h / 524288.0;
	return h > 100.0 ? 100.0 : h < 0.0 ? 0.0 : h;
}

/** H4 and H5 have 12 bits with a sign, and share a byte. */
static void unpack_humidity_trim(struct bme280 *s, uint8_t h1, const uint8_t raw[TRIM_H_BYTES])
{
	s->h1 = h1;
	s->h2 = bytes_le16s(raw);
	s->h3 = raw[2];
	s->h4 = (int16_t)bytes_sign_extend((uint32_t)(raw[3] << 4 | (raw[4] & 0x0F)), 12);
	s->h5 = (int16_t)bytes_sign_extend((uint32_t)(raw[5] << 4 | raw[4] >> 4), 12);
	s->h6 = (int8_t)raw[6];
}

static int bme280_probe(void *state, int64_t now_us, struct sensor_error *err)
{
	struct bme280 *s = state;
	uint8_t h1, raw[TRIM_H_BYTES];
	int r;

	(void)now_us;
	r = bmx280_begin(&s->i2c, CHIP_ID, &s->trim, err);
	if (r < 0)
		return r;
	r = i2c_read_reg(&s->i2c, REG_TRIM_H1, &h1, 1);
	if (r < 0)
		return r;
	r = i2c_read_reg(&s->i2c, REG_TRIM_H2, raw, sizeof(raw));
	if (r < 0)
		return r;
	unpack_humidity_trim(s, h1, raw);

	/* Asleep first: otherwise the chip may ignore what is written to config. */
	r = i2c_write_reg(&s->i2c, BMX280_REG_CTRL_MEAS, ctrl_meas(s));
	if (r < 0)
		return r;
	r = i2c_write_reg(&s->i2c, BMX280_REG_CONFIG, config(s));
	if (r < 0)
		return r;
	return i2c_write_reg(&s->i2c, BMX280_REG_CTRL_HUM,
			     (uint8_t)s->humidity_x); /* counts from the next ctrl_meas on */
}

static int64_t bme280_trigger(void *state, int64_t now_us)
{
	struct bme280 *s = state;
	int r = i2c_write_reg(&s->i2c, BMX280_REG_CTRL_MEAS, ctrl_meas(s) | BMX280_MODE_FORCED);

	(void)now_us;
	return r < 0 ? r : conversion_us(s);
}

static bool has_settings(const struct bme280 *s, const uint8_t raw[BURST_BYTES])
{
	return (raw[AT_CTRL_HUM] & 7) == s->humidity_x && (raw[AT_CONFIG] & 0x1C) == config(s) &&
	       (raw[AT_CTRL_MEAS] & ~BMX280_MODE_MASK) == ctrl_meas(s);
}

static int bme280_collect(void *state, int64_t now_us, double out[])
{
	struct bme280 *s = state;
	uint8_t raw[BURST_BYTES];
	uint32_t temperature, pressure;
	uint16_t humidity;
	double t_fine;
	int r;

	(void)now_us;
	r = i2c_read_reg(&s->i2c, BMX280_REG_CTRL_HUM, raw, sizeof(raw));
	if (r < 0)
		return r;
	if (!has_settings(s, raw))
		return -EIO;
	if (raw[AT_STATUS] & BMX280_STATUS_MEASURING)
		return -EAGAIN;
	temperature = bmx280_adc(&raw[AT_TEMPERATURE]);
	pressure = bmx280_adc(&raw[AT_PRESSURE]);
	humidity = bytes_be16(&raw[AT_HUMIDITY]);
	if (temperature == BMX280_NO_CONVERSION)
		return -EIO;
	t_fine = bmx280_t_fine(&s->trim, temperature);
	out[TEMPERATURE] = t_fine / 5120.0;
	out[PRESSURE] = pressure == BMX280_NO_CONVERSION ? NAN : bmx280_pressure_hpa(&s->trim, pressure, t_fine);
	out[HUMIDITY] = humidity == NO_HUMIDITY ? NAN : humidity_percent(s, humidity, t_fine);
	return 0;
}

static void bme280_close(void *state)
{
	i2c_close(&((struct bme280 *)state)->i2c);
}

static const struct i2c_identity identity = {
	.at = { { 0x76, 0x77 } },
	.is_certain = true,
	.ask = { I2C_ASK(BMX280_REG_ID, 1, 0xFF, CHIP_ID) },
};

const struct sensor_driver bme280_driver = {
	.name = "bme280",
	.help = "Bosch BME280: temperature, air pressure and humidity",
	.identity = &identity,
	.options = { options, ARRAY_LEN(options) },
	.channels = channels,
	.n_channels = ARRAY_LEN(channels),
	.state_size = sizeof(struct bme280),
	.probe = bme280_probe,
	.trigger = bme280_trigger,
	.collect = bme280_collect,
	.close = bme280_close,
};
