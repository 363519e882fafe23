/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_list.h - what `runnel drivers`, `operators`, `units` and `schema` share: arguments and output. */
#ifndef RUNNEL_AGENT_CMD_LIST_H
#define RUNNEL_AGENT_CMD_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/dynbuf.h"
#include "base/term.h"

struct list_arguments {
	const char *name; /* NULL: all */
	bool is_json;
	bool is_done; /* help has been printed */
};

/** [NAME] [--json] [--help]. @return EXIT_DONE or EXIT_USAGE, which has been explained */
int list_parse(int argc, char **argv, const char *help, struct list_arguments *a);

/** "runnel CMD: unknown WHAT 'NAME', did you mean 'NEAR'?"; @near may be NULL. @return EXIT_USAGE */
int list_unknown(const char *cmd, const char *what, const char *name, const char *near);

/** A table of rows of which @add puts cells of the @i-th. @add: is there an i-th? @return 0 or negative errno */
NODISCARD int list_table(const struct term_column *columns, size_t n_columns,
			 bool (*add)(struct term_table *table, size_t i));

/**
 * Before row @i of a table. A terminal shows what fits on one screen in place, so a long list is shown in
 * pieces that stay. @return 0 or the error of term_table_show()
 */
NODISCARD int list_begin_row(struct term_table *t, size_t i);

/** Show what is left of a table and free it. @r: the first error so far, or 0. @return @r or the error of term_table_show() */
NODISCARD int list_end_table(struct term_table *t, int r);

/** Explain that the output failed. @return EXIT_IO; EXIT_DONE when whoever reads it has closed the pipe */
int list_io_error(int error);

/** Write all of it to stdout and free it. @return EXIT_DONE or, explained, EXIT_IO */
int list_print(struct dynbuf *out);

#endif
