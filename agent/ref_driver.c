/* SPDX-License-Identifier: Apache-2.0 */
/* ref_driver.c - what a driver's own table says of it. */
#include <stdio.h>

#include "agent/conf.h"
#include "agent/ref.h"
#include "base/text.h"

const char *ref_channel_kind(enum channel_kind kind)
{
	static const char *const names[] = {
		[CHANNEL_GAUGE] = "gauge",
		[CHANNEL_STATE] = "state",
		[CHANNEL_COUNTER] = "counter",
	};

	return names[kind];
}

const char *ref_channel_range(const struct channel *channel, char *buf, size_t buf_bytes)
{
	char min[32], max[32];

	buf[0] = '\0';
	if (channel->min != 0.0 || channel->max != 0.0)
		snprintf(buf, buf_bytes, "%s to %s", text_from_double(channel->min, min, sizeof(min)),
			 text_from_double(channel->max, max, sizeof(max)));
	return buf;
}

static void channels_text(struct dynbuf *out, const struct sensor_driver *driver)
{
	char range[80];

	for (size_t i = 0; i < driver->n_channels; i++) {
		const struct channel *c = &driver->channels[i];

		dynbuf_addf(out, "  %-16s  %s %s", c->name, ref_channel_kind(c->kind), c->unit);
		if (ref_channel_range(c, range, sizeof(range))[0])
			dynbuf_addf(out, ", %s", range);
		dynbuf_addf(out, "\n%20s", "");
		ref_wrap(out, 20, 20, c->help ? c->help : "");
	}
	if (driver->describe)
		dynbuf_adds(out, driver->n_channels > 0 ? "  Unit and kind follow from the options.\n"
							: "  They follow from the options.\n");
}

void ref_driver_text(struct dynbuf *out, const struct sensor_driver *driver)
{
	dynbuf_addf(out, "%s\n  ", driver->name);
	ref_wrap(out, 2, 2, driver->help);
	dynbuf_adds(out, "\nChannels (name, kind, unit, range)\n");
	channels_text(out, driver);
	dynbuf_adds(out, "\nOptions\n");
	ref_options_text(out, &driver->options);
	dynbuf_adds(out, "\nEvery sensor also takes\n");
	ref_options_text(out, &conf_sensor_options);
	dynbuf_adds(out, "\nExample\n");
	ref_driver_example(out, driver);
}

static void channels_json(struct json *j, const struct sensor_driver *driver)
{
	json_array_begin(j, "channels");
	for (size_t i = 0; i < driver->n_channels; i++) {
		const struct channel *c = &driver->channels[i];
		bool has_range = c->min != 0.0 || c->max != 0.0;

		json_object_begin(j, NULL);
		json_text(j, "name", c->name);
		json_text(j, "unit", c->unit);
		json_text(j, "kind", ref_channel_kind(c->kind));
		if (has_range) {
			json_double(j, "min", c->min);
			json_double(j, "max", c->max);
		}
		json_text(j, "help", c->help);
		json_object_end(j);
	}
	json_array_end(j);
	json_bool(j, "channels_follow_options", driver->describe != NULL);
}

void ref_driver_json(struct json *j, const struct sensor_driver *driver)
{
	struct dynbuf example;

	dynbuf_init(&example, REF_MAX_BYTES);
	ref_driver_example(&example, driver);
	json_object_begin(j, NULL);
	json_text(j, "name", driver->name);
	json_text(j, "help", driver->help);
	channels_json(j, driver);
	ref_options_json(j, "options", &driver->options);
	json_text(j, "example", dynbuf_text(&example));
	json_object_end(j);
	dynbuf_free(&example);
}

void ref_driver_markdown(struct dynbuf *out, const struct sensor_driver *driver)
{
	char range[80];

	dynbuf_addf(out, "### %s\n\n%s.\n\n", driver->name, driver->help);
	if (driver->n_channels > 0)
		dynbuf_adds(out, "| channel | kind | unit | range | what |\n|---|---|---|---|---|\n");
	for (size_t i = 0; i < driver->n_channels; i++) {
		const struct channel *c = &driver->channels[i];

		dynbuf_addf(out, "| `%s` | %s | %s | %s | ", c->name, ref_channel_kind(c->kind), c->unit,
			    ref_channel_range(c, range, sizeof(range)));
		ref_markdown_cell(out, c->help ? c->help : "");
		dynbuf_adds(out, "\n");
	}
	if (driver->n_channels > 0)
		dynbuf_adds(out, "\n");
	if (driver->describe)
		dynbuf_adds(out, driver->n_channels > 0 ? "Unit and kind follow from the options.\n\n"
							: "Its channels follow from the options.\n\n");
	ref_options_markdown(out, &driver->options);
	dynbuf_adds(out, "```yaml\n");
	ref_driver_example(out, driver);
	dynbuf_adds(out, "```\n\n");
}
