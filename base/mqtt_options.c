/* SPDX-License-Identifier: Apache-2.0 */
#include "base/mqtt_options.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
	DEFAULT_KEEP_ALIVE_S = 60,
	DEFAULT_CONNECT_TIMEOUT_S = 10,
	DEFAULT_MAX_OPEN = 20,
	DEFAULT_RECEIVE_BYTES = 1 << 20,
	MAX_CONNECT_TIMEOUT_S = 3600,
	MAX_OPEN = 10000,
	MAX_RECEIVE_BYTES = 1 << 28,
};

bool mqtt_message_is_valid(const struct mqtt_message *msg)
{
	return msg->qos <= 1 && msg->topic && mqtt_topic_is_valid(msg->topic, false);
}

/* @broker: the first */
static int check_brokers(const struct mqtt_options *o, struct mqtt_broker *broker)
{
	char error[MQTT_REASON_BYTES];

	for (size_t i = 0; i < o->n_others; i++)
		if (mqtt_broker_parse(o->others[i], broker, error) < 0)
			return -EINVAL;
	return mqtt_broker_parse(o->broker ? o->broker : "mqtt://localhost", broker, error);
}

int mqtt_options_check(const struct mqtt_options *o, struct mqtt_broker *broker)
{
	if (!o->client_id || o->client_id[0] == '\0' || o->max_open > MAX_OPEN)
		return -EINVAL;
	if (o->max_receive_bytes > MAX_RECEIVE_BYTES || o->keep_alive_s > UINT16_MAX ||
	    o->connect_timeout_s > MAX_CONNECT_TIMEOUT_S)
		return -EINVAL;
	if (o->will && (!mqtt_message_is_valid(o->will) || o->will->payload_bytes > UINT16_MAX))
		return -EINVAL;
	return check_brokers(o, broker);
}

static const char *keep_text(struct arena *arena, const char *text)
{
	return text ? arena_strdup(arena, text) : NULL;
}

static const struct mqtt_message *keep_message(struct arena *arena, const struct mqtt_message *from)
{
	struct mqtt_message *to = arena_alloc(arena, sizeof(*to));
	void *payload = arena_alloc(arena, from->payload_bytes + 1);

	*to = *from;
	to->topic = keep_text(arena, from->topic);
	if (from->payload_bytes > 0)
		memcpy(payload, from->payload, from->payload_bytes);
	to->payload = payload;
	return to;
}

static const char *const *keep_list(struct arena *arena, const char *const *from, size_t n)
{
	const char **to = arena_alloc(arena, (n + 1) * sizeof(*to));

	for (size_t i = 0; i < n; i++)
		to[i] = arena_strdup(arena, from[i]);
	return to;
}

void mqtt_options_keep(struct mqtt_options *to, const struct mqtt_options *from, struct arena *arena)
{
	*to = *from;
	to->broker = keep_text(arena, from->broker);
	to->others = keep_list(arena, from->others, from->n_others);
	to->client_id = keep_text(arena, from->client_id);
	to->username = keep_text(arena, from->username);
	to->password_file = keep_text(arena, from->password_file);
	to->ca_file = keep_text(arena, from->ca_file);
	to->cert_file = keep_text(arena, from->cert_file);
	to->key_file = keep_text(arena, from->key_file);
	to->keep_alive_s = from->keep_alive_s ? from->keep_alive_s : DEFAULT_KEEP_ALIVE_S;
	to->connect_timeout_s = from->connect_timeout_s ? from->connect_timeout_s : DEFAULT_CONNECT_TIMEOUT_S;
	to->max_open = from->max_open ? from->max_open : DEFAULT_MAX_OPEN;
	to->max_receive_bytes = from->max_receive_bytes ? from->max_receive_bytes : DEFAULT_RECEIVE_BYTES;
	if (from->will)
		to->will = keep_message(arena, from->will);
}

static int check_readable(const char *option, const char *path, char reason[static MQTT_REASON_BYTES])
{
	int r;

	if (!path || access(path, R_OK) == 0)
		return 0;
	r = -errno;
	snprintf(reason, MQTT_REASON_BYTES, "%s %s: %s", option, path, strerror(-r));
	return r;
}

/* The first line of a file, its end cut. */
static int read_password(const char *path, char out[static MQTT_PASSWORD_BYTES], char reason[static MQTT_REASON_BYTES])
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

int mqtt_options_read_files(const struct mqtt_options *o, bool is_tls, char password[static MQTT_PASSWORD_BYTES],
			    char reason[static MQTT_REASON_BYTES])
{
	int r = 0;

	if (is_tls) {
		r = check_readable("ca_file", o->ca_file, reason);
		if (r == 0)
			r = check_readable("cert_file", o->cert_file, reason);
		if (r == 0)
			r = check_readable("key_file", o->key_file, reason);
	}
	if (r == 0 && o->password_file)
		r = read_password(o->password_file, password, reason);
	return r;
}
