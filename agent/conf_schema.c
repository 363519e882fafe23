/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conf_schema.c - walks the tables that conf.c reads by. Options of drivers hang on `driver` by if/then, so an editor offers
 * those of the driver at hand and says which one it does not have.
 */
#include "agent/conf_schema.h"

#include <stdio.h>
#include <string.h>

#include "agent/conf.h"
#include "agent/ref.h"
#include "base/text.h"

#define DEVICE_PATTERN "^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$"
#define NAME_PATTERN "^[A-Za-z_][A-Za-z0-9_]{0,63}$"
#define CHANNEL_PATTERN "^[A-Za-z_][A-Za-z0-9_]{0,63}(\\.[^.]+)?$"

static void constrain(struct json *j, const char *key, const char *description, const char *pattern)
{
	json_object_begin(j, key);
	json_text(j, "description", description);
	json_text(j, "type", "string");
	json_text(j, "pattern", pattern);
	json_object_end(j);
}

/* The usual ways to write each: "1m" is completed, "60s" is right as well. */
static void window(struct json *j, const struct opt *row)
{
	char text[32];

	json_object_begin(j, row->name);
	json_text(j, "description", row->help);
	json_array_begin(j, "enum");
	for (size_t i = 0; conf_window_at(i); i++)
		json_text(j, NULL, text_from_duration((int64_t)conf_window_at(i) * 1000000, text, sizeof(text)));
	for (size_t i = 0; conf_window_at(i); i++) {
		snprintf(text, sizeof(text), "%us", conf_window_at(i));
		if (conf_window_at(i) >= 60)
			json_text(j, NULL, text);
	}
	json_array_end(j);
	if (row->def)
		json_text(j, "default", row->def);
	json_object_end(j);
}

/* One row as a property; some rows mean more than their type says. */
static void property(struct json *j, const struct opt *row)
{
	if (strcmp(row->name, "window") == 0 && row->type == OPT_DURATION)
		window(j, row);
	else
		opt_schema(row, j, row->name);
}

static void properties(struct json *j, const struct opt_table *table)
{
	for (size_t i = 0; i < table->n; i++)
		property(j, &table->rows[i]);
}

/* The array "required", if anything is. @first may be NULL. */
static void required(struct json *j, const char *first, const struct opt_table *table)
{
	size_t n = first ? 1 : 0;

	for (size_t i = 0; i < table->n; i++)
		n += table->rows[i].required;
	if (n == 0)
		return;
	json_array_begin(j, "required");
	if (first)
		json_text(j, NULL, first);
	for (size_t i = 0; i < table->n; i++)
		if (table->rows[i].required)
			json_text(j, NULL, table->rows[i].name);
	json_array_end(j);
}

static void type(struct json *j, const char *name, bool or_null)
{
	if (!or_null) {
		json_text(j, "type", name);
		return;
	}
	json_array_begin(j, "type");
	json_text(j, NULL, name);
	json_text(j, NULL, "null");
	json_array_end(j);
}

/* A closed map of the options of @table. */
static void options_map(struct json *j, const char *key, const char *description, const struct opt_table *table)
{
	json_object_begin(j, key);
	if (description)
		json_text(j, "description", description);
	type(j, "object", true);
	json_object_begin(j, "properties");
	properties(j, table);
	json_object_end(j);
	required(j, NULL, table);
	json_bool(j, "additionalProperties", false);
	json_object_end(j);
}

/* A map of names to what @definition defines. */
static void named_map(struct json *j, const char *key, const char *description, const char *definition)
{
	json_object_begin(j, key);
	json_text(j, "description", description);
	type(j, "object", true);
	json_object_begin(j, "propertyNames");
	json_text(j, "pattern", NAME_PATTERN);
	json_object_end(j);
	json_object_begin(j, "additionalProperties");
	json_text(j, "$ref", definition);
	json_object_end(j);
	json_object_end(j);
}

/* --- sensors --- */

static void driver_names(struct json *j)
{
	json_object_begin(j, "driver");
	json_text(j, "description", "what to read with");
	json_array_begin(j, "enum");
	for (size_t i = 0; sensor_driver_at(i); i++)
		json_text(j, NULL, sensor_driver_at(i)->name);
	json_array_end(j);
	json_object_end(j);
}

static void sensor_of(struct json *j, const struct sensor_driver *driver)
{
	json_object_begin(j, NULL);
	json_object_begin(j, "if");
	json_object_begin(j, "properties");
	json_object_begin(j, "driver");
	json_text(j, "const", driver->name);
	json_object_end(j);
	json_object_end(j);
	json_object_end(j);
	json_object_begin(j, "then");
	json_text(j, "description", driver->help);
	json_object_begin(j, "properties");
	properties(j, &conf_sensor_options);
	properties(j, &driver->options);
	json_object_end(j);
	required(j, NULL, &driver->options);
	json_bool(j, "additionalProperties", false);
	json_object_end(j);
	json_object_end(j);
}

static void sensor(struct json *j)
{
	json_object_begin(j, "sensor");
	json_text(j, "type", "object");
	json_array_begin(j, "required");
	json_text(j, NULL, "driver");
	json_array_end(j);
	json_object_begin(j, "properties");
	driver_names(j);
	json_object_end(j);
	json_array_begin(j, "allOf");
	for (size_t i = 0; sensor_driver_at(i); i++)
		sensor_of(j, sensor_driver_at(i));
	json_array_end(j);
	json_object_end(j);
}

/* --- streams --- */

static bool needs_options(const struct opt_table *table)
{
	bool needs = false;

	for (size_t i = 0; i < table->n; i++)
		needs = needs || table->rows[i].required;
	return needs;
}

/* The value of an operator's key: its options, the value of the first, or nothing when none is required. */
static void operator_options(struct json *j, const struct op_class *op)
{
	json_object_begin(j, op->name);
	json_text(j, "description", op->help);
	json_array_begin(j, "anyOf");
	if (!needs_options(&op->options)) {
		json_object_begin(j, NULL);
		json_text(j, "type", "null");
		json_object_end(j);
	}
	json_object_begin(j, NULL);
	json_text(j, "type", "object");
	json_object_begin(j, "properties");
	properties(j, &op->options);
	json_object_end(j);
	required(j, NULL, &op->options);
	json_bool(j, "additionalProperties", false);
	json_object_end(j);
	if (op->options.n > 0)
		opt_schema(&op->options.rows[0], j, NULL);
	json_array_end(j);
	json_object_end(j);
}

static void operator_name(struct json *j)
{
	json_object_begin(j, NULL);
	json_array_begin(j, "enum");
	for (size_t i = 0; op_at(i); i++)
		if (!needs_options(&op_at(i)->options))
			json_text(j, NULL, op_at(i)->name);
	json_array_end(j);
	json_object_end(j);
}

static void operator_step(struct json *j)
{
	json_object_begin(j, "operator");
	json_text(j, "description", "an operator: its name, `name: value`, or `name: {option: value}`");
	json_array_begin(j, "anyOf");
	operator_name(j);
	json_object_begin(j, NULL);
	json_text(j, "type", "object");
	json_int(j, "minProperties", 1);
	json_int(j, "maxProperties", 1);
	json_object_begin(j, "properties");
	for (size_t i = 0; op_at(i); i++)
		operator_options(j, op_at(i));
	json_object_end(j);
	json_bool(j, "additionalProperties", false);
	json_object_end(j);
	json_array_end(j);
	json_object_end(j);
}

static void stream_inputs(struct json *j)
{
	json_object_begin(j, "from");
	json_text(j, "description", "SENSOR.CHANNEL, another stream, or a list of them");
	json_array_begin(j, "anyOf");
	json_object_begin(j, NULL);
	json_text(j, "type", "string");
	json_text(j, "pattern", CHANNEL_PATTERN);
	json_object_end(j);
	json_object_begin(j, NULL);
	json_text(j, "type", "array");
	json_int(j, "minItems", 1);
	json_int(j, "maxItems", OP_MAX_INPUTS);
	json_object_begin(j, "items");
	json_text(j, "type", "string");
	json_text(j, "pattern", CHANNEL_PATTERN);
	json_object_end(j);
	json_object_end(j);
	json_array_end(j);
	json_object_end(j);
}

static void stream(struct json *j)
{
	json_object_begin(j, "stream");
	json_text(j, "type", "object");
	json_object_begin(j, "properties");
	stream_inputs(j);
	json_object_begin(j, "through");
	json_text(j, "description", "operators in order");
	json_array_begin(j, "type");
	json_text(j, NULL, "array");
	json_text(j, NULL, "string");
	json_text(j, NULL, "null");
	json_array_end(j);
	json_object_begin(j, "items");
	json_text(j, "$ref", "#/definitions/operator");
	json_object_end(j);
	json_object_end(j);
	properties(j, &conf_stream_options);
	json_object_end(j);
	required(j, "from", &conf_stream_options);
	json_bool(j, "additionalProperties", false);
	json_object_end(j);
}

/* --- the rest --- */

static void kpi(struct json *j)
{
	json_object_begin(j, "kpi");
	json_array_begin(j, "anyOf");
	opt_schema(&conf_kpi_options.rows[0], j, NULL);
	json_object_begin(j, NULL);
	json_text(j, "type", "object");
	json_object_begin(j, "properties");
	properties(j, &conf_kpi_options);
	json_object_end(j);
	required(j, NULL, &conf_kpi_options);
	json_bool(j, "additionalProperties", false);
	json_object_end(j);
	json_array_end(j);
	json_object_end(j);
}

static void action_of(struct json *j, const struct output_driver *driver)
{
	json_object_begin(j, NULL);
	json_object_begin(j, "if");
	json_object_begin(j, "properties");
	json_object_begin(j, "driver");
	json_text(j, "const", driver->name);
	json_object_end(j);
	json_object_end(j);
	json_object_end(j);
	json_object_begin(j, "then");
	json_text(j, "description", driver->help);
	json_object_begin(j, "properties");
	properties(j, &conf_action_options);
	properties(j, &driver->options);
	json_object_end(j);
	required(j, NULL, &driver->options);
	json_bool(j, "additionalProperties", false);
	json_object_end(j);
	json_object_end(j);
}

static void action(struct json *j)
{
	json_object_begin(j, "action");
	json_text(j, "type", "object");
	required(j, NULL, &conf_action_options);
	json_object_begin(j, "properties");
	json_object_begin(j, "driver");
	json_text(j, "description", "what to drive with");
	json_array_begin(j, "enum");
	for (size_t i = 0; output_driver_at(i); i++)
		json_text(j, NULL, output_driver_at(i)->name);
	json_array_end(j);
	json_object_end(j);
	json_object_end(j);
	json_array_begin(j, "allOf");
	for (size_t i = 0; output_driver_at(i); i++)
		action_of(j, output_driver_at(i));
	json_array_end(j);
	json_object_end(j);
}

static void top_properties(struct json *j)
{
	for (size_t i = 0; i < conf_top_options.n; i++) {
		const struct opt *row = &conf_top_options.rows[i];

		if (strcmp(row->name, "device") == 0 || strcmp(row->name, "site") == 0)
			constrain(j, row->name, row->help, DEVICE_PATTERN);
		else
			property(j, row);
	}
	options_map(j, "mqtt", "the broker", &conf_mqtt_options);
	options_map(j, "spool", "where undelivered data wait", &conf_spool_options);
	options_map(j, "clock", "what time it is, and who says so", &conf_clock_options);
	options_map(j, "remote_config", "who may change what is measured from afar", &conf_remote_options);
	named_map(j, "sensors", "what is read, by name", "#/definitions/sensor");
	named_map(j, "streams", "what is made of it, by name", "#/definitions/stream");
	named_map(j, "actions", "outputs that follow a state, by name", "#/definitions/action");
	named_map(j, "kpis", "expressions over streams, by name", "#/definitions/kpi");
}

void conf_schema(struct dynbuf *out)
{
	struct json j = { .out = out };

	json_object_begin(&j, NULL);
	json_text(&j, "$schema", "http://json-schema.org/draft-07/schema#");
	json_text(&j, "title", "runnel config");
	json_text(&j, "description", "What a runnel device measures and what it makes of it");
	json_text(&j, "type", "object");
	json_object_begin(&j, "properties");
	top_properties(&j);
	json_object_end(&j);
	json_bool(&j, "additionalProperties", false);
	json_object_begin(&j, "definitions");
	sensor(&j);
	stream(&j);
	operator_step(&j);
	kpi(&j);
	action(&j);
	json_object_end(&j);
	json_object_end(&j);
	dynbuf_adds(out, "\n");
}
