/* SPDX-License-Identifier: Apache-2.0 */
/* remote_file.c - the file that was edited, and the texts that others ask for. */
#include <stdlib.h>
#include <string.h>

#include "agent/commands.h"
#include "agent/remote_private.h"
#include "base/crc32.h"
#include "base/log.h"

/* --- the file --- */

void remote_keep_file(struct remote *r, const struct config_mark *m)
{
	struct config_record *rec = &r->store.record;
	uint32_t path = crc32_of(0, r->path, strlen(r->path));

	if (config_mark_is(&rec->good_file, m) && rec->file_path == path && rec->bad_file == 0)
		return;
	if (config_store_put(&r->store, m, r->file.text, r->file.bytes) < 0)
		return;
	rec->good_file = *m;
	rec->file_path = path;
	rec->bad_file = 0;
	remote_save(r);
}

bool remote_rescue(const char *path, const char *spool_path, char **text, size_t *bytes)
{
	struct config_store store;
	const struct config_record *rec = &store.record;
	long n;

	config_store_open(&store, spool_path);
	if (rec->good_file.hash == 0 || rec->file_path != crc32_of(0, path, strlen(path)))
		return false;
	n = config_store_get(&store, &rec->good_file, text);
	if (n >= 0)
		*bytes = (size_t)n;
	return n >= 0;
}

static bool try_file(struct remote *r, const struct conf_text *t, const struct conf *checked)
{
	struct config_mark m = { checked->revision, checked->hash, true };
	struct conf_text local = { r->local.text, r->local.bytes };
	struct config_record *rec = &r->store.record;
	struct diag d = { .file = r->path };
	struct conf *next;

	if (m.hash == crc32_of(0, r->file.text, r->file.bytes) && m.hash != rec->bad_file) {
		log_notice("%s has not changed", r->path);
		return false;
	}
	if (!r->running.is_file && m.revision < r->running.revision) {
		log_notice("%s has revision %lld: the pushed revision %lld goes on", r->path, (long long)m.revision,
			   (long long)r->running.revision);
		remote_keep_text(&r->file, t->text, t->bytes);
		remote_keep_file(r, &m);
		return false;
	}
	next = calloc(1, sizeof(*next));
	if (!next || conf_parse_parts(next, &local, t, CONF_OF_FILE, &d) < 0) {
		free(next);
		diag_free(&d);
		return false;
	}
	diag_free(&d);
	rec->trial = m;
	remote_save(r); /* a disk that fails is no reason not to do what the person at the board wants */
	remote_keep_text(&r->next, t->text, t->bytes);
	remote_try(r, &m, next);
	return true;
}

void remote_reload(struct remote *r)
{
	struct diag d = { .file = r->path };
	struct conf c = { 0 };
	char *text = NULL;
	long n;

	r->is_reload_due = remote_is_trying(r) || graph_is_holding(r->a->graph);
	if (r->is_reload_due) {
		if (!remote_is_trying(r))
			loop_timer_set(r->timer, loop_mono_us() + REMOTE_WAIT_US);
		return;
	}
	n = conf_read_file(r->path, &text, &d);
	if (n >= 0 && conf_parse(&c, text, (size_t)n, &d) == 0) {
		const struct conf_text t = { text, (size_t)n };

		try_file(r, &t, &c);
	} else {
		const struct config_mark m = { c.revision, c.hash, true };

		diag_print(&d, stderr);
		remote_tell(r, "rejected", &m, d.first ? d.first->text : "cannot be read",
			    d.first ? &d.first->at : NULL);
	}
	if (n >= 0)
		conf_free(&c);
	free(text);
	diag_free(&d);
}

/* --- what others ask for --- */

/* What the file says of itself; it is good. */
static struct config_mark mark_of_file(const struct remote *r)
{
	struct config_mark m = { 0, crc32_of(0, r->file.text, r->file.bytes), true };
	struct diag d = { .file = r->path };
	struct conf c;

	if (conf_parse(&c, r->file.text, r->file.bytes, &d) == 0)
		m.revision = c.revision;
	conf_free(&c);
	diag_free(&d);
	return m;
}

static bool find_mark(const struct remote *r, int64_t revision, struct config_mark *out)
{
	*out = revision == COMMAND_REVISION_FILE ? mark_of_file(r) : r->running;
	if (revision == 0 || revision == COMMAND_REVISION_FILE || revision == r->running.revision)
		return true;
	for (size_t i = 0; i < CONFIG_HISTORY; i++)
		if (r->store.record.history[i].revision == revision) {
			*out = r->store.record.history[i];
			return true;
		}
	return false;
}

/* What @m measures; the caller frees it. NULL: it is not there */
static char *measure_text(const struct remote *r, const struct config_mark *m)
{
	char *kept = NULL, *text;
	long n;

	if (m->is_file && m->hash == crc32_of(0, r->file.text, r->file.bytes))
		return conf_measure_text(r->file.text, r->file.bytes);
	n = config_store_get(&r->store, m, &kept);
	if (n < 0)
		return NULL;
	kept[n] = '\0';
	if (!m->is_file)
		return kept;
	text = conf_measure_text(kept, (size_t)n);
	free(kept);
	return text;
}

const char *remote_show(struct remote *r, int64_t revision, struct json *j)
{
	struct config_mark m;
	char *text;

	if (!find_mark(r, revision, &m))
		return "no such revision is kept";
	text = measure_text(r, &m);
	if (!text)
		return "its text cannot be given";
	remote_describe_mark(j, &m);
	json_text(j, "from", m.is_file ? "file" : "push");
	json_int(j, "tried", r->store.record.tried);
	json_object_begin(j, "running");
	remote_describe_mark(j, &r->running);
	json_text(j, "from", r->running.is_file ? "file" : "push");
	json_object_end(j);
	json_text(j, "text", text);
	json_array_begin(j, "history");
	for (size_t i = 0; i < CONFIG_HISTORY; i++)
		if (!remote_is_none(&r->store.record.history[i]))
			json_int(j, NULL, r->store.record.history[i].revision);
	json_array_end(j);
	free(text);
	return NULL;
}
