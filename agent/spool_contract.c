/* SPDX-License-Identifier: Apache-2.0 */
/*
 * spool_contract.c - the contracts that rows may need: that of this start in memory, and in the file it and those of earlier starts
 * whose rows still wait. A start that finds nothing waiting forgets the earlier ones: the broker has them, retained.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "agent/spool_private.h"

int spool_contract_write(struct spool *s)
{
	int r = 0;

	if (!s->contract.json)
		return 0;
	if (s->book.n_waiting == 0)
		r = spool_db_delete_contracts_but(s->db, s->contract.hash);
	return r == 0 ? spool_db_put_contract(s->db, &s->contract) : r;
}

void spool_contract_free(struct spool *s)
{
	free((void *)s->contract.json);
	free((void *)s->contract.nominal);
	s->contract = (struct spool_contract){ 0 };
}

static void *copy_of(const void *data, size_t bytes)
{
	void *copy = malloc(bytes + 1);

	if (copy)
		memcpy(copy, data, bytes);
	return copy;
}

int spool_keep_contract(struct spool *s, const struct spool_contract *c)
{
	void *json = copy_of(c->json, c->json_bytes), *nominal = copy_of(c->nominal, c->nominal_bytes);

	if (!json || !nominal) {
		free(json);
		free(nominal);
		return -ENOMEM;
	}
	spool_contract_free(s);
	s->contract = (struct spool_contract){ c->hash, json, c->json_bytes, nominal, c->nominal_bytes };
	s->is_contract_kept = false;
	s->is_dirty = true;
	return 0;
}

int spool_next_contract(struct spool *s, int64_t after, struct spool_contract *c)
{
	int r = s->db && s->is_contract_kept ? spool_db_next_contract(s->db, after, c) : 0;

	if (s->db && s->is_contract_kept && r >= 0)
		return r;
	if (!s->contract.json || after >= (int64_t)s->contract.hash)
		return 0;
	*c = s->contract;
	return 1;
}
