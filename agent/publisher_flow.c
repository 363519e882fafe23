/* SPDX-License-Identifier: Apache-2.0 */
/*
 * publisher_flow.c - from the spool to the broker. What is appended in one turn of the loop, all windows that end together and their
 * events, is one transaction, in the next turn; only then it is sent.
 */
#include <errno.h>
#include <stdio.h>

#include "agent/publisher_private.h"
#include "base/log.h"

static const int64_t disk_again_us = 5000000;

int publisher_flow_send(void *ctx, const struct spool_row *row)
{
	static const char *const leaves[] = { [SPOOL_PARTIAL] = "partial", [SPOOL_EVENT] = "event" };

	return publisher_send(ctx, row->id, leaves[row->kind],
			      &(struct mqtt_message){ .payload = row->payload, .payload_bytes = row->payload_bytes });
}

static void send_kpis(struct publisher *p)
{
	struct kpi_entry *k;
	char leaf[80];
	int r;

	while (mqtt_n_open(p->mqtt) < OUTFLOW_MAX_OPEN && (k = kpi_board_due(&p->kpis))) {
		struct mqtt_message m = { .payload = k->json.data, .payload_bytes = k->json.len, .retained = true };

		snprintf(leaf, sizeof(leaf), "kpi/%s", k->name);
		r = publisher_send(p, PUBLISHER_NO_ROW, leaf, &m);
		if (r < 0 && r != -EMSGSIZE) /* what is too large would hold up the others for ever */
			return;
		k->is_due = false;
	}
}

void publisher_flow_report(struct publisher *p)
{
	uint64_t n_merged = spool_n_merged(p->spool), n_dropped = spool_n_dropped(p->spool);
	long long max_bytes = (long long)p->o.conf->spool.max_size;

	if (n_merged > p->n_merged_told && p->n_merged_told == 0)
		log_notice("the spool is nearly full (%lld bytes): the oldest windows become longer ones until the "
			   "broker is back",
			   max_bytes);
	if (n_dropped > p->n_dropped_told && p->n_dropped_told == 0)
		log_warning("the spool is full (%lld bytes): the oldest messages are dropped until the broker is back",
			    max_bytes);
	p->n_merged_told = n_merged;
	p->n_dropped_told = n_dropped;
}

void publisher_flow(struct publisher *p)
{
	int64_t now_us = loop_mono_us(), again_us = INT64_MAX;

	if (spool_commit(p->spool, now_us, false) < 0)
		again_us = now_us + disk_again_us;
	publisher_flow_report(p);
	if (p->is_connected && publisher_tell_contracts(p)) {
		int64_t flow_us;

		publisher_tell_due(p);
		flow_us = outflow_run(&p->flow, now_us);
		again_us = flow_us < again_us ? flow_us : again_us;
		send_kpis(p);
	}
	if (outflow_is_stuck(&p->flow, now_us))
		mqtt_reconnect(p->mqtt, "the broker acknowledges nothing");
	if (again_us < INT64_MAX)
		loop_timer_set(p->flow_timer, again_us);
	else
		loop_timer_cancel(p->flow_timer);
}

void publisher_flow_soon(struct publisher *p)
{
	loop_timer_set(p->flow_timer, loop_mono_us());
}

void publisher_flow_on_timer(void *ctx)
{
	publisher_flow(ctx);
}
