/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mqtt_paho_private.h - between mqtt_paho.c (a connection, as the loop's thread makes and uses it) and mqtt_paho_events.c
 * (what paho's threads call back with). They see paho through here, and no other file does.
 */
#ifndef RUNNEL_BASE_MQTT_PAHO_PRIVATE_H
#define RUNNEL_BASE_MQTT_PAHO_PRIVATE_H

#include <MQTTAsync.h>

#include "base/mqtt_paho.h"

struct paho {
	MQTTAsync anchor, client;
	struct handover *to;
	struct mqtt_event up, down;
	bool is_down; /* told: paho may have several ways to say it */
	unsigned protocol;
	const struct mqtt_options *options;
	char tls_reason[MQTT_REASON_BYTES], reason[MQTT_REASON_BYTES];
};

/* --- mqtt_paho_events.c: who is called back; to be set before paho is asked for what they tell of --- */

/** Of the whole process: paho's trace, which tells more of a failed attempt than its callbacks do. */
void paho_trace_init(void);

/** From an attempt to connect until it is decided: the trace costs too much to leave it on. */
void paho_trace_start(void);
void paho_trace_stop(void);

/** Of p->client: messages, and that the connection went. */
void paho_listen(struct paho *p);

/** How an attempt to connect ends. */
void paho_listen_connect(struct paho *p, MQTTAsync_connectOptions *c);
void paho_listen_tls(struct paho *p, MQTTAsync_SSLOptions *t);

/** The answer to what @e stands for. */
void paho_listen_publish(const struct paho *p, struct mqtt_event *e, MQTTAsync_responseOptions *answers);
void paho_listen_subscribe(const struct paho *p, struct mqtt_event *e, MQTTAsync_responseOptions *answers);

#endif
