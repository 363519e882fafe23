/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/publisher.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/announce.h"
#include "agent/kpi_board.h"
#include "base/log.h"
#include "pipelines/partial_json.h"
#include "pipelines/wire.h"

enum {
	TOPIC_BYTES = 320,
	MAX_OPEN = 16,
	RESERVE = 4, /* further ones for what must not wait: contract, birth, status, the last status above all */
	GOODBYE_US = 300000,
	SCRATCH_BYTES = 512 * 1024, /* a birth or status: some hundred bytes a sensor */
	/* This version's spool is memory: more would only move the loss from the queue to the board. */
	MAX_SPOOL_BYTES = 4 << 20,
	NO_ROW = 0, /* id of publishes that are not rows of the spool */
};

struct publisher {
	struct publisher_options o;
	struct loop *loop;
	struct mqtt *mqtt;
	struct spool *spool;
	struct loop_timer *stop_timer;
	struct dynbuf contract, scratch;
	struct kpi_board kpis;
	char base[TOPIC_BYTES]; /* PREFIX/SITE/DEVICE */
	char will[64];
	struct identity id;
	uint32_t seq;
	uint64_t sent_id; /* rows up to here are with the client */
	uint64_t n_dropped_told, n_refused;
	uint64_t wm_s;
	int64_t stop_by_us;
	bool is_connected, is_stopping, is_finishing;
	uint8_t message[PARTIAL_MAX_BYTES];
};

static bool has_room(const struct publisher *p)
{
	return mqtt_n_open(p->mqtt) < MAX_OPEN;
}

static int publish(struct publisher *p, uint64_t id, const char *leaf, const void *payload, size_t bytes,
		   bool is_retained)
{
	char topic[TOPIC_BYTES + 128];

	snprintf(topic, sizeof(topic), "%s/%s", p->base, leaf);
	return mqtt_publish(p->mqtt, id,
			    &(struct mqtt_message){
				    .topic = topic,
				    .payload = payload,
				    .payload_bytes = bytes,
				    .qos = 1,
				    .retained = is_retained,
			    });
}

/* --- what is told at each connection --- */

static void tell_contract(struct publisher *p)
{
	char leaf[32];

	snprintf(leaf, sizeof(leaf), "contract/%08x", p->id.contract);
	(void)publish(p, NO_ROW, leaf, p->contract.data, p->contract.len, true);
}

static void tell_birth(struct publisher *p)
{
	if (p->o.is_backfill)
		return;
	announce_birth(&p->scratch, p->o.conf, &p->id);
	(void)publish(p, NO_ROW, "birth", p->scratch.data, p->scratch.len, true);
}

static void tell_status(struct publisher *p, const char *state)
{
	struct status s = {
		.state = state, .boot = p->id.boot, .seq = p->seq, .wm_s = p->wm_s, .n_refused = p->n_refused
	};

	if (p->o.is_backfill)
		return;
	spool_get_stats(p->spool, &s.spool);
	announce_status(&p->scratch, &s, p->o.describe, p->o.ctx);
	(void)publish(p, NO_ROW, "status", p->scratch.data, p->scratch.len, true);
}

/* --- draining --- */

static void drain_kpis(struct publisher *p)
{
	struct kpi_entry *k;
	char leaf[80];

	while (has_room(p) && (k = kpi_board_due(&p->kpis))) {
		snprintf(leaf, sizeof(leaf), "kpi/%s", k->name);
		if (publish(p, NO_ROW, leaf, k->json.data, k->json.len, true) < 0)
			return;
		k->is_due = false;
	}
}

static void drain(struct publisher *p)
{
	static const char *const leaves[] = { [SPOOL_PARTIAL] = "partial", [SPOOL_EVENT] = "event" };
	struct spool_row row;

	if (!p->is_connected)
		return;
	while (has_room(p) && spool_next(p->spool, p->sent_id, &row)) {
		if (publish(p, row.id, leaves[row.kind], row.payload, row.payload_bytes, false) < 0)
			return; /* as many as may be are open: published() goes on */
		p->sent_id = row.id;
	}
	drain_kpis(p);
}

static void finish_stop(struct publisher *p)
{
	int64_t left_us = p->stop_by_us - loop_mono_us();
	struct spool_stats s;

	p->is_finishing = true;
	loop_timer_cancel(p->stop_timer);
	spool_get_stats(p->spool, &s);
	if (s.n_rows > 0)
		log_warning("%zu messages could not be delivered before the end", s.n_rows);
	if (p->is_connected)
		tell_status(p, "offline");
	mqtt_stop(p->mqtt, left_us > GOODBYE_US ? left_us : GOODBYE_US);
}

static bool is_drained(const struct publisher *p)
{
	struct spool_stats s;

	spool_get_stats(p->spool, &s);
	return s.n_rows == 0 && !kpi_board_due(&p->kpis);
}

static void check_drained(struct publisher *p)
{
	if (p->is_stopping && !p->is_finishing && p->is_connected && is_drained(p))
		finish_stop(p);
}

/* --- what the client tells --- */

static void on_connected(void *ctx, bool session_present UNUSED)
{
	struct publisher *p = ctx;

	p->is_connected = true;
	p->sent_id = 0; /* whatever was open is sent again */
	tell_contract(p);
	tell_birth(p);
	tell_status(p, "online");
	drain(p);
	check_drained(p);
}

static void on_disconnected(void *ctx, const char *reason UNUSED) /* the client has logged it */
{
	struct publisher *p = ctx;

	p->is_connected = false;
}

static void on_published(void *ctx, uint64_t id)
{
	struct publisher *p = ctx;

	if (id != NO_ROW)
		spool_ack(p->spool, id);
	drain(p);
	check_drained(p);
}

/* The broker has it and does not want it: keeping it would block what follows for ever. */
static void on_publish_failed(void *ctx, uint64_t id, const char *reason)
{
	struct publisher *p = ctx;

	p->n_refused++;
	if ((p->n_refused & (p->n_refused - 1)) == 0) /* 1, 2, 4, 8, ...: a wrong ACL refuses every message */
		log_error("the broker refused a message: %s (%llu so far)", reason, (unsigned long long)p->n_refused);
	on_published(p, id);
}

static void on_stopped(void *ctx)
{
	struct publisher *p = ctx;

	if (p->o.stopped)
		p->o.stopped(p->o.ctx);
}

static void on_stop_timeout(void *ctx)
{
	finish_stop(ctx);
}

/* --- what the agent tells --- */

static void spool_put(struct publisher *p, enum spool_kind kind, const void *payload, size_t bytes)
{
	struct spool_stats s;

	(void)!spool_append(p->spool, kind, payload, bytes); /* a loss is counted there */
	spool_get_stats(p->spool, &s);
	if (s.n_dropped > 0 && p->n_dropped_told == 0)
		log_warning("the spool is full (%zu bytes): the oldest messages are dropped until the broker is back",
			    s.max_bytes);
	p->n_dropped_told = s.n_dropped;
	drain(p);
}

void publisher_partial(struct publisher *p, struct partial *part)
{
	const struct conf *c = p->o.conf;
	int n;

	snprintf(part->site, sizeof(part->site), "%s", c->site);
	snprintf(part->device, sizeof(part->device), "%s", c->device);
	part->boot = p->o.boot;
	part->seq = ++p->seq;
	part->contract = p->id.contract;
	if (p->o.is_backfill)
		part->flags |= PARTIAL_BACKFILL;
	p->wm_s = part->wm;
	n = wire_encode(part, p->o.contract->metrics, p->message, sizeof(p->message));
	if (n < 0)
		log_error("a partial of window %llu does not fit in a message: lost", (unsigned long long)part->w0);
	else
		spool_put(p, SPOOL_PARTIAL, p->message, (size_t)n);
}

void publisher_event(struct publisher *p, const char *stream, const char *event, int64_t at_us, double value)
{
	dynbuf_reset(&p->scratch);
	event_to_json(stream, event, at_us, value, &p->scratch);
	spool_put(p, SPOOL_EVENT, p->scratch.data, strcspn(dynbuf_text(&p->scratch), "\n"));
}

void publisher_kpi(struct publisher *p, const struct kpi_def *kpi, uint64_t w0_s, double value, double coverage)
{
	if (p->o.is_backfill)
		return; /* it is no last value */
	kpi_board_put(&p->kpis, kpi, w0_s, value, coverage);
	drain(p);
}

void publisher_status(struct publisher *p, uint64_t wm_s)
{
	p->wm_s = wm_s;
	if (p->is_connected && !p->is_stopping)
		tell_status(p, "online");
}

void publisher_start(struct publisher *p)
{
	mqtt_start(p->mqtt);
}

void publisher_stop(struct publisher *p, int64_t timeout_us)
{
	p->is_stopping = true;
	p->stop_by_us = loop_mono_us() + timeout_us;
	loop_timer_set(p->stop_timer, p->stop_by_us - GOODBYE_US);
	check_drained(p);
}

bool publisher_is_connected(const struct publisher *p)
{
	return p->is_connected;
}

void publisher_get_mqtt(const struct publisher *p, struct mqtt_status *out)
{
	mqtt_get_status(p->mqtt, out);
}

void publisher_get_spool(const struct publisher *p, struct spool_stats *out)
{
	spool_get_stats(p->spool, out);
}

uint64_t publisher_n_refused(const struct publisher *p)
{
	return p->n_refused;
}

/* --- life --- */

static int connect_client(struct publisher *p)
{
	static const struct mqtt_handlers handlers = {
		.connected = on_connected,
		.disconnected = on_disconnected,
		.published = on_published,
		.publish_failed = on_publish_failed,
		.stopped = on_stopped,
	};
	const struct conf_mqtt *m = &p->o.conf->mqtt;
	char topic[TOPIC_BYTES + 16], client_id[160];
	struct mqtt_message will = { .topic = topic, .payload = p->will, .qos = 1, .retained = true };

	snprintf(topic, sizeof(topic), "%s/status", p->base);
	snprintf(p->will, sizeof(p->will), "{\"state\":\"offline\",\"boot\":%u}", p->o.boot);
	will.payload_bytes = strlen(p->will);
	snprintf(client_id, sizeof(client_id), "runnel-%s-%s%s", p->o.conf->site, p->o.conf->device,
		 p->o.is_backfill ? "-backfill" : "");
	return mqtt_create(&p->mqtt, p->loop,
			   &(struct mqtt_options){
				   .broker = m->broker,
				   .client_id = client_id,
				   .username = m->username,
				   .password_file = m->password_file,
				   .ca_file = m->ca_file,
				   .cert_file = m->cert_file,
				   .key_file = m->key_file,
				   .keep_alive_s = (unsigned)(m->keepalive_us / 1000000),
				   .will = p->o.is_backfill ? NULL : &will,
				   .will_delay_s = 30,
				   .max_open = MAX_OPEN + RESERVE,
			   },
			   &handlers, p);
}

static int prepare(struct publisher *p)
{
	const struct conf *c = p->o.conf;
	size_t max_bytes = c->spool.max_size < MAX_SPOOL_BYTES ? (size_t)c->spool.max_size : MAX_SPOOL_BYTES;
	int r;

	dynbuf_init(&p->contract, CONTRACT_MAX_BYTES);
	dynbuf_init(&p->scratch, SCRATCH_BYTES);
	contract_to_json(p->o.contract, &p->contract);
	if (p->contract.overflow)
		return -EMSGSIZE;
	p->id.contract = contract_hash(p->contract.data, p->contract.len);
	announce_make_nonce(p->id.nonce);
	p->id.boot = p->o.boot;
	snprintf(p->base, sizeof(p->base), "%s/%s/%s", c->mqtt.prefix, c->site, c->device);

	r = kpi_board_init(&p->kpis, p->o.contract);
	if (r < 0)
		return r;
	r = spool_open(&p->spool, p->o.has_no_bound ? SIZE_MAX : max_bytes);
	return r < 0 ? r : loop_timer_create(p->loop, &p->stop_timer, on_stop_timeout, p);
}

int publisher_create(struct publisher **out, struct loop *loop, const struct publisher_options *o,
		     char error[static MQTT_ERROR_BYTES])
{
	struct publisher *p;
	int r = mqtt_check_broker(o->conf->mqtt.broker, error);

	if (r < 0)
		return r;
	p = calloc(1, sizeof(*p));
	if (!p)
		return -ENOMEM;
	p->o = *o;
	p->loop = loop;
	r = prepare(p);
	if (r == 0)
		r = connect_client(p);
	if (r < 0) {
		snprintf(error, MQTT_ERROR_BYTES, "%s", strerror(-r));
		publisher_free(p);
		return r;
	}
	*out = p;
	return 0;
}

void publisher_free(struct publisher *p)
{
	if (!p)
		return;
	mqtt_free(p->mqtt);
	if (p->stop_timer)
		loop_timer_free(p->stop_timer);
	spool_close(p->spool);
	kpi_board_free(&p->kpis);
	dynbuf_free(&p->contract);
	dynbuf_free(&p->scratch);
	free(p);
}
