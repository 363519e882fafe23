/* SPDX-License-Identifier: Apache-2.0 */
/* The line of fake_gpio.h. */
#include "tests/fake_gpio.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { V1_CAPACITY = 16, V2_CAPACITY = 1024 };

static int fake_open(struct gpio *g, struct sensor_error *err)
{
	struct fake_gpio *f = g->handle;

	f->n_opens++;
	if (f->open_error) {
		snprintf(err->text, sizeof(err->text), "there is no GPIO chip '%s'", g->chip);
		return f->open_error;
	}
	assert_false(f->is_open);
	f->is_open = true;
	f->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	assert_true(f->fd >= 0);
	f->n = 0;
	f->g = g;
	g->fd = f->fd;
	g->has_both = g->edges == GPIO_BOTH || (!f->is_v2 && g->debounce_us > 0);
	g->has_count = g->has_debounce = f->is_v2;
	return 0;
}

static int fake_read(struct gpio *g, struct gpio_edge out[], size_t max)
{
	struct fake_gpio *f = g->handle;
	uint64_t count;
	size_t n;

	assert_true(f->is_open);
	if (f->before_read)
		f->before_read(f);
	n = f->n < max ? f->n : max;
	if (f->read_error)
		return f->read_error;
	memcpy(out, f->queue, n * sizeof(out[0]));
	f->n -= n;
	memmove(f->queue, f->queue + n, f->n * sizeof(out[0]));
	if (f->n == 0 && read(f->fd, &count, sizeof(count)) < 0)
		assert_int_equal(errno, EAGAIN);
	if (!f->is_v2 && n == V1_CAPACITY && !g->has_both)
		g->lost++;
	return (int)n;
}

static int fake_level(struct gpio *g)
{
	struct fake_gpio *f = g->handle;

	assert_true(f->is_open);
	return f->level_error ? f->level_error : f->level;
}

static void fake_close(struct gpio *g)
{
	struct fake_gpio *f = g->handle;

	assert_true(f->is_open);
	f->is_open = false;
	f->n_closes++;
	close(f->fd);
}

static const struct gpio_ops ops = { .open = fake_open, .read = fake_read, .level = fake_level, .close = fake_close };

void fake_gpio_attach_state(struct fake_gpio *f, void *state)
{
	struct gpio *g = state; /* the first member of all of them */

	g->ops = &ops;
	g->handle = f;
}

void fake_gpio_attach(struct fake_gpio *f, struct driver_rig *rig)
{
	assert_int_equal(strncmp(rig->driver->name, "gpio-", 5), 0);
	fake_gpio_attach_state(f, rig->state);
}

void fake_gpio_set(struct fake_gpio *f, int64_t at_us, bool is_active)
{
	const uint64_t one = 1;
	bool is_wanted;

	if (is_active == f->level)
		return;
	f->level = is_active;
	if (!f->is_open || f->is_mute)
		return;
	is_wanted = f->g->has_both || is_active == (f->g->edges == GPIO_RISING);
	if (!is_wanted || (!f->is_v2 && f->n == V1_CAPACITY))
		return;
	if (f->is_v2 && f->n == V2_CAPACITY) {
		uint32_t lost = f->queue[0].lost + 1;

		memmove(f->queue, f->queue + 1, --f->n * sizeof(f->queue[0]));
		f->queue[0].lost = lost;
	}
	f->queue[f->n++] = (struct gpio_edge){ .at_us = at_us, .is_active = is_active };
	assert_int_equal(write(f->fd, &one, sizeof(one)), sizeof(one));
}

void fake_gpio_pulses(struct fake_gpio *f, int64_t at_us, int n, int64_t period_us, int64_t width_us)
{
	for (int i = 0; i < n; i++) {
		fake_gpio_set(f, at_us + i * period_us, true);
		fake_gpio_set(f, at_us + i * period_us + width_us, false);
	}
}
