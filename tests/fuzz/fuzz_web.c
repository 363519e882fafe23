/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a browser can send, past the library that takes HTTP apart: line 1 is the Host header, line 2 the path with its arguments. Only an address or
 * localhost is one of our names when we have none; and whatever is asked of a fleet with a store, the answer is JSON.
 */
#define _GNU_SOURCE
#include <assert.h>
#include <ctype.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/log.h"
#include "collector/archive.h"
#include "collector/http_rules.h"
#include "collector/intake.h"
#include "collector/json_in_private.h"
#include "collector/web.h"
#include "pipelines/wire.h"

enum { T0 = 1763697600, MINUTES = 150, MAX_ARGUMENTS = 16 };

static const char contract_text[] =
	"{\"metrics\":[{\"id\":0,\"name\":\"t@1\",\"unit\":\"Cel\",\"kind\":\"gauge\",\"K\":20,\"q\":0.01,\"sketch\":"
	"{\"kind\":\"lin\",\"width\":10},\"period_ms\":1000,\"window\":60}],\"kpis\":[{\"name\":\"m\",\"expression\":"
	"\"mean(t)\",\"unit\":\"Cel\",\"window\":60}]}";

static const char birth[] = "{\"boot\":1,\"revision\":1,\"nonce\":\"0123456789abcdef\",\"contract\":\"%08x\","
			    "\"labels\":{\"line\":\"</script>\\u001b[2J\"}}";

static void tell(void *ctx, const struct fleet_kpi *k, bool is_newest)
{
	(void)ctx;
	(void)k;
	(void)is_newest;
}

static void say(struct fleet *f, const char *device, const char *leaf, const void *payload, size_t bytes)
{
	char topic[96];
	const struct mqtt_message m = { topic, payload, bytes, 1, false, 0 };

	snprintf(topic, sizeof(topic), "p/s/%s/%s", device, leaf);
	intake_message(f, "p", &m, (int64_t)(T0 + 60 * MINUTES) * 1000000);
}

static void send_minute(struct fleet *f, const char *device, const struct metric_def *metrics, uint32_t minute)
{
	struct partial_metric m = {
		.agg = { .n = 2, .expected = 60, .s1 = 50, .min = 20, .max = 30, .first = 20, .last = 30 }
	};
	struct partial p = { .version = PARTIAL_VERSION,
			     .site = "s",
			     .boot = 1,
			     .seq = minute + 1,
			     .w0 = T0 + 60 * minute,
			     .wl = 60,
			     .wm = T0 + 60 * (minute + 1),
			     .contract = contract_hash(contract_text, strlen(contract_text)),
			     .n_metrics = 1,
			     .metrics = &m };
	uint8_t out[PARTIAL_MAX_BYTES];
	int n;

	snprintf(p.device, sizeof(p.device), "%s", device);
	m.agg.s2.lo = 1300;
	m.agg.first_at_ms = m.agg.last_at_ms = (int64_t)p.w0 * 1000;
	n = wire_encode(&p, metrics, out, sizeof(out));
	assert(n > 0);
	say(f, device, "partial", out, (size_t)n);
}

static void introduce(struct fleet *f, const char *device)
{
	uint32_t hash = contract_hash(contract_text, strlen(contract_text));
	char leaf[32], text[256];

	snprintf(leaf, sizeof(leaf), "contract/%08x", hash);
	say(f, device, leaf, contract_text, strlen(contract_text));
	snprintf(text, sizeof(text), birth, hash);
	say(f, device, "birth", text, strlen(text));
}

/* Two devices and their last hours, made once: to ask changes nothing. */
static const struct web *fleet_to_look_at(void)
{
	static struct web w;
	struct archive_options o = { 0 };
	struct fleet_kpi_sink sink = { tell, NULL };
	struct archive *a;
	struct fleet *f;

	if (w.fleet)
		return &w;
	log_set_level(LOG_LEVEL_WARNING);
	f = fleet_new(3600);
	f->keeps_texts = true;
	assert(archive_open(&a, f, &o, (int64_t)T0 * 1000000) == 0);
	introduce(f, "a");
	introduce(f, "b");
	for (uint32_t m = 0; m < MINUTES; m++) {
		send_minute(f, "a",
			    device_contract(site_find_device(fleet_find_site(f, "s"), "a"),
					    contract_hash(contract_text, strlen(contract_text)))
				    ->contract.metrics,
			    m);
		f->now_us = (int64_t)(T0 + 60 * m) * 1000000;
		if (m % 30 == 29) {
			assert(archive_commit(a) == 0);
			fleet_kpi_update(f, true, &sink);
			archive_tick(a, &sink);
		}
	}
	assert(f->counters.parts == MINUTES);
	w = (struct web){ .fleet = f,
			  .broker = "mqtt://localhost",
			  .store_path = "fleet.db",
			  .store_problem = "",
			  .now_us = f->now_us };
	return &w;
}

struct arguments {
	const char *names[MAX_ARGUMENTS], *values[MAX_ARGUMENTS];
	size_t n;
};

static const char *argument(const void *ctx, const char *name)
{
	const struct arguments *a = ctx;

	for (size_t i = 0; i < a->n; i++)
		if (strcmp(a->names[i], name) == 0)
			return a->values[i];
	return NULL;
}

static void split(char *text, struct arguments *a)
{
	for (char *pair; text && a->n < MAX_ARGUMENTS && (pair = strsep(&text, "&"));) {
		a->names[a->n] = strsep(&pair, "=");
		a->values[a->n++] = pair; /* NULL: it has none */
	}
}

static void check_json(const char *text, size_t bytes)
{
	struct json_reader r = { 0 };
	json_t *root = json_in_parse(&r, text, bytes, WEB_MAX_BODY_BYTES);

	assert(root && !r.why);
	json_in_free_tree(&root);
}

static void ask(const char *path, const struct arguments *a)
{
	const struct web_request q = { .web = fleet_to_look_at(), .argument = argument, .ctx = a };
	const struct web_route *route;
	struct dynbuf out;

	for (size_t i = 0; (route = web_route(i)); i++) {
		int status;

		if (!route->answer || strcmp(path, route->path) != 0)
			continue;
		dynbuf_init(&out, WEB_MAX_BODY_BYTES);
		status = route->answer(&q, &out);
		assert(!out.overflow && (status == 200 || (status == 404 && route->has_arguments)));
		if (strcmp(route->type, "application/json") == 0)
			check_json(out.data, out.len);
		dynbuf_free(&out);
	}
}

static void check_host(const char *host)
{
	const char *none[] = { NULL, "" };

	if (!http_host_is_ours(host, none, 2) || strncasecmp(host, "localhost", 9) == 0)
		return;
	for (const char *c = host; *c; c++)
		assert(isxdigit((unsigned char)*c) || strchr(".:[]", *c));
}

static void check_address(const char *text)
{
	struct http_address a, again;
	char url[HTTP_URL_BYTES];

	if (http_parse_address(text, &a) < 0)
		return;
	http_url(&a, ntohs(a.at.v4.sin_port), url);
	url[strlen(url) - 1] = '\0';
	assert(http_parse_address(url + strlen("http://"), &again) == 0);
	assert(memcmp(&a.at, &again.at, sizeof(a.at)) == 0 && a.is_loopback == again.is_loopback);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = calloc(size + 1, 1), *rest = text;
	struct arguments a = { .n = 0 };
	const char *host, *path;

	if (!text)
		return 0;
	memcpy(text, data, size);
	host = strsep(&rest, "\n");
	check_host(host);
	check_address(host);
	if (rest) {
		path = strsep(&rest, "?");
		split(rest, &a);
		ask(path, &a);
	}
	free(text);
	return 0;
}
