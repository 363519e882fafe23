/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/publisher.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/publisher_private.h"
#include "base/log.h"
#include "pipelines/partial_json.h"
#include "pipelines/wire.h"

enum {
	GOODBYE_US = 300000,
	CONFIG_STATE_BYTES = 4096,
	WILL_DELAY_S = 30,
	SESSION_EXPIRY_S = 3600,
	SCRATCH_BYTES = 512 * 1024, /* a birth or status: some hundred bytes a sensor */
};

int publisher_send(struct publisher *p, uint64_t id, const char *leaf, const struct mqtt_message *what)
{
	char topic[PUBLISHER_TOPIC_BYTES + 128];
	struct mqtt_message m = *what;

	snprintf(topic, sizeof(topic), "%s/%s", p->base, leaf);
	m.topic = topic;
	m.qos = 1;
	return mqtt_publish(p->mqtt, id, &m);
}

static void finish_stop(struct publisher *p)
{
	struct spool_stats s;
	int64_t left_us;

	p->is_finishing = true;
	loop_timer_cancel(p->stop_timer);
	publisher_flow_last(p);
	spool_get_stats(p->spool, &s);
	if (s.n_in_memory > 0)
		log_warning("%zu messages could not be delivered before the end", s.n_in_memory);
	if (s.n_rows > s.n_in_memory)
		log_info("%zu messages stay in the spool for the next start", s.n_rows - s.n_in_memory);
	if (p->is_connected)
		publisher_tell_status(p, "offline");
	left_us = p->stop_by_us - loop_mono_us();
	mqtt_stop(p->mqtt, left_us > GOODBYE_US ? left_us : GOODBYE_US);
}

static bool is_drained(const struct publisher *p)
{
	struct spool_stats s;

	spool_writer_get_stats(p->writer, &s);
	return s.n_rows == 0 && !kpi_board_due(&p->kpis);
}

void publisher_check_drained(struct publisher *p)
{
	if (p->is_stopping && !p->is_finishing && p->is_connected && is_drained(p))
		finish_stop(p);
}

/* --- what the client tells --- */

static void on_connected(void *ctx, bool session_present UNUSED)
{
	struct publisher *p = ctx;

	p->has_connected = true;
	publisher_flow(p);
	publisher_check_drained(p);
}

/* The client has logged it. */
static void note_error(struct publisher *p, const char *reason)
{
	snprintf(p->error, sizeof(p->error), "%s", reason);
	p->error_at_us = loop_wall_us();
	publisher_tell_here(p);
}

static void on_disconnected(void *ctx, const char *reason)
{
	struct publisher *p = ctx;

	p->is_connected = p->has_connected = false;
	p->has_disconnected = true;
	publisher_settle(p);
	note_error(p, reason);
}

static void on_failed(void *ctx, const char *reason)
{
	note_error(ctx, reason);
}

static void on_published(void *ctx, uint64_t id)
{
	struct publisher *p = ctx;
	bool is_row = id < PUBLISHER_CONTRACT_ROW && id != PUBLISHER_NO_ROW;

	if (id == PUBLISHER_CONFIG_ROW && !p->is_config_due && p->o.config_told)
		p->o.config_told(p->o.ctx);
	if (is_row && p->n_arrived == ARRAY_LEN(p->arrived))
		publisher_take_spool(p);
	if (is_row)
		p->arrived[p->n_arrived++] = id;
	publisher_settle(p);
	publisher_flow(p);
	publisher_check_drained(p);
}

static void on_publish_failed(void *ctx, uint64_t id, int code, const char *reason)
{
	struct publisher *p = ctx;
	uint64_t n;

	p->is_contract_refused = p->is_contract_refused || id == PUBLISHER_CONTRACT_ROW;
	if (id == PUBLISHER_NO_ROW || id >= PUBLISHER_CONTRACT_ROW) {
		p->flow.n_refused++;
	} else {
		publisher_take_spool(p);
		outflow_refused(&p->flow, id, code, loop_mono_us());
	}
	n = p->flow.n_refused;
	if ((n & (n - 1)) == 0) /* 1, 2, 4, 8, ...: a wrong ACL refuses every message */
		log_error("the broker refused a message: %s (%llu so far); it is %s", reason, (unsigned long long)n,
			  outflow_is_held(&p->flow) ? "kept, and sent again later" : "given up");
	publisher_flow(p);
	publisher_check_drained(p);
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

static void spool_put(struct publisher *p, const struct spool_row *row)
{
	spool_writer_put(p->writer, row);
	publisher_flow_soon(p);
}

void publisher_partial(struct publisher *p, struct partial *part)
{
	const struct conf *c = p->o.conf;
	int n;

	snprintf(part->site, sizeof(part->site), "%s", c->site);
	snprintf(part->device, sizeof(part->device), "%s", c->device);
	part->boot = p->id.boot;
	part->seq = ++p->seq;
	if (part->clock.last > 0)
		part->part = PARTIAL_MERGED + part->seq; /* it has no window, and so no number among the parts of one */
	part->contract = p->id.contract;
	if (p->o.is_backfill)
		part->flags |= PARTIAL_BACKFILL;
	p->wm_s = part->wm;
	n = wire_encode(part, p->o.contract->metrics, p->message, sizeof(p->message));
	if (n < 0)
		log_error("a partial of window %llu does not fit in a message: lost", (unsigned long long)part->w0);
	else
		spool_put(p, &(struct spool_row){ .boot = part->boot,
						  .seq = part->seq,
						  .payload = p->message,
						  .payload_bytes = (size_t)n });
}

void publisher_event(struct publisher *p, const char *stream, const char *event, int64_t at_us, double value)
{
	dynbuf_reset(&p->scratch);
	event_to_json(stream, event, at_us, value, &p->scratch);
	spool_put(p, &(struct spool_row){ .kind = SPOOL_EVENT,
					  .payload = dynbuf_text(&p->scratch),
					  .payload_bytes = strcspn(dynbuf_text(&p->scratch), "\n") });
}

void publisher_kpi(struct publisher *p, const struct kpi_def *kpi, uint64_t w0_s, double value, double coverage)
{
	if (p->o.is_backfill)
		return; /* it is no last value */
	kpi_board_put(&p->kpis, kpi, w0_s, value, coverage);
	publisher_flow_soon(p);
}

void publisher_status(struct publisher *p, uint64_t wm_s)
{
	p->wm_s = wm_s;
	if (p->is_connected && !p->is_stopping)
		publisher_tell_status(p, "online");
}

uint32_t publisher_boot(const struct publisher *p)
{
	return p->id.boot;
}

void publisher_start(struct publisher *p)
{
	mqtt_start(p->mqtt);
}

void publisher_stop(struct publisher *p, int64_t timeout_us)
{
	p->is_stopping = true;
	p->flow.is_paced = false;
	publisher_flow(p);
	p->stop_by_us = loop_mono_us() + timeout_us;
	loop_timer_set(p->stop_timer, p->stop_by_us - GOODBYE_US);
	publisher_check_drained(p);
}

bool publisher_is_connected(const struct publisher *p)
{
	return p->is_connected || p->has_connected;
}

void publisher_get_mqtt(const struct publisher *p, struct mqtt_status *out)
{
	mqtt_get_status(p->mqtt, out);
}

void publisher_get_spool(const struct publisher *p, struct spool_stats *out)
{
	spool_writer_get_stats(p->writer, out);
}

uint64_t publisher_n_refused(const struct publisher *p)
{
	return p->flow.n_refused;
}

/* --- life --- */

/*
 * A session that outlives the connection, for two reasons. Pushed configs and commands are not retained: what comes during an outage
 * of minutes waits at the broker. And a will is told when the session ends, however long its delay. What we send needs no
 * session: it is in the spool until its PUBACK, and is sent anew at each connection, whatever the broker remembers.
 */
static int connect_client(struct publisher *p)
{
	static const struct mqtt_handlers handlers = {
		.connected = on_connected,
		.disconnected = on_disconnected,
		.failed = on_failed,
		.published = on_published,
		.publish_failed = on_publish_failed,
		.message = publisher_hear,
		.stopped = on_stopped,
	};
	const struct conf_mqtt *m = &p->o.conf->mqtt;
	char topic[PUBLISHER_TOPIC_BYTES + 16], client_id[160];
	struct mqtt_message will = { .topic = topic, .payload = p->will, .qos = 1, .retained = true };

	snprintf(topic, sizeof(topic), "%s/status", p->base);
	snprintf(p->will, sizeof(p->will), "{\"state\":\"offline\",\"boot\":%u}", p->id.boot);
	will.payload_bytes = strlen(p->will);
	snprintf(client_id, sizeof(client_id), "runnel-%s-%s%s", p->o.conf->site, p->o.conf->device,
		 p->o.is_backfill ? "-backfill" : "");
	return mqtt_create(&p->mqtt, p->loop,
			   &(struct mqtt_options){
				   .broker = m->brokers.items[0],
				   .others = m->brokers.items + 1,
				   .n_others = m->brokers.n - 1,
				   .client_id = client_id,
				   .username = m->username,
				   .password_file = m->password_file,
				   .ca_file = m->ca_file,
				   .cert_file = m->cert_file,
				   .key_file = m->key_file,
				   .keep_alive_s = (unsigned)(m->keepalive_us / 1000000),
				   .will = p->o.is_backfill ? NULL : &will,
				   .will_delay_s = WILL_DELAY_S,
				   .session_expiry_s = p->o.is_backfill ? 0 : SESSION_EXPIRY_S,
				   .max_open = OUTFLOW_MAX_OPEN + PUBLISHER_RESERVE,
			   },
			   &handlers, p);
}

static int prepare(struct publisher *p, char error[static MQTT_ERROR_BYTES])
{
	const struct conf *c = p->o.conf;
	int r;

	dynbuf_init(&p->contract, CONTRACT_MAX_BYTES);
	dynbuf_init(&p->scratch, SCRATCH_BYTES);
	dynbuf_init(&p->config_state, CONFIG_STATE_BYTES);
	announce_make_nonce(p->id.nonce);
	p->twin.nonce = p->id.nonce;
	snprintf(p->base, sizeof(p->base), "%s/%s/%s", c->mqtt.prefix, c->site, c->device);

	r = kpi_board_init(&p->kpis, p->o.contract);
	if (r == 0)
		r = publisher_open_spool(p, error);
	if (r == 0)
		r = publisher_keep_contract(p);
	if (r < 0)
		return r;
	(void)publisher_take_boot(p);
	p->flow = (struct outflow){
		.spool = p->spool, .send = publisher_flow_send, .ctx = p, .is_paced = !p->o.is_backfill
	};
	r = loop_timer_create(p->loop, &p->stop_timer, on_stop_timeout, p);
	return r < 0 ? r : loop_timer_create(p->loop, &p->flow_timer, publisher_flow_on_timer, p);
}

int publisher_create(struct publisher **out, struct loop *loop, const struct publisher_options *o,
		     char error[static MQTT_ERROR_BYTES])
{
	struct publisher *p;
	int r;

	p = calloc(1, sizeof(*p));
	if (!p)
		return -ENOMEM;
	p->o = *o;
	p->loop = loop;
	error[0] = '\0';
	r = prepare(p, error);
	if (r == 0)
		r = connect_client(p);
	if (r == 0)
		r = publisher_subscribe(p);
	if (r < 0) {
		if (error[0] == '\0')
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
	if (p->flow_timer)
		loop_timer_free(p->flow_timer);
	spool_writer_free(p->writer);
	spool_close(p->spool);
	kpi_board_free(&p->kpis);
	dynbuf_free(&p->contract);
	dynbuf_free(&p->scratch);
	dynbuf_free(&p->config_state);
	free(p);
}
