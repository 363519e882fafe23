/* SPDX-License-Identifier: Apache-2.0 */
#include "base/args.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

enum { MAX_OPTIONS = 64, NAME_BYTES = 80 };

void args_explain(const char *program, const char *command, const char *fmt, ...)
{
	va_list args;

	fprintf(stderr, "%s %s: ", program, command);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fprintf(stderr, "; see `%s %s --help`\n", program, command);
}

static const char *nearest(const char *name, const struct option *longs)
{
	const char *names[MAX_OPTIONS];
	size_t n = 0;

	while (n < MAX_OPTIONS && longs[n].name) {
		names[n] = longs[n].name;
		n++;
	}
	return text_nearest(name, names, n);
}

/* "--name=value" without the value. */
static void explain_long(const char *argument, const char *program, const char *command, const struct option *longs)
{
	char name[NAME_BYTES];
	const char *near;

	snprintf(name, sizeof(name), "%.*s", (int)strcspn(argument, "="), argument);
	text_make_printable(name);
	near = nearest(name + 2, longs);
	if (near && strcmp(near, name + 2) == 0)
		args_explain(program, command, "option '%s' takes no value", name);
	else if (near)
		args_explain(program, command, "unknown option '%s', did you mean '--%s'?", name, near);
	else
		args_explain(program, command, "unknown option '%s'", name);
}

int args_next(int argc, char **argv, const char *program, const char *shorts, const struct option *longs)
{
	char silent[NAME_BYTES];
	const char *last;
	int c;

	snprintf(silent, sizeof(silent), ":%s", shorts);
	c = getopt_long(argc, argv, silent, longs, NULL);
	if (c != '?' && c != ':')
		return c;
	last = argv[optind - 1] ? argv[optind - 1] : argv[argc - 1]; /* musl is one further when a value is missing */
	if (c == ':')
		args_explain(program, argv[0], "option '%s' needs a value", last);
	else if (strncmp(last, "--", 2) == 0)
		explain_long(last, program, argv[0], longs);
	else
		args_explain(program, argv[0], "unknown option '-%c'", optopt);
	return ARGS_WRONG;
}
