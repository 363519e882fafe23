/* SPDX-License-Identifier: Apache-2.0 */
#include "base/mqtt_retry.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "base/log.h"

static const int64_t log_again_us = 3600 * (int64_t)1000000;
static const int64_t stable_us = 10 * (int64_t)1000000; /* a connection that held so long ends a series of failures */

void mqtt_retry_init(struct mqtt_retry *r, int64_t now_us)
{
	*r = (struct mqtt_retry){ .protocol = 5, .backoff.prng = (uint64_t)now_us };
	if (getrandom(&r->backoff.prng, sizeof(r->backoff.prng), GRND_NONBLOCK) < 0)
		log_debug("mqtt: no random numbers yet, the waits are drawn from the clock");
}

bool mqtt_retry_protocol(struct mqtt_retry *r, int code, bool hung_up)
{
	if (code == MQTT_REFUSED_PROTOCOL_311 || code == MQTT_REFUSED_PROTOCOL_5) {
		r->is_5_refused = r->protocol == 5;
		r->protocol = r->is_5_refused ? 4 : 5;
		return r->is_5_refused;
	}
	if (!r->is_5_refused)
		r->protocol = r->protocol == 5 && hung_up ? 4 : 5;
	return false;
}

int64_t mqtt_retry_failed(struct mqtt_retry *r, int64_t now_us, const struct mqtt_broker *b, const char *reason)
{
	r->n_failed++;
	snprintf(r->last_error, sizeof(r->last_error), "%s", reason);
	if (strcmp(r->last_error, r->logged) != 0 || now_us - r->logged_us >= log_again_us) {
		log_warning("mqtt: cannot connect to %s:%u: %s; trying on", b->host, b->port, r->last_error);
		memcpy(r->logged, r->last_error, sizeof(r->logged));
		r->logged_us = now_us;
	}
	return backoff_next_us(&r->backoff);
}

void mqtt_retry_connected(struct mqtt_retry *r)
{
	r->last_error[0] = r->logged[0] = '\0';
}

int64_t mqtt_retry_lost(struct mqtt_retry *r, int64_t held_us, const char *reason)
{
	snprintf(r->last_error, sizeof(r->last_error), "%s", reason);
	r->protocol = r->is_5_refused ? 4 : 5;
	if (held_us >= stable_us)
		backoff_reset(&r->backoff);
	return backoff_next_us(&r->backoff);
}
