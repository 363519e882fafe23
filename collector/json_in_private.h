/* SPDX-License-Identifier: Apache-2.0 */
/* json_in_private.h - between json_in.c and json_in_device.c. The only one that knows <jansson.h>. */
#ifndef RUNNEL_COLLECTOR_JSON_IN_PRIVATE_H
#define RUNNEL_COLLECTOR_JSON_IN_PRIVATE_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

struct json_reader {
	struct arena *arena;
	const char *why; /* NULL: good so far */
};

void json_in_refuse(struct json_reader *r, const char *why);
void json_in_free_tree(json_t **root);

/** NULL with a reason when it is not one object. */
json_t *json_in_parse(struct json_reader *r, const char *text, size_t bytes, size_t max_bytes);

const char *json_in_text(struct json_reader *r, const json_t *object, const char *key, size_t max_bytes,
			 const char *why);
uint64_t json_in_uint(struct json_reader *r, const json_t *object, const char *key, uint64_t max, const char *why);

/** @return 0, or -EBADMSG with @why */
int json_in_finish(const struct json_reader *r, const char **why);

#endif
