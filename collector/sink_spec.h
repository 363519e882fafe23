/* SPDX-License-Identifier: Apache-2.0 */
/* sink_spec.h - "influx url=http://localhost:8086 database=plant": a sink as one argument of the command line. */
#ifndef RUNNEL_COLLECTOR_SINK_SPEC_H
#define RUNNEL_COLLECTOR_SINK_SPEC_H

#include "base/arena.h"
#include "base/check.h"
#include "collector/sink.h"

struct sink_spec {
	const struct sink_kind *kind;
	union {
		struct sink_common common;
		char bytes[SINK_MAX_CONFIG_BYTES];
	} config;
};

/** Texts are in @a. What is wrong is told on stderr. @return 0 or -EINVAL */
NODISCARD int sink_spec_parse(struct sink_spec *out, const char *text, struct arena *a);

#endif
