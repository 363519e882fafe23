/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ina226, ina260 - voltage, current and power by a shunt outside or inside the chip, over I2C.
 *
 * Datasheets: TI SBOS547B (INA226), SBOS656C (INA260); sections cited are of the former.
 * Compared with: Linux drivers/hwmon/ina2xx.c, ESPHome esphome/components/ina260/ina260.cpp; datasheet pages at hand: SBOS547B online:
 * s.5.5, table 7-1; of INA260 none.
 * Mode: shunt and bus triggered, once for each reading. Power is computed here; with the INA226 current too, from the shunt's voltage,
 * so there is no calibration to be lost with the power.
 * Not done: alert pin, continuous mode. A current beyond the range reads as the end of the range.
 * Proven by: tests/test_driver_ina226.c with the datasheet's worked example and another project's tests; no hardware yet.
 *
 * All settings are written with each trigger, so a chip that lost its power needs no care.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>

#include "base/bytes.h"
#include "drivers/i2c.h"
#include "drivers/i2c_identity.h"

enum {
	REG_CONFIG = 0,
	REG_SHUNT = 1, /* INA260: current */
	REG_BUS = 2,
	REG_MASK = 6,
	REG_MAKER = 0xFE,
	REG_DIE = 0xFF,

	MAKER_TI = 0x5449,
	DIE_MASK = 0xFFF0, /* below: revision */

	AVERAGING_SHIFT = 9,
	BUS_TIME_SHIFT = 6,
	SHUNT_TIME_SHIFT = 3,
	CONFIG_TRIGGERED = 3,
	MASK_READY = 1 << 3,
};

#define BUS_STEP_V 1.25e-3
#define SHUNT_STEP_V 2.5e-6
#define GREATEST_SHUNT_V 0.08192 /* s.5.5 */
#define INA260_STEP_A 1.25e-3

enum { VOLTAGE, CURRENT, POWER, N_CHANNELS };

struct chip {
	const char *name;
	uint16_t die, config_fixed; /* bits that read as they do after a reset */
};

static const struct chip ina226 = { "INA226", 0x2260, 0x4000 };
static const struct chip ina260 = { "INA260", 0x2270, 0x6000 };

struct ina {
	struct i2c i2c;
	double shunt_ohm, max_current_a;
	int averaging, conversion_time;

	const struct chip *chip;
	double step_a;
	struct channel channels[N_CHANNELS];
};

static const char *const averagings[] = { "1", "4", "16", "64", "128", "256", "512", "1024", NULL };
static const int samples[] = { 1, 4, 16, 64, 128, 256, 512, 1024 };

static const char *const conversion_times[] = { "140us", "204us", "332us", "588us", "1.1ms",
						"2.1ms", "4.2ms", "8.2ms", NULL };
static const int longest_us[] = { 154, 224, 365, 646, 1210, 2328, 4572, 9068 }; /* s.5.5 */

#define COMMON_OPTIONS                                                              \
	{ "averaging",                                                              \
	  OPT_ENUM,                                                                 \
	  offsetof(struct ina, averaging),                                          \
	  .def = "1",                                                               \
	  .choices = averagings,                                                    \
	  .help = "conversions averaged by the chip" },                             \
	{                                                                           \
		"conversion_time", OPT_ENUM, offsetof(struct ina, conversion_time), \
			.def = "1.1ms", .choices = conversion_times,                \
			.help = "of voltage and of current each; longer is quieter" \
	}

static const struct opt options_226[] = {
	I2C_OPTIONS(struct ina, "0x40", "0x40 to 0x4F, by the A0 and A1 pins"),
	{ "shunt", OPT_DOUBLE, offsetof(struct ina, shunt_ohm), .min = 1e-5, .max = 100, .def = "0.1", .unit = "Ohm",
	  .help = "resistance of the shunt" },
	{ "max_current", OPT_DOUBLE, offsetof(struct ina, max_current_a), .min = 1e-6, .max = 1e4, .unit = "A",
	  .help = "greatest current to expect; refused when it is more than 81.92 mV at the shunt" },
	COMMON_OPTIONS,
};

static const struct opt options_260[] = {
	I2C_OPTIONS(struct ina, "0x40", "0x40 to 0x4F, by the A0 and A1 pins"),
	COMMON_OPTIONS,
};

static const struct channel channels[N_CHANNELS] = {
	[VOLTAGE] = { .name = "voltage", .unit = "V", .min = 0, .max = 40.96, .help = "voltage at VBUS" },
	[CURRENT] = { .name = "current", .unit = "A", .help = "current from IN+ to IN-" },
	[POWER] = { .name = "power", .unit = "W", .help = "voltage by current" },
};

static int describe(struct ina *s, double range_a, const struct channel **out)
{
	for (size_t i = 0; i < N_CHANNELS; i++)
		s->channels[i] = channels[i];
	s->channels[CURRENT].min = -range_a;
	s->channels[CURRENT].max = range_a;
	*out = s->channels;
	return N_CHANNELS;
}

static int ina226_describe(void *state, struct arena *a, const struct channel **out, struct sensor_error *err)
{
	struct ina *s = state;

	(void)a;
	s->chip = &ina226;
	s->step_a = SHUNT_STEP_V / s->shunt_ohm;
	if (s->max_current_a * s->shunt_ohm > GREATEST_SHUNT_V * (1 + 1e-9)) { /* false for NaN */
		snprintf(err->text, sizeof(err->text),
			 "max_current by shunt is %.3g V, more than the 0.08192 V that can be measured",
			 s->max_current_a * s->shunt_ohm);
		return -EINVAL;
	}
	return describe(s, GREATEST_SHUNT_V / s->shunt_ohm, out);
}

static int ina260_describe(void *state, struct arena *a, const struct channel **out, struct sensor_error *err)
{
	struct ina *s = state;

	(void)a, (void)err;
	s->chip = &ina260;
	s->step_a = INA260_STEP_A;
	return describe(s, 32768 * INA260_STEP_A, out);
}

static int check_id(struct ina *s, struct sensor_error *err)
{
	uint16_t maker, die;
	int r = i2c_read_reg16be(&s->i2c, REG_MAKER, &maker);

	if (r < 0)
		return i2c_explain(&s->i2c, r, err);
	r = i2c_read_reg16be(&s->i2c, REG_DIE, &die);
	if (r < 0)
		return r;
	if (maker == MAKER_TI && (die & DIE_MASK) == s->chip->die)
		return 0;
	snprintf(err->text, sizeof(err->text), "another chip at 0x%02x: it says %04x %04x, an %s %04x %04x",
		 (unsigned)s->i2c.address, maker, die, s->chip->name, MAKER_TI, s->chip->die);
	return -ENODEV;
}

static int ina_probe(void *state, int64_t now_us, struct sensor_error *err)
{
	struct ina *s = state;
	int r = i2c_open(&s->i2c, err);

	(void)now_us;
	return r < 0 ? r : check_id(s, err);
}

static int64_t ina_trigger(void *state, int64_t now_us)
{
	struct ina *s = state;
	int config = s->chip->config_fixed | s->averaging << AVERAGING_SHIFT | s->conversion_time << BUS_TIME_SHIFT |
		     s->conversion_time << SHUNT_TIME_SHIFT | CONFIG_TRIGGERED;
	int r = i2c_write_reg16be(&s->i2c, REG_CONFIG, (uint16_t)config); /* also takes "ready" away */

	(void)now_us;
	return r < 0 ? r : (int64_t)2 * samples[s->averaging] * longest_us[s->conversion_time];
}

static int ina_collect(void *state, int64_t now_us, double out[])
{
	struct ina *s = state;
	uint16_t mask, bus, shunt;
	int r;

	(void)now_us;
	r = i2c_read_reg16be(&s->i2c, REG_MASK, &mask);
	if (r < 0)
		return r;
	if (!(mask & MASK_READY))
		return -EAGAIN;
	r = i2c_read_reg16be(&s->i2c, REG_SHUNT, &shunt);
	if (r < 0)
		return r;
	r = i2c_read_reg16be(&s->i2c, REG_BUS, &bus);
	if (r < 0)
		return r;
	out[VOLTAGE] = bytes_sign_extend(bus, 16) * BUS_STEP_V;
	out[CURRENT] = bytes_sign_extend(shunt, 16) * s->step_a;
	out[POWER] = out[VOLTAGE] * out[CURRENT];
	return 0;
}

static void ina_close(void *state)
{
	i2c_close(&((struct ina *)state)->i2c);
}

static const struct i2c_identity identity_226 = {
	.at = { { 0x40, 0x4F } },
	.is_certain = true,
	.ask = { I2C_ASK(REG_MAKER, 2, 0xFFFF, MAKER_TI), I2C_ASK(REG_DIE, 2, DIE_MASK, 0x2260) },
};

static const struct i2c_identity identity_260 = {
	.at = { { 0x40, 0x4F } },
	.is_certain = true,
	.ask = { I2C_ASK(REG_MAKER, 2, 0xFFFF, MAKER_TI), I2C_ASK(REG_DIE, 2, DIE_MASK, 0x2270) },
};

const struct sensor_driver ina226_driver = {
	.name = "ina226",
	.help = "TI INA226: voltage, current and power by a shunt",
	.identity = &identity_226,
	.options = { options_226, ARRAY_LEN(options_226) },
	.channels = channels,
	.n_channels = ARRAY_LEN(channels),
	.state_size = sizeof(struct ina),
	.describe = ina226_describe,
	.probe = ina_probe,
	.trigger = ina_trigger,
	.collect = ina_collect,
	.close = ina_close,
};

const struct sensor_driver ina260_driver = {
	.name = "ina260",
	.help = "TI INA260: voltage, current and power, with a shunt inside",
	.identity = &identity_260,
	.options = { options_260, ARRAY_LEN(options_260) },
	.channels = channels,
	.n_channels = ARRAY_LEN(channels),
	.state_size = sizeof(struct ina),
	.describe = ina260_describe,
	.probe = ina_probe,
	.trigger = ina_trigger,
	.collect = ina_collect,
	.close = ina_close,
};
