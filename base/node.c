/* SPDX-License-Identifier: Apache-2.0 */
/* node.c - look-ups in a parsed config. Maps are short, so a walk over the children beats any index. */
#include "base/node.h"

#include <string.h>

const struct node *node_get(const struct node *map, const char *key)
{
	if (!map || map->kind != NODE_MAP)
		return NULL;
	for (const struct node *n = map->children; n; n = n->next)
		if (strcmp(n->key, key) == 0)
			return n;
	return NULL;
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
