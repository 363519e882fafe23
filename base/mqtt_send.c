/* SPDX-License-Identifier: Apache-2.0 */
/* mqtt_send.c - what the owner of a connection sends, and what he asks of it. */
#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "base/mqtt_private.h"

enum {
	MAX_PAYLOAD_BYTES = 1 << 27,
	PUBLISH_HEAD_BYTES = 1 + 4 + 2 + 2 + 1, /* type, length, topic length, packet id, no properties */
};

/* A broker closes the connection on a packet that is larger than it has said: what is sent again at each connect would never end. */
static size_t packet_bytes(const struct mqtt_message *msg)
{
	return PUBLISH_HEAD_BYTES + strlen(msg->topic) + msg->payload_bytes;
}

int mqtt_publish(struct mqtt *m, uint64_t id, const struct mqtt_message *msg)
{
	struct mqtt_event *e = m->first_free;
	int r;

	if (!mqtt_message_is_valid(msg))
		return -EINVAL;
	if (msg->payload_bytes > MAX_PAYLOAD_BYTES)
		return -EMSGSIZE;
	if (m->state != MQTT_CONNECTED)
		return -ENOTCONN;
	if (m->max_packet_bytes > 0 && packet_bytes(msg) > m->max_packet_bytes)
		return -EMSGSIZE;
	if (!e || m->n_open >= m->receive_maximum)
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
		.protocol = m->retry.protocol,
		.n_connects = m->n_connects,
		.n_attempts_failed = m->retry.n_failed,
		.since_us = m->since_us,
		.last_error = m->retry.last_error,
	};
}
