/* SPDX-License-Identifier: Apache-2.0 */
/* scan_gpio.c - GPIO chips and their lines. No line is requested, so nothing changes at any pin. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "agent/scan.h"
#include "drivers/gpio_line.h"

enum { MAX_CHIPS = 64, MAX_LINES = 4096 };

static void explain(struct scan_gpio *g, const char *path, int error)
{
	g->error = error;
	if (error == -EACCES || error == -EPERM)
		scan_explain_permission(path, "gpio", g->why);
	else if (error == -ENODEV || error == -ENOENT)
		snprintf(g->why, sizeof(g->why), "it went away");
	else
		snprintf(g->why, sizeof(g->why), "cannot be opened: %s", strerror(-error));
}

static void add_chip(struct scan *s, const struct gpio_chip *chip, int error)
{
	struct scan_gpio *g = &s->gpios[s->n_gpios++];
	uint32_t n = chip->n_lines < MAX_LINES ? chip->n_lines : MAX_LINES;
	int r = error;

	snprintf(g->name, sizeof(g->name), "%s", chip->name[0] ? chip->name : strrchr(chip->path, '/') + 1);
	snprintf(g->label, sizeof(g->label), "%s", chip->label);
	g->n_lines = chip->n_lines;
	g->lines = arena_alloc(&s->arena, (n + 1) * sizeof(g->lines[0]));
	if (r == 0)
		r = gpio_line_list(chip, g->lines, n);
	scan_clean(g->label);
	for (int i = 0; i < r; i++) {
		scan_clean(g->lines[i].name);
		scan_clean(g->lines[i].consumer);
	}
	if (r < 0)
		explain(g, chip->path, r);
	else if ((g->n_known = (uint32_t)r) < n)
		explain(g, chip->path, -ENODEV);
}

static bool has_label(const struct scan *s, const struct scan_gpio *g)
{
	for (const struct scan_gpio *other = s->gpios; other < s->gpios + s->n_gpios; other++)
		if (other != g && strcmp(other->label, g->label) == 0)
			return false;
	return g->label[0] != '\0';
}

void scan_gpio(struct scan *s)
{
	struct gpio_chip chip;
	int r;

	s->gpios = arena_alloc(&s->arena, MAX_CHIPS * sizeof(s->gpios[0]));
	for (size_t i = 0; s->world->root[0] == '\0' && i < MAX_CHIPS && (r = gpio_chip_at(i, &chip)) != -ENOENT; i++)
		add_chip(s, &chip, r);
	for (size_t i = 0; i < s->n_gpios; i++)
		s->gpios[i].has_own_label = has_label(s, &s->gpios[i]);
	if (s->n_gpios == 0)
		s->gpio_hint = "no GPIO chip (/dev/gpiochip*) here.";
}
