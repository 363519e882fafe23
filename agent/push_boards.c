/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/push_boards.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

enum { MAX_BOARDS = 10000 };

bool push_is_single(const char *to)
{
	return strcmp(to, "all") != 0 && !strchr(to, '=');
}

static struct push_board *append(struct push_boards *b)
{
	size_t n = b->n_allocated ? 2 * b->n_allocated : 16;
	struct push_board *more;

	if (b->n < b->n_allocated)
		return &b->at[b->n++];
	more = b->n < MAX_BOARDS ? realloc(b->at, n * sizeof(*more)) : NULL;
	if (!more)
		return NULL;
	b->at = more;
	b->n_allocated = n;
	return &b->at[b->n++];
}

struct push_board *push_boards_find(struct push_boards *b, const char *name, size_t len)
{
	char is[PUSH_NAME_BYTES];
	struct push_board *made;

	if (len >= sizeof(is))
		return NULL;
	memcpy(is, name, len);
	is[len] = '\0';
	if (!text_is_device_name(is))
		return NULL;
	for (size_t i = 0; i < b->n; i++)
		if (strcmp(b->at[i].name, is) == 0)
			return &b->at[i];
	made = append(b);
	if (made) {
		*made = (struct push_board){ 0 };
		memcpy(made->name, is, sizeof(is));
	}
	return made;
}

void push_boards_free(struct push_boards *b)
{
	free(b->at);
	*b = (struct push_boards){ 0 };
}

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct push_board *)a)->name, ((const struct push_board *)b)->name);
}

void push_boards_sort(struct push_boards *b)
{
	if (b->n > 0)
		qsort(b->at, b->n, sizeof(b->at[0]), compare);
}

/* --- what they say --- */

static const char *text_of(const struct node *n, const char *key)
{
	const struct node *v = node_get(n, key);

	return v && v->text ? v->text : "";
}

/* Cut, and without what would move the cursor of whoever reads it. */
static void keep_text(char *out, size_t bytes, const char *text)
{
	snprintf(out, bytes, "%.*s", (int)bytes - 1, text);
	text_make_printable(out);
}

void push_board_hear_birth(struct push_board *b, const struct node *root, const char *to)
{
	const char *eq = strchr(to, '=');
	char label[256];

	b->is_member = false;
	if (!root || root->kind != NODE_MAP)
		return;
	b->is_member = strcmp(to, "all") == 0 || strcmp(to, b->name) == 0;
	if (!eq || (size_t)(eq - to) >= sizeof(label))
		return;
	memcpy(label, to, (size_t)(eq - to));
	label[eq - to] = '\0';
	b->is_member = strcmp(text_of(node_get(root, "labels"), label), eq + 1) == 0;
}

void push_board_hear_status(struct push_board *b, const struct node *root)
{
	b->is_online = strcmp(text_of(root, "state"), "online") == 0;
}

bool push_board_hear_state(struct push_board *b, const struct node *root, uint32_t text_hash, uint32_t payload_hash)
{
	char of_text[9], of_payload[9];
	const char *hash = text_of(root, "hash");

	snprintf(of_text, sizeof(of_text), "%08x", text_hash);
	snprintf(of_payload, sizeof(of_payload), "%08x", payload_hash); /* it could not be opened, or waits */
	if (!b->is_sent || b->is_done || (strcmp(hash, of_text) != 0 && strcmp(hash, of_payload) != 0))
		return false;
	keep_text(b->state, sizeof(b->state), text_of(root, "state"));
	keep_text(b->reason, sizeof(b->reason), text_of(root, "reason"));
	keep_text(b->line, sizeof(b->line), text_of(root, "line"));
	keep_text(b->column, sizeof(b->column), text_of(root, "column"));
	b->is_active = strcmp(b->state, "active") == 0;
	b->is_done = b->is_active || strcmp(b->state, "rejected") == 0 || strcmp(b->state, "rolled_back") == 0;
	return true;
}
