/* SPDX-License-Identifier: Apache-2.0 */
/* cmd.h - the commands of `runnel`. Each gets its own name in argv[0] and returns an exit code of exits.h. */
#ifndef RUNNEL_AGENT_CMD_H
#define RUNNEL_AGENT_CMD_H

#include "agent/conf.h"

int cmd_run(int argc, char **argv);
int cmd_demo(int argc, char **argv);
int cmd_check(int argc, char **argv);
int cmd_scan(int argc, char **argv);
int cmd_read(int argc, char **argv);
int cmd_push(int argc, char **argv);
int cmd_replay(int argc, char **argv);
int cmd_explain(int argc, char **argv);
int cmd_clock(int argc, char **argv);
int cmd_provision(int argc, char **argv);
int cmd_status(int argc, char **argv);
int cmd_decode(int argc, char **argv);
int cmd_drivers(int argc, char **argv);
int cmd_operators(int argc, char **argv);
int cmd_units(int argc, char **argv);
int cmd_schema(int argc, char **argv);

/** Load a config and print its errors. @return EXIT_DONE, EXIT_CONFIG or EXIT_IO; conf_free() either way */
int cmd_load_conf(struct conf *c, const char *path);

/** "runnel CMD: MESSAGE", and where to find help, on stderr. @return EXIT_USAGE */
int cmd_usage_error(const char *cmd, const char *fmt, ...) PRINTF_LIKE(2, 3);

#endif
