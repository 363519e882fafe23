/* SPDX-License-Identifier: Apache-2.0 */
/*
 * adxl345 - acceleration along three axes over I2C, single readings or bursts from the chip's FIFO.
 *
 * Datasheet: Analog Devices ADXL345 rev E; registers by their names.
 * Compared with: Zephyr drivers/sensor/adi/adxl345/adxl345.h, Adafruit Adafruit_ADXL345_U.h; of the datasheet no page was at hand.
 * Mode: full resolution, 1/256 g a step in every range. Without `rate` the chip measures 100 times a second and a reading takes the
 * newest; with it all measurements go through the FIFO, 32 deep, in stream mode. A row of the FIFO is a transfer of its own, which at
 * 400 kHz allows 800 rows a second by the datasheet, more on a faster bus.
 * Not done: taps, activity, free fall, low power, offsets, SPI.
 * Proven by: tests/test_driver_adxl345.c with the datasheet's scale and a model of the FIFO; no hardware yet.
 *
 * The settings are read with each reading, so a chip that lost its power is seen.
 */
#include <errno.h>

#include "base/bytes.h"
#include "drivers/i2c.h"
#include "drivers/i2c_identity.h"

enum {
	REG_DEVID = 0x00,
	REG_BW_RATE = 0x2C,
	REG_POWER_CTL = 0x2D,
	REG_INT_SOURCE = 0x30,
	REG_DATA_FORMAT = 0x31,
	REG_DATAX0 = 0x32,
	REG_FIFO_CTL = 0x38,
	REG_FIFO_STATUS = 0x39,
	ID = 0xE5,

	POWER_STANDBY = 0,
	POWER_MEASURE = 1 << 3,
	INT_DATA_READY = 1 << 7,
	INT_OVERRUN = 1 << 0,
	FORMAT_FULL_RESOLUTION = 1 << 3,
	FIFO_BYPASS = 0,
	FIFO_STREAM = 2 << 6,
	FIFO_ENTRIES = 0x3F,

	SETTINGS_BYTES = 6, /* BW_RATE to DATA_FORMAT */
	FIFO_ROWS = 32,	    /* one more waits at the output */
	AXES = 3,
	ROW_BYTES = 6,
	POLLED = 0,
	POLLED_CODE = 10, /* 100 Hz */
};

#define STEP_MS2 (9.80665 / 256.0)

struct adxl345 {
	struct i2c i2c;
	int range, rate;
};

static const char *const ranges[] = { "2g", "4g", "8g", "16g", NULL };

static const char *const rate_names[] = { "polled", "6.25", "12.5", "25",   "50",   "100",
					  "200",    "400",  "800",  "1600", "3200", NULL };
static const struct {
	uint8_t code;
	int64_t period_us;
} rates[] = { { POLLED_CODE, 10000 }, { 6, 160000 }, { 7, 80000 }, { 8, 40000 }, { 9, 20000 }, { 10, 10000 },
	      { 11, 5000 },	      { 12, 2500 },  { 13, 1250 }, { 14, 625 },	 { 15, 313 } };

static const struct opt options[] = {
	I2C_OPTIONS(struct adxl345, "0x53", "0x53, or 0x1D with ALT ADDRESS high"),
	{ "range", OPT_ENUM, offsetof(struct adxl345, range), .def = "2g", .choices = ranges,
	  .help = "greatest acceleration each way" },
	{ "rate", OPT_ENUM, offsetof(struct adxl345, rate), .def = "polled", .choices = rate_names, .unit = "Hz",
	  .help = "every measurement the chip takes at this rate, fetched in bursts; polled: one for each `every`" },
};

static const struct channel channels[AXES] = {
	{ .name = "x", .unit = "m/s2", .min = -157, .max = 157, .help = "acceleration along x" },
	{ .name = "y", .unit = "m/s2", .min = -157, .max = 157, .help = "acceleration along y" },
	{ .name = "z", .unit = "m/s2", .min = -157, .max = 157, .help = "acceleration along z" },
};

static uint8_t data_format(const struct adxl345 *s)
{
	return (uint8_t)(FORMAT_FULL_RESOLUTION | s->range);
}

static void convert(const uint8_t raw[ROW_BYTES], double out[AXES])
{
	for (size_t i = 0; i < AXES; i++)
		out[i] = bytes_le16s(raw + 2 * i) * STEP_MS2;
}

/** In standby, as the datasheet advises; bypass empties the FIFO. */
static int adxl345_probe(void *state, int64_t now_us, struct sensor_error *err)
{
	struct adxl345 *s = state;
	const uint8_t steps[][2] = {
		{ REG_POWER_CTL, POWER_STANDBY },
		{ REG_FIFO_CTL, FIFO_BYPASS },
		{ REG_DATA_FORMAT, data_format(s) },
		{ REG_BW_RATE, rates[s->rate].code },
		{ REG_FIFO_CTL, s->rate == POLLED ? FIFO_BYPASS : FIFO_STREAM },
		{ REG_POWER_CTL, POWER_MEASURE },
	};
	int r = i2c_open(&s->i2c, err);

	(void)now_us;
	if (r == 0)
		r = i2c_check_id(&s->i2c, REG_DEVID, ID, err);
	for (size_t i = 0; r == 0 && i < ARRAY_LEN(steps); i++)
		r = i2c_write(&s->i2c, steps[i], sizeof(steps[i]));
	return r;
}

static bool has_settings(const struct adxl345 *s, const uint8_t raw[SETTINGS_BYTES])
{
	return raw[0] == rates[s->rate].code && raw[REG_POWER_CTL - REG_BW_RATE] == POWER_MEASURE &&
	       raw[REG_DATA_FORMAT - REG_BW_RATE] == data_format(s);
}

static int64_t adxl345_trigger(void *state, int64_t now_us)
{
	(void)state, (void)now_us;
	return 0;
}

static int adxl345_collect(void *state, int64_t now_us, double out[])
{
	struct adxl345 *s = state;
	uint8_t raw[SETTINGS_BYTES + ROW_BYTES];
	int r = i2c_read_reg(&s->i2c, REG_BW_RATE, raw, sizeof(raw));

	(void)now_us;
	if (r < 0)
		return r;
	if (!has_settings(s, raw))
		return -EIO;
	if (!(raw[REG_INT_SOURCE - REG_BW_RATE] & INT_DATA_READY))
		return -EAGAIN;
	convert(raw + SETTINGS_BYTES, out);
	return 0;
}

static bool adxl345_plan_burst(const void *state, struct burst_plan *out)
{
	const struct adxl345 *s = state;

	*out = (struct burst_plan){ .period_us = rates[s->rate].period_us, .capacity = FIFO_ROWS };
	return s->rate != POLLED;
}

static int adxl345_collect_burst(void *state, int64_t now_us, struct burst *out)
{
	struct adxl345 *s = state;
	uint8_t settings[SETTINGS_BYTES], status, raw[ROW_BYTES];
	size_t n;
	int r = i2c_read_reg(&s->i2c, REG_BW_RATE, settings, sizeof(settings));

	(void)now_us;
	if (r < 0)
		return r;
	if (!has_settings(s, settings))
		return -EIO;
	r = i2c_read_reg(&s->i2c, REG_FIFO_STATUS, &status, 1);
	if (r < 0)
		return r;
	n = status & FIFO_ENTRIES;
	n = n > FIFO_ROWS + 1 ? FIFO_ROWS + 1 : n;
	for (size_t i = 0; i < n; i++) {
		r = i2c_read_reg(&s->i2c, REG_DATAX0, raw, sizeof(raw)); /* all six: then the next row moves up */
		if (r < 0)
			return r;
		convert(raw, &out->values[i * AXES]);
	}
	out->n_rows = n;
	out->is_overrun = settings[REG_INT_SOURCE - REG_BW_RATE] & INT_OVERRUN;
	return 0;
}

static void adxl345_close(void *state)
{
	i2c_close(&((struct adxl345 *)state)->i2c);
}

static const struct i2c_identity identity = {
	.at = { { 0x53, 0x53 }, { 0x1D, 0x1D } },
	.is_certain = true,
	.ask = { I2C_ASK(REG_DEVID, 1, 0xFF, ID) },
};

const struct sensor_driver adxl345_driver = {
	.name = "adxl345",
	.help = "Analog Devices ADXL345: acceleration along three axes",
	.identity = &identity,
	.options = { options, ARRAY_LEN(options) },
	.channels = channels,
	.n_channels = ARRAY_LEN(channels),
	.state_size = sizeof(struct adxl345),
	.probe = adxl345_probe,
	.trigger = adxl345_trigger,
	.collect = adxl345_collect,
	.plan_burst = adxl345_plan_burst,
	.collect_burst = adxl345_collect_burst,
	.close = adxl345_close,
};
