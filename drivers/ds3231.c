/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ds3231 - the thermometer of Maxim's clock DS3231 (and DS3232): temperature in steps of 0.25 degC, within 3 degC.
 *
 * Datasheet: Maxim 19-5170 rev. 10 (March 2015).
 * Compared with: Linux drivers/rtc/rtc-ds1307.c (its thermometer); datasheet pages at hand: p. 11, and the first page of rev. 10.
 * Mode: a conversion for each reading, or the chip's own every 64 s. Not done: the clock. Where Linux uses it (dtoverlay=i2c-rtc), the
 * address is busy, and the kernel shows the thermometer under /sys/class/hwmon.
 * Proven by: tests/test_driver_ds3231.c with the example of the datasheet; no hardware yet.
 *
 * Only the bit that starts a conversion is changed. There is no id; a clock is recognised by time of day in BCD and bits that are 0.
 */
#include <errno.h>
#include <stdio.h>

#include "base/bytes.h"
#include "drivers/i2c.h"
#include "drivers/i2c_identity.h"

enum {
	REG_TIME = 0x00,
	REG_CONTROL = 0x0E,
	REG_STATUS = 0x0F,
	REG_TEMPERATURE = 0x11,
	CONVERT = 1 << 5,
	BUSY = 1 << 2,
	CONVERSION_US = 200000, /* longest */
};

struct ds3231 {
	struct i2c i2c;
	bool convert;
};

static const struct opt options[] = {
	I2C_OPTIONS(struct ds3231, "0x68", "always 0x68"),
	{ "convert", OPT_BOOL, offsetof(struct ds3231, convert), .def = "true",
	  .help = "start a conversion for each reading; false: read what the chip measures every 64 s" },
};

static const struct channel channels[] = {
	{ "temperature", "Cel", .min = -40, .max = 85, .help = "temperature of the chip" },
};

static bool is_bcd(uint8_t byte, int min, int max)
{
	int value = (byte >> 4) * 10 + (byte & 0x0F);

	return (byte & 0x0F) <= 9 && value >= min && value <= max;
}

static bool is_clock(const uint8_t t[7])
{
	bool is_hour = t[2] & 0x40 ? !(t[2] & 0x80) && is_bcd(t[2] & 0x1F, 1, 12) : is_bcd(t[2], 0, 23);

	return is_bcd(t[0], 0, 59) && is_bcd(t[1], 0, 59) && is_hour && is_bcd(t[3], 1, 7) && is_bcd(t[4], 1, 31) &&
	       is_bcd(t[5] & 0x7F, 1, 12) && is_bcd(t[6], 0, 99);
}

static int ds3231_probe(void *state, int64_t now_us, struct sensor_error *err)
{
	struct ds3231 *s = state;
	uint8_t time[7];
	int r = i2c_open(&s->i2c, err);

	(void)now_us;
	if (r < 0)
		return r;
	r = i2c_read_reg(&s->i2c, REG_TIME, time, sizeof(time));
	if (r < 0)
		return i2c_explain(&s->i2c, r, err);
	if (!is_clock(time)) {
		snprintf(err->text, sizeof(err->text),
			 "another chip at 0x%02x: what should be a time begins with %02X %02X %02X",
			 (unsigned)s->i2c.address, time[0], time[1], time[2]);
		return -ENODEV;
	}
	return 0;
}

static int64_t ds3231_trigger(void *state, int64_t now_us)
{
	struct ds3231 *s = state;
	uint8_t registers[2]; /* control, status */
	int r;

	(void)now_us;
	if (!s->convert)
		return 0;
	r = i2c_read_reg(&s->i2c, REG_CONTROL, registers, sizeof(registers));
	if (r < 0)
		return r;
	if (registers[1] & BUSY || registers[0] & CONVERT)
		return CONVERSION_US; /* its own is under way, and as good */
	r = i2c_write_reg(&s->i2c, REG_CONTROL, registers[0] | CONVERT);
	return r < 0 ? r : CONVERSION_US;
}

static int ds3231_collect(void *state, int64_t now_us, double out[])
{
	struct ds3231 *s = state;
	uint8_t raw[5]; /* control, status, aging, temperature */
	int r = i2c_read_reg(&s->i2c, REG_CONTROL, raw, sizeof(raw));

	(void)now_us;
	if (r < 0)
		return r;
	if (raw[REG_TEMPERATURE + 1 - REG_CONTROL] & 0x3F)
		return -EIO; /* always 0 in this chip */
	if (s->convert && (raw[0] & CONVERT))
		return -EAGAIN;
	out[0] = bytes_be16s(&raw[REG_TEMPERATURE - REG_CONTROL]) / 256.0;
	return 0;
}

static void ds3231_close(void *state)
{
	i2c_close(&((struct ds3231 *)state)->i2c);
}

static bool is_time(uint8_t address, const uint8_t *answer)
{
	(void)address;
	return is_clock(answer);
}

/* Other clocks at this address tell the time in the same way. */
static const struct i2c_identity identity = {
	.at = { { 0x68, 0x68 } },
	.ask = { { .write = { REG_TIME }, .n_write = 1, .n_read = 7, .fits = is_time } },
};

const struct sensor_driver ds3231_driver = {
	.name = "ds3231",
	.help = "Maxim DS3231: the thermometer of the clock",
	.identity = &identity,
	.options = { options, ARRAY_LEN(options) },
	.channels = channels,
	.n_channels = ARRAY_LEN(channels),
	.state_size = sizeof(struct ds3231),
	.probe = ds3231_probe,
	.trigger = ds3231_trigger,
	.collect = ds3231_collect,
	.close = ds3231_close,
};
