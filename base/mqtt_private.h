/* SPDX-License-Identifier: Apache-2.0 */
/* mqtt_private.h - what the files of mqtt.h share: mqtt.c (states), mqtt_send.c (what the owner sends and asks). */
#ifndef RUNNEL_BASE_MQTT_PRIVATE_H
#define RUNNEL_BASE_MQTT_PRIVATE_H

#include "base/arena.h"
#include "base/mqtt.h"
#include "base/mqtt_options.h"
#include "base/mqtt_paho.h"
#include "base/mqtt_retry.h"

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
	struct mqtt_options options; /* defaults filled in; texts in the arena */
	struct mqtt_broker broker;   /* the one at hand */
	size_t broker_at;	     /* 0: options.broker, else options.others[broker_at - 1] */
	struct mqtt_handlers on;
	void *ctx;

	struct handover events;
	struct paho *paho;
	enum mqtt_state state;
	bool is_up;
	struct mqtt_retry retry;

	struct mqtt_event *open, *first_free;
	size_t n_open, receive_maximum;
	size_t max_packet_bytes;   /* of the broker; 0: it has not said */
	const char *give_up_words; /* not NULL: the connection is to be closed, for this reason */
	struct subscription *subscriptions;

	uint64_t n_connects;
	int64_t since_us;
};

#endif
