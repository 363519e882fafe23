/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http.h - the fleet view over HTTP: GET and HEAD of what web.h has, and nothing else. On the loop: there are no threads, and no locks.
 * No login and no encryption: it listens on this machine alone unless told otherwise, and a proxy in front can add both.
 */
#ifndef RUNNEL_COLLECTOR_HTTP_H
#define RUNNEL_COLLECTOR_HTTP_H

#include <stdbool.h>

#include "base/check.h"
#include "base/loop.h"
#include "collector/web.h"

struct http;

struct http_options {
	const char *address; /* for http_parse_address() */
	const char *name;    /* that a proxy has, or NULL */
};

/** Whether this build can. */
bool http_is_there(void);

/** Listen. On an error the reason is logged. @web: borrowed. @return 0 or a negative error */
NODISCARD int http_open(struct http **out, struct loop *loop, const struct http_options *o, struct web *web);

/** NULL is fine. */
void http_close(struct http *h);

/** Where it is: "http://127.0.0.1:8080/"; "" for NULL. */
const char *http_where(const struct http *h);

#endif
