/* SPDX-License-Identifier: Apache-2.0 */
/* http_get.h - just enough of a client to ask a collector for a page. It waits, and is for commands that have nothing else to do. */
#ifndef RUNNEL_COLLECTOR_HTTP_GET_H
#define RUNNEL_COLLECTOR_HTTP_GET_H

#include "base/check.h"
#include "base/dynbuf.h"
#include "collector/http_rules.h"

/**
 * GET @path of the collector at @a. Its text comes to @body, which was made for it.
 * @return the HTTP status, or negative errno: -ECONNREFUSED, -ETIMEDOUT, -EBADMSG (no HTTP, or too long), ...
 */
NODISCARD int http_get(const struct http_address *a, const char *path, struct dynbuf *body);

/** The same from what was received: to be tested without a network. @received ends with a NUL. */
NODISCARD int http_get_parse(const char *received, size_t bytes, struct dynbuf *body);

#endif
