/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bmp280 - temperature and air pressure over I2C.
 *
 * Datasheet: Bosch BST-BMP280-DS001-26 rev 1.26; sections cited as s.n. Registers and formulas are those of the BME280: bmx280.c.
 * Compared with: Linux drivers/iio/pressure/bmp280.h (registers), other projects' copies of Bosch's formulas; of the datasheet no page was
 * at hand.
 * Mode: forced, one conversion for each reading, and sleep in between.
 * Not done: normal mode, SPI. Samples of before 2013 with the ids 0x56 and 0x57 are refused.
 * Proven by: tests/test_driver_bmp280.c with the datasheet's example and a dump of a sensor; no hardware yet.
 */
#include <errno.h>
#include <math.h>

#include "drivers/bmx280.h"
#include "drivers/i2c_identity.h"

enum {
	CHIP_ID = 0x58,

	/* From REG_STATUS on: settings, an unused register, then pressure and temperature. */
	AT_STATUS = 0,
	AT_CTRL_MEAS = 1,
	AT_CONFIG = 2,
	AT_PRESSURE = 4,
	AT_TEMPERATURE = 7,
	BURST_BYTES = 10,
};

struct bmp280 {
	struct i2c i2c;
	int temperature_x, pressure_x, filter;
	struct bmx280_trim trim;
};

static const struct opt options[] = {
	I2C_OPTIONS(struct bmp280, "0x76", "0x76, or 0x77 with SDO high"),
	{ "temperature_oversampling", OPT_ENUM, offsetof(struct bmp280, temperature_x), .def = "x1",
	  .choices = bmx280_oversampling_on, .help = "conversions averaged by the chip" },
	{ "pressure_oversampling", OPT_ENUM, offsetof(struct bmp280, pressure_x), .def = "x1",
	  .choices = bmx280_oversampling, .help = "likewise; off: not measured" },
	{ "filter", OPT_ENUM, offsetof(struct bmp280, filter), .def = "off", .choices = bmx280_filter,
	  .help = "the chip's own low-pass over this many readings" },
};

enum { TEMPERATURE, PRESSURE };

static const struct channel channels[] = {
	[TEMPERATURE] = { "temperature", "Cel", .min = -40, .max = 85,
			  .help = "temperature of the chip, a little above the air's" },
	[PRESSURE] = { "pressure", "hPa", .min = 300, .max = 1100,
		       .help = "air pressure here, not reduced to sea level" },
};

static uint8_t ctrl_meas(const struct bmp280 *s)
{
	return (uint8_t)((s->temperature_x + 1) << 5 | s->pressure_x << 2); /* s.4.3.4 */
}

static uint8_t config(const struct bmp280 *s)
{
	return (uint8_t)(s->filter << 2); /* s.4.3.5 */
}

/** The longest it takes, s.3.8.1 as the formula of BST-BME280-DS002 s.9.1, which gives the numbers of the table there and more. */
static int64_t conversion_us(const struct bmp280 *s)
{
	int t = bmx280_samples(s->temperature_x + 1), p = bmx280_samples(s->pressure_x);

	return 1250 + 2300 * (t + p) + (p ? 575 : 0);
}

static int bmp280_probe(void *state, int64_t now_us, struct sensor_error *err)
{
	struct bmp280 *s = state;
	int r;

	(void)now_us;
	r = bmx280_begin(&s->i2c, CHIP_ID, &s->trim, err);
	if (r < 0)
		return r;
	/* Asleep first: otherwise the chip may ignore what is written to config. */
	r = i2c_write_reg(&s->i2c, BMX280_REG_CTRL_MEAS, ctrl_meas(s));
	if (r < 0)
		return r;
	return i2c_write_reg(&s->i2c, BMX280_REG_CONFIG, config(s));
}

static int64_t bmp280_trigger(void *state, int64_t now_us)
{
	struct bmp280 *s = state;
	int r = i2c_write_reg(&s->i2c, BMX280_REG_CTRL_MEAS, ctrl_meas(s) | BMX280_MODE_FORCED);

	(void)now_us;
	return r < 0 ? r : conversion_us(s);
}

static int bmp280_collect(void *state, int64_t now_us, double out[])
{
	struct bmp280 *s = state;
	uint8_t raw[BURST_BYTES];
	uint32_t temperature, pressure;
	double t_fine;
	int r;

	(void)now_us;
	r = i2c_read_reg(&s->i2c, BMX280_REG_STATUS, raw, sizeof(raw));
	if (r < 0)
		return r;
	if ((raw[AT_CTRL_MEAS] & ~BMX280_MODE_MASK) != ctrl_meas(s) || (raw[AT_CONFIG] & 0x1C) != config(s))
		return -EIO; /* it lost its power, and our settings */
	if (raw[AT_STATUS] & BMX280_STATUS_MEASURING)
		return -EAGAIN;
	temperature = bmx280_adc(&raw[AT_TEMPERATURE]);
	pressure = bmx280_adc(&raw[AT_PRESSURE]);
	if (temperature == BMX280_NO_CONVERSION)
		return -EIO;
	t_fine = bmx280_t_fine(&s->trim, temperature);
	out[TEMPERATURE] = t_fine / 5120.0;
	out[PRESSURE] = pressure == BMX280_NO_CONVERSION ? NAN : bmx280_pressure_hpa(&s->trim, pressure, t_fine);
	return 0;
}

static void bmp280_close(void *state)
{
	i2c_close(&((struct bmp280 *)state)->i2c);
}

static const struct i2c_identity identity = {
	.at = { { 0x76, 0x77 } },
	.is_certain = true,
	.ask = { I2C_ASK(BMX280_REG_ID, 1, 0xFF, CHIP_ID) },
};

const struct sensor_driver bmp280_driver = {
	.name = "bmp280",
	.help = "Bosch BMP280: temperature and air pressure",
	.identity = &identity,
	.options = { options, ARRAY_LEN(options) },
	.channels = channels,
	.n_channels = ARRAY_LEN(channels),
	.state_size = sizeof(struct bmp280),
	.probe = bmp280_probe,
	.trigger = bmp280_trigger,
	.collect = bmp280_collect,
	.close = bmp280_close,
};
