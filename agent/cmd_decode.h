/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_decode.h - `runnel decode [FILE]`: a partial message as one JSON line. */
#ifndef RUNNEL_AGENT_CMD_DECODE_H
#define RUNNEL_AGENT_CMD_DECODE_H

/** @argv: from the command's own name on. @return the exit code: 0, 1 not a partial, 64 usage, 74 I/O */
int cmd_decode(int argc, char **argv);

#endif
