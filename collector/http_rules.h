/* SPDX-License-Identifier: Apache-2.0 */
/* http_rules.h - where the fleet view listens, and to whom it answers. Pure. */
#ifndef RUNNEL_COLLECTOR_HTTP_RULES_H
#define RUNNEL_COLLECTOR_HTTP_RULES_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/check.h"

enum { HTTP_URL_BYTES = 96 };

struct http_address {
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} at;
	bool is_loopback;
};

/** `8080`, `192.0.2.1:8080`, `[2001:db8::1]:8080`, `localhost:8080`. Without an address: 127.0.0.1. Port 0: any. @return 0 or -EINVAL */
NODISCARD int http_parse_address(const char *text, struct http_address *out);

/** "http://127.0.0.1:8080/", with @port in the place of its own. @return @out */
const char *http_url(const struct http_address *a, uint16_t port, char out[static HTTP_URL_BYTES]);

/**
 * Whether the Host header of a request is one of ours: an address, localhost, or one of @names (NULL ones are skipped). A page of
 * somebody else, whose name was made to lead to this machine (DNS rebinding), comes with that name, and gets nothing.
 */
bool http_host_is_ours(const char *host, const char *const names[], size_t n_names);

#endif
