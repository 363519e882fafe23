/* SPDX-License-Identifier: Apache-2.0 */
/* remote_start.c - which config runs after a start: the pushed one if its revision is above the file's, and not what brought the board down. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/remote_private.h"
#include "base/crc32.h"
#include "base/log.h"
#include "base/loop.h"

enum { LOOP_STARTS_S = 300 };

bool remote_is_none(const struct config_mark *m)
{
	return m->hash == 0 && m->revision == 0;
}

void remote_drop_text(struct owned_text *t)
{
	free(t->text);
	*t = (struct owned_text){ 0 };
}

void remote_keep_text(struct owned_text *t, const char *text, size_t bytes)
{
	char *copy = malloc(bytes + 1);

	remote_drop_text(t);
	if (!copy)
		return;
	if (bytes > 0)
		memcpy(copy, text, bytes);
	copy[bytes] = '\0';
	t->text = copy;
	t->bytes = bytes;
}

bool remote_save(struct remote *r)
{
	int error = config_store_save(&r->store);

	if (error < 0)
		log_error("cannot write %s/state: %s", r->store.dir, strerror(-error));
	return error == 0;
}

int remote_parse(struct remote *r, const struct config_mark *m, struct conf *c, struct diag *d)
{
	struct conf_text local = { r->local.text, r->local.bytes }, measure = { r->file.text, r->file.bytes };
	char *text = NULL;
	int result;

	if (!m->is_file || (r->file.text && crc32_of(0, r->file.text, r->file.bytes) != m->hash)) {
		long n = config_store_get(&r->store, m, &text);

		if (n < 0)
			return (int)n;
		measure = (struct conf_text){ text, (size_t)n };
	}
	result = conf_parse_parts(c, &local, &measure, m->is_file ? CONF_OF_FILE : CONF_OF_PUSHED, d);
	free(text);
	return result;
}

/* @return whether @m now stands in *@c */
static bool take(struct remote *r, const struct config_mark *m, struct conf *c)
{
	struct diag d = { .file = "config" };
	struct conf next;
	int error = remote_parse(r, m, &next, &d);

	if (error < 0) {
		log_error("revision %lld cannot be taken: %s%s", (long long)m->revision,
			  error == -EINVAL ? "" : strerror(-error), d.first ? d.first->text : "");
		if (error == -EINVAL)
			conf_free(&next);
	} else {
		conf_free(c);
		*c = next;
		r->running = *m;
	}
	diag_free(&d);
	return error == 0;
}

/* The third start of late, while it is young: it does not last. */
static bool is_start_loop(struct config_record *rec)
{
	int64_t now_s = loop_wall_us() / 1000000;

	if (!rec->is_young)
		return false;
	memmove(&rec->starts_s[1], &rec->starts_s[0], (CONFIG_STARTS - 1) * sizeof(rec->starts_s[0]));
	rec->starts_s[0] = now_s;
	return rec->starts_s[CONFIG_STARTS - 1] > 0 && now_s - rec->starts_s[CONFIG_STARTS - 1] <= LOOP_STARTS_S;
}

/* What the last start left open. @return what was rolled back, or none */
static struct config_mark settle(struct remote *r, const char **why)
{
	struct config_record *rec = &r->store.record;
	struct config_mark undone = rec->trial;

	*why = "the agent or the board went down during the trial";
	if (!remote_is_none(&rec->trial)) {
		if (rec->trial.is_file)
			rec->bad_file = rec->trial.hash;
		rec->trial = (struct config_mark){ 0 };
		remote_save(r);
		return undone;
	}
	if (remote_is_none(&rec->active))
		return undone;
	if (is_start_loop(rec)) {
		*why = "the agent was started three times within five minutes";
		undone = rec->active;
		config_record_return(rec);
	} else if (!rec->is_young) {
		return undone;
	}
	remote_save(r);
	return undone;
}

static void choose(struct remote *r, struct conf *c)
{
	const struct config_record *rec = &r->store.record;
	struct config_mark file = { c->revision, c->hash, true };

	r->running = file;
	if (rec->bad_file == c->hash && !remote_is_none(&rec->good_file)) {
		log_warning("%s is what could not be run before: the last good one is taken", r->path);
		if (take(r, &rec->good_file, c))
			file = rec->good_file;
	} else if (rec->bad_file == c->hash) {
		file.revision = -1; /* anything that was pushed is better */
	}
	for (size_t i = 0; i < CONFIG_HISTORY; i++) {
		const struct config_mark *m = &rec->history[i];

		if (remote_is_none(m) || remote_is_none(&rec->active) || m->revision <= file.revision)
			return;
		if (take(r, m, c)) {
			log_notice("the pushed revision %lld runs; %s has revision %lld", (long long)m->revision,
				   r->path, (long long)file.revision);
			return;
		}
	}
}

int remote_open(struct remote **out, const char *path, const struct conf_text *text, struct conf *c, bool keeps)
{
	struct remote *r = calloc(1, sizeof(*r));
	struct config_mark undone, file;
	const char *why;

	if (!r)
		return -ENOMEM;
	r->path = path;
	remote_keep_text(&r->local, text->text, text->bytes);
	remote_keep_text(&r->file, text->text, text->bytes);
	if (!r->local.text || !r->file.text) {
		remote_free(r);
		return -ENOMEM;
	}
	config_store_open(&r->store, keeps ? c->spool.path : NULL);
	undone = settle(r, &why);
	file = (struct config_mark){ c->revision, c->hash, true };
	if (r->store.record.bad_file != c->hash)
		remote_keep_file(r, &file);
	choose(r, c);
	if (!remote_is_none(&undone))
		remote_tell(r, "rolled_back", &undone, why, NULL);
	else if (c->remote.keys.n > 0)
		remote_tell(r, "active", &r->running, NULL, NULL);
	*out = r;
	return 0;
}

void remote_blame_file(struct remote *r, const char *reason, const struct place *at)
{
	const struct config_mark m = { 0, 0, true };

	remote_tell(r, "rejected", &m, reason, at);
}
