/* SPDX-License-Identifier: Apache-2.0 */
/* http_post.h - one request at a time over a connection that is kept. The only code that knows libcurl. */
#ifndef RUNNEL_COLLECTOR_HTTP_POST_H
#define RUNNEL_COLLECTOR_HTTP_POST_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/check.h"

struct http_post;

struct http_post_options {
	const char *url;
	const char *username, *password; /* NULL: none */
	const char *authorization;	 /* a header's value, or NULL */
	const char *ca_file;		 /* NULL: the system's */
	const atomic_bool *stop;	 /* gives up the request that is under way */
};

/** Whether the program was built with it. */
bool http_post_is_built(void);

/** Texts are copied. @return 0 or -ENOSYS, -ENOMEM, -EINVAL: the URL */
NODISCARD int http_post_open(struct http_post **out, const struct http_post_options *o);
void http_post_close(struct http_post *h); /* NULL is fine */

struct http_post_answer {
	long status;	/* of HTTP */
	char text[200]; /* the first line of it, or why there is none */
};

/** Waits for the answer, 30 s at most. @return 0: there is one, whatever it says; -EAGAIN: none */
NODISCARD int http_post_send(struct http_post *h, const void *body, size_t bytes, struct http_post_answer *out);

#endif
