/* SPDX-License-Identifier: Apache-2.0 */
/*
 * With a store the name, and so the session at the broker, is the same for the next process: what comes meanwhile waits there. Without one each
 * process has its own.
 */
#include "collector/run_broker.h"

#include <stdio.h>
#include <unistd.h>

enum { SESSION_EXPIRY_S = 7 * 86400, MAX_RECEIVE_BYTES = 4 * 1024 * 1024 };

static int subscribe(struct mqtt *m, const struct run_options *o)
{
	/* What explains partials first: a broker that keeps the order then leaves fewer of them waiting. */
	static const char *const topics[] = { "contract/+", "birth", "status", "partial" };
	char filter[512];
	int r = 0;

	for (size_t i = 0; i < ARRAY_LEN(topics) && r == 0; i++) {
		snprintf(filter, sizeof(filter), "%s/%s/+/%s", o->prefix, o->site, topics[i]);
		r = mqtt_subscribe(m, filter, 1);
	}
	return r;
}

int run_broker_create(struct mqtt **out, struct loop *loop, const struct run_options *o, struct run_store *store,
		      const struct mqtt_handlers *handlers, void *ctx)
{
	char host[64] = "", client_id[128];
	struct mqtt_options options = {
		.session_expiry_s = o->store ? SESSION_EXPIRY_S : 0,
		.broker = o->broker,
		.client_id = o->client_id ? o->client_id : client_id,
		.username = o->username,
		.password_file = o->password_file,
		.ca_file = o->ca_file,
		.cert_file = o->cert_file,
		.key_file = o->key_file,
		.max_receive_bytes = MAX_RECEIVE_BYTES,
		.note_down = store->inbox ? run_store_note_down : NULL,
		.note_down_ctx = store,
	};
	int r;

	if (gethostname(host, sizeof(host) - 1) < 0)
		host[0] = '\0';
	if (o->store)
		snprintf(client_id, sizeof(client_id), "runnel-collector-%s", host);
	else
		snprintf(client_id, sizeof(client_id), "runnel-collector-%s-%ld", host, (long)getpid());
	r = mqtt_create(out, loop, &options, handlers, ctx);
	return r < 0 ? r : subscribe(*out, o);
}
