/* SPDX-License-Identifier: Apache-2.0 */
/*
 * aht20 - ASAIR (Aosong) AHT20, AHT21, AHT25 and DHT20: relative humidity and temperature. AHT10 has no CRC and is not read.
 *
 * Datasheet: Aosong AHT20, version 1.1 (2020).
 * Compared with: Linux drivers/hwmon/aht10.c; datasheet pages at hand: DHT20 v1.0 p. 10.
 * Mode: single measurements, the only one there is; no options. Not done: soft reset.
 * Proven by: tests/test_driver_aht20.c with the frame of a real chip from another project's tests; no hardware yet.
 *
 * There is no id: a wrong chip shows by its status, or by the CRC of the first frame. A chip that was never calibrated since power-on is
 * told to, which takes 10 ms; it happens again when a loss of power made the bit go away, after the error that this is.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "drivers/i2c.h"
#include "drivers/i2c_identity.h"
#include "drivers/pace.h"

enum {
	READ_STATUS = 0x71,
	BUSY = 0x80,
	CALIBRATED = 0x08,
	CALIBRATION_US = 10000,
	CONVERSION_US = 80000,
};

enum step { MEASURE, FETCH };

struct aht20 {
	struct i2c i2c;

	enum step next;
	int64_t due_us;
};

static const struct opt options[] = {
	I2C_OPTIONS(struct aht20, "0x38", "always 0x38"),
};

enum { TEMPERATURE, HUMIDITY };

static const struct channel channels[] = {
	[TEMPERATURE] = { "temperature", "Cel", .min = -40, .max = 85, .help = "temperature of the chip" },
	[HUMIDITY] = { "humidity", "%", .min = 0, .max = 100, .help = "relative humidity at the chip" },
};

static int aht20_probe(void *state, int64_t now_us, struct sensor_error *err)
{
	static const uint8_t calibrate[] = { 0xBE, 0x08, 0x00 };
	struct aht20 *s = state;
	uint8_t status;
	int r = i2c_open(&s->i2c, err);

	if (r < 0)
		return r;
	r = i2c_read_reg(&s->i2c, READ_STATUS, &status, 1);
	if (r < 0)
		return i2c_explain(&s->i2c, r, err);
	if (status == 0xFF) {
		snprintf(err->text, sizeof(err->text), "another chip at 0x%02x: its status is 0xff",
			 (unsigned)s->i2c.address);
		return -ENODEV;
	}
	s->next = MEASURE;
	s->due_us = now_us;
	if (status & CALIBRATED)
		return 0;
	r = i2c_write(&s->i2c, calibrate, sizeof(calibrate));
	if (r < 0)
		return r;
	s->due_us = now_us + CALIBRATION_US;
	return 0;
}

static int64_t measure(struct aht20 *s, int64_t now_us)
{
	static const uint8_t command[] = { 0xAC, 0x33, 0x00 };
	int r = i2c_write(&s->i2c, command, sizeof(command));

	if (r < 0)
		return r;
	s->next = FETCH;
	s->due_us = now_us + CONVERSION_US;
	return CONVERSION_US;
}

static int64_t aht20_trigger(void *state, int64_t now_us)
{
	struct aht20 *s = state;
	int64_t wait_us = pace_wait_us(&s->due_us, now_us, CONVERSION_US);

	s->next = MEASURE;
	return wait_us > 0 ? wait_us : measure(s, now_us);
}

static int aht20_collect(void *state, int64_t now_us, double out[])
{
	struct aht20 *s = state;
	uint8_t raw[7];
	int64_t r;

	if (now_us < s->due_us)
		return -EAGAIN;
	if (s->next == MEASURE) {
		r = measure(s, now_us);
		return r < 0 ? (int)r : -EAGAIN;
	}
	r = i2c_read(&s->i2c, raw, sizeof(raw));
	if (r < 0)
		return (int)r;
	if (i2c_crc8_31(0xFF, raw, 6) != raw[6])
		return -EBADMSG;
	if (raw[0] & BUSY)
		return -EAGAIN;
	if (!(raw[0] & CALIBRATED))
		return -EIO;
	out[TEMPERATURE] = (bytes_be24(raw + 3) & 0xFFFFF) * 200.0 / 1048576.0 - 50.0;
	out[HUMIDITY] = (bytes_be24(raw + 1) >> 4) * 100.0 / 1048576.0;
	return 0;
}

static void aht20_close(void *state)
{
	i2c_close(&((struct aht20 *)state)->i2c);
}

/* A PCF8574A repeats the level of its pins. */
static bool is_frame(uint8_t address, const uint8_t *answer)
{
	(void)address;
	return (answer[0] & (BUSY | CALIBRATED)) == CALIBRATED && memcmp(answer, answer + 1, 6) != 0 &&
	       i2c_crc8_31(0xFF, answer, 6) == answer[6];
}

/* A written byte would drive the pins of a PCF8574A, so it is only read: the measurement done last, if there was one. */
static const struct i2c_identity identity = {
	.at = { { 0x38, 0x38 } },
	.harm = { { 0xAC, 0xAC }, { 0xBA, 0xBA }, { 0xBE, 0xBE }, { 0x1B, 0x1E } },
	.n_harm = 4,
	.is_certain = true,
	.ask = { { .n_read = 7, .fits = is_frame } },
};

const struct sensor_driver aht20_driver = {
	.name = "aht20",
	.help = "ASAIR AHT20, AHT21, AHT25, DHT20: relative humidity and temperature",
	.identity = &identity,
	.options = { options, ARRAY_LEN(options) },
	.channels = channels,
	.n_channels = ARRAY_LEN(channels),
	.state_size = sizeof(struct aht20),
	.probe = aht20_probe,
	.trigger = aht20_trigger,
	.collect = aht20_collect,
	.close = aht20_close,
};
