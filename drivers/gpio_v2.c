/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gpio_v2.c - lines by libgpiod 2.x, as in Debian 13. Compiled instead of gpio_v1.c when pkg-config finds that version.
 *
 * The kernel debounces, keeps as many edges as we ask for, drops the oldest of too many, and numbers those of a line: a
 * number that is skipped is an edge that was lost.
 */
#include <errno.h>
#include <fcntl.h>
#include <gpiod.h>

#include "drivers/gpio_chip.h"
#include "drivers/gpio_drive.h"

enum { QUEUE = 1024, AT_ONCE = 64 };

static int set(struct gpiod_line_settings *settings, const struct gpio *g)
{
	static const enum gpiod_line_bias bias[] = {
		[GPIO_BIAS_AS_IS] = GPIOD_LINE_BIAS_AS_IS,
		[GPIO_BIAS_PULL_UP] = GPIOD_LINE_BIAS_PULL_UP,
		[GPIO_BIAS_PULL_DOWN] = GPIOD_LINE_BIAS_PULL_DOWN,
		[GPIO_BIAS_DISABLED] = GPIOD_LINE_BIAS_DISABLED,
	};
	static const enum gpiod_line_edge edges[] = {
		[GPIO_RISING] = GPIOD_LINE_EDGE_RISING,
		[GPIO_FALLING] = GPIOD_LINE_EDGE_FALLING,
		[GPIO_BOTH] = GPIOD_LINE_EDGE_BOTH,
	};

	gpiod_line_settings_set_active_low(settings, g->active == GPIO_ACTIVE_LOW);
	gpiod_line_settings_set_debounce_period_us(settings, (unsigned long)g->debounce_us);
	if (gpiod_line_settings_set_direction(settings, GPIOD_LINE_DIRECTION_INPUT) < 0 ||
	    gpiod_line_settings_set_bias(settings, bias[g->bias]) < 0 ||
	    gpiod_line_settings_set_edge_detection(settings, edges[g->edges]) < 0 ||
	    gpiod_line_settings_set_event_clock(settings, GPIOD_LINE_CLOCK_MONOTONIC) < 0)
		return -errno;
	return 0;
}

static int set_output(struct gpiod_line_settings *settings, const struct gpio *g, bool is_on)
{
	gpiod_line_settings_set_active_low(settings, g->active == GPIO_ACTIVE_LOW);
	if (gpiod_line_settings_set_direction(settings, GPIOD_LINE_DIRECTION_OUTPUT) < 0 ||
	    gpiod_line_settings_set_output_value(settings,
						 is_on ? GPIOD_LINE_VALUE_ACTIVE : GPIOD_LINE_VALUE_INACTIVE) < 0)
		return -errno;
	return 0;
}

/* What becomes of a line. */
enum use { USE_INPUT, USE_OFF, USE_ON };

/* @return 0 with g->handle, or negative errno */
static int request(struct gpio *g, struct gpiod_chip *chip, unsigned line, enum use use)
{
	struct gpiod_line_settings *settings = gpiod_line_settings_new();
	struct gpiod_line_config *lines = gpiod_line_config_new();
	struct gpiod_request_config *config = gpiod_request_config_new();
	int r = -ENOMEM;

	if (settings && lines && config) {
		r = use == USE_INPUT ? set(settings, g) : set_output(settings, g, use == USE_ON);
		if (r == 0 && gpiod_line_config_add_line_settings(lines, &line, 1, settings) < 0)
			r = -errno;
	}
	if (r == 0) {
		gpiod_request_config_set_consumer(config, "runnel");
		gpiod_request_config_set_event_buffer_size(config, QUEUE);
		g->handle = gpiod_chip_request_lines(chip, config, lines);
		r = g->handle ? 0 : -errno;
	}
	gpiod_request_config_free(config);
	gpiod_line_config_free(lines);
	gpiod_line_settings_free(settings);
	return r;
}

static int prepare(struct gpio *g)
{
	g->fd = gpiod_line_request_get_fd(g->handle);
	g->buffer = gpiod_edge_event_buffer_new(AT_ONCE);
	if (g->buffer && fcntl(g->fd, F_SETFL, O_NONBLOCK) == 0) {
		g->has_both = g->edges == GPIO_BOTH;
		g->has_debounce = g->has_count = true;
		return 0;
	}
	return -errno;
}

static void v2_close(struct gpio *g)
{
	gpiod_edge_event_buffer_free(g->buffer);
	gpiod_line_request_release(g->handle);
	g->buffer = g->handle = NULL;
}

/* @return 0 with g->handle, or negative errno with @err filled */
static int take_line(struct gpio *g, enum use use, struct sensor_error *err)
{
	struct gpio_chip where;
	struct gpiod_chip *chip;
	int number = gpio_line_number(g), r = gpio_chip_find(g, &where, err);

	if (r < 0)
		return r;
	chip = gpiod_chip_open(where.path);
	if (!chip)
		return gpio_line_error(g, &where, -errno, err);
	if (number < 0)
		number = gpiod_chip_get_line_offset_from_name(chip, g->line);
	r = number >= 0 && number < (int)where.n_lines ? request(g, chip, (unsigned)number, use) : -ENODEV;
	gpiod_chip_close(chip);
	if (r == 0 && use == USE_INPUT) {
		r = prepare(g);
		if (r < 0)
			v2_close(g);
	}
	return r < 0 ? gpio_line_error(g, &where, r, err) : 0;
}

static int v2_open(struct gpio *g, struct sensor_error *err)
{
	return take_line(g, USE_INPUT, err);
}

static int v2_drive_open(struct gpio *g, bool is_on, struct sensor_error *err)
{
	return take_line(g, is_on ? USE_ON : USE_OFF, err);
}

static int v2_drive_set(struct gpio *g, bool is_on)
{
	unsigned line = 0;

	gpiod_line_request_get_requested_offsets(g->handle, &line, 1);
	if (gpiod_line_request_set_value(g->handle, line, is_on ? GPIOD_LINE_VALUE_ACTIVE : GPIOD_LINE_VALUE_INACTIVE) <
	    0)
		return -errno;
	return 0;
}

static uint32_t number_edge(struct gpio *g, unsigned long number)
{
	unsigned long skipped = (number - g->number - 1) & UINT32_MAX; /* 32 bits in the kernel */
	uint32_t lost = g->is_numbered ? (uint32_t)skipped : (uint32_t)number - 1;

	g->is_numbered = true;
	g->number = number;
	return lost;
}

static int v2_read(struct gpio *g, struct gpio_edge out[], size_t max)
{
	int n = gpiod_line_request_read_edge_events(g->handle, g->buffer, max < AT_ONCE ? max : AT_ONCE);

	if (n < 0)
		return errno == EAGAIN ? 0 : -errno;
	for (int i = 0; i < n; i++) {
		struct gpiod_edge_event *e = gpiod_edge_event_buffer_get_event(g->buffer, (unsigned long)i);

		out[i] = (struct gpio_edge){
			.at_us = (int64_t)(gpiod_edge_event_get_timestamp_ns(e) / 1000),
			.is_active = gpiod_edge_event_get_event_type(e) == GPIOD_EDGE_EVENT_RISING_EDGE,
			.lost = number_edge(g, gpiod_edge_event_get_line_seqno(e)),
		};
	}
	return n;
}

static int v2_level(struct gpio *g)
{
	unsigned line = 0;
	enum gpiod_line_value value;

	gpiod_line_request_get_requested_offsets(g->handle, &line, 1);
	value = gpiod_line_request_get_value(g->handle, line);
	return value == GPIOD_LINE_VALUE_ERROR ? -errno : value == GPIOD_LINE_VALUE_ACTIVE;
}

const struct gpio_ops gpio_libgpiod = { .open = v2_open, .read = v2_read, .level = v2_level, .close = v2_close };
const struct gpio_drive_ops gpio_libgpiod_drive = { .open = v2_drive_open, .set = v2_drive_set, .close = v2_close };
