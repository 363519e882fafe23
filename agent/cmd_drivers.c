/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "agent/cmd.h"
#include "agent/cmd_list.h"
#include "agent/exits.h"
#include "agent/ref.h"
#include "base/term.h"
#include "base/text.h"

static const char help[] =
	"Usage: runnel drivers [NAME] [--json]\n"
	"\n"
	"What can be read and driven: all drivers, or one with its channels, options and an example\n"
	"config.\n"
	"\n"
	"Exit status: 0 done, 64 usage or no such driver, 74 output failed.\n";

static void add_channels(struct dynbuf *out, const struct sensor_driver *driver)
{
	for (size_t i = 0; i < driver->n_channels; i++)
		dynbuf_addf(out, "%s%s", i ? " " : "", driver->channels[i].name);
	if (driver->n_channels == 0)
		dynbuf_adds(out, "(by its options)");
}

static bool add_row(struct term_table *table, size_t i)
{
	const struct sensor_driver *driver = sensor_driver_at(i);
	struct dynbuf channels;

	if (!driver)
		return false;
	dynbuf_init(&channels, REF_MAX_BYTES);
	add_channels(&channels, driver);
	term_table_cell(table, TERM_BOLD, driver->name);
	term_table_cell(table, TERM_PLAIN, driver->help);
	term_table_cell(table, TERM_DIM, dynbuf_text(&channels));
	dynbuf_free(&channels);
	return true;
}

static int print_table(void)
{
	static const struct term_column columns[] = {
		{ .title = "DRIVER" },
		{ .title = "READS", .is_flexible = true },
		{ .title = "CHANNELS", .is_flexible = true },
	};

	return list_table(columns, ARRAY_LEN(columns), add_row);
}

static int print_outputs(void)
{
	static const struct term_column columns[] = {
		{ .title = "DRIVER" },
		{ .title = "DRIVES, FOR ACTIONS", .is_flexible = true },
	};
	struct term_table *table;
	int r = term_table_create(&table, STDOUT_FILENO, columns, ARRAY_LEN(columns));

	if (r < 0)
		return r;
	for (size_t i = 0; r == 0 && output_driver_at(i); i++) {
		r = list_begin_row(table, i);
		term_table_cell(table, TERM_BOLD, output_driver_at(i)->name);
		term_table_cell(table, TERM_PLAIN, output_driver_at(i)->help);
	}
	return list_end_table(table, r);
}

static int print_all(void)
{
	struct dynbuf out;
	int r = print_table();

	if (r == 0 && putchar('\n') == EOF)
		r = -EIO;
	if (r == 0)
		r = print_outputs();
	if (r < 0)
		return list_io_error(r);
	dynbuf_init(&out, REF_MAX_BYTES);
	dynbuf_adds(&out, "\nEvery sensor also takes\n");
	ref_options_text(&out, &conf_sensor_options);
	dynbuf_adds(&out, "\n`runnel drivers NAME` shows channels, options and an example.\n");
	return list_print(&out);
}

static int print_all_json(void)
{
	const struct sensor_driver *driver;
	struct dynbuf out;
	struct json j = { .out = &out };

	dynbuf_init(&out, REF_MAX_BYTES);
	json_object_begin(&j, NULL);
	json_array_begin(&j, "drivers");
	for (size_t i = 0; (driver = sensor_driver_at(i)); i++)
		ref_driver_json(&j, driver);
	json_array_end(&j);
	ref_options_json(&j, "common_options", &conf_sensor_options);
	json_array_begin(&j, "outputs");
	for (size_t i = 0; output_driver_at(i); i++)
		ref_output_json(&j, output_driver_at(i));
	json_array_end(&j);
	ref_options_json(&j, "action_options", &conf_action_options);
	json_object_end(&j);
	dynbuf_adds(&out, "\n");
	return list_print(&out);
}

static int say_unknown(const char *name)
{
	const char *known[128];
	size_t n_known = 0;

	for (size_t i = 0; n_known < ARRAY_LEN(known) && sensor_driver_at(i); i++)
		known[n_known++] = sensor_driver_at(i)->name;
	for (size_t i = 0; n_known < ARRAY_LEN(known) && output_driver_at(i); i++)
		known[n_known++] = output_driver_at(i)->name;
	return list_unknown("drivers", "driver", name, text_nearest(name, known, n_known));
}

static int print_one(const char *name, bool is_json)
{
	const struct sensor_driver *driver = sensor_driver_find(name);
	const struct output_driver *output = output_driver_find(name);
	struct dynbuf out;
	struct json j = { .out = &out };

	if (!driver && !output)
		return say_unknown(name);
	dynbuf_init(&out, REF_MAX_BYTES);
	if (driver && is_json)
		ref_driver_json(&j, driver);
	else if (driver)
		ref_driver_text(&out, driver);
	else if (is_json)
		ref_output_json(&j, output);
	else
		ref_output_text(&out, output);
	if (is_json)
		dynbuf_adds(&out, "\n");
	return list_print(&out);
}

int cmd_drivers(int argc, char **argv)
{
	struct list_arguments a = { 0 };
	int r = list_parse(argc, argv, help, &a);

	if (r != EXIT_DONE || a.is_done)
		return r;
	if (a.name)
		return print_one(a.name, a.is_json);
	return a.is_json ? print_all_json() : print_all();
}
