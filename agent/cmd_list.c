/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/cmd_list.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agent/cmd.h"
#include "agent/exits.h"
#include "base/args.h"

int list_parse(int argc, char **argv, const char *help, struct list_arguments *a)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	while ((c = args_next(argc, argv, "runnel", "h", options)) != -1) {
		if (c == 'j') {
			a->is_json = true;
		} else if (c == 'h') {
			fputs(help, stdout);
			a->is_done = true;
			return EXIT_DONE;
		} else {
			return EXIT_USAGE;
		}
	}
	if (optind < argc)
		a->name = argv[optind++];
	return optind < argc ? cmd_usage_error(argv[0], "unexpected '%s'", argv[optind]) : EXIT_DONE;
}

int list_unknown(const char *cmd, const char *what, const char *name, const char *near)
{
	if (near)
		fprintf(stderr, "runnel %s: unknown %s '%s', did you mean '%s'?\n", cmd, what, name, near);
	else
		fprintf(stderr, "runnel %s: unknown %s '%s'; `runnel %s` lists them\n", cmd, what, name, cmd);
	return EXIT_USAGE;
}

int list_begin_row(struct term_table *t, size_t i)
{
	enum { TITLE_AND_CURSOR = 2 };
	struct term term;
	int r = 0;

	term_probe(&term, STDOUT_FILENO);
	if (term.is_terminal && i > 0 && term.height > TITLE_AND_CURSOR && i % (term.height - TITLE_AND_CURSOR) == 0) {
		r = term_table_show(t);
		term_table_keep(t);
	}
	return r;
}

int list_end_table(struct term_table *t, int r)
{
	if (r == 0)
		r = term_table_show(t);
	term_table_free(t);
	return r;
}

int list_table(const struct term_column *columns, size_t n_columns, bool (*add)(struct term_table *table, size_t i))
{
	struct term_table *table;
	int r = term_table_create(&table, STDOUT_FILENO, columns, n_columns);

	if (r < 0)
		return r;
	for (size_t i = 0; (r = list_begin_row(table, i)) == 0 && add(table, i); i++)
		;
	return list_end_table(table, r);
}

int list_io_error(int error)
{
	if (error == -EPIPE) /* `| head` has seen enough */
		return EXIT_DONE;
	fprintf(stderr, "runnel: cannot write: %s\n", strerror(-error));
	return EXIT_IO;
}

int list_print(struct dynbuf *out)
{
	bool is_written = fwrite(dynbuf_text(out), 1, out->len, stdout) == out->len && fflush(stdout) == 0;
	int r = is_written ? EXIT_DONE : list_io_error(-errno);

	dynbuf_free(out);
	return r;
}
