/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conf_places.c - no two sensors at one address of a bus, nothing twice on one line of a chip. Found by the options `bus` and
 * `address`, `chip` and the lines, whatever the driver. Names are compared as they are written, with the usual spellings (1,
 * i2c-1, /dev/i2c-1); that two names lead to one adapter or chip is known on the board alone.
 *
 * Behind a mux (i2c-1/0x70.3) addresses may repeat, but not one that is on the bus itself: that chip would hear, too. Sensors of
 * i2c-register may share a chip, each has its register.
 */
#include <stdio.h>
#include <string.h>

#include "agent/conf_private.h"
#include "base/text.h"

struct spot {
	const char *what, *owner; /* "sensor", its name */
	const char *driver;
	struct place at;
	bool is_line;
	const char *text;	   /* bus or chip, as written */
	const char *root, *branch; /* the same without what is always there; channel of a mux or "" */
	const char *name;	   /* of a line, when @number is -1 */
	int64_t number;		   /* address or line */
	int64_t mux;		   /* address of the mux; -1: none */
};

struct list {
	struct conf *c;
	struct diag *d;
	struct spot *spots;
	size_t n;
};

static const char *const line_options[] = { "line", "trigger", "echo" };

const void *conf_option(const struct opt_table *table, const void *state, const char *name, enum opt_type type)
{
	for (size_t i = 0; i < table->n; i++)
		if (strcmp(table->rows[i].name, name) == 0 && table->rows[i].type == type)
			return (const char *)state + table->rows[i].offset;
	return NULL;
}

static const char *text_option(const struct opt_table *table, const void *state, const char *name)
{
	const char *const *text = conf_option(table, state, name, OPT_TEXT);

	return text ? *text : NULL;
}

static struct place place_of(const struct node *n, const char *key)
{
	const struct node *value = node_get(n, key);

	return value ? value->at : n->key_at;
}

/* "i2c-1/0x70.3" -> "1" and "/0x70.3" */
static void split_bus(struct arena *a, const char *bus, struct spot *out)
{
	const char *mux = strstr(bus, "/0x");
	char address[8];

	if (strncmp(bus, "/dev/", 5) == 0)
		bus += 5;
	if (strncmp(bus, "i2c-", 4) == 0)
		bus += 4;
	out->branch = mux && mux > bus ? mux : "";
	snprintf(address, sizeof(address), "%.4s", out->branch[0] ? out->branch + 1 : "");
	if (text_to_int64(address, &out->mux) < 0)
		out->mux = -1;
	out->root = arena_strndup(a, bus, strlen(bus) - strlen(out->branch));
}

static void add_chip(struct list *l, const struct opt_table *table, const void *state, const struct node *n,
		     struct spot spot)
{
	const char *bus = text_option(table, state, "bus");
	const int64_t *address = conf_option(table, state, "address", OPT_INT);

	if (!bus || !address)
		return;
	spot.text = bus;
	split_bus(&l->c->arena, bus, &spot);
	spot.number = *address;
	spot.at = place_of(n, "address");
	l->spots[l->n++] = spot;
}

static void add_lines(struct list *l, const struct opt_table *table, const void *state, const struct node *n,
		      struct spot spot)
{
	const char *chip = text_option(table, state, "chip");

	for (size_t i = 0; chip && i < ARRAY_LEN(line_options); i++) {
		spot.name = text_option(table, state, line_options[i]);
		if (!spot.name)
			continue;
		spot.is_line = true;
		spot.text = chip;
		spot.root = strncmp(chip, "/dev/", 5) == 0 ? chip + 5 : chip;
		spot.branch = "";
		if (text_to_int64(spot.name, &spot.number) < 0)
			spot.number = -1;
		spot.mux = -1;
		spot.at = place_of(n, line_options[i]);
		l->spots[l->n++] = spot;
	}
}

/* The one is at the address of the mux that leads to the other. */
static bool is_mux_of(const struct spot *a, const struct spot *b)
{
	return !a->is_line && !a->branch[0] && b->mux >= 0 && b->mux == a->number;
}

/* Of chips at the same address of a bus. */
static bool do_chips_meet(const struct spot *a, const struct spot *b)
{
	bool are_apart = a->branch[0] && b->branch[0] && strcmp(a->branch, b->branch) != 0;
	bool are_registers = strcmp(a->driver, "i2c-register") == 0 && strcmp(b->driver, "i2c-register") == 0;

	return !are_apart && !are_registers;
}

static bool meet(const struct spot *a, const struct spot *b)
{
	if (a->is_line != b->is_line || strcmp(a->root, b->root) != 0)
		return false;
	if (is_mux_of(a, b) || is_mux_of(b, a))
		return true;
	if (a->number != b->number)
		return false;
	if (a->is_line)
		return a->number >= 0 || strcmp(a->name, b->name) == 0;
	return do_chips_meet(a, b);
}

static void report(struct diag *d, const struct spot *a, const struct spot *b)
{
	char where[64];

	if (is_mux_of(a, b) || is_mux_of(b, a)) {
		diag_error(d, b->at,
			   "%s '%s' and %s '%s' (line %u, column %u): one has the address of the mux that leads to the "
			   "other",
			   b->what, b->owner, a->what, a->owner, a->at.line, a->at.column);
		return;
	}
	if (a->is_line)
		snprintf(where, sizeof(where), "line %.40s", a->name);
	else
		snprintf(where, sizeof(where), "address 0x%02x", (unsigned)a->number);
	diag_error(d, b->at, "%s '%s' takes %s of %s, which %s '%s' has (line %u, column %u)", b->what, b->owner, where,
		   b->text, a->what, a->owner, a->at.line, a->at.column);
}

static void add_sensors(struct list *l, const struct node *sensors)
{
	size_t i = 0;

	for (const struct node *n = l->c->n_sensors > 0 ? sensors->children : NULL; n; n = n->next, i++) {
		const struct conf_sensor *s = &l->c->sensors[i];
		struct spot spot = { .what = "sensor", .owner = s->name };

		if (!s->driver || s->n_channels == 0)
			continue; /* it has errors of its own */
		spot.driver = s->driver->name;
		add_chip(l, &s->driver->options, s->state, n, spot);
		add_lines(l, &s->driver->options, s->state, n, spot);
	}
}

static void add_actions(struct list *l, const struct node *actions)
{
	for (size_t i = 0; i < l->c->n_actions; i++) {
		const struct conf_action *a = &l->c->actions[i];
		struct spot spot = { .what = "action", .owner = a->name, .driver = a->driver->name };

		add_chip(l, &a->driver->options, a->state, node_get(actions, a->name), spot);
		add_lines(l, &a->driver->options, a->state, node_get(actions, a->name), spot);
	}
}

void conf_check_places(struct conf *c, const struct node *root, struct diag *d)
{
	struct list l = { .c = c, .d = d };

	l.spots = arena_alloc(&c->arena,
			      (c->n_sensors + c->n_actions) * (1 + ARRAY_LEN(line_options)) * sizeof(l.spots[0]));
	add_sensors(&l, node_get(root, "sensors"));
	add_actions(&l, node_get(root, "actions"));
	for (size_t b = 1; b < l.n; b++)
		for (size_t a = 0; a < b; a++)
			if (meet(&l.spots[a], &l.spots[b])) {
				report(d, &l.spots[a], &l.spots[b]);
				break;
			}
}
