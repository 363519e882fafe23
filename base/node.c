/* SPDX-License-Identifier: Apache-2.0 */
/* node.c - look-ups in a parsed config. Maps are short, so a walk over the children beats any index. */
#include "base/node.h"

#include <string.h>

#include "base/dynbuf.h"

const struct node *node_get(const struct node *map, const char *key)
{
	if (!map || map->kind != NODE_MAP)
		return NULL;
	for (const struct node *n = map->children; n; n = n->next)
		if (strcmp(n->key, key) == 0)
			return n;
	return NULL;
}

static void define_text(const char *text, char mark, struct dynbuf *out)
{
	dynbuf_addf(out, "%c%zu:%s", mark, strlen(text), text);
}

/* The children of a map by key: each time the smallest above the last one. Maps of a config are short. */
static const struct node *next_by_key(const struct node *map, const struct node *last)
{
	const struct node *next = NULL;

	for (const struct node *c = map->children; c; c = c->next)
		if ((!last || strcmp(c->key, last->key) > 0) && (!next || strcmp(c->key, next->key) < 0))
			next = c;
	return next;
}

/* The tree is as deep as yaml.h lets it be. */
void node_define(const struct node *n, struct dynbuf *out)
{
	const struct node *c = NULL;

	switch (n->kind) {
	case NODE_NULL:
		dynbuf_adds(out, "~");
		break;
	case NODE_SCALAR:
		define_text(n->text, n->quoted ? '"' : '=', out);
		break;
	case NODE_SEQUENCE:
		dynbuf_adds(out, "[");
		for (c = n->children; c; c = c->next)
			node_define(c, out);
		dynbuf_adds(out, "]");
		break;
	case NODE_MAP:
		dynbuf_adds(out, "{");
		while ((c = next_by_key(n, c))) {
			define_text(c->key, '.', out);
			node_define(c, out);
		}
		dynbuf_adds(out, "}");
		break;
	}
}

const char *node_kind_name(const struct node *n)
{
	if (!n)
		return "nothing";
	switch (n->kind) {
	case NODE_SCALAR:
		return "a value";
	case NODE_SEQUENCE:
		return "a list";
	case NODE_MAP:
		return "a map";
	case NODE_NULL:
		break;
	}
	return "nothing";
}
