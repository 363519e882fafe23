/* SPDX-License-Identifier: Apache-2.0 */
/* intake.h - from topics to what the fleet knows: which device speaks, and about what. */
#ifndef RUNNEL_COLLECTOR_INTAKE_H
#define RUNNEL_COLLECTOR_INTAKE_H

#include <stdint.h>

#include "base/mqtt.h"
#include "collector/fleet.h"

/** A message below @prefix. Topics that are not for collectors are skipped. */
void intake_message(struct fleet *f, const char *prefix, const struct mqtt_message *m, int64_t now_us);

#endif
