/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/export_options.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/args.h"
#include "base/text.h"
#include "base/timestamp.h"

static int print_help(void)
{
	puts("Usage: runnel-collector export --store FILE --rows TABLE[,TABLE...] [OPTION...]\n"
	     "\n"
	     "Writes what is in a store as rows to standard output. The collector may go on meanwhile.\n");
	for (int i = 0; i < ROWS_N_TABLES; i++)
		printf("  %-9s %s\n", rows_name((enum rows_table)i), rows_help((enum rows_table)i));
	puts("\n"
	     "  --store FILE    of runnel-collector run --store\n"
	     "  --rows TABLE    several with --sql\n"
	     "  --sql           INSERT statements for PostgreSQL and SQLite (docs/sql/schema.sql) in place of CSV\n"
	     "  --after N       only what came after: `change` of kpis, `id` of moments and buckets\n"
	     "  --from TIME     windows that begin then or later: 2025-11-21T04:00:00Z or Unix seconds\n"
	     "  --to TIME       windows that begin before\n"
	     "  --site NAME     this site alone\n"
	     "\n"
	     "Exit codes: 0 done, 64 usage, 66 no such store, 74 I/O.");
	return fflush(stdout) == 0 ? EX_OK : EX_IOERR;
}

static int refuse(const char *what, const char *value, const char *expected)
{
	args_explain("runnel-collector", "export", "%s '%s': expected %s", what, value, expected);
	return EX_USAGE;
}

static int take_table(struct export_options *o, const char *name, size_t len)
{
	for (int i = 0; i < ROWS_N_TABLES; i++) {
		if (strlen(rows_name((enum rows_table)i)) == len &&
		    memcmp(rows_name((enum rows_table)i), name, len) == 0) {
			o->tables[i] = true;
			return -1;
		}
	}
	return refuse("--rows", name, "kpis, features, metrics, moments or buckets");
}

static int take_tables(struct export_options *o, const char *text)
{
	for (;;) {
		size_t len = strcspn(text, ",");
		int r = take_table(o, text, len);

		if (r >= 0 || !text[len])
			return r;
		text += len + 1;
	}
}

static int take_time(const char *option, const char *text, uint64_t *out)
{
	int64_t us;

	if (timestamp_parse(text, strlen(text), &us) < 0 || us < 0)
		return refuse(option, text, "a time such as 2025-11-21T04:00:00Z");
	*out = (uint64_t)us / 1000000;
	return -1;
}

static int take_option(struct export_options *o, int id, const char *value)
{
	switch (id) {
	case 's':
		o->store = value;
		return -1;
	case 'r':
		return take_tables(o, value);
	case 'q':
		o->is_sql = true;
		return -1;
	case 'a':
		if (text_to_int64(value, &o->after) == 0 && o->after >= 0)
			return -1;
		return refuse("--after", value, "a whole number");
	case 'f':
		return take_time("--from", value, &o->from);
	case 't':
		return take_time("--to", value, &o->to);
	case 'n':
		o->site = value;
		return -1;
	case 'h':
		o->is_help = true;
		return -1;
	default:
		return EX_USAGE;
	}
}

static int check_after(const struct export_options *o, size_t n)
{
	if (o->after > 0 && o->tables[ROWS_FEATURES])
		return refuse("--after", "features", "--from and --to: a window of several parts is one row");
	if (o->after > 0 && o->tables[ROWS_KPIS] && n > 1)
		return refuse("--after", "kpis", "no other table with it: their numbers are not the same");
	return -1;
}

static int check(struct export_options *o)
{
	size_t n = 0;

	for (size_t i = 0; i < ROWS_N_TABLES; i++)
		n += o->tables[i];
	o->has_parts = n > (size_t)o->tables[ROWS_KPIS];
	if (!o->store)
		return refuse("--store", "", "the file of a store");
	if (n == 0 || (n > 1 && !o->is_sql))
		return refuse("--rows", "", n ? "one table, or --sql" : "a table");
	if (o->is_sql && o->tables[ROWS_FEATURES])
		return refuse("--sql", "features", "other rows: these are a view of moments and buckets there");
	return check_after(o, n);
}

int export_options_parse(struct export_options *o, int argc, char **argv)
{
	static const struct option longs[] = {
		{ "store", required_argument, NULL, 's' },
		{ "rows", required_argument, NULL, 'r' },
		{ "sql", no_argument, NULL, 'q' },
		{ "after", required_argument, NULL, 'a' },
		{ "from", required_argument, NULL, 'f' },
		{ "to", required_argument, NULL, 't' },
		{ "site", required_argument, NULL, 'n' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int id;

	*o = (struct export_options){ .to = INT64_MAX };
	optind = 1;
	while ((id = args_next(argc, argv, "runnel-collector", "h", longs)) >= 0) {
		int r = take_option(o, id, optarg);

		if (r >= 0)
			return r;
	}
	if (o->is_help)
		return print_help();
	if (optind < argc)
		return refuse("argument", argv[optind], "options alone");
	return check(o);
}
