/* SPDX-License-Identifier: Apache-2.0 */
/* gpio_line.h - what the lines of a GPIO chip are called and who has them, without requesting any: nothing changes by it. */
#ifndef RUNNEL_DRIVERS_GPIO_LINE_H
#define RUNNEL_DRIVERS_GPIO_LINE_H

#include <stdbool.h>
#include <stdint.h>

#include "drivers/gpio_chip.h"

struct gpio_line {
	char name[GPIO_LABEL_BYTES];	 /* by the board's makers, "" none */
	char consumer[GPIO_LABEL_BYTES]; /* who has it, "" unknown */
	bool is_used;			 /* it cannot be had */
};

/**
 * Lines 0 to @n - 1 of a chip.
 * @return  how many, fewer when the chip went away meanwhile; or why it cannot be opened
 */
NODISCARD int gpio_line_list(const struct gpio_chip *chip, struct gpio_line out[], uint32_t n);

#endif
