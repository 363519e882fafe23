/* SPDX-License-Identifier: Apache-2.0 */
/*
 * i2c-register - any chip whose value stands in a register, described in the config: value = raw * scale + offset.
 *
 * For chips that have no driver here and need none: temperature sensors of the LM75 kind, converters that run by themselves, expanders,
 * microcontrollers with a register map. raw = (the bytes of the register, in their order, & mask) >> shift, with a sign at the highest bit that
 * then remains, if it is signed.
 *
 * Several sensors may read the same chip, one register each. Writes of `init` are done at every probe, so a chip that lost its power is set up
 * again after a fault, but not before: what a chip answers without them cannot be known here.
 * Not done: values that need more than one register or another formula, commands with a wait in between, registers with 16-bit addresses.
 * Proven by: tests/test_driver_i2c_register.c with the examples of the LM75B and TMP102 datasheets; read
 * through Linux 6.1's i2c-stub; no hardware yet.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/text.h"
#include "base/unit.h"
#include "drivers/i2c.h"

enum { MAX_INIT = 32, MAX_INIT_BYTES = 5 };

struct init_write {
	uint8_t bytes[MAX_INIT_BYTES]; /* the register first */
	size_t n;
};

struct i2c_register {
	struct i2c i2c;
	int64_t reg, mask, shift, id_reg, id;
	int width, order, kind;
	bool is_signed;
	double scale, offset, min, max;
	const struct unit *unit;
	struct opt_list init;

	struct channel channel;
	struct init_write writes[MAX_INIT];
	uint32_t value_mask; /* of the bytes that are read */
	unsigned value_bits; /* that remain after mask and shift */
};

static const char *const widths[] = { "8", "16", "24", "32", NULL };
static const char *const orders[] = { "big", "little", NULL };
static const char *const kinds[] = { "gauge", "state", "counter", NULL }; /* as enum channel_kind */

static const struct opt options[] = {
	I2C_OPTIONS(struct i2c_register, "0x48", "as in the chip's datasheet, 7 bits"),
	{ "register", OPT_INT, offsetof(struct i2c_register, reg), .min = 0, .max = 0xFF, .def = "0",
	  .help = "where the value stands" },
	{ "width", OPT_ENUM, offsetof(struct i2c_register, width), .def = "8", .choices = widths,
	  .help = "bits that are read" },
	{ "byte_order", OPT_ENUM, offsetof(struct i2c_register, order), .def = "big", .choices = orders,
	  .help = "big: the most significant byte comes first" },
	{ "mask", OPT_INT, offsetof(struct i2c_register, mask), .min = 1, .max = 4294967295.0, .def = "0xFFFFFFFF",
	  .help = "bits of the register that belong to the value" },
	{ "shift", OPT_INT, offsetof(struct i2c_register, shift), .min = 0, .max = 31, .def = "0",
	  .help = "how far to shift the value down, after the mask" },
	{ "signed", OPT_BOOL, offsetof(struct i2c_register, is_signed), .def = "false", .help = "two's complement" },
	{ "scale", OPT_DOUBLE, offsetof(struct i2c_register, scale), .min = -1e12, .max = 1e12, .def = "1",
	  .help = "what one step is worth" },
	{ "offset", OPT_DOUBLE, offsetof(struct i2c_register, offset), .min = -1e12, .max = 1e12, .def = "0",
	  .help = "value where the register holds 0" },
	{ "unit", OPT_UNIT, offsetof(struct i2c_register, unit), .def = "1", .help = "unit of the value" },
	{ "kind", OPT_ENUM, offsetof(struct i2c_register, kind), .def = "gauge", .choices = kinds,
	  .help = "state: 1 when any bit of the value is set; counter: only grows" },
	{ "min", OPT_DOUBLE, offsetof(struct i2c_register, min), .help = "least value of a working chip, with max" },
	{ "max", OPT_DOUBLE, offsetof(struct i2c_register, max), .help = "greatest value of a working chip, with min" },
	{ "init", OPT_TEXT_LIST, offsetof(struct i2c_register, init),
	  .help = "what to write before the first reading, in order, such as 0x01=0x60; 0x01=0x60A0 writes two bytes" },
	{ "id_register", OPT_INT, offsetof(struct i2c_register, id_reg), .min = -1, .max = 0xFF, .def = "-1",
	  .help = "8-bit register that tells the kind of chip; -1: none" },
	{ "id", OPT_INT, offsetof(struct i2c_register, id), .min = 0, .max = 0xFF, .def = "0",
	  .help = "what that must hold, else the chip is refused" },
};

static const struct channel channels[] = {
	{ .name = "value", .unit = "1", .help = "value of the register, in the unit of the option" },
};

/* --- options --- */

/** "0x60A0" as the bytes 60 A0; "96" as one byte. @return how many, or -EINVAL */
static int parse_bytes(const char *text, uint8_t out[MAX_INIT_BYTES - 1])
{
	size_t digits = strncmp(text, "0x", 2) == 0 ? strlen(text) - 2 : 2;
	size_t n = digits < 2 ? 1 : digits / 2;
	int64_t value;

	if (text_to_int64(text, &value) < 0 || value < 0 || n > MAX_INIT_BYTES - 1)
		return -EINVAL;
	if (digits > 2 && digits % 2)
		return -EINVAL;
	if (value >= INT64_C(1) << 8 * n)
		return -EINVAL;
	for (size_t i = 0; i < n; i++)
		out[i] = (uint8_t)(value >> 8 * (n - 1 - i));
	return (int)n;
}

static int parse_write(const char *text, struct init_write *w)
{
	const char *equals = strchr(text, '=');
	char reg_text[8];
	int64_t reg;
	int n;

	if (!equals || (size_t)(equals - text) >= sizeof(reg_text))
		return -EINVAL;
	memcpy(reg_text, text, (size_t)(equals - text));
	reg_text[equals - text] = '\0';
	if (text_to_int64(reg_text, &reg) < 0 || reg < 0 || reg > 0xFF)
		return -EINVAL;
	n = parse_bytes(equals + 1, &w->bytes[1]);
	if (n < 0)
		return n;
	w->bytes[0] = (uint8_t)reg;
	w->n = (size_t)n + 1;
	return 0;
}

static int parse_init(struct i2c_register *s, struct sensor_error *err)
{
	if (s->init.n > MAX_INIT) {
		snprintf(err->text, sizeof(err->text), "init: at most %d writes", MAX_INIT);
		return -EINVAL;
	}
	for (size_t i = 0; i < s->init.n; i++)
		if (parse_write(s->init.items[i], &s->writes[i]) < 0) {
			snprintf(err->text, sizeof(err->text), "init: '%.40s' is not REGISTER=VALUE, such as 0x01=0x60",
				 s->init.items[i]);
			return -EINVAL;
		}
	return 0;
}

static size_t width_bytes(const struct i2c_register *s)
{
	return (size_t)s->width + 1;
}

static int check_bits(struct i2c_register *s, struct sensor_error *err)
{
	s->value_mask = (uint32_t)((uint64_t)s->mask & ((UINT64_C(1) << 8 * width_bytes(s)) - 1));
	s->value_bits = 0;
	for (uint32_t rest = s->value_mask >> s->shift; rest; rest >>= 1)
		s->value_bits++;
	if (s->value_bits > 0)
		return 0;
	snprintf(err->text, sizeof(err->text), "mask and shift leave no bit of %s", widths[s->width]);
	return -EINVAL;
}

static int check_channel(const struct i2c_register *s, struct sensor_error *err)
{
	const char *problem = NULL;

	if (isnan(s->min) != isnan(s->max) || s->min >= s->max)
		problem = "min and max belong together, and min is the lesser";
	else if (s->kind == CHANNEL_STATE && s->unit != unit_find("1"))
		problem = "a state is 0 or 1: its unit must be \"1\"";
	else if (s->kind == CHANNEL_STATE && (s->scale != 1.0 || s->offset != 0.0))
		problem = "a state has no scale and no offset";
	if (!problem)
		return 0;
	snprintf(err->text, sizeof(err->text), "%s", problem);
	return -EINVAL;
}

static int i2c_register_describe(void *state, struct arena *a, const struct channel **out, struct sensor_error *err)
{
	struct i2c_register *s = state;
	int r;

	(void)a;
	r = parse_init(s, err);
	if (r == 0)
		r = check_bits(s, err);
	if (r == 0)
		r = check_channel(s, err);
	if (r < 0)
		return r;
	s->channel = channels[0];
	s->channel.unit = s->unit->code;
	s->channel.kind = (enum channel_kind)s->kind;
	if (!isnan(s->min)) {
		s->channel.min = s->min;
		s->channel.max = s->max;
	}
	*out = &s->channel;
	return 1;
}

/* --- the chip --- */

static int i2c_register_probe(void *state, int64_t now_us, struct sensor_error *err)
{
	struct i2c_register *s = state;
	uint8_t raw[4];
	int r = i2c_open(&s->i2c, err);

	(void)now_us;
	if (r < 0)
		return r;
	if (s->id_reg >= 0)
		r = i2c_check_id(&s->i2c, (uint8_t)s->id_reg, (uint8_t)s->id, err);
	for (size_t i = 0; r == 0 && i < s->init.n; i++)
		r = i2c_explain(&s->i2c, i2c_write(&s->i2c, s->writes[i].bytes, s->writes[i].n), err);
	if (r < 0)
		return r;
	return i2c_explain(&s->i2c, i2c_read_reg(&s->i2c, (uint8_t)s->reg, raw, width_bytes(s)), err);
}

static int64_t i2c_register_trigger(void *state, int64_t now_us)
{
	(void)state;
	(void)now_us;
	return 0;
}

static double value_of(const struct i2c_register *s, const uint8_t *raw)
{
	uint32_t bits = 0;
	double x;

	for (size_t i = 0; i < width_bytes(s); i++)
		bits = bits << 8 | raw[s->order ? width_bytes(s) - 1 - i : i];
	bits = (bits & s->value_mask) >> s->shift;
	if (s->kind == CHANNEL_STATE)
		return bits ? 1.0 : 0.0;
	x = s->is_signed ? bytes_sign_extend(bits, s->value_bits) : (double)bits;
	return x * s->scale + s->offset;
}

static int i2c_register_collect(void *state, int64_t now_us, double out[])
{
	struct i2c_register *s = state;
	uint8_t raw[4];
	int r = i2c_read_reg(&s->i2c, (uint8_t)s->reg, raw, width_bytes(s));

	(void)now_us;
	if (r < 0)
		return r;
	out[0] = value_of(s, raw);
	return 0;
}

static void i2c_register_close(void *state)
{
	i2c_close(&((struct i2c_register *)state)->i2c);
}

const struct sensor_driver i2c_register_driver = {
	.name = "i2c-register",
	.help = "the value of a register of any I2C chip, described by the options",
	.options = { options, ARRAY_LEN(options) },
	.channels = channels,
	.n_channels = ARRAY_LEN(channels),
	.state_size = sizeof(struct i2c_register),
	.describe = i2c_register_describe,
	.probe = i2c_register_probe,
	.trigger = i2c_register_trigger,
	.collect = i2c_register_collect,
	.close = i2c_register_close,
};
