/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gpio-duty - which share of the time a line is active: burners, pumps, compressors, slow PWM. Integrated from edge to edge by the time
 * stamps of the kernel, so the mean over a window is exact however the edges fall between the readings.
 *
 * Proven by: tests/test_driver_gpio.c; no hardware yet.
 */
#include "drivers/gpio.h"

struct gpio_duty {
	struct gpio gpio;
	bool has_begun, is_active;
	int64_t begun_us, done_us, now_us; /* CLOCK_MONOTONIC; last reading, integrated up to, fetched at */
	int64_t active_us;		   /* since begun_us */
	double out;
};

static const struct opt options[] = { GPIO_OPTIONS(struct gpio_duty) };

static const struct channel channels[] = {
	{ .name = "duty",
	  .unit = "%",
	  .min = 0,
	  .max = 100,
	  .help = "share of the time since the last reading that was active" },
};

static int gpio_duty_probe(void *state, int64_t now_us, struct sensor_error *err)
{
	struct gpio_duty *s = state;
	int r;

	(void)now_us;
	s->gpio.edges = GPIO_BOTH;
	s->has_begun = false;
	r = gpio_open(&s->gpio, err);
	if (r == 0)
		s->is_active = s->gpio.is_active;
	return r;
}

/* Edges come in order; one may bear a time just after that of the last reading's end, or just before. */
static void integrate(struct gpio_duty *s, int64_t until_us)
{
	if (until_us <= s->done_us)
		return;
	if (s->is_active)
		s->active_us += until_us - s->done_us;
	s->done_us = until_us;
}

static void on_edge(void *ctx, const struct gpio_edge *e)
{
	struct gpio_duty *s = ctx;

	integrate(s, e->at_us);
	s->is_active = e->is_active;
}

static int gpio_duty_fetch(void *state, int64_t kernel_us, struct sensor_event out[], size_t max)
{
	struct gpio_duty *s = state;

	(void)out, (void)max;
	if (!s->has_begun) {
		s->has_begun = true;
		s->begun_us = s->done_us = kernel_us;
		s->active_us = 0;
	}
	s->now_us = kernel_us;
	return gpio_each(&s->gpio, kernel_us, on_edge, s);
}

static int64_t gpio_duty_trigger(void *state, int64_t now_us)
{
	struct gpio_duty *s = state;
	int level = gpio_level(&s->gpio);

	(void)now_us;
	if (level < 0)
		return level;
	integrate(s, s->now_us);
	if (s->has_begun && s->done_us > s->begun_us) {
		s->out = 100.0 * (double)s->active_us / (double)(s->done_us - s->begun_us);
		s->begun_us = s->done_us;
		s->active_us = 0;
	} else { /* no time has passed: what it is now */
		s->out = level > 0 ? 100.0 : 0.0;
	}
	return 0;
}

static int gpio_duty_collect(void *state, int64_t now_us, double out[])
{
	const struct gpio_duty *s = state;

	(void)now_us;
	out[0] = s->out;
	return 0;
}

static const struct sensor_watch watch = {
	.fd = gpio_watch_fd,
	.fetch = gpio_duty_fetch,
	.wake_us = gpio_watch_wake_us,
	.take_lost = gpio_watch_take_lost,
};

const struct sensor_driver gpio_duty_driver = {
	.name = "gpio-duty",
	.help = "share of the time a GPIO line is active: burners, pumps, slow PWM",
	.options = { options, ARRAY_LEN(options) },
	.channels = channels,
	.n_channels = ARRAY_LEN(channels),
	.state_size = sizeof(struct gpio_duty),
	.probe = gpio_duty_probe,
	.trigger = gpio_duty_trigger,
	.collect = gpio_duty_collect,
	.watch = &watch,
	.close = gpio_close_state,
};
