/* SPDX-License-Identifier: Apache-2.0 */
/* export_options.h - the command line of `runnel-collector export`. */
#ifndef RUNNEL_COLLECTOR_EXPORT_OPTIONS_H
#define RUNNEL_COLLECTOR_EXPORT_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/check.h"
#include "collector/rows.h"

struct export_options {
	const char *store, *site;
	bool tables[ROWS_N_TABLES], is_sql, is_help, has_parts; /* any table but kpis */
	uint64_t from, to;					/* of w0 */
	int64_t after;
};

/** @return an exit code: -1 options are good, EX_OK (help) or EX_USAGE */
NODISCARD int export_options_parse(struct export_options *o, int argc, char **argv);

#endif
