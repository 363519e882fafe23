/* SPDX-License-Identifier: Apache-2.0 */
/* A line that swings faster than it can be read, such as an input that is not connected to anything. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "drivers/gpio.h"

/* An edge every microsecond, for ever: each fetch must still come to an end. */
static int storm_read(struct gpio *g, struct gpio_edge out[], size_t max)
{
	int64_t *at_us = g->handle;

	for (size_t i = 0; i < max; i++, ++*at_us)
		out[i] = (struct gpio_edge){ .at_us = *at_us, .is_active = *at_us % 2 == 0 };
	return (int)max;
}

static int storm_open(struct gpio *g, struct sensor_error *err)
{
	(void)err;
	g->is_active = false;
	return 0;
}

static int storm_level(struct gpio *g)
{
	return g->is_active;
}

static void storm_close(struct gpio *g)
{
	g->is_open = false;
}

static void count_edge(void *ctx, const struct gpio_edge *e)
{
	(void)e;
	++*(int *)ctx;
}

static void a_line_that_never_rests_is_left_alone_after_a_while(void **state)
{
	static const struct gpio_ops storm = { storm_open, storm_read, storm_level, storm_close };
	int64_t at_us = 0;
	int n = 0;
	struct gpio g = { .chip = "c", .line = "1", .ops = &storm, .handle = &at_us, .edges = GPIO_BOTH };
	struct sensor_error err;

	(void)state;
	assert_int_equal(gpio_open(&g, &err), 0);
	assert_int_equal(gpio_each(&g, 0, count_edge, &n), 0);
	assert_in_range(n, 100, 10000);
	g.debounce_us = 10;
	assert_int_equal(gpio_each(&g, 0, count_edge, &n), 0);
	assert_in_range(n, 100, 10000);
	gpio_close(&g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_that_never_rests_is_left_alone_after_a_while),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
