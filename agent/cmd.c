/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/cmd.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "agent/exits.h"
#include "base/args.h"

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
	char text[400];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	args_explain("runnel", cmd, "%s", text);
	return EXIT_USAGE;
}
