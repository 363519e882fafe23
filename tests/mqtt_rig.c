/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/mqtt_rig.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static void look(struct mqtt_rig *rig)
{
	if (rig->until && rig->until(rig))
		loop_stop(rig->loop, 1);
}

static void on_connected(void *ctx, bool session_present)
{
	struct mqtt_rig_client *c = ctx;

	c->n_up++;
	c->session_present = session_present;
	look(c->rig);
}

static void on_disconnected(void *ctx, const char *reason)
{
	struct mqtt_rig_client *c = ctx;

	c->n_down++;
	snprintf(c->reason, sizeof(c->reason), "%s", reason);
	look(c->rig);
}

static void on_published(void *ctx, uint64_t id)
{
	struct mqtt_rig_client *c = ctx;

	c->n_published++;
	c->last_id = id;
	if (c->on_published)
		c->on_published(c);
	look(c->rig);
}

static void on_publish_failed(void *ctx, uint64_t id, int code UNUSED, const char *reason)
{
	struct mqtt_rig_client *c = ctx;

	c->n_failed++;
	c->last_id = id;
	snprintf(c->reason, sizeof(c->reason), "%s", reason);
	look(c->rig);
}

static void on_message(void *ctx, const struct mqtt_message *msg)
{
	struct mqtt_rig_client *c = ctx;

	c->n_messages++;
	snprintf(c->topic, sizeof(c->topic), "%s", msg->topic);
	snprintf(c->payload, sizeof(c->payload), "%.*s", (int)msg->payload_bytes, (const char *)msg->payload);
	c->payload_bytes = msg->payload_bytes;
	c->retained = msg->retained;
	if (c->on_message)
		c->on_message(c, msg);
	look(c->rig);
}

static void on_stopped(void *ctx)
{
	struct mqtt_rig_client *c = ctx;

	c->n_stopped++;
	look(c->rig);
}

static void give_up(void *ctx)
{
	struct mqtt_rig *rig = ctx;

	loop_stop(rig->loop, 0);
}

void mqtt_rig_init(struct mqtt_rig *rig)
{
	int r;

	*rig = (struct mqtt_rig){ 0 };
	r = loop_create(&rig->loop);
	assert(r == 0);
	r = loop_timer_create(rig->loop, &rig->watchdog, give_up, rig);
	assert(r == 0);
}

void mqtt_rig_free(struct mqtt_rig *rig)
{
	for (size_t i = 0; i < RIG_CLIENTS; i++)
		mqtt_free(rig->clients[i].mqtt);
	loop_timer_free(rig->watchdog);
	loop_free(rig->loop);
}

struct mqtt_rig_client *mqtt_rig_start(struct mqtt_rig *rig, size_t i, const struct mqtt_options *o)
{
	static const struct mqtt_handlers handlers = {
		.connected = on_connected,
		.disconnected = on_disconnected,
		.published = on_published,
		.publish_failed = on_publish_failed,
		.message = on_message,
		.stopped = on_stopped,
	};
	struct mqtt_rig_client *c = &rig->clients[i];
	struct mqtt_options own = *o;
	char id[32];
	int r;

	snprintf(id, sizeof(id), "client-%zu", i);
	if (!own.client_id)
		own.client_id = id;
	*c = (struct mqtt_rig_client){ .rig = rig };
	r = mqtt_create(&c->mqtt, rig->loop, &own, &handlers, c);
	assert(r == 0);
	mqtt_start(c->mqtt);
	return c;
}

bool mqtt_rig_run(struct mqtt_rig *rig, bool (*until)(struct mqtt_rig *rig), int timeout_ms)
{
	bool ok;

	if (until && until(rig))
		return true;
	rig->until = until;
	loop_timer_set(rig->watchdog, loop_mono_us() + timeout_ms * (int64_t)1000);
	ok = loop_run(rig->loop) == 1;
	loop_timer_cancel(rig->watchdog);
	rig->until = NULL;
	return ok;
}

void mqtt_rig_idle(struct mqtt_rig *rig, int ms)
{
	mqtt_rig_run(rig, NULL, ms);
}

void mqtt_rig_publish(struct mqtt_rig_client *c, uint64_t id, const char *topic, const char *text, bool retained)
{
	struct mqtt_message msg = { topic, text, strlen(text), 1, retained, 0 };
	int r = mqtt_publish(c->mqtt, id, &msg);

	assert(r == 0);
}
