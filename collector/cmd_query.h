/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_query.h - `runnel-collector query`. */
#ifndef RUNNEL_COLLECTOR_CMD_QUERY_H
#define RUNNEL_COLLECTOR_CMD_QUERY_H

/** argv[0] is "query". @return an exit code of sysexits(3) */
int collector_cmd_query(int argc, char **argv);

#endif
