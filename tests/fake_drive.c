/* SPDX-License-Identifier: Apache-2.0 */
/* The line of fake_drive.h. */
#include "tests/fake_drive.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

static int fake_open(struct gpio *g, bool is_on, struct sensor_error *err)
{
	struct fake_drive *f = g->handle;

	f->n_opens++;
	if (f->open_error) {
		snprintf(err->text, sizeof(err->text), "line %s of %s: in use by gpioset", g->line, g->chip);
		return f->open_error;
	}
	assert_false(f->is_open);
	f->is_open = true;
	f->is_on = f->first_level = is_on;
	return 0;
}

static int fake_set(struct gpio *g, bool is_on)
{
	struct fake_drive *f = g->handle;

	assert_true(f->is_open);
	f->n_sets++;
	if (f->set_error)
		return f->set_error;
	if (f->is_on == is_on)
		return 0;
	f->is_on = is_on;
	if (f->changed)
		f->changed(f);
	return 0;
}

static void fake_close(struct gpio *g)
{
	struct fake_drive *f = g->handle;

	assert_true(f->is_open);
	f->is_open = false;
	f->n_closes++;
}

void fake_drive_attach(struct fake_drive *f, struct gpio_drive *d)
{
	static const struct gpio_drive_ops ops = { .open = fake_open, .set = fake_set, .close = fake_close };

	d->ops = &ops;
	d->gpio.handle = f;
}
