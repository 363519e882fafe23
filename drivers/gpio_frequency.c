/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gpio-frequency - how often a line swings: fans, anemometers, revolutions, by the time stamps of the kernel.
 *
 * An edge costs an interrupt and a wake-up: some thousand a second are fine, a hundred thousand are not.
 *
 * Proven by: tests/test_driver_gpio.c; no hardware yet.
 */
#include "base/unit.h"
#include "drivers/edge_rate.h"
#include "drivers/gpio.h"

struct gpio_frequency {
	struct gpio gpio;
	double scale;
	const struct unit *unit;
	int64_t timeout_us;

	struct channel channel;
	struct edge_rate rate;
	int64_t kernel_us;
	double out;
};

static const struct opt options[] = {
	GPIO_OPTIONS(struct gpio_frequency),
	{ "edge", OPT_ENUM, offsetof(struct gpio_frequency, gpio.edges), .def = "rising", .choices = gpio_edges_names,
	  .help = "which edges count; both: two for each pulse" },
	{ "scale", OPT_DOUBLE, offsetof(struct gpio_frequency, scale), .min = 1e-9, .max = 1e9, .def = "1",
	  .help = "what one edge a second is in the unit; 30 with /min: a fan with two pulses a turn" },
	{ "unit", OPT_UNIT, offsetof(struct gpio_frequency, unit), .def = "Hz", .help = "unit of the frequency" },
	{ "timeout", OPT_DURATION, offsetof(struct gpio_frequency, timeout_us), .min = 1e3, .max = 8.64e10, .def = "5s",
	  .help = "after so long without an edge the frequency is 0" },
};

static const struct channel channels[] = {
	{ .name = "frequency", .unit = "Hz", .help = "edges a second times scale, in the unit of the option" },
};

static int gpio_frequency_describe(void *state, struct arena *a, const struct channel **out, struct sensor_error *err)
{
	struct gpio_frequency *s = state;

	(void)a, (void)err;
	s->channel = channels[0];
	s->channel.unit = s->unit->code;
	*out = &s->channel;
	return 1;
}

static int gpio_frequency_probe(void *state, int64_t now_us, struct sensor_error *err)
{
	struct gpio_frequency *s = state;

	(void)now_us;
	s->rate = (struct edge_rate){ .n = 0 };
	return gpio_open(&s->gpio, err);
}

static void on_edge(void *ctx, const struct gpio_edge *e)
{
	struct gpio_frequency *s = ctx;

	edge_rate_add(&s->rate, e->at_us);
}

static int gpio_frequency_fetch(void *state, int64_t kernel_us, struct sensor_event out[], size_t max)
{
	struct gpio_frequency *s = state;

	(void)out, (void)max;
	s->kernel_us = kernel_us;
	return gpio_each(&s->gpio, kernel_us, on_edge, s);
}

static int64_t gpio_frequency_trigger(void *state, int64_t now_us)
{
	struct gpio_frequency *s = state;
	int r = gpio_level(&s->gpio);

	(void)now_us;
	if (r < 0)
		return r;
	s->out = edge_rate_take(&s->rate, s->kernel_us, s->timeout_us) * s->scale;
	return 0;
}

static int gpio_frequency_collect(void *state, int64_t now_us, double out[])
{
	const struct gpio_frequency *s = state;

	(void)now_us;
	out[0] = s->out;
	return 0;
}

static const struct sensor_watch watch = {
	.fd = gpio_watch_fd,
	.fetch = gpio_frequency_fetch,
	.wake_us = gpio_watch_wake_us,
	.take_lost = gpio_watch_take_lost,
};

const struct sensor_driver gpio_frequency_driver = {
	.name = "gpio-frequency",
	.help = "frequency of a GPIO line: fans, anemometers, revolutions",
	.options = { options, ARRAY_LEN(options) },
	.channels = channels,
	.n_channels = ARRAY_LEN(channels),
	.state_size = sizeof(struct gpio_frequency),
	.describe = gpio_frequency_describe,
	.probe = gpio_frequency_probe,
	.trigger = gpio_frequency_trigger,
	.collect = gpio_frequency_collect,
	.watch = &watch,
	.close = gpio_close_state,
};
