/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mcp9808 - Microchip MCP9808: temperature in steps of 0.5 to 0.0625 degC.
 *
 * Datasheet: Microchip MCP9808, DS20005095B. Example 5-1 there prints the magnitude of a temperature below
 * zero; here it is a plain two's complement number of 13 bits.
 * Compared with: Zephyr drivers/sensor/jedec/jc42/jc42.c; datasheet pages at hand: DS25095A p. 16, 18, 22, 27, 28.
 * Mode: shut down, then awake for one conversion; it stays awake until the next reading. Not done: alert output, limits, their locks.
 * Proven by: tests/test_driver_mcp9808.c with figures 5-4 and 5-5 of the datasheet and another project's tests; no hardware yet.
 *
 * Every reading sets resolution and mode, so a loss of power in between does no harm. The temperature has no bit that says that it is
 * new; the wait is the typical time of the datasheet, which gives no other, and a quarter more.
 */
#include <errno.h>
#include <stdio.h>

#include "base/bytes.h"
#include "drivers/i2c.h"
#include "drivers/i2c_identity.h"

enum {
	REG_CONFIG = 0x01,
	REG_TEMPERATURE = 0x05,
	REG_MAKER = 0x06,
	REG_DEVICE = 0x07,
	REG_RESOLUTION = 0x08,
	MAKER = 0x0054,
	DEVICE = 0x04, /* the low byte is the revision */
	SHUT_DOWN = 1 << 8,
	LOCKS = 3 << 6, /* of limits: with one of them set, shutdown cannot be entered (configuration register) */
};

static const char *const resolutions[] = { "0.5", "0.25", "0.125", "0.0625", NULL };
static const int32_t conversion_us[] = { 37500, 81250, 162500, 312500 }; /* 30, 65, 130, 250 ms typically */

struct mcp9808 {
	struct i2c i2c;
	int resolution;
};

static const struct opt options[] = {
	I2C_OPTIONS(struct mcp9808, "0x18", "0x18 to 0x1f by the pins A0 to A2"),
	{ "resolution", OPT_ENUM, offsetof(struct mcp9808, resolution), .def = "0.0625", .choices = resolutions,
	  .help = "step in degC; the finest takes a third of a second" },
};

static const struct channel channels[] = {
	{ "temperature", "Cel", .min = -40, .max = 125, .help = "temperature of the chip" },
};

static int mcp9808_probe(void *state, int64_t now_us, struct sensor_error *err)
{
	struct mcp9808 *s = state;
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
	if (maker != MAKER || device >> 8 != DEVICE) {
		snprintf(err->text, sizeof(err->text),
			 "another chip at 0x%02x: maker 0x%04x, device 0x%04x instead of 0x0054, 0x04..",
			 (unsigned)s->i2c.address, maker, device);
		return -ENODEV;
	}
	return 0;
}

static int64_t mcp9808_trigger(void *state, int64_t now_us)
{
	struct mcp9808 *s = state;
	int r = i2c_write_reg(&s->i2c, REG_RESOLUTION, (uint8_t)s->resolution);

	(void)now_us;
	if (r < 0)
		return r;
	r = i2c_write_reg16be(&s->i2c, REG_CONFIG, SHUT_DOWN);
	if (r < 0)
		return r;
	r = i2c_write_reg16be(&s->i2c, REG_CONFIG, 0);
	return r < 0 ? r : conversion_us[s->resolution];
}

static int mcp9808_collect(void *state, int64_t now_us, double out[])
{
	struct mcp9808 *s = state;
	uint16_t config, raw;
	int r = i2c_read_reg16be(&s->i2c, REG_CONFIG, &config);

	(void)now_us;
	if (r < 0)
		return r;
	if (config & (uint16_t)~LOCKS)
		return -EIO; /* shut down, by whom? or no such register */
	r = i2c_read_reg16be(&s->i2c, REG_TEMPERATURE, &raw);
	if (r < 0)
		return r;
	out[0] = bytes_sign_extend(raw, 13) / 16.0; /* the three bits above tell of limits */
	return 0;
}

static void mcp9808_close(void *state)
{
	i2c_close(&((struct mcp9808 *)state)->i2c);
}

static const struct i2c_identity identity = {
	.at = { { 0x18, 0x1F } },
	.is_certain = true,
	.ask = { I2C_ASK(REG_MAKER, 2, 0xFFFF, MAKER), I2C_ASK(REG_DEVICE, 2, 0xFF00, DEVICE << 8) },
};

const struct sensor_driver mcp9808_driver = {
	.name = "mcp9808",
	.help = "Microchip MCP9808: temperature",
	.identity = &identity,
	.options = { options, ARRAY_LEN(options) },
	.channels = channels,
	.n_channels = ARRAY_LEN(channels),
	.state_size = sizeof(struct mcp9808),
	.probe = mcp9808_probe,
	.trigger = mcp9808_trigger,
	.collect = mcp9808_collect,
	.close = mcp9808_close,
};
