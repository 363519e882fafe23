/* SPDX-License-Identifier: Apache-2.0 */
/* view.h - the fleet as a live table for a terminal: KPIs above, devices below, troubles in the first lines. */
#ifndef RUNNEL_COLLECTOR_VIEW_H
#define RUNNEL_COLLECTOR_VIEW_H

#include "base/dynbuf.h"
#include "base/mqtt.h"
#include "base/term.h"
#include "collector/fleet.h"

struct view;

/** What is shown, at one moment. */
struct view_subject {
	const struct fleet *fleet;
	struct mqtt_status mqtt;
	const char *broker; /* its address */
	const char *where;  /* of the page; "" none */
	int64_t now_us;
};

/** @return 0 or -ENOMEM */
NODISCARD int view_create(struct view **out, int fd);

/** @return 0 or the error of write(2) */
NODISCARD int view_show(struct view *v, const struct view_subject *s);

/** The same as text for a terminal elsewhere. @return 0 or -ENOMEM */
NODISCARD int view_render(const struct view_subject *s, const struct term *term, struct dynbuf *out);

/** Leaves what is shown where it is. NULL is fine. */
void view_free(struct view *v);

#endif
