/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agent/cmd.h"
#include "agent/cmd_list.h"
#include "agent/exits.h"
#include "agent/look.h"
#include "base/args.h"
#include "base/json.h"
#include "base/term.h"
#include "base/text.h"
#include "base/timestamp.h"

static const char help[] = "Usage: runnel read [SENSOR...] [-c FILE] [--count N] [--json]\n"
			   "\n"
			   "Read sensors of the config now, all or those named, and show values, units and states.\n"
			   "\n"
			   "  -c, --config FILE   config (default /etc/runnel/runnel.yaml)\n"
			   "      --count N       N times, as far apart as the longest `every` of these sensors\n"
			   "      --json          JSON lines, one for each channel\n"
			   "\n"
			   "Nothing is sent. A chip that the agent reads at the same time may give it one fault;\n"
			   "lines of a GPIO chip that the agent holds cannot be read besides.\n"
			   "\n"
			   "Exit status: 0 all were read, 64 usage or no such sensor, 69 a sensor failed,\n"
			   "74 output failed, 78 config.\n";

enum { MAX_COUNT = 1000000, READINGS_MAX_BYTES = 1 << 20 };

struct arguments {
	const char *path;
	int64_t count;
	bool is_json, is_help;
	char **names;
	size_t n_names;
};

static int parse(int argc, char **argv, struct arguments *a)
{
	static const struct option options[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "count", required_argument, NULL, 'n' },
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	while ((c = args_next(argc, argv, "runnel", "c:h", options)) != -1) {
		if (c == 'c') {
			a->path = optarg;
		} else if (c == 'j') {
			a->is_json = true;
		} else if (c == 'h') {
			a->is_help = true;
		} else if (c == 'n') {
			if (text_to_int64(optarg, &a->count) < 0 || a->count < 1 || a->count > MAX_COUNT)
				return cmd_usage_error("read", "'%s' is no number from 1 to %d", optarg, MAX_COUNT);
		} else {
			return EXIT_USAGE;
		}
	}
	a->names = argv + optind;
	a->n_names = (size_t)(argc - optind);
	return EXIT_DONE;
}

/* --- which --- */

static struct conf_sensor *find(const struct conf *conf, const char *name)
{
	for (size_t i = 0; i < conf->n_sensors; i++)
		if (strcmp(conf->sensors[i].name, name) == 0)
			return &conf->sensors[i];
	return NULL;
}

static int explain_unknown(struct conf *conf, const char *name)
{
	const char **names = arena_alloc(&conf->arena, conf->n_sensors * sizeof(names[0])), *near;

	for (size_t i = 0; i < conf->n_sensors; i++)
		names[i] = conf->sensors[i].name;
	near = text_nearest(name, names, conf->n_sensors);
	if (near)
		return cmd_usage_error("read", "no sensor '%s' in the config, did you mean '%s'?", name, near);
	return cmd_usage_error("read", "no sensor '%s' in the config", name);
}

/* In the order of the config or of the arguments, each once. @return EXIT_DONE or EXIT_USAGE */
static int choose(struct conf *conf, const struct arguments *a, struct look **out, size_t *n_out)
{
	size_t n = a->n_names ? a->n_names : conf->n_sensors, n_looks = 0;
	struct look *looks = arena_alloc(&conf->arena, n * sizeof(looks[0]));

	for (size_t i = 0; i < n; i++) {
		struct conf_sensor *sensor = a->n_names ? find(conf, a->names[i]) : &conf->sensors[i];
		bool is_new = true;

		if (!sensor)
			return explain_unknown(conf, a->names[i]);
		for (size_t k = 0; k < n_looks; k++)
			is_new &= looks[k].sensor != sensor;
		if (is_new)
			looks[n_looks++].sensor = sensor;
	}
	*out = looks;
	*n_out = n_looks;
	return EXIT_DONE;
}

/* --- output --- */

static const char *state_of(const struct look *l, size_t channel)
{
	if (l->state == LOOK_FAULT)
		return "fault";
	if (l->state == LOOK_ENDED)
		return "ended";
	if (l->is_refused[channel])
		return "out of range";
	return isnan(l->values[channel]) ? "no value" : "ok";
}

static void add_channel_row(struct term_table *table, const struct look *l, size_t i)
{
	const struct channel *ch = &l->sensor->channels[i];
	bool has_value = !isnan(l->values[i]);

	term_table_cellf(table, TERM_BOLD, "%s.%s", l->sensor->name, ch->name);
	if (has_value)
		term_table_cellf(table, TERM_PLAIN, "%.10g", l->values[i]);
	else
		term_table_cell(table, TERM_DIM, "-");
	term_table_cell(table, TERM_DIM, ch->unit);
	term_table_cell(table, has_value ? TERM_GREEN : TERM_YELLOW, state_of(l, i));
}

/* A terminal would cut the reason: there it stands below the table. */
static void add_state_row(struct term_table *table, const struct look *l, bool is_terminal)
{
	term_table_cell(table, TERM_BOLD, l->sensor->name);
	term_table_cell(table, TERM_DIM, "-");
	term_table_cell(table, TERM_PLAIN, "");
	if (l->state == LOOK_FAULT && is_terminal)
		term_table_cell(table, TERM_RED, "fault");
	else if (l->state == LOOK_FAULT)
		term_table_cellf(table, TERM_RED, "fault: %s", l->reason);
	else
		term_table_cell(table, TERM_YELLOW, "ended: the recording is over");
}

/* @is_live: the next round takes the place of this one. */
static int show_table(struct term_table *table, const struct look looks[], size_t n, bool is_live)
{
	struct term term;
	size_t row = 0;
	int r = 0;

	term_probe(&term, STDOUT_FILENO);
	for (size_t i = 0; r == 0 && i < n; i++) {
		size_t n_rows = looks[i].state == LOOK_OK ? looks[i].sensor->n_channels : 1;

		for (size_t k = 0; r == 0 && k < n_rows; k++) {
			r = is_live ? 0 : list_begin_row(table, row++);
			if (r == 0 && looks[i].state == LOOK_OK)
				add_channel_row(table, &looks[i], k);
			else if (r == 0)
				add_state_row(table, &looks[i], term.is_terminal);
		}
	}
	return r == 0 ? term_table_show(table) : r;
}

static bool has_refused(const struct look *l)
{
	for (size_t i = 0; l->state == LOOK_OK && i < l->sensor->n_channels; i++)
		if (l->is_refused[i])
			return true;
	return false;
}

/* In a file the reason of a fault stands in its row. */
static void explain_faults(const struct look looks[], size_t n)
{
	struct term term;

	term_probe(&term, STDOUT_FILENO);
	for (size_t i = 0; i < n; i++)
		if ((term.is_terminal && looks[i].state == LOOK_FAULT) || has_refused(&looks[i]))
			printf("%s: %s\n", looks[i].sensor->name, looks[i].reason);
}

static const char *trouble_of_channel(const struct look *l, size_t i)
{
	if (l->state == LOOK_FAULT)
		return trouble_name(l->trouble);
	return l->state == LOOK_OK && l->is_refused[i] ? trouble_name(TROUBLE_RANGE) : NULL;
}

static void add_json_line(struct dynbuf *out, const struct look *l, size_t i)
{
	struct json j = { .out = out };
	char at[32];

	json_object_begin(&j, NULL);
	json_text(&j, "type", "reading");
	json_text(&j, "at", timestamp_format(l->at_us, at, sizeof(at)));
	json_text(&j, "sensor", l->sensor->name);
	json_text(&j, "channel", l->sensor->channels[i].name);
	json_double(&j, "value", l->state == LOOK_OK ? l->values[i] : (double)NAN);
	json_text(&j, "unit", l->sensor->channels[i].unit);
	json_text(&j, "state", state_of(l, i));
	json_text(&j, "trouble", trouble_of_channel(l, i));
	json_text(&j, "reason", trouble_of_channel(l, i) ? l->reason : NULL);
	json_object_end(&j);
	dynbuf_adds(out, "\n");
}

static int show_json(const struct look looks[], size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct dynbuf out;
		int r;

		dynbuf_init(&out, READINGS_MAX_BYTES);
		for (size_t k = 0; k < looks[i].sensor->n_channels; k++)
			add_json_line(&out, &looks[i], k);
		r = list_print(&out);
		if (r != EXIT_DONE)
			return r;
	}
	return EXIT_DONE;
}

/* --- rounds --- */

static int64_t pause_of(const struct look looks[], size_t n)
{
	int64_t longest_us = 0;

	for (size_t i = 0; i < n; i++)
		if (looks[i].sensor->every_us > longest_us)
			longest_us = looks[i].sensor->every_us;
	return longest_us;
}

static bool has_fault(const struct look looks[], size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (looks[i].state == LOOK_FAULT)
			return true;
	return false;
}

/* @table: NULL for JSON */
static int read_all(struct look looks[], size_t n, const struct arguments *a, struct term_table *table)
{
	int64_t pause_us = pause_of(looks, n), due_us;
	bool was_fault = false;
	struct clock clock;
	int r = EXIT_DONE;

	clock_init(&clock);
	due_us = clock_now_us(&clock);
	for (int64_t round = 0; r == EXIT_DONE && round < a->count; round++) {
		look_away(looks, n, &clock, due_us - clock_now_us(&clock));
		due_us += pause_us;
		look_at(looks, n, &clock);
		was_fault |= has_fault(looks, n);
		if (!table) {
			r = show_json(looks, n);
		} else {
			int error = show_table(table, looks, n, a->count > 1);

			r = error < 0 ? list_io_error(error) : EXIT_DONE;
		}
	}
	if (table && r == EXIT_DONE)
		explain_faults(looks, n);
	look_close(looks, n);
	return r == EXIT_DONE && was_fault ? EXIT_UNAVAILABLE : r;
}

static int read_conf(struct conf *conf, const struct arguments *a)
{
	static const struct term_column columns[] = {
		{ .title = "SENSOR" },
		{ .title = "VALUE", .is_right = true },
		{ .title = "UNIT" },
		{ .title = "STATE", .is_flexible = true },
	};
	struct term_table *table = NULL;
	struct look *looks = NULL;
	size_t n = 0;
	int r = choose(conf, a, &looks, &n);

	if (r != EXIT_DONE)
		return r;
	if (!a->is_json && term_table_create(&table, STDOUT_FILENO, columns, ARRAY_LEN(columns)) < 0)
		return list_io_error(-ENOMEM);
	r = read_all(looks, n, a, table);
	if (table)
		term_table_free(table);
	return r;
}

int cmd_read(int argc, char **argv)
{
	struct arguments a = { .path = "/etc/runnel/runnel.yaml", .count = 1 };
	struct conf conf;
	int r = parse(argc, argv, &a);

	if (r != EXIT_DONE)
		return r;
	if (a.is_help) {
		fputs(help, stdout);
		return EXIT_DONE;
	}
	r = cmd_load_conf(&conf, a.path);
	if (r == EXIT_DONE)
		r = read_conf(&conf, &a);
	conf_free(&conf);
	return r;
}
