/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/http_rules.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

enum { HOST_BYTES = 256 };

static int parse_port(const char *text, in_port_t *out)
{
	int64_t port;

	if (text[0] == '\0' || text[strspn(text, "0123456789")] != '\0' || text_to_int64(text, &port) < 0 ||
	    port > UINT16_MAX)
		return -EINVAL;
	*out = htons((uint16_t)port);
	return 0;
}

static int parse_v6(const char *host, const char *port, struct http_address *a)
{
	a->at.v6.sin6_family = AF_INET6;
	if (inet_pton(AF_INET6, host, &a->at.v6.sin6_addr) != 1)
		return -EINVAL;
	a->is_loopback = IN6_IS_ADDR_LOOPBACK(&a->at.v6.sin6_addr);
	return parse_port(port, &a->at.v6.sin6_port);
}

static int parse_v4(const char *host, const char *port, struct http_address *a)
{
	a->at.v4.sin_family = AF_INET;
	if (inet_pton(AF_INET, strcmp(host, "localhost") == 0 ? "127.0.0.1" : host, &a->at.v4.sin_addr) != 1)
		return -EINVAL;
	a->is_loopback = ntohl(a->at.v4.sin_addr.s_addr) >> 24 == 127;
	return parse_port(port, &a->at.v4.sin_port);
}

int http_parse_address(const char *text, struct http_address *out)
{
	const char *colon = strrchr(text, ':');
	size_t len = colon ? (size_t)(colon - text) : 0;
	struct http_address a = { 0 };
	char host[HOST_BYTES];
	int r;

	if (len >= sizeof(host))
		return -EINVAL;
	snprintf(host, sizeof(host), "%.*s", (int)len, text);
	if (!colon)
		r = parse_v4("127.0.0.1", text, &a);
	else if (host[0] == '[' && host[len - 1] == ']') {
		host[len - 1] = '\0';
		r = parse_v6(host + 1, colon + 1, &a);
	} else
		r = parse_v4(host, colon + 1, &a);
	if (r == 0)
		*out = a;
	return r;
}

const char *http_url(const struct http_address *a, uint16_t port, char out[static HTTP_URL_BYTES])
{
	char host[INET6_ADDRSTRLEN] = "";

	if (a->at.any.sa_family == AF_INET6) {
		inet_ntop(AF_INET6, &a->at.v6.sin6_addr, host, sizeof(host));
		snprintf(out, HTTP_URL_BYTES, "http://[%s]:%u/", host, port);
	} else {
		inet_ntop(AF_INET, &a->at.v4.sin_addr, host, sizeof(host));
		snprintf(out, HTTP_URL_BYTES, "http://%s:%u/", host, port);
	}
	return out;
}

static bool is_address(const char *host)
{
	struct in6_addr any;
	size_t len = strlen(host);
	char inner[HOST_BYTES];

	if (inet_pton(AF_INET, host, &any) == 1)
		return true;
	if (len < 3 || host[0] != '[' || host[len - 1] != ']')
		return false;
	snprintf(inner, sizeof(inner), "%.*s", (int)len - 2, host + 1);
	return inet_pton(AF_INET6, inner, &any) == 1;
}

bool http_host_is_ours(const char *host, const char *const names[], size_t n_names)
{
	const char *end = strrchr(host, ':');
	size_t len = strlen(host);
	char name[HOST_BYTES];

	if (end && end[1 + strspn(end + 1, "0123456789")] == '\0') /* a port, and not the end of an IPv6 address */
		len = (size_t)(end - host);
	if (len == 0 || len >= sizeof(name))
		return false;
	snprintf(name, sizeof(name), "%.*s", (int)len, host);
	if (is_address(name) || strcasecmp(name, "localhost") == 0)
		return true;
	for (size_t i = 0; i < n_names; i++)
		if (names[i] && names[i][0] && strcasecmp(name, names[i]) == 0)
			return true;
	return false;
}
