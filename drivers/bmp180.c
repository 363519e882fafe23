/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bmp180 - temperature and air pressure over I2C; also the BMP085, which it replaced.
 *
 * Datasheet: Bosch BST-BMP180-DS000-12 rev 2.8; sections cited as s.n.
 * Compared with: Linux drivers/iio/pressure/bmp280.h, ESPHome esphome/components/bmp085/bmp085.cpp; of the datasheet no page was at hand.
 * Mode: the only one: a conversion of temperature, then one of pressure. collect() starts the second and says that it is not ready, so a
 * reading is two waits long.
 * Not done: several pressures for one temperature.
 * Proven by: tests/test_driver_bmp180.c with the datasheet's example; no hardware yet.
 *
 * The chip has no settings to lose: each conversion names its own. Formulas are the datasheet's (s.3.5) in double, without the halves it
 * adds to round integers.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>

#include "base/bytes.h"
#include "drivers/i2c.h"
#include "drivers/i2c_identity.h"

enum {
	REG_TRIM = 0xAA,
	REG_ID = 0xD0,
	REG_CONTROL = 0xF4,
	REG_DATA = 0xF6,

	CHIP_ID = 0x55,
	TRIM_WORDS = 11,
	CONTROL_BUSY = 1 << 5,
	CONVERT_TEMPERATURE = 0x2E, /* s.4, table 8 */
	CONVERT_PRESSURE = 0x34,
	TEMPERATURE_US = 4500, /* longest, s.3.3.1 */

	/* From REG_CONTROL on: control, an unused register, data. */
	AT_DATA = REG_DATA - REG_CONTROL,
	BURST_BYTES = AT_DATA + 3,
};

enum conversion { OF_NOTHING, OF_TEMPERATURE, OF_PRESSURE };

struct trim { /* s.3.4 */
	int16_t ac1, ac2, ac3;
	uint16_t ac4, ac5, ac6;
	int16_t b1, b2, mb, mc, md;
};

struct bmp180 {
	struct i2c i2c;
	int pressure_x;

	struct trim trim;
	enum conversion running;
	int64_t ready_us;
	double b5; /* temperature in 1/160 degC */
};

static const char *const oversampling[] = { "x1", "x2", "x4", "x8", NULL };

static const struct opt options[] = {
	I2C_OPTIONS(struct bmp180, "0x77", "always 0x77"),
	{ "pressure_oversampling", OPT_ENUM, offsetof(struct bmp180, pressure_x), .def = "x1", .choices = oversampling,
	  .help = "conversions averaged by the chip" },
};

enum { TEMPERATURE, PRESSURE };

static const struct channel channels[] = {
	[TEMPERATURE] = { "temperature", "Cel", .min = -40, .max = 85,
			  .help = "temperature of the chip, a little above the air's" },
	[PRESSURE] = { "pressure", "hPa", .min = 300, .max = 1100,
		       .help = "air pressure here, not reduced to sea level" },
};

/** The longest, s.3.3.1. */
static int64_t pressure_us(const struct bmp180 *s)
{
	static const int64_t us[] = { 4500, 7500, 13500, 25500 };

	return us[s->pressure_x];
}

static double temperature_b5(const struct trim *t, uint16_t ut)
{
	double x = (ut - (double)t->ac6) * t->ac5 / 32768.0;

	return x + t->mc * 2048.0 / (x + t->md);
}

static double pressure_hpa(const struct trim *t, uint32_t up, int oss, double b5)
{
	double b6 = b5 - 4000.0;
	double b3 = (t->ac1 * 4.0 + t->b2 * (b6 * b6 / 4096.0) / 2048.0 + t->ac2 * b6 / 2048.0) * (1 << oss) / 4.0;
	double x = (t->ac3 * b6 / 8192.0 + t->b1 * (b6 * b6 / 4096.0) / 65536.0) / 4.0;
	double b4 = t->ac4 * (x + 32768.0) / 32768.0;
	double p = (up - b3) * (50000 >> oss) * 2.0 / b4;

	return (p + (p / 256.0 * (p / 256.0) * 3038.0 / 65536.0 - 7357.0 * p / 65536.0 + 3791.0) / 16.0) / 100.0;
}

/** None of them is 0 or 0xFFFF in a working chip, s.3.4. */
static int read_trim(struct bmp180 *s, struct sensor_error *err)
{
	uint8_t raw[2 * TRIM_WORDS];
	int r = i2c_read_reg(&s->i2c, REG_TRIM, raw, sizeof(raw));

	if (r < 0)
		return r;
	for (size_t i = 0; i < TRIM_WORDS; i++)
		if (bytes_be16(&raw[2 * i]) == 0 || bytes_be16(&raw[2 * i]) == 0xFFFF) {
			snprintf(err->text, sizeof(err->text), "the trim values of the chip are not readable");
			return -EIO;
		}
	s->trim = (struct trim){
		.ac1 = bytes_be16s(raw),
		.ac2 = bytes_be16s(raw + 2),
		.ac3 = bytes_be16s(raw + 4),
		.ac4 = bytes_be16(raw + 6),
		.ac5 = bytes_be16(raw + 8),
		.ac6 = bytes_be16(raw + 10),
		.b1 = bytes_be16s(raw + 12),
		.b2 = bytes_be16s(raw + 14),
		.mb = bytes_be16s(raw + 16),
		.mc = bytes_be16s(raw + 18),
		.md = bytes_be16s(raw + 20),
	};
	return 0;
}

static int bmp180_probe(void *state, int64_t now_us, struct sensor_error *err)
{
	struct bmp180 *s = state;
	int r;

	(void)now_us;
	s->running = OF_NOTHING;
	r = i2c_open(&s->i2c, err);
	if (r == 0)
		r = i2c_check_id(&s->i2c, REG_ID, CHIP_ID, err);
	return r < 0 ? r : read_trim(s, err);
}

static int64_t start(struct bmp180 *s, enum conversion what, int64_t now_us)
{
	uint8_t control =
		(uint8_t)(what == OF_TEMPERATURE ? CONVERT_TEMPERATURE : CONVERT_PRESSURE | s->pressure_x << 6);
	int64_t wait_us = what == OF_TEMPERATURE ? TEMPERATURE_US : pressure_us(s);
	int r = i2c_write_reg(&s->i2c, REG_CONTROL, control);

	s->running = r < 0 ? OF_NOTHING : what;
	s->ready_us = now_us + wait_us;
	return r < 0 ? r : wait_us;
}

static int64_t bmp180_trigger(void *state, int64_t now_us)
{
	return start(state, OF_TEMPERATURE, now_us);
}

static int bmp180_collect(void *state, int64_t now_us, double out[])
{
	struct bmp180 *s = state;
	uint8_t raw[BURST_BYTES];
	int64_t wait_us;
	int r;

	if (s->running == OF_NOTHING)
		return -EIO;
	if (now_us < s->ready_us && now_us > s->ready_us - 1000000) /* unless the clock was set back */
		return -EAGAIN;
	r = i2c_read_reg(&s->i2c, REG_CONTROL, raw, sizeof(raw));
	if (r < 0)
		return r;
	if (raw[0] & CONTROL_BUSY)
		return -EAGAIN;
	if (s->running == OF_TEMPERATURE) {
		s->b5 = temperature_b5(&s->trim, bytes_be16(&raw[AT_DATA]));
		wait_us = start(s, OF_PRESSURE, now_us);
		return wait_us < 0 ? (int)wait_us : -EAGAIN;
	}
	s->running = OF_NOTHING;
	out[TEMPERATURE] = isinf(s->b5) ? NAN : s->b5 / 160.0;
	out[PRESSURE] = pressure_hpa(&s->trim, bytes_be24(&raw[AT_DATA]) >> (8 - s->pressure_x), s->pressure_x, s->b5);
	if (isinf(out[PRESSURE]))
		out[PRESSURE] = NAN;
	return 0;
}

static void bmp180_close(void *state)
{
	i2c_close(&((struct bmp180 *)state)->i2c);
}

static const struct i2c_identity identity = {
	.at = { { 0x77, 0x77 } },
	.is_certain = true,
	.ask = { I2C_ASK(REG_ID, 1, 0xFF, CHIP_ID) },
};

const struct sensor_driver bmp180_driver = {
	.name = "bmp180",
	.help = "Bosch BMP180 and BMP085: temperature and air pressure",
	.identity = &identity,
	.options = { options, ARRAY_LEN(options) },
	.channels = channels,
	.n_channels = ARRAY_LEN(channels),
	.state_size = sizeof(struct bmp180),
	.probe = bmp180_probe,
	.trigger = bmp180_trigger,
	.collect = bmp180_collect,
	.close = bmp180_close,
};
