/* SPDX-License-Identifier: Apache-2.0 */
/*
 * node.h - a parsed config as plain data: scalars, sequences and maps with their place in the file.
 * Nothing here knows the syntax it was read from.
 */
#ifndef RUNNEL_BASE_NODE_H
#define RUNNEL_BASE_NODE_H

#include <stdbool.h>
#include <stddef.h>

enum node_kind { NODE_NULL, NODE_SCALAR, NODE_SEQUENCE, NODE_MAP };

/** 1-based; line 0 means "the whole file". */
struct place {
	unsigned line, column;
};

/** One node and its siblings. In a map each child carries its key. */
struct node {
	enum node_kind kind;
	bool quoted;	  /* a quoted scalar is always text */
	const char *text; /* NODE_SCALAR, else NULL */
	const char *key;  /* in a map, else NULL */
	struct place at, key_at;
	struct node *children, *next; /* first child; next sibling */
	size_t n_children;
};

/** The child of the map @map with key @key, or NULL. Also NULL when @map is NULL or no map. */
const struct node *node_get(const struct node *map, const char *key);

struct dynbuf;

/**
 * Append what @n says, without its key and places, in one line: keys sorted, so that two nodes that say the same give the same text
 * in whatever order and style they were written.
 */
void node_define(const struct node *n, struct dynbuf *out);

/** "a map", "a list", "a value" or "nothing", for error messages. */
const char *node_kind_name(const struct node *n);

#endif
