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
#include <sys/random.h>

#include "base/arena.h"
#include "base/backoff.h"
#include "base/log.h"
#include "base/mqtt_paho.h"

enum {
	US_PER_S = 1000000,
	GUARD_US = 120 * US_PER_S, /* paho gives up after 13 s, unless the resolver or a step of the clock hold it up */
	STABLE_US = 10 * US_PER_S, /* a connection that held so long ends a series of failures */
	DEFAULT_MAX_OPEN = 20,
	MAX_OPEN = 10000,
	DEFAULT_RECEIVE_BYTES = 1 << 20,
	MAX_RECEIVE_BYTES = 1 << 28,
	MAX_PAYLOAD_BYTES = 1 << 27,
	EVENTS_A_TURN = 256, /* then others get their turn */
};

static const int64_t log_again_us = (int64_t)3600 * US_PER_S;

struct subscription {
	struct subscription *next;
	struct mqtt_event event;
	uint8_t qos;
};

struct mqtt {
	struct loop *loop;
	struct loop_timer *timer;
	struct loop_wake *wake;
	struct arena arena;
	struct mqtt_options options;
	struct mqtt_broker broker;
	struct mqtt_message will;
	struct mqtt_handlers on;
	void *ctx;

	struct handover events;
	struct paho *paho;
	enum mqtt_state state;
	unsigned protocol; /* of the next or current attempt */
	bool is_5_refused, is_up;

	struct mqtt_event *open, *first_free;
	size_t n_open;
	struct subscription *subscriptions;

	struct backoff backoff;
	uint64_t n_connects, n_attempts_failed;
	int64_t since_us, logged_us;
	char last_error[MQTT_REASON_BYTES], logged[MQTT_REASON_BYTES];
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

static void try_again_later(struct mqtt *m)
{
	m->state = MQTT_OFFLINE;
	loop_timer_set(m->timer, loop_mono_us() + backoff_next_us(&m->backoff));
}

/* The first of a series, another reason, or an hour later: one line. */
static void log_failure(struct mqtt *m, const char *reason)
{
	int64_t now_us = loop_mono_us();

	if (strcmp(reason, m->logged) == 0 && now_us - m->logged_us < log_again_us)
		return;
	m->logged_us = now_us;
	snprintf(m->logged, sizeof(m->logged), "%s", reason);
	log_warning("mqtt: cannot connect to %s:%u: %s; trying on", m->broker.host, m->broker.port, reason);
}

static void note_failure(struct mqtt *m, const char *reason)
{
	m->n_attempts_failed++;
	snprintf(m->last_error, sizeof(m->last_error), "%s", reason);
	log_failure(m, m->last_error);
	try_again_later(m);
}

/* Files are looked at anew each time, so that what was missing or is exchanged is found without a restart. */
static int read_files(const struct mqtt *m, char password[static MQTT_PASSWORD_BYTES],
		      char reason[static MQTT_REASON_BYTES])
{
	const struct mqtt_options *o = &m->options;
	int r = 0;

	if (m->broker.is_tls) {
		r = mqtt_check_readable("ca_file", o->ca_file, reason);
		if (r == 0)
			r = mqtt_check_readable("cert_file", o->cert_file, reason);
		if (r == 0)
			r = mqtt_check_readable("key_file", o->key_file, reason);
	}
	if (r == 0 && o->password_file)
		r = mqtt_read_password(o->password_file, password, reason);
	return r;
}

static void attempt(struct mqtt *m)
{
	struct paho_options o = { .broker = &m->broker, .mqtt = &m->options, .protocol = m->protocol };
	char password[MQTT_PASSWORD_BYTES], reason[MQTT_REASON_BYTES];
	int r = read_files(m, password, reason);

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
	bool session_present = e->session_present;

	m->is_up = true;
	m->state = MQTT_CONNECTED;
	m->since_us = loop_mono_us();
	m->n_connects++;
	m->last_error[0] = m->logged[0] = '\0';
	loop_timer_cancel(m->timer);
	log_info("mqtt: connected to %s:%u (MQTT %s%s)", m->broker.host, m->broker.port,
		 m->protocol == 5 ? "5.0" : "3.1.1", m->broker.is_tls ? ", TLS" : "");
	for (struct subscription *s = m->subscriptions; s; s = s->next)
		if (paho_subscribe(m->paho, &s->event, s->qos) < 0)
			break; /* lost again, which its own event will tell */
	if (m->on.connected)
		m->on.connected(m->ctx, session_present);
}

/*
 * A broker without 5.0 says so, in words of either version, or just closes. Said: never try 5.0 again. Closed:
 * it may have been that, so take turns.
 */
static bool choose_protocol(struct mqtt *m, int code, const char *reason)
{
	if (code == MQTT_REFUSED_PROTOCOL_311 || code == MQTT_REFUSED_PROTOCOL_5) {
		m->is_5_refused = m->protocol == 5;
		m->protocol = m->is_5_refused ? 4 : 5;
		return m->is_5_refused;
	}
	if (code == 0 && !m->is_5_refused)
		m->protocol = m->protocol == 5 && mqtt_is_hang_up(reason) ? 4 : 5;
	return false;
}

static void on_failed(struct mqtt *m, int code)
{
	const char *words = mqtt_reason_words(m->protocol, code);
	char reason[MQTT_REASON_BYTES];

	paho_close(m->paho);
	if (words)
		snprintf(reason, sizeof(reason), "%s", words);
	else if (code)
		snprintf(reason, sizeof(reason), "refused with code %d", code);
	else
		snprintf(reason, sizeof(reason), "%s", paho_reason(m->paho));
	if (choose_protocol(m, code, reason)) {
		log_info("mqtt: %s:%u does not speak MQTT 5.0: using 3.1.1", m->broker.host, m->broker.port);
		attempt(m);
		return;
	}
	note_failure(m, mqtt_plain_words(reason, m->broker.is_tls));
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
	const char *words = mqtt_reason_words(5, code);
	int64_t now_us = loop_mono_us();

	m->is_up = false;
	paho_close(m->paho);
	void_open(m);
	if (m->state == MQTT_STOPPING) {
		finish_stop(m);
		return;
	}
	snprintf(m->last_error, sizeof(m->last_error), "%s", words ? words : "the connection was closed");
	log_notice("mqtt: lost %s:%u: %s", m->broker.host, m->broker.port, m->last_error);
	if (now_us - m->since_us >= STABLE_US)
		backoff_reset(&m->backoff);
	m->since_us = now_us;
	m->protocol = m->is_5_refused ? 4 : 5;
	try_again_later(m);
	if (m->on.disconnected)
		m->on.disconnected(m->ctx, m->last_error);
}

static void on_answered(struct mqtt *m, struct mqtt_event *e)
{
	const char *words = mqtt_reason_words(5, e->code);
	enum mqtt_event_kind kind = e->kind;
	uint64_t id = e->id;

	e->next_free = m->first_free;
	m->first_free = e;
	m->n_open--;
	if (kind == MQTT_EVENT_PUBLISHED && m->on.published)
		m->on.published(m->ctx, id);
	if (kind == MQTT_EVENT_PUBLISH_FAILED && m->on.publish_failed)
		m->on.publish_failed(m->ctx, id, words ? words : "refused");
	if (m->state == MQTT_STOPPING && m->n_open == 0)
		finish_stop(m);
}

static void handle(struct mqtt *m, struct mqtt_event *e)
{
	const char *words;

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
		words = mqtt_reason_words(m->protocol, e->code);
		log_error("mqtt: subscription to %s refused: %s", e->filter, words ? words : "no reason given");
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

	switch (m->state) {
	case MQTT_OFFLINE:
		attempt(m);
		return;
	case MQTT_CONNECTING:
		paho_close(m->paho);
		note_failure(m, "no answer");
		return;
	case MQTT_STOPPING:
		finish_stop(m);
		return;
	case MQTT_CONNECTED:
	case MQTT_STOPPED:
		return;
	}
}

static void ring(void *ctx)
{
	struct mqtt *m = ctx;

	loop_wake_ring(m->wake);
}

static const char *keep_text(struct mqtt *m, const char *text)
{
	return text ? arena_strdup(&m->arena, text) : NULL;
}

static void keep_options(struct mqtt *m, const struct mqtt_options *o)
{
	m->options = *o;
	m->options.broker = NULL;
	m->options.client_id = keep_text(m, o->client_id);
	m->options.username = keep_text(m, o->username);
	m->options.password_file = keep_text(m, o->password_file);
	m->options.ca_file = keep_text(m, o->ca_file);
	m->options.cert_file = keep_text(m, o->cert_file);
	m->options.key_file = keep_text(m, o->key_file);
	if (m->options.max_open == 0)
		m->options.max_open = DEFAULT_MAX_OPEN;
	if (m->options.max_receive_bytes == 0)
		m->options.max_receive_bytes = DEFAULT_RECEIVE_BYTES;
	if (!o->will)
		return;
	m->will = *o->will;
	m->will.topic = keep_text(m, o->will->topic);
	m->will.payload = NULL;
	if (o->will->payload_bytes > 0) {
		void *payload = arena_alloc(&m->arena, o->will->payload_bytes);

		memcpy(payload, o->will->payload, o->will->payload_bytes);
		m->will.payload = payload;
	}
	m->options.will = &m->will;
}

static bool is_message(const struct mqtt_message *msg)
{
	return msg->qos <= 1 && msg->topic && mqtt_topic_is_valid(msg->topic, false);
}

static int check_options(const struct mqtt_options *o, struct mqtt_broker *broker)
{
	char error[MQTT_REASON_BYTES];

	if (!o->client_id || o->client_id[0] == '\0' || o->max_open > MAX_OPEN)
		return -EINVAL;
	if (o->max_receive_bytes > MAX_RECEIVE_BYTES || o->keep_alive_s > UINT16_MAX)
		return -EINVAL;
	if (o->will && (!is_message(o->will) || o->will->payload_bytes > UINT16_MAX))
		return -EINVAL;
	return mqtt_broker_parse(o->broker ? o->broker : "mqtt://localhost", broker, error);
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
	int r = check_options(options, &broker);

	if (r < 0)
		return r;
	m = calloc(1, sizeof(*m));
	if (!m)
		return -ENOMEM;
	*m = (struct mqtt){ .loop = loop, .broker = broker, .on = *h, .ctx = ctx, .protocol = 5 };
	m->since_us = loop_mono_us();
	m->backoff.prng = (uint64_t)m->since_us;
	if (getrandom(&m->backoff.prng, sizeof(m->backoff.prng), GRND_NONBLOCK) < 0)
		log_debug("mqtt: no random numbers yet, waits start from the clock");
	keep_options(m, options);
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

void mqtt_stop(struct mqtt *m, int64_t timeout_us)
{
	if (m->state == MQTT_STOPPED || m->state == MQTT_STOPPING)
		return;
	m->state = MQTT_STOPPING;
	loop_timer_set(m->timer, loop_mono_us() + (m->n_open > 0 ? timeout_us : 0));
}

int mqtt_publish(struct mqtt *m, uint64_t id, const struct mqtt_message *msg)
{
	struct mqtt_event *e = m->first_free;
	int r;

	if (!is_message(msg))
		return -EINVAL;
	if (msg->payload_bytes > MAX_PAYLOAD_BYTES)
		return -EMSGSIZE;
	if (m->state != MQTT_CONNECTED)
		return -ENOTCONN;
	if (!e)
		return -EAGAIN;
	e->id = id;
	r = paho_publish(m->paho, e, msg);
	if (r < 0)
		return r;
	m->first_free = e->next_free;
	m->n_open++;
	return 0;
}

size_t mqtt_n_open(const struct mqtt *m)
{
	return m->n_open;
}

int mqtt_subscribe(struct mqtt *m, const char *filter, uint8_t qos)
{
	struct subscription *s;

	if (qos > 1 || !mqtt_topic_is_valid(filter, true))
		return -EINVAL;
	s = arena_alloc(&m->arena, sizeof(*s));
	*s = (struct subscription){ .next = m->subscriptions, .qos = qos };
	s->event.filter = arena_strdup(&m->arena, filter);
	m->subscriptions = s;
	if (m->state == MQTT_CONNECTED && paho_subscribe(m->paho, &s->event, qos) < 0)
		log_debug("mqtt: subscription to %s waits for the next connection", filter);
	return 0;
}

void mqtt_get_status(const struct mqtt *m, struct mqtt_status *out)
{
	*out = (struct mqtt_status){
		.state = m->state,
		.protocol = m->protocol,
		.n_connects = m->n_connects,
		.n_attempts_failed = m->n_attempts_failed,
		.since_us = m->since_us,
		.last_error = m->last_error,
	};
}
