/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "agent/cmd.h"
#include "agent/cmd_list.h"
#include "agent/conf_schema.h"
#include "agent/exits.h"
#include "agent/ref.h"
#include "base/args.h"

static const char help[] = "Usage: runnel schema [--markdown]\n"
			   "\n"
			   "The JSON Schema (draft-07) of the config, for editors. With the YAML language server:\n"
			   "\n"
			   "  runnel schema >runnel.schema.json\n"
			   "\n"
			   "and as the first line of the config\n"
			   "\n"
			   "  # yaml-language-server: $schema=runnel.schema.json\n"
			   "\n"
			   "  --markdown   the whole reference (docs/configure.md) instead\n"
			   "\n"
			   "Exit status: 0 done, 64 usage, 74 output failed.\n";

int cmd_schema(int argc, char **argv)
{
	static const struct option options[] = {
		{ "markdown", no_argument, NULL, 'm' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	void (*print)(struct dynbuf *) = conf_schema;
	struct dynbuf out;
	int c;

	while ((c = args_next(argc, argv, "runnel", "h", options)) != -1) {
		if (c == 'h') {
			fputs(help, stdout);
			return EXIT_DONE;
		}
		if (c != 'm')
			return EXIT_USAGE;
		print = ref_markdown;
	}
	if (optind < argc)
		return cmd_usage_error("schema", "unexpected '%s'", argv[optind]);
	dynbuf_init(&out, REF_MAX_BYTES);
	print(&out);
	return list_print(&out);
}
