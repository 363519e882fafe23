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

/* --- while the spool is the writer's --- */

void publisher_settle(struct publisher *p)
{
	if (spool_writer_is_busy(p->writer))
		return;
	for (size_t i = 0; i < p->n_arrived; i++) {
		bool was_held = outflow_is_held(&p->flow);

		outflow_arrived(&p->flow, p->arrived[i], loop_mono_us());
		if (was_held && !outflow_is_held(&p->flow))
			p->must_tell_again = true;
	}
	p->n_arrived = 0;
	if (p->has_disconnected)
		outflow_disconnect(&p->flow);
	p->has_disconnected = false;
}

void publisher_take_spool(struct publisher *p)
{
	bool was_busy = spool_writer_wait(p->writer);

	publisher_settle(p);
	if (was_busy)
		publisher_flow_soon(p);
}

static void begin_connection(struct publisher *p)
{
	p->is_connected = true;
	p->has_connected = p->must_tell_again = false;
	publisher_tell_here(p);
	outflow_connect(&p->flow, loop_mono_us());
	publisher_tell_all_contracts(p);
	publisher_tell_birth(p);
	publisher_tell_status(p, "online");
	p->is_config_due = p->config_state.len > 0;
}

/* The spool is ours: what has happened meanwhile. */
static void catch_up(struct publisher *p)
{
	publisher_settle(p);
	if (p->has_connected)
		begin_connection(p);
	if (p->must_tell_again && p->is_connected) { /* while rows were held this may have been refused too */
		publisher_tell_all_contracts(p);
		publisher_tell_birth(p);
	}
	p->must_tell_again = false;
}

/* --- to the disk and to the broker --- */

/* What is in memory goes too: on a card that is slower than the windows there is always something, and it is written next. */
static void send_what_may_go(struct publisher *p)
{
	int64_t now_us = loop_mono_us(), again_us = INT64_MAX;

	publisher_flow_report(p);
	if (p->is_connected && publisher_tell_contracts(p)) {
		publisher_tell_due(p);
		again_us = outflow_run(&p->flow, now_us);
		send_kpis(p);
	}
	if (spool_is_in_trouble(p->spool))
		again_us = now_us + disk_again_us < again_us ? now_us + disk_again_us : again_us;
	else if (spool_is_due(p->spool, now_us, p->flow.wants_commit))
		again_us = now_us;
	if (outflow_is_stuck(&p->flow, now_us))
		mqtt_reconnect(p->mqtt, "the broker acknowledges nothing");
	if (again_us < INT64_MAX)
		loop_timer_set(p->flow_timer, again_us);
	else
		loop_timer_cancel(p->flow_timer);
}

/* @return whether it has begun; publisher_written() comes then */
static bool begin_commit(struct publisher *p)
{
	int64_t now_us = loop_mono_us();

	if (!spool_is_due(p->spool, now_us, p->flow.wants_commit))
		return false;
	spool_writer_start(p->writer, now_us, p->flow.wants_commit);
	p->flow.wants_commit = false;
	return spool_writer_is_busy(p->writer);
}

void publisher_flow(struct publisher *p)
{
	if (p->is_finishing || spool_writer_is_busy(p->writer))
		return;
	catch_up(p);
	if (!begin_commit(p))
		send_what_may_go(p);
}

void publisher_written(void *ctx)
{
	struct publisher *p = ctx;

	catch_up(p);
	send_what_may_go(p);
	publisher_check_drained(p);
}

void publisher_flow_last(struct publisher *p)
{
	publisher_take_spool(p);
	(void)!spool_commit(p->spool, loop_mono_us(), true);
	catch_up(p);
	send_what_may_go(p);
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
