/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lis3dh - acceleration along three axes over I2C, single readings or bursts from the chip's FIFO.
 *
 * Datasheet: ST DocID17530 rev 2; sections cited as s.n. Application note: ST AN3308.
 * Compared with: Zephyr drivers/sensor/st/lis2dh/lis2dh.h, Adafruit Adafruit_LIS3DH.h; datasheet pages at hand: rev 2, first page only.
 * Mode: high resolution, 12 bits. Without `rate` the chip measures 100 times a second and a reading takes the newest; with it all
 * measurements go through the FIFO, 32 deep, in stream mode.
 * Not done: low-power rates up to 5.4 kHz, interrupts, filters, ADC and temperature.
 * Proven by: tests/test_driver_lis3dh.c with the table of AN3308 and a model of the FIFO; no hardware yet.
 *
 * The settings are read with each reading, so a chip that lost its power is seen.
 */
#include <errno.h>

#include "base/bytes.h"
#include "drivers/i2c.h"
#include "drivers/i2c_identity.h"

enum {
	REG_WHO_AM_I = 0x0F,
	REG_CTRL1 = 0x20,
	REG_CTRL4 = 0x23,
	REG_CTRL5 = 0x24,
	REG_STATUS = 0x27, /* right before the data */
	REG_FIFO_CTRL = 0x2E,
	REG_FIFO_SRC = 0x2F,
	REG_DATA = 0x28,
	AUTO_INCREMENT = 0x80,
	ID = 0x33,

	CTRL1_XYZ = 7,
	RATE_SHIFT = 4,
	CTRL4_COHERENT = 1 << 7,
	CTRL4_HIGH_RESOLUTION = 1 << 3,
	SCALE_SHIFT = 4,
	CTRL5_FIFO = 1 << 6,
	FIFO_BYPASS = 0,
	FIFO_STREAM = 2 << 6,
	FIFO_SRC_OVERRUN = 1 << 6,
	FIFO_SRC_UNREAD = 0x1F,
	STATUS_XYZ = 1 << 3,

	SETTINGS_BYTES = 5, /* CTRL1 to CTRL5 */
	FIFO_ROWS = 32,
	AXES = 3,
	ROW_BYTES = 6,
	POLLED = 0,
	POLLED_CODE = 5, /* 100 Hz */
};

#define STANDARD_GRAVITY 9.80665

struct lis3dh {
	struct i2c i2c;
	int range, rate;
};

static const char *const ranges[] = { "2g", "4g", "8g", "16g", NULL };
static const double step_g[] = { 0.001, 0.002, 0.004, 0.012 }; /* s.2.1, high resolution */

static const char *const rate_names[] = { "polled", "1", "10", "25", "50", "100", "200", "400", "1344", NULL };
static const struct {
	uint8_t code; /* s.8.8 */
	int64_t period_us;
} rates[] = { { POLLED_CODE, 10000 }, { 1, 1000000 }, { 2, 100000 }, { 3, 40000 }, { 4, 20000 },
	      { 5, 10000 },	      { 6, 5000 },    { 7, 2500 },   { 9, 744 } };

static const struct opt options[] = {
	I2C_OPTIONS(struct lis3dh, "0x18", "0x18, or 0x19 with SDO high"),
	{ "range", OPT_ENUM, offsetof(struct lis3dh, range), .def = "2g", .choices = ranges,
	  .help = "greatest acceleration each way" },
	{ "rate", OPT_ENUM, offsetof(struct lis3dh, rate), .def = "polled", .choices = rate_names, .unit = "Hz",
	  .help = "every measurement the chip takes at this rate, fetched in bursts; polled: one for each `every`" },
};

static const struct channel channels[AXES] = {
	{ .name = "x", .unit = "m/s2", .min = -241, .max = 241, .help = "acceleration along x" },
	{ .name = "y", .unit = "m/s2", .min = -241, .max = 241, .help = "acceleration along y" },
	{ .name = "z", .unit = "m/s2", .min = -241, .max = 241, .help = "acceleration along z" },
};

static uint8_t ctrl1(const struct lis3dh *s)
{
	return (uint8_t)(rates[s->rate].code << RATE_SHIFT | CTRL1_XYZ);
}

static uint8_t ctrl4(const struct lis3dh *s)
{
	return (uint8_t)(CTRL4_COHERENT | s->range << SCALE_SHIFT | CTRL4_HIGH_RESOLUTION);
}

static uint8_t ctrl5(const struct lis3dh *s)
{
	return s->rate == POLLED ? 0 : CTRL5_FIFO;
}

static void convert(const struct lis3dh *s, const uint8_t raw[ROW_BYTES], double out[AXES])
{
	for (size_t i = 0; i < AXES; i++) /* 12 bits, left-justified */
		out[i] = bytes_le16s(raw + 2 * i) / 16.0 * step_g[s->range] * STANDARD_GRAVITY;
}

/** Still, then the FIFO empty by bypass (s.5.1.1), then all settings, and the rate last. */
static int lis3dh_probe(void *state, int64_t now_us, struct sensor_error *err)
{
	struct lis3dh *s = state;
	const uint8_t steps[][2] = {
		{ REG_CTRL1, 0 },
		{ REG_FIFO_CTRL, FIFO_BYPASS },
		{ REG_CTRL4, ctrl4(s) },
		{ REG_CTRL5, ctrl5(s) },
		{ REG_FIFO_CTRL, s->rate == POLLED ? FIFO_BYPASS : FIFO_STREAM },
		{ REG_CTRL1, ctrl1(s) },
	};
	int r = i2c_open(&s->i2c, err);

	(void)now_us;
	if (r == 0)
		r = i2c_check_id(&s->i2c, REG_WHO_AM_I, ID, err);
	for (size_t i = 0; r == 0 && i < ARRAY_LEN(steps); i++)
		r = i2c_write(&s->i2c, steps[i], sizeof(steps[i]));
	return r;
}

/** @return 0, or -EIO: it lost them */
static int check_settings(struct lis3dh *s)
{
	uint8_t raw[SETTINGS_BYTES];
	int r = i2c_read_reg(&s->i2c, REG_CTRL1 | AUTO_INCREMENT, raw, sizeof(raw));

	if (r < 0)
		return r;
	return raw[0] == ctrl1(s) && raw[REG_CTRL4 - REG_CTRL1] == ctrl4(s) && raw[REG_CTRL5 - REG_CTRL1] == ctrl5(s)
		       ? 0
		       : -EIO;
}

static int64_t lis3dh_trigger(void *state, int64_t now_us)
{
	(void)now_us;
	return check_settings(state);
}

static int lis3dh_collect(void *state, int64_t now_us, double out[])
{
	struct lis3dh *s = state;
	uint8_t raw[1 + ROW_BYTES];
	int r = i2c_read_reg(&s->i2c, REG_STATUS | AUTO_INCREMENT, raw, sizeof(raw));

	(void)now_us;
	if (r < 0)
		return r;
	if (!(raw[0] & STATUS_XYZ))
		return -EAGAIN;
	convert(s, raw + 1, out);
	return 0;
}

static bool lis3dh_plan_burst(const void *state, struct burst_plan *out)
{
	const struct lis3dh *s = state;

	*out = (struct burst_plan){ .period_us = rates[s->rate].period_us, .capacity = FIFO_ROWS };
	return s->rate != POLLED;
}

/** While the FIFO is on, reading past the data begins again at the next row (AN3308 s.9.5). */
static int lis3dh_collect_burst(void *state, int64_t now_us, struct burst *out)
{
	struct lis3dh *s = state;
	uint8_t source, raw[FIFO_ROWS * ROW_BYTES];
	size_t n;
	int r = check_settings(s);

	(void)now_us;
	if (r < 0)
		return r;
	r = i2c_read_reg(&s->i2c, REG_FIFO_SRC, &source, 1);
	if (r < 0)
		return r;
	n = source & FIFO_SRC_OVERRUN ? FIFO_ROWS : source & FIFO_SRC_UNREAD;
	if (n > 0)
		r = i2c_read_reg(&s->i2c, REG_DATA | AUTO_INCREMENT, raw, n * ROW_BYTES);
	if (r < 0)
		return r;
	for (size_t i = 0; i < n; i++)
		convert(s, &raw[i * ROW_BYTES], &out->values[i * AXES]);
	out->n_rows = n;
	out->is_overrun = source & FIFO_SRC_OVERRUN;
	return 0;
}

static void lis3dh_close(void *state)
{
	i2c_close(&((struct lis3dh *)state)->i2c);
}

static const struct i2c_identity identity = {
	.at = { { 0x18, 0x19 } },
	.is_certain = true,
	.ask = { I2C_ASK(REG_WHO_AM_I, 1, 0xFF, ID) },
};

const struct sensor_driver lis3dh_driver = {
	.name = "lis3dh",
	.help = "ST LIS3DH: acceleration along three axes",
	.identity = &identity,
	.options = { options, ARRAY_LEN(options) },
	.channels = channels,
	.n_channels = ARRAY_LEN(channels),
	.state_size = sizeof(struct lis3dh),
	.probe = lis3dh_probe,
	.trigger = lis3dh_trigger,
	.collect = lis3dh_collect,
	.plan_burst = lis3dh_plan_burst,
	.collect_burst = lis3dh_collect_burst,
	.close = lis3dh_close,
};
