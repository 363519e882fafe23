/* SPDX-License-Identifier: Apache-2.0 */
/*
 * yaml.h - YAML text to plain nodes. The subset of YAML 1.1 that a config needs: maps, lists and scalars. Whatever
 * could make two readers see two things (duplicate and merge keys, anchors, aliases, tags, several documents) is an
 * error with its place.
 */
#ifndef RUNNEL_AGENT_YAML_H
#define RUNNEL_AGENT_YAML_H

#include <stddef.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/diag.h"
#include "base/node.h"

enum { YAML_MAX_FILE_BYTES = 1 << 20, YAML_MAX_DEPTH = 32, YAML_MAX_NODES = 20000 };

/**
 * Read @bytes at @text into nodes in @a. An empty text gives a NODE_NULL. Unquoted empty, ~ and null are NODE_NULL.
 *
 * Errors that leave a usable tree (duplicate keys: the first one counts; anchors and tags: ignored; merge keys:
 * left out; aliases: NODE_NULL) are added to @d and reading goes on, so that the caller's own checks find more in
 * the same run: success is 0 and no error in @d.
 * @return  0 *@root is set; -EINVAL: no tree, at least one error was added
 */
NODISCARD int yaml_parse(const char *text, size_t bytes, struct arena *a, struct diag *d, const struct node **root);

/**
 * The same for the file @path.
 * @return  as yaml_parse(), or negative errno of open(2) or read(2), -EFBIG beyond YAML_MAX_FILE_BYTES; the error is in @d
 */
NODISCARD int yaml_parse_file(const char *path, struct arena *a, struct diag *d, const struct node **root);

#endif
