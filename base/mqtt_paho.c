/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The only file that includes <MQTTAsync.h>. paho is the transport and nothing more: no persistence, no reconnecting, no queue.
 *
 * Threads. paho runs two threads of its own and calls back in them with its one big lock held. A callback here only
 * fills in an event and hands it over. The exception is a received message, which waits while the loop is
 * behind: then paho stops reading, TCP pushes back, and the broker keeps what it has. (Returning "not
 * accepted" instead would not push back: paho goes on reading into a list of its own without bound.) Since the waiting callback
 * holds paho's lock, every call into paho opens the handover first; else the loop would wait for itself.
 *
 * paho (1.3.12) sends the PUBACK when on_message() has returned, whatever it returns: what happens in it happens before the broker forgets
 * the message. So that is where note_down() is called. paho's own way, a persistence of the user's, would be called for messages that
 * on_message() did not accept, and for all that is sent.
 *
 * A connection attempt gets a fresh paho client, so nothing of an earlier one can come back. The last client to go
 * would stop paho's threads, and wait up to a second for that: an idle client (the anchor) keeps them.
 *
 * Never more is open than the broker's receive maximum: paho would keep the rest back, and nothing but the next publish
 * or the end of a second wakes its sending thread for it.
 *
 * What paho forces: its receiving thread sleeps 100 ms whenever it had nothing to read (mqtt_hurry.c) and takes 10 ms
 * more to see that TCP has connected; idle, the two threads wake up 3 times a second (11 times while there is no
 * connection) unless the kernel is allowed to be late; names are resolved under the big lock; SIGPIPE is ignored in
 * the whole process. Its tracing is off but for connection attempts: it costs CPU time and up to 120 kB.
 */
#include "base/mqtt_paho.h"

#include <MQTTAsync.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include "base/bounded.h"
#include "base/mqtt_explain.h"
#include "base/mqtt_hurry.h"

enum { FREE_TIMEOUT_S = 2, MESSAGE_OVERHEAD_BYTES = 256, PACKET_OVERHEAD_BYTES = 1024 };

/* How much later than asked for the kernel may wake paho's thread, to do it together with something else. */
static const unsigned long slack_ns = 500000000;

/* Suites that exist in TLS 1.2 only and are forward secret; with those of 1.3 they leave no older version to agree on. */
static const char tls_suites[] = "ECDHE+AESGCM:ECDHE+CHACHA20:DHE+AESGCM:DHE+CHACHA20";

struct paho {
	MQTTAsync anchor, client;
	struct handover *to;
	struct mqtt_event up, down;
	bool is_down; /* told: paho may have several ways to say it */
	unsigned protocol;
	const struct mqtt_options *options;
	char tls_reason[MQTT_REASON_BYTES], reason[MQTT_REASON_BYTES];
};

static void on_trace(enum MQTTASYNC_TRACE_LEVELS level UNUSED, char *line)
{
	if (!line)
		return;
	mqtt_hurry_line(line);
	mqtt_explain_line(line);
}

static void start_explaining(void)
{
	mqtt_explain_start();
	mqtt_hurry_start();
	MQTTAsync_setTraceLevel(MQTTASYNC_TRACE_MINIMUM);
}

static void stop_explaining(void)
{
	MQTTAsync_setTraceLevel(MQTTASYNC_TRACE_ERROR);
}

static void hand_over(struct mqtt_event *e, enum mqtt_event_kind kind, int code)
{
	e->kind = kind;
	e->code = code;
	handover_put(e->paho->to, &e->item);
}

static void go_down(struct paho *p, enum mqtt_event_kind kind, int code)
{
	if (p->is_down)
		return;
	p->is_down = true;
	hand_over(&p->down, kind, code);
}

/*
 * For the thread that calls back: paho's waits of 0.1 s and 1 s may end up to half a second later, which saves a third of
 * its wake-ups while idle. What arrives wakes the thread as before, unless it sleeps its 0.1 s just then. Only after
 * the first attempt, so that the start is not held up.
 */
static void sleep_longer(void)
{
	prctl(PR_SET_TIMERSLACK, slack_ns, 0, 0, 0);
}

static void go_up(struct paho *p, bool session_present, size_t receive_maximum, size_t max_packet_bytes)
{
	sleep_longer();
	stop_explaining();
	p->up.session_present = session_present;
	p->up.receive_maximum = receive_maximum;
	p->up.max_packet_bytes = max_packet_bytes;
	hand_over(&p->up, MQTT_EVENT_UP, 0);
}

static void on_connected(void *ctx, MQTTAsync_successData *d)
{
	go_up(ctx, d->alt.connect.sessionPresent != 0, UINT16_MAX, 0);
}

static void on_connected5(void *ctx, MQTTAsync_successData5 *d)
{
	int maximum = MQTTProperties_getNumericValue(&d->properties, MQTTPROPERTY_CODE_RECEIVE_MAXIMUM);
	int bytes = MQTTProperties_getNumericValue(&d->properties, MQTTPROPERTY_CODE_MAXIMUM_PACKET_SIZE);

	go_up(ctx, d->alt.connect.sessionPresent != 0, maximum > 0 ? (size_t)maximum : UINT16_MAX,
	      bytes > 0 ? (size_t)bytes : 0);
}

/* @code is the CONNACK's when positive; @message is paho's own, e.g. "TCP connect timeout". */
static void fail(struct paho *p, int code, const char *message)
{
	sleep_longer();
	snprintf(p->reason, sizeof(p->reason), "%s", message ? message : "");
	go_down(p, MQTT_EVENT_FAILED, code > 0 ? code : 0);
}

static void on_connect_failed(void *ctx, MQTTAsync_failureData *d)
{
	fail(ctx, d->code, d->message);
}

static void on_connect_failed5(void *ctx, MQTTAsync_failureData5 *d)
{
	fail(ctx, d->code > 0 ? d->code : (int)d->reasonCode, d->message);
}

static void on_lost(void *ctx, char *cause UNUSED)
{
	go_down(ctx, MQTT_EVENT_LOST, 0);
}

/* MQTT 5.0: the broker says why. paho closes the connection then, and does not call on_lost() for it. */
static void on_told_to_go(void *ctx, MQTTProperties *properties UNUSED, enum MQTTReasonCodes code)
{
	go_down(ctx, MQTT_EVENT_LOST, (int)code);
}

static int on_tls_error(const char *line, size_t bytes, void *ctx)
{
	struct paho *p = ctx;

	if (p->tls_reason[0] == '\0')
		mqtt_tls_reason(line, bytes, p->tls_reason, sizeof(p->tls_reason));
	return 1;
}

static void on_published(void *ctx, MQTTAsync_successData *d UNUSED)
{
	hand_over(ctx, MQTT_EVENT_PUBLISHED, 0);
}

static void on_published5(void *ctx, MQTTAsync_successData5 *d UNUSED)
{
	hand_over(ctx, MQTT_EVENT_PUBLISHED, 0);
}

/* Without a reason code the connection is going down: the publish is void, not refused. */
static void on_publish_failed5(void *ctx, MQTTAsync_failureData5 *d)
{
	if (d->reasonCode >= MQTTREASONCODE_UNSPECIFIED_ERROR)
		hand_over(ctx, MQTT_EVENT_PUBLISH_FAILED, (int)d->reasonCode);
}

static void on_subscribe_failed(void *ctx, MQTTAsync_failureData *d)
{
	if (d->code > 0)
		hand_over(ctx, MQTT_EVENT_SUBSCRIBE_FAILED, d->code);
}

static void on_subscribe_failed5(void *ctx, MQTTAsync_failureData5 *d)
{
	if (d->reasonCode >= MQTTREASONCODE_UNSPECIFIED_ERROR)
		hand_over(ctx, MQTT_EVENT_SUBSCRIBE_FAILED, (int)d->reasonCode);
}

void paho_message_free(struct mqtt_event *e)
{
	MQTTAsync_message *m = e->paho_message;

	MQTTAsync_freeMessage(&m);
	MQTTAsync_free(e->paho_topic);
	free(e);
}

/* paho gives 0 or the length; a topic with a NUL in it is none. */
static bool is_sound(const struct paho *p, const char *topic, int topic_bytes, const MQTTAsync_message *m)
{
	return (topic_bytes == 0 || strlen(topic) == (size_t)topic_bytes) && m->payloadlen >= 0 &&
	       (size_t)m->payloadlen <= p->options->max_receive_bytes;
}

static void note_down(const struct paho *p, struct mqtt_message *msg)
{
	if (msg->qos > 0 && p->options->note_down)
		msg->mark = p->options->note_down(p->options->note_down_ctx, msg);
}

/* What can not be kept is dropped, as the answer "not accepted" would only bring it again. */
static int on_message(void *ctx, char *topic, int topic_bytes, MQTTAsync_message *m)
{
	struct paho *p = ctx;
	struct mqtt_event *e = NULL;

	if (is_sound(p, topic, topic_bytes, m))
		e = malloc(sizeof(*e));
	if (e) {
		*e = (struct mqtt_event){
			.kind = MQTT_EVENT_MESSAGE,
			.paho_topic = topic,
			.paho_message = m,
			.message = { .topic = topic,
				     .payload = m->payload,
				     .payload_bytes = (size_t)m->payloadlen,
				     .qos = (uint8_t)m->qos,
				     .retained = m->retained != 0 },
			.item.bytes = (size_t)m->payloadlen + strlen(topic) + MESSAGE_OVERHEAD_BYTES,
		};
		note_down(p, &e->message);
		if (handover_put_when_room(p->to, &e->item))
			return 1;
	}
	MQTTAsync_freeMessage(&m);
	MQTTAsync_free(topic);
	free(e);
	return 1;
}

int paho_create(struct paho **out, struct handover *to)
{
	struct paho *p = calloc(1, sizeof(*p));

	if (!p)
		return -ENOMEM;
	p->to = to;
	p->up.paho = p->down.paho = p;
	p->up.item.owner = p->down.item.owner = p;
	if (MQTTAsync_create(&p->anchor, "tcp://localhost", "anchor", MQTTCLIENT_PERSISTENCE_NONE, NULL)) {
		free(p);
		return -EIO;
	}
	mqtt_hurry_prepare();
	MQTTAsync_setTraceCallback(on_trace);
	stop_explaining();
	*out = p;
	return 0;
}

static void set_number(MQTTProperties *to, enum MQTTPropertyCodes code, uint32_t value)
{
	MQTTProperty property = { .identifier = code, .value.integer4 = value };

	MQTTProperties_add(to, &property);
}

static void fill_common(MQTTAsync_connectOptions *c, struct paho *p, const struct paho_options *o)
{
	c->keepAliveInterval = (int)o->mqtt->keep_alive_s;
	c->maxInflight = (int)o->mqtt->max_open;
	c->connectTimeout = (int)o->mqtt->connect_timeout_s;
	c->username = o->mqtt->username;
	if (o->password) {
		c->binarypwd.data = o->password;
		c->binarypwd.len = (int)strlen(o->password);
	}
	c->context = p;
}

static void fill_for_protocol(MQTTAsync_connectOptions *c, const struct paho_options *o)
{
	if (o->protocol == 5) {
		c->MQTTVersion = MQTTVERSION_5;
		c->cleanstart = o->mqtt->session_expiry_s == 0;
		c->onSuccess5 = on_connected5;
		c->onFailure5 = on_connect_failed5;
		return;
	}
	c->MQTTVersion = MQTTVERSION_3_1_1;
	c->cleansession = o->mqtt->session_expiry_s == 0;
	c->onSuccess = on_connected;
	c->onFailure = on_connect_failed;
}

static void fill_will(MQTTAsync_willOptions *w, const struct mqtt_message *will)
{
	w->topicName = will->topic;
	w->payload.data = will->payload_bytes ? will->payload : "";
	w->payload.len = (int)will->payload_bytes;
	w->retained = will->retained;
	w->qos = will->qos;
}

static void fill_tls(MQTTAsync_SSLOptions *t, struct paho *p, const struct mqtt_options *o)
{
	t->trustStore = o->ca_file;
	t->keyStore = o->cert_file;
	t->privateKey = o->key_file;
	t->enabledCipherSuites = tls_suites;
	t->enableServerCertAuth = 1;
	t->verify = 1; /* the host name too */
	t->ssl_error_cb = on_tls_error;
	t->ssl_error_context = p;
}

static void fill_properties(MQTTAsync_connectOptions *c, const struct paho_options *o, MQTTProperties *connect,
			    MQTTProperties *will)
{
	uint32_t max_packet_bytes = (uint32_t)o->mqtt->max_receive_bytes + PACKET_OVERHEAD_BYTES;

	set_number(connect, MQTTPROPERTY_CODE_SESSION_EXPIRY_INTERVAL, o->mqtt->session_expiry_s);
	set_number(connect, MQTTPROPERTY_CODE_MAXIMUM_PACKET_SIZE, max_packet_bytes);
	c->connectProperties = connect;
	if (o->mqtt->will && o->mqtt->will_delay_s > 0) {
		set_number(will, MQTTPROPERTY_CODE_WILL_DELAY_INTERVAL, o->mqtt->will_delay_s);
		c->willProperties = will;
	}
}

static int create_client(struct paho *p, const struct paho_options *o)
{
	MQTTAsync_createOptions create = MQTTAsync_createOptions_initializer;
	char uri[MQTT_URI_BYTES];

	mqtt_broker_uri(o->broker, uri);
	create.MQTTVersion = o->protocol == 5 ? MQTTVERSION_5 : MQTTVERSION_3_1_1;
	create.maxBufferedMessages = (int)o->mqtt->max_open + 1;
	if (MQTTAsync_createWithOptions(&p->client, uri, o->mqtt->client_id, MQTTCLIENT_PERSISTENCE_NONE, NULL,
					&create)) {
		p->client = NULL;
		return -EIO;
	}
	MQTTAsync_setCallbacks(p->client, p, on_lost, on_message, NULL);
	MQTTAsync_setDisconnected(p->client, p, on_told_to_go);
	return 0;
}

/* paho's threads start with the first connect and inherit the mask: signals are the loop's business. */
static int connect_with_signals_blocked(MQTTAsync client, const MQTTAsync_connectOptions *c)
{
	sigset_t all, before;
	int rc;

	sigfillset(&all);
	sigdelset(&all, MQTT_HURRY_SIGNAL);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	rc = MQTTAsync_connect(client, c);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return rc;
}

int paho_connect(struct paho *p, const struct paho_options *o)
{
	MQTTAsync_connectOptions v4 = MQTTAsync_connectOptions_initializer;
	MQTTAsync_connectOptions v5 = MQTTAsync_connectOptions_initializer5;
	MQTTAsync_connectOptions *c = o->protocol == 5 ? &v5 : &v4;
	MQTTAsync_willOptions will = MQTTAsync_willOptions_initializer;
	MQTTAsync_SSLOptions tls = MQTTAsync_SSLOptions_initializer;
	MQTTProperties connect_properties = MQTTProperties_initializer, will_properties = MQTTProperties_initializer;
	int rc;

	p->reason[0] = p->tls_reason[0] = '\0';
	p->down.kind = MQTT_EVENT_LOST;
	p->is_down = false;
	p->protocol = o->protocol;
	p->options = o->mqtt;
	if (create_client(p, o) < 0)
		return -EIO;
	fill_common(c, p, o);
	fill_for_protocol(c, o);
	if (o->mqtt->will) {
		fill_will(&will, o->mqtt->will);
		c->will = &will;
	}
	if (o->broker->is_tls) {
		fill_tls(&tls, p, o->mqtt);
		c->ssl = &tls;
	}
	if (o->protocol == 5)
		fill_properties(c, o, &connect_properties, &will_properties);
	start_explaining();
	rc = connect_with_signals_blocked(p->client, c);
	MQTTProperties_free(&connect_properties);
	MQTTProperties_free(&will_properties);
	if (rc == MQTTASYNC_SUCCESS)
		return 0;
	snprintf(p->reason, sizeof(p->reason), "%s", MQTTAsync_strerror(rc));
	paho_close(p);
	return -EIO;
}

void paho_close(struct paho *p)
{
	if (!p->client)
		return;
	handover_open(p->to, true);
	MQTTAsync_destroy(&p->client);
	p->client = NULL;
	handover_open(p->to, false);
	handover_forget(p->to, p);
	stop_explaining();
	/* What explains a failed attempt may have been traced after the callback, but before paho let go of its lock. */
	if (p->down.kind == MQTT_EVENT_FAILED && !mqtt_explain_get(p->reason, sizeof(p->reason)) &&
	    p->tls_reason[0] != '\0')
		memcpy(p->reason, p->tls_reason, sizeof(p->reason));
}

const char *paho_reason(const struct paho *p)
{
	return p->reason;
}

static void let_go(void *ctx)
{
	struct paho *p = ctx;

	if (p->client)
		MQTTAsync_destroy(&p->client);
	MQTTAsync_destroy(&p->anchor);
}

/* paho may be in the resolver, or asleep for a second: neither should hold up the end of a program. */
bool paho_free(struct paho *p)
{
	handover_close(p->to);
	if (!bounded_call(let_go, p, FREE_TIMEOUT_S))
		return false;
	handover_forget(p->to, p); /* ups and downs live in what is freed here */
	free(p);
	return true;
}

static int enter(struct paho *p, struct mqtt_event *e)
{
	if (!p->client)
		return -ENOTCONN;
	e->paho = p;
	e->item.owner = p;
	handover_open(p->to, true);
	return 0;
}

static int leave(struct paho *p, int rc)
{
	handover_open(p->to, false);
	if (rc == MQTTASYNC_SUCCESS)
		return 0;
	return rc == MQTTASYNC_DISCONNECTED || rc == MQTTASYNC_FAILURE ? -ENOTCONN : -EAGAIN;
}

int paho_publish(struct paho *p, struct mqtt_event *e, const struct mqtt_message *msg)
{
	MQTTAsync_responseOptions answers = MQTTAsync_responseOptions_initializer;
	const void *payload = msg->payload_bytes ? msg->payload : "";
	int r = enter(p, e);

	if (r < 0)
		return r;
	answers.context = e;
	if (p->protocol == 5) {
		answers.onSuccess5 = on_published5;
		answers.onFailure5 = on_publish_failed5;
	} else {
		answers.onSuccess = on_published;
	}
	return leave(p, MQTTAsync_send(p->client, msg->topic, (int)msg->payload_bytes, payload, msg->qos, msg->retained,
				       &answers));
}

int paho_subscribe(struct paho *p, struct mqtt_event *e, uint8_t qos)
{
	MQTTAsync_responseOptions answers = MQTTAsync_responseOptions_initializer;
	int r = enter(p, e);

	if (r < 0)
		return r;
	answers.context = e;
	if (p->protocol == 5)
		answers.onFailure5 = on_subscribe_failed5;
	else
		answers.onFailure = on_subscribe_failed;
	return leave(p, MQTTAsync_subscribe(p->client, e->filter, qos, &answers));
}
