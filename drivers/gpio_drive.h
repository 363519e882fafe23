/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gpio_drive.h - one output line of a GPIO chip. Requested with its level, so there is no moment at another one.
 *
 * What the line does once it is let go, also when the program dies, is not in our hands: the kernel frees it, and says nothing of
 * its level. Some drivers turn it into an input at once (pinctrl-bcm2835 of older Raspberry Pi kernels), others leave it as it was
 * until somebody asks for it. So what must be safe then needs a resistor to its safe level.
 */
#ifndef RUNNEL_DRIVERS_GPIO_DRIVE_H
#define RUNNEL_DRIVERS_GPIO_DRIVE_H

#include "drivers/gpio.h"

struct gpio_drive_ops {
	int (*open)(struct gpio *g, bool is_on, struct sensor_error *err);
	int (*set)(struct gpio *g, bool is_on);
	void (*close)(struct gpio *g);
};

/** The library's. */
extern const struct gpio_drive_ops gpio_libgpiod_drive;

/** All-zero but for the options is closed. */
struct gpio_drive {
	struct gpio gpio; /* its options chip, line and active; of bias, debounce and edges nothing is used */
	const struct gpio_drive_ops *ops; /* NULL: the library's */
	bool is_open;
};

/** Idempotent. @return 0 or the errors of gpio_open() */
NODISCARD int gpio_drive_open(struct gpio_drive *d, bool is_on, struct sensor_error *err);

/** @return 0 or negative errno: -ENODEV the chip is gone, or it is not open */
NODISCARD int gpio_drive_set(struct gpio_drive *d, bool is_on);

/** Idempotent; also when never opened. */
void gpio_drive_close(struct gpio_drive *d);

#endif
