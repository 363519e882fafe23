/* SPDX-License-Identifier: Apache-2.0 */
/* Contract, birth and status from any bytes; a contract that is read is used: its KPIs are compiled, and it is written again. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/log.h"
#include "collector/json_in.h"
#include "collector/shared_contract.h"

static void read_contract(const char *text, size_t size)
{
	struct contract_store store;
	struct shared_contract *c;
	struct dynbuf again;
	const char *why;

	contract_store_init(&store);
	if (contract_store_take(&store, contract_hash(text, size), text, size, &c, &why) == 0) {
		dynbuf_init(&again, 8 * CONTRACT_MAX_BYTES);
		contract_to_json(&c->contract, &again);
		if (again.overflow)
			abort();
		dynbuf_free(&again);
		contract_store_give(&store, c);
	}
	contract_store_free(&store);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data, *why;
	struct status status;
	struct birth birth;

	log_set_level(LOG_LEVEL_ERROR);
	read_contract(text, size);
	if (json_in_birth(&birth, text, size, &why) < 0 && !why[0])
		abort();
	if (json_in_status(&status, text, size, &why) < 0 && !why[0])
		abort();
	return 0;
}
