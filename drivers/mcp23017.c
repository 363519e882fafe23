/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mcp23017 - sixteen digital inputs over I2C, as states.
 *
 * Datasheet: Microchip DS20001952C; registers as with IOCON.BANK = 0, the default.
 * Compared with: Zephyr drivers/gpio/gpio_mcp23xxx.h, ESPHome esphome/components/mcp23x17_base/mcp23x17_base.h; of the datasheet no page
 * was at hand.
 * Mode: the listed pins become inputs; a reading is their level. Other pins are left as they are, so another program may drive them.
 * Not done: interrupts, outputs, IOCON.BANK = 1.
 * Proven by: tests/test_driver_mcp23017.c with the register map; no hardware yet.
 *
 * The chip has no identity, but IOCON appears at two addresses, and its bit 0 always reads 0. Directions and pull-ups are read with each
 * reading, so a chip that lost them is seen, unless it wakes up as it was set.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "drivers/i2c.h"
#include "drivers/i2c_identity.h"

enum {
	REG_DIRECTION = 0x00, /* 1: input; A, then B */
	REG_IOCON = 0x0A,     /* and 0x0B */
	REG_PULL_UP = 0x0C,
	REG_LEVEL = 0x12,
	ALL_BYTES = 0x14,

	PINS = 16,
};

struct mcp23017 {
	struct i2c i2c;
	struct opt_list inputs;
	bool has_pull_up;
	int active;

	size_t n;
	uint8_t pins[PINS];
	struct channel channels[PINS];
	uint16_t mask; /* of the pins listed; port A is the low byte */
};

static const char *const pin_names[PINS] = { "a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7",
					     "b0", "b1", "b2", "b3", "b4", "b5", "b6", "b7" };
static const char *const levels[] = { "high", "low", NULL };
enum { ACTIVE_LOW = 1 };

static const struct opt options[] = {
	I2C_OPTIONS(struct mcp23017, "0x20", "0x20 to 0x27, by the A0 to A2 pins"),
	{ "inputs", OPT_TEXT_LIST, offsetof(struct mcp23017, inputs),
	  .help = "pins to read, of a0 to a7 and b0 to b7; default: all" },
	{ "pull_up", OPT_BOOL, offsetof(struct mcp23017, has_pull_up), .def = "false",
	  .help = "switch on the chip's resistors of 100 kOhm at these pins" },
	{ "active", OPT_ENUM, offsetof(struct mcp23017, active), .def = "high", .choices = levels,
	  .help = "the level that is 1" },
};

static int add_pin(struct mcp23017 *s, const char *name, struct sensor_error *err)
{
	unsigned pin = 0;

	while (pin < PINS && strcmp(pin_names[pin], name) != 0)
		pin++;
	if (pin == PINS || s->mask >> pin & 1) {
		snprintf(err->text, sizeof(err->text),
			 pin == PINS ? "no pin '%.20s', expected a0 to a7 or b0 to b7"
				     : "pin '%.20s' stands there twice",
			 name);
		return -EINVAL;
	}
	s->mask = (uint16_t)(s->mask | 1u << pin);
	s->pins[s->n] = (uint8_t)pin;
	s->channels[s->n++] = (struct channel){
		.name = pin_names[pin], .unit = "1", .kind = CHANNEL_STATE, .max = 1, .help = "state of this pin"
	};
	return 0;
}

static int mcp23017_describe(void *state, struct arena *a, const struct channel **out, struct sensor_error *err)
{
	struct mcp23017 *s = state;
	size_t n = s->inputs.n ? s->inputs.n : PINS;
	int r = 0;

	(void)a;
	s->n = 0;
	s->mask = 0;
	for (size_t i = 0; r == 0 && i < n; i++)
		r = add_pin(s, s->inputs.n ? s->inputs.items[i] : pin_names[i], err);
	if (r < 0)
		return r;
	*out = s->channels;
	return (int)n;
}

static uint16_t wanted_pull_ups(const struct mcp23017 *s)
{
	return s->has_pull_up ? s->mask : 0;
}

static int write_pair(struct mcp23017 *s, uint8_t reg, uint16_t value)
{
	const uint8_t out[] = { reg, (uint8_t)value, (uint8_t)(value >> 8) };

	return i2c_write(&s->i2c, out, sizeof(out));
}

static int mcp23017_probe(void *state, int64_t now_us, struct sensor_error *err)
{
	struct mcp23017 *s = state;
	uint8_t all[ALL_BYTES];
	uint16_t pull_ups;
	int r = i2c_open(&s->i2c, err);

	(void)now_us;
	if (r < 0)
		return r;
	r = i2c_read_reg(&s->i2c, REG_DIRECTION, all, sizeof(all));
	if (r < 0)
		return i2c_explain(&s->i2c, r, err);
	if (all[REG_IOCON] != all[REG_IOCON + 1] || all[REG_IOCON] & 1) {
		snprintf(err->text, sizeof(err->text), "what is at 0x%02x is no MCP23017 with IOCON.BANK = 0",
			 (unsigned)s->i2c.address);
		return -ENODEV;
	}
	pull_ups = (uint16_t)((bytes_le16(&all[REG_PULL_UP]) & ~s->mask) | wanted_pull_ups(s));
	r = write_pair(s, REG_PULL_UP, pull_ups);
	return r < 0 ? r : write_pair(s, REG_DIRECTION, bytes_le16(&all[REG_DIRECTION]) | s->mask);
}

static int64_t mcp23017_trigger(void *state, int64_t now_us)
{
	(void)state, (void)now_us;
	return 0;
}

static int mcp23017_collect(void *state, int64_t now_us, double out[])
{
	struct mcp23017 *s = state;
	uint8_t all[ALL_BYTES];
	unsigned level;
	int r;

	(void)now_us;
	r = i2c_read_reg(&s->i2c, REG_DIRECTION, all, sizeof(all));
	if (r < 0)
		return r;
	if ((bytes_le16(&all[REG_DIRECTION]) & s->mask) != s->mask ||
	    (bytes_le16(&all[REG_PULL_UP]) & s->mask) != wanted_pull_ups(s))
		return -EIO;
	level = bytes_le16(&all[REG_LEVEL]) ^ (s->active == ACTIVE_LOW ? 0xFFFFu : 0u);
	for (size_t i = 0; i < s->n; i++)
		out[i] = level >> s->pins[i] & 1;
	return 0;
}

static void mcp23017_close(void *state)
{
	i2c_close(&((struct mcp23017 *)state)->i2c);
}

/* No id, and to ask would drive the pins of a PCF8574. */
static const struct i2c_identity identity = {
	.at = { { 0x20, 0x27 } },
};

const struct sensor_driver mcp23017_driver = {
	.name = "mcp23017",
	.help = "Microchip MCP23017: sixteen digital inputs",
	.identity = &identity,
	.options = { options, ARRAY_LEN(options) },
	.state_size = sizeof(struct mcp23017),
	.describe = mcp23017_describe,
	.probe = mcp23017_probe,
	.trigger = mcp23017_trigger,
	.collect = mcp23017_collect,
	.close = mcp23017_close,
};
