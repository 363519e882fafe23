/* SPDX-License-Identifier: Apache-2.0 */
/* args.h - options of a command line, with one way of saying what is wrong with them. */
#ifndef RUNNEL_BASE_ARGS_H
#define RUNNEL_BASE_ARGS_H

#include <getopt.h>

#include "base/check.h"

/** What args_next() answers when it has told on stderr what is wrong: exit with the status for wrong usage. */
enum { ARGS_WRONG = '?' };

/**
 * As getopt_long(), which names the command by argv[0]. Begin with optind = 1. @program: in front of it in messages, "runnel"; @shorts: as
 * getopt's, "c:h"
 */
int args_next(int argc, char **argv, const char *program, const char *shorts, const struct option *longs);

/** "PROGRAM COMMAND: MESSAGE; see `PROGRAM COMMAND --help`" on stderr. */
void args_explain(const char *program, const char *command, const char *fmt, ...) PRINTF_LIKE(3, 4);

#endif
