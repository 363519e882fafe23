/* SPDX-License-Identifier: Apache-2.0 */
#include "base/mqtt_text.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mqtt.h"

enum { DEFAULT_PORT = 1883, DEFAULT_TLS_PORT = 8883, MAX_PORT = 65535, MAX_TOPIC_BYTES = 65535 };

static int parse_port(const char *text, unsigned *port)
{
	char *end;
	unsigned long value;

	if (text[0] < '0' || text[0] > '9')
		return -EINVAL;
	value = strtoul(text, &end, 10);
	if ((strcmp(end, "") != 0 && strcmp(end, "/") != 0) || value < 1 || value > MAX_PORT)
		return -EINVAL;
	*port = (unsigned)value;
	return 0;
}

/* The length of the host at @text, which ends in front of the port; brackets are not part of it. */
static const char *find_host(const char *text, size_t *bytes, const char **rest)
{
	if (text[0] == '[') {
		const char *end = strchr(text, ']');

		if (!end)
			return NULL;
		*bytes = (size_t)(end - text - 1);
		*rest = end + 1;
		return text + 1;
	}
	*bytes = strcspn(text, ":/");
	*rest = text + *bytes;
	return text;
}

static bool is_host(const char *host, size_t bytes)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._:%";

	return bytes > 0 && bytes < MQTT_HOST_BYTES && strspn(host, allowed) >= bytes;
}

int mqtt_broker_parse(const char *url, struct mqtt_broker *out, char error[static MQTT_REASON_BYTES])
{
	struct mqtt_broker b = { .port = DEFAULT_PORT };
	const char *host, *rest;
	size_t bytes;

	if (strncmp(url, "mqtts://", 8) == 0) {
		b.is_tls = true;
		b.port = DEFAULT_TLS_PORT;
	} else if (strncmp(url, "mqtt://", 7) != 0) {
		snprintf(error, MQTT_REASON_BYTES, "expected mqtt://HOST[:PORT] or mqtts://HOST[:PORT]");
		return -EINVAL;
	}
	host = find_host(url + (b.is_tls ? 8 : 7), &bytes, &rest);
	if (!host || !is_host(host, bytes)) {
		snprintf(error, MQTT_REASON_BYTES, "expected a host name or address after ://");
		return -EINVAL;
	}
	memcpy(b.host, host, bytes);
	if (strcmp(rest, "/") == 0)
		rest++;
	if (*rest != '\0' && (*rest != ':' || parse_port(rest + 1, &b.port) < 0)) {
		snprintf(error, MQTT_REASON_BYTES, "expected a port (1 to 65535) or nothing after the host");
		return -EINVAL;
	}
	*out = b;
	return 0;
}

void mqtt_broker_uri(const struct mqtt_broker *b, char out[static MQTT_URI_BYTES])
{
	bool is_ipv6 = strchr(b->host, ':') != NULL;

	snprintf(out, MQTT_URI_BYTES, "%s://%s%s%s:%u", b->is_tls ? "ssl" : "tcp", is_ipv6 ? "[" : "", b->host,
		 is_ipv6 ? "]" : "", b->port);
}

static size_t sequence_bytes(unsigned char first)
{
	if (first < 0x80)
		return 1;
	if (first >> 5 == 0x06)
		return 2;
	if (first >> 4 == 0x0E)
		return 3;
	return first >> 3 == 0x1E ? 4 : 0;
}

/* Bytes of the UTF-8 sequence at @p, 0 when it is a control character, a surrogate, overlong, or none. */
static size_t utf8_bytes(const unsigned char *p)
{
	static const uint32_t least[] = { 0, 0x20, 0xA0, 0x800, 0x10000 };
	size_t n = sequence_bytes(*p);
	uint32_t c = n == 1 ? *p : *p & (0xFFu >> (n + 1));

	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xC0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3F);
	}
	if (n == 0 || c < least[n] || c == 0x7F || c > 0x10FFFF || c >> 11 == 0xD800 >> 11)
		return 0;
	return n;
}

/* A wildcard is a level of its own, and # the last one. */
static bool is_wildcard_in_place(const char *topic, size_t i)
{
	char next = topic[i + 1];

	if (i > 0 && topic[i - 1] != '/')
		return false;
	return next == '\0' || (next == '/' && topic[i] == '+');
}

bool mqtt_topic_is_valid(const char *topic, bool is_filter)
{
	size_t total = strlen(topic), n;

	if (total == 0 || total > MAX_TOPIC_BYTES)
		return false;
	for (size_t i = 0; i < total; i += n) {
		bool is_wildcard = topic[i] == '+' || topic[i] == '#';

		n = utf8_bytes((const unsigned char *)topic + i);
		if (n == 0 || (is_wildcard && !(is_filter && is_wildcard_in_place(topic, i))))
			return false;
	}
	return true;
}

struct reason {
	int code;
	const char *words;
};

/* MQTT 3.1.1, table 3.1: CONNACK; 0x80 is the one failure of a SUBACK. */
static const struct reason reasons_311[] = {
	{ 1, "the broker does not speak MQTT 3.1.1" },
	{ 2, "client identifier rejected" },
	{ 3, "broker unavailable" },
	{ 4, "bad user name or password" },
	{ 5, "not authorised (check user name and password)" },
	{ 0x80, "refused" },
};

/* MQTT 5.0, 2.4: those that a client can get. */
static const struct reason reasons_5[] = {
	{ 0x01, "the broker does not speak MQTT 5.0" },
	{ 0x80, "unspecified error" },
	{ 0x81, "malformed packet" },
	{ 0x82, "protocol error" },
	{ 0x83, "implementation specific error" },
	{ 0x84, "the broker does not speak MQTT 5.0" },
	{ 0x85, "client identifier not valid" },
	{ 0x86, "bad user name or password" },
	{ 0x87, "not authorised (check user name and password)" },
	{ 0x88, "broker unavailable" },
	{ 0x89, "broker busy" },
	{ 0x8A, "banned" },
	{ 0x8B, "broker shutting down" },
	{ 0x8C, "bad authentication method" },
	{ 0x8D, "keep alive timeout" },
	{ 0x8E, "another client has connected with the same client identifier" },
	{ 0x8F, "topic filter not valid" },
	{ 0x90, "topic name not valid" },
	{ 0x93, "receive maximum exceeded" },
	{ 0x94, "topic alias not valid" },
	{ 0x95, "packet too large" },
	{ 0x96, "message rate too high" },
	{ 0x97, "quota exceeded" },
	{ 0x98, "administrative action" },
	{ 0x99, "payload format not valid" },
	{ 0x9A, "the broker keeps no retained messages" },
	{ 0x9B, "QoS not supported" },
	{ 0x9C, "use another server" },
	{ 0x9D, "server moved" },
	{ 0x9E, "shared subscriptions not supported" },
	{ 0x9F, "connection rate exceeded" },
	{ 0xA0, "maximum connect time" },
	{ 0xA1, "subscription identifiers not supported" },
	{ 0xA2, "wildcard subscriptions not supported" },
};

const char *mqtt_reason_words(unsigned protocol, int code)
{
	const struct reason *table = protocol == 4 ? reasons_311 : reasons_5;
	size_t n = protocol == 4 ? ARRAY_LEN(reasons_311) : ARRAY_LEN(reasons_5);

	for (size_t i = 0; i < n; i++)
		if (table[i].code == code)
			return table[i].words;
	return NULL;
}

void mqtt_tls_reason(const char *line, size_t line_bytes, char *out, size_t out_bytes)
{
	enum { FIELD_REASON = 5 };
	const char *end = line + line_bytes, *stop;

	for (unsigned field = 0; field < FIELD_REASON; field++) {
		const char *colon = memchr(line, ':', (size_t)(end - line));

		if (!colon)
			break;
		line = colon + 1;
	}
	for (stop = line; stop < end && *stop != ':' && *stop != '\n' && *stop != '\0';)
		stop++;
	snprintf(out, out_bytes, "%.*s", (int)(stop - line), line);
}

struct rewording {
	const char *paho, *plain, *with_tls;
	bool is_hang_up;
};

static const char closed[] = "the broker closed the connection";
static const char no_tls[] = "no TLS connection (is this its TLS port?)";

static const struct rewording rewordings[] = {
	{ "TCP connect timeout", "no answer", "no answer", false },
	{ "TCP/TLS connect failure", "no connection", no_tls, false },
	{ "TCP connect completion failure", closed, closed, true },
	{ "socket error", closed, closed, true },
	{ "", "no connection", no_tls, false },
};

bool mqtt_is_hang_up(const char *reason)
{
	for (size_t i = 0; i < ARRAY_LEN(rewordings); i++)
		if (strcmp(reason, rewordings[i].paho) == 0)
			return rewordings[i].is_hang_up;
	return false;
}

static const char *plain_words(const char *reason, bool is_tls)
{
	for (size_t i = 0; i < ARRAY_LEN(rewordings); i++)
		if (strcmp(reason, rewordings[i].paho) == 0)
			return is_tls ? rewordings[i].with_tls : rewordings[i].plain;
	return reason;
}

void mqtt_failure_words(unsigned protocol, int code, const char *reason, bool is_tls,
			char out[static MQTT_REASON_BYTES])
{
	const char *words = code ? mqtt_reason_words(protocol, code) : plain_words(reason, is_tls);

	if (words)
		snprintf(out, MQTT_REASON_BYTES, "%s", words);
	else
		snprintf(out, MQTT_REASON_BYTES, "refused with code %d", code);
}

int mqtt_check_broker(const char *url, char error[static MQTT_ERROR_BYTES])
{
	struct mqtt_broker b;

	return mqtt_broker_parse(url, &b, error);
}

const char *mqtt_state_name(enum mqtt_state state)
{
	static const char *const names[] = {
		[MQTT_OFFLINE] = "offline",   [MQTT_CONNECTING] = "connecting", [MQTT_CONNECTED] = "connected",
		[MQTT_STOPPING] = "stopping", [MQTT_STOPPED] = "stopped",
	};

	return (size_t)state < ARRAY_LEN(names) ? names[state] : "?";
}
