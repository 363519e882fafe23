/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ens160 - ScioSense ENS160: an index of air quality, volatile organic compounds and the carbon dioxide that goes with them.
 *
 * Datasheet: ScioSense SC-001224-DS, revisions 0.95 and 7.
 * Compared with: ESPHome esphome/components/ens160_base/ens160_base.cpp, ScioSense ENS160_driver ScioSense_ENS160.h; of the datasheet no
 * page was at hand.
 * Mode: standard, a value every second; `every` should not be shorter. Not done: raw resistances, interrupts, the checksum register
 * (what it is made of differs between descriptions, and there is no recording to tell them apart).
 * Proven by: tests/test_driver_ens160.c with a recording of a real chip by another project; no hardware yet.
 *
 * For 3 minutes after power-on, and the first hour of its life, the chip says that its values are not good yet: these readings have no
 * values. Temperature and humidity, which it compensates for, are constants here. It stays in its mode until it loses its power,
 * which collect() sees.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>

#include "base/bytes.h"
#include "drivers/i2c.h"
#include "drivers/i2c_identity.h"
#include "drivers/pace.h"

enum {
	REG_PART_ID = 0x00,
	REG_MODE = 0x10,
	REG_COMPENSATION = 0x13, /* temperature, humidity */
	REG_STATUS = 0x20,
	REG_DATA = 0x21, /* index, TVOC, eCO2 */
	PART_ID = 0x0160,
	STANDARD = 2,
	RUNNING = 1 << 7,
	FAILED = 1 << 6,
	NEW_DATA = 1 << 1,
	VALIDITY_SHIFT = 2,
	VALIDITY_MASK = 3,
	NORMAL = 0, /* 1 warming up, 2 first hour ever, 3 values are wrong */
	INVALID = 3,
	INDEX_MASK = 7,
	LEAST_ECO2 = 400,
	PERIOD_US = 1000000,
	ASK_AGAIN_US = 20000,
};

struct ens160 {
	struct i2c i2c;
	double temperature, humidity;

	int64_t due_us;
};

static const struct opt options[] = {
	I2C_OPTIONS(struct ens160, "0x53", "0x53, or 0x52 with ADDR low"),
	{ "temperature", OPT_DOUBLE, offsetof(struct ens160, temperature), .min = -40, .max = 85, .def = "25",
	  .unit = "Cel", .help = "temperature of the air, which the values are compensated for" },
	{ "humidity", OPT_DOUBLE, offsetof(struct ens160, humidity), .min = 0, .max = 100, .def = "50", .unit = "%",
	  .help = "relative humidity of the air, likewise" },
};

enum { AQI, TVOC, ECO2 };

static const struct channel channels[] = {
	[AQI] = { "aqi", "1", .min = 1, .max = 5,
		  .help = "index of air quality by the German UBA: 1 excellent to 5 unhealthy" },
	[TVOC] = { "tvoc", "[ppb]", .min = 0, .max = 65000, .help = "volatile organic compounds" },
	[ECO2] = { "eco2", "[ppm]", .min = 400, .max = 65000,
		   .help = "carbon dioxide as estimated from these, not measured" },
};

static int set_up(struct ens160 *s, int64_t now_us)
{
	uint16_t kelvin_64 = (uint16_t)lround((s->temperature + 273.15) * 64.0);
	uint16_t percent_512 = (uint16_t)lround(s->humidity * 512.0);
	const uint8_t compensation[] = { REG_COMPENSATION, (uint8_t)kelvin_64, (uint8_t)(kelvin_64 >> 8),
					 (uint8_t)percent_512, (uint8_t)(percent_512 >> 8) };
	uint8_t mode;
	int r = i2c_read_reg(&s->i2c, REG_MODE, &mode, 1);

	if (r < 0)
		return r;
	s->due_us = now_us;
	if (mode != STANDARD) {
		r = i2c_write_reg(&s->i2c, REG_MODE, STANDARD);
		if (r < 0)
			return r;
		s->due_us = now_us + PERIOD_US;
	}
	return i2c_write(&s->i2c, compensation, sizeof(compensation));
}

static int ens160_probe(void *state, int64_t now_us, struct sensor_error *err)
{
	struct ens160 *s = state;
	uint8_t id[2];
	int r = i2c_open(&s->i2c, err);

	if (r < 0)
		return r;
	r = i2c_read_reg(&s->i2c, REG_PART_ID, id, sizeof(id));
	if (r < 0)
		return i2c_explain(&s->i2c, r, err);
	if (bytes_le16(id) != PART_ID) {
		snprintf(err->text, sizeof(err->text), "another chip at 0x%02x: its id is 0x%04x instead of 0x0160",
			 (unsigned)s->i2c.address, bytes_le16(id));
		return -ENODEV;
	}
	return set_up(s, now_us);
}

static int64_t ens160_trigger(void *state, int64_t now_us)
{
	struct ens160 *s = state;

	return pace_wait_us(&s->due_us, now_us, PERIOD_US);
}

static int no_values(double out[])
{
	out[AQI] = out[TVOC] = out[ECO2] = NAN;
	return 0;
}

/** Not running: it lost its power, or it has not begun yet. */
static int explain_rest(struct ens160 *s, double out[])
{
	uint8_t mode;
	int r = i2c_read_reg(&s->i2c, REG_MODE, &mode, 1);

	if (r < 0)
		return r;
	return mode == STANDARD ? no_values(out) : -EIO;
}

static int ens160_collect(void *state, int64_t now_us, double out[])
{
	struct ens160 *s = state;
	uint8_t status, raw[5];
	int r, validity;

	if (now_us < s->due_us)
		return -EAGAIN;
	r = i2c_read_reg(&s->i2c, REG_STATUS, &status, 1);
	if (r < 0)
		return r;
	validity = status >> VALIDITY_SHIFT & VALIDITY_MASK;
	if (status & FAILED || validity == INVALID)
		return -EIO;
	if (!(status & RUNNING))
		return explain_rest(s, out);
	if (!(status & NEW_DATA)) {
		s->due_us = now_us + ASK_AGAIN_US;
		return -EAGAIN;
	}
	r = i2c_read_reg(&s->i2c, REG_DATA, raw, sizeof(raw)); /* which is what makes the data old */
	if (r < 0)
		return r;
	s->due_us = now_us + PERIOD_US;
	if (validity != NORMAL)
		return no_values(out);
	if ((raw[0] & INDEX_MASK) < 1 || (raw[0] & INDEX_MASK) > 5 || bytes_le16(raw + 3) < LEAST_ECO2)
		return -EIO;
	out[AQI] = raw[0] & INDEX_MASK;
	out[TVOC] = bytes_le16(raw + 1);
	out[ECO2] = bytes_le16(raw + 3);
	return 0;
}

static void ens160_close(void *state)
{
	i2c_close(&((struct ens160 *)state)->i2c);
}

static const struct i2c_identity identity = {
	.at = { { 0x52, 0x53 } },
	.is_certain = true,
	.ask = { I2C_ASK(REG_PART_ID, 2, 0xFFFF, 0x6001) },
};

const struct sensor_driver ens160_driver = {
	.name = "ens160",
	.help = "ScioSense ENS160: air quality, volatile organic compounds",
	.identity = &identity,
	.options = { options, ARRAY_LEN(options) },
	.channels = channels,
	.n_channels = ARRAY_LEN(channels),
	.state_size = sizeof(struct ens160),
	.probe = ens160_probe,
	.trigger = ens160_trigger,
	.collect = ens160_collect,
	.close = ens160_close,
};
