/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gpio_v1.c - lines by libgpiod 1.x, as in Debian 12. Compiled instead of gpio_v2.c when pkg-config finds that version.
 *
 * The kernel's first interface, which it uses, keeps 16 edges and then drops what comes, silently. A queue that was full when it was
 * read counts as one edge lost when there is but one direction: that it was none cannot be shown, and a count that may be wrong
 * must not look right. With both directions gpio.c sees more. Debouncing needs both.
 */
#include <errno.h>
#include <fcntl.h>
#include <gpiod.h>

#include "drivers/gpio_chip.h"
#include "drivers/gpio_drive.h"

enum { QUEUE = 16 };

static int flags_of(const struct gpio *g)
{
	static const int bias[] = {
		[GPIO_BIAS_AS_IS] = 0,
		[GPIO_BIAS_PULL_UP] = GPIOD_LINE_REQUEST_FLAG_BIAS_PULL_UP,
		[GPIO_BIAS_PULL_DOWN] = GPIOD_LINE_REQUEST_FLAG_BIAS_PULL_DOWN,
		[GPIO_BIAS_DISABLED] = GPIOD_LINE_REQUEST_FLAG_BIAS_DISABLE,
	};

	return bias[g->bias] | (g->active == GPIO_ACTIVE_LOW ? GPIOD_LINE_REQUEST_FLAG_ACTIVE_LOW : 0);
}

static int request(struct gpio *g, struct gpiod_line *line)
{
	static const int types[] = {
		[GPIO_RISING] = GPIOD_LINE_REQUEST_EVENT_RISING_EDGE,
		[GPIO_FALLING] = GPIOD_LINE_REQUEST_EVENT_FALLING_EDGE,
		[GPIO_BOTH] = GPIOD_LINE_REQUEST_EVENT_BOTH_EDGES,
	};
	int edges = g->debounce_us > 0 ? GPIO_BOTH : g->edges;
	const struct gpiod_line_request_config config = {
		.consumer = "runnel",
		.request_type = types[edges],
		.flags = flags_of(g),
	};

	if (gpiod_line_request(line, &config, 0) < 0)
		return -errno;
	g->fd = gpiod_line_event_get_fd(line);
	if (g->fd < 0 || fcntl(g->fd, F_SETFL, O_NONBLOCK) < 0)
		return -errno;
	g->handle = line;
	g->has_both = edges == GPIO_BOTH;
	return 0;
}

static int request_output(struct gpio *g, struct gpiod_line *line, bool is_on)
{
	const struct gpiod_line_request_config config = {
		.consumer = "runnel",
		.request_type = GPIOD_LINE_REQUEST_DIRECTION_OUTPUT,
		.flags = g->active == GPIO_ACTIVE_LOW ? GPIOD_LINE_REQUEST_FLAG_ACTIVE_LOW : 0,
	};

	if (gpiod_line_request(line, &config, is_on) < 0)
		return -errno;
	g->handle = line;
	return 0;
}

/* @return 0 with @line of a chip that is open, or negative errno with @err filled */
static int find_line(struct gpio *g, struct gpio_chip *where, struct gpiod_line **line, struct sensor_error *err)
{
	struct gpiod_chip *chip;
	int number = gpio_line_number(g), r = gpio_chip_find(g, where, err);

	if (r < 0)
		return r;
	chip = gpiod_chip_open(where->path);
	if (!chip)
		return gpio_line_error(g, where, -errno, err);
	if (number >= (int)where->n_lines)
		*line = NULL;
	else
		*line = number >= 0 ? gpiod_chip_get_line(chip, (unsigned)number) : gpiod_chip_find_line(chip, g->line);
	if (*line)
		return 0;
	gpiod_chip_close(chip);
	return gpio_line_error(g, where, -ENODEV, err);
}

static int v1_open(struct gpio *g, struct sensor_error *err)
{
	struct gpio_chip where;
	struct gpiod_line *line;
	int r = find_line(g, &where, &line, err);

	if (r < 0)
		return r;
	r = request(g, line);
	if (r < 0) {
		gpiod_chip_close(gpiod_line_get_chip(line));
		return gpio_line_error(g, &where, r, err);
	}
	return 0;
}

static int v1_drive_open(struct gpio *g, bool is_on, struct sensor_error *err)
{
	struct gpio_chip where;
	struct gpiod_line *line;
	int r = find_line(g, &where, &line, err);

	if (r < 0)
		return r;
	r = request_output(g, line, is_on);
	if (r < 0) {
		gpiod_chip_close(gpiod_line_get_chip(line));
		return gpio_line_error(g, &where, r, err);
	}
	return 0;
}

static int v1_drive_set(struct gpio *g, bool is_on)
{
	return gpiod_line_set_value(g->handle, is_on) < 0 ? -errno : 0;
}

static int v1_read(struct gpio *g, struct gpio_edge out[], size_t max)
{
	struct gpiod_line_event events[QUEUE];
	int n = gpiod_line_event_read_fd_multiple(g->fd, events, (unsigned)(max < QUEUE ? max : QUEUE));

	if (n < 0)
		return errno == EAGAIN ? 0 : -errno;
	for (int i = 0; i < n; i++)
		out[i] = (struct gpio_edge){
			.at_us = (int64_t)events[i].ts.tv_sec * 1000000 + events[i].ts.tv_nsec / 1000,
			.is_active = events[i].event_type == GPIOD_LINE_EVENT_RISING_EDGE,
		};
	if (n == QUEUE && !g->has_both)
		g->lost++;
	return n;
}

static int v1_level(struct gpio *g)
{
	int level = gpiod_line_get_value(g->handle);

	return level < 0 ? -errno : level;
}

static void v1_close(struct gpio *g)
{
	gpiod_chip_close(gpiod_line_get_chip(g->handle));
}

const struct gpio_ops gpio_libgpiod = { .open = v1_open, .read = v1_read, .level = v1_level, .close = v1_close };
const struct gpio_drive_ops gpio_libgpiod_drive = { .open = v1_drive_open, .set = v1_drive_set, .close = v1_close };
