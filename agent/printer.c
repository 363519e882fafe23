/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/printer.h"

#include <errno.h>
#include <unistd.h>

#include "pipelines/partial_json.h"

enum { LINE_BYTES = 1 << 20, FLUSH_BYTES = 64 * 1024 };

void printer_init(struct printer *p, bool is_line_buffered)
{
	dynbuf_init(&p->line, LINE_BYTES);
	p->is_line_buffered = is_line_buffered;
	p->error = 0;
}

int printer_flush(struct printer *p)
{
	size_t done = 0;

	while (p->error == 0 && done < p->line.len) {
		ssize_t n = write(STDOUT_FILENO, p->line.data + done, p->line.len - done);

		if (n < 0 && errno != EINTR)
			p->error = -errno;
		else if (n > 0)
			done += (size_t)n;
	}
	dynbuf_reset(&p->line);
	return p->error;
}

static void line_done(struct printer *p)
{
	if (p->is_line_buffered || p->line.len >= FLUSH_BYTES)
		printer_flush(p);
}

void printer_partial(struct printer *p, const struct partial *part, const struct contract *c)
{
	partial_to_json(part, c->metrics, c->n_metrics, NULL, &p->line);
	line_done(p);
}

void printer_kpi(struct printer *p, const struct kpi_def *kpi, uint64_t w0_s, double value, double coverage)
{
	kpi_to_json(kpi, w0_s, value, coverage, &p->line);
	line_done(p);
}

void printer_event(struct printer *p, const char *stream, const char *event, int64_t at_us, double value)
{
	event_to_json(stream, event, at_us, value, &p->line);
	line_done(p);
}

void printer_free(struct printer *p)
{
	printer_flush(p);
	dynbuf_free(&p->line);
}
