/* SPDX-License-Identifier: Apache-2.0 */
/* run_broker.h - how the collector speaks to the broker: as whom, and about what it wants to hear. */
#ifndef RUNNEL_COLLECTOR_RUN_BROKER_H
#define RUNNEL_COLLECTOR_RUN_BROKER_H

#include "base/loop.h"
#include "base/mqtt.h"
#include "collector/cmd_run.h"
#include "collector/run_store.h"

/** With its subscriptions, not yet started. @store: open, it notes down what comes. @return 0 or negative errno */
NODISCARD int run_broker_create(struct mqtt **out, struct loop *loop, const struct run_options *o,
				struct run_store *store, const struct mqtt_handlers *handlers, void *ctx);

#endif
