/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ina219 - voltage, current and power by a shunt, over I2C.
 *
 * Datasheet: TI SBOS448G; sections cited as s.n.
 * Compared with: Linux drivers/hwmon/ina2xx.c, Zephyr drivers/sensor/ti/ina219/ina219.h; datasheet pages at hand: SBOS448G p. 15, 23 and
 * contents, SBOS448F p. 27, 30.
 * Mode: shunt and bus triggered, once for each reading. Current and power are computed here from the shunt's voltage: the chip's own
 * registers hold the same product rounded to a calibrated step, and lose their calibration with the power.
 * Not done: continuous mode, 9 to 11 bits. A shunt's voltage beyond the range reads as the end of the range.
 * Proven by: tests/test_driver_ina219.c with the datasheet's worked example and another project's tests; no hardware yet.
 *
 * All settings are written with each trigger, so a chip that lost its power needs no care. It has no identity.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>

#include "base/bytes.h"
#include "drivers/i2c.h"
#include "drivers/i2c_identity.h"

enum {
	REG_CONFIG = 0,
	REG_SHUNT = 1,
	REG_BUS = 2,
	REG_CALIBRATION = 5, /* not used: current is computed here */

	CONFIG_32V = 1 << 13,
	CONFIG_TRIGGERED = 3,
	GAIN_SHIFT = 11,
	BUS_ADC_SHIFT = 7,
	SHUNT_ADC_SHIFT = 3,
	ADC_12_BITS = 3,
	ADC_AVERAGE = 8, /* and the logarithm of how many */

	BUS_READY = 1 << 1,
	BUS_OVERFLOW = 1 << 0,

	CONVERSION_US = 586, /* longest, s.7.5 */
	WAKE_UP_US = 40,
};

#define SHUNT_STEP_V 10e-6 /* s.8.6.3.1 */
#define BUS_STEP_V 4e-3	   /* s.8.6.3.2 */
#define GREATEST_SHUNT_V 0.32

enum { VOLTAGE, CURRENT, POWER, N_CHANNELS };

struct ina219 {
	struct i2c i2c;
	double shunt_ohm, max_current_a;
	int averaging, bus_range;

	int gain; /* code: 40, 80, 160, 320 mV */
	struct channel channels[N_CHANNELS];
};

static const char *const averagings[] = { "1", "2", "4", "8", "16", "32", "64", "128", NULL };
static const char *const bus_ranges[] = { "16V", "32V", NULL };

static const struct opt options[] = {
	I2C_OPTIONS(struct ina219, "0x40", "0x40 to 0x4F, by the A0 and A1 pins"),
	{ "shunt", OPT_DOUBLE, offsetof(struct ina219, shunt_ohm), .min = 1e-5, .max = 100, .def = "0.1", .unit = "Ohm",
	  .help = "resistance of the shunt" },
	{ "max_current", OPT_DOUBLE, offsetof(struct ina219, max_current_a), .min = 1e-6, .max = 1e4, .unit = "A",
	  .help = "greatest current to measure; default: what 320 mV at the shunt are" },
	{ "averaging", OPT_ENUM, offsetof(struct ina219, averaging), .def = "1", .choices = averagings,
	  .help = "conversions averaged by the chip, 1.2 ms each" },
	{ "bus_range", OPT_ENUM, offsetof(struct ina219, bus_range), .def = "32V", .choices = bus_ranges,
	  .help = "greatest voltage of the bus; the chip bears 26 V" },
};

static const struct channel channels[N_CHANNELS] = {
	[VOLTAGE] = { .name = "voltage", .unit = "V", .min = 0, .max = 32, .help = "voltage of the load, at VIN-" },
	[CURRENT] = { .name = "current", .unit = "A", .help = "current from VIN+ to VIN-" },
	[POWER] = { .name = "power", .unit = "W", .help = "voltage by current" },
};

static int ina219_describe(void *state, struct arena *a, const struct channel **out, struct sensor_error *err)
{
	struct ina219 *s = state;
	double needed_v = isnan(s->max_current_a) ? GREATEST_SHUNT_V : s->max_current_a * s->shunt_ohm, range_v = 0.04;

	(void)a;
	if (needed_v > GREATEST_SHUNT_V * (1 + 1e-9)) {
		snprintf(err->text, sizeof(err->text),
			 "max_current by shunt is %.3g V, more than the 0.32 V that can be measured", needed_v);
		return -EINVAL;
	}
	for (s->gain = 0; range_v * (1 + 1e-9) < needed_v; s->gain++)
		range_v *= 2.0;
	for (size_t i = 0; i < N_CHANNELS; i++)
		s->channels[i] = channels[i];
	s->channels[CURRENT].max = range_v / s->shunt_ohm;
	s->channels[CURRENT].min = -s->channels[CURRENT].max;
	*out = s->channels;
	return N_CHANNELS;
}

static uint16_t config(const struct ina219 *s) /* s.8.6.2.1 */
{
	int adc = s->averaging ? ADC_AVERAGE | s->averaging : ADC_12_BITS;

	return (uint16_t)((s->bus_range ? CONFIG_32V : 0) | s->gain << GAIN_SHIFT | adc << BUS_ADC_SHIFT |
			  adc << SHUNT_ADC_SHIFT | CONFIG_TRIGGERED);
}

static int ina219_probe(void *state, int64_t now_us, struct sensor_error *err)
{
	struct ina219 *s = state;
	uint16_t kept;
	int r;

	(void)now_us;
	r = i2c_open(&s->i2c, err);
	if (r < 0)
		return r;
	r = i2c_write_reg16be(&s->i2c, REG_CONFIG, config(s));
	if (r < 0)
		return i2c_explain(&s->i2c, r, err);
	r = i2c_read_reg16be(&s->i2c, REG_CONFIG, &kept);
	if (r < 0)
		return r;
	if (kept != config(s)) {
		snprintf(err->text, sizeof(err->text), "what is at 0x%02x is no INA219: it does not keep its settings",
			 (unsigned)s->i2c.address);
		return -ENODEV;
	}
	return 0;
}

static int64_t ina219_trigger(void *state, int64_t now_us)
{
	struct ina219 *s = state;
	int r = i2c_write_reg16be(&s->i2c, REG_CONFIG, config(s)); /* also takes "ready" away, s.8.6.3.2 */

	(void)now_us;
	return r < 0 ? r : WAKE_UP_US + 2 * (CONVERSION_US << s->averaging);
}

static int ina219_collect(void *state, int64_t now_us, double out[])
{
	struct ina219 *s = state;
	uint16_t bus, shunt;
	int r;

	(void)now_us;
	r = i2c_read_reg16be(&s->i2c, REG_BUS, &bus);
	if (r < 0)
		return r;
	if (!(bus & BUS_READY))
		return -EAGAIN;
	r = i2c_read_reg16be(&s->i2c, REG_SHUNT, &shunt);
	if (r < 0)
		return r;
	out[VOLTAGE] = (bus >> 3) * BUS_STEP_V;
	out[CURRENT] = bus & BUS_OVERFLOW ? NAN : bytes_sign_extend(shunt, 16) * SHUNT_STEP_V / s->shunt_ohm;
	out[POWER] = out[VOLTAGE] * out[CURRENT];
	return 0;
}

static void ina219_close(void *state)
{
	i2c_close(&((struct ina219 *)state)->i2c);
}

/* No id: bits that are always 0. */
static const struct i2c_identity identity = {
	.at = { { 0x40, 0x4F } },
	.ask = { I2C_ASK(REG_CONFIG, 2, 0xC000, 0), I2C_ASK(REG_CALIBRATION, 2, 0x0001, 0) },
};

const struct sensor_driver ina219_driver = {
	.name = "ina219",
	.help = "TI INA219: voltage, current and power by a shunt",
	.identity = &identity,
	.options = { options, ARRAY_LEN(options) },
	.channels = channels,
	.n_channels = ARRAY_LEN(channels),
	.state_size = sizeof(struct ina219),
	.describe = ina219_describe,
	.probe = ina219_probe,
	.trigger = ina219_trigger,
	.collect = ina219_collect,
	.close = ina219_close,
};
