/* SPDX-License-Identifier: Apache-2.0 */
/* JSON is read by the parser of the config: it is YAML, and a board needs one parser less. */
#include "agent/commands.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "agent/yaml.h"
#include "base/opt.h"
#include "base/text.h"

static const char *const names[] = {
	[COMMAND_BIRTH] = "birth",	 [COMMAND_CONFIG] = "config", [COMMAND_FLUSH] = "flush",
	[COMMAND_IDENTIFY] = "identify", [COMMAND_READ] = "read",     [COMMAND_RESEND] = "resend",
	[COMMAND_RESTART] = "restart",
};

const char *command_name(enum command_kind kind)
{
	return names[kind];
}

static const char *text_of(const struct node *root, const char *key)
{
	const struct node *n = node_get(root, key);

	return n ? n->text : NULL;
}

static bool number_of(const struct node *root, const char *key, uint32_t *out)
{
	const char *text = text_of(root, key);
	int64_t value;

	if (!text || text_to_int64(text, &value) < 0 || value < 0 || value > UINT32_MAX)
		return false;
	*out = (uint32_t)value;
	return true;
}

static int take_kind(const struct node *root, struct command *out, const char **why)
{
	const char *name = text_of(root, "cmd");

	*why = "cmd: expected birth, config, flush, identify, read, resend or restart";
	for (size_t i = 0; name && i < ARRAY_LEN(names); i++) {
		if (strcmp(name, names[i]) != 0)
			continue;
		out->kind = (enum command_kind)i;
		return 0;
	}
	return -EINVAL;
}

static int take_range(const struct node *root, struct command *out, const char **why)
{
	*why = "resend: expected from and to, numbers with 1 <= from <= to, and boot or none";
	if (node_get(root, "boot") && !number_of(root, "boot", &out->boot))
		return -EINVAL;
	if (!number_of(root, "from", &out->from) || !number_of(root, "to", &out->to))
		return -EINVAL;
	return out->from >= 1 && out->from <= out->to ? 0 : -EINVAL;
}

static int take_revision(const struct node *root, struct command *out, const char **why)
{
	const char *text = text_of(root, "revision");

	*why = "config: expected revision, a number or file, or none";
	if (!node_get(root, "revision"))
		return 0;
	if (text && strcmp(text, "file") == 0) {
		out->revision = COMMAND_REVISION_FILE;
		return 0;
	}
	return text && text_to_int64(text, &out->revision) == 0 && out->revision > 0 ? 0 : -EINVAL;
}

static int take_sensor(const struct node *root, struct command *out, const char **why)
{
	const char *text = text_of(root, "sensor");

	*why = "read: expected sensor, its name";
	if (!text || strlen(text) >= sizeof(out->sensor))
		return -EINVAL;
	snprintf(out->sensor, sizeof(out->sensor), "%s", text);
	return 0;
}

static int take_options(const struct node *root, struct command *out, const char **why)
{
	switch (out->kind) {
	case COMMAND_CONFIG:
		return take_revision(root, out, why);
	case COMMAND_READ:
		return take_sensor(root, out, why);
	case COMMAND_RESEND:
		return take_range(root, out, why);
	default:
		return 0;
	}
}

bool command_is_allowed(enum command_kind kind, const struct opt_list *allowed)
{
	for (size_t i = 0; i < allowed->n; i++)
		if (strcmp(allowed->items[i], names[kind]) == 0)
			return true;
	return allowed->n == 0 && kind != COMMAND_RESTART;
}

static int take(const struct node *root, struct command *out, const char **why)
{
	const char *id = text_of(root, "id");
	int r;

	if (root->kind != NODE_MAP) {
		*why = "expected a JSON object";
		return -EINVAL;
	}
	if (id && strlen(id) < sizeof(out->id))
		snprintf(out->id, sizeof(out->id), "%s", id);
	r = take_kind(root, out, why);
	return r == 0 ? take_options(root, out, why) : r;
}

int command_parse(const void *json, size_t bytes, struct command *out, const char **why)
{
	struct arena arena = { 0 };
	struct diag diag = { .file = "cmd" };
	const struct node *root = NULL;
	int r = -EINVAL;

	*out = (struct command){ 0 };
	*why = "expected a JSON object of at most 1024 bytes";
	if (bytes <= COMMAND_MAX_BYTES && yaml_parse(json, bytes, &arena, &diag, &root) == 0 && root)
		r = take(root, out, why);
	diag_free(&diag);
	arena_free(&arena);
	return r;
}
