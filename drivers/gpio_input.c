/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gpio-input - a contact, a button, a detector: the state of one line, each change with the time at which it happened, and the state
 * again at `every`, which shows that chip and agent are alive.
 *
 * Proven by: tests/test_driver_gpio.c, tests/hil (gpio-sim of the kernel); no hardware yet.
 */
#include "drivers/gpio.h"

struct gpio_input {
	struct gpio gpio;
	bool is_watched; /* somebody fetches the edges */
	bool is_active;
};

static const struct opt options[] = { GPIO_OPTIONS(struct gpio_input) };

static const struct channel channels[] = {
	{ .name = "state", .unit = "1", .kind = CHANNEL_STATE, .max = 1, .help = "1: active" },
};

static int gpio_input_probe(void *state, int64_t now_us, struct sensor_error *err)
{
	struct gpio_input *s = state;

	(void)now_us;
	s->gpio.edges = GPIO_BOTH;
	s->is_watched = false;
	return gpio_open(&s->gpio, err);
}

static int gpio_input_fetch(void *state, int64_t kernel_us, struct sensor_event out[], size_t max)
{
	enum { AT_ONCE = 32 };
	struct gpio_input *s = state;
	struct gpio_edge edges[AT_ONCE];
	int n = gpio_fetch(&s->gpio, kernel_us, edges, max < AT_ONCE ? max : AT_ONCE);

	s->is_watched = true;
	for (int i = 0; i < n; i++)
		out[i] = (struct sensor_event){
			.at_us = edges[i].at_us,
			.value = edges[i].is_active,
			.lost = edges[i].lost,
		};
	return n;
}

/* The level is read in any case: a chip that is gone shows itself in nothing else. */
static int64_t gpio_input_trigger(void *state, int64_t now_us)
{
	struct gpio_input *s = state;
	int level = gpio_level(&s->gpio);

	(void)now_us;
	if (level < 0)
		return level;
	s->is_active = s->is_watched ? s->gpio.is_active : level > 0;
	return 0;
}

static int gpio_input_collect(void *state, int64_t now_us, double out[])
{
	const struct gpio_input *s = state;

	(void)now_us;
	out[0] = s->is_active;
	return 0;
}

static const struct sensor_watch watch = {
	.fd = gpio_watch_fd,
	.fetch = gpio_input_fetch,
	.wake_us = gpio_watch_wake_us,
	.take_lost = gpio_watch_take_lost,
};

const struct sensor_driver gpio_input_driver = {
	.name = "gpio-input",
	.help = "state of a GPIO line: contacts, buttons, detectors; changes at the time they happen",
	.options = { options, ARRAY_LEN(options) },
	.channels = channels,
	.n_channels = ARRAY_LEN(channels),
	.state_size = sizeof(struct gpio_input),
	.probe = gpio_input_probe,
	.trigger = gpio_input_trigger,
	.collect = gpio_input_collect,
	.watch = &watch,
	.close = gpio_close_state,
};
