/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bmp388 - temperature and air pressure over I2C, by a BMP388 or the BMP390 that follows it.
 *
 * Datasheets: Bosch BST-BMP388-DS001-01 rev 1.1, and BST-BMP390-DS002-07 rev 1.7, which differ in id and accuracy; sections cited as s.n are
 * of the former.
 * Compared with: Linux drivers/iio/pressure/bmp280.h, Zephyr drivers/sensor/bosch/bmp388/bmp388.h, Bosch's BMP3 API (trim); of the
 * datasheet no page was at hand.
 * Mode: forced, one conversion for each reading, and sleep in between.
 * Not done: normal mode, FIFO, SPI.
 * Proven by: tests/test_driver_bmp388.c with a sensor that another project read; no hardware yet.
 *
 * The chip remembers that it was powered on until that is read (s.4.3.8), and the event lies a few bytes behind the data: one read gets both,
 * and settings that were lost are noticed at the next reading.
 */
#include <errno.h>
#include <stdio.h>

#include "base/bytes.h"
#include "drivers/i2c.h"
#include "drivers/i2c_identity.h"

enum {
	REG_ID = 0x00,
	REG_ERRORS = 0x02, /* then status, pressure, temperature, time; to the events */
	REG_EVENTS = 0x10,
	REG_POWER = 0x1B,
	REG_OVERSAMPLING = 0x1C,
	REG_CONFIG = 0x1F,
	REG_TRIM = 0x31,

	ID_BMP388 = 0x50,
	ID_BMP390 = 0x60,

	AT_ERRORS = 0,
	AT_STATUS = 1,
	AT_PRESSURE = 2,
	AT_TEMPERATURE = 5,
	AT_EVENTS = REG_EVENTS - REG_ERRORS,
	BURST_BYTES = AT_EVENTS + 1,

	ERROR_CONFIG = 1 << 2,
	STATUS_READY = 1 << 5 | 1 << 6, /* pressure and temperature */
	EVENT_POWER_ON = 1 << 0,
	POWER_BOTH = 3, /* pressure and temperature are measured */
	POWER_FORCED = 1 << 4,
	TRIM_BYTES = 21,
};

struct trim { /* s.8.4: as floating point, with the factors of s.8.4 */
	double t1, t2, t3;
	double p1, p2, p3, p4, p5, p6, p7, p8, p9, p10, p11;
};

struct bmp388 {
	struct i2c i2c;
	int temperature_x, pressure_x, filter;
	struct trim trim;
	bool has_settings;
};

static const char *const oversampling[] = { "x1", "x2", "x4", "x8", "x16", "x32", NULL };
static const char *const filters[] = { "off", "1", "3", "7", "15", "31", "63", "127", NULL };

static const struct opt options[] = {
	I2C_OPTIONS(struct bmp388, "0x77", "0x77, or 0x76 with SDO low"),
	{ "temperature_oversampling", OPT_ENUM, offsetof(struct bmp388, temperature_x), .def = "x1",
	  .choices = oversampling, .help = "conversions averaged by the chip" },
	{ "pressure_oversampling", OPT_ENUM, offsetof(struct bmp388, pressure_x), .def = "x4", .choices = oversampling,
	  .help = "likewise" },
	{ "filter", OPT_ENUM, offsetof(struct bmp388, filter), .def = "off", .choices = filters,
	  .help = "the chip's own low-pass: weight of the readings before" },
};

enum { TEMPERATURE, PRESSURE };

static const struct channel channels[] = {
	[TEMPERATURE] = { "temperature", "Cel", .min = -40, .max = 85,
			  .help = "temperature of the chip, a little above the air's" },
	[PRESSURE] = { "pressure", "hPa", .min = 300, .max = 1250,
		       .help = "air pressure here, not reduced to sea level" },
};

static struct trim unpack_trim(const uint8_t raw[TRIM_BYTES])
{
	return (struct trim){
		.t1 = bytes_le16(raw) * 0x1p8,
		.t2 = bytes_le16(raw + 2) * 0x1p-30,
		.t3 = (int8_t)raw[4] * 0x1p-48,
		.p1 = (bytes_le16s(raw + 5) - 0x1p14) * 0x1p-20,
		.p2 = (bytes_le16s(raw + 7) - 0x1p14) * 0x1p-29,
		.p3 = (int8_t)raw[9] * 0x1p-32,
		.p4 = (int8_t)raw[10] * 0x1p-37,
		.p5 = bytes_le16(raw + 11) * 0x1p3,
		.p6 = bytes_le16(raw + 13) * 0x1p-6,
		.p7 = (int8_t)raw[15] * 0x1p-8,
		.p8 = (int8_t)raw[16] * 0x1p-15,
		.p9 = bytes_le16s(raw + 17) * 0x1p-48,
		.p10 = (int8_t)raw[19] * 0x1p-48,
		.p11 = (int8_t)raw[20] * 0x1p-65,
	};
}

static double celsius(const struct trim *c, uint32_t adc) /* s.8.5 */
{
	double x = adc - c->t1;

	return x * c->t2 + x * x * c->t3;
}

static double pressure_hpa(const struct trim *c, uint32_t adc, double t) /* s.8.6 */
{
	double p = adc, offset = c->p5 + c->p6 * t + c->p7 * t * t + c->p8 * t * t * t;
	double gain = c->p1 + c->p2 * t + c->p3 * t * t + c->p4 * t * t * t;

	return (offset + p * gain + p * p * (c->p9 + c->p10 * t) + p * p * p * c->p11) / 100.0;
}

/** Typically, s.3.9.2; a chip that takes longer says that it is not ready. */
static int64_t conversion_us(const struct bmp388 *s)
{
	return 234 + 392 + 163 + 2020 * ((1 << s->pressure_x) + (1 << s->temperature_x));
}

static int check_id(struct bmp388 *s, struct sensor_error *err)
{
	uint8_t id;
	int r = i2c_read_reg(&s->i2c, REG_ID, &id, 1);

	if (r < 0)
		return i2c_explain(&s->i2c, r, err);
	if (id == ID_BMP388 || id == ID_BMP390)
		return 0;
	snprintf(err->text, sizeof(err->text), "another chip at 0x%02x: id 0x%02x, not 0x50 (BMP388) or 0x60 (BMP390)",
		 (unsigned)s->i2c.address, id);
	return -ENODEV;
}

static int bmp388_probe(void *state, int64_t now_us, struct sensor_error *err)
{
	struct bmp388 *s = state;
	uint8_t events, raw[TRIM_BYTES];
	int r = i2c_open(&s->i2c, err);

	(void)now_us;
	if (r == 0)
		r = check_id(s, err);
	if (r == 0)
		r = i2c_read_reg(&s->i2c, REG_TRIM, raw, sizeof(raw));
	if (r < 0)
		return r;
	s->has_settings = false;
	s->trim = unpack_trim(raw);
	r = i2c_write_reg(&s->i2c, REG_POWER, POWER_BOTH);
	if (r == 0)
		r = i2c_write_reg(&s->i2c, REG_OVERSAMPLING, (uint8_t)(s->temperature_x << 3 | s->pressure_x));
	if (r == 0)
		r = i2c_write_reg(&s->i2c, REG_CONFIG, (uint8_t)(s->filter << 1));
	if (r == 0)
		r = i2c_read_reg(&s->i2c, REG_EVENTS, &events, 1); /* which forgets that it was powered on */
	s->has_settings = r == 0;
	return r;
}

static int64_t bmp388_trigger(void *state, int64_t now_us)
{
	struct bmp388 *s = state;
	int r;

	(void)now_us;
	if (!s->has_settings)
		return -EIO;
	r = i2c_write_reg(&s->i2c, REG_POWER, POWER_FORCED | POWER_BOTH);
	return r < 0 ? r : conversion_us(s);
}

static int bmp388_collect(void *state, int64_t now_us, double out[])
{
	struct bmp388 *s = state;
	uint8_t raw[BURST_BYTES];
	double t;
	int r = i2c_read_reg(&s->i2c, REG_ERRORS, raw, sizeof(raw));

	(void)now_us;
	if (r < 0)
		return r;
	if (raw[AT_EVENTS] & EVENT_POWER_ON || raw[AT_ERRORS] & ERROR_CONFIG) {
		s->has_settings = false; /* it was said once and for all */
		return -EIO;
	}
	if ((raw[AT_STATUS] & STATUS_READY) != STATUS_READY)
		return -EAGAIN;
	t = celsius(&s->trim, bytes_le24(&raw[AT_TEMPERATURE]));
	out[TEMPERATURE] = t;
	out[PRESSURE] = pressure_hpa(&s->trim, bytes_le24(&raw[AT_PRESSURE]), t);
	return 0;
}

static void bmp388_close(void *state)
{
	i2c_close(&((struct bmp388 *)state)->i2c);
}

static bool is_id(uint8_t address, const uint8_t *answer)
{
	(void)address;
	return answer[0] == ID_BMP388 || answer[0] == ID_BMP390;
}

static const struct i2c_identity identity = {
	.at = { { 0x76, 0x77 } },
	.is_certain = true,
	.ask = { { .write = { REG_ID }, .n_write = 1, .n_read = 1, .fits = is_id } },
};

const struct sensor_driver bmp388_driver = {
	.name = "bmp388",
	.help = "Bosch BMP388 and BMP390: temperature and air pressure",
	.identity = &identity,
	.options = { options, ARRAY_LEN(options) },
	.channels = channels,
	.n_channels = ARRAY_LEN(channels),
	.state_size = sizeof(struct bmp388),
	.probe = bmp388_probe,
	.trigger = bmp388_trigger,
	.collect = bmp388_collect,
	.close = bmp388_close,
};
