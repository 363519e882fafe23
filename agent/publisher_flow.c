/* SPDX-License-Identifier: Apache-2.0 */
/*
 * publisher_flow.c - from the spool to the broker. What is appended in one turn of the loop, all windows that end together and their
 * events, is one transaction, begun in the next turn; when the writer has written it, it is sent.
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

/* @return false: it is being written, and publisher_written() comes */
static bool is_spool_written(struct publisher *p, int64_t now_us)
{
	if (!spool_writer_is_busy(p->writer) && spool_is_due(p->spool, now_us, p->flow.wants_commit)) {
		spool_writer_start(p->writer, now_us, p->flow.wants_commit);
		p->flow.wants_commit = false;
	}
	return !spool_writer_is_busy(p->writer);
}

/* What is in memory goes too: on a card that is slower than the windows there is always something, and it is written next. */
static void send_what_may_go(struct publisher *p, int64_t now_us)
{
	int64_t again_us = spool_is_in_trouble(p->spool) ? now_us + disk_again_us : INT64_MAX;

	publisher_flow_report(p);
	if (p->is_connected && publisher_tell_contracts(p)) {
		int64_t flow_us;

		publisher_tell_due(p);
		flow_us = outflow_run(&p->flow, now_us);
		again_us = flow_us < again_us ? flow_us : again_us;
		send_kpis(p);
	}
	if (spool_is_due(p->spool, now_us, p->flow.wants_commit))
		again_us = now_us;
	if (outflow_is_stuck(&p->flow, now_us))
		mqtt_reconnect(p->mqtt, "the broker acknowledges nothing");
	if (again_us < INT64_MAX)
		loop_timer_set(p->flow_timer, again_us);
	else
		loop_timer_cancel(p->flow_timer);
}

void publisher_flow(struct publisher *p)
{
	int64_t now_us = loop_mono_us();

	if (is_spool_written(p, now_us))
		send_what_may_go(p, now_us);
}

void publisher_flow_soon(struct publisher *p)
{
	loop_timer_set(p->flow_timer, loop_mono_us());
}

void publisher_flow_on_timer(void *ctx)
{
	publisher_flow(ctx);
}

/* --- while the spool is the writer's --- */

void publisher_begin_connection(struct publisher *p)
{
	p->is_connected = true;
	publisher_tell_here(p);
	outflow_connect(&p->flow, loop_mono_us());
	publisher_tell_all_contracts(p);
	publisher_tell_birth(p);
	publisher_tell_status(p, "online");
	p->is_config_due = p->config_state.len > 0;
}

void publisher_row_arrived(struct publisher *p, uint64_t id)
{
	bool was_held = outflow_is_held(&p->flow);

	outflow_arrived(&p->flow, id, loop_mono_us());
	if (was_held && !outflow_is_held(&p->flow)) { /* what was told meanwhile may have been refused too */
		publisher_tell_all_contracts(p);
		publisher_tell_birth(p);
	}
}

/* The spool is ours again: what happened meanwhile. */
static void catch_up(struct publisher *p)
{
	for (size_t i = 0; i < p->n_arrived; i++)
		publisher_row_arrived(p, p->arrived[i]);
	p->n_arrived = 0;
	if (p->has_disconnected)
		outflow_disconnect(&p->flow);
	p->has_disconnected = false;
	if (p->has_connected)
		publisher_begin_connection(p);
	p->has_connected = false;
}

void publisher_take_spool(struct publisher *p)
{
	if (!spool_writer_wait(p->writer))
		return;
	catch_up(p);
	publisher_flow_soon(p);
}

void publisher_written(void *ctx)
{
	struct publisher *p = ctx;

	catch_up(p);
	send_what_may_go(p, loop_mono_us());
	publisher_check_drained(p);
}
