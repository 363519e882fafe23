/* SPDX-License-Identifier: Apache-2.0 */
/*
 * veml7700 - illuminance over I2C.
 *
 * Datasheet: Vishay 84286 rev 1.7 (28-Nov-2023); application note 84323.
 * Compared with: Zephyr drivers/sensor/vishay/veml7700/veml7700.c, ESPHome esphome/components/veml7700/veml7700.h, and for 0.0042 lx the
 * issues adafruit/Adafruit_VEML7700 30 and 34; of the datasheet no page was at hand.
 * Mode: continuous; a reading takes the newest measurement. The first is waited for.
 * Not done: white channel, thresholds, power saving, automatic gain.
 * Proven by: tests/test_driver_veml7700.c with the resolutions of the datasheet and another project's tests; no hardware yet.
 *
 * Up to revision 1.6 the datasheet said 0.0036 lx a count at the greatest sensitivity, which its maker calls wrong since: it is 0.0042.
 * With gains of 1/4 and 1/8, which are for bright light, counts fall behind the light, and the polynomial of the application note
 * makes up for it. It is applied from the first lux on and not above some value, so that there is no step; below 100 lx it adds
 * at most 1 %. A full counter is a gap. The settings are read with each reading, so a chip that lost its power is seen.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>

#include "base/bytes.h"
#include "drivers/i2c.h"
#include "drivers/i2c_identity.h"

enum {
	REG_CONFIG = 0,
	REG_POWER_SAVING = 3,
	REG_LIGHT = 4,
	REG_ID = 7,
	ID = 0x81, /* in the low byte; above: the address option */

	GAIN_SHIFT = 11,
	TIME_SHIFT = 6,
	FULL = 0xFFFF,
	START_UP_US = 5000,
};

#define FINEST_LUX 0.0042 /* a count with gain 2 and 800 ms */

struct veml7700 {
	struct i2c i2c;
	int gain, time;
	bool is_corrected;
	bool is_started; /* since probe() */
};

static const char *const gain_names[] = { "1/8", "1/4", "1", "2", NULL };
static const struct {
	uint8_t code;
	double factor;
} gains[] = { { 2, 0.125 }, { 3, 0.25 }, { 0, 1.0 }, { 1, 2.0 } };
enum { GREATEST_BRIGHT = 1 }; /* gains up to here are for bright light */

static const char *const time_names[] = { "25ms", "50ms", "100ms", "200ms", "400ms", "800ms", NULL };
static const struct {
	uint8_t code;
	int ms;
} times[] = { { 12, 25 }, { 8, 50 }, { 0, 100 }, { 1, 200 }, { 2, 400 }, { 3, 800 } };

static const struct opt options[] = {
	I2C_OPTIONS(struct veml7700, "0x10", "0x10, always"),
	{ "gain", OPT_ENUM, offsetof(struct veml7700, gain), .def = "1/8", .choices = gain_names,
	  .help = "1/8 and 1/4 for daylight, 1 and 2 below 100 lx" },
	{ "integration_time", OPT_ENUM, offsetof(struct veml7700, time), .def = "100ms", .choices = time_names,
	  .help = "longer is finer, and full sooner: 1/8 and 25ms reach 140000 lx" },
	{ "correction", OPT_BOOL, offsetof(struct veml7700, is_corrected), .def = "true",
	  .help = "make up for what bright light loses at gains 1/8 and 1/4" },
};

static const struct channel channels[] = {
	{ .name = "illuminance", .unit = "lx", .min = 0, .max = 410000, .help = "illuminance" },
};

static uint16_t config(const struct veml7700 *s)
{
	return (uint16_t)(gains[s->gain].code << GAIN_SHIFT | times[s->time].code << TIME_SHIFT);
}

static int read_word(struct veml7700 *s, uint8_t reg, uint16_t *value)
{
	uint8_t raw[2];
	int r = i2c_read_reg(&s->i2c, reg, raw, sizeof(raw));

	if (r < 0)
		return r;
	*value = bytes_le16(raw);
	return 0;
}

static int write_word(struct veml7700 *s, uint8_t reg, uint16_t value)
{
	const uint8_t out[] = { reg, (uint8_t)value, (uint8_t)(value >> 8) };

	return i2c_write(&s->i2c, out, sizeof(out));
}

static double to_lux(const struct veml7700 *s, uint16_t count)
{
	double x = count * FINEST_LUX * (2.0 / gains[s->gain].factor) * (800.0 / times[s->time].ms);

	if (!s->is_corrected || s->gain > GREATEST_BRIGHT)
		return x;
	return (((6.0135e-13 * x - 9.3924e-9) * x + 8.1488e-5) * x + 1.0023) * x;
}

static int veml7700_probe(void *state, int64_t now_us, struct sensor_error *err)
{
	struct veml7700 *s = state;
	uint16_t id;
	int r = i2c_open(&s->i2c, err);

	(void)now_us;
	s->is_started = false;
	if (r < 0)
		return r;
	r = read_word(s, REG_ID, &id);
	if (r < 0)
		return i2c_explain(&s->i2c, r, err);
	if ((id & 0xFF) != ID) {
		snprintf(err->text, sizeof(err->text),
			 "another chip at 0x%02x: register 7 says 0x%02x instead of 0x%02x", (unsigned)s->i2c.address,
			 id & 0xFF, ID);
		return -ENODEV;
	}
	r = write_word(s, REG_POWER_SAVING, 0);
	return r < 0 ? r : write_word(s, REG_CONFIG, config(s));
}

static int64_t veml7700_trigger(void *state, int64_t now_us)
{
	struct veml7700 *s = state;

	(void)now_us;
	return s->is_started ? 0 : START_UP_US + 2000 * times[s->time].ms;
}

static int veml7700_collect(void *state, int64_t now_us, double out[])
{
	struct veml7700 *s = state;
	uint16_t kept, count;
	int r;

	(void)now_us;
	r = read_word(s, REG_CONFIG, &kept);
	if (r < 0)
		return r;
	if (kept != config(s))
		return -EIO;
	r = read_word(s, REG_LIGHT, &count);
	if (r < 0)
		return r;
	s->is_started = true;
	out[0] = count == FULL ? NAN : to_lux(s, count);
	return 0;
}

static void veml7700_close(void *state)
{
	i2c_close(&((struct veml7700 *)state)->i2c);
}

static const struct i2c_identity identity = {
	.at = { { 0x10, 0x10 } },
	.is_certain = true,
	.ask = { I2C_ASK(REG_ID, 2, 0xFF00, ID << 8) },
};

const struct sensor_driver veml7700_driver = {
	.name = "veml7700",
	.help = "Vishay VEML7700: illuminance",
	.identity = &identity,
	.options = { options, ARRAY_LEN(options) },
	.channels = channels,
	.n_channels = ARRAY_LEN(channels),
	.state_size = sizeof(struct veml7700),
	.probe = veml7700_probe,
	.trigger = veml7700_trigger,
	.collect = veml7700_collect,
	.close = veml7700_close,
};
