/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gpio.h - one input line of a GPIO chip: its level and its edges, each with the kernel's time stamp. Nothing here drives a line.
 *
 * Two libraries that share a name are behind it, one of which the Makefile chooses: libgpiod 1.x (gpio_v1.c) keeps 16 edges while
 * nobody reads and drops the newer ones without a word; 2.x (gpio_v2.c) keeps 1024, numbers them, and debounces in the kernel. What
 * they differ in is made up for here: a change counts once the level has held for all of `debounce`, and is dated then, as
 * the kernel does it, so the last level is never lost; and when the queue is empty the level is compared with the last edge.
 * If they still differ a while later an edge was lost, and is made up.
 *
 * Tests put their own operations in (tests/fake_gpio.h). Levels and edges are logical: active or not.
 */
#ifndef RUNNEL_DRIVERS_GPIO_H
#define RUNNEL_DRIVERS_GPIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/check.h"
#include "base/opt.h"
#include "drivers/sensor.h"

enum gpio_active { GPIO_ACTIVE_HIGH, GPIO_ACTIVE_LOW };
enum gpio_bias { GPIO_BIAS_AS_IS, GPIO_BIAS_PULL_UP, GPIO_BIAS_PULL_DOWN, GPIO_BIAS_DISABLED };
enum gpio_edges { GPIO_RISING, GPIO_FALLING, GPIO_BOTH };

extern const char *const gpio_active_names[], *const gpio_bias_names[], *const gpio_edges_names[];

struct gpio_edge {
	int64_t at_us;	/* CLOCK_MONOTONIC */
	bool is_active; /* afterwards */
	uint32_t lost;	/* edges that must have been lost before it, at least */
};

struct gpio;

struct gpio_ops {
	/** Request the line as an input with edges. Sets @fd and @has_both, and what else it can. */
	int (*open)(struct gpio *g, struct sensor_error *err);

	/** Edges that wait, oldest first, 0: none. Does not wait. */
	int (*read)(struct gpio *g, struct gpio_edge out[], size_t max);

	/** 1: active, 0: not, or negative errno. */
	int (*level)(struct gpio *g);
	void (*close)(struct gpio *g);
};

/** The library's. */
extern const struct gpio_ops gpio_libgpiod;

enum { GPIO_LABEL_BYTES = 32 };

/** First member of a driver's state. All-zero but for the options is closed. */
struct gpio {
	const char *chip, *line;    /* options */
	int active, bias;	    /* options: enum gpio_active, gpio_bias */
	int64_t debounce_us;	    /* option; 0: none */
	int edges;		    /* what fetch gives: enum gpio_edges */
	const struct gpio_ops *ops; /* NULL: the library's */

	/* The operations' own. */
	void *handle, *buffer;
	int fd;
	bool has_both;		      /* edges of both directions come, whatever @edges says */
	bool has_debounce, has_count; /* the kernel debounces; numbers the edges */
	bool is_numbered;	      /* @number is that of an edge */
	unsigned long number;
	char label[GPIO_LABEL_BYTES]; /* of the chip found first: it may come back under another name */
	bool has_twin;		      /* there was another with this label, so the label alone finds nothing */

	/* Of gpio.c. */
	bool is_open;
	bool is_active;	  /* settled */
	bool was_active;  /* after the last edge */
	bool has_seen;	  /* an edge */
	bool is_doubtful; /* the level is not that of the last edge, since: */
	int64_t changed_us, doubt_us;
	uint32_t lost; /* not yet told */
};

/** Rows of the options of a driver whose state is @type with `struct gpio gpio` in it. */
#define GPIO_OPTIONS(type)                                                                                           \
	{ "chip",                                                                                                    \
	  OPT_TEXT,                                                                                                  \
	  offsetof(type, gpio.chip),                                                                                 \
	  .required = true,                                                                                          \
	  .example = "gpiochip0",                                                                                    \
	  .help = "name (gpiochip0), label (pinctrl-bcm2711) or path; the label also finds a chip again that comes " \
		  "back" },                                                                                          \
		{ "line",	    OPT_TEXT,	     offsetof(type, gpio.line),                                      \
		  .required = true, .example = "17", .help = "number on the chip, or the line's name" },             \
		{ "active",                                                                                          \
		  OPT_ENUM,                                                                                          \
		  offsetof(type, gpio.active),                                                                       \
		  .def = "high",                                                                                     \
		  .choices = gpio_active_names,                                                                      \
		  .help = "the level that counts as 1" },                                                            \
		{ "bias",                                                                                            \
		  OPT_ENUM,                                                                                          \
		  offsetof(type, gpio.bias),                                                                         \
		  .def = "as-is",                                                                                    \
		  .choices = gpio_bias_names,                                                                        \
		  .help = "resistor within the chip; as-is: whatever is set" },                                      \
	{                                                                                                            \
		"debounce", OPT_DURATION, offsetof(type, gpio.debounce_us),                                          \
			.min = 0, .max = 4e9, .def = "0",                                                            \
			.help = "a change counts once the level has held for so long, and is dated then"             \
	}

/**
 * Idempotent. @return 0 or negative errno with @err filled in the user's terms: -ENODEV no such chip or line, -EBUSY in use,
 * -EACCES, -EINVAL the chip cannot do the bias, -ENXIO the line has no interrupts
 */
NODISCARD int gpio_open(struct gpio *g, struct sensor_error *err);

/** Idempotent; also when never opened. */
void gpio_close(struct gpio *g);

/** 1: active, 0: not, or negative errno: -ENODEV the chip is gone. Not debounced. */
NODISCARD int gpio_level(struct gpio *g);

/**
 * The next edges of the direction asked for, oldest first. Does not wait. @max: 8 or more. @now_us: CLOCK_MONOTONIC
 * @return  how many: call again; 0: none now; or negative errno
 */
NODISCARD int gpio_fetch(struct gpio *g, int64_t now_us, struct gpio_edge out[], size_t max);

/**
 * All edges that wait, up to a bounded number, one by one; what was lost is left to gpio_take_lost().
 * @return 0 or negative errno
 */
NODISCARD int gpio_each(struct gpio *g, int64_t now_us, void (*edge)(void *ctx, const struct gpio_edge *e), void *ctx);

/** When gpio_fetch() may have something although fd is silent; INT64_MAX: never. */
int64_t gpio_wake_us(const struct gpio *g);

/** Lost edges that no edge of gpio_fetch() told of. Begins again at 0. */
uint32_t gpio_take_lost(struct gpio *g);

/** For struct sensor_watch, when struct gpio stands first in the state. */
int gpio_watch_fd(const void *state);
int64_t gpio_watch_wake_us(const void *state);
uint32_t gpio_watch_take_lost(void *state);
void gpio_close_state(void *state);

#endif
