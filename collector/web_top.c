/* SPDX-License-Identifier: Apache-2.0 */
/*
 * web_top.c - /top: the fleet as a table of text, as wide and high as is asked for; for `runnel-collector top`, and for curl. With a width it is
 * for a terminal (each line ends by erasing the rest of it), with colour=1 in colour.
 */
#include "collector/view.h"
#include "collector/web.h"

enum { MAX_SIZE = 2000 };

int web_top(const struct web_request *q, struct dynbuf *out)
{
	const struct web *w = q->web;
	struct view_subject subject = {
		.fleet = w->fleet, .broker = w->broker, .where = "", .now_us = w->now_us, .mqtt.last_error = ""
	};
	int64_t width = web_number(q, "width", 0), height = web_number(q, "height", 0);
	bool is_terminal = width > 0 && width <= MAX_SIZE && height > 0 && height <= MAX_SIZE;
	const struct term term = { .is_terminal = is_terminal,
				   .has_colour = is_terminal && web_number(q, "colour", 0) == 1,
				   .width = is_terminal ? (unsigned)width : MAX_SIZE,
				   .height = is_terminal ? (unsigned)height : MAX_SIZE };

	if (w->mqtt)
		mqtt_get_status(w->mqtt, &subject.mqtt);
	return view_render(&subject, &term, out) == 0 ? 200 : 500;
}
