/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hdc1080 - Texas Instruments HDC1080: relative humidity and temperature. HDC1000, HDC1008, HDC1010 and HDC1050 are alike; those
 * with the same id work.
 *
 * Datasheet: TI HDC1080, SNAS672A (January 2016); sections cited as s.n.
 * Compared with: Linux drivers/iio/humidity/hdc100x.c; datasheet pages at hand: SNAS672A p. 14.
 * Mode: both quantities in one acquisition, asleep in between. Not done: the bit of a low supply voltage, the serial number.
 * Proven by: tests/test_driver_hdc1080.c with values of another project's tests; no hardware yet.
 *
 * A chip that is converting does not acknowledge, so the wait must be long enough: the datasheet has typical times only, they get a
 * quarter more. Every reading begins with the whole configuration, so a loss of power in between does no harm.
 */
#include <errno.h>
#include <stdio.h>

#include "base/bytes.h"
#include "drivers/i2c.h"
#include "drivers/i2c_identity.h"

enum {
	REG_TEMPERATURE = 0x00, /* writing the pointer starts the conversion */
	REG_CONFIG = 0x02,
	REG_MAKER = 0xFE,
	REG_DEVICE = 0xFF,
	MAKER = 0x5449,
	DEVICE = 0x1050,
	HEATER = 1 << 13, /* s.8.6.3 */
	BOTH = 1 << 12,
	TEMPERATURE_11_BITS = 1 << 10,
	HUMIDITY_SHIFT = 8,
};

static const char *const temperature_bits[] = { "14", "11", NULL };
static const char *const humidity_bits[] = { "14", "11", "8", NULL };
static const int32_t temperature_us[] = { 6350, 3650 }, humidity_us[] = { 6500, 3850, 2500 }; /* s.7.5 */

struct hdc1080 {
	struct i2c i2c;
	int temperature_bits, humidity_bits;
	bool heater;
};

static const struct opt options[] = {
	I2C_OPTIONS(struct hdc1080, "0x40", "always 0x40"),
	{ "temperature_bits", OPT_ENUM, offsetof(struct hdc1080, temperature_bits), .def = "14",
	  .choices = temperature_bits, .help = "resolution of temperature" },
	{ "humidity_bits", OPT_ENUM, offsetof(struct hdc1080, humidity_bits), .def = "14", .choices = humidity_bits,
	  .help = "resolution of humidity" },
	{ "heater", OPT_BOOL, offsetof(struct hdc1080, heater), .def = "false",
	  .help = "heat the chip while it measures, to dry it" },
};

enum { TEMPERATURE, HUMIDITY };

static const struct channel channels[] = {
	[TEMPERATURE] = { "temperature", "Cel", .min = -40, .max = 125, .help = "temperature of the chip" },
	[HUMIDITY] = { "humidity", "%", .min = 0, .max = 100, .help = "relative humidity at the chip" },
};

static int hdc1080_probe(void *state, int64_t now_us, struct sensor_error *err)
{
	struct hdc1080 *s = state;
	uint16_t maker, device;
	int r = i2c_open(&s->i2c, err);

	(void)now_us;
	if (r < 0)
		return r;
	r = i2c_read_reg16be(&s->i2c, REG_MAKER, &maker);
	if (r < 0)
		return i2c_explain(&s->i2c, r, err);
	r = i2c_read_reg16be(&s->i2c, REG_DEVICE, &device);
	if (r < 0)
		return r;
	if (maker != MAKER || device != DEVICE) {
		snprintf(err->text, sizeof(err->text),
			 "another chip at 0x%02x: maker 0x%04x, device 0x%04x instead of 0x5449, 0x1050",
			 (unsigned)s->i2c.address, maker, device);
		return -ENODEV;
	}
	return 0;
}

static int64_t hdc1080_trigger(void *state, int64_t now_us)
{
	static const uint8_t start = REG_TEMPERATURE;
	struct hdc1080 *s = state;
	int config = BOTH | (s->heater ? HEATER : 0) | (s->temperature_bits ? TEMPERATURE_11_BITS : 0) |
		     s->humidity_bits << HUMIDITY_SHIFT;
	int r = i2c_write_reg16be(&s->i2c, REG_CONFIG, (uint16_t)config);

	(void)now_us;
	if (r < 0)
		return r;
	r = i2c_write(&s->i2c, &start, 1);
	return r < 0 ? r : (temperature_us[s->temperature_bits] + humidity_us[s->humidity_bits]) * 5 / 4;
}

static int hdc1080_collect(void *state, int64_t now_us, double out[])
{
	struct hdc1080 *s = state;
	uint8_t raw[4];
	int r = i2c_read(&s->i2c, raw, sizeof(raw));

	(void)now_us;
	if (r < 0)
		return r;
	if (bytes_be16(raw) == 0xFFFF && bytes_be16(raw + 2) == 0xFFFF)
		return -EIO; /* nothing drives the line: the two unused bits of each are 0 */
	out[TEMPERATURE] = bytes_be16(raw) * 165.0 / 65536.0 - 40.0; /* s.8.6.1 */
	out[HUMIDITY] = bytes_be16(raw + 2) * 100.0 / 65536.0;	     /* s.8.6.2 */
	return 0;
}

static void hdc1080_close(void *state)
{
	i2c_close(&((struct hdc1080 *)state)->i2c);
}

/* Registers 0 and 1 start a conversion. */
static const struct i2c_identity identity = {
	.at = { { 0x40, 0x40 } },
	.harm = { { 0x00, 0x01 } },
	.n_harm = 1,
	.is_certain = true,
	.ask = { I2C_ASK(REG_MAKER, 2, 0xFFFF, MAKER), I2C_ASK(REG_DEVICE, 2, 0xFFFF, DEVICE) },
};

const struct sensor_driver hdc1080_driver = {
	.name = "hdc1080",
	.help = "Texas Instruments HDC1080: relative humidity and temperature",
	.identity = &identity,
	.options = { options, ARRAY_LEN(options) },
	.channels = channels,
	.n_channels = ARRAY_LEN(channels),
	.state_size = sizeof(struct hdc1080),
	.probe = hdc1080_probe,
	.trigger = hdc1080_trigger,
	.collect = hdc1080_collect,
	.close = hdc1080_close,
};
