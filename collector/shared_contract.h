/* SPDX-License-Identifier: Apache-2.0 */
/*
 * shared_contract.h - one contract, parsed once for all devices that publish the same text, with its KPIs compiled.
 *
 * Devices share by text, not by hash: a CRC-32 is easily forged, and nobody's contract may explain the numbers of others.
 */
#ifndef RUNNEL_COLLECTOR_SHARED_CONTRACT_H
#define RUNNEL_COLLECTOR_SHARED_CONTRACT_H

#include "base/arena.h"
#include "collector/sorted.h"
#include "pipelines/contract.h"
#include "pipelines/expr.h"

struct kpi_plan {
	const struct kpi_def *def;
	const struct expr *expr;
	size_t n_streams;
	const struct metric_def **metrics; /* of its streams, in the order of expr_stream() */
	const char
		*key; /* equal for plans that compute the same: expression, unit, window, name@version of the streams */
};

struct shared_contract {
	uint32_t hash;
	size_t n_users, bytes;
	char *text;
	struct arena arena;
	struct contract contract;
	struct kpi_plan *plans; /* of the KPIs that can be computed here */
	size_t n_plans;
	size_t n_refused; /* KPIs that can not: a language newer than ours, or streams that are not there */
};

/** All contracts in use, all-zero but for contract_store_init(). */
struct contract_store {
	struct sorted contracts; /* struct shared_contract *, by hash, then text */
};

void contract_store_init(struct contract_store *s);

/** Parse, or find, and count one more user. @return 0, or -EBADMSG with the reason in @why (static string) */
NODISCARD int contract_store_take(struct contract_store *s, uint32_t hash, const char *text, size_t bytes,
				  struct shared_contract **out, const char **why);

/** One user less; freed with the last. */
void contract_store_give(struct contract_store *s, struct shared_contract *c);

/** Nobody uses any. */
void contract_store_free(struct contract_store *s);

#endif
