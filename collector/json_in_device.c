/* SPDX-License-Identifier: Apache-2.0 */
/* json_in_device.c - what a device tells of itself: birth and status. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "collector/json_in.h"
#include "collector/json_in_private.h"

static const uint64_t END_OF_TIME_S = 253402300800; /* 10000-01-01, as in partials */

bool json_in_hash(const char *text, uint32_t *out)
{
	uint32_t hash = 0;

	if (strlen(text) != 8 || strspn(text, "0123456789abcdef") != 8)
		return false;
	for (; *text; text++)
		hash = hash << 4 | (uint32_t)(*text <= '9' ? *text - '0' : *text - 'a' + 10);
	*out = hash;
	return true;
}

static uint64_t read_nonce(struct json_reader *r, const json_t *root)
{
	const char *text = json_in_text(r, root, "nonce", 16, "the nonce is not 16 hexadecimal digits");
	uint32_t hi = 0, lo = 0;
	char half[9];

	snprintf(half, sizeof(half), "%.8s", text);
	if (strlen(text) != 16 || !json_in_hash(half, &hi) || !json_in_hash(text + 8, &lo))
		json_in_refuse(r, "the nonce is not 16 hexadecimal digits");
	return (uint64_t)hi << 32 | lo;
}

/* What is no text is left out. Not for the screen as it is. */
static void read_labels(json_t *labels, char *out, size_t bytes)
{
	const char *name;
	json_t *value;
	size_t at = 0;

	json_object_foreach(labels, name, value)
	{
		const char *text = json_is_string(value) ? json_string_value(value) : "\n";

		if (text_is_identifier(name) && !strpbrk(text, "\n\r") && at + strlen(name) + strlen(text) + 2 < bytes)
			at += (size_t)snprintf(out + at, bytes - at, "%s=%s\n", name, text);
	}
}

static void read_birth(struct json_reader *r, const json_t *root, struct birth *b)
{
	const json_t *contract = json_object_get(root, "contract"), *agent = json_object_get(root, "agent");

	b->boot = (uint32_t)json_in_uint(r, root, "boot", UINT32_MAX, "no boot number");
	if (json_object_get(root, "revision"))
		b->revision = (int64_t)json_in_uint(r, root, "revision", INT64_MAX, "the revision is not a number");
	if (json_object_get(root, "nonce"))
		b->nonce = read_nonce(r, root);
	if (json_is_string(agent)) {
		snprintf(b->agent, sizeof(b->agent), "%s", json_string_value(agent));
		text_make_printable(b->agent);
	}
	read_labels(json_object_get(root, "labels"), b->labels, sizeof(b->labels));
	if (!contract || json_is_null(contract))
		return; /* born, but nothing to measure yet */
	b->has_contract = true;
	if (!json_is_string(contract) || !json_in_hash(json_string_value(contract), &b->contract))
		json_in_refuse(r, "the contract is not named by 8 hexadecimal digits");
}

int json_in_birth(struct birth *out, const char *text, size_t bytes, const char **why)
{
	struct json_reader r = { 0 };
	CLEANUP(json_in_free_tree) json_t *root = json_in_parse(&r, text, bytes, JSON_IN_MAX_BYTES);
	struct birth b = { 0 };

	if (root)
		read_birth(&r, root, &b);
	if (!r.why)
		*out = b;
	return json_in_finish(&r, why);
}

/* What is not a count is none. */
static uint64_t count_of(const json_t *object, const char *key)
{
	json_int_t count = json_integer_value(json_object_get(object, key));

	return count > 0 && count <= UINT32_MAX ? (uint64_t)count : 0;
}

/* Only how many there are, and how many of them can be trusted. */
static void read_sensors(json_t *sensors, struct status *s)
{
	const char *name;
	json_t *sensor;

	s->has_sensors = json_is_object(sensors);
	json_object_foreach(sensors, name, sensor)
	{
		const char *state = json_string_value(json_object_get(sensor, "state"));

		s->n_sensors++;
		s->n_failing += state && (strcmp(state, "fault") == 0 || strcmp(state, "doubtful") == 0);
		s->n_faults += count_of(sensor, "faults");
	}
}

static void read_status(struct json_reader *r, const json_t *root, struct status *s)
{
	const char *state = json_in_text(r, root, "state", 16, "no state");
	const json_t *clock = json_object_get(json_object_get(root, "clock"), "state");
	const json_t *rows = json_object_get(json_object_get(root, "spool"), "rows");

	s->is_online = strcmp(state, "online") == 0;
	if (!s->is_online && strcmp(state, "offline") != 0)
		json_in_refuse(r, "the state is neither online nor offline");
	s->boot = (uint32_t)json_in_uint(r, root, "boot", UINT32_MAX, "no boot number");
	if (json_is_string(clock))
		snprintf(s->clock, sizeof(s->clock), "%s", json_string_value(clock));
	text_make_printable(s->clock);
	s->has_spool = json_is_integer(rows) && json_integer_value(rows) >= 0;
	s->n_spooled = s->has_spool ? (uint64_t)json_integer_value(rows) : 0;
	s->n_dropped = count_of(json_object_get(root, "spool"), "dropped") +
		       count_of(json_object_get(root, "spool"), "refused");
	read_sensors(json_object_get(root, "sensors"), s);
	s->has_progress = json_object_get(root, "seq") && json_object_get(root, "wm");
	if (!s->has_progress)
		return;
	s->seq = (uint32_t)json_in_uint(r, root, "seq", UINT32_MAX, "seq is not a 32-bit number");
	s->wm = json_in_uint(r, root, "wm", END_OF_TIME_S, "wm is not a time");
}

int json_in_status(struct status *out, const char *text, size_t bytes, const char **why)
{
	struct json_reader r = { 0 };
	CLEANUP(json_in_free_tree) json_t *root = json_in_parse(&r, text, bytes, JSON_IN_MAX_BYTES);
	struct status s = { 0 };

	if (root)
		read_status(&r, root, &s);
	if (!r.why)
		*out = s;
	return json_in_finish(&r, why);
}
