/* SPDX-License-Identifier: Apache-2.0 */
/*
 * prometheus.h - the collector as numbers that Prometheus scrapes: OpenMetrics 1.0, with help, types and units. Newest windows, devices, what came and
 * what became of it, sinks. History is not Prometheus's to have from here: a sample is of the time it is asked for.
 */
#ifndef RUNNEL_COLLECTOR_PROMETHEUS_H
#define RUNNEL_COLLECTOR_PROMETHEUS_H

#include <stdbool.h>

#include "base/dynbuf.h"
#include "collector/fleet.h"
#include "collector/sinks.h"

#define PROMETHEUS_TYPE "application/openmetrics-text; version=1.0.0; charset=utf-8"

struct prometheus {
	const struct fleet *fleet;
	struct sinks *sinks; /* or NULL */
	bool is_connected;   /* to the broker */
	bool has_store, is_store_well;
};

void prometheus_write(const struct prometheus *p, struct dynbuf *out);

#endif
