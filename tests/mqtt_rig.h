/* SPDX-License-Identifier: Apache-2.0 */
/* mqtt_rig.h - connections on one loop that note what happens to them, and a wait for a condition that can not hang. */
#ifndef RUNNEL_TESTS_MQTT_RIG_H
#define RUNNEL_TESTS_MQTT_RIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/loop.h"
#include "base/mqtt.h"

enum { RIG_CLIENTS = 3, RIG_TEXT_BYTES = 256 };

struct mqtt_rig;

struct mqtt_rig_client {
	struct mqtt_rig *rig;
	struct mqtt *mqtt;
	unsigned n_up, n_down, n_published, n_failed, n_messages, n_stopped;
	uint64_t last_id;
	char reason[RIG_TEXT_BYTES], topic[RIG_TEXT_BYTES], payload[RIG_TEXT_BYTES];
	size_t payload_bytes;
	bool session_present, retained;
	void (*on_message)(struct mqtt_rig_client *c, const struct mqtt_message *msg);
	void (*on_published)(struct mqtt_rig_client *c);
	void *extra;
};

struct mqtt_rig {
	struct loop *loop;
	struct loop_timer *watchdog;
	struct mqtt_rig_client clients[RIG_CLIENTS];
	bool (*until)(struct mqtt_rig *rig);
};

void mqtt_rig_init(struct mqtt_rig *rig);

/** Frees the connections that are left. */
void mqtt_rig_free(struct mqtt_rig *rig);

/** Create and start; @o may be shared by all clients. Asserts that it works. */
struct mqtt_rig_client *mqtt_rig_start(struct mqtt_rig *rig, size_t i, const struct mqtt_options *o);

/** Run until @until says so after some event. @return false when @timeout_ms passed first */
bool mqtt_rig_run(struct mqtt_rig *rig, bool (*until)(struct mqtt_rig *rig), int timeout_ms);

/** Run for a while, whatever happens. */
void mqtt_rig_idle(struct mqtt_rig *rig, int ms);

void mqtt_rig_publish(struct mqtt_rig_client *c, uint64_t id, const char *topic, const char *text, bool retained);

#endif
