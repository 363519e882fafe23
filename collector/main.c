/* SPDX-License-Identifier: Apache-2.0 */
/* runnel-collector: the commands, by name. */
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/check.h"
#include "base/fileio.h"
#include "collector/cmd_export.h"
#include "collector/cmd_query.h"
#include "collector/cmd_run.h"
#include "collector/cmd_top.h"

static const struct {
	const char *name, *help;
	int (*run)(int argc, char **argv);
} commands[] = {
	{ "run", "merge partial aggregates from a broker into fleet KPIs", collector_cmd_run },
	{ "query", "ask a store: any KPI or expression, over any time, by site, device or label", collector_cmd_query },
	{ "top", "show what a running collector knows, as a table", collector_cmd_top },
	{ "export", "the store as CSV or SQL", collector_cmd_export },
};

static int print_help(FILE *out)
{
	fputs("Usage: runnel-collector COMMAND [OPTION...]\n\n", out);
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		fprintf(out, "  %-8s %s\n", commands[i].name, commands[i].help);
	fputs("\n'runnel-collector COMMAND --help' tells more. --version prints the version.\n", out);
	return fflush(out) == 0 ? EX_OK : EX_IOERR;
}

int main(int argc, char **argv)
{
	fileio_occupy_standard();
	if (argc < 2) {
		print_help(stderr);
		return EX_USAGE;
	}
	if (strcmp(argv[1], "--help") == 0)
		return print_help(stdout);
	if (strcmp(argv[1], "--version") == 0 || (argc == 3 && strcmp(argv[2], "--version") == 0)) {
		puts("runnel-collector " RUNNEL_VERSION);
		return fflush(stdout) == 0 ? EX_OK : EX_IOERR;
	}
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		if (strcmp(argv[1], commands[i].name) == 0)
			return commands[i].run(argc - 1, argv + 1);
	fprintf(stderr, "runnel-collector: unknown command '%s'; see `runnel-collector --help`\n", argv[1]);
	return EX_USAGE;
}
