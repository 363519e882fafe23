/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mqtt_paho.h - one connection to a broker, and what happens on it as a list of events: the part of mqtt.c that knows
 * paho. Not for others. All functions are called on the loop's thread; events are taken from the handover there.
 */
#ifndef RUNNEL_BASE_MQTT_PAHO_H
#define RUNNEL_BASE_MQTT_PAHO_H

#include "base/handover.h"
#include "base/mqtt.h"
#include "base/mqtt_text.h"

struct paho;

enum mqtt_event_kind {
	MQTT_EVENT_UP,	   /* connected */
	MQTT_EVENT_FAILED, /* the attempt to connect; @code is the CONNACK's, or 0 */
	MQTT_EVENT_LOST,   /* the connection */
	MQTT_EVENT_PUBLISHED,
	MQTT_EVENT_PUBLISH_FAILED,
	MQTT_EVENT_SUBSCRIBE_FAILED,
	MQTT_EVENT_MESSAGE, /* allocated: paho_message_free() */
};

struct mqtt_event {
	struct handover_item item;
	enum mqtt_event_kind kind;
	struct paho *paho;
	int code; /* of MQTT, or 0 when there was none */
	bool session_present;
	size_t receive_maximum;	      /* of the broker: QoS 1 publishes it takes without an answer */
	size_t max_packet_bytes;      /* of the broker; 0: no limit */
	uint64_t id;		      /* of a publish */
	struct mqtt_event *next_free; /* of the caller */
	const char *filter;	      /* of a subscription */
	struct mqtt_message message;
	void *paho_topic, *paho_message;
};

struct paho_options {
	const struct mqtt_broker *broker;
	const struct mqtt_options *mqtt;
	const char *password; /* NULL: none */
	unsigned protocol;    /* 4 or 5 */
};

/** @to gets the events. @return 0, -ENOMEM or -EIO */
NODISCARD int paho_create(struct paho **out, struct handover *to);

/** Ends in one MQTT_EVENT_UP or MQTT_EVENT_FAILED. @return 0, or -EIO when paho refuses the options */
NODISCARD int paho_connect(struct paho *p, const struct paho_options *o);

/**
 * Say good-bye if connected, and forget every event but messages. While connecting this may take as long as
 * the resolver does; not so after MQTT_EVENT_FAILED.
 */
void paho_close(struct paho *p);

/** Wait at most 2 s for paho to let go, then leave its threads behind. @return whether it did: else @to must stay */
bool paho_free(struct paho *p);

/** @e stays with paho until its event came or paho_close(). @return 0, -ENOTCONN, -EAGAIN */
NODISCARD int paho_publish(struct paho *p, struct mqtt_event *e, const struct mqtt_message *msg);

/** @e is used for MQTT_EVENT_SUBSCRIBE_FAILED. @return as paho_publish() */
NODISCARD int paho_subscribe(struct paho *p, struct mqtt_event *e, uint8_t qos);

/** What is known about why the attempt failed or the connection went, "" when nothing. Stable after the event. */
const char *paho_reason(const struct paho *p);

void paho_message_free(struct mqtt_event *e);

#endif
