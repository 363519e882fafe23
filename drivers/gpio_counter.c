/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gpio-counter - pulses of a meter on a GPIO line: water, gas, rain, electricity (S0). Two channels: what has run through since the start,
 * a counter whose name is the quantity of its unit (`volume` for L), and how fast it runs, `rate`.
 *
 * The count is kept as a whole number and scaled when it is read, so it does not drift. It begins at 0 with the agent and goes on
 * after a fault of the chip; pulses that came meanwhile are not known. Edges that are lost on the way are not
 * guessed: they are reported.
 *
 * Proven by: tests/test_driver_gpio.c, tests/hil (gpio-sim of the kernel); no hardware yet.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/unit.h"
#include "drivers/edge_rate.h"
#include "drivers/gpio.h"

struct gpio_counter {
	struct gpio gpio;
	double scale;
	const struct unit *unit;
	const char *name; /* of the counter's channel; NULL: by the unit */
	int64_t timeout_us;

	struct channel channels[2];
	double per_s; /* rate of one unit a second */
	uint64_t n;
	struct edge_rate rate;
	int64_t kernel_us; /* when edges were fetched last; 0: nobody does */
	double out[2];
};

static const struct opt options[] = {
	GPIO_OPTIONS(struct gpio_counter),
	{ "edge", OPT_ENUM, offsetof(struct gpio_counter, gpio.edges), .def = "rising", .choices = gpio_edges_names,
	  .help = "which edges count; both: two for each pulse" },
	{ "scale", OPT_DOUBLE, offsetof(struct gpio_counter, scale), .min = 1e-9, .max = 1e9, .def = "1",
	  .help = "how much of the unit one edge is" },
	{ "unit", OPT_UNIT, offsetof(struct gpio_counter, unit), .def = "{count}", .help = "unit of the counter" },
	{ "channel", OPT_TEXT, offsetof(struct gpio_counter, name),
	  .help = "name of the counter; by default volume, energy, rain, length, mass or count, as the unit says" },
	{ "timeout", OPT_DURATION, offsetof(struct gpio_counter, timeout_us), .min = 1e3, .max = 8.64e10, .def = "1m",
	  .help = "after so long without an edge the rate is 0" },
};

/* Which rate goes with a counter. Others have none: the KPI rate() does it for all. */
static const struct kind {
	const char *unit, *name, *rate_unit;
	double per_s;
} kinds[] = {
	{ "{count}", "count", "/min", 60.0 }, { "1", "count", "/min", 60.0 },	  { "L", "volume", "L/min", 60.0 },
	{ "mL", "volume", "L/min", 0.06 },    { "m3", "volume", "m3/h", 3600.0 }, { "mm", "rain", "mm/h", 3600.0 },
	{ "J", "energy", "W", 1.0 },	      { "W.h", "energy", "W", 3600.0 },	  { "kW.h", "energy", "kW", 3600.0 },
	{ "m", "length", "m/s", 1.0 },	      { "km", "length", "km/h", 3600.0 }, { "g", "mass", NULL, 0.0 },
	{ "kg", "mass", NULL, 0.0 },
};

static const struct channel channels[] = {
	{ .name = "count",
	  .unit = "{count}",
	  .kind = CHANNEL_COUNTER,
	  .help = "sum since the start; named by its unit: volume, energy, rain, length, mass, count" },
	{ .name = "rate",
	  .unit = "/min",
	  .help = "how fast it runs, for units that have a rate, such as L/min, m3/h, mm/h or W" },
};

static int gpio_counter_describe(void *state, struct arena *a, const struct channel **out, struct sensor_error *err)
{
	static const struct kind other = { "", "total", NULL, 0.0 };
	struct gpio_counter *s = state;
	const struct kind *k = &other;

	(void)a;
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (strcmp(kinds[i].unit, s->unit->code) == 0)
			k = &kinds[i];
	if (s->name && (!text_is_identifier(s->name) || strcmp(s->name, "rate") == 0)) {
		snprintf(err->text, sizeof(err->text), "a channel cannot be named '%.40s'", s->name);
		return -EINVAL;
	}
	memcpy(s->channels, channels, sizeof(channels));
	s->channels[0].name = s->name ? s->name : k->name;
	s->channels[0].unit = s->unit->code;
	s->channels[1].unit = k->rate_unit;
	s->per_s = k->per_s;
	*out = s->channels;
	return k->rate_unit ? 2 : 1;
}

static int gpio_counter_probe(void *state, int64_t now_us, struct sensor_error *err)
{
	struct gpio_counter *s = state;

	(void)now_us;
	s->rate = (struct edge_rate){ .n = 0 };
	s->kernel_us = 0;
	return gpio_open(&s->gpio, err);
}

static void on_edge(void *ctx, const struct gpio_edge *e)
{
	struct gpio_counter *s = ctx;

	s->n++;
	edge_rate_add(&s->rate, e->at_us);
}

/* Edges are counted and not given on. */
static int gpio_counter_fetch(void *state, int64_t kernel_us, struct sensor_event out[], size_t max)
{
	struct gpio_counter *s = state;

	(void)out, (void)max;
	s->kernel_us = kernel_us;
	return gpio_each(&s->gpio, kernel_us, on_edge, s);
}

static int64_t gpio_counter_trigger(void *state, int64_t now_us)
{
	struct gpio_counter *s = state;
	int r = gpio_level(&s->gpio);

	(void)now_us;
	if (r >= 0 && s->kernel_us == 0) { /* nobody waits for edges: those that are queued must do */
		r = gpio_counter_fetch(s, 0, NULL, 0);
		s->kernel_us = 0;
	}
	if (r < 0)
		return r;
	s->out[0] = (double)s->n * s->scale;
	s->out[1] = edge_rate_take(&s->rate, s->kernel_us, s->timeout_us) * s->scale * s->per_s;
	return 0;
}

static int gpio_counter_collect(void *state, int64_t now_us, double out[])
{
	const struct gpio_counter *s = state;

	(void)now_us;
	out[0] = s->out[0];
	if (s->per_s > 0.0)
		out[1] = s->out[1];
	return 0;
}

static const struct sensor_watch watch = {
	.fd = gpio_watch_fd,
	.fetch = gpio_counter_fetch,
	.wake_us = gpio_watch_wake_us,
	.take_lost = gpio_watch_take_lost,
};

const struct sensor_driver gpio_counter_driver = {
	.name = "gpio-counter",
	.help = "pulses on a GPIO line: water, gas, rain and electricity meters",
	.options = { options, ARRAY_LEN(options) },
	.channels = channels,
	.n_channels = ARRAY_LEN(channels),
	.state_size = sizeof(struct gpio_counter),
	.describe = gpio_counter_describe,
	.probe = gpio_counter_probe,
	.trigger = gpio_counter_trigger,
	.collect = gpio_counter_collect,
	.watch = &watch,
	.close = gpio_close_state,
};
