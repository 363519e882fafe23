/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lm75 - LM75 and its many relatives: temperature with 9 bits (LM75, DS75 as it starts), 10 or 11 bits (LM75A, LM75B).
 *
 * Datasheets: NXP LM75B rev. 6.1 (February 2015), table 10; TI LM75B/LM75C, SNIS153D.
 * Compared with: Zephyr drivers/sensor/lm75/lm75.c; datasheet pages at hand: NXP rev. 6.1 p. 7, 9, 10.
 * Mode: continuous, as it powers up; the value is at most one conversion old. There is no bit that says when it was made.
 * Not done: shutdown between readings, the thermostat output, 12-bit relatives (TMP75: their four additional steps are cut off).
 * Proven by: tests/test_driver_lm75.c with table 10 of NXP's datasheet and the tests of another project; no hardware yet.
 *
 * There is no id. What is checked: bits of the configuration that are always 0, and limits of the thermostat that are not those of a
 * bus where nothing drives the line.
 */
#include <errno.h>
#include <stdio.h>

#include "base/bytes.h"
#include "drivers/i2c.h"
#include "drivers/i2c_identity.h"
#include "drivers/pace.h"

enum {
	REG_TEMPERATURE = 0x00,
	REG_CONFIG = 0x01,
	REG_HYSTERESIS = 0x02,
	REG_LIMIT = 0x03,
	CONFIG_UNUSED = 0xE0,
	SHUT_DOWN = 1 << 0,
	FIRST_CONVERSION_US = 300000, /* LM75; LM75B needs 100 ms */
	COLDEST = -55,
};

struct lm75 {
	struct i2c i2c;
	int64_t bits;

	int64_t ready_us;
};

static const struct opt options[] = {
	I2C_OPTIONS(struct lm75, "0x48", "0x48 to 0x4f by the pins A0 to A2"),
	{ "bits", OPT_INT, offsetof(struct lm75, bits), .min = 9, .max = 11, .def = "11",
	  .help = "9: LM75, whose further bits mean nothing; 11: LM75A, LM75B" },
};

static const struct channel channels[] = {
	{ "temperature", "Cel", .min = -55, .max = 125, .help = "temperature of the chip" },
};

static int refuse(const struct lm75 *s, struct sensor_error *err, const char *what, uint16_t value)
{
	snprintf(err->text, sizeof(err->text), "another chip at 0x%02x: no LM75 has the %s 0x%04x",
		 (unsigned)s->i2c.address, what, value);
	return -ENODEV;
}

static int lm75_probe(void *state, int64_t now_us, struct sensor_error *err)
{
	struct lm75 *s = state;
	uint16_t hysteresis, limit;
	uint8_t config;
	int r = i2c_open(&s->i2c, err);

	if (r < 0)
		return r;
	r = i2c_read_reg(&s->i2c, REG_CONFIG, &config, 1);
	if (r < 0)
		return i2c_explain(&s->i2c, r, err);
	if (config & CONFIG_UNUSED)
		return refuse(s, err, "configuration", config);
	r = i2c_read_reg16be(&s->i2c, REG_HYSTERESIS, &hysteresis);
	if (r < 0)
		return r;
	r = i2c_read_reg16be(&s->i2c, REG_LIMIT, &limit);
	if (r < 0)
		return r;
	if ((hysteresis == 0 && limit == 0) || hysteresis == 0xFFFF || limit == 0xFFFF)
		return refuse(s, err, "limit", limit);
	r = i2c_write_reg(&s->i2c, REG_CONFIG, config & (uint8_t)~SHUT_DOWN);
	if (r < 0)
		return r;
	s->ready_us = now_us + FIRST_CONVERSION_US;
	return 0;
}

static int64_t lm75_trigger(void *state, int64_t now_us)
{
	struct lm75 *s = state;

	return pace_wait_us(&s->ready_us, now_us, FIRST_CONVERSION_US);
}

static int lm75_collect(void *state, int64_t now_us, double out[])
{
	struct lm75 *s = state;
	uint16_t raw;
	double celsius;
	int r;

	if (now_us < s->ready_us)
		return -EAGAIN;
	r = i2c_read_reg16be(&s->i2c, REG_TEMPERATURE, &raw);
	if (r < 0)
		return r;
	celsius = bytes_sign_extend((uint32_t)raw >> (16 - s->bits), (unsigned)s->bits) * (256.0 / (1 << s->bits));
	if (raw == 0xFFFF || celsius < COLDEST)
		return -EIO; /* nothing drives the line; or 0x8000 */
	out[0] = celsius;
	return 0;
}

static void lm75_close(void *state)
{
	i2c_close(&((struct lm75 *)state)->i2c);
}

static bool is_limit(uint8_t address, const uint8_t *answer)
{
	uint16_t value = bytes_be16(answer);

	(void)address;
	return value != 0 && value != 0xFFFF;
}

/* No id: bits that are always 0, and limits that somebody may have set. */
static const struct i2c_identity identity = {
	.at = { { 0x48, 0x4F } },
	.ask = { I2C_ASK(REG_CONFIG, 1, CONFIG_UNUSED, 0),
		 { .write = { REG_HYSTERESIS }, .n_write = 1, .n_read = 2, .fits = is_limit },
		 { .write = { REG_LIMIT }, .n_write = 1, .n_read = 2, .fits = is_limit } },
};

const struct sensor_driver lm75_driver = {
	.name = "lm75",
	.help = "LM75, LM75A, LM75B and relatives: temperature",
	.identity = &identity,
	.options = { options, ARRAY_LEN(options) },
	.channels = channels,
	.n_channels = ARRAY_LEN(channels),
	.state_size = sizeof(struct lm75),
	.probe = lm75_probe,
	.trigger = lm75_trigger,
	.collect = lm75_collect,
	.close = lm75_close,
};
