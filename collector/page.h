/* SPDX-License-Identifier: Apache-2.0 */
/* page.h - the fleet view of a collector that runs: what is shown (web.h), and where (http.h). */
#ifndef RUNNEL_COLLECTOR_PAGE_H
#define RUNNEL_COLLECTOR_PAGE_H

#include "base/check.h"
#include "base/loop.h"
#include "base/mqtt.h"
#include "collector/fleet.h"
#include "collector/http.h"

struct page;

struct page_options {
	struct http_options http;
	const char *broker, *store; /* their addresses, to be shown */
	struct sinks *sinks;	    /* NULL: none */
};

/** All is borrowed. On an error the reason is logged. @return 0 or a negative error */
NODISCARD int page_open(struct page **out, struct loop *loop, const struct page_options *o, struct fleet *f,
			const struct mqtt *m);

/* The others take NULL: no page. */

void page_close(struct page *p);

/** A fleet KPI was told. */
void page_count_told(struct page *p);

/** Each second. @store_problem: "" none */
void page_beat(struct page *p, const char *store_problem);

/** Its address, "" for NULL. */
const char *page_where(const struct page *p);

#endif
