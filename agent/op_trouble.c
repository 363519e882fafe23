/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/op_trouble.h"

#include "base/log.h"

/* The first of a stream. */
static const char *find(const struct graph_stream *s, const char **op, uint64_t *n)
{
	for (size_t o = 0; o < s->n_ops; o++) {
		const struct graph_op *it = &s->ops[o];
		const char *text = it->class->trouble ? it->class->trouble(it->state, n) : NULL;

		if (text && *n > 0) {
			*op = it->class->name;
			return text;
		}
	}
	return NULL;
}

void op_trouble_tell(const struct graph_plan *plan, bool *told)
{
	for (size_t i = 0; i < plan->n_streams; i++) {
		const char *op, *text;
		uint64_t n;

		if (told[i])
			continue;
		text = find(&plan->streams[i], &op, &n);
		if (!text)
			continue;
		told[i] = true;
		log_warning(
			"stream %s: operator %s: %s; its results are gaps when that happens, which is not told again",
			plan->streams[i].name, op, text);
	}
}

void op_trouble_describe(const struct graph_plan *plan, struct json *j)
{
	const char *op, *text;
	bool is_open = false;
	uint64_t n;

	for (size_t i = 0; i < plan->n_streams; i++) {
		text = find(&plan->streams[i], &op, &n);
		if (!text)
			continue;
		if (!is_open)
			json_object_begin(j, "operators");
		is_open = true;
		json_object_begin(j, plan->streams[i].name);
		json_text(j, "operator", op);
		json_text(j, "reason", text);
		json_uint(j, "failures", n);
		json_object_end(j);
	}
	if (is_open)
		json_object_end(j);
}
