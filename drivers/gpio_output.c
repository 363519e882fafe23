/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gpio-output - a relay, a lamp, a buzzer on a GPIO line, for `actions`.
 *
 * Proven by: tests/test_driver_gpio_output.c on a model of the line; no hardware yet.
 */
#include "drivers/gpio_drive.h"
#include "drivers/output.h"

struct gpio_output {
	struct gpio_drive line;
};

static const struct opt options[] = {
	{ "chip", OPT_TEXT, offsetof(struct gpio_output, line.gpio.chip), .required = true, .example = "gpiochip0",
	  .help = "name (gpiochip0), label (pinctrl-bcm2711) or path" },
	{ "line", OPT_TEXT, offsetof(struct gpio_output, line.gpio.line), .required = true, .example = "22",
	  .help = "number on the chip, or the line's name" },
	{ "active", OPT_ENUM, offsetof(struct gpio_output, line.gpio.active), .def = "high",
	  .choices = gpio_active_names, .help = "the level that is on" },
};

static int gpio_output_open(void *state, bool is_on, struct sensor_error *err)
{
	struct gpio_output *s = state;

	return gpio_drive_open(&s->line, is_on, err);
}

static int gpio_output_set(void *state, bool is_on)
{
	struct gpio_output *s = state;

	return gpio_drive_set(&s->line, is_on);
}

static void gpio_output_close(void *state)
{
	struct gpio_output *s = state;

	gpio_drive_close(&s->line);
}

const struct output_driver gpio_output_driver = {
	.name = "gpio-output",
	.help = "a GPIO line that is switched: relays, lamps, buzzers",
	.options = { options, ARRAY_LEN(options) },
	.state_size = sizeof(struct gpio_output),
	.open = gpio_output_open,
	.set = gpio_output_set,
	.close = gpio_output_close,
};
