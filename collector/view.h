/* SPDX-License-Identifier: Apache-2.0 */
/* view.h - the fleet as a live table for a terminal: KPIs above, devices below, troubles in the first lines. */
#ifndef RUNNEL_COLLECTOR_VIEW_H
#define RUNNEL_COLLECTOR_VIEW_H

#include "base/mqtt.h"
#include "collector/fleet.h"

struct view;

/** @broker: its address, borrowed. @return 0 or -ENOMEM */
NODISCARD int view_create(struct view **out, int fd, const char *broker);

/** @return 0 or the error of write(2) */
NODISCARD int view_show(struct view *v, const struct fleet *f, const struct mqtt_status *mqtt, int64_t now_us);

/** Leaves what is shown where it is. NULL is fine. */
void view_free(struct view *v);

#endif
