/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scan_config.c - a config of what was found, ready to run: a sensor for each chip that is known and for what the kernel reads, a stream for
 * each of their channels. What could not be told apart stands there as comments: who knows what they soldered takes away
 * the '#'.
 *
 * A sensor is called as its chip; of several with one name each gets its address, and if that is not enough its bus too.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "agent/conf.h"
#include "agent/scan.h"
#include "base/text.h"
#include "drivers/i2c_identity.h"

enum { NAMES = 3, NAME_BYTES = 40, MAX_ENTRIES = 1024, MAX_STREAMS = 500, MAX_SHOWN = 4 };

struct entry {
	char names[NAMES][NAME_BYTES]; /* by length */
	const char *name;
	const char *options; /* "driver: bme280, bus: i2c-1, address: 0x76, every: 1s" */
	const char *before;  /* comment lines before it; NULL: none */
	bool is_comment;
	const struct channel *channels;
	size_t n_channels;
};

struct writer {
	struct arena arena;
	struct dynbuf *out;
	struct entry *entries;
	size_t n;
	const char *streams[MAX_STREAMS]; /* names so far */
	size_t n_streams;
};

/* --- names --- */

/* Identifiers in lower case: "0000:01:00.0" -> "x0000_01_00_0" */
static void set_name(char out[NAME_BYTES], const char *a, const char *b, const char *c)
{
	char text[NAME_BYTES];
	size_t n = 0;

	snprintf(text, sizeof(text), "%s_%s_%s", a, b, c);
	if (!isalpha((unsigned char)text[0]))
		out[n++] = 'x';
	for (const char *p = text; *p && n < NAME_BYTES - 1; p++)
		if (isalnum((unsigned char)*p))
			out[n++] = (char)tolower((unsigned char)*p);
		else if (n > 0 && out[n - 1] != '_')
			out[n++] = '_';
	while (n > 1 && out[n - 1] == '_')
		n--;
	out[n] = '\0';
}

static bool is_alone(const struct writer *w, size_t i, size_t level)
{
	for (size_t k = 0; k < w->n; k++)
		if (k != i && strcmp(w->entries[k].names[level], w->entries[i].names[level]) == 0)
			return false;
	return true;
}

static bool is_given(const struct writer *w, const char *name)
{
	for (size_t i = 0; i < w->n; i++)
		if (w->entries[i].name && strcmp(w->entries[i].name, name) == 0)
			return true;
	return false;
}

static void choose_name(struct writer *w, size_t i)
{
	struct entry *e = &w->entries[i];
	size_t level = e->is_comment ? 1 : 0;
	const char *name;

	while (level < NAMES - 1 && !is_alone(w, i, level))
		level++;
	name = e->names[level];
	for (int k = 2; is_given(w, name); k++)
		name = arena_printf(&w->arena, "%s_%d", e->names[level], k);
	e->name = name;
}

/* --- what is to be read --- */

static struct entry *add(struct writer *w, const char *name, const char *place, const char *longer)
{
	struct entry *e = w->n < MAX_ENTRIES ? &w->entries[w->n++] : arena_alloc(&w->arena, sizeof(*e));

	set_name(e->names[0], name, "", "");
	set_name(e->names[1], name, place, "");
	set_name(e->names[2], name, place, longer);
	return e;
}

static void add_machine(struct writer *w)
{
	static const struct channel useful[] = { { .name = "cpu_busy" },
						 { .name = "memory_used" },
						 { .name = "disk_used" } };
	struct entry *e = add(w, "box", "", "");

	e->before = "  # this machine\n";
	e->options = "driver: host, every: 5s";
	e->channels = useful;
	e->n_channels = ARRAY_LEN(useful);
}

/* Of a driver whose channels depend on its options: those that it has by default, as the config will be understood. */
static void describe(struct writer *w, struct entry *e)
{
	char *text = arena_printf(&w->arena, "sensors: {x: {%s}}\n", e->options);
	struct diag d = { .file = "scan" };
	struct channel *copies;
	struct conf conf;

	if (conf_parse(&conf, text, strlen(text), &d) == 0 && conf.n_sensors == 1) {
		e->n_channels = conf.sensors[0].n_channels;
		copies = arena_alloc(&w->arena, (e->n_channels + 1) * sizeof(copies[0]));
		for (size_t i = 0; i < e->n_channels; i++)
			copies[i].name = arena_strdup(&w->arena, conf.sensors[0].channels[i].name);
		e->channels = copies;
	}
	diag_free(&d);
	conf_free(&conf);
}

static struct entry *add_chip(struct writer *w, const struct scan_bus *bus, const struct scan_chip *chip,
			      const struct sensor_driver *driver)
{
	const char *every = driver->identity->every;
	struct entry *e;
	char address[8];

	snprintf(address, sizeof(address), "%02x", chip->address);
	e = add(w, driver->name, address, strncmp(bus->name, "i2c-", 4) == 0 ? bus->name + 4 : bus->name);
	e->options = arena_printf(&w->arena, "driver: %s, bus: \"%s\", address: 0x%02x, every: %s", driver->name,
				  bus->name, chip->address, every ? every : "1s");
	e->channels = driver->channels;
	e->n_channels = driver->n_channels;
	if (driver->describe)
		describe(w, e);
	return e;
}

static void add_candidates(struct writer *w, const struct scan_bus *bus, const struct scan_chip *chip)
{
	for (size_t i = 0; i < chip->n_drivers; i++) {
		struct entry *e = add_chip(w, bus, chip, chip->drivers[i]);

		e->is_comment = true;
		if (i == 0)
			e->before = arena_printf(
				&w->arena,
				"  # At 0x%02x of %s is a chip that cannot be told safely. If it is %s, take "
				"away its '#',\n  # here and at its streams:\n",
				chip->address, bus->name, chip->n_drivers > 1 ? "one of these" : "this one");
	}
}

static void add_bus(struct writer *w, const struct scan_bus *bus)
{
	for (size_t i = 0; i < bus->n_chips; i++) {
		const struct scan_chip *chip = &bus->chips[i];

		if (chip->kind == SCAN_KNOWN)
			add_chip(w, bus, chip, chip->drivers[0])->before =
				arena_printf(&w->arena, "  # %s\n", chip->drivers[0]->help);
		else if (chip->kind == SCAN_AMBIGUOUS)
			add_candidates(w, bus, chip);
	}
}

static const char *channel_list(struct writer *w, const struct scan_device *d)
{
	const char *list = "";

	for (size_t i = 0; i < d->n_channels; i++)
		list = arena_printf(&w->arena, "%s%s%s", list, i ? ", " : "", d->channels[i].name);
	return list;
}

/* Channels are named, so that the config is good before the kernel has found the device. */
static void add_device(struct writer *w, const struct scan_device *d)
{
	const char *driver = d->driver->name, *name = d->name[0] ? d->name : d->device;
	bool is_w1 = strcmp(driver, "w1") == 0;
	struct entry *e;

	if (d->n_channels == 0)
		return;
	e = add(w, name, is_w1 ? d->device + 3 : d->device, driver);
	e->channels = d->channels;
	e->n_channels = d->n_channels;
	if (is_w1)
		e->options = arena_printf(&w->arena, "driver: w1, device: \"%s\", every: 10s", d->device);
	else
		e->options = arena_printf(&w->arena, "driver: %s, device: \"%s\", channels: [%s], every: %s", driver,
					  d->device, channel_list(w, d), strcmp(driver, "iio") == 0 ? "1s" : "5s");
}

/* --- text --- */

static void write_sensors(struct writer *w)
{
	dynbuf_adds(w->out, "sensors:\n");
	for (const struct entry *e = w->entries; e < w->entries + w->n; e++)
		dynbuf_addf(w->out, "%s  %s%s: {%s}\n", e->before ? e->before : "", e->is_comment ? "#" : "", e->name,
			    e->options);
}

/* The first free line from @line on; n_known: none. */
static uint32_t free_line(const struct scan_gpio *g, uint32_t line)
{
	while (line < g->n_known && g->lines[line].is_used)
		line++;
	return line;
}

/* As examples: what is connected to a line cannot be seen. */
static void write_lines(struct writer *w, const struct scan *s)
{
	if (s->n_gpios)
		dynbuf_adds(w->out, "  # What is connected to lines cannot be seen. For a switch, and a meter that "
				    "gives pulses:\n");
	for (size_t i = 0; i < s->n_gpios; i++) {
		const struct scan_gpio *g = &s->gpios[i];
		uint32_t first = free_line(g, 0), second = free_line(g, first + 1);

		if (first < g->n_known)
			dynbuf_addf(
				w->out,
				"  #switch_%zu: {driver: gpio-input, chip: %s, line: %u, active: low, bias: pull-up, "
				"debounce: 10ms}\n",
				i, g->name, first);
		if (second < g->n_known)
			dynbuf_addf(w->out,
				    "  #meter_%zu: {driver: gpio-counter, chip: %s, line: %u, scale: 0.001, unit: L}\n",
				    i, g->name, second);
	}
}

static void write_line_streams(struct writer *w, const struct scan *s)
{
	for (size_t i = 0; i < s->n_gpios; i++) {
		const struct scan_gpio *g = &s->gpios[i];
		uint32_t first = free_line(g, 0);

		if (first < g->n_known)
			dynbuf_addf(w->out, "  #switch_%zu: {from: switch_%zu.state, event: true}\n", i, i);
		if (free_line(g, first + 1) < g->n_known)
			dynbuf_addf(w->out, "  #meter_%zu: {from: meter_%zu.volume}\n", i, i);
	}
}

static const char *stream_name(struct writer *w, const char *sensor, const char *channel)
{
	const char *name = arena_printf(&w->arena, "%s_%s", sensor, channel);
	size_t i = 0;

	while (i < w->n_streams && strcmp(w->streams[i], name) != 0)
		i++;
	if (i < w->n_streams)
		name = arena_printf(&w->arena, "%s_%zu", name, w->n_streams);
	return w->streams[w->n_streams++] = name;
}

static void write_streams(struct writer *w)
{
	dynbuf_adds(w->out, "\nstreams:\n");
	for (const struct entry *e = w->entries; e < w->entries + w->n; e++) {
		size_t n = e->is_comment && e->n_channels > MAX_SHOWN ? MAX_SHOWN : e->n_channels;

		for (size_t i = 0; i < n && w->n_streams < MAX_STREAMS; i++)
			dynbuf_addf(w->out, "  %s%s: {from: %s.%s}\n", e->is_comment ? "#" : "",
				    stream_name(w, e->name, e->channels[i].name), e->name, e->channels[i].name);
		if (n < e->n_channels)
			dynbuf_addf(w->out, "  # and so on: %s has %zu channels\n", e->name, e->n_channels);
	}
	if (w->n_streams == MAX_STREAMS)
		dynbuf_addf(w->out, "  # These are %d; further channels were left out.\n", MAX_STREAMS);
}

void scan_config(const struct scan *s, struct dynbuf *out)
{
	struct writer w = { .out = out };

	w.entries = arena_alloc(&w.arena, MAX_ENTRIES * sizeof(w.entries[0]));
	add_machine(&w);
	for (size_t i = 0; i < s->n_buses; i++)
		add_bus(&w, &s->buses[i]);
	for (size_t i = 0; i < s->n_devices; i++)
		add_device(&w, &s->devices[i]);
	for (size_t i = 0; i < w.n; i++)
		choose_name(&w, i);
	dynbuf_adds(out, "#mqtt: {broker: \"mqtt://broker.example:1883\"}\n#spool: {path: /var/lib/runnel/spool.db}\n"
			 "window: 1m\n\n");
	write_sensors(&w);
	write_lines(&w, s);
	write_streams(&w);
	write_line_streams(&w, s);
	arena_free(&w.arena);
}
