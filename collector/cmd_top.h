/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_top.h - `runnel-collector top`. */
#ifndef RUNNEL_COLLECTOR_CMD_TOP_H
#define RUNNEL_COLLECTOR_CMD_TOP_H

/** argv[0] is "top". @return an exit code of sysexits(3) */
int collector_cmd_top(int argc, char **argv);

#endif
