/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_yaml.c - any bytes as a config. Beyond "no crash": an error whenever there is no tree, a tree that keeps to its
 * limits, keys unique, places inside the text, and options that can be applied to whatever came out.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "agent/yaml.h"
#include "base/opt.h"

struct target {
	int64_t size;
	double gain;
	const char *path;
	const struct unit *unit;
	struct opt_span span;
	struct opt_map labels;
	struct opt_list from;
	struct opt_doubles taps;
	struct opt_points points;
};

static const struct opt rows[] = {
	{ "size", OPT_INT, offsetof(struct target, size), .min = 1, .max = 1000, .def = "5", .help = "h" },
	{ "gain", OPT_DOUBLE, offsetof(struct target, gain), .def = "1", .help = "h" },
	{ "path", OPT_TEXT, offsetof(struct target, path), .required = true, .help = "h" },
	{ "unit", OPT_UNIT, offsetof(struct target, unit), .def = "Cel", .help = "h" },
	{ "span", OPT_SPAN, offsetof(struct target, span), .help = "h" },
	{ "labels", OPT_TEXT_MAP, offsetof(struct target, labels), .help = "h" },
	{ "from", OPT_TEXT_LIST, offsetof(struct target, from), .help = "h" },
	{ "taps", OPT_DOUBLE_LIST, offsetof(struct target, taps), .min = 0, .max = 1, .max_items = 5, .help = "h" },
	{ "points", OPT_POINTS, offsetof(struct target, points), .min_items = 2, .help = "h" },
};

static const struct opt_table table = { rows, ARRAY_LEN(rows) };

static size_t check_tree(const struct node *n, size_t depth, size_t n_lines)
{
	size_t n_nodes = 1, n_children = 0;

	assert(depth <= YAML_MAX_DEPTH);
	assert(n->at.line >= 1 && n->at.line <= n_lines && n->at.column >= 1);
	assert((n->kind == NODE_SCALAR) == (n->text != NULL));
	for (const struct node *child = n->children; child; child = child->next) {
		assert((n->kind == NODE_MAP) == (child->key != NULL));
		if (n->kind == NODE_MAP && n->n_children < 100) /* quadratic */
			assert(node_get(n, child->key) == child);
		n_nodes += check_tree(child, depth + 1, n_lines);
		n_children++;
	}
	assert(n_children == n->n_children);
	return n_nodes;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = { 0 };
	struct diag d = { .file = "fuzz" };
	const struct node *root = NULL;
	struct target target;
	size_t n_errors;
	int r = yaml_parse((const char *)data, size, &a, &d, &root);

	assert((r == 0) == (root != NULL));
	assert(r == 0 || d.n_errors > 0);
	if (r == 0) {
		assert(check_tree(root, 0, size + 2) <= YAML_MAX_NODES);
		n_errors = d.n_errors;
		r = opt_apply(&table, root, &target, &a, &d, root->at, "fuzz", NULL);
		assert((size_t)r == d.n_errors - n_errors);
		assert(target.size >= 1 && target.size <= 1000 && target.unit);
	}
	for (const struct diag_line *l = d.first; l; l = l->next)
		assert(strlen(l->text) > 0 && strlen(l->text) < 1000);
	diag_free(&d);
	arena_free(&a);
	return 0;
}
