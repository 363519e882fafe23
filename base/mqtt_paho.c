/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mqtt_paho.c - a connection as the loop's thread makes it, uses it and lets go of it. paho is the transport and nothing
 * more: no persistence, no reconnecting, no queue.
 *
 * Threads. paho runs two threads of its own and calls back in them (mqtt_paho_events.c) with its one big lock held. A
 * received message may wait there for the loop. So every call into paho while there is a connection opens the handover
 * first: else the loop would wait for itself.
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

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bounded.h"
#include "base/mqtt_explain.h"
#include "base/mqtt_hurry.h"
#include "base/mqtt_paho_private.h"

enum { FREE_TIMEOUT_S = 2, PACKET_OVERHEAD_BYTES = 1024 };

/* Suites that exist in TLS 1.2 only and are forward secret; with those of 1.3 they leave no older version to agree on. */
static const char tls_suites[] = "ECDHE+AESGCM:ECDHE+CHACHA20:DHE+AESGCM:DHE+CHACHA20";

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
	paho_trace_init();
	*out = p;
	return 0;
}

static void set_number(MQTTProperties *to, enum MQTTPropertyCodes code, uint32_t value)
{
	MQTTProperty property = { .identifier = code, .value.integer4 = value };

	MQTTProperties_add(to, &property);
}

static void fill_common(MQTTAsync_connectOptions *c, const struct paho_options *o)
{
	c->keepAliveInterval = (int)o->mqtt->keep_alive_s;
	c->maxInflight = (int)o->mqtt->max_open;
	c->connectTimeout = (int)o->mqtt->connect_timeout_s;
	c->username = o->mqtt->username;
	if (o->password) {
		c->binarypwd.data = o->password;
		c->binarypwd.len = (int)strlen(o->password);
	}
}

static void fill_for_protocol(MQTTAsync_connectOptions *c, const struct paho_options *o)
{
	if (o->protocol == 5) {
		c->MQTTVersion = MQTTVERSION_5;
		c->cleanstart = o->mqtt->session_expiry_s == 0;
		return;
	}
	c->MQTTVersion = MQTTVERSION_3_1_1;
	c->cleansession = o->mqtt->session_expiry_s == 0;
}

static void fill_will(MQTTAsync_willOptions *w, const struct mqtt_message *will)
{
	w->topicName = will->topic;
	w->payload.data = will->payload_bytes ? will->payload : "";
	w->payload.len = (int)will->payload_bytes;
	w->retained = will->retained;
	w->qos = will->qos;
}

static void fill_tls(MQTTAsync_SSLOptions *t, const struct mqtt_options *o)
{
	t->trustStore = o->ca_file;
	t->keyStore = o->cert_file;
	t->privateKey = o->key_file;
	t->enabledCipherSuites = tls_suites;
	t->enableServerCertAuth = 1;
	t->verify = 1; /* the host name too */
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
	paho_listen(p);
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
	fill_common(c, o);
	fill_for_protocol(c, o);
	paho_listen_connect(p, c);
	if (o->mqtt->will) {
		fill_will(&will, o->mqtt->will);
		c->will = &will;
	}
	if (o->broker->is_tls) {
		fill_tls(&tls, o->mqtt);
		paho_listen_tls(p, &tls);
		c->ssl = &tls;
	}
	if (o->protocol == 5)
		fill_properties(c, o, &connect_properties, &will_properties);
	paho_trace_start();
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
	paho_trace_stop();
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

void paho_message_free(struct mqtt_event *e)
{
	MQTTAsync_message *m = e->paho_message;

	MQTTAsync_freeMessage(&m);
	MQTTAsync_free(e->paho_topic);
	free(e);
}

int paho_publish(struct paho *p, struct mqtt_event *e, const struct mqtt_message *msg)
{
	MQTTAsync_responseOptions answers = MQTTAsync_responseOptions_initializer;
	const void *payload = msg->payload_bytes ? msg->payload : "";
	int r = enter(p, e);

	if (r < 0)
		return r;
	paho_listen_publish(p, e, &answers);
	return leave(p, MQTTAsync_send(p->client, msg->topic, (int)msg->payload_bytes, payload, msg->qos, msg->retained,
				       &answers));
}

int paho_subscribe(struct paho *p, struct mqtt_event *e, uint8_t qos)
{
	MQTTAsync_responseOptions answers = MQTTAsync_responseOptions_initializer;
	int r = enter(p, e);

	if (r < 0)
		return r;
	paho_listen_subscribe(p, e, &answers);
	return leave(p, MQTTAsync_subscribe(p->client, e->filter, qos, &answers));
}
