/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/sink_spec.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/args.h"
#include "base/text.h"

const char *const sink_rows_names[] = { "kpis", "parts", "both", NULL };

const struct sink_kind *sink_kind_at(size_t i)
{
	static const struct sink_kind *const kinds[] = { &sink_influx, &sink_kafka };

	return i < ARRAY_LEN(kinds) ? kinds[i] : NULL;
}

static int refuse(const char *spec, const char *what)
{
	args_explain("runnel-collector", "run", "--sink '%s': %s", spec, what);
	return -EINVAL;
}

static const struct sink_kind *find_kind(const char *name)
{
	const struct sink_kind *k;

	for (size_t i = 0; (k = sink_kind_at(i)); i++)
		if (strcmp(k->name, name) == 0)
			return k;
	return NULL;
}

/* "name=value" to a child of @map. @return whether it is one */
static bool add_child(struct node *map, char *word, struct node ***last, struct arena *a)
{
	char *value = strchr(word, '=');
	struct node *n = arena_alloc(a, sizeof(*n));

	if (!value || value == word)
		return false;
	*value++ = '\0';
	*n = (struct node){ .kind = NODE_SCALAR, .key = word, .text = value };
	**last = n;
	*last = &n->next;
	map->n_children++;
	return true;
}

static int apply(struct sink_spec *out, const struct node *map, struct arena *a, const char *text)
{
	struct diag d = { .file = "--sink" };
	int r = 0;

	if (opt_apply(&out->kind->options, map, &out->config, a, &d, map->at, out->kind->name, NULL) > 0)
		r = refuse(text, d.first->text);
	diag_free(&d);
	return r;
}

int sink_spec_parse(struct sink_spec *out, const char *text, struct arena *a)
{
	struct node map = { .kind = NODE_MAP }, **last = &map.children;
	char *at = arena_strdup(a, text), *word = strtok_r(at, " \t\n", &at), what[128];

	*out = (struct sink_spec){ .kind = word ? find_kind(word) : NULL };
	if (!out->kind)
		return refuse(text, "expected 'influx NAME=VALUE...' or 'kafka NAME=VALUE...'");
	assert(out->kind->config_bytes <= sizeof(out->config));
	if (out->kind->lacks) {
		snprintf(what, sizeof(what), "this program was built without %s, which this kind of sink needs",
			 out->kind->lacks);
		return refuse(text, what);
	}
	while ((word = strtok_r(NULL, " \t\n", &at)))
		if (!add_child(&map, word, &last, a))
			return refuse(text, "expected NAME=VALUE after the kind, separated by blanks");
	if (apply(out, &map, a, text) < 0)
		return -EINVAL;
	if (!out->config.common.name)
		out->config.common.name = out->kind->name;
	if (!text_is_device_name(out->config.common.name))
		return refuse(text, "name: expected letters, digits and _.-");
	return 0;
}
