/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fake_gpio.h - one line of a GPIO chip with the queue of edges the kernel keeps for it: 16 that keep the oldest and tell of no loss
 * (libgpiod 1.x), or more that keep the newest and count (2.x). Its descriptor is readable while there are edges.
 */
#ifndef RUNNEL_TESTS_FAKE_GPIO_H
#define RUNNEL_TESTS_FAKE_GPIO_H

#include "drivers/gpio.h"
#include "tests/driver_rig.h"

enum { FAKE_GPIO_QUEUE = 2048 };

/** All-zero is an inactive line of the older kind. */
struct fake_gpio {
	bool is_v2;
	bool level;
	bool is_mute; /* edges are not noticed: interrupts that were missed */

	int open_error, read_error, level_error; /* until set back */
	unsigned n_opens, n_closes;

	void (*before_read)(struct fake_gpio *f); /* NULL: nothing happens just then */

	struct gpio *g;
	bool is_open;
	int fd;
	struct gpio_edge queue[FAKE_GPIO_QUEUE];
	size_t n;
};

/** Put @f in the place of the line of @rig, whose driver is one of gpio-*. Before the probe. */
void fake_gpio_attach(struct fake_gpio *f, struct driver_rig *rig);
void fake_gpio_attach_state(struct fake_gpio *f, void *state);

/** The level becomes @is_active at @at_us; an edge if it was not. */
void fake_gpio_set(struct fake_gpio *f, int64_t at_us, bool is_active);

/** @n pulses of @width_us, one every @period_us, the first at @at_us. */
void fake_gpio_pulses(struct fake_gpio *f, int64_t at_us, int n, int64_t period_us, int64_t width_us);

#endif
