/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mqtt_paho_events.c - what paho calls back with becomes an event in the handover. The callbacks run in paho's threads, with
 * its one big lock held; what mqtt_paho_private.h declares, and the loop's thread calls, only says which they are.
 *
 * A callback fills in an event and hands it over, and nothing more. The exception is a received message, which waits while
 * the loop is behind: then paho stops reading, TCP pushes back, and the broker keeps what it has. (Returning "not accepted"
 * instead would not push back: paho goes on reading into a list of its own without bound.)
 *
 * paho (1.3.12) sends the PUBACK when on_message() has returned, whatever it returns: what happens in it happens before the
 * broker forgets the message. So that is where note_down() is called. paho's own way, a persistence of the user's, would be
 * called for messages that on_message() did not accept, and for all that is sent.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include "base/mqtt_explain.h"
#include "base/mqtt_hurry.h"
#include "base/mqtt_paho_private.h"

enum { MESSAGE_OVERHEAD_BYTES = 256 };

/* How much later than asked for the kernel may wake paho's thread, to do it together with something else. */
static const unsigned long slack_ns = 500000000;

/* --- the trace --- */

static void on_trace(enum MQTTASYNC_TRACE_LEVELS level UNUSED, char *line)
{
	if (!line)
		return;
	mqtt_hurry_line(line);
	mqtt_explain_line(line);
}

void paho_trace_init(void)
{
	MQTTAsync_setTraceCallback(on_trace);
	paho_trace_stop();
}

void paho_trace_start(void)
{
	mqtt_explain_start();
	mqtt_hurry_start();
	MQTTAsync_setTraceLevel(MQTTASYNC_TRACE_MINIMUM);
}

void paho_trace_stop(void)
{
	MQTTAsync_setTraceLevel(MQTTASYNC_TRACE_ERROR);
}

/* --- the connection --- */

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
	paho_trace_stop();
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

void paho_listen_connect(struct paho *p, MQTTAsync_connectOptions *c)
{
	c->context = p;
	if (p->protocol == 5) {
		c->onSuccess5 = on_connected5;
		c->onFailure5 = on_connect_failed5;
	} else {
		c->onSuccess = on_connected;
		c->onFailure = on_connect_failed;
	}
}

void paho_listen_tls(struct paho *p, MQTTAsync_SSLOptions *t)
{
	t->ssl_error_cb = on_tls_error;
	t->ssl_error_context = p;
}

/* --- answers --- */

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

void paho_listen_publish(const struct paho *p, struct mqtt_event *e, MQTTAsync_responseOptions *answers)
{
	answers->context = e;
	if (p->protocol == 5) {
		answers->onSuccess5 = on_published5;
		answers->onFailure5 = on_publish_failed5;
	} else {
		answers->onSuccess = on_published;
	}
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

void paho_listen_subscribe(const struct paho *p, struct mqtt_event *e, MQTTAsync_responseOptions *answers)
{
	answers->context = e;
	if (p->protocol == 5)
		answers->onFailure5 = on_subscribe_failed5;
	else
		answers->onFailure = on_subscribe_failed;
}

/* --- messages --- */

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

void paho_listen(struct paho *p)
{
	MQTTAsync_setCallbacks(p->client, p, on_lost, on_message, NULL);
	MQTTAsync_setDisconnected(p->client, p, on_told_to_go);
}
