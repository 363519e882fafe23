/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tmp102 - Texas Instruments TMP102 and TMP112: temperature in steps of 1/16 degC.
 *
 * Datasheet: TI TMP102, SBOS397 rev. H (December 2018); sections by name.
 * Compared with: Linux drivers/hwmon/tmp102.c; datasheet pages at hand: SBOS397B p. 7, SBOS397C p. 9.
 * Mode: one-shot, and shut down in between; extended: 13 bits, for temperatures above 128 degC. Not done: alerts, SMBus alert response.
 * Proven by: tests/test_driver_tmp102.c with the tables of two other projects' tests; no hardware yet.
 *
 * There is no id, but the configuration has two bits that are always 1 and four that are always 0. Every reading begins with the whole
 * configuration; a chip that started anew during the conversion is not shut down any more, which collect() sees.
 */
#include <errno.h>
#include <stdio.h>

#include "base/bytes.h"
#include "drivers/i2c.h"
#include "drivers/i2c_identity.h"

enum {
	REG_TEMPERATURE = 0x00,
	REG_CONFIG = 0x01,
	ALWAYS_MASK = 0x600F, /* converter resolution R1 R0, and the unused end */
	ALWAYS = 0x6000,
	ONE_SHOT = 1 << 15, /* reads as 1 when the conversion is done */
	SHUT_DOWN = 1 << 8,
	CONFIG_REST = 0x60A0, /* as after power-on */
	EXTENDED = 1 << 4,
	CONVERSION_US = 35000, /* longest */
};

struct tmp102 {
	struct i2c i2c;
	bool extended;
};

static const struct opt options[] = {
	I2C_OPTIONS(struct tmp102, "0x48", "0x48 to 0x4b by the pin ADD0"),
	{ "extended", OPT_BOOL, offsetof(struct tmp102, extended), .def = "false",
	  .help = "measure above 128 degC too" },
};

static const struct channel channels[] = {
	{ "temperature", "Cel", .min = -55, .max = 150, .help = "temperature of the chip" },
};

static uint16_t config_of(const struct tmp102 *s)
{
	return (uint16_t)(CONFIG_REST | SHUT_DOWN | (s->extended ? EXTENDED : 0));
}

static double temperature_celsius(uint16_t raw, bool is_extended)
{
	/* 12 or 13 bits from the left; the last bit says which. */
	return is_extended ? bytes_sign_extend(raw >> 3, 13) / 16.0 : bytes_sign_extend(raw >> 4, 12) / 16.0;
}

static int tmp102_probe(void *state, int64_t now_us, struct sensor_error *err)
{
	struct tmp102 *s = state;
	uint16_t config;
	int r = i2c_open(&s->i2c, err);

	(void)now_us;
	if (r < 0)
		return r;
	r = i2c_read_reg16be(&s->i2c, REG_CONFIG, &config);
	if (r < 0)
		return i2c_explain(&s->i2c, r, err);
	if ((config & ALWAYS_MASK) != ALWAYS) {
		snprintf(err->text, sizeof(err->text), "another chip at 0x%02x: no TMP102 has the configuration 0x%04x",
			 (unsigned)s->i2c.address, config);
		return -ENODEV;
	}
	return 0;
}

static int64_t tmp102_trigger(void *state, int64_t now_us)
{
	struct tmp102 *s = state;
	int r = i2c_write_reg16be(&s->i2c, REG_CONFIG, config_of(s) | ONE_SHOT);

	(void)now_us;
	return r < 0 ? r : CONVERSION_US;
}

static int tmp102_collect(void *state, int64_t now_us, double out[])
{
	struct tmp102 *s = state;
	uint16_t config, raw;
	int r = i2c_read_reg16be(&s->i2c, REG_CONFIG, &config);

	(void)now_us;
	if (r < 0)
		return r;
	if ((config & (ALWAYS_MASK | SHUT_DOWN | EXTENDED)) != (config_of(s) & (ALWAYS_MASK | SHUT_DOWN | EXTENDED)))
		return -EIO;
	if (!(config & ONE_SHOT))
		return -EAGAIN;
	r = i2c_read_reg16be(&s->i2c, REG_TEMPERATURE, &raw);
	if (r < 0)
		return r;
	if ((raw & 1) != s->extended)
		return -EIO;
	out[0] = temperature_celsius(raw, s->extended);
	return 0;
}

static void tmp102_close(void *state)
{
	i2c_close(&((struct tmp102 *)state)->i2c);
}

/* No id: bits that are always so. */
static const struct i2c_identity identity = {
	.at = { { 0x48, 0x4B } },
	.ask = { I2C_ASK(REG_CONFIG, 2, ALWAYS_MASK, ALWAYS) },
};

const struct sensor_driver tmp102_driver = {
	.name = "tmp102",
	.help = "Texas Instruments TMP102, TMP112: temperature",
	.identity = &identity,
	.options = { options, ARRAY_LEN(options) },
	.channels = channels,
	.n_channels = ARRAY_LEN(channels),
	.state_size = sizeof(struct tmp102),
	.probe = tmp102_probe,
	.trigger = tmp102_trigger,
	.collect = tmp102_collect,
	.close = tmp102_close,
};
