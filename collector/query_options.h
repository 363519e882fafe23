/* SPDX-License-Identifier: Apache-2.0 */
/* query_options.h - the command line of `runnel-collector query`. */
#ifndef RUNNEL_COLLECTOR_QUERY_OPTIONS_H
#define RUNNEL_COLLECTOR_QUERY_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/check.h"
#include "collector/past.h"

enum query_format { QUERY_TABLE, QUERY_JSON, QUERY_CSV };

struct query_options {
	const char *store;
	struct past_scope scope; /* but for from and to, when they are not told */
	bool has_from, has_to, has_by, is_list, is_help, is_computed;
	uint64_t last_s;
	enum query_format format;
	const char *questions[PAST_MAX_QUESTIONS];
	size_t n_questions;
};

/** @return an exit code: -1 options are good, EX_OK (help) or EX_USAGE */
NODISCARD int query_options_parse(struct query_options *o, int argc, char **argv);

#endif
