/* SPDX-License-Identifier: Apache-2.0 */
/* What a server answers to `runnel-collector top`, cut anywhere: the text of a page is the end of what came, and nothing else is. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "collector/http_get.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *received = malloc(size + 1);
	struct dynbuf body;
	int status;

	if (!received)
		return 0;
	memcpy(received, data, size);
	received[size] = '\0';
	dynbuf_init(&body, size + 1);
	status = http_get_parse(received, size, &body);
	if (status >= 0) {
		assert(status >= 100 && status <= 999 && body.len + 12 <= size);
		assert(body.len == 0 || memcmp(body.data, received + size - body.len, body.len) == 0);
		assert(memcmp(received + size - body.len - 4, "\r\n\r\n", 4) == 0);
	}
	dynbuf_free(&body);
	free(received);
	return 0;
}
