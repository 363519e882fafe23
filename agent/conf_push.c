/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conf_push.c - the top of a config whose local part is another text. A pushed one that tried to change where it is sent, or who may send
 * the next one, could lock the board out or hand it over: such keys are errors, not ignored, for whoever wrote them means something.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/conf_private.h"
#include "agent/yaml.h"

struct options {
	const char *target;
	int64_t revision, window_us, lateness_us;
};

static const char *const local_keys[] = { "device", "site",	     "labels", "mqtt",	   "spool",
					  "clock",  "remote_config", "live",   "commands", NULL };
static const char *const of_others[] = { "device",  "site",	     "labels",	"mqtt",	    "spool",
					 "clock",   "remote_config", "live",	"commands", "sensors",
					 "streams", "kpis",	     "actions", NULL };

static void refuse_local(const struct node *root, struct diag *d)
{
	for (size_t i = 0; local_keys[i]; i++) {
		const struct node *n = node_get(root, local_keys[i]);

		if (n)
			diag_error(d, n->key_at, "'%s' is the board's own: a pushed config cannot change it", n->key);
	}
}

/* Its bounds and default are those of a file. */
static struct opt row_of(const char *name, size_t offset, bool is_required)
{
	struct opt row = { .name = name };

	for (size_t i = 0; i < conf_top_options.n; i++)
		if (strcmp(conf_top_options.rows[i].name, name) == 0)
			row = conf_top_options.rows[i];
	row.offset = offset;
	row.required = is_required;
	return row;
}

void conf_read_pushed(struct conf *c, const struct node *root, bool is_pushed, struct diag *d)
{
	const struct opt rows[] = {
		row_of("target", offsetof(struct options, target), is_pushed),
		row_of("revision", offsetof(struct options, revision), is_pushed),
		row_of("window", offsetof(struct options, window_us), false),
		row_of("lateness", offsetof(struct options, lateness_us), false),
	};
	const struct opt_table table = { rows, ARRAY_LEN(rows) };
	struct options o = { 0 };

	if (is_pushed)
		refuse_local(root, d);
	opt_apply(&table, root, &o, &c->arena, d, root->at, is_pushed ? "a pushed config" : "the config", of_others);
	c->target = o.target;
	c->revision = o.revision;
	c->window_us = o.window_us;
	c->lateness_us = o.lateness_us;
	c->is_confined = is_pushed && !c->remote.local_files;
}

static bool is_local(const struct node *n)
{
	for (size_t i = 0; local_keys[i]; i++)
		if (strcmp(local_keys[i], n->key) == 0)
			return true;
	return false;
}

/* Where line @line begins. */
static const char *line_at(const char *text, const char *end, unsigned line)
{
	for (; line > 1 && text < end; line--) {
		const char *nl = memchr(text, '\n', (size_t)(end - text));

		text = nl ? nl + 1 : end;
	}
	return text;
}

/* A key takes its lines up to the next one. */
static char *without_local(const char *text, size_t bytes, const struct node *root)
{
	const char *end = text + bytes;
	char *out = malloc(bytes + 1), *to = out;

	for (const struct node *n = root->children; out && n; n = n->next) {
		const char *from = line_at(text, end, n->key_at.line);
		const char *until = n->next ? line_at(text, end, n->next->key_at.line) : end;

		if (n->key_at.column != 1 || until < from) {
			free(out);
			return NULL;
		}
		if (is_local(n))
			continue;
		memcpy(to, from, (size_t)(until - from));
		to += until - from;
	}
	if (out)
		*to = '\0';
	return out;
}

char *conf_measure_text(const char *text, size_t bytes)
{
	struct diag d = { .file = "" };
	struct arena arena = { 0 };
	const struct node *root = NULL;
	char *out = NULL;

	if (yaml_parse(text, bytes, &arena, &d, &root) == 0 && root->kind == NODE_MAP)
		out = without_local(text, bytes, root);
	diag_free(&d);
	arena_free(&arena);
	return out;
}
