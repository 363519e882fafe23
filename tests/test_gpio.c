/* SPDX-License-Identifier: Apache-2.0 */
/* The part of GPIO lines that is the same under both libraries: debouncing, edges that were lost, levels that disagree. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>

#include "tests/fake_gpio.h"

enum { MS = 1000, MAX = 64 };

struct bench {
	struct fake_gpio line;
	struct gpio g;
	struct gpio_edge edges[4096];
	size_t n;
};

static void begin(struct bench *b, enum gpio_edges edges, int64_t debounce_us)
{
	struct sensor_error err;

	b->g = (struct gpio){ .chip = "gpiochip0", .line = "17", .edges = edges, .debounce_us = debounce_us };
	fake_gpio_attach_state(&b->line, &b->g);
	assert_int_equal(gpio_open(&b->g, &err), 0);
	b->n = 0;
}

/* All that is there at @now_us. */
static void fetch(struct bench *b, int64_t now_us)
{
	int n;

	do {
		n = gpio_fetch(&b->g, now_us, &b->edges[b->n], MAX);
		assert_true(n >= 0);
		b->n += (size_t)n;
	} while (n > 0);
}

static void expect(const struct bench *b, size_t i, int64_t at_us, bool is_active, uint32_t lost)
{
	assert_true(i < b->n);
	if (b->edges[i].at_us != at_us || b->edges[i].is_active != is_active || b->edges[i].lost != lost)
		fail_msg("edge %zu: %d at %lld, %u lost", i, b->edges[i].is_active, (long long)b->edges[i].at_us,
			 b->edges[i].lost);
}

static void edges_come_with_their_times(void **state)
{
	static struct bench b;

	(void)state;
	begin(&b, GPIO_BOTH, 0);
	fake_gpio_set(&b.line, 100, true);
	fake_gpio_set(&b.line, 250, false);
	fetch(&b, 300);
	assert_int_equal(b.n, 2);
	expect(&b, 0, 100, true, 0);
	expect(&b, 1, 250, false, 0);
	assert_true(gpio_wake_us(&b.g) == INT64_MAX);
	gpio_close(&b.g);
}

static void the_direction_that_is_not_asked_for_is_left_out(void **state)
{
	static struct bench b;

	(void)state;
	for (int i = 0; i < 2; i++) { /* without and with a debounce that needs both */
		begin(&b, GPIO_FALLING, i * 5);
		fake_gpio_pulses(&b.line, 1 * MS, 3, 10 * MS, 4 * MS);
		fetch(&b, 90 * MS);
		assert_int_equal(b.n, 3);
		expect(&b, 0, 5 * MS + i * 5, false, 0);
		gpio_close(&b.g);
	}
}

/* --- debounce --- */

static void a_bounce_is_one_change_dated_when_it_held(void **state)
{
	static struct bench b;

	(void)state;
	begin(&b, GPIO_BOTH, 10 * MS);
	fake_gpio_set(&b.line, 100 * MS, true);
	fake_gpio_set(&b.line, 101 * MS, false);
	fake_gpio_set(&b.line, 103 * MS, true);
	fetch(&b, 104 * MS);
	assert_int_equal(b.n, 0);
	assert_true(gpio_wake_us(&b.g) == 113 * MS);
	fetch(&b, 112999);
	assert_int_equal(b.n, 0);
	fetch(&b, 113 * MS);
	assert_int_equal(b.n, 1);
	expect(&b, 0, 113 * MS, true, 0);
	assert_true(gpio_wake_us(&b.g) == INT64_MAX);
	gpio_close(&b.g);
}

/* A filter that ignores edges for a while after one it took would now say active for ever. */
static void the_last_level_is_never_lost(void **state)
{
	static struct bench b;

	(void)state;
	begin(&b, GPIO_BOTH, 100 * MS);
	fake_gpio_set(&b.line, 0, true);
	fetch(&b, 150 * MS);
	fake_gpio_set(&b.line, 160 * MS, false);
	fetch(&b, 170 * MS);
	assert_int_equal(b.n, 1);
	fetch(&b, 260 * MS);
	assert_int_equal(b.n, 2);
	expect(&b, 1, 260 * MS, false, 0);
	gpio_close(&b.g);
}

static void a_glitch_shorter_than_the_debounce_is_nothing(void **state)
{
	static struct bench b;

	(void)state;
	begin(&b, GPIO_BOTH, 10 * MS);
	fake_gpio_set(&b.line, 100 * MS, true);
	fake_gpio_set(&b.line, 109 * MS, false);
	fetch(&b, 500 * MS);
	assert_int_equal(b.n, 0);
	assert_int_equal(gpio_take_lost(&b.g), 0);
	gpio_close(&b.g);
}

/* Read late, in one go, they settle by their stamps as if they had been read at once. */
static void changes_settle_by_their_stamps_however_late_they_are_read(void **state)
{
	static struct bench b;

	(void)state;
	begin(&b, GPIO_BOTH, 10 * MS);
	fake_gpio_pulses(&b.line, 100 * MS, 3, 100 * MS, 50 * MS);
	fetch(&b, 5000 * MS);
	assert_int_equal(b.n, 6);
	for (size_t i = 0; i < 6; i++)
		expect(&b, i, (100 + 50 * (int64_t)i) * MS + 10 * MS, i % 2 == 0, 0);
	gpio_close(&b.g);
}

static void what_the_kernel_debounces_is_not_debounced_again(void **state)
{
	static struct bench b;

	(void)state;
	b.line.is_v2 = true;
	begin(&b, GPIO_BOTH, 10 * MS);
	fake_gpio_set(&b.line, 100 * MS, true);
	fetch(&b, 100 * MS);
	assert_int_equal(b.n, 1);
	expect(&b, 0, 100 * MS, true, 0);
	gpio_close(&b.g);
}

/* --- loss --- */

/* As measured with gpio-sim: after 25 edges the 16th says inactive, and the line is active. */
static void an_older_queue_that_overflowed_ends_with_the_level_the_line_has(void **state)
{
	static struct bench b;

	(void)state;
	begin(&b, GPIO_BOTH, 0);
	fake_gpio_pulses(&b.line, 1 * MS, 12, 2 * MS, 1 * MS);
	fake_gpio_set(&b.line, 25 * MS, true); /* 25 edges */
	fetch(&b, 30 * MS);
	assert_int_equal(b.n, 16);
	assert_false(b.edges[15].is_active);
	assert_true(gpio_wake_us(&b.g) == 40 * MS);
	fetch(&b, 40 * MS);
	assert_int_equal(b.n, 17);
	expect(&b, 16, 40 * MS, true, 1);
	assert_true(gpio_wake_us(&b.g) == INT64_MAX);
	gpio_close(&b.g);
}

/* The level shows an interrupt before its edge can be read: that is no loss. */
static void an_edge_that_comes_a_little_later_is_not_made_up(void **state)
{
	static struct bench b;

	(void)state;
	begin(&b, GPIO_BOTH, 0);
	b.line.level = true; /* its edge is on its way */
	fetch(&b, 20 * MS);
	assert_int_equal(b.n, 0);
	b.line.level = false;
	fake_gpio_set(&b.line, 20 * MS, true);
	fetch(&b, 29 * MS);
	fetch(&b, 60 * MS);
	assert_int_equal(b.n, 1);
	expect(&b, 0, 20 * MS, true, 0);
	assert_int_equal(gpio_take_lost(&b.g), 0);
	gpio_close(&b.g);
}

static void of_two_edges_alike_the_one_between_is_lost(void **state)
{
	static struct bench b;

	(void)state;
	begin(&b, GPIO_BOTH, 0);
	fake_gpio_set(&b.line, 1 * MS, true);
	b.line.is_mute = true;
	fake_gpio_set(&b.line, 2 * MS, false);
	b.line.is_mute = false;
	fake_gpio_set(&b.line, 3 * MS, true);
	fetch(&b, 4 * MS);
	assert_int_equal(b.n, 2);
	expect(&b, 1, 3 * MS, true, 1);
	gpio_close(&b.g);
}

/* A pulse shorter than the time to read its level has two edges alike; where they are numbered, nothing is lost by that. */
static void of_two_edges_alike_with_numbers_in_a_row_none_is_lost(void **state)
{
	static struct bench b;

	(void)state;
	b.line.is_v2 = true;
	begin(&b, GPIO_BOTH, 0);
	fake_gpio_pulses(&b.line, 1 * MS, 2, 2 * MS, 1 * MS);
	b.line.queue[2].is_active = false;
	fetch(&b, 9 * MS);
	assert_int_equal(b.n, 4);
	expect(&b, 2, 3 * MS, false, 0);
	expect(&b, 3, 4 * MS, false, 0);
	assert_int_equal(gpio_take_lost(&b.g), 0);
	gpio_close(&b.g);
}

/* The level that the first edge is compared with was read when edges could come already. */
static void the_first_edge_proves_no_loss(void **state)
{
	static struct bench b;

	(void)state;
	begin(&b, GPIO_BOTH, 0);
	b.line.is_mute = true;
	fake_gpio_set(&b.line, 1 * MS, true);
	fake_gpio_set(&b.line, 2 * MS, false);
	b.line.is_mute = false;
	b.g.was_active = true;
	fake_gpio_set(&b.line, 3 * MS, true);
	fetch(&b, 4 * MS);
	assert_int_equal(b.n, 1);
	expect(&b, 0, 3 * MS, true, 0);
	gpio_close(&b.g);
}

static void a_newer_queue_counts_what_it_dropped(void **state)
{
	static struct bench b;

	(void)state;
	b.line.is_v2 = true;
	begin(&b, GPIO_BOTH, 0);
	fake_gpio_pulses(&b.line, 0, 600, 2 * MS, 1 * MS); /* 1200 edges, 1024 kept */
	fetch(&b, 2000 * MS);
	assert_int_equal(b.n, 1024);
	expect(&b, 0, 176 * MS, true, 176);
	expect(&b, 1, 177 * MS, false, 0);
	expect(&b, 1023, 1199 * MS, false, 0);
	gpio_close(&b.g);
}

static void a_full_queue_of_one_direction_cannot_prove_its_count(void **state)
{
	static struct bench b;

	(void)state;
	begin(&b, GPIO_RISING, 0);
	fake_gpio_pulses(&b.line, 0, 15, 2 * MS, 1 * MS);
	fetch(&b, 100 * MS);
	assert_int_equal(b.n, 15);
	assert_int_equal(gpio_take_lost(&b.g), 0);
	fake_gpio_pulses(&b.line, 200 * MS, 40, 2 * MS, 1 * MS);
	fetch(&b, 300 * MS);
	assert_int_equal(b.n, 31);
	assert_int_equal(b.edges[15].lost + gpio_take_lost(&b.g), 1);
	gpio_close(&b.g);
}

/* --- errors --- */

static void errors_are_reported_when_there_is_nothing_else_to_say(void **state)
{
	static struct bench b;

	(void)state;
	begin(&b, GPIO_BOTH, 10);
	fake_gpio_set(&b.line, 5, true);
	b.line.level_error = -ENODEV;
	assert_int_equal(gpio_fetch(&b.g, 12, b.edges, MAX), -ENODEV);
	assert_int_equal(gpio_fetch(&b.g, 15, b.edges, MAX), 1);
	assert_int_equal(gpio_fetch(&b.g, 16, b.edges, MAX), -ENODEV);
	b.line.read_error = -EIO;
	assert_int_equal(gpio_fetch(&b.g, 17, b.edges, MAX), -EIO);
	gpio_close(&b.g);
	gpio_close(&b.g);
	assert_int_equal(b.line.n_closes, 1);
}

static void a_line_whose_level_cannot_be_read_is_closed_again(void **state)
{
	struct fake_gpio line = { .level_error = -EIO };
	struct gpio g = { .chip = "gpiochip0", .line = "17" };
	struct sensor_error err;

	(void)state;
	fake_gpio_attach_state(&line, &g);
	assert_int_equal(gpio_open(&g, &err), -EIO);
	assert_false(line.is_open);
	line.level_error = 0;
	line.open_error = -ENODEV;
	assert_int_equal(gpio_open(&g, &err), -ENODEV);
	assert_string_equal(err.text, "there is no GPIO chip 'gpiochip0'");
	gpio_close(&g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(edges_come_with_their_times),
		cmocka_unit_test(the_direction_that_is_not_asked_for_is_left_out),
		cmocka_unit_test(a_bounce_is_one_change_dated_when_it_held),
		cmocka_unit_test(the_last_level_is_never_lost),
		cmocka_unit_test(a_glitch_shorter_than_the_debounce_is_nothing),
		cmocka_unit_test(changes_settle_by_their_stamps_however_late_they_are_read),
		cmocka_unit_test(what_the_kernel_debounces_is_not_debounced_again),
		cmocka_unit_test(an_older_queue_that_overflowed_ends_with_the_level_the_line_has),
		cmocka_unit_test(an_edge_that_comes_a_little_later_is_not_made_up),
		cmocka_unit_test(of_two_edges_alike_the_one_between_is_lost),
		cmocka_unit_test(of_two_edges_alike_with_numbers_in_a_row_none_is_lost),
		cmocka_unit_test(the_first_edge_proves_no_loss),
		cmocka_unit_test(a_newer_queue_counts_what_it_dropped),
		cmocka_unit_test(a_full_queue_of_one_direction_cannot_prove_its_count),
		cmocka_unit_test(errors_are_reported_when_there_is_nothing_else_to_say),
		cmocka_unit_test(a_line_whose_level_cannot_be_read_is_closed_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
