/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mpu6050 - acceleration and rotation along three axes over I2C, single readings or bursts from the chip's FIFO.
 *
 * Datasheet: InvenSense PS-MPU-6000A rev 3.4; register map RM-MPU-6000A rev 4.2, sections cited as s.n.
 * Compared with: Zephyr drivers/sensor/tdk/mpu6050/mpu6050.h; datasheet pages at hand: RM-MPU-6000A rev 4.2 p. 8, 29, s.4.18.
 * Mode: clock of the x gyroscope, low-pass filter a little below half the rate. Without `rate` the chip measures 100 times a second and
 * a reading takes the newest; with it all measurements go through the FIFO of 1024 bytes: 73 rows, or 170 without rotation.
 * At 1 kHz a bus of 400 kHz is needed, or 100 kHz without rotation.
 * Not done: motion processor, auxiliary bus, interrupts, self-test.
 * Proven by: tests/test_driver_mpu6050.c with the formulas of the register map as another project's test has them, and a model of the
 * FIFO; no hardware yet.
 *
 * A FIFO that overflows loses bytes, not rows, so it is emptied then. The settings are read with each reading, so a chip that lost its
 * power is seen.
 */
#include <errno.h>

#include "base/bytes.h"
#include "drivers/i2c.h"
#include "drivers/i2c_identity.h"

enum {
	REG_SMPLRT_DIV = 0x19, /* then CONFIG, GYRO_CONFIG, ACCEL_CONFIG */
	REG_FIFO_EN = 0x23,
	REG_INT_STATUS = 0x3A, /* right before the data */
	REG_USER_CTRL = 0x6A,
	REG_PWR_MGMT_1 = 0x6B,
	REG_PWR_MGMT_2 = 0x6C,
	REG_FIFO_COUNT = 0x72,
	REG_FIFO_R_W = 0x74,
	REG_WHO_AM_I = 0x75,
	ID = 0x68,

	CLOCK_GYRO_X = 1,
	CLOCK_INTERNAL = 0,
	STANDBY_GYROS = 7,
	FIFO_EN_ALL = 0xF8,
	FIFO_EN_ACCELERATION = 0x08,
	USER_FIFO_ENABLE = 1 << 6,
	USER_FIFO_RESET = 1 << 2,
	INT_OVERFLOW = 1 << 4,
	INT_DATA_READY = 1 << 0,
	SCALE_SHIFT = 3,

	FIFO_BYTES = 1024,
	AXES = 3,
	ALL_CHANNELS = 7,
	ALL_ROW_BYTES = 14,
	ACCELERATION_ROW_BYTES = 6,
	POLLED = 0,
	START_UP_US = 60000, /* of the gyroscopes 30 ms, and of the filter */
};

#define STANDARD_GRAVITY 9.80665

struct mpu6050 {
	struct i2c i2c;
	int acceleration_range, rotation_range, rate;
	bool has_rotation;
	bool is_started; /* since probe() */
};

static const char *const acceleration_ranges[] = { "2g", "4g", "8g", "16g", NULL };
static const char *const rotation_ranges[] = { "250", "500", "1000", "2000", NULL };
static const double steps_per_degree[] = { 131.0, 65.5, 32.8, 16.4 }; /* s.4.19 */

static const char *const rate_names[] = { "polled", "10", "20", "25", "50", "100", "200", "250", "500", "1000", NULL };
static const struct {
	uint8_t divider, filter; /* s.4.2 at 1 kHz, s.4.3 */
	int64_t period_us;
} rates[] = { { 9, 3, 10000 }, { 99, 6, 100000 }, { 49, 6, 50000 }, { 39, 5, 40000 }, { 19, 4, 20000 },
	      { 9, 3, 10000 }, { 4, 2, 5000 },	  { 3, 2, 4000 },   { 1, 1, 2000 },   { 0, 1, 1000 } };

static const struct opt options[] = {
	I2C_OPTIONS(struct mpu6050, "0x68", "0x68, or 0x69 with AD0 high"),
	{ "acceleration_range", OPT_ENUM, offsetof(struct mpu6050, acceleration_range), .def = "2g",
	  .choices = acceleration_ranges, .help = "greatest acceleration each way" },
	{ "rotation_range", OPT_ENUM, offsetof(struct mpu6050, rotation_range), .def = "250",
	  .choices = rotation_ranges, .unit = "deg/s", .help = "greatest rotation each way" },
	{ "rotation", OPT_BOOL, offsetof(struct mpu6050, has_rotation), .def = "true",
	  .help = "measure rotation and temperature too; without, a burst takes less than half the time" },
	{ "rate", OPT_ENUM, offsetof(struct mpu6050, rate), .def = "polled", .choices = rate_names, .unit = "Hz",
	  .help = "every measurement the chip takes at this rate, fetched in bursts; polled: one for each `every`" },
};

/* In the order of the registers, which is that of the FIFO. */
static const struct channel channels[ALL_CHANNELS] = {
	{ .name = "x", .unit = "m/s2", .min = -157, .max = 157, .help = "acceleration along x" },
	{ .name = "y", .unit = "m/s2", .min = -157, .max = 157, .help = "acceleration along y" },
	{ .name = "z", .unit = "m/s2", .min = -157, .max = 157, .help = "acceleration along z" },
	{ .name = "temperature", .unit = "Cel", .min = -40, .max = 85, .help = "temperature of the chip" },
	{ .name = "rotation_x", .unit = "deg/s", .min = -2000, .max = 2000, .help = "rotation around x" },
	{ .name = "rotation_y", .unit = "deg/s", .min = -2000, .max = 2000, .help = "rotation around y" },
	{ .name = "rotation_z", .unit = "deg/s", .min = -2000, .max = 2000, .help = "rotation around z" },
};

static size_t row_bytes(const struct mpu6050 *s)
{
	return s->has_rotation ? ALL_ROW_BYTES : ACCELERATION_ROW_BYTES;
}

static size_t n_channels(const struct mpu6050 *s)
{
	return s->has_rotation ? ALL_CHANNELS : AXES;
}

static int mpu6050_describe(void *state, struct arena *a, const struct channel **out, struct sensor_error *err)
{
	(void)a, (void)err;
	*out = channels;
	return (int)n_channels(state);
}

static void convert(const struct mpu6050 *s, const uint8_t *raw, double out[])
{
	double g = 1.0 / (double)(16384 >> s->acceleration_range); /* s.4.17 */

	for (size_t i = 0; i < AXES; i++)
		out[i] = bytes_be16s(raw + 2 * i) * g * STANDARD_GRAVITY;
	if (!s->has_rotation)
		return;
	out[AXES] = bytes_be16s(raw + 6) / 340.0 + 36.53; /* s.4.18 */
	for (size_t i = 0; i < AXES; i++)
		out[AXES + 1 + i] = bytes_be16s(raw + 8 + 2 * i) / steps_per_degree[s->rotation_range];
}

static uint8_t pwr_mgmt_1(const struct mpu6050 *s)
{
	return s->has_rotation ? CLOCK_GYRO_X : CLOCK_INTERNAL;
}

static uint8_t user_ctrl(const struct mpu6050 *s)
{
	return s->rate == POLLED ? 0 : USER_FIFO_ENABLE;
}

static int empty_fifo(struct mpu6050 *s)
{
	int r = i2c_write_reg(&s->i2c, REG_USER_CTRL, USER_FIFO_RESET); /* only while it is not enabled */

	return r < 0 ? r : i2c_write_reg(&s->i2c, REG_USER_CTRL, user_ctrl(s));
}

static int mpu6050_probe(void *state, int64_t now_us, struct sensor_error *err)
{
	struct mpu6050 *s = state;
	const uint8_t wanted = s->has_rotation ? FIFO_EN_ALL : FIFO_EN_ACCELERATION;
	const uint8_t steps[][2] = {
		{ REG_PWR_MGMT_1, pwr_mgmt_1(s) }, /* wakes it; the rest is ignored while it sleeps */
		{ REG_PWR_MGMT_2, s->has_rotation ? 0 : STANDBY_GYROS },
		{ REG_SMPLRT_DIV, rates[s->rate].divider },
		{ REG_SMPLRT_DIV + 1, rates[s->rate].filter },
		{ REG_SMPLRT_DIV + 2, (uint8_t)(s->rotation_range << SCALE_SHIFT) },
		{ REG_SMPLRT_DIV + 3, (uint8_t)(s->acceleration_range << SCALE_SHIFT) },
		{ REG_USER_CTRL, 0 },
		{ REG_FIFO_EN, s->rate == POLLED ? 0 : wanted },
	};
	int r = i2c_open(&s->i2c, err);

	(void)now_us;
	s->is_started = false;
	if (r == 0)
		r = i2c_check_id(&s->i2c, REG_WHO_AM_I, ID, err);
	for (size_t i = 0; r == 0 && i < ARRAY_LEN(steps); i++)
		r = i2c_write(&s->i2c, steps[i], sizeof(steps[i]));
	return r < 0 ? r : empty_fifo(s);
}

/** @return 0, or -EIO: it lost them, and sleeps */
static int check_settings(struct mpu6050 *s)
{
	uint8_t raw[2];
	int r = i2c_read_reg(&s->i2c, REG_USER_CTRL, raw, sizeof(raw));

	if (r < 0)
		return r;
	return raw[0] == user_ctrl(s) && raw[1] == pwr_mgmt_1(s) ? 0 : -EIO;
}

static int64_t mpu6050_trigger(void *state, int64_t now_us)
{
	struct mpu6050 *s = state;
	int r = check_settings(s);

	(void)now_us;
	if (r < 0)
		return r;
	return s->is_started ? 0 : START_UP_US;
}

static int mpu6050_collect(void *state, int64_t now_us, double out[])
{
	struct mpu6050 *s = state;
	uint8_t raw[1 + ALL_ROW_BYTES];
	int r = i2c_read_reg(&s->i2c, REG_INT_STATUS, raw, sizeof(raw));

	(void)now_us;
	if (r < 0)
		return r;
	if (!s->is_started && !(raw[0] & INT_DATA_READY))
		return -EAGAIN;
	s->is_started = true;
	convert(s, raw + 1, out);
	return 0;
}

static bool mpu6050_plan_burst(const void *state, struct burst_plan *out)
{
	const struct mpu6050 *s = state;

	*out = (struct burst_plan){ .period_us = rates[s->rate].period_us, .capacity = FIFO_BYTES / row_bytes(s) };
	return s->rate != POLLED;
}

static int read_rows(struct mpu6050 *s, size_t n, double *values)
{
	uint8_t raw[I2C_MAX_BYTES];
	size_t bytes = row_bytes(s), at_once = sizeof(raw) / bytes;

	for (size_t done = 0; done < n; done += at_once) {
		size_t rows = n - done < at_once ? n - done : at_once;
		int r = i2c_read_reg(&s->i2c, REG_FIFO_R_W, raw, rows * bytes);

		if (r < 0)
			return r;
		for (size_t i = 0; i < rows; i++)
			convert(s, &raw[i * bytes], &values[(done + i) * n_channels(s)]);
	}
	return 0;
}

static int mpu6050_collect_burst(void *state, int64_t now_us, struct burst *out)
{
	struct mpu6050 *s = state;
	uint8_t status, raw[2];
	size_t n;
	int r = check_settings(s);

	(void)now_us;
	if (r < 0)
		return r;
	r = i2c_read_reg(&s->i2c, REG_INT_STATUS, &status, 1);
	if (r < 0)
		return r;
	r = i2c_read_reg(&s->i2c, REG_FIFO_COUNT, raw, sizeof(raw));
	if (r < 0)
		return r;
	if (status & INT_OVERFLOW || bytes_be16(raw) >= FIFO_BYTES) {
		r = i2c_write_reg(&s->i2c, REG_USER_CTRL, 0);
		if (r == 0)
			r = empty_fifo(s);
		out->n_rows = 0;
		out->is_overrun = true;
		return r;
	}
	n = bytes_be16(raw) / row_bytes(s);
	r = read_rows(s, n, out->values);
	if (r < 0)
		return r;
	out->n_rows = n;
	out->is_overrun = false;
	return 0;
}

static void mpu6050_close(void *state)
{
	i2c_close(&((struct mpu6050 *)state)->i2c);
}

static const struct i2c_identity identity = {
	.at = { { 0x68, 0x69 } },
	.is_certain = true,
	.ask = { I2C_ASK(REG_WHO_AM_I, 1, 0xFF, ID) },
};

const struct sensor_driver mpu6050_driver = {
	.name = "mpu6050",
	.help = "InvenSense MPU-6050: acceleration, rotation and temperature",
	.identity = &identity,
	.options = { options, ARRAY_LEN(options) },
	.channels = channels,
	.n_channels = ARRAY_LEN(channels),
	.state_size = sizeof(struct mpu6050),
	.describe = mpu6050_describe,
	.probe = mpu6050_probe,
	.trigger = mpu6050_trigger,
	.collect = mpu6050_collect,
	.plan_burst = mpu6050_plan_burst,
	.collect_burst = mpu6050_collect_burst,
	.close = mpu6050_close,
};
