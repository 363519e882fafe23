/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/remote.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/envelope.h"
#include "agent/remote_private.h"
#include "agent/yaml.h"
#include "base/crc32.h"
#include "base/log.h"
#include "base/text.h"

/* --- what is told --- */

void remote_describe_mark(struct json *j, const struct config_mark *m)
{
	char hash[9];

	snprintf(hash, sizeof(hash), "%08x", m->hash);
	json_int(j, "revision", m->revision);
	json_text(j, "hash", hash);
}

void remote_tell(struct remote *r, const char *state, const struct config_mark *m, const char *reason,
		 const struct place *at)
{
	struct dynbuf text;
	struct json j = { .out = &text };

	dynbuf_init(&text, sizeof(r->told));
	json_object_begin(&j, NULL);
	json_text(&j, "state", state);
	remote_describe_mark(&j, m);
	if (reason)
		json_text(&j, "reason", reason);
	if (at && at->line > 0) {
		json_uint(&j, "line", at->line);
		json_uint(&j, "column", at->column);
	}
	json_object_begin(&j, "running");
	remote_describe_mark(&j, &r->running);
	json_text(&j, "from", r->running.is_file ? "file" : "push");
	json_object_end(&j);
	json_object_end(&j);
	snprintf(r->told, sizeof(r->told), "%s", dynbuf_text(&text));
	dynbuf_free(&text);
	log_notice("config %s revision %lld (%08x): %s%s%s", m->is_file ? "of the file," : "pushed,",
		   (long long)m->revision, m->hash, state, reason ? ": " : "", reason ? reason : "");
	if (r->a && r->a->publisher)
		publisher_tell_config(r->a->publisher, r->told);
}

static void reject(struct remote *r, const struct config_mark *m, const char *reason, const struct place *at)
{
	remote_tell(r, "rejected", m, reason, at);
}

/* --- is it for us, and new? --- */

static bool is_ours(const struct conf *c, const char *target)
{
	char own[400];

	snprintf(own, sizeof(own), "%s/%s", c->site, c->device);
	if (strcmp(target, own) == 0)
		return true;
	snprintf(own, sizeof(own), "%s/_all", c->site);
	if (strcmp(target, own) == 0)
		return true;
	for (size_t i = 0; i < c->labels.n; i++) {
		snprintf(own, sizeof(own), "%s/_group/%s=%s", c->site, c->labels.pairs[i].name,
			 c->labels.pairs[i].value);
		if (strcmp(target, own) == 0)
			return true;
	}
	return false;
}

/* Its target and revision, before anything else is made of it. */
static bool read_head(struct remote *r, const struct conf_text *t, struct config_mark *m)
{
	struct diag d = { .file = "push" };
	struct arena arena = { 0 };
	const struct node *root = NULL, *target, *revision;
	char reason[REMOTE_REASON_BYTES] = "";
	struct place at = { 0, 0 };
	bool is_good = false;

	if (yaml_parse(t->text, t->bytes, &arena, &d, &root) < 0 || d.n_errors > 0) {
		snprintf(reason, sizeof(reason), "%s", d.first->text);
		at = d.first->at;
	} else {
		target = node_get(root, "target");
		revision = node_get(root, "revision");
		if (!target || target->kind != NODE_SCALAR) {
			snprintf(reason, sizeof(reason),
				 "a pushed config needs 'target': SITE/DEVICE, SITE/_group/LABEL=VALUE or SITE/_all");
		} else if (!is_ours(r->a->conf, target->text)) {
			snprintf(reason, sizeof(reason), "it is for %.100s, not for this board", target->text);
			at = target->at;
		} else if (!revision || revision->kind != NODE_SCALAR ||
			   text_to_int64(revision->text, &m->revision) < 0 || m->revision <= 0) {
			m->revision = 0;
			snprintf(reason, sizeof(reason), "a pushed config needs a revision, a number above 0");
			at = revision ? revision->at : at;
		} else {
			is_good = true;
		}
	}
	if (!is_good)
		reject(r, m, reason, &at);
	diag_free(&d);
	arena_free(&arena);
	return is_good;
}

/* @return whether it is to be tried */
static bool is_new(struct remote *r, const struct config_mark *m, bool is_retained)
{
	int64_t highest = r->store.record.tried;
	char reason[REMOTE_REASON_BYTES];

	if (r->running.revision > highest)
		highest = r->running.revision;
	if (m->revision > highest)
		return true;
	if (is_retained)
		return false; /* it comes at each connection */
	if (config_mark_is(m, &r->running)) {
		remote_tell(r, "active", m, NULL, NULL);
		return false;
	}
	snprintf(reason, sizeof(reason), "revision %lld is not above %lld, which was %s", (long long)m->revision,
		 (long long)highest, highest == r->running.revision ? "taken" : "tried before");
	reject(r, m, reason, NULL);
	return false;
}

/* --- try it --- */

/* @tried: as it was; a text with errors was not tried, and may come again without them. */
static void check_and_try(struct remote *r, const struct conf_text *t, const struct config_mark *m, int64_t tried)
{
	struct conf_text local = { r->local.text, r->local.bytes };
	struct conf *next = calloc(1, sizeof(*next));
	struct diag d = { .file = "push" };
	char reason[REMOTE_REASON_BYTES];

	if (next && conf_parse_parts(next, &local, t, CONF_OF_PUSHED, &d) == 0) {
		remote_try(r, m, next);
	} else {
		r->store.record.trial = (struct config_mark){ 0 };
		r->store.record.tried = tried;
		remote_save(r);
		snprintf(reason, sizeof(reason), "%s", d.first ? d.first->text : strerror(ENOMEM));
		reject(r, m, reason, d.first ? &d.first->at : NULL);
		if (next)
			conf_free(next);
		free(next);
	}
	diag_free(&d);
}

static void open_payload(struct remote *r, const char *payload, size_t bytes, bool is_retained)
{
	struct config_mark m = { 0, crc32_of(0, payload, bytes), false };
	char reason[ENVELOPE_REASON_BYTES];
	struct conf_text t;
	struct envelope e;
	int64_t tried = r->store.record.tried;
	const char *why;
	int error;

	if (envelope_split(payload, bytes, &e, &why) < 0) {
		reject(r, &m, why, NULL);
		return;
	}
	m.hash = crc32_of(0, e.text, e.text_bytes);
	if (envelope_verify(&e, &r->a->conf->remote.keys, reason) < 0) {
		reject(r, &m, reason, NULL);
		return;
	}
	t = (struct conf_text){ e.text, e.text_bytes };
	if (!read_head(r, &t, &m) || !is_new(r, &m, is_retained))
		return;
	remote_tell(r, "received", &m, NULL, NULL);
	r->store.record.trial = m;
	r->store.record.tried = m.revision;
	error = config_store_put(&r->store, &m, t.text, t.bytes);
	if (error == 0)
		error = config_store_save(&r->store);
	if (error < 0) {
		r->store.record.trial = (struct config_mark){ 0 };
		r->store.record.tried = tried;
		snprintf(reason, sizeof(reason), "it cannot be kept in %.100s: %s", r->store.dir, strerror(-error));
		reject(r, &m, reason, NULL);
		return;
	}
	check_and_try(r, &t, &m, tried);
}

void remote_receive(struct remote *r, const struct mqtt_message *msg)
{
	struct config_mark m = { 0, crc32_of(0, msg->payload, msg->payload_bytes), false };

	if (msg->payload_bytes == 0 || r->a->is_stopping)
		return; /* how a retained one is taken away */
	if (r->a->conf->remote.keys.n == 0) {
		reject(r, &m, "this board takes no pushed configs: its own has no remote_config with keys", NULL);
	} else if (remote_is_trying(r)) {
		if (!msg->retained)
			reject(r, &m, "another config is on trial: try again when that is over", NULL);
	} else if (graph_is_holding(r->a->graph)) {
		remote_keep_text(&r->waiting, msg->payload, msg->payload_bytes);
		remote_tell(r, "received", &m, "waiting until it is known what time it is", NULL);
		loop_timer_set(r->timer, loop_mono_us() + REMOTE_WAIT_US);
	} else {
		open_payload(r, msg->payload, msg->payload_bytes, msg->retained);
	}
}

static void on_timer(void *ctx)
{
	struct remote *r = ctx;
	struct owned_text t = r->waiting;

	if (r->a->is_stopping)
		return;
	if (remote_is_trying(r)) {
		remote_on_timer(r);
	} else if (graph_is_holding(r->a->graph)) {
		loop_timer_set(r->timer, loop_mono_us() + REMOTE_WAIT_US);
	} else if (t.text) {
		r->waiting = (struct owned_text){ 0 };
		open_payload(r, t.text, t.bytes, false);
		remote_drop_text(&t);
	} else if (r->is_reload_due) {
		remote_reload(r);
	}
}

/* --- life --- */

static void on_settled(void *ctx)
{
	struct remote *r = ctx;

	if (!r->store.record.is_young)
		return;
	r->store.record.is_young = false;
	remote_save(r);
}

int remote_start(struct remote *r, struct agent *a)
{
	int error = loop_timer_create(a->loop, &r->timer, on_timer, r);

	if (error == 0)
		error = loop_timer_create(a->loop, &r->settle, on_settled, r);
	if (error < 0)
		return error;
	r->a = a;
	if (r->told[0] && a->publisher)
		publisher_tell_config(a->publisher, r->told);
	if (r->store.record.is_young)
		loop_timer_set(r->settle, loop_mono_us() + (int64_t)600 * 1000000);
	return 0;
}

/*
 * An end in good order is no sign of a config that does not last. A pushed one on trial is given up; an edited file is what the person at
 * the board wants, and nothing has spoken against it yet.
 */
void remote_stop(struct remote *r)
{
	struct config_record *rec = &r->store.record;
	bool is_young = rec->is_young && rec->starts_s[0] != 0;

	if (!is_young && !rec->trial.is_file)
		return;
	if (is_young) {
		memmove(&rec->starts_s[0], &rec->starts_s[1], (CONFIG_STARTS - 1) * sizeof(rec->starts_s[0]));
		rec->starts_s[CONFIG_STARTS - 1] = 0;
	}
	if (rec->trial.is_file)
		rec->trial = (struct config_mark){ 0 };
	remote_save(r);
}

void remote_free(struct remote *r)
{
	if (!r)
		return;
	if (r->timer)
		loop_timer_free(r->timer);
	if (r->settle)
		loop_timer_free(r->settle);
	remote_drop_text(&r->local);
	remote_drop_text(&r->file);
	remote_drop_text(&r->next);
	remote_drop_text(&r->waiting);
	free(r->trial.sensors);
	free(r);
}
