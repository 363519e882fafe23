/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes on the topic cmd: what is taken is within its bounds, what is not has a reason, and nothing is read beyond the bytes. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "agent/commands.h"
#include "base/opt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct opt_list none = { 0 };
	char *json = malloc(size + (size == 0)); /* no terminator: a read beyond is found */
	struct command c;
	const char *why = NULL;

	if (!json)
		return 0;
	memcpy(json, data, size);
	if (command_parse(json, size, &c, &why) == 0) {
		assert(size <= COMMAND_MAX_BYTES && command_name(c.kind));
		assert(c.kind != COMMAND_RESEND || (c.from >= 1 && c.from <= c.to));
		assert(c.kind != COMMAND_CONFIG || c.revision >= COMMAND_REVISION_FILE);
		assert(command_is_allowed(c.kind, &none) == (c.kind != COMMAND_RESTART));
	} else {
		assert(why && why[0]);
	}
	assert(memchr(c.id, '\0', sizeof(c.id)) && memchr(c.sensor, '\0', sizeof(c.sensor)));
	free(json);
	return 0;
}
