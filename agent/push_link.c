/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/push_link.h"

#include <stdio.h>
#include <string.h>

#include "agent/announce.h"
#include "agent/exits.h"

int push_link_open(struct push_link *l, const struct conf *c, const struct mqtt_handlers *h,
		   void (*on_timer)(void *ctx), void *ctx)
{
	const struct conf_mqtt *m = &c->mqtt;
	char nonce[17];
	int r;

	*l = (struct push_link){ 0 };
	announce_make_nonce(nonce);
	snprintf(l->id, sizeof(l->id), "runnel-push-%s", nonce);
	snprintf(l->base, sizeof(l->base), "%s/%s", m->prefix, c->site);
	r = loop_create(&l->loop);
	if (r == 0)
		r = loop_timer_create(l->loop, &l->timer, on_timer, ctx);
	if (r == 0)
		r = mqtt_create(&l->mqtt, l->loop,
				&(struct mqtt_options){ .broker = m->brokers.items[0],
							.others = m->brokers.items + 1,
							.n_others = m->brokers.n - 1,
							.client_id = l->id,
							.username = m->username,
							.password_file = m->password_file,
							.ca_file = m->ca_file,
							.cert_file = m->cert_file,
							.key_file = m->key_file,
							.max_receive_bytes = 16 << 20 },
				h, ctx);
	if (r < 0)
		fprintf(stderr, "runnel push: %s\n", strerror(-r));
	return r < 0 ? EXIT_FAILED : EXIT_DONE;
}

int push_link_run(struct push_link *l)
{
	mqtt_start(l->mqtt);
	loop_timer_set(l->timer, loop_mono_us() + PUSH_CONNECT_US);
	return loop_run(l->loop);
}

void push_link_close(struct push_link *l)
{
	mqtt_free(l->mqtt);
	if (l->timer)
		loop_timer_free(l->timer);
	loop_free(l->loop);
}

int push_link_subscribe(struct push_link *l, const char *device, const char *leaf)
{
	char topic[2 * PUSH_TOPIC_BYTES];

	snprintf(topic, sizeof(topic), "%s/%.250s/%.60s", l->base, device, leaf);
	return mqtt_subscribe(l->mqtt, topic, 1);
}

int push_link_publish(struct push_link *l, const char *device, const char *leaf, const void *payload, size_t bytes)
{
	char topic[2 * PUSH_TOPIC_BYTES];

	snprintf(topic, sizeof(topic), "%s/%.250s/%.60s", l->base, device, leaf);
	return mqtt_publish(l->mqtt, 1,
			    &(struct mqtt_message){
				    .topic = topic, .payload = payload, .payload_bytes = bytes, .qos = 1 });
}

bool push_link_is_up(const struct push_link *l)
{
	struct mqtt_status s;

	mqtt_get_status(l->mqtt, &s);
	if (s.state != MQTT_CONNECTED)
		fprintf(stderr, "runnel push: no connection: %s\n", s.last_error[0] ? s.last_error : "no answer");
	return s.state == MQTT_CONNECTED;
}

const char *push_link_leaf(const struct push_link *l, const char *topic, const char **device, size_t *device_bytes)
{
	size_t len = strlen(l->base);
	const char *leaf;

	if (strncmp(topic, l->base, len) != 0 || topic[len] != '/')
		return NULL;
	leaf = strchr(topic + len + 1, '/');
	if (!leaf)
		return NULL;
	*device = topic + len + 1;
	*device_bytes = (size_t)(leaf - *device);
	return leaf + 1;
}
