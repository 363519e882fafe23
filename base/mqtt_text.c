/* SPDX-License-Identifier: Apache-2.0 */
#include "base/mqtt_text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mqtt.h"

enum { DEFAULT_PORT = 1883, DEFAULT_TLS_PORT = 8883, MAX_PORT = 65535, MAX_TOPIC_BYTES = 65535 };

static int parse_port(const char *text, unsigned *port)
{
	char *end;
	unsigned long value;

	if (text[0] < '0' || text[0] > '9')
		return -EINVAL;
	value = strtoul(text, &end, 10);
	if (*end != '\0' || value < 1 || value > MAX_PORT)
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

/* Bytes of the UTF-8 sequence at @p that is neither a control character nor a surrogate nor overlong, or 0. */
static size_t utf8_bytes(const unsigned char *p)
{
	static const uint32_t least[] = { 0, 0x20, 0xA0, 0x800, 0x10000 };
	size_t n = *p < 0x80 ? 1 : *p >> 5 == 0x06 ? 2 : *p >> 4 == 0x0E ? 3 : *p >> 3 == 0x1E ? 4 : 0;
	uint32_t c = n == 1 ? *p : n ? *p & (0xFFu >> (n + 1)) : 0;

	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xC0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3F);
	}
	if (n == 0 || c < least[n] || c == 0x7F || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
		return 0;
	return n;
}

bool mqtt_topic_is_valid(const char *topic, bool is_filter)
{
	size_t total = strlen(topic), n;

	if (total == 0 || total > MAX_TOPIC_BYTES)
		return false;
	for (size_t i = 0; i < total; i += n) {
		char c = topic[i];
		bool is_level_start = i == 0 || topic[i - 1] == '/';

		n = utf8_bytes((const unsigned char *)topic + i);
		if (n == 0)
			return false;
		if ((c == '+' || c == '#') && (!is_filter || !is_level_start))
			return false;
		if (c == '#' && topic[i + 1] != '\0')
			return false;
		if (c == '+' && topic[i + 1] != '\0' && topic[i + 1] != '/')
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

const char *mqtt_plain_words(const char *reason, bool is_tls)
{
	for (size_t i = 0; i < ARRAY_LEN(rewordings); i++)
		if (strcmp(reason, rewordings[i].paho) == 0)
			return is_tls ? rewordings[i].with_tls : rewordings[i].plain;
	return reason;
}

int mqtt_check_readable(const char *option, const char *path, char reason[static MQTT_REASON_BYTES])
{
	int r;

	if (!path || access(path, R_OK) == 0)
		return 0;
	r = -errno;
	snprintf(reason, MQTT_REASON_BYTES, "%s %s: %s", option, path, strerror(-r));
	return r;
}

int mqtt_read_password(const char *path, char out[static MQTT_PASSWORD_BYTES], char reason[static MQTT_REASON_BYTES])
{
	char text[MQTT_PASSWORD_BYTES];
	int fd = open(path, O_RDONLY | O_CLOEXEC), r = fd < 0 ? -errno : 0;
	ssize_t n = 0;

	if (fd >= 0) {
		n = read(fd, text, sizeof(text));
		if (n < 0)
			r = -errno;
		close(fd);
	}
	if (r < 0) {
		snprintf(reason, MQTT_REASON_BYTES, "password_file %s: %s", path, strerror(-r));
		return r;
	}
	while (n > 0 && (text[n - 1] == '\n' || text[n - 1] == '\r'))
		n--;
	if (n == 0 || n == (ssize_t)sizeof(text) || memchr(text, '\0', (size_t)n)) {
		snprintf(reason, MQTT_REASON_BYTES, "password_file %s: expected one line of text", path);
		return -EINVAL;
	}
	memcpy(out, text, (size_t)n);
	out[n] = '\0';
	explicit_bzero(text, sizeof(text));
	return 0;
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
