/* SPDX-License-Identifier: Apache-2.0 */
/* main.c - `runnel`: finds the command and hands over. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "agent/cmd.h"
#include "agent/exits.h"
#include "base/fileio.h"
#include "base/text.h"

static const struct command {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *help;
} commands[] = {
	{ "run", cmd_run, "read sensors, make partials, publish them" },
	{ "demo", cmd_demo, "see it work: simulated and host sensors, no file, no broker" },
	{ "check", cmd_check, "validate configs" },
	{ "scan", cmd_scan, "what is connected here, and a config that reads it" },
	{ "read", cmd_read, "read sensors now, show values and faults" },
	{ "status", cmd_status, "ask the running agent: sensors, streams, spool, clock, broker" },
	{ "provision", cmd_provision, "files for a card, so that a board becomes an agent by itself" },
	{ "clock", cmd_clock, "does the kernel say that the time is right?" },
	{ "replay", cmd_replay, "recorded samples through the same pipelines" },
	{ "explain", cmd_explain, "one KPI with its numbers at every step" },
	{ "push", cmd_push, "sign a config, send it to boards and wait for their answers" },
	{ "decode", cmd_decode, "a partial message as JSON" },
	{ "drivers", cmd_drivers, "what sensors there are, with every option" },
	{ "operators", cmd_operators, "what streams can do, with every option" },
	{ "units", cmd_units, "units and their default contracts" },
	{ "schema", cmd_schema, "JSON Schema of the config, for editors" },
};

static void print_help(FILE *out)
{
	fputs("Usage: runnel COMMAND [OPTION...]\n\n"
	      "Sensor readings become exact partial aggregates that merge into fleet KPIs.\n\n",
	      out);
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		fprintf(out, "  %-10s %s\n", commands[i].name, commands[i].help);
	fputs("\n`runnel COMMAND --help` tells more. Start with `runnel demo`.\n", out);
}

static int unknown(const char *name)
{
	const char *names[ARRAY_LEN(commands)], *near;

	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		names[i] = commands[i].name;
	near = text_nearest(name, names, ARRAY_LEN(names));
	if (near)
		fprintf(stderr, "runnel: unknown command '%s', did you mean '%s'?\n", name, near);
	else
		fprintf(stderr, "runnel: unknown command '%s'; see `runnel --help`\n", name);
	return EXIT_USAGE;
}

static int run(int argc, char **argv)
{
	if (argc < 2) {
		print_help(stderr);
		return EXIT_USAGE;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0) {
		print_help(stdout);
		return EXIT_DONE;
	}
	if (strcmp(argv[1], "--version") == 0 || (argc == 3 && strcmp(argv[2], "--version") == 0)) {
		puts("runnel " RUNNEL_VERSION);
		return EXIT_DONE;
	}
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		if (strcmp(argv[1], commands[i].name) == 0)
			return commands[i].run(argc - 1, argv + 1);
	return unknown(argv[1]);
}

/* What a command did not notice when it printed is seen here, for all of them. */
int main(int argc, char **argv)
{
	int result;

	fileio_occupy_standard();
	signal(SIGPIPE, SIG_IGN); /* a closed pipe or socket is an error code, not the end */
	result = run(argc, argv);
	if ((fflush(stdout) == 0 && !ferror(stdout)) || result != EXIT_DONE)
		return result;
	if (errno == EPIPE) /* `| head` has seen enough */
		return EXIT_DONE;
	fprintf(stderr, "runnel: cannot write: %s\n", strerror(errno));
	return EXIT_IO;
}
