/* SPDX-License-Identifier: Apache-2.0 */
/* publisher_discovery.c - what Home Assistant is told of the KPIs, as many at once as go. */
#include <errno.h>
#include <string.h>

#include "agent/discovery.h"
#include "agent/publisher_private.h"

static int send_discovery(struct publisher *p, const char *kpi, const void *payload, size_t bytes)
{
	char topic[DISCOVERY_TOPIC_BYTES];

	return mqtt_publish(p->mqtt, PUBLISHER_NO_ROW,
			    &(struct mqtt_message){ .topic = discovery_topic(p->o.conf, kpi, topic),
						    .payload = payload,
						    .payload_bytes = bytes,
						    .qos = 1,
						    .retained = true });
}

void publisher_tell_discovery(struct publisher *p)
{
	const struct contract *c = p->o.contract;

	while (!p->o.is_backfill && discovery_is_wanted(p->o.conf) && p->n_discovered < c->n_kpis) {
		const struct kpi_def *kpi = &c->kpis[p->n_discovered];

		discovery_sensor(&p->scratch, p->o.conf, kpi);
		if (send_discovery(p, kpi->name, p->scratch.data, p->scratch.len) == -EAGAIN)
			return;
		p->n_discovered++;
	}
}

static bool has_kpi(const struct contract *c, const char *name)
{
	for (size_t i = 0; i < c->n_kpis; i++)
		if (strcmp(c->kpis[i].name, name) == 0)
			return true;
	return false;
}

void publisher_retract_discovery(struct publisher *p, const struct contract *was)
{
	for (size_t i = 0; i < was->n_kpis && discovery_is_wanted(p->o.conf); i++)
		if (!has_kpi(p->o.contract, was->kpis[i].name))
			(void)!send_discovery(p, was->kpis[i].name, "", 0);
}
