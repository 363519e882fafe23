/* SPDX-License-Identifier: Apache-2.0 */
/* web_metrics.c - the collector for Prometheus, at /metrics. */
#include "collector/prometheus.h"
#include "collector/web.h"

int web_metrics(const struct web_request *q, struct dynbuf *out)
{
	const struct web *w = q->web;
	struct prometheus p = { .fleet = w->fleet,
				.sinks = w->sinks,
				.has_store = w->store_path != NULL,
				.is_store_well = w->store_problem[0] == '\0' };
	struct mqtt_status status;

	if (w->mqtt) {
		mqtt_get_status(w->mqtt, &status);
		p.is_connected = status.state == MQTT_CONNECTED;
	}
	prometheus_write(&p, out);
	return 200;
}
