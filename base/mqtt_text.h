/* SPDX-License-Identifier: Apache-2.0 */
/* mqtt_text.h - broker addresses, topics, and the words for what goes wrong. Pure functions. */
#ifndef RUNNEL_BASE_MQTT_TEXT_H
#define RUNNEL_BASE_MQTT_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/check.h"

enum {
	MQTT_HOST_BYTES = 256,
	MQTT_URI_BYTES = MQTT_HOST_BYTES + 32,
	MQTT_REASON_BYTES = 192,
	MQTT_PASSWORD_BYTES = 1024,
	MQTT_REFUSED_PROTOCOL_311 = 0x01, /* CONNACK codes */
	MQTT_REFUSED_PROTOCOL_5 = 0x84,
};

struct mqtt_broker {
	char host[MQTT_HOST_BYTES]; /* an IPv6 address without its brackets */
	unsigned port;
	bool is_tls;
};

/** mqtt://HOST[:PORT], mqtts://HOST[:PORT]. @error: what is wrong. @return 0 or -EINVAL */
NODISCARD int mqtt_broker_parse(const char *url, struct mqtt_broker *out, char error[static MQTT_REASON_BYTES]);

/** As paho wants it: tcp://HOST:PORT or ssl://HOST:PORT. */
void mqtt_broker_uri(const struct mqtt_broker *b, char out[static MQTT_URI_BYTES]);

/** Not empty, at most 65535 bytes of UTF-8 without control characters; wildcards (+ #) only where MQTT has them. */
bool mqtt_topic_is_valid(const char *topic, bool is_filter);

/** The words for a reason code of MQTT 5.0, or a return code of 3.1.1 when @protocol is 4. NULL when there are none. */
const char *mqtt_reason_words(unsigned protocol, int code);

/** The reason in a line of ERR_print_errors(3), "ID:error:NUMBER:LIBRARY:FUNCTION:REASON:FILE:LINE:DATA", to @out. */
void mqtt_tls_reason(const char *line, size_t line_bytes, char *out, size_t out_bytes);

/** Whether the text paho gives for a failed attempt means that the broker closed the connection without a CONNACK. */
bool mqtt_is_hang_up(const char *reason);

/**
 * Why an attempt failed, for people.
 * @code: of the CONNACK, or 0. @reason: what paho, or its trace, calls it
 */
void mqtt_failure_words(unsigned protocol, int code, const char *reason, bool is_tls,
			char out[static MQTT_REASON_BYTES]);

#endif
