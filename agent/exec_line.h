/* SPDX-License-Identifier: Apache-2.0 */
/* exec_line.h - what operator exec and its process say to each other: {"t":1763700000.000000,"x":21.5} and {"t":1763700000.0,"y":0.3}. */
#ifndef RUNNEL_AGENT_EXEC_LINE_H
#define RUNNEL_AGENT_EXEC_LINE_H

#include <stddef.h>

#include "base/check.h"
#include "pipelines/op_exec.h"

enum { EXEC_LINE_BYTES = 80 };

/** With the end of the line; @buf of EXEC_LINE_BYTES. @return its length */
size_t exec_line_write(const struct sample *s, char *buf);

/**
 * One JSON object without its end of line. t is needed; y may be a number, true or false (1 or 0), null or NaN (a gap), or absent
 * (no result). Other members are left alone, but may not be objects or arrays.
 * @return  0, or -EINVAL
 */
NODISCARD int exec_line_read(const char *text, size_t len, struct op_exec_answer *out);

#endif
