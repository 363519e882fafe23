/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/query_options.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/args.h"
#include "base/text.h"
#include "base/timestamp.h"

static const char help[] =
	"Usage: runnel-collector query --store FILE [OPTION...] [KPI | EXPRESSION]...\n"
	"\n"
	"What the fleet did, from a store of runnel-collector run --store, which may go on meanwhile. Without a KPI: "
	"all of them.\n"
	"\n"
	"A KPI by its name gives what the collector told, by site. With --by, --device, --label or --window it is "
	"merged again from\n"
	"the parts; and so is any expression over streams, whether or not anybody asked for it then:\n"
	"\n"
	"  runnel-collector query --store fleet.db --list\n"
	"  runnel-collector query --store fleet.db temp_p95 --last 1d\n"
	"  runnel-collector query --store fleet.db 'quantile(temp, 0.99)' 'max(temp) - min(temp)' --window 1h --by "
	"line\n"
	"  runnel-collector query --store fleet.db 'increase(energy)' --window all --by device --csv\n"
	"\n"
	"  --list             what there is to ask for: sites, streams, KPIs, from when to when\n"
	"  --last DURATION    up to the newest data, or up to --to (default 1h)\n"
	"  --from TIME        windows that begin then or later: 2025-11-21T04:00:00Z or Unix seconds\n"
	"  --to TIME          windows that begin before\n"
	"  --window DURATION  length of the windows, from midnight UTC on; all: one from --from to --to\n"
	"                     (default: that of the KPI, or of the streams)\n"
	"  --by WHAT          site (default), device, none, or the name of a label\n"
	"  --site NAME        --device NAME    --label NAME=VALUE    these alone\n"
	"  --deadline DURATION  what is not complete by then is called CLOSED (default 24h)\n"
	"  --json             one object a line\n"
	"  --csv\n"
	"\n"
	"An empty value is missing, never 0. Numbers of samples and devices, and coverage, tell what a value rests "
	"on.\n"
	"\n"
	"Exit codes: 0 done, 64 usage or a wrong expression, 66 no such store, 74 I/O.\n";

static int refuse(const char *what, const char *value, const char *expected)
{
	args_explain("runnel-collector", "query", "%s '%s': expected %s", what, value, expected);
	return EX_USAGE;
}

static int take_time(const char *option, const char *text, uint64_t *out, bool *has)
{
	int64_t us;

	if (timestamp_parse(text, strlen(text), &us) < 0 || us < 0)
		return refuse(option, text, "a time such as 2025-11-21T04:00:00Z");
	*out = (uint64_t)us / 1000000;
	*has = true;
	return -1;
}

/* Whole seconds. */
static int take_duration(const char *option, const char *text, uint64_t *out)
{
	int64_t us;

	if (text_to_duration_us(text, &us) < 0 || us <= 0 || us % 1000000 != 0 || us / 1000000 > PAST_LONGEST_WINDOW_S)
		return refuse(option, text, "a duration of whole seconds, at most 366d, such as 1h");
	*out = (uint64_t)us / 1000000;
	return -1;
}

static int take_window(struct query_options *o, const char *text)
{
	uint64_t s = 0;
	int r = -1;

	o->is_computed = true;
	o->scope.is_whole = strcmp(text, "all") == 0;
	if (!o->scope.is_whole)
		r = take_duration("--window", text, &s);
	o->scope.window_s = (uint32_t)s;
	return r;
}

static int take_by(struct query_options *o, const char *text)
{
	o->has_by = true;
	o->is_computed = o->is_computed || strcmp(text, "site") != 0;
	if (strcmp(text, "site") == 0) {
		o->scope.by = PAST_BY_SITE;
	} else if (strcmp(text, "device") == 0) {
		o->scope.by = PAST_BY_DEVICE;
	} else if (strcmp(text, "none") == 0) {
		o->scope.by = PAST_BY_NOTHING;
	} else {
		o->scope.by = PAST_BY_LABEL;
		o->scope.by_label = text;
	}
	return *text ? -1 : refuse("--by", text, "site, device, none, or the name of a label");
}

static int take_label(struct query_options *o, const char *text)
{
	o->scope.label = text;
	o->is_computed = true;
	return strchr(text, '=') && text[0] != '=' ? -1 : refuse("--label", text, "NAME=VALUE");
}

enum { STORE = 256, LIST, LAST, FROM, TO, WINDOW, BY, SITE, DEVICE, LABEL, DEADLINE, JSON, CSV, HELP };

static int take_word(struct query_options *o, int id, const char *value)
{
	switch (id) {
	case STORE:
		o->store = value;
		return -1;
	case SITE:
		o->scope.site = value;
		return -1;
	case DEVICE:
		o->scope.device = value;
		o->is_computed = true;
		return -1;
	case LIST:
		o->is_list = true;
		return -1;
	case JSON:
		o->format = QUERY_JSON;
		return -1;
	case CSV:
		o->format = QUERY_CSV;
		return -1;
	case HELP:
		o->is_help = true;
		return -1;
	default:
		return EX_USAGE;
	}
}

static int take_option(struct query_options *o, int id, const char *value)
{
	switch (id) {
	case LAST:
		return take_duration("--last", value, &o->last_s);
	case FROM:
		return take_time("--from", value, &o->scope.from, &o->has_from);
	case TO:
		return take_time("--to", value, &o->scope.to, &o->has_to);
	case WINDOW:
		return take_window(o, value);
	case BY:
		return take_by(o, value);
	case LABEL:
		return take_label(o, value);
	case DEADLINE:
		return take_duration("--deadline", value, &o->scope.deadline_s);
	default:
		return take_word(o, id == 'h' ? HELP : id, value);
	}
}

static int check(struct query_options *o, int argc, char **argv)
{
	for (; optind < argc; optind++) {
		if (o->n_questions == PAST_MAX_QUESTIONS)
			return refuse("argument", argv[optind], "at most 16 KPIs and expressions");
		o->questions[o->n_questions++] = argv[optind];
	}
	if (!o->store)
		return refuse("--store", "", "the file of a store");
	if (o->has_from && o->last_s > 0)
		return refuse("--last", "", "this or --from");
	if (o->has_from && o->has_to && o->scope.from >= o->scope.to)
		return refuse("--to", "", "a time after --from");
	if (o->n_questions == 0 && o->is_computed && !o->is_list)
		return refuse("argument", "", "a KPI or an expression to merge again");
	return -1;
}

int query_options_parse(struct query_options *o, int argc, char **argv)
{
	static const struct option longs[] = {
		{ "store", required_argument, NULL, STORE },
		{ "list", no_argument, NULL, LIST },
		{ "last", required_argument, NULL, LAST },
		{ "from", required_argument, NULL, FROM },
		{ "to", required_argument, NULL, TO },
		{ "window", required_argument, NULL, WINDOW },
		{ "by", required_argument, NULL, BY },
		{ "site", required_argument, NULL, SITE },
		{ "device", required_argument, NULL, DEVICE },
		{ "label", required_argument, NULL, LABEL },
		{ "deadline", required_argument, NULL, DEADLINE },
		{ "json", no_argument, NULL, JSON },
		{ "csv", no_argument, NULL, CSV },
		{ "help", no_argument, NULL, HELP },
		{ NULL, 0, NULL, 0 },
	};
	int id;

	*o = (struct query_options){ .scope = { .deadline_s = 86400 } };
	optind = 1;
	while ((id = args_next(argc, argv, "runnel-collector", "h", longs)) >= 0) {
		int r = take_option(o, id, optarg);

		if (r >= 0)
			return r;
	}
	if (!o->is_help)
		return check(o, argc, argv);
	fputs(help, stdout);
	return fflush(stdout) == 0 ? EX_OK : EX_IOERR;
}
