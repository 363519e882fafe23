/* SPDX-License-Identifier: Apache-2.0 */
/*
 * report.h - what `runnel status` shows, from the running agent to the command: lines of a kind and its fields with tabs between. A local
 * socket beside the spool, for the agent's own user and root alone; whoever connects gets one report and is hung up on, so
 * nothing is parsed here and nobody is waited for.
 */
#ifndef RUNNEL_AGENT_REPORT_H
#define RUNNEL_AGENT_REPORT_H

#include "base/dynbuf.h"
#include "base/loop.h"

enum {
	REPORT_MAX_BYTES =
		192 * 1024, /* fits in what the kernel takes at once, so that nobody who does not read holds us up */
	REPORT_MAX_FIELDS = 12,
	REPORT_PATH_BYTES = 108,
};

/** The socket of the agent with this spool. @return 0 or -ENAMETOOLONG */
NODISCARD int report_path(char out[static REPORT_PATH_BYTES], const char *spool_path);

/** One line: @kind and @n fields; what would end a field is shown as a space. */
void report_line(struct dynbuf *out, const char *kind, const char *const fields[], size_t n);

#define REPORT(out, kind, ...)                                       \
	report_line(out, kind, (const char *const[]){ __VA_ARGS__ }, \
		    sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *))

struct report_socket;

/**
 * Listen beside @spool_path. Takes the place of a socket that was left behind: the lock on the spool says that nobody uses it.
 * @write is called for whoever connects. @return 0 or negative errno
 */
NODISCARD int report_listen(struct report_socket **out, struct loop *loop, const char *spool_path,
			    void (*write)(void *ctx, struct dynbuf *out), void *ctx);

/** NULL is fine. */
void report_close(struct report_socket *s);

#endif
