/* SPDX-License-Identifier: Apache-2.0 */
#include "drivers/gpio_drive.h"

#include <errno.h>

static const struct gpio_drive_ops *ops_of(const struct gpio_drive *d)
{
	return d->ops ? d->ops : &gpio_libgpiod_drive;
}

int gpio_drive_open(struct gpio_drive *d, bool is_on, struct sensor_error *err)
{
	int r;

	gpio_drive_close(d);
	r = ops_of(d)->open(&d->gpio, is_on, err);
	d->is_open = r == 0;
	return r;
}

int gpio_drive_set(struct gpio_drive *d, bool is_on)
{
	return d->is_open ? ops_of(d)->set(&d->gpio, is_on) : -ENODEV;
}

void gpio_drive_close(struct gpio_drive *d)
{
	if (d->is_open)
		ops_of(d)->close(&d->gpio);
	d->is_open = false;
}
