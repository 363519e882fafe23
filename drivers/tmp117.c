/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tmp117 - Texas Instruments TMP117, TMP117M and TMP117N, and TMP119: temperature to 0.1 degC.
 *
 * Datasheet: TI TMP117, SNOSD82D (September 2022); sections cited as s.n.
 * Compared with: Linux drivers/iio/temperature/tmp117.c, Zephyr drivers/sensor/ti/tmp11x/tmp11x.h; datasheet pages at hand: SNOSD82D
 * online: register map, table 7-1.
 * Mode: one-shot, and shut down in between. Not done: alerts, the offset register, EEPROM.
 * Proven by: tests/test_driver_tmp117.c with table 7-1 of the datasheet; no hardware yet.
 *
 * Every reading begins with the whole configuration, so a loss of power in between does no harm; one during a conversion leaves the
 * mode of power-on, which collect() sees.
 */
#include <errno.h>
#include <stdio.h>

#include "drivers/i2c.h"
#include "drivers/i2c_identity.h"

enum {
	REG_TEMPERATURE = 0x00,
	REG_CONFIG = 0x01,
	REG_ID = 0x0F,
	ID_MASK = 0x0FFF, /* the rest is the revision: 0 of TMP117, 2 of TMP119 */
	ID = 0x0117,
	ONE_SHOT = 3 << 10, /* s.7.6.1.3 */
	MODE_MASK = 3 << 10,
	CONTINUOUS = 0 << 10,
	AVERAGE_SHIFT = 5,
	AVERAGE_MASK = 3 << AVERAGE_SHIFT,
	DATA_READY = 1 << 13,
	EEPROM_BUSY = 1 << 12,
	NEVER_CONVERTED = 0x8000,
	CONVERSION_US = 17500, /* s.6.5, longest */
};

static const char *const averages[] = { "1", "8", "32", "64", NULL };
static const int32_t n_averaged[] = { 1, 8, 32, 64 };

struct tmp117 {
	struct i2c i2c;
	int average;
};

static const struct opt options[] = {
	I2C_OPTIONS(struct tmp117, "0x48", "0x48 to 0x4b by the pin ADD0"),
	{ "average", OPT_ENUM, offsetof(struct tmp117, average), .def = "8", .choices = averages,
	  .help = "conversions of 16 ms in the mean that is one reading; fewer are faster and have more noise" },
};

static const struct channel channels[] = {
	{ "temperature", "Cel", .min = -55, .max = 150, .help = "temperature of the chip" },
};

static int tmp117_probe(void *state, int64_t now_us, struct sensor_error *err)
{
	struct tmp117 *s = state;
	uint16_t id;
	int r = i2c_open(&s->i2c, err);

	(void)now_us;
	if (r < 0)
		return r;
	r = i2c_read_reg16be(&s->i2c, REG_ID, &id);
	if (r < 0)
		return i2c_explain(&s->i2c, r, err);
	if ((id & ID_MASK) != ID) {
		snprintf(err->text, sizeof(err->text), "another chip at 0x%02x: its id is 0x%04x instead of 0x0117",
			 (unsigned)s->i2c.address, id);
		return -ENODEV;
	}
	return 0;
}

static int64_t tmp117_trigger(void *state, int64_t now_us)
{
	struct tmp117 *s = state;
	int r = i2c_write_reg16be(&s->i2c, REG_CONFIG, (uint16_t)(ONE_SHOT | s->average << AVERAGE_SHIFT));

	(void)now_us;
	return r < 0 ? r : CONVERSION_US * n_averaged[s->average];
}

static int tmp117_collect(void *state, int64_t now_us, double out[])
{
	struct tmp117 *s = state;
	uint16_t config, raw;
	int r = i2c_read_reg16be(&s->i2c, REG_CONFIG, &config);

	(void)now_us;
	if (r < 0)
		return r;
	if ((config & MODE_MASK) == CONTINUOUS || (config & AVERAGE_MASK) != s->average << AVERAGE_SHIFT)
		return -EIO; /* it started anew; after a one-shot the mode is shutdown */
	if (config & EEPROM_BUSY || !(config & DATA_READY))
		return -EAGAIN;
	r = i2c_read_reg16be(&s->i2c, REG_TEMPERATURE, &raw);
	if (r < 0)
		return r;
	if (raw == NEVER_CONVERTED)
		return -EIO;
	out[0] = (int16_t)raw / 128.0; /* s.7.6.1.2 */
	return 0;
}

static void tmp117_close(void *state)
{
	i2c_close(&((struct tmp117 *)state)->i2c);
}

static const struct i2c_identity identity = {
	.at = { { 0x48, 0x4B } },
	.is_certain = true,
	.ask = { I2C_ASK(REG_ID, 2, ID_MASK, ID) },
};

const struct sensor_driver tmp117_driver = {
	.name = "tmp117",
	.help = "Texas Instruments TMP117, TMP119: temperature to 0.1 degC",
	.identity = &identity,
	.options = { options, ARRAY_LEN(options) },
	.channels = channels,
	.n_channels = ARRAY_LEN(channels),
	.state_size = sizeof(struct tmp117),
	.probe = tmp117_probe,
	.trigger = tmp117_trigger,
	.collect = tmp117_collect,
	.close = tmp117_close,
};
