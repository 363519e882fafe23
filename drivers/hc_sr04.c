/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hc-sr04 - distance by ultrasound: HC-SR04, US-015, JSN-SR04T and relatives with a trigger and an echo line. Datasheet of Elecfreaks: a
 * pulse of at least 10 us on the trigger; the echo line is high for as long as the sound takes, there and back; 2 cm to 4 m; 60 ms
 * from one measurement to the next; 38 ms of echo mean that nothing came back.
 *
 * The width is that between the kernel's time stamps of the two edges, so nobody has to watch the line, and a busy board measures as well
 * as an idle one, but for the interrupts' own delay: 10 us of it are 2 mm. A driver does not sleep: the pulse lasts as long as it takes to set
 * the line again and again. A call to the kernel takes 0.3 us at the least, mostly 1 or more; a longer pulse does no harm.
 *
 * Sound travels at 331.3 m/s * sqrt(1 + t / 273.15): 0.18 % for each degree, which `temperature` corrects.
 * The echo line of a module that runs on 5 V needs a divider: the board's pins stand 3.3 V.
 *
 * Not done: temperature from another sensor, several echoes. Proven by: tests/test_driver_hc_sr04.c on models of the lines; no
 * hardware yet.
 */
#include <errno.h>
#include <math.h>

#include "drivers/gpio_drive.h"

enum {
	PULSE_CALLS = 40, /* 12 us at 0.3 us each */
	CYCLE_US = 60000,
	NOTHING_US = 38000,
	MAX_EDGES = 16,
	MAX_ROUNDS = 16,
};

struct hc_sr04 {
	struct gpio echo; /* its chip is that of both */
	struct gpio_drive trigger;
	double celsius;
};

static const struct opt options[] = {
	{ "chip", OPT_TEXT, offsetof(struct hc_sr04, echo.chip), .required = true, .example = "gpiochip0",
	  .help = "name (gpiochip0), label (pinctrl-bcm2711) or path" },
	{ "trigger", OPT_TEXT, offsetof(struct hc_sr04, trigger.gpio.line), .required = true, .example = "23",
	  .help = "line of the trigger, number or name; it is driven" },
	{ "echo", OPT_TEXT, offsetof(struct hc_sr04, echo.line), .required = true, .example = "24",
	  .help = "line of the echo, number or name; 3.3 V" },
	{ "temperature", OPT_DOUBLE, offsetof(struct hc_sr04, celsius), .min = -40, .max = 85, .def = "20",
	  .unit = "Cel", .help = "of the air, for the speed of sound" },
};

static const struct channel channels[] = {
	{ .name = "distance",
	  .unit = "m",
	  .min = 0.02,
	  .max = 4,
	  .help = "to what sends the sound back; none when nothing does" },
};

static void hc_sr04_close(void *state)
{
	struct hc_sr04 *s = state;

	gpio_close(&s->echo);
	gpio_drive_close(&s->trigger);
}

static int hc_sr04_probe(void *state, int64_t now_us, struct sensor_error *err)
{
	struct hc_sr04 *s = state;
	int r;

	(void)now_us;
	s->echo.edges = GPIO_BOTH;
	s->trigger.gpio.chip = s->echo.chip;
	r = gpio_drive_open(&s->trigger, false, err);
	if (r == 0)
		r = gpio_open(&s->echo, err);
	if (r < 0)
		hc_sr04_close(s);
	return r;
}

/* @return how many edges there were, all of them, and the first of them in @out; or negative errno */
static int take_edges(struct hc_sr04 *s, struct gpio_edge out[MAX_EDGES])
{
	struct gpio_edge rest[MAX_EDGES] = { 0 }; /* read so that the queue is empty, else unused */
	int total = 0, n = 1;

	for (int i = 0; n > 0 && i < MAX_ROUNDS; i++) {
		n = gpio_fetch(&s->echo, 0, total == 0 ? out : rest, MAX_EDGES);
		total += n > 0 ? n : 0;
	}
	return n < 0 ? n : total;
}

static int send_pulse(struct hc_sr04 *s)
{
	int r = 0;

	for (int i = 0; r == 0 && i < PULSE_CALLS; i++)
		r = gpio_drive_set(&s->trigger, true);
	return r < 0 ? r : gpio_drive_set(&s->trigger, false);
}

static int64_t hc_sr04_trigger(void *state, int64_t now_us)
{
	struct hc_sr04 *s = state;
	struct gpio_edge old[MAX_EDGES];
	int r = take_edges(s, old), level;

	(void)now_us;
	if (r < 0)
		return r;
	level = gpio_level(&s->echo);
	if (level != 0)
		return level < 0 ? level : -EIO; /* an echo that does not end: a wire, or no power */
	r = send_pulse(s);
	return r < 0 ? r : CYCLE_US;
}

static double metres_per_second(double celsius)
{
	return 331.3 * sqrt(1.0 + celsius / 273.15);
}

static int hc_sr04_collect(void *state, int64_t now_us, double out[])
{
	struct hc_sr04 *s = state;
	struct gpio_edge edges[MAX_EDGES];
	int n = take_edges(s, edges);
	int64_t width_us;

	(void)now_us;
	if (n <= 0)
		return n < 0 ? n : -ETIMEDOUT; /* not even the beginning of an echo */
	if (n > 2 || !edges[0].is_active || gpio_take_lost(&s->echo) > 0 || (n == 2 && edges[1].is_active))
		return -EBADMSG;
	width_us = n == 2 ? edges[1].at_us - edges[0].at_us : NOTHING_US;
	out[0] = width_us < NOTHING_US ? (double)width_us / 1e6 * metres_per_second(s->celsius) / 2.0 : (double)NAN;
	return 0;
}

const struct sensor_driver hc_sr04_driver = {
	.name = "hc-sr04",
	.help = "HC-SR04 and relatives: distance by ultrasound, 2 cm to 4 m",
	.options = { options, ARRAY_LEN(options) },
	.channels = channels,
	.n_channels = ARRAY_LEN(channels),
	.state_size = sizeof(struct hc_sr04),
	.probe = hc_sr04_probe,
	.trigger = hc_sr04_trigger,
	.collect = hc_sr04_collect,
	.close = hc_sr04_close,
};
