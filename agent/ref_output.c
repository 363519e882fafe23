/* SPDX-License-Identifier: Apache-2.0 */
/* ref_output.c - what the table of an output driver says of it. */
#include "agent/conf.h"
#include "agent/ref.h"

void ref_output_example(struct dynbuf *out, const struct output_driver *driver)
{
	dynbuf_adds(out, "sensors:\n"
			 "  air: {driver: sim, unit: Cel}\n"
			 "streams:\n"
			 "  hot: {from: air.value, through: [threshold: {above: 28, clear: 27}]}\n"
			 "actions:\n");
	dynbuf_addf(out, "  alarm: {when: hot, driver: %s", driver->name);
	ref_example_options(out, &driver->options, ", ");
	dynbuf_adds(out, "}\n");
}

void ref_output_text(struct dynbuf *out, const struct output_driver *driver)
{
	dynbuf_addf(out, "%s\n  ", driver->name);
	ref_wrap(out, 2, 2, driver->help);
	dynbuf_adds(out, "\nOptions\n");
	ref_options_text(out, &driver->options);
	dynbuf_adds(out, "\nEvery action also takes\n");
	ref_options_text(out, &conf_action_options);
	dynbuf_adds(out, "\nExample\n");
	ref_output_example(out, driver);
}

void ref_output_json(struct json *j, const struct output_driver *driver)
{
	struct dynbuf example;

	dynbuf_init(&example, REF_MAX_BYTES);
	ref_output_example(&example, driver);
	json_object_begin(j, NULL);
	json_text(j, "name", driver->name);
	json_text(j, "help", driver->help);
	ref_options_json(j, "options", &driver->options);
	json_text(j, "example", dynbuf_text(&example));
	json_object_end(j);
	dynbuf_free(&example);
}

void ref_output_markdown(struct dynbuf *out, const struct output_driver *driver)
{
	dynbuf_addf(out, "### %s\n\n%s.\n\n", driver->name, driver->help);
	ref_options_markdown(out, &driver->options);
	dynbuf_adds(out, "```yaml\n");
	ref_output_example(out, driver);
	dynbuf_adds(out, "```\n\n");
}
