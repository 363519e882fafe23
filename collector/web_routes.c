/* SPDX-License-Identifier: Apache-2.0 */
/*
 * web_routes.c - what there is to be asked for. Files of the page are in the program, as the assembler takes them in: what is not in this
 * table can not be had, whatever a path says.
 */
#include <string.h>

#include "base/check.h"
#include "base/text.h"
#include "collector/prometheus.h"
#include "collector/web.h"

/* The symbols NAME and NAME_end around the bytes of collector/web/FILE. */
#define FILE_INSIDE(name, file)                                                              \
	__asm__(".section .rodata\n"                                                         \
		".hidden web_" #name "\n.global web_" #name "\nweb_" #name ":\n"             \
		".incbin \"collector/web/" file "\"\n"                                       \
		".hidden web_" #name "_end\n.global web_" #name "_end\nweb_" #name "_end:\n" \
		".byte 0\n.text\n");                                                         \
	extern const char web_##name[], web_##name##_end[]

FILE_INSIDE(index_html, "index.html");
FILE_INSIDE(style_css, "style.css");
FILE_INSIDE(app_js, "app.js");
FILE_INSIDE(parts_js, "parts.js");
FILE_INSIDE(plot_js, "plot.js");
FILE_INSIDE(fleet_js, "fleet.js");
FILE_INSIDE(devices_js, "devices.js");
FILE_INSIDE(device_js, "device.js");
FILE_INSIDE(kpi_js, "kpi.js");
FILE_INSIDE(icon_svg, "icon.svg");

static const char json[] = "application/json", text[] = "text/plain; charset=utf-8",
		  script[] = "text/javascript; charset=utf-8";

static const struct web_route routes[] = {
	{ "/", "text/html; charset=utf-8", NULL, web_index_html, web_index_html_end, false },
	{ "/style.css", "text/css; charset=utf-8", NULL, web_style_css, web_style_css_end, false },
	{ "/app.js", script, NULL, web_app_js, web_app_js_end, false },
	{ "/parts.js", script, NULL, web_parts_js, web_parts_js_end, false },
	{ "/plot.js", script, NULL, web_plot_js, web_plot_js_end, false },
	{ "/fleet.js", script, NULL, web_fleet_js, web_fleet_js_end, false },
	{ "/devices.js", script, NULL, web_devices_js, web_devices_js_end, false },
	{ "/device.js", script, NULL, web_device_js, web_device_js_end, false },
	{ "/kpi.js", script, NULL, web_kpi_js, web_kpi_js_end, false },
	{ "/icon.svg", "image/svg+xml", NULL, web_icon_svg, web_icon_svg_end, false },
	{ "/api/fleet", json, web_fleet, NULL, NULL, false },
	{ "/api/devices", json, web_devices, NULL, NULL, false },
	{ "/api/device", json, web_device, NULL, NULL, true },
	{ "/api/history", json, web_history, NULL, NULL, true },
	{ "/top", text, web_top, NULL, NULL, false },
	{ "/metrics", PROMETHEUS_TYPE, web_metrics, NULL, NULL, false },
};

const struct web_route *web_route(size_t i)
{
	return i < ARRAY_LEN(routes) ? &routes[i] : NULL;
}

int64_t web_number(const struct web_request *q, const char *name, int64_t otherwise)
{
	const char *value = q->argument(q->ctx, name);
	int64_t number;

	return value && text_to_int64(value, &number) == 0 ? number : otherwise;
}
