/* SPDX-License-Identifier: Apache-2.0 */
/* publisher_tell.c - what is told at each connection, and what others ask for. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "agent/commands.h"
#include "agent/notify.h"
#include "agent/publisher_private.h"
#include "base/log.h"

static const int64_t twin_again_us = 3600 * (int64_t)1000000;

static int send_retained(struct publisher *p, const char *leaf, const void *payload, size_t bytes)
{
	return publisher_send(p, PUBLISHER_NO_ROW, leaf,
			      &(struct mqtt_message){ .payload = payload, .payload_bytes = bytes, .retained = true });
}

static int send_contract(struct publisher *p, const struct spool_contract *c)
{
	bool counts = c->hash == p->id.contract;
	char leaf[32];
	int r;

	snprintf(leaf, sizeof(leaf), "contract/%08x", c->hash);
	r = publisher_send(p, counts ? PUBLISHER_CONTRACT_ROW : PUBLISHER_NO_ROW, leaf,
			   &(struct mqtt_message){
				   .payload = c->json, .payload_bytes = c->json_bytes, .retained = true });
	if (r == -EMSGSIZE && counts)
		p->is_contract_refused = true;
	return r;
}

bool publisher_tell_contracts(struct publisher *p)
{
	struct spool_contract c;
	int r = 0;

	while (p->has_contracts_to_tell && r == 0) {
		p->has_contracts_to_tell = spool_next_contract(p->spool, p->contract_at, &c) == 1;
		if (!p->has_contracts_to_tell)
			break;
		r = send_contract(p, &c);
		if (r == -EMSGSIZE) {
			if (!p->is_contract_too_large)
				log_error(
					"the contract (%zu bytes) is larger than the broker takes: nobody can read the "
					"partials; split the config or raise the broker's limit",
					c.json_bytes);
			p->is_contract_too_large = true;
			r = 0;
		}
		if (r == 0)
			p->contract_at = (int64_t)c.hash;
	}
	return !p->has_contracts_to_tell;
}

void publisher_tell_all_contracts(struct publisher *p)
{
	p->contract_at = -1;
	p->has_contracts_to_tell = true;
	(void)publisher_tell_contracts(p);
}

static void tell_too_large(struct publisher *p, const char *leaf, size_t bytes)
{
	if (!p->is_too_large_told)
		log_error(
			"%s (%zu bytes) is larger than the broker takes: split the config or raise the broker's limit",
			leaf, bytes);
	p->is_too_large_told = true;
}

void publisher_tell_birth(struct publisher *p)
{
	int r;

	if (p->o.is_backfill)
		return;
	announce_birth(&p->scratch, p->o.conf, &p->id);
	r = send_retained(p, "birth", p->scratch.data, p->scratch.len);
	p->is_birth_due = r == -EAGAIN;
	if (r == -EMSGSIZE)
		tell_too_large(p, "birth", p->scratch.len);
	p->n_discovered = 0;
	publisher_tell_discovery(p);
}

static void describe(const struct publisher *p, const char *state, struct dynbuf *out)
{
	struct status s = {
		.state = state,
		.boot = p->id.boot,
		.seq = p->seq,
		.wm_s = p->wm_s,
		.n_refused = p->flow.n_refused,
		.is_held = outflow_is_held(&p->flow),
		.error = p->error,
		.error_at_us = p->error_at_us,
		.twin = p->twin.n_seen > 0 ? p->twin.other : NULL,
	};
	struct mqtt_status m;

	mqtt_get_status(p->mqtt, &m);
	s.n_connects = m.n_connects;
	s.n_attempts_failed = m.n_attempts_failed;
	spool_writer_get_stats(p->writer, &s.spool);
	announce_status(out, &s, p->o.describe, p->o.ctx);
}

void publisher_tell_status(struct publisher *p, const char *state)
{
	int r;

	if (p->o.is_backfill)
		return;
	describe(p, state, &p->scratch);
	r = send_retained(p, "status", p->scratch.data, p->scratch.len);
	p->is_status_due = r == -EAGAIN;
	if (r == -EMSGSIZE)
		tell_too_large(p, "status", p->scratch.len);
}

void publisher_describe(const struct publisher *p, struct dynbuf *out)
{
	describe(p, p->is_connected ? "online" : "offline", out);
}

void publisher_tell_here(const struct publisher *p)
{
	struct spool_stats s;
	char text[MQTT_ERROR_BYTES + 128];

	if (p->o.is_backfill)
		return;
	spool_writer_get_stats(p->writer, &s);
	if (p->is_connected)
		snprintf(text, sizeof(text), "STATUS=connected");
	else
		snprintf(text, sizeof(text), "STATUS=no broker: %s; %zu messages wait", p->error, s.n_rows);
	notify_send(text);
}

/* --- what others may tell us --- */

enum { CONFIG_TOPIC_BYTES = 2 * PUBLISHER_TOPIC_BYTES };

/* The topics of configs for this board: its own, that of all, those of its labels; one whose texts are no level of a topic is "". */
static bool config_topic(const struct publisher *p, size_t i, char topic[static CONFIG_TOPIC_BYTES])
{
	const struct conf *c = p->o.conf;
	const struct opt_pair *l;
	int len;

	if (i == 0)
		snprintf(topic, CONFIG_TOPIC_BYTES, "%s/config/set", p->base);
	if (i == 1)
		snprintf(topic, CONFIG_TOPIC_BYTES, "%s/%s/_all/config/set", c->mqtt.prefix, c->site);
	if (i == 0 || c->remote.keys.n == 0 || i >= 2 + c->labels.n)
		return i == 0;
	if (i == 1)
		return true;
	l = &c->labels.pairs[i - 2];
	len = snprintf(topic, CONFIG_TOPIC_BYTES, "%s/%s/_group/%s=%s/config/set", c->mqtt.prefix, c->site, l->name,
		       l->value);
	if (len < 0 || len >= CONFIG_TOPIC_BYTES || strpbrk(l->name, "/+#") || strpbrk(l->value, "/+#"))
		topic[0] = '\0';
	return true;
}

/* A session remembers subscriptions of labels that the board no longer has. */
static bool is_config_for_us(const struct publisher *p, const char *heard)
{
	char topic[CONFIG_TOPIC_BYTES];

	for (size_t i = 0; config_topic(p, i, topic); i++)
		if (strcmp(topic, heard) == 0)
			return true;
	return false;
}

static int subscribe_to(struct publisher *p, const char *leaf)
{
	char topic[PUBLISHER_TOPIC_BYTES + 16];

	snprintf(topic, sizeof(topic), "%s/%s", p->base, leaf);
	return mqtt_subscribe(p->mqtt, topic, 1);
}

int publisher_subscribe(struct publisher *p)
{
	char topic[CONFIG_TOPIC_BYTES];
	int r;

	if (p->o.is_backfill)
		return 0;
	r = subscribe_to(p, "birth");
	if (r == 0)
		r = subscribe_to(p, "cmd");
	for (size_t i = 0; r == 0 && p->o.config_came && config_topic(p, i, topic); i++)
		if (topic[0])
			r = mqtt_subscribe(p->mqtt, topic, 1);
	return r;
}

/* --- commands --- */

static void begin_answer(struct publisher *p, const struct command *c, const char *name, struct json *j)
{
	dynbuf_reset(&p->scratch);
	*j = (struct json){ .out = &p->scratch };
	json_object_begin(j, NULL);
	json_text(j, "cmd", name);
	if (c->id[0])
		json_text(j, "id", c->id);
}

static void end_answer(struct publisher *p, struct json *j, const char *error)
{
	json_text(j, "state", error ? "failed" : "done");
	if (error)
		json_text(j, "reason", error);
	json_object_end(j);
	(void)!publisher_send(p, PUBLISHER_NO_ROW, "cmd/answer",
			      &(struct mqtt_message){ .payload = p->scratch.data, .payload_bytes = p->scratch.len });
}

static const char *resend(struct publisher *p, const struct command *c, struct json *j)
{
	size_t n = spool_revive(p->spool, c->boot > 0 ? c->boot : p->id.boot, c->from, c->to);

	outflow_restart(&p->flow);
	if (n == 0)
		return "none of these is kept any more";
	json_uint(j, "messages", n);
	return NULL;
}

/* @return NULL or why not; what it says besides is in the answer. */
static const char *obey(struct publisher *p, const struct command *c, struct json *j)
{
	switch (c->kind) {
	case COMMAND_FLUSH:
		(void)!spool_commit(p->spool, loop_mono_us(), true);
		outflow_restart(&p->flow);
		return NULL;
	case COMMAND_RESEND:
		return resend(p, c, j);
	case COMMAND_BIRTH:
		return NULL;
	default:
		return p->o.command ? p->o.command(p->o.ctx, c, j) : "not here";
	}
}

static void hear_command(struct publisher *p, const struct mqtt_message *msg)
{
	struct command c;
	struct json j;
	const char *why;

	publisher_take_spool(p);
	if (command_parse(msg->payload, msg->payload_bytes, &c, &why) < 0) {
		begin_answer(p, &c, NULL, &j);
		end_answer(p, &j, why);
		return;
	}
	if (c.kind == COMMAND_BIRTH && command_is_allowed(c.kind, &p->o.conf->commands)) {
		publisher_tell_all_contracts(p);
		publisher_tell_birth(p);
		publisher_tell_status(p, "online");
	}
	begin_answer(p, &c, command_name(c.kind), &j);
	why = command_is_allowed(c.kind, &p->o.conf->commands) ? obey(p, &c, &j)
							       : "not among the commands of this board's config";
	end_answer(p, &j, why);
	publisher_flow_soon(p);
}

static void look_at_birth(struct publisher *p, const struct mqtt_message *msg)
{
	int64_t now_us = loop_mono_us();

	if (!twin_look(&p->twin, msg->payload, msg->payload_bytes))
		return;
	if (p->twin.n_seen > 1 && now_us - p->twin_told_us < twin_again_us)
		return;
	p->twin_told_us = now_us;
	log_error("another device has the name %s/%s (its nonce: %s, ours: %s): a copied SD card? Give each its own "
		  "`device:`",
		  p->o.conf->site, p->o.conf->device, p->twin.other, p->id.nonce);
}

static bool ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), end_len = strlen(end);

	return len >= end_len && strcmp(text + len - end_len, end) == 0;
}

void publisher_hear(void *ctx, const struct mqtt_message *msg)
{
	struct publisher *p = ctx;
	size_t base_bytes = strlen(p->base);
	const char *leaf;

	if (ends_with(msg->topic, "/config/set")) {
		if (p->o.config_came && is_config_for_us(p, msg->topic))
			p->o.config_came(p->o.ctx, msg);
		return;
	}
	if (strncmp(msg->topic, p->base, base_bytes) != 0 || msg->topic[base_bytes] != '/')
		return;
	leaf = msg->topic + base_bytes + 1;
	if (strcmp(leaf, "birth") == 0)
		look_at_birth(p, msg);
	else if (strcmp(leaf, "cmd") == 0 && !msg->retained) /* a retained one would come back at each connect */
		hear_command(p, msg);
}
