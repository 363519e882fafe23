/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bh1750 - illuminance over I2C.
 *
 * Datasheet: ROHM BH1750FVI 2011.11 rev D.
 * Compared with: Linux drivers/iio/light/bh1750.c; datasheet pages at hand: 2009.04 rev B (not D) p. 2, 10.
 * Mode: one time, after which the chip sleeps. The window (measurement time register) is written before each conversion when it is not
 * the default, so a chip that lost its power needs no care.
 * Not done: continuous modes. The chip has no identity: what acknowledges power-on is taken for one.
 * Proven by: tests/test_driver_bh1750.c with the datasheet's examples and another project's test; no hardware yet.
 *
 * A full counter is no measurement but a lower bound that sunlight passes by far: it is a gap.
 */
#include <math.h>

#include "base/bytes.h"
#include "drivers/i2c.h"
#include "drivers/i2c_identity.h"

enum {
	POWER_ON = 0x01,
	WINDOW_HIGH = 0x40, /* and the upper 3 bits */
	WINDOW_LOW = 0x60,  /* and the lower 5 */
	WINDOW_DEFAULT = 69,
	FULL = 0xFFFF,
};

struct bh1750 {
	struct i2c i2c;
	int mode;
	int64_t window;
};

static const char *const mode_names[] = { "high", "high2", "low", NULL };

static const struct {
	uint8_t command;
	int longest_us; /* with the default window */
	double per_count;
} modes[] = {
	{ 0x20, 180000, 1.0 },
	{ 0x21, 180000, 0.5 },
	{ 0x23, 24000, 1.0 },
};

static const struct opt options[] = {
	I2C_OPTIONS(struct bh1750, "0x23", "0x23, or 0x5C with ADDR high"),
	{ "mode", OPT_ENUM, offsetof(struct bh1750, mode), .def = "high", .choices = mode_names,
	  .help = "steps of 1 lx, 0.5 lx (half the range), or 4 lx in 24 ms instead of 180" },
	{ "window", OPT_INT, offsetof(struct bh1750, window), .min = 31, .max = 254, .def = "69",
	  .help = "measurement time register: sensitivity and time grow with it, the range shrinks" },
};

static const struct channel channels[] = {
	{ .name = "illuminance", .unit = "lx", .min = 0, .max = 121557, .help = "illuminance" },
};

static int bh1750_probe(void *state, int64_t now_us, struct sensor_error *err)
{
	struct bh1750 *s = state;
	const uint8_t command = POWER_ON;
	int r = i2c_open(&s->i2c, err);

	(void)now_us;
	if (r < 0)
		return r;
	r = i2c_write(&s->i2c, &command, 1);
	return r < 0 ? i2c_explain(&s->i2c, r, err) : 0;
}

static int set_window(struct bh1750 *s)
{
	const uint8_t high = (uint8_t)(WINDOW_HIGH | s->window >> 5), low = (uint8_t)(WINDOW_LOW | (s->window & 0x1F));
	int r = i2c_write(&s->i2c, &high, 1);

	return r < 0 ? r : i2c_write(&s->i2c, &low, 1);
}

static int64_t bh1750_trigger(void *state, int64_t now_us)
{
	struct bh1750 *s = state;
	int r = s->window == WINDOW_DEFAULT ? 0 : set_window(s);

	(void)now_us;
	if (r < 0)
		return r;
	r = i2c_write(&s->i2c, &modes[s->mode].command, 1);
	return r < 0 ? r : modes[s->mode].longest_us * s->window / WINDOW_DEFAULT + 1;
}

static int bh1750_collect(void *state, int64_t now_us, double out[])
{
	struct bh1750 *s = state;
	uint8_t raw[2];
	uint16_t count;
	int r;

	(void)now_us;
	r = i2c_read(&s->i2c, raw, sizeof(raw));
	if (r < 0)
		return r;
	count = bytes_be16(raw);
	out[0] = count == FULL ? NAN : count / 1.2 * WINDOW_DEFAULT / (double)s->window * modes[s->mode].per_count;
	return 0;
}

static void bh1750_close(void *state)
{
	i2c_close(&((struct bh1750 *)state)->i2c);
}

/* No id, and each byte is a command. */
static const struct i2c_identity identity = {
	.at = { { 0x23, 0x23 }, { 0x5C, 0x5C } },
	.harm = { { 0x00, 0xFF } },
	.n_harm = 1,
};

const struct sensor_driver bh1750_driver = {
	.name = "bh1750",
	.help = "ROHM BH1750: illuminance",
	.identity = &identity,
	.options = { options, ARRAY_LEN(options) },
	.channels = channels,
	.n_channels = ARRAY_LEN(channels),
	.state_size = sizeof(struct bh1750),
	.probe = bh1750_probe,
	.trigger = bh1750_trigger,
	.collect = bh1750_collect,
	.close = bh1750_close,
};
