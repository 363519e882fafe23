/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gpio_chip.h - finds GPIO chips by name, label or path, and says in the user's terms why a line cannot be had. By the kernel's
 * own call, which is the same under every version of the library.
 */
#ifndef RUNNEL_DRIVERS_GPIO_CHIP_H
#define RUNNEL_DRIVERS_GPIO_CHIP_H

#include <stddef.h>
#include <stdint.h>

#include "base/check.h"
#include "drivers/gpio.h"

enum { GPIO_PATH_BYTES = 32 };

struct gpio_chip {
	char path[GPIO_PATH_BYTES]; /* "/dev/gpiochip0" */
	char name[GPIO_LABEL_BYTES], label[GPIO_LABEL_BYTES];
	uint32_t n_lines;
};

/**
 * Chip number @i of those in /dev, in no particular order.
 * @return  0, -ENOENT: past the end, or why this one cannot be opened; its path is filled then
 */
NODISCARD int gpio_chip_at(size_t i, struct gpio_chip *out);

/**
 * The chip of g->chip: of all that match, a path before a name before a label. When it was found before, it is the one with
 * the same label: chips that are plugged in again get another number, and another chip may have got theirs.
 * @return  0 (g->label is filled), -ENODEV: none, -EINVAL: several with this label, or why it cannot be opened; @err says it
 */
NODISCARD int gpio_chip_find(struct gpio *g, struct gpio_chip *out, struct sensor_error *err);

/** The number that g->line is, or -1: it is a name. */
int gpio_line_number(const struct gpio *g);

/** Fill @err for a line that cannot be requested. @return @error */
int gpio_line_error(const struct gpio *g, const struct gpio_chip *chip, int error, struct sensor_error *err);

#endif
