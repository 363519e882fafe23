/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libmicrohttpd on our loop: its epoll descriptor is one more that the loop watches, and its next time-out one more timer. An answer is made in one
 * piece from what is in memory, so it always shows one moment.
 *
 * What costs something to make is made at most once in CACHE_US, however many ask, and whatever arguments they make up; but what depends on its
 * arguments is made for each. Connections are few, small and end when they are idle, so who floods this port takes the page from others, and
 * nothing from the messages of the devices.
 *
 * A browser must not be a way in: the name in the Host header has to be ours (http_rules.h), pages of other sites get nothing, and ours may load and
 * send nothing but to us.
 */
#include "collector/http.h"

#include <assert.h>
#include <errno.h>
#ifdef RUNNEL_WITH_HTTP
#include <microhttpd.h>
#endif
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "collector/http_rules.h"
#include "collector/http_share.h"

bool http_is_there(void)
{
#ifdef RUNNEL_WITH_HTTP
	return true;
#else
	return false;
#endif
}

#ifdef RUNNEL_WITH_HTTP

enum {
	MAX_CONNECTIONS = 48,
	CONNECTION_BYTES = 16 * 1024,
	IDLE_S = 20,
	CACHE_US = 700000,
	RUN_MS = 3000,
	MAX_ROUTES = 32,
	NAME_BYTES = 80,
	N_NAMES = 3,
};

struct cached {
	struct MHD_Response *response; /* NULL: none */
	unsigned status;
	int64_t made_us;
};

struct http {
	struct loop *loop;
	struct loop_fd *watch;
	struct loop_timer *timer;
	struct MHD_Daemon *daemon;
	struct web *web;
	char own_name[NAME_BYTES], local_name[NAME_BYTES + 8];
	const char *names[N_NAMES];
	char where[HTTP_URL_BYTES];
	struct cached cached[MAX_ROUTES];
	struct http_share share; /* of answers with arguments */
};

static void add_headers(struct MHD_Response *r, const char *type)
{
	static const char *const headers[][2] = {
		{ "Content-Security-Policy",
		  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
		  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'" },
		{ "X-Content-Type-Options", "nosniff" },
		{ "X-Frame-Options", "DENY" },
		{ "Referrer-Policy", "no-referrer" },
		{ "Cross-Origin-Resource-Policy", "same-origin" },
		{ "Cross-Origin-Opener-Policy", "same-origin" },
		{ "Permissions-Policy", "camera=(), microphone=(), geolocation=()" },
		{ "Cache-Control", "no-store" },
	};

	for (size_t i = 0; i < ARRAY_LEN(headers); i++)
		MHD_add_response_header(r, headers[i][0], headers[i][1]);
	MHD_add_response_header(r, "Content-Type", type);
}

static enum MHD_Result answer_text(struct MHD_Connection *c, unsigned status, const char *text)
{
	struct MHD_Response *r = MHD_create_response_from_buffer(strlen(text), (void *)text, MHD_RESPMEM_PERSISTENT);
	enum MHD_Result result;

	if (!r)
		return MHD_NO;
	add_headers(r, "text/plain; charset=utf-8");
	if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
		MHD_add_response_header(r, "Allow", "GET, HEAD");
	result = MHD_queue_response(c, status, r);
	MHD_destroy_response(r);
	return result;
}

/* A page, or a program, is told when to come again, and a person why. */
static enum MHD_Result answer_busy(struct MHD_Connection *c, int64_t wait_us)
{
	static const char text[] = "{\"error\":\"busy with the questions of others: ask again in a moment\"}\n";
	struct MHD_Response *r =
		MHD_create_response_from_buffer(sizeof(text) - 1, (void *)text, MHD_RESPMEM_PERSISTENT);
	enum MHD_Result result;
	char seconds[24];

	if (!r)
		return MHD_NO;
	snprintf(seconds, sizeof(seconds), "%lld", (long long)((wait_us + 999999) / 1000000));
	add_headers(r, "application/json");
	MHD_add_response_header(r, "Retry-After", seconds);
	result = MHD_queue_response(c, MHD_HTTP_SERVICE_UNAVAILABLE, r);
	MHD_destroy_response(r);
	return result;
}

/* --- one answer --- */

static const char *argument(const void *ctx, const char *name)
{
	return MHD_lookup_connection_value((struct MHD_Connection *)ctx, MHD_GET_ARGUMENT_KIND, name);
}

static struct MHD_Response *make_file(const struct web_route *route)
{
	return MHD_create_response_from_buffer((size_t)(route->end - route->data), (void *)route->data,
					       MHD_RESPMEM_PERSISTENT);
}

static struct MHD_Response *make(struct http *h, const struct web_route *route, struct MHD_Connection *c,
				 unsigned *status)
{
	struct web_request q = { .web = h->web, .argument = argument, .ctx = c };
	struct MHD_Response *r;
	struct dynbuf body;

	*status = MHD_HTTP_OK;
	if (!route->answer)
		return make_file(route);
	dynbuf_init(&body, WEB_MAX_BODY_BYTES);
	h->web->now_us = loop_wall_us();
	*status = (unsigned)route->answer(&q, &body);
	if (body.overflow)
		*status = MHD_HTTP_INTERNAL_SERVER_ERROR;
	r = MHD_create_response_from_buffer(body.overflow ? 0 : body.len, body.data, MHD_RESPMEM_MUST_FREE);
	if (!r)
		dynbuf_free(&body);
	return r;
}

/* For one asker alone, and not kept. */
static enum MHD_Result answer_one(struct http *h, const struct web_route *route, struct MHD_Connection *c)
{
	int64_t begin_us = loop_mono_us(), wait_us = http_share_wait_us(&h->share, begin_us);
	struct MHD_Response *r;
	enum MHD_Result result;
	unsigned status;

	if (wait_us > 0)
		return answer_busy(c, wait_us);
	r = make(h, route, c, &status);
	http_share_take(&h->share, loop_mono_us() - begin_us);
	if (!r)
		return MHD_NO;
	add_headers(r, route->type);
	result = MHD_queue_response(c, status, r);
	MHD_destroy_response(r);
	return result;
}

static enum MHD_Result answer(struct http *h, size_t number, struct MHD_Connection *c)
{
	const struct web_route *route = web_route(number);
	struct cached *k = &h->cached[number];

	if (route->has_arguments)
		return answer_one(h, route, c);
	if (k->response && route->answer && loop_mono_us() - k->made_us > CACHE_US) {
		MHD_destroy_response(k->response);
		k->response = NULL;
	}
	if (!k->response) {
		k->made_us = loop_mono_us();
		k->response = make(h, route, c, &k->status);
		if (!k->response)
			return MHD_NO;
		add_headers(k->response, route->type);
	}
	return MHD_queue_response(c, k->status, k->response);
}

/* --- who may ask --- */

static bool is_foreign_page(struct MHD_Connection *c)
{
	const char *site = MHD_lookup_connection_value(c, MHD_HEADER_KIND, "Sec-Fetch-Site");
	const char *mode = MHD_lookup_connection_value(c, MHD_HEADER_KIND, "Sec-Fetch-Mode");

	/* A link to here may stand anywhere. */
	return site && (strcmp(site, "cross-site") == 0 || strcmp(site, "same-site") == 0) &&
	       !(mode && strcmp(mode, "navigate") == 0);
}

/* @return 0, or why not, with @text */
static unsigned refuse(struct http *h, struct MHD_Connection *c, const char *method, const char **text)
{
	const char *host = MHD_lookup_connection_value(c, MHD_HEADER_KIND, "Host");

	if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0) {
		*text = "This only shows: GET and HEAD.\n";
		return MHD_HTTP_METHOD_NOT_ALLOWED;
	}
	if (!host || !http_host_is_ours(host, h->names, N_NAMES)) {
		*text = "Not a name of this collector. Behind a proxy: --http-name NAME.\n";
		return MHD_HTTP_MISDIRECTED_REQUEST;
	}
	if (is_foreign_page(c)) {
		*text = "Not for pages of other sites.\n";
		return MHD_HTTP_FORBIDDEN;
	}
	return 0;
}

static enum MHD_Result on_request(void *ctx, struct MHD_Connection *c, const char *path, const char *method,
				  const char *version UNUSED, const char *upload UNUSED, size_t *upload_bytes,
				  void **state)
{
	struct http *h = ctx;
	const char *text;
	unsigned status;

	if (!*state) { /* the header is here */
		*state = h;
		status = refuse(h, c, method, &text);
		return status ? answer_text(c, status, text) : MHD_YES;
	}
	if (*upload_bytes > 0) { /* of a GET: nobody wants it */
		*upload_bytes = 0;
		return MHD_YES;
	}
	for (size_t i = 0; web_route(i); i++)
		if (strcmp(path, web_route(i)->path) == 0)
			return answer(h, i, c);
	return answer_text(c, MHD_HTTP_NOT_FOUND, "There is no such page.\n");
}

/* --- on the loop --- */

/*
 * Twice, because with as many connections as may be it does not listen, and begins to again in the next run after one has ended: which nothing else
 * would bring about. For the same reason it runs each few seconds in any case.
 */
static void serve(struct http *h)
{
	MHD_UNSIGNED_LONG_LONG ms = RUN_MS;

	MHD_run(h->daemon);
	MHD_run(h->daemon);
	if (MHD_get_timeout(h->daemon, &ms) != MHD_YES || ms > RUN_MS)
		ms = RUN_MS;
	loop_timer_set(h->timer, loop_mono_us() + (int64_t)ms * 1000);
}

static void on_ready(void *ctx, unsigned events UNUSED)
{
	serve(ctx);
}

static void on_timer(void *ctx)
{
	serve(ctx);
}

static void take_names(struct http *h, const char *name)
{
	if (gethostname(h->own_name, sizeof(h->own_name) - 1) < 0)
		h->own_name[0] = '\0';
	if (h->own_name[0] && !strchr(h->own_name, '.'))
		snprintf(h->local_name, sizeof(h->local_name), "%s.local", h->own_name);
	h->names[0] = name;
	h->names[1] = h->own_name;
	h->names[2] = h->local_name;
}

static int start(struct http *h, const struct http_options *o)
{
	struct http_address a;
	const union MHD_DaemonInfo *info;
	unsigned flags = MHD_USE_EPOLL;
	int r = http_parse_address(o->address, &a);

	if (r < 0)
		return r;
	if (a.at.any.sa_family == AF_INET6)
		flags |= MHD_USE_IPv6;
	errno = 0;
	h->daemon = MHD_start_daemon(flags, 0, NULL, NULL, on_request, h, MHD_OPTION_SOCK_ADDR, &a.at.any,
				     MHD_OPTION_CONNECTION_LIMIT, (unsigned)MAX_CONNECTIONS,
				     MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_BYTES,
				     MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_S, MHD_OPTION_STRICT_FOR_CLIENT, 1,
				     MHD_OPTION_END);
	if (!h->daemon)
		return errno ? -errno : -EIO;
	info = MHD_get_daemon_info(h->daemon, MHD_DAEMON_INFO_BIND_PORT);
	http_url(&a, info ? info->port : 0, h->where);
	if (!a.is_loopback)
		log_warning("fleet view: who can reach %s sees everything: there is no login", h->where);
	info = MHD_get_daemon_info(h->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	return info ? loop_fd_create(h->loop, &h->watch, info->epoll_fd, on_ready, h) : -EIO;
}

int http_open(struct http **out, struct loop *loop, const struct http_options *o, struct web *web)
{
	struct http *h = calloc(1, sizeof(*h));
	int r;

	assert(!web_route(MAX_ROUTES));
	if (!h)
		return -ENOMEM;
	h->loop = loop;
	h->web = web;
	take_names(h, o->name);
	r = loop_timer_create(loop, &h->timer, on_timer, h);
	if (r == 0)
		r = start(h, o);
	if (r < 0) {
		log_error("fleet view: cannot listen on %s: %s", o->address, strerror(-r));
		http_close(h);
		return r;
	}
	loop_fd_watch(h->watch, LOOP_READABLE);
	serve(h);
	log_notice("fleet view: %s", h->where);
	*out = h;
	return 0;
}

void http_close(struct http *h)
{
	if (!h)
		return;
	if (h->watch)
		loop_fd_free(h->watch);
	if (h->timer)
		loop_timer_free(h->timer);
	if (h->daemon)
		MHD_stop_daemon(h->daemon);
	for (size_t i = 0; i < MAX_ROUTES; i++)
		if (h->cached[i].response)
			MHD_destroy_response(h->cached[i].response);
	free(h);
}

const char *http_where(const struct http *h)
{
	return h ? h->where : "";
}

#else

int http_open(struct http **out UNUSED, struct loop *loop UNUSED, const struct http_options *o UNUSED,
	      struct web *web UNUSED)
{
	log_error("fleet view: this build has none: libmicrohttpd was not there");
	return -EOPNOTSUPP;
}

void http_close(struct http *h UNUSED)
{
}

const char *http_where(const struct http *h UNUSED)
{
	return "";
}

#endif
