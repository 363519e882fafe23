/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mqtt_retry.h - what one attempt to connect learns from those before it: how long to wait, which protocol to speak, and
 * whether the log has heard of it. Part of mqtt.c; time comes in.
 */
#ifndef RUNNEL_BASE_MQTT_RETRY_H
#define RUNNEL_BASE_MQTT_RETRY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/backoff.h"
#include "base/mqtt_text.h"

struct mqtt_retry {
	struct backoff backoff;
	unsigned protocol; /* of the next, or current, attempt: 5, or 4 for 3.1.1 */
	bool is_5_refused;
	uint64_t n_failed;
	int64_t logged_us;
	char last_error[MQTT_REASON_BYTES]; /* "" since the last connect when all is well */
	char logged[MQTT_REASON_BYTES];
};

void mqtt_retry_init(struct mqtt_retry *r, int64_t now_us);

/**
 * An attempt failed. A broker without 5.0 says so in words of either version, or just closes. Said: never try 5.0 again.
 * Closed: it may have been that, so take turns.
 * @code: of the CONNACK, or 0. @hung_up: the broker closed the connection instead of answering.
 * @return whether the next attempt is worth making at once, with the other protocol
 */
bool mqtt_retry_protocol(struct mqtt_retry *r, int code, bool hung_up);

/**
 * An attempt failed and that was that: one line to the log if it is the first of a series, has another reason, or an hour has
 * passed. @return the wait until the next
 */
int64_t mqtt_retry_failed(struct mqtt_retry *r, int64_t now_us, const struct mqtt_broker *b, const char *reason);

void mqtt_retry_connected(struct mqtt_retry *r);

/** A connection that had held for @held_us went. @return the wait until the next attempt */
int64_t mqtt_retry_lost(struct mqtt_retry *r, int64_t held_us, const char *reason);

#endif
