/* SPDX-License-Identifier: Apache-2.0 */
/*
 * web.h - the fleet view: what can be asked for by HTTP, as functions from what the collector knows to text. How requests come in is in
 * http.h; what JSON means is told in docs/fleet-view.md. Everything here only reads, on the loop's thread.
 */
#ifndef RUNNEL_COLLECTOR_WEB_H
#define RUNNEL_COLLECTOR_WEB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/dynbuf.h"
#include "base/json.h"
#include "base/mqtt.h"
#include "collector/fleet.h"
#include "collector/fleet_kpi.h"
#include "collector/pulse.h"
#include "collector/sinks.h"

enum { WEB_MAX_BODY_BYTES = 16 * 1024 * 1024, WEB_MAX_POINTS = 2000 };

/** What can be looked at. All of it is borrowed. */
struct web {
	const struct fleet *fleet;
	const struct mqtt *mqtt; /* NULL in tests */
	const char *broker, *store_path, *store_problem;
	struct sinks *sinks;	    /* NULL: none */
	int64_t started_us, now_us; /* wall clock; of this request */
	struct pulse pulse;
	uint64_t n_told; /* fleet KPIs */
};

struct web_request {
	const struct web *web;

	/** The value of an argument behind the question mark, decoded; NULL: none. */
	const char *(*argument)(const void *ctx, const char *name);
	const void *ctx;
};

struct web_route {
	const char *path, *type;
	int (*answer)(const struct web_request *q,
		      struct dynbuf *out); /* @return the HTTP status; NULL: a file that is built in */
	const char *data, *end;		   /* of the file */
	bool has_arguments; /* that the answer depends on; others are the same whatever stands behind the question mark */
};

/** By number; NULL past the end. New pages go into the table of web_routes.c. */
const struct web_route *web_route(size_t i);

/** The argument as a number; @otherwise when it is not there or none. */
int64_t web_number(const struct web_request *q, const char *name, int64_t otherwise);

/* --- answers --- */

int web_fleet(const struct web_request *q, struct dynbuf *out);
int web_devices(const struct web_request *q, struct dynbuf *out);
int web_device(const struct web_request *q, struct dynbuf *out);
int web_history(const struct web_request *q, struct dynbuf *out);
int web_top(const struct web_request *q, struct dynbuf *out);
int web_metrics(const struct web_request *q, struct dynbuf *out);

/* --- shared by answers --- */

void web_counters(struct json *j, const struct counters *c);

/** "online", "offline", "born" (no status yet), "unborn" or "retired" */
const char *web_device_state(const struct device *d);

/** How far behind the clock its watermark is, seconds; NaN: not known. */
double web_device_lag_s(const struct device *d, int64_t now_us);

/** Streams and KPIs as they came last, for web_fleet(). */
void web_streams(struct json *j, const struct fleet *f);
void web_kpis(struct json *j, const struct fleet *f);

#endif
