/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_explain.c - `runnel explain`: why a KPI has the value it has. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "agent/cmd.h"
#include "agent/exits.h"
#include "agent/explain.h"
#include "base/timestamp.h"

static const char help[] =
	"Usage: runnel explain KPI -c FILE --input CSV [--window TIME] [--json]\n"
	"\n"
	"One KPI with its numbers at every step: readings, operators, windows, merge, expression.\n"
	"\n"
	"  -c, --config FILE   config\n"
	"  -i, --input CSV     a recording, as for `runnel replay`; it is read twice\n"
	"  -w, --window TIME   the window in which this time is: Unix seconds or RFC 3339;\n"
	"                      default: the last that has a value\n"
	"      --json          one JSON object\n"
	"\n"
	"Exit status: 0 done, 1 there is no such window, 64 usage, 74 input or output failed, 78 config.\n";

struct arguments {
	const char *kpi, *config, *input;
	int64_t w0; /* or EXPLAIN_ANY_WINDOW */
	bool is_json, is_help;
};

static int parse_window(const char *text, int64_t *w0)
{
	int64_t at_us;

	if (timestamp_parse(text, strlen(text), &at_us) < 0)
		return cmd_usage_error("explain", "'%s' is no time, expected Unix seconds or 2025-11-21T04:40:00Z",
				       text);
	*w0 = at_us / 1000000;
	return EXIT_DONE;
}

static int check(int argc, char **argv, struct arguments *a)
{
	if (optind == argc)
		return cmd_usage_error("explain", "which KPI?");
	if (optind + 1 < argc)
		return cmd_usage_error("explain", "unexpected '%s'", argv[optind + 1]);
	a->kpi = argv[optind];
	if (!a->config || !a->input)
		return cmd_usage_error("explain", "%s is missing", a->config ? "--input" : "--config");
	if (strcmp(a->input, "-") == 0 || strcmp(a->config, "-") == 0)
		return cmd_usage_error("explain", "it reads twice, so - will not do, expected a file");
	return EXIT_DONE;
}

static int parse(int argc, char **argv, struct arguments *a)
{
	static const struct option options[] = {
		{ "config", required_argument, NULL, 'c' }, { "input", required_argument, NULL, 'i' },
		{ "window", required_argument, NULL, 'w' }, { "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },	    { NULL, 0, NULL, 0 },
	};
	int c, result = EXIT_DONE;

	while ((c = getopt_long(argc, argv, "c:i:w:h", options, NULL)) != -1) {
		if (c == 'c')
			a->config = optarg;
		else if (c == 'i')
			a->input = optarg;
		else if (c == 'w')
			result = parse_window(optarg, &a->w0);
		else if (c == 'j')
			a->is_json = true;
		else if (c == 'h')
			a->is_help = true;
		else
			return EXIT_USAGE;
		if (result != EXIT_DONE)
			return result;
	}
	return a->is_help ? EXIT_DONE : check(argc, argv, a);
}

static void show(const struct explanation *e, bool is_json)
{
	struct dynbuf line = { 0 };

	if (!is_json) {
		explain_print(e);
		return;
	}
	dynbuf_init(&line, EXPLAIN_MAX_JSON_BYTES);
	explain_json(e, &line);
	printf("%.*s\n", (int)line.len, line.data);
	dynbuf_free(&line);
}

int cmd_explain(int argc, char **argv)
{
	struct arguments a = { .w0 = EXPLAIN_ANY_WINDOW };
	struct explanation e;
	struct conf first, second;
	int result = parse(argc, argv, &a);

	if (result != EXIT_DONE)
		return result;
	if (a.is_help) {
		fputs(help, stdout);
		return EXIT_DONE;
	}
	result = cmd_load_conf(&first, a.config);
	if (result == EXIT_DONE)
		result = explain_choose(&e, &first, a.kpi, a.input, a.w0);
	conf_free(&first);
	if (result != EXIT_DONE)
		return result;
	result = cmd_load_conf(&second, a.config);
	if (result == EXIT_DONE)
		result = explain_run(&e, &second, a.kpi, a.input);
	if (result == EXIT_DONE)
		show(&e, a.is_json);
	conf_free(&second);
	return result;
}
