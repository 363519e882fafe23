/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vl53l0x - distance by time of flight, over I2C.
 *
 * Datasheet: ST DS11555 (DocID029104), which names the reference registers and their values but no others. Where the result stands is
 * as in Linux, drivers/iio/proximity/vl53l0x-i2c.c; how a new one is signalled as in Pololu's library, VL53L0X.cpp.
 * Compared with: Linux drivers/iio/proximity/vl53l0x-i2c.c, Pololu vl53l0x-arduino VL53L0X.cpp, ST's API header (status 11); of the
 * datasheet no page was at hand.
 * Mode: single measurements with the settings the chip wakes up with, but for that signal, 33 ms each; it is set each time, so a chip
 * that lost its power needs no care.
 * Not done: the tuning, reference calibration, modes and signal limits that ST gives only as code. Without them the range is shorter
 * and the offset of a cover glass stays; for exact distances calibrate by an operator `scale`.
 * Proven by: tests/test_driver_vl53l0x.c with the identity of the datasheet, and the register layout of Linux; no hardware yet.
 *
 * The chip says with each distance whether it is one: anything but "range complete" (11) is a gap, and so is its 8190 or 8191 mm.
 */
#include <errno.h>
#include <math.h>

#include "base/bytes.h"
#include "drivers/i2c.h"
#include "drivers/i2c_identity.h"

enum {
	REG_START = 0x00,
	REG_INTERRUPT_CONFIG = 0x0A,
	REG_CLEAR_INTERRUPT = 0x0B,
	REG_INTERRUPT_STATUS = 0x13,
	REG_RESULT = 0x14,
	REG_MODEL = 0xC0, /* 0xEE, then 0xAA */
	MODEL = 0xEE,
	MODULE = 0xAA,

	START_SINGLE = 1,
	NEW_SAMPLE = 4, /* what is signalled; otherwise the status may stay 0 */
	INTERRUPT_MASK = 7,
	RESULT_BYTES = 12,
	AT_STATUS = 0, /* bits 3 to 6 */
	AT_DISTANCE = 10,
	RANGE_COMPLETE = 11,
	NO_TARGET_MM = 8190, /* and above */
	MEASUREMENT_US = 33000,
};

struct vl53l0x {
	struct i2c i2c;
};

static const struct opt options[] = {
	I2C_OPTIONS(struct vl53l0x, "0x29", "0x29 unless it was changed since power-on"),
};

static const struct channel channels[] = {
	{ .name = "distance", .unit = "mm", .min = 0, .max = 8189, .help = "distance of what is in front" },
};

static int vl53l0x_probe(void *state, int64_t now_us, struct sensor_error *err)
{
	struct vl53l0x *s = state;
	int r = i2c_open(&s->i2c, err);

	(void)now_us;
	if (r == 0)
		r = i2c_check_id(&s->i2c, REG_MODEL, MODEL, err);
	return r < 0 ? r : i2c_check_id(&s->i2c, REG_MODEL + 1, MODULE, err);
}

static int64_t vl53l0x_trigger(void *state, int64_t now_us)
{
	struct vl53l0x *s = state;
	int r = i2c_write_reg(&s->i2c, REG_INTERRUPT_CONFIG, NEW_SAMPLE);

	(void)now_us;
	if (r == 0)
		r = i2c_write_reg(&s->i2c, REG_CLEAR_INTERRUPT, 1);
	if (r == 0)
		r = i2c_write_reg(&s->i2c, REG_START, START_SINGLE);
	return r < 0 ? r : MEASUREMENT_US;
}

static int vl53l0x_collect(void *state, int64_t now_us, double out[])
{
	struct vl53l0x *s = state;
	uint8_t status, raw[RESULT_BYTES];
	uint16_t mm;
	int r;

	(void)now_us;
	r = i2c_read_reg(&s->i2c, REG_INTERRUPT_STATUS, &status, 1);
	if (r < 0)
		return r;
	if (!(status & INTERRUPT_MASK))
		return -EAGAIN;
	r = i2c_read_reg(&s->i2c, REG_RESULT, raw, sizeof(raw));
	if (r < 0)
		return r;
	mm = bytes_be16(&raw[AT_DISTANCE]);
	out[0] = (raw[AT_STATUS] >> 3 & 0x0F) != RANGE_COMPLETE || mm >= NO_TARGET_MM ? NAN : mm;
	return 0;
}

static void vl53l0x_close(void *state)
{
	i2c_close(&((struct vl53l0x *)state)->i2c);
}

static const struct i2c_identity identity = {
	.at = { { 0x29, 0x29 } },
	.is_certain = true,
	.ask = { I2C_ASK(REG_MODEL, 1, 0xFF, MODEL), I2C_ASK(REG_MODEL + 1, 1, 0xFF, MODULE) },
};

const struct sensor_driver vl53l0x_driver = {
	.name = "vl53l0x",
	.help = "ST VL53L0X: distance up to about 1 m",
	.identity = &identity,
	.options = { options, ARRAY_LEN(options) },
	.channels = channels,
	.n_channels = ARRAY_LEN(channels),
	.state_size = sizeof(struct vl53l0x),
	.probe = vl53l0x_probe,
	.trigger = vl53l0x_trigger,
	.collect = vl53l0x_collect,
	.close = vl53l0x_close,
};
