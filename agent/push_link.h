/* SPDX-License-Identifier: Apache-2.0 */
/* push_link.h - an operator's own connection to the broker, for as long as a push takes. */
#ifndef RUNNEL_AGENT_PUSH_LINK_H
#define RUNNEL_AGENT_PUSH_LINK_H

#include "agent/conf.h"
#include "base/loop.h"
#include "base/mqtt.h"

enum { PUSH_TOPIC_BYTES = 320, PUSH_CONNECT_US = 15000000 };

struct push_link {
	struct loop *loop;
	struct mqtt *mqtt;
	struct loop_timer *timer;
	char base[PUSH_TOPIC_BYTES]; /* PREFIX/SITE */
	char id[40];		     /* of this connection, and of what it asks */
};

/** What comes, and the timer, call with @ctx. @return exit code, errors on stderr; push_link_close() either way */
int push_link_open(struct push_link *l, const struct conf *c, const struct mqtt_handlers *h,
		   void (*on_timer)(void *ctx), void *ctx);

/** Serve until loop_stop(): the timer fires first after PUSH_CONNECT_US. @return what that was given */
int push_link_run(struct push_link *l);
void push_link_close(struct push_link *l);

/** @device "+": of all. @return 0 or negative errno */
NODISCARD int push_link_subscribe(struct push_link *l, const char *device, const char *leaf);
NODISCARD int push_link_publish(struct push_link *l, const char *device, const char *leaf, const void *payload,
				size_t bytes);

/** Say so on stderr when there is no connection. @return whether there is one */
bool push_link_is_up(const struct push_link *l);

/** The leaf of a topic of this site, and *@device_bytes of its device at *@device. NULL: it is none. */
const char *push_link_leaf(const struct push_link *l, const char *topic, const char **device, size_t *device_bytes);

#endif
