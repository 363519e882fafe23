/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_run.h - `runnel-collector run`. */
#ifndef RUNNEL_COLLECTOR_CMD_RUN_H
#define RUNNEL_COLLECTOR_CMD_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/check.h"
#include "collector/sinks.h"

struct run_options {
	const char *broker, *username, *password_file, *ca_file, *cert_file, *key_file;
	const char *client_id; /* NULL: of host and process */
	const char *prefix;
	const char *site; /* "+": all */
	bool json, no_publish, verbose;
	const char *store;	      /* NULL: nothing outlives the program */
	const char *http, *http_name; /* [ADDR:]PORT of the fleet view, NULL: none; a name that a proxy has */
	const char *sinks[SINKS_MAX];
	size_t n_sinks;
	int64_t keep_us, keep_parts_us, keep_hours_us, deadline_us;
	int64_t run_us;		 /* 0: until a signal */
	uint64_t expect_devices; /* 0: whatever comes is fine */
};

/** @return an exit code: -1 options are good, EX_OK (help) or EX_USAGE */
NODISCARD int run_options_parse(struct run_options *o, int argc, char **argv);

/** argv[0] is "run". @return an exit code of sysexits(3) */
int collector_cmd_run(int argc, char **argv);

#endif
