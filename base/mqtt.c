/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The states of a connection and the rules between them: when to try, when to give up, what to say about it.
 *
 *	OFFLINE --timer--> CONNECTING --up------> CONNECTED --mqtt_stop()--> STOPPING --> STOPPED
 *	   ^                   | failed               | lost
 *	   +-------------------+----------------------+
 *
 * One timer serves all states: the next attempt, the guard of an attempt that never ends, the end of a stop. What paho
 * reports comes through the handover and is worked off on the loop, a bounded number at a time.
 */
#include "base/mqtt.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mqtt_private.h"

enum {
	US_PER_S = 1000000,
	GUARD_US = 120 * US_PER_S, /* paho gives up after 13 s, unless the resolver or a step of the clock hold it up */
	EVENTS_A_TURN = 256,	   /* then others get their turn */
};

static void void_open(struct mqtt *m)
{
	m->n_open = 0;
	m->first_free = NULL;
	for (size_t i = m->options.max_open; i-- > 0;) {
		m->open[i].next_free = m->first_free;
		m->first_free = &m->open[i];
	}
}

static void try_again_later(struct mqtt *m, int64_t wait_us)
{
	m->state = MQTT_OFFLINE;
	loop_timer_set(m->timer, loop_mono_us() + wait_us);
}

/* What one broker does not speak, another may. */
static void take_next_broker(struct mqtt *m)
{
	char error[MQTT_REASON_BYTES];
	int r;

	if (m->options.n_others == 0)
		return;
	m->broker_at = (m->broker_at + 1) % (m->options.n_others + 1);
	r = mqtt_broker_parse(m->broker_at > 0	  ? m->options.others[m->broker_at - 1]
			      : m->options.broker ? m->options.broker
						  : "mqtt://localhost",
			      &m->broker, error);
	assert(r == 0); /* they were checked */
	m->retry.protocol = 5;
	m->retry.is_5_refused = false;
}

static void note_failure(struct mqtt *m, const char *reason)
{
	try_again_later(m, mqtt_retry_failed(&m->retry, loop_mono_us(), &m->broker, reason));
	take_next_broker(m);
	if (m->on.failed)
		m->on.failed(m->ctx, m->retry.last_error);
}

static void attempt(struct mqtt *m)
{
	struct paho_options o = { .broker = &m->broker, .mqtt = &m->options, .protocol = m->retry.protocol };
	char password[MQTT_PASSWORD_BYTES], reason[MQTT_REASON_BYTES];
	int r = mqtt_options_read_files(&m->options, m->broker.is_tls, password, reason);

	m->state = MQTT_CONNECTING;
	loop_timer_set(m->timer, loop_mono_us() + GUARD_US);
	if (r == 0) {
		o.password = m->options.password_file ? password : NULL;
		r = paho_connect(m->paho, &o);
		if (r < 0)
			snprintf(reason, sizeof(reason), "%s", paho_reason(m->paho));
	}
	explicit_bzero(password, sizeof(password));
	if (r < 0)
		note_failure(m, reason);
}

static void on_up(struct mqtt *m, const struct mqtt_event *e)
{
	m->is_up = true;
	m->state = MQTT_CONNECTED;
	m->since_us = loop_mono_us();
	m->n_connects++;
	m->receive_maximum = e->receive_maximum;
	m->max_packet_bytes = e->max_packet_bytes;
	mqtt_retry_connected(&m->retry);
	loop_timer_cancel(m->timer);
	log_info("mqtt: connected to %s:%u (MQTT %s%s)", m->broker.host, m->broker.port,
		 m->retry.protocol == 5 ? "5.0" : "3.1.1", m->broker.is_tls ? ", TLS" : "");
	for (struct subscription *s = m->subscriptions; s; s = s->next)
		if (paho_subscribe(m->paho, &s->event, s->qos) < 0)
			break; /* lost again, which its own event will tell */
	if (m->on.connected)
		m->on.connected(m->ctx, e->session_present);
}

static void on_failed(struct mqtt *m, int code)
{
	char reason[MQTT_REASON_BYTES];
	bool hung_up;

	paho_close(m->paho);
	hung_up = code == 0 && mqtt_is_hang_up(paho_reason(m->paho));
	mqtt_failure_words(m->retry.protocol, code, paho_reason(m->paho), m->broker.is_tls, reason);
	if (mqtt_retry_protocol(&m->retry, code, hung_up)) {
		log_info("mqtt: %s:%u: %s: using 3.1.1", m->broker.host, m->broker.port, reason);
		attempt(m);
		return;
	}
	note_failure(m, reason);
}

/* What paho has already acknowledged is delivered, whatever becomes of the connection. */
static void deliver(struct mqtt *m, struct mqtt_event *e)
{
	if (m->on.message)
		m->on.message(m->ctx, &e->message);
	paho_message_free(e);
}

static void finish_stop(struct mqtt *m)
{
	struct handover_item *item;

	if (m->is_up)
		paho_close(m->paho); /* else it could be waiting for the resolver: mqtt_free() sees to it */
	m->is_up = false;
	void_open(m);
	m->state = MQTT_STOPPED;
	m->since_us = loop_mono_us();
	loop_timer_cancel(m->timer);
	while ((item = handover_take(&m->events))) {
		struct mqtt_event *e = CONTAINER_OF(item, struct mqtt_event, item);

		if (e->kind == MQTT_EVENT_MESSAGE)
			deliver(m, e);
	}
	if (m->on.stopped)
		m->on.stopped(m->ctx);
}

static void on_lost(struct mqtt *m, int code)
{
	const char *words = m->give_up_words ? m->give_up_words : mqtt_reason_words(5, code);
	int64_t now_us = loop_mono_us();

	m->is_up = false;
	m->give_up_words = NULL;
	paho_close(m->paho);
	void_open(m);
	if (m->state == MQTT_STOPPING) {
		finish_stop(m);
		return;
	}
	words = words ? words : "the connection was closed";
	log_notice("mqtt: lost %s:%u: %s", m->broker.host, m->broker.port, words);
	try_again_later(m, mqtt_retry_lost(&m->retry, now_us - m->since_us, words));
	m->since_us = now_us;
	if (m->on.disconnected)
		m->on.disconnected(m->ctx, m->retry.last_error);
}

static void on_answered(struct mqtt *m, struct mqtt_event *e)
{
	const char *words = mqtt_reason_words(5, e->code);
	enum mqtt_event_kind kind = e->kind;
	uint64_t id = e->id;
	int code = e->code;

	e->next_free = m->first_free;
	m->first_free = e;
	m->n_open--;
	if (kind == MQTT_EVENT_PUBLISHED && m->on.published)
		m->on.published(m->ctx, id);
	if (kind == MQTT_EVENT_PUBLISH_FAILED && m->on.publish_failed)
		m->on.publish_failed(m->ctx, id, code, words ? words : "refused");
	if (m->state == MQTT_STOPPING && m->n_open == 0)
		finish_stop(m);
}

static void handle(struct mqtt *m, struct mqtt_event *e)
{
	switch (e->kind) {
	case MQTT_EVENT_MESSAGE:
		deliver(m, e);
		return;
	case MQTT_EVENT_UP:
		if (m->state == MQTT_CONNECTING)
			on_up(m, e);
		return;
	case MQTT_EVENT_FAILED:
		if (m->state == MQTT_CONNECTING)
			on_failed(m, e->code);
		return;
	case MQTT_EVENT_LOST:
		if (m->is_up)
			on_lost(m, e->code);
		return;
	case MQTT_EVENT_PUBLISHED:
	case MQTT_EVENT_PUBLISH_FAILED:
		on_answered(m, e);
		return;
	case MQTT_EVENT_SUBSCRIBE_FAILED:
		log_error("mqtt: subscription to %s refused (code %d): is it allowed?", e->filter, e->code);
		return;
	}
}

static void on_events(void *ctx)
{
	struct mqtt *m = ctx;

	for (int i = 0; i < EVENTS_A_TURN; i++) {
		struct handover_item *item = handover_take(&m->events);

		if (!item)
			return;
		handle(m, CONTAINER_OF(item, struct mqtt_event, item));
	}
	loop_wake_ring(m->wake);
}

static void on_timer(void *ctx)
{
	struct mqtt *m = ctx;

	if (m->state == MQTT_OFFLINE) {
		attempt(m);
	} else if (m->state == MQTT_CONNECTING) {
		paho_close(m->paho);
		note_failure(m, "no answer");
	} else if (m->state == MQTT_STOPPING) {
		finish_stop(m);
	} else if (m->give_up_words) {
		on_lost(m, 0);
	}
}

static void ring(void *ctx)
{
	struct mqtt *m = ctx;

	loop_wake_ring(m->wake);
}

static int start_parts(struct mqtt *m)
{
	int r;

	m->open = calloc(m->options.max_open, sizeof(*m->open));
	if (!m->open)
		return -ENOMEM;
	void_open(m);
	r = loop_timer_create(m->loop, &m->timer, on_timer, m);
	if (r < 0)
		return r;
	r = loop_wake_create(m->loop, &m->wake, on_events, m);
	if (r < 0)
		return r;
	return paho_create(&m->paho, &m->events);
}

int mqtt_create(struct mqtt **out, struct loop *loop, const struct mqtt_options *options, const struct mqtt_handlers *h,
		void *ctx)
{
	struct mqtt_broker broker;
	struct mqtt *m;
	int r = mqtt_options_check(options, &broker);

	if (r < 0)
		return r;
	m = calloc(1, sizeof(*m));
	if (!m)
		return -ENOMEM;
	*m = (struct mqtt){ .loop = loop, .broker = broker, .on = *h, .ctx = ctx };
	m->since_us = loop_mono_us();
	mqtt_retry_init(&m->retry, m->since_us);
	mqtt_options_keep(&m->options, options, &m->arena);
	handover_init(&m->events, m->options.max_receive_bytes, ring, m);
	r = start_parts(m);
	if (r < 0) {
		mqtt_free(m);
		return r;
	}
	*out = m;
	return 0;
}

void mqtt_free(struct mqtt *m)
{
	struct handover_item *item;
	bool is_free;

	if (!m)
		return;
	is_free = !m->paho || paho_free(m->paho);
	loop_wake_free(m->wake);
	loop_timer_free(m->timer);
	if (!is_free)
		return; /* paho still holds on to it, and the program is about to end */
	while ((item = handover_take(&m->events))) {
		struct mqtt_event *e = CONTAINER_OF(item, struct mqtt_event, item);

		if (e->kind == MQTT_EVENT_MESSAGE)
			paho_message_free(e);
	}
	handover_destroy(&m->events);
	arena_free(&m->arena);
	free(m->open);
	free(m);
}

void mqtt_start(struct mqtt *m)
{
	assert(m->state == MQTT_OFFLINE);
	loop_timer_set(m->timer, loop_mono_us());
}

void mqtt_reconnect(struct mqtt *m, const char *reason)
{
	if (m->state != MQTT_CONNECTED)
		return;
	m->give_up_words = reason;
	loop_timer_set(m->timer, loop_mono_us());
}

void mqtt_stop(struct mqtt *m, int64_t timeout_us)
{
	if (m->state == MQTT_STOPPED || m->state == MQTT_STOPPING)
		return;
	m->state = MQTT_STOPPING;
	loop_timer_set(m->timer, loop_mono_us() + (m->n_open > 0 ? timeout_us : 0));
}
