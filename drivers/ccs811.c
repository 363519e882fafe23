/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ccs811 - ams CCS811: volatile organic compounds and the carbon dioxide that goes with them.
 *
 * Datasheet: ams DS000459, v1-06 (February 2019).
 * Compared with: Linux drivers/iio/chemical/ccs811.c, Zephyr drivers/sensor/ams/ccs811/ccs811.c; datasheet pages at hand: v1-06 p. 18,
 * v1-00 p. 16 and 22.
 * Mode: one of the chip's three periods; `every` should not be shorter. Not done: raw data every 0.25 s, saving and restoring the
 * baseline (it drifts in by itself), interrupts, new firmware, the pin nWAKE (tie it low). Going from a short period to a longer one
 * the chip should rest for 10 minutes: cut its power.
 * Proven by: tests/test_driver_ccs811.c with another project's tests; no hardware yet.
 *
 * It starts in a boot loader, and falls back into it when it loses its power, which collect() sees by its status. It stretches the clock;
 * i2c-gpio copes with that where an adapter does not. Temperature and humidity, which it compensates for, are constants here.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>

#include "base/bytes.h"
#include "drivers/i2c.h"
#include "drivers/i2c_identity.h"
#include "drivers/pace.h"

enum {
	REG_STATUS = 0x00,
	REG_MODE = 0x01,
	REG_RESULT = 0x02, /* eCO2, TVOC, and a status that is wrong in firmware before 2.0.0 */
	REG_ENVIRONMENT = 0x05,
	REG_ID = 0x20,
	REG_ERROR = 0xE0, /* reading it, and nothing else, takes the error away */
	START_APPLICATION = 0xF4,
	ID = 0x81,
	IN_APPLICATION = 1 << 7,
	HAS_APPLICATION = 1 << 4,
	DATA_READY = 1 << 3,
	FAILED = 1 << 0,
	RESULT_BYTES = 4,
	MODE_SHIFT = 4,
	START_US = 2000, /* 1 ms */
	ASK_AGAIN_US = 20000,
	LEAST_ECO2 = 400,
	MOST_ECO2 = 29206,
	MOST_TVOC = 32768,
};

static const char *const periods[] = { "1s", "10s", "60s", NULL };
static const int32_t period_us[] = { 1000000, 10000000, 60000000 };

struct ccs811 {
	struct i2c i2c;
	int period;
	double temperature, humidity;

	bool is_set_up;
	int64_t due_us;
};

static const struct opt options[] = {
	I2C_OPTIONS(struct ccs811, "0x5a", "0x5a, or 0x5b with ADDR high"),
	{ "period", OPT_ENUM, offsetof(struct ccs811, period), .def = "1s", .choices = periods,
	  .help = "time from one measurement to the next; the longer ones save current" },
	{ "temperature", OPT_DOUBLE, offsetof(struct ccs811, temperature), .min = -25, .max = 100, .def = "25",
	  .unit = "Cel", .help = "temperature of the air, which the values are compensated for" },
	{ "humidity", OPT_DOUBLE, offsetof(struct ccs811, humidity), .min = 0, .max = 100, .def = "50", .unit = "%",
	  .help = "relative humidity of the air, likewise" },
};

enum { ECO2, TVOC };

static const struct channel channels[] = {
	[ECO2] = { "eco2", "[ppm]", .min = LEAST_ECO2, .max = MOST_ECO2,
		   .help = "carbon dioxide as estimated, not measured" },
	[TVOC] = { "tvoc", "[ppb]", .min = 0, .max = MOST_TVOC, .help = "volatile organic compounds" },
};

/** Period and compensation, in the application only. */
static int set_up(struct ccs811 *s, int64_t now_us)
{
	uint8_t mode, wanted = (uint8_t)((s->period + 1) << MODE_SHIFT);
	uint16_t percent_512 = (uint16_t)lround(s->humidity * 512.0);
	uint16_t celsius_512 = (uint16_t)lround((s->temperature + 25.0) * 512.0);
	const uint8_t environment[] = { REG_ENVIRONMENT, (uint8_t)(percent_512 >> 8), (uint8_t)percent_512,
					(uint8_t)(celsius_512 >> 8), (uint8_t)celsius_512 };
	int r = i2c_read_reg(&s->i2c, REG_MODE, &mode, 1);

	if (r < 0)
		return r;
	s->due_us = now_us;
	if (mode != wanted) {
		r = i2c_write_reg(&s->i2c, REG_MODE, wanted);
		if (r < 0)
			return r;
		s->due_us = now_us + period_us[s->period];
	}
	r = i2c_write(&s->i2c, environment, sizeof(environment));
	if (r < 0)
		return r;
	s->is_set_up = true;
	return 0;
}

static int ccs811_probe(void *state, int64_t now_us, struct sensor_error *err)
{
	static const uint8_t start = START_APPLICATION;
	struct ccs811 *s = state;
	uint8_t status;
	int r = i2c_open(&s->i2c, err);

	if (r < 0)
		return r;
	r = i2c_check_id(&s->i2c, REG_ID, ID, err);
	if (r < 0)
		return r;
	r = i2c_read_reg(&s->i2c, REG_STATUS, &status, 1);
	if (r < 0)
		return r;
	s->is_set_up = false;
	if (status & IN_APPLICATION)
		return set_up(s, now_us);
	if (!(status & HAS_APPLICATION)) {
		snprintf(err->text, sizeof(err->text), "the chip has no firmware: status 0x%02x", status);
		return -ENODEV;
	}
	r = i2c_write(&s->i2c, &start, 1);
	s->due_us = now_us + START_US;
	return r;
}

static int64_t ccs811_trigger(void *state, int64_t now_us)
{
	struct ccs811 *s = state;

	return pace_wait_us(&s->due_us, now_us, period_us[s->period]);
}

static int finish_start(struct ccs811 *s, int64_t now_us, double out[])
{
	uint8_t status;
	int r = i2c_read_reg(&s->i2c, REG_STATUS, &status, 1);

	if (r < 0)
		return r;
	if (!(status & IN_APPLICATION))
		return -EIO;
	r = set_up(s, now_us);
	if (r < 0)
		return r;
	out[ECO2] = out[TVOC] = NAN; /* the first are a period away */
	return 0;
}

/** Otherwise every reading from now on would fail. @return -EIO, or the error of the transfer */
static int forget_error(struct ccs811 *s)
{
	uint8_t error;
	int r = i2c_read_reg(&s->i2c, REG_ERROR, &error, 1);

	return r < 0 ? r : -EIO;
}

static int ccs811_collect(void *state, int64_t now_us, double out[])
{
	struct ccs811 *s = state;
	uint8_t status, raw[RESULT_BYTES];
	uint16_t eco2, tvoc;
	int r;

	if (now_us < s->due_us)
		return -EAGAIN;
	if (!s->is_set_up)
		return finish_start(s, now_us, out);
	r = i2c_read_reg(&s->i2c, REG_STATUS, &status, 1);
	if (r < 0)
		return r;
	if (status & FAILED)
		return forget_error(s);
	if (!(status & IN_APPLICATION))
		return -EIO;
	if (!(status & DATA_READY)) {
		s->due_us = now_us + ASK_AGAIN_US;
		return -EAGAIN;
	}
	r = i2c_read_reg(&s->i2c, REG_RESULT, raw, sizeof(raw));
	if (r < 0)
		return r;
	s->due_us = now_us + period_us[s->period];
	eco2 = bytes_be16(raw);
	tvoc = bytes_be16(raw + 2);
	if (eco2 > MOST_ECO2 || tvoc > MOST_TVOC)
		return -EIO;
	out[ECO2] = eco2 < LEAST_ECO2 ? NAN : eco2; /* 0: what it says before it can tell */
	out[TVOC] = eco2 < LEAST_ECO2 ? NAN : tvoc;
	return 0;
}

static void ccs811_close(void *state)
{
	i2c_close(&((struct ccs811 *)state)->i2c);
}

/* 0xF4 starts the firmware of one that has just been powered on. */
static const struct i2c_identity identity = {
	.at = { { 0x5A, 0x5B } },
	.harm = { { 0xF4, 0xF4 } },
	.n_harm = 1,
	.is_certain = true,
	.ask = { I2C_ASK(REG_ID, 1, 0xFF, ID) },
};

const struct sensor_driver ccs811_driver = {
	.name = "ccs811",
	.help = "ams CCS811: volatile organic compounds, estimated carbon dioxide",
	.identity = &identity,
	.options = { options, ARRAY_LEN(options) },
	.channels = channels,
	.n_channels = ARRAY_LEN(channels),
	.state_size = sizeof(struct ccs811),
	.probe = ccs811_probe,
	.trigger = ccs811_trigger,
	.collect = ccs811_collect,
	.close = ccs811_close,
};
