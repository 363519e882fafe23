/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pcf8574 - eight digital inputs over I2C, as states.
 *
 * Datasheet: NXP PCF8574; PCF8574A rev 5.
 * Compared with: Linux drivers/gpio/gpio-pcf857x.c, ESPHome esphome/components/pcf8574/pcf8574.cpp; of the datasheet no page was at hand.
 * Mode: a pin is an input while 1 is written to it, which is what the chip wakes up with. The listed pins get a 1, once; a reading is
 * the level of all. The others keep the level they have then: an output that is high but pulled low from outside would stay low.
 * Not done: interrupt, outputs. The chip has no registers, and no identity.
 * Proven by: tests/test_driver_pcf8574.c with the datasheet's description; no hardware yet.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "drivers/i2c.h"
#include "drivers/i2c_identity.h"

enum { PINS = 8 };

struct pcf8574 {
	struct i2c i2c;
	struct opt_list inputs;
	int active;

	size_t n;
	uint8_t pins[PINS];
	struct channel channels[PINS];
	uint8_t mask; /* of the pins listed */
};

static const char *const pin_names[PINS] = { "p0", "p1", "p2", "p3", "p4", "p5", "p6", "p7" };
static const char *const levels[] = { "high", "low", NULL };
enum { ACTIVE_LOW = 1 };

static const struct opt options[] = {
	I2C_OPTIONS(struct pcf8574, "0x20", "0x20 to 0x27, PCF8574A 0x38 to 0x3F, by the A0 to A2 pins"),
	{ "inputs", OPT_TEXT_LIST, offsetof(struct pcf8574, inputs),
	  .help = "pins to read, of p0 to p7; default: all" },
	{ "active", OPT_ENUM, offsetof(struct pcf8574, active), .def = "high", .choices = levels,
	  .help = "the level that is 1" },
};

static int add_pin(struct pcf8574 *s, const char *name, struct sensor_error *err)
{
	unsigned pin = 0;

	while (pin < PINS && strcmp(pin_names[pin], name) != 0)
		pin++;
	if (pin == PINS || s->mask >> pin & 1) {
		snprintf(err->text, sizeof(err->text),
			 pin == PINS ? "no pin '%.20s', expected p0 to p7" : "pin '%.20s' stands there twice", name);
		return -EINVAL;
	}
	s->mask = (uint8_t)(s->mask | 1u << pin);
	s->pins[s->n] = (uint8_t)pin;
	s->channels[s->n++] = (struct channel){
		.name = pin_names[pin], .unit = "1", .kind = CHANNEL_STATE, .max = 1, .help = "state of this pin"
	};
	return 0;
}

static int pcf8574_describe(void *state, struct arena *a, const struct channel **out, struct sensor_error *err)
{
	struct pcf8574 *s = state;
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

static int pcf8574_probe(void *state, int64_t now_us, struct sensor_error *err)
{
	struct pcf8574 *s = state;
	uint8_t level;
	int r = i2c_open(&s->i2c, err);

	(void)now_us;
	if (r < 0)
		return r;
	r = i2c_read(&s->i2c, &level, 1);
	if (r < 0)
		return i2c_explain(&s->i2c, r, err);
	level |= s->mask;
	return i2c_write(&s->i2c, &level, 1);
}

static int64_t pcf8574_trigger(void *state, int64_t now_us)
{
	(void)state, (void)now_us;
	return 0;
}

static int pcf8574_collect(void *state, int64_t now_us, double out[])
{
	struct pcf8574 *s = state;
	uint8_t level;
	int r;

	(void)now_us;
	r = i2c_read(&s->i2c, &level, 1);
	if (r < 0)
		return r;
	for (size_t i = 0; i < s->n; i++)
		out[i] = ((level >> s->pins[i]) & 1) ^ (s->active == ACTIVE_LOW);
	return 0;
}

static void pcf8574_close(void *state)
{
	i2c_close(&((struct pcf8574 *)state)->i2c);
}

/* No id, and each byte drives the pins. */
static const struct i2c_identity identity = {
	.at = { { 0x20, 0x27 }, { 0x38, 0x3F } },
	.harm = { { 0x00, 0xFF } },
	.n_harm = 1,
};

const struct sensor_driver pcf8574_driver = {
	.name = "pcf8574",
	.help = "NXP PCF8574: eight digital inputs",
	.identity = &identity,
	.options = { options, ARRAY_LEN(options) },
	.state_size = sizeof(struct pcf8574),
	.describe = pcf8574_describe,
	.probe = pcf8574_probe,
	.trigger = pcf8574_trigger,
	.collect = pcf8574_collect,
	.close = pcf8574_close,
};
