/* SPDX-License-Identifier: Apache-2.0 */
/* printer.h - partials, KPIs and events as JSON lines on stdout, for people and pipes. */
#ifndef RUNNEL_AGENT_PRINTER_H
#define RUNNEL_AGENT_PRINTER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/dynbuf.h"
#include "pipelines/contract.h"
#include "pipelines/graph.h"
#include "pipelines/partial.h"

struct printer {
	struct dynbuf line;
	bool is_line_buffered; /* each line is written at once */
	int error;	       /* of the first write that failed, negative errno; then nothing is written any more */
};

void printer_init(struct printer *p, bool is_line_buffered);
void printer_partial(struct printer *p, const struct partial *part, const struct contract *c);
void printer_kpi(struct printer *p, const struct kpi_def *kpi, uint64_t w0_s, double value, double coverage);
void printer_event(struct printer *p, const char *stream, const char *event, int64_t at_us, double value);

/** Write what is buffered. @return 0 or printer.error */
int printer_flush(struct printer *p);
void printer_free(struct printer *p);

#endif
