/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of a process that says anything: nothing is read beyond the line, and what is taken makes sense. */
#include <assert.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "agent/exec_line.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct op_exec_answer a = { .t_s = 1.0, .kind = OP_EXEC_NOTHING };
	char *line = malloc(size); /* no terminator: a read beyond is found */

	if (!line)
		return 0;
	memcpy(line, data, size);
	if (exec_line_read(line, size, &a) == 0) {
		assert(isfinite(a.t_s));
		assert(a.kind != OP_EXEC_NUMBER || isfinite(a.y));
	} else {
		assert(a.t_s == 1.0);
	}
	free(line);
	return 0;
}
