/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/twin.h"

#include <stdio.h>
#include <string.h>

static const char member[] = "\"nonce\":\"";

/* An agent writes its birth without blanks; what is written otherwise is none of an agent. */
static bool find_nonce(const char *text, size_t bytes, char out[17])
{
	const size_t name_bytes = sizeof(member) - 1, all_bytes = name_bytes + 17;

	for (size_t i = 0; i + all_bytes <= bytes; i++) {
		const char *value = text + i + name_bytes;

		if (memcmp(text + i, member, name_bytes) != 0 || value[16] != '"')
			continue;
		snprintf(out, 17, "%.16s", value);
		return strspn(out, "0123456789abcdef") == 16;
	}
	return false;
}

bool twin_look(struct twin *t, const void *birth, size_t bytes)
{
	char nonce[17];

	if (!find_nonce(birth, bytes, nonce))
		return false;
	if (strcmp(nonce, t->nonce) == 0) {
		t->has_seen_own = true;
		return false;
	}
	if (!t->has_seen_own)
		return false;
	t->n_seen++;
	snprintf(t->other, sizeof(t->other), "%s", nonce);
	return true;
}
