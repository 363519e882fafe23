/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ads1115, ads1015 - four analog inputs, single or as differences, with 16 or 12 bits, over I2C.
 *
 * Datasheets: TI SBAS444D (ADS1115), SBAS473E (ADS1015); sections cited are of the former.
 * Compared with: Zephyr drivers/adc/adc_ads1x1x.c, ESPHome esphome/components/ads1115/ads1115.cpp; of the datasheet no page was at hand.
 * Mode: single shot. There is one converter, so the inputs are converted one after the other: trigger() starts the first, and collect()
 * takes a result, starts the next and answers -EAGAIN until all are there. They share the time stamp of the first.
 * Not done: comparator and ALERT pin, continuous mode. A voltage beyond the range reads as the end of the range.
 * Proven by: tests/test_driver_ads1115.c with the codes of the datasheet's table; no hardware yet.
 *
 * Nothing is kept in the chip from one reading to the next, so one that lost its power needs no care. It has no identity: probe() only
 * looks whether the config register keeps what is written.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "drivers/i2c.h"
#include "drivers/i2c_identity.h"

enum {
	REG_CONVERSION = 0,
	REG_CONFIG = 1,

	CONFIG_OS = 1 << 15, /* write: start; read: idle */
	CONFIG_SINGLE_SHOT = 1 << 8,
	CONFIG_NO_COMPARATOR = 3,
	MUX_SHIFT = 12,
	RANGE_SHIFT = 9,
	RATE_SHIFT = 5,

	WAKE_UP_US = 25,	     /* s.9.4.2.1 */
	ALL_INPUTS_MAX_US = 1000000, /* the agent gives up a second after the first was due */
	MAX_INPUTS = 8,
	SINGLE_INPUTS = 4,
};

struct chip {
	const char *name;
	const int *rates; /* by code, 1/s */
	uint16_t mask;	  /* of the bits a result has */
};

struct ads {
	struct i2c i2c;
	struct opt_list inputs;
	int range, rate;

	const struct chip *chip;
	struct channel channels[MAX_INPUTS];
	uint8_t mux[MAX_INPUTS];
	size_t n, at; /* inputs, the one being converted */
	int64_t due_us;
	double volts[MAX_INPUTS];
};

static const char *const ranges[] = { "6.144V", "4.096V", "2.048V", "1.024V", "0.512V", "0.256V", NULL };
static const double full_scale_volts[] = { 6.144, 4.096, 2.048, 1.024, 0.512, 0.256 };

static const char *const rates_1115[] = { "8", "16", "32", "64", "128", "250", "475", "860", NULL };
static const char *const rates_1015[] = { "128", "250", "490", "920", "1600", "2400", "3300", NULL };

static const struct chip ads1115 = { "ADS1115", (const int[]){ 8, 16, 32, 64, 128, 250, 475, 860 }, 0xFFFF };
static const struct chip ads1015 = { "ADS1015", (const int[]){ 128, 250, 490, 920, 1600, 2400, 3300 }, 0xFFF0 };

#define ADS_OPTIONS(rate_choices, rate_default)                                                                          \
	I2C_OPTIONS(struct ads, "0x48", "0x48 to 0x4B, by the ADDR pin"),                                                \
		{ "inputs", OPT_TEXT_LIST, offsetof(struct ads, inputs),                                                 \
		  .help = "any of a0 a1 a2 a3, a0-a1 a0-a3 a1-a3 a2-a3; default: the four single ones" },                \
		{ "range",	   OPT_ENUM,	      offsetof(struct ads, range),                                       \
		  .def = "2.048V", .choices = ranges, .help = "full scale; an input still must not exceed the supply" }, \
	{                                                                                                                \
		"rate", OPT_ENUM, offsetof(struct ads, rate), .def = rate_default, .choices = rate_choices,              \
							      .unit = "1/s",                                             \
							      .help = "conversions a second; slower is quieter"          \
	}

static const struct opt options_1115[] = { ADS_OPTIONS(rates_1115, "128") };
static const struct opt options_1015[] = { ADS_OPTIONS(rates_1015, "1600") };

/** Name as an option, code of the multiplexer (s.9.6.3), channel. */
static const struct {
	const char *name;
	uint8_t mux;
	struct channel channel;
} known_inputs[MAX_INPUTS] = {
	{ "a0", 4, { .name = "a0", .unit = "V", .help = "voltage at A0" } },
	{ "a1", 5, { .name = "a1", .unit = "V", .help = "voltage at A1" } },
	{ "a2", 6, { .name = "a2", .unit = "V", .help = "voltage at A2" } },
	{ "a3", 7, { .name = "a3", .unit = "V", .help = "voltage at A3" } },
	{ "a0-a1", 0, { .name = "a0_a1", .unit = "V", .help = "voltage from A1 to A0" } },
	{ "a0-a3", 1, { .name = "a0_a3", .unit = "V", .help = "voltage from A3 to A0" } },
	{ "a1-a3", 2, { .name = "a1_a3", .unit = "V", .help = "voltage from A3 to A1" } },
	{ "a2-a3", 3, { .name = "a2_a3", .unit = "V", .help = "voltage from A3 to A2" } },
};

/** The internal clock is off by up to 10 %, s.7.5. */
static int64_t conversion_us(const struct ads *s)
{
	return WAKE_UP_US + 1100000 / s->chip->rates[s->rate] + 1;
}

static int add_input(struct ads *s, const char *name, struct sensor_error *err)
{
	size_t k = 0;

	while (k < MAX_INPUTS && strcmp(known_inputs[k].name, name) != 0)
		k++;
	if (k == MAX_INPUTS) {
		snprintf(err->text, sizeof(err->text), "no input '%.20s', expected a0 a1 a2 a3 a0-a1 a0-a3 a1-a3 a2-a3",
			 name);
		return -EINVAL;
	}
	for (size_t i = 0; i < s->n; i++)
		if (s->mux[i] == known_inputs[k].mux) {
			snprintf(err->text, sizeof(err->text), "input '%s' stands there twice", name);
			return -EINVAL;
		}
	s->mux[s->n] = known_inputs[k].mux;
	s->channels[s->n] = known_inputs[k].channel;
	s->channels[s->n].min = -full_scale_volts[s->range];
	s->channels[s->n].max = full_scale_volts[s->range];
	s->n++;
	return 0;
}

static int describe(struct ads *s, const struct channel **out, struct sensor_error *err)
{
	size_t n = s->inputs.n ? s->inputs.n : SINGLE_INPUTS;

	s->n = 0;
	for (size_t i = 0; i < n; i++) {
		int r = add_input(s, s->inputs.n ? s->inputs.items[i] : known_inputs[i].name, err);

		if (r < 0)
			return r;
	}
	if (conversion_us(s) * (int64_t)n > ALL_INPUTS_MAX_US) {
		snprintf(err->text, sizeof(err->text), "%zu inputs at this rate take more than a second", n);
		return -EINVAL;
	}
	*out = s->channels;
	return (int)n;
}

static int ads1115_describe(void *state, struct arena *a, const struct channel **out, struct sensor_error *err)
{
	struct ads *s = state;

	(void)a;
	s->chip = &ads1115;
	return describe(s, out, err);
}

static int ads1015_describe(void *state, struct arena *a, const struct channel **out, struct sensor_error *err)
{
	struct ads *s = state;

	(void)a;
	s->chip = &ads1015;
	return describe(s, out, err);
}

static uint16_t config(const struct ads *s, size_t input)
{
	return (uint16_t)(s->mux[input] << MUX_SHIFT | s->range << RANGE_SHIFT | CONFIG_SINGLE_SHOT |
			  s->rate << RATE_SHIFT | CONFIG_NO_COMPARATOR);
}

static int ads_probe(void *state, int64_t now_us, struct sensor_error *err)
{
	struct ads *s = state;
	uint16_t kept;
	int r;

	(void)now_us;
	r = i2c_open(&s->i2c, err);
	if (r < 0)
		return r;
	r = i2c_write_reg16be(&s->i2c, REG_CONFIG, config(s, 0));
	if (r < 0)
		return i2c_explain(&s->i2c, r, err);
	r = i2c_read_reg16be(&s->i2c, REG_CONFIG, &kept);
	if (r < 0)
		return r;
	if ((kept & ~CONFIG_OS) != config(s, 0)) {
		snprintf(err->text, sizeof(err->text), "what is at 0x%02x is no %s: it does not keep its settings",
			 (unsigned)s->i2c.address, s->chip->name);
		return -ENODEV;
	}
	return 0;
}

static int start(struct ads *s, size_t input, int64_t now_us)
{
	s->at = input;
	s->due_us = now_us + conversion_us(s);
	return i2c_write_reg16be(&s->i2c, REG_CONFIG, config(s, input) | CONFIG_OS);
}

static int64_t ads_trigger(void *state, int64_t now_us)
{
	struct ads *s = state;
	int r = start(s, 0, now_us);

	return r < 0 ? r : conversion_us(s);
}

/** Where a result is in time: when the clock was set back meanwhile, it is time too. */
static bool is_due(const struct ads *s, int64_t now_us)
{
	return now_us >= s->due_us || s->due_us - now_us > conversion_us(s);
}

static int take_result(struct ads *s)
{
	uint16_t status, code;
	int r = i2c_read_reg16be(&s->i2c, REG_CONFIG, &status);

	if (r < 0)
		return r;
	if (!(status & CONFIG_OS))
		return -EAGAIN;
	if ((status & ~CONFIG_OS) != config(s, s->at))
		return -EIO; /* it was started anew, or by somebody else */
	r = i2c_read_reg16be(&s->i2c, REG_CONVERSION, &code);
	if (r < 0)
		return r;
	s->volts[s->at] = bytes_sign_extend(code & s->chip->mask, 16) * full_scale_volts[s->range] / 32768.0;
	return 0;
}

static int ads_collect(void *state, int64_t now_us, double out[])
{
	struct ads *s = state;
	int r;

	if (!is_due(s, now_us))
		return -EAGAIN;
	r = take_result(s);
	if (r < 0)
		return r;
	if (s->at + 1 < s->n) {
		r = start(s, s->at + 1, now_us);
		return r < 0 ? r : -EAGAIN;
	}
	memcpy(out, s->volts, s->n * sizeof(out[0]));
	return 0;
}

static void ads_close(void *state)
{
	i2c_close(&((struct ads *)state)->i2c);
}

/* No id, and nothing tells both chips apart: that the comparator is off, as after power-on. */
static const struct i2c_identity identity = {
	.at = { { 0x48, 0x4B } },
	.ask = { I2C_ASK(REG_CONFIG, 2, 0x001F, CONFIG_NO_COMPARATOR) },
};

const struct sensor_driver ads1115_driver = {
	.name = "ads1115",
	.help = "TI ADS1115: four analog inputs, 16 bits",
	.identity = &identity,
	.options = { options_1115, ARRAY_LEN(options_1115) },
	.state_size = sizeof(struct ads),
	.describe = ads1115_describe,
	.probe = ads_probe,
	.trigger = ads_trigger,
	.collect = ads_collect,
	.close = ads_close,
};

const struct sensor_driver ads1015_driver = {
	.name = "ads1015",
	.help = "TI ADS1015: four analog inputs, 12 bits",
	.identity = &identity,
	.options = { options_1015, ARRAY_LEN(options_1015) },
	.state_size = sizeof(struct ads),
	.describe = ads1015_describe,
	.probe = ads_probe,
	.trigger = ads_trigger,
	.collect = ads_collect,
	.close = ads_close,
};
