/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "agent/cmd.h"
#include "agent/exits.h"
#include "base/args.h"

static const char help[] = "Usage: runnel check FILE...\n"
			   "\n"
			   "Check configs: every error with its place, what it is and what was expected.\n"
			   "FILE may be - for standard input. Nothing is changed and no hardware is touched.\n"
			   "\n"
			   "Exit status: 0 all are good, 74 a file can not be read, 78 a config has errors.\n";

int cmd_check(int argc, char **argv)
{
	static const struct option options[] = { { "help", no_argument, NULL, 'h' }, { NULL, 0, NULL, 0 } };
	int result = EXIT_DONE, c;

	while ((c = args_next(argc, argv, "runnel", "h", options)) != -1) {
		if (c != 'h')
			return EXIT_USAGE;
		fputs(help, stdout);
		return EXIT_DONE;
	}
	if (optind == argc)
		return cmd_usage_error("check", "no file given");
	for (int i = optind; i < argc; i++) {
		struct conf conf;
		int r = cmd_load_conf(&conf, argv[i]);

		if (r == EXIT_DONE)
			printf("%s: good: %zu sensors, %zu streams, %zu KPIs, %zu actions\n", argv[i], conf.n_sensors,
			       conf.plan.n_streams, conf.plan.n_kpis, conf.n_actions);
		else
			result = r;
		conf_free(&conf);
	}
	return result;
}
