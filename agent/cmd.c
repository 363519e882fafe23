/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/cmd.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "agent/exits.h"

int cmd_load_conf(struct conf *c, const char *path)
{
	struct diag d = { .file = path };
	int r = conf_load(c, path, &d);

	diag_print(&d, stderr);
	diag_free(&d);
	if (r == 0)
		return EXIT_DONE;
	return r == -EINVAL ? EXIT_CONFIG : EXIT_IO;
}

int cmd_usage_error(const char *cmd, const char *fmt, ...)
{
	va_list args;

	fprintf(stderr, "runnel %s: ", cmd);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fprintf(stderr, "; see `runnel %s --help`\n", cmd);
	return EXIT_USAGE;
}
