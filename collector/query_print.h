/* SPDX-License-Identifier: Apache-2.0 */
/* query_print.h - answers for people (a table), for programs (JSON lines) and for sheets (CSV), row by row as they come. */
#ifndef RUNNEL_COLLECTOR_QUERY_PRINT_H
#define RUNNEL_COLLECTOR_QUERY_PRINT_H

#include "base/dynbuf.h"
#include "collector/past.h"
#include "collector/query_options.h"

struct query_print {
	const struct query_options *options;
	struct dynbuf line;
	size_t n_rows;
	int name_width, group_width;
};

void query_print_init(struct query_print *p, const struct query_options *o);
void query_print_free(struct query_print *p);

/** To stdout. @return 0, -EIO, or -EPIPE: nobody reads any more */
NODISCARD int query_print_row(struct query_print *p, const struct past_row *row);

/** As the collector told it. */
NODISCARD int query_print_told(struct query_print *p, const struct fleet_kpi *k);

/** What there is to ask for. */
NODISCARD int query_print_list(struct query_print *p, struct past *past);

#endif
