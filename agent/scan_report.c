/* SPDX-License-Identifier: Apache-2.0 */
/* scan_report.c - what was found, for people and as JSON. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "agent/scan.h"

enum { WIDTH = 100, LIST_AT = 10 };

struct report {
	struct dynbuf *out;
	const char *prefix;
	size_t column; /* of a list that is wrapped */
	bool is_begun;
};

static void line(const struct report *r, const char *fmt, ...) PRINTF_LIKE(2, 3);

static void line(const struct report *r, const char *fmt, ...)
{
	char text[400];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	dynbuf_addf(r->out, "%s%s\n", r->prefix, text);
}

static void lines(const struct report *r, const char *text)
{
	for (const char *end; text; text = end ? end + 1 : NULL) {
		end = strchr(text, '\n');
		line(r, "  %.*s", end ? (int)(end - text) : (int)strlen(text), text);
	}
}

/* --- a list over several lines --- */

static void list_begin(struct report *r, const char *what)
{
	dynbuf_addf(r->out, "%s    %-*s", r->prefix, LIST_AT - 4, what);
	r->column = LIST_AT;
	r->is_begun = false;
}

static void list_add(struct report *r, const char *item)
{
	if (r->is_begun)
		dynbuf_adds(r->out, ",");
	if (r->is_begun && r->column + strlen(item) + 2 > WIDTH) {
		dynbuf_addf(r->out, "\n%s%*s", r->prefix, LIST_AT, "");
		r->column = LIST_AT;
	} else if (r->is_begun) {
		dynbuf_adds(r->out, " ");
	}
	dynbuf_adds(r->out, item);
	r->column += strlen(item) + 2;
	r->is_begun = true;
}

static void list_end(struct report *r)
{
	dynbuf_adds(r->out, r->is_begun ? "\n" : "none\n");
}

/* --- I2C --- */

/* What often has an address, of what no driver reads. */
static const char *guess(uint8_t address)
{
	static const struct {
		uint8_t first, last;
		const char *what;
	} usual[] = {
		{ 0x20, 0x27, "also displays of characters behind a PCF8574" },
		{ 0x3C, 0x3D, "often a display (SSD1306)" },
		{ 0x40, 0x40, "also a PCA9685" },
		{ 0x50, 0x57, "often an EEPROM" },
	};

	for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++)
		if (address >= usual[i].first && address <= usual[i].last)
			return usual[i].what;
	return "";
}

static void report_open(const struct report *r, const struct scan_bus *bus, const struct scan_chip *chip)
{
	char names[200] = "";
	const char *more = guess(chip->address);

	for (size_t i = 0; i < chip->n_drivers; i++) {
		size_t used = strlen(names);

		snprintf(names + used, sizeof(names) - used, "%s%s",
			 i == 0			    ? ""
			 : i + 1 == chip->n_drivers ? " or "
						    : ", ",
			 chip->drivers[i]->name);
	}
	if (chip->n_drivers)
		line(r, "    0x%02x  ?  cannot be told safely, may be %s%s%s", chip->address, names,
		     more[0] ? "; " : "", more);
	else
		line(r, "    0x%02x  ?  something that no driver reads%s%s", chip->address, more[0] ? "; " : "", more);
	if (chip->address >= 0x70 && !strchr(bus->name, '/'))
		line(r, "             or a mux (TCA9548A): `runnel scan --bus %s/0x%02x.0` looks behind it, .0 to .7",
		     bus->name, chip->address);
}

static void report_chip(const struct report *r, const struct scan_bus *bus, const struct scan_chip *chip)
{
	switch (chip->kind) {
	case SCAN_KNOWN:
		line(r, "    0x%02x  %s  %s", chip->address, chip->drivers[0]->name, chip->drivers[0]->help);
		break;
	case SCAN_OWNED:
		line(r, "    0x%02x  the kernel's driver %s has it (look below hwmon and IIO for %d-%04x)",
		     chip->address, chip->owner, bus->bus.number, chip->address);
		break;
	case SCAN_MUX:
		line(r, "    0x%02x  a mux; `runnel scan --bus i2c-%d/0x%02x.0` looks behind, .0 to .7", chip->address,
		     bus->bus.number, chip->address);
		break;
	case SCAN_AMBIGUOUS:
		report_open(r, bus, chip);
		break;
	}
}

static void report_i2c(const struct scan *s, const struct report *r)
{
	line(r, "I2C");
	if (s->i2c_hint)
		lines(r, s->i2c_hint);
	for (size_t i = 0; i < s->n_buses; i++) {
		const struct scan_bus *bus = &s->buses[i];

		line(r, "  %s  %s%s", bus->name, bus->bus.name,
		     bus->is_scanned && !bus->why[0] && bus->n_chips == 0 ? ": nothing answers" : "");
		if (bus->why[0])
			line(r, "    %s", bus->why);
		for (size_t k = 0; k < bus->n_chips; k++)
			report_chip(r, bus, &bus->chips[k]);
	}
}

/* --- GPIO --- */

/* "GPIO17" for line 17 says nothing new. */
static bool has_own_name(const struct gpio_line *l, uint32_t number)
{
	char usual[GPIO_LABEL_BYTES];

	snprintf(usual, sizeof(usual), "GPIO%u", number);
	return l->name[0] && strcmp(l->name, usual) != 0;
}

static void list_free(struct report *r, const struct scan_gpio *g)
{
	char item[80];

	list_begin(r, "free");
	for (uint32_t i = 0, last; i < g->n_known; i = last + 1) {
		last = i;
		if (g->lines[i].is_used)
			continue;
		while (!has_own_name(&g->lines[i], i) && last + 1 < g->n_known && !g->lines[last + 1].is_used &&
		       !has_own_name(&g->lines[last + 1], last + 1))
			last++;
		if (has_own_name(&g->lines[i], i))
			snprintf(item, sizeof(item), "%u %s", i, g->lines[i].name);
		else if (last > i)
			snprintf(item, sizeof(item), "%u-%u", i, last);
		else
			snprintf(item, sizeof(item), "%u", i);
		list_add(r, item);
	}
	list_end(r);
}

static void list_used(struct report *r, const struct scan_gpio *g)
{
	char item[120];

	list_begin(r, "used");
	for (uint32_t i = 0; i < g->n_known; i++) {
		const struct gpio_line *l = &g->lines[i];

		if (!l->is_used)
			continue;
		snprintf(item, sizeof(item), "%u%s%s%s%s%s", i, has_own_name(l, i) ? " " : "",
			 has_own_name(l, i) ? l->name : "", l->consumer[0] ? " (" : "", l->consumer,
			 l->consumer[0] ? ")" : "");
		list_add(r, item);
	}
	list_end(r);
}

static void report_gpio(const struct scan *s, struct report *r)
{
	line(r, "GPIO");
	if (s->gpio_hint)
		lines(r, s->gpio_hint);
	for (size_t i = 0; i < s->n_gpios; i++) {
		const struct scan_gpio *g = &s->gpios[i];

		line(r, "  %s  %s, %u lines", g->name, g->label, g->n_lines);
		if (g->why[0])
			line(r, "    %s", g->why);
		if (g->n_known) {
			list_free(r, g);
			list_used(r, g);
		}
	}
}

/* --- what the kernel reads --- */

static void report_devices(const struct scan *s, struct report *r, const char *driver, const char *title,
			   const char *none)
{
	size_t n = 0;

	line(r, "%s", title);
	for (size_t i = 0; i < s->n_devices; i++) {
		const struct scan_device *d = &s->devices[i];

		if (strcmp(d->driver->name, driver) != 0)
			continue;
		n++;
		line(r, "  %s  %s%s%s", d->device, d->name, d->name[0] ? ", " : "", d->place);
		if (strcmp(driver, "w1") == 0 && d->n_channels == 0)
			line(r, "    no thermometer that w1-therm reads");
		if (strcmp(driver, "w1") == 0)
			continue;
		list_begin(r, "reads");
		for (size_t k = 0; k < d->n_channels; k++)
			list_add(r, d->channels[k].name);
		list_end(r);
	}
	if (n == 0)
		line(r, "  none%s", none);
}

void scan_report(const struct scan *s, struct dynbuf *out, const char *prefix)
{
	struct report r = { .out = out, .prefix = prefix };

	report_i2c(s, &r);
	if (s->world->bus)
		return;
	report_gpio(s, &r);
	report_devices(s, &r, "hwmon", "hwmon", "");
	report_devices(s, &r, "iio", "IIO", "");
	report_devices(s, &r, "w1", "1-wire", "; Raspberry Pi: dtoverlay=w1-gpio switches the bus on");
}
