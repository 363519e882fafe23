/* SPDX-License-Identifier: Apache-2.0 */
#include "drivers/gpio.h"

#include <assert.h>

enum {
	DOUBT_US = 10000, /* an interrupt is seen in the level before its edge can be read, but not for so long */
	AT_ONCE = 64,
	MAX_ROUNDS = 64,
};

const char *const gpio_active_names[] = { "high", "low", NULL };
const char *const gpio_bias_names[] = { "as-is", "pull-up", "pull-down", "disabled", NULL };
const char *const gpio_edges_names[] = { "rising", "falling", "both", NULL };

static const struct gpio_ops *ops_of(const struct gpio *g)
{
	return g->ops ? g->ops : &gpio_libgpiod;
}

int gpio_open(struct gpio *g, struct sensor_error *err)
{
	int r;

	gpio_close(g);
	g->has_both = g->has_debounce = g->has_count = g->is_numbered = false;
	r = ops_of(g)->open(g, err);
	if (r < 0)
		return r;
	g->is_open = true;
	r = ops_of(g)->level(g);
	if (r < 0) {
		gpio_close(g);
		return r;
	}
	g->is_active = g->was_active = r > 0;
	g->has_seen = g->is_doubtful = false;
	g->lost = 0;
	return 0;
}

void gpio_close(struct gpio *g)
{
	if (g->is_open)
		ops_of(g)->close(g);
	g->is_open = false;
}

int gpio_level(struct gpio *g)
{
	return ops_of(g)->level(g);
}

static bool must_settle(const struct gpio *g)
{
	return g->debounce_us > 0 && !g->has_debounce;
}

/* @return how many were written: 1, or 0 when it is of the other direction */
static size_t put(struct gpio *g, int64_t at_us, bool is_active, struct gpio_edge *out)
{
	if (g->edges != GPIO_BOTH && is_active != (g->edges == GPIO_RISING))
		return 0;
	*out = (struct gpio_edge){ .at_us = at_us, .is_active = is_active, .lost = gpio_take_lost(g) };
	return 1;
}

/* The level after the last edge, if it held until @until_us, counts. */
static size_t settle(struct gpio *g, int64_t until_us, struct gpio_edge *out)
{
	if (!must_settle(g) || g->was_active == g->is_active || until_us - g->changed_us < g->debounce_us)
		return 0;
	g->is_active = g->was_active;
	return put(g, g->changed_us + g->debounce_us, g->is_active, out);
}

/*
 * Edges that are not numbered must alternate; of two alike, the one between is missing. Not so the first, because the
 * level it is compared with was read when edges could already come.
 */
static void look_for_loss(struct gpio *g, const struct gpio_edge *e)
{
	g->lost += e->lost;
	if (g->has_both && !g->has_count && g->has_seen && e->is_active == g->was_active)
		g->lost++;
	g->has_seen = true;
}

static size_t feed(struct gpio *g, const struct gpio_edge *e, struct gpio_edge *out)
{
	size_t n = settle(g, e->at_us, out);

	g->was_active = e->is_active;
	g->changed_us = e->at_us;
	g->is_doubtful = false;
	if (must_settle(g))
		return n;
	g->is_active = e->is_active;
	return put(g, e->at_us, e->is_active, out);
}

/* No edge waits: then the level is that of the last one. @return edges made up, 0 or 1, or negative errno */
static int check_level(struct gpio *g, int64_t now_us, struct gpio_edge *out)
{
	int level = g->has_both ? gpio_level(g) : g->was_active;

	if (level < 0)
		return level;
	if ((level > 0) == g->was_active) {
		g->is_doubtful = false;
		return 0;
	}
	if (!g->is_doubtful) {
		g->is_doubtful = true;
		g->doubt_us = now_us;
	}
	if (now_us - g->doubt_us < DOUBT_US)
		return 0;
	g->lost++;
	return (int)feed(g, &(struct gpio_edge){ .at_us = now_us, .is_active = level > 0 }, out);
}

int gpio_fetch(struct gpio *g, int64_t now_us, struct gpio_edge out[], size_t max)
{
	struct gpio_edge raw[AT_ONCE];
	size_t n = 0;
	int r = 0;

	assert(max >= 8);
	for (int round = 0; n == 0 && round < MAX_ROUNDS; round++) {
		r = ops_of(g)->read(g, raw, max < AT_ONCE ? max : AT_ONCE);
		if (r <= 0)
			break;
		for (int i = 0; i < r; i++) {
			look_for_loss(g, &raw[i]);
			n += feed(g, &raw[i], &out[n]);
		}
	}
	if (r == 0) {
		n += settle(g, now_us, &out[n]);
		r = check_level(g, now_us, &out[n]);
		n += r > 0;
	}
	return n > 0 ? (int)n : r < 0 ? r : 0;
}

int gpio_each(struct gpio *g, int64_t now_us, void (*edge)(void *ctx, const struct gpio_edge *e), void *ctx)
{
	struct gpio_edge edges[AT_ONCE];
	int n = 1;

	for (int round = 0; n > 0 && round < MAX_ROUNDS; round++) {
		n = gpio_fetch(g, now_us, edges, AT_ONCE);
		for (int i = 0; i < n; i++) {
			g->lost += edges[i].lost;
			edge(ctx, &edges[i]);
		}
	}
	return n < 0 ? n : 0;
}

int64_t gpio_wake_us(const struct gpio *g)
{
	int64_t wake_us = g->is_doubtful ? g->doubt_us + DOUBT_US : INT64_MAX;

	if (must_settle(g) && g->was_active != g->is_active && g->changed_us + g->debounce_us < wake_us)
		wake_us = g->changed_us + g->debounce_us;
	return wake_us;
}

uint32_t gpio_take_lost(struct gpio *g)
{
	uint32_t lost = g->lost;

	g->lost = 0;
	return lost;
}

int gpio_watch_fd(const void *state)
{
	const struct gpio *g = state;

	return g->fd;
}

int64_t gpio_watch_wake_us(const void *state)
{
	return gpio_wake_us(state);
}

uint32_t gpio_watch_take_lost(void *state)
{
	return gpio_take_lost(state);
}

void gpio_close_state(void *state)
{
	gpio_close(state);
}
