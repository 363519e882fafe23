/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "agent/spool_private.h"

size_t spool_list_cost(size_t payload_bytes)
{
	return sizeof(struct spool_item) + payload_bytes;
}

int spool_list_append(struct spool_list *l, const struct spool_row *row)
{
	struct spool_item *item = malloc(spool_list_cost(row->payload_bytes));

	if (!item)
		return -ENOMEM;
	item->next = NULL;
	item->row = *row;
	item->row.payload = item->payload;
	if (row->payload_bytes > 0)
		memcpy(item->payload, row->payload, row->payload_bytes);
	if (l->last)
		l->last->next = item;
	else
		l->first = item;
	l->last = item;
	l->n++;
	l->bytes += spool_list_cost(row->payload_bytes);
	return 0;
}

/* Acknowledgements come in about the order of sending, so the row is near the front. */
bool spool_list_remove(struct spool_list *l, uint64_t id)
{
	struct spool_item *before = NULL, *item = l->first;

	while (item && item->row.id < id) {
		before = item;
		item = item->next;
	}
	if (!item || item->row.id != id)
		return false;
	if (before)
		before->next = item->next;
	else
		l->first = item->next;
	if (l->last == item)
		l->last = before;
	l->n--;
	l->bytes -= spool_list_cost(item->row.payload_bytes);
	free(item);
	return true;
}

const struct spool_item *spool_list_next(const struct spool_list *l, uint64_t after)
{
	const struct spool_item *item = l->first;

	while (item && item->row.id <= after)
		item = item->next;
	return item;
}
