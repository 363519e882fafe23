/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tsl2591 - light with and without infrared, and illuminance, over I2C.
 *
 * Datasheet: ams TSL2591 (DS000338), registers by their names; gains of 428 and 9876 as in Adafruit's
 * library, where Zephyr has 400 and 9200.
 * Compared with: Zephyr drivers/sensor/ams/tsl2591/tsl2591.h, Adafruit Adafruit_TSL2591.h; of the datasheet no page was at hand.
 * Mode: on for one integration cycle for each reading, then off. All settings are written with it, so a chip that lost its power needs
 * no care.
 * Not done: interrupts, automatic gain.
 * Proven by: tests/test_driver_tsl2591.c by arithmetic, for the datasheet has no example and no formula; no hardware yet.
 *
 * Illuminance is the widely used approximation of Adafruit's library, (C0 - C1) (1 - C1/C0) 408 / (gain ms): without glass in
 * front, and for daylight within a quarter or so. A full counter is a gap, and so is the illuminance then.
 */
#include <errno.h>
#include <math.h>

#include "base/bytes.h"
#include "drivers/i2c.h"
#include "drivers/i2c_identity.h"

enum {
	COMMAND = 0xA0,
	REG_ENABLE = COMMAND | 0x00,
	REG_CONTROL = COMMAND | 0x01,
	REG_ID = COMMAND | 0x12,
	REG_STATUS = COMMAND | 0x13, /* right before the data */
	ID = 0x50,

	ENABLE_OFF = 0,
	ENABLE_ON = 3, /* PON and AEN */
	STATUS_VALID = 1 << 0,
	GAIN_SHIFT = 4,

	CYCLE_US = 108000, /* longest */
	FULL = 65535,
	FULL_AT_100MS = 36863,
};

#define LUX_FACTOR 408.0

enum { ILLUMINANCE, FULL_SPECTRUM, INFRARED };

struct tsl2591 {
	struct i2c i2c;
	int gain, time;
};

static const char *const gain_names[] = { "low", "medium", "high", "max", NULL };
static const double gains[] = { 1.0, 25.0, 428.0, 9876.0 };
static const char *const time_names[] = { "100ms", "200ms", "300ms", "400ms", "500ms", "600ms", NULL };

static const struct opt options[] = {
	I2C_OPTIONS(struct tsl2591, "0x29", "0x29, always"),
	{ "gain", OPT_ENUM, offsetof(struct tsl2591, gain), .def = "medium", .choices = gain_names,
	  .help = "1, 25, 428 or 9876: low for daylight, medium for rooms, high and max for the dark" },
	{ "integration_time", OPT_ENUM, offsetof(struct tsl2591, time), .def = "100ms", .choices = time_names,
	  .help = "longer is finer" },
};

static const struct channel channels[] = {
	[ILLUMINANCE] = { .name = "illuminance",
			  .unit = "lx",
			  .min = 0,
			  .max = 270000,
			  .help = "illuminance, approximately" },
	[FULL_SPECTRUM] = { .name = "full",
			    .unit = "{count}",
			    .min = 0,
			    .max = 65535,
			    .help = "light with infrared, as counted" },
	[INFRARED] = { .name = "infrared", .unit = "{count}", .min = 0, .max = 65535, .help = "infrared, as counted" },
};

static int tsl2591_probe(void *state, int64_t now_us, struct sensor_error *err)
{
	struct tsl2591 *s = state;
	int r = i2c_open(&s->i2c, err);

	(void)now_us;
	if (r == 0)
		r = i2c_check_id(&s->i2c, REG_ID, ID, err);
	return r < 0 ? r : i2c_write_reg(&s->i2c, REG_ENABLE, ENABLE_OFF);
}

static int64_t tsl2591_trigger(void *state, int64_t now_us)
{
	struct tsl2591 *s = state;
	int r = i2c_write_reg(&s->i2c, REG_CONTROL, (uint8_t)(s->gain << GAIN_SHIFT | s->time));

	(void)now_us;
	if (r == 0)
		r = i2c_write_reg(&s->i2c, REG_ENABLE, ENABLE_ON);
	return r < 0 ? r : CYCLE_US * (s->time + 1);
}

/* In the dark noise can leave more infrared than light: that is no light, and not what the formula makes of it. */
static double to_lux(const struct tsl2591 *s, double full, double infrared)
{
	if (infrared >= full)
		return 0.0;
	return (full - infrared) * (1.0 - infrared / full) * LUX_FACTOR / (gains[s->gain] * 100.0 * (s->time + 1));
}

static int tsl2591_collect(void *state, int64_t now_us, double out[])
{
	struct tsl2591 *s = state;
	uint16_t most = s->time == 0 ? FULL_AT_100MS : FULL;
	uint8_t raw[5];
	double full, infrared;
	int r;

	(void)now_us;
	r = i2c_read_reg(&s->i2c, REG_STATUS, raw, sizeof(raw));
	if (r < 0)
		return r;
	if (!(raw[0] & STATUS_VALID))
		return -EAGAIN;
	r = i2c_write_reg(&s->i2c, REG_ENABLE, ENABLE_OFF);
	if (r < 0)
		return r;
	full = bytes_le16(raw + 1) >= most ? NAN : bytes_le16(raw + 1);
	infrared = bytes_le16(raw + 3) >= most ? NAN : bytes_le16(raw + 3);
	out[ILLUMINANCE] = isnan(full) || isnan(infrared) ? NAN : to_lux(s, full, infrared);
	out[FULL_SPECTRUM] = full;
	out[INFRARED] = infrared;
	return 0;
}

static void tsl2591_close(void *state)
{
	i2c_close(&((struct tsl2591 *)state)->i2c);
}

static const struct i2c_identity identity = {
	.at = { { 0x29, 0x29 } },
	.is_certain = true,
	.ask = { I2C_ASK(REG_ID, 1, 0xFF, ID) },
};

const struct sensor_driver tsl2591_driver = {
	.name = "tsl2591",
	.help = "ams TSL2591: illuminance, light and infrared",
	.identity = &identity,
	.options = { options, ARRAY_LEN(options) },
	.channels = channels,
	.n_channels = ARRAY_LEN(channels),
	.state_size = sizeof(struct tsl2591),
	.probe = tsl2591_probe,
	.trigger = tsl2591_trigger,
	.collect = tsl2591_collect,
	.close = tsl2591_close,
};
