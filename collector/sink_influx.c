/* SPDX-License-Identifier: Apache-2.0 */
/*
 * InfluxDB's line protocol over HTTP: InfluxDB 1.x, 2.x by its compatible /write, VictoriaMetrics and others that take it. A point is named by its tags
 * and its time, which are the key of a row: a newer version takes the place of the older one.
 *
 * No field can be taken away from a point, so a KPI whose value went missing keeps the old value there, with missing=true beside it. Sums of
 * squares go as floats: InfluxDB's sum() of integers wraps silently.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/dynbuf.h"
#include "base/fileio.h"
#include "base/text.h"
#include "collector/http_post.h"
#include "collector/sink.h"
#include "collector/sorted.h"

enum { MAX_BATCH_BYTES = 16 * 1024 * 1024, MAX_ROWS = 1000, SECRET_BYTES = 400 };

struct influx_config {
	struct sink_common common;
	const char *url, *database, *retention, *username, *password_file, *token_file, *ca_file, *measurement;
};

struct influx {
	const struct influx_config *config;
	struct http_post *http;
	struct dynbuf lines;
};

static const struct opt options[] = {
	SINK_COMMON_OPTIONS(struct influx_config),
	{ "url", OPT_TEXT, offsetof(struct influx_config, url), .def = "http://localhost:8086",
	  .help = "http:// or https://, of the server" },
	{ "database", OPT_TEXT, offsetof(struct influx_config, database), .required = true,
	  .help = "must be there; of InfluxDB 2: a bucket with a mapping" },
	{ "retention", OPT_TEXT, offsetof(struct influx_config, retention),
	  .help = "retention policy; default: the database's" },
	{ "username", OPT_TEXT, offsetof(struct influx_config, username), .help = "of InfluxDB 1" },
	{ "password_file", OPT_TEXT, offsetof(struct influx_config, password_file), .help = "with it in one line" },
	{ "token_file", OPT_TEXT, offsetof(struct influx_config, token_file), .help = "of InfluxDB 2, in one line" },
	{ "ca_file", OPT_TEXT, offsetof(struct influx_config, ca_file), .help = "certificates to trust" },
	{ "measurement", OPT_TEXT, offsetof(struct influx_config, measurement), .def = "runnel",
	  .help = "prefix of the measurements _kpi and _part" },
};

/* --- lines --- */

/* Tags and names: what separates them gets a backslash. A line end can not be in them. */
static void add_name(struct dynbuf *b, const char *text)
{
	for (; *text; text++) {
		if (strchr(", =", *text))
			dynbuf_add(b, "\\", 1);
		dynbuf_add(b, *text == '\n' || *text == '\\' ? "_" : text, 1);
	}
}

static void add_tag(struct dynbuf *b, const char *name, const char *value)
{
	dynbuf_addf(b, ",%s=", name);
	add_name(b, value);
}

static void add_string(struct dynbuf *b, const char *name, const char *value)
{
	dynbuf_addf(b, ",%s=\"", name);
	for (; *value; value++) {
		if (*value == '"' || *value == '\\')
			dynbuf_add(b, "\\", 1);
		dynbuf_add(b, value, 1);
	}
	dynbuf_add(b, "\"", 1);
}

static void add_count(struct dynbuf *b, const char *name, uint64_t value)
{
	dynbuf_addf(b, ",%s=%" PRIu64 "i", name, value);
}

static void add_float(struct dynbuf *b, const char *name, double value)
{
	char text[32];

	if (isfinite(value))
		dynbuf_addf(b, ",%s=%s", name, text_from_double(value, text, sizeof(text)));
}

static void add_kpi(void *state, const struct fleet_kpi *k)
{
	struct influx *s = state;
	struct dynbuf *b = &s->lines;
	const struct fleet_spread *spread = &k->spread;

	dynbuf_addf(b, "%s_kpi", s->config->measurement);
	add_tag(b, "site", k->site);
	add_tag(b, "kpi", k->name);
	dynbuf_addf(b, ",wl=%u missing=%s", k->wl, isnan(k->value) ? "true" : "false");
	add_float(b, "value", k->value);
	add_string(b, "unit", k->unit);
	add_count(b, "n", k->n);
	add_count(b, "expected", k->expected);
	add_count(b, "devices", k->devices);
	add_count(b, "expected_devices", k->expected_devices);
	add_count(b, "complete_devices", k->complete_devices);
	add_float(b, "coverage", k->coverage);
	add_string(b, "state", fleet_kpi_state_name(k->state));
	add_count(b, "version", k->version);
	if (spread->n > 0) {
		add_float(b, "low", spread->low);
		add_float(b, "median", spread->median);
		add_float(b, "high", spread->high);
	}
	dynbuf_addf(b, " %" PRIu64 "\n", k->w0);
}

static void add_atoms(struct dynbuf *b, const struct agg *a, const struct metric_def *def)
{
	add_count(b, "expected", a->expected);
	add_count(b, "bad", a->bad);
	add_count(b, "lost", a->lost);
	add_count(b, "covered_ms", a->covered_ms);
	add_float(b, "mean", agg_mean(a, def));
	add_float(b, "stddev", agg_stddev(a, def));
	add_float(b, "min", agg_min(a, def));
	add_float(b, "max", agg_max(a, def));
	add_float(b, "first", agg_first(a, def));
	add_float(b, "last", agg_last(a, def));
	add_float(b, "time_mean", agg_time_mean(a, def));
	if (def->kind == SERIES_COUNTER)
		add_float(b, "increase", agg_increase(a, def));
	if (def->has_sketch) {
		add_float(b, "p50", agg_quantile(a, def, 0.5));
		add_float(b, "p95", agg_quantile(a, def, 0.95));
	}
	add_float(b, "s1", (double)a->s1);
	add_float(b, "s2", (double)a->s2.lo);
	add_float(b, "reference", def->reference);
	add_float(b, "quantum", def->quantum);
}

static void add_part(void *state, const struct part_view *p)
{
	struct influx *s = state;
	struct dynbuf *b = &s->lines;

	for (size_t i = 0; i < p->partial->n_metrics; i++) {
		const struct partial_metric *m = &p->partial->metrics[i];
		const struct metric_def *def = &p->contract->metrics[m->id];

		dynbuf_addf(b, "%s_part", s->config->measurement);
		add_tag(b, "site", p->site);
		add_tag(b, "device", p->device);
		add_tag(b, "metric", def->name);
		dynbuf_addf(b, ",wl=%u,boot=%u,part=%u n=%" PRIu64 "i", p->partial->wl, p->partial->boot,
			    p->partial->part, m->agg.n);
		add_string(b, "unit", def->unit->code);
		add_atoms(b, &m->agg, def);
		dynbuf_addf(b, " %" PRIu64 "\n", p->partial->w0);
	}
}

/* --- the server --- */

/* @return 0 or negative, with the reason */
static int read_secret(const char *path, char out[static SECRET_BYTES], char reason[static SINK_REASON_BYTES])
{
	int fd = fileio_open(path);
	ssize_t n = fd < 0 ? fd : fileio_read(fd, out, SECRET_BYTES - 1);

	if (fd >= 0)
		fileio_close(fd);
	if (n < 0) {
		snprintf(reason, SINK_REASON_BYTES, "%s: %s", path, strerror((int)-n));
		return (int)n;
	}
	out[n] = '\0';
	out[strcspn(out, "\r\n")] = '\0';
	return 0;
}

/* "NAME=" and the value as a URL wants it. */
static void add_parameter(struct dynbuf *b, const char *name, const char *value)
{
	if (!value)
		return;
	dynbuf_addf(b, "&%s=", name);
	for (; *value; value++)
		dynbuf_addf(b, "%%%02X", (unsigned)(unsigned char)*value);
}

static int connect_to(struct influx *s, const struct sink_wait *wait, char reason[static SINK_REASON_BYTES])
{
	const struct influx_config *c = s->config;
	char password[SECRET_BYTES] = "", token[SECRET_BYTES] = "", authorization[SECRET_BYTES + 8];
	struct http_post_options o = { .username = c->username, .ca_file = c->ca_file, .stop = &wait->is_ending };
	struct dynbuf url;
	int r = c->password_file ? read_secret(c->password_file, password, reason) : 0;

	if (r == 0 && c->token_file)
		r = read_secret(c->token_file, token, reason);
	if (r < 0)
		return r;
	dynbuf_init(&url, 4096);
	dynbuf_addf(&url, "%.*s/write?precision=s", (int)(strlen(c->url) - (strrchr(c->url, '/')[1] == '\0')), c->url);
	add_parameter(&url, "db", c->database);
	add_parameter(&url, "rp", c->retention);
	snprintf(authorization, sizeof(authorization), "Token %s", token);
	o.url = dynbuf_text(&url);
	o.password = c->password_file ? password : NULL;
	o.authorization = c->token_file ? authorization : NULL;
	r = http_post_open(&s->http, &o);
	if (r < 0)
		snprintf(reason, SINK_REASON_BYTES, "%s: %s", c->url, strerror(-r));
	explicit_bzero(password, sizeof(password));
	explicit_bzero(token, sizeof(token));
	explicit_bzero(authorization, sizeof(authorization));
	dynbuf_free(&url);
	return r;
}

static void influx_close(void *state)
{
	struct influx *s = state;

	http_post_close(s->http);
	dynbuf_free(&s->lines);
	free(s);
}

static int influx_open(void **state, const void *config, struct sink_wait *wait, char reason[static SINK_REASON_BYTES])
{
	const struct influx_config *c = config;
	struct influx *s;
	int r;

	if (strncmp(c->url, "http://", 7) != 0 && strncmp(c->url, "https://", 8) != 0) {
		snprintf(reason, SINK_REASON_BYTES, "url '%s': expected http:// or https://", c->url);
		return -EINVAL;
	}
	s = sorted_alloc(sizeof(*s));
	s->config = c;
	dynbuf_init(&s->lines, MAX_BATCH_BYTES);
	r = connect_to(s, wait, reason);
	if (r < 0) {
		influx_close(s);
		return r;
	}
	*state = s;
	return 0;
}

/* What is wrong with the batch itself; the rest (no such database, wrong password, too busy) somebody can repair. */
static bool is_refusal(long status)
{
	return status == 400 || status == 413 || status == 422;
}

static int influx_flush(void *state, char reason[static SINK_REASON_BYTES])
{
	struct influx *s = state;
	struct http_post_answer answer;
	int r = 0;

	if (s->lines.overflow) {
		snprintf(reason, SINK_REASON_BYTES, "more than %d MiB in one batch", MAX_BATCH_BYTES >> 20);
		dynbuf_reset(&s->lines);
		return -EBADMSG;
	}
	if (s->lines.len == 0)
		return 0;
	r = http_post_send(s->http, dynbuf_text(&s->lines), s->lines.len, &answer);
	if (r < 0) {
		snprintf(reason, SINK_REASON_BYTES, "%s", answer.text);
		return -EAGAIN;
	}
	if (answer.status / 100 != 2) {
		snprintf(reason, SINK_REASON_BYTES, "HTTP %ld: %s", answer.status, answer.text);
		r = is_refusal(answer.status) ? -EBADMSG : -EAGAIN;
	}
	if (r != -EAGAIN)
		dynbuf_reset(&s->lines);
	return r;
}

const struct sink_kind sink_influx = {
	.name = "influx",
	.help = "InfluxDB line protocol over HTTP",
#ifndef RUNNEL_WITH_LIBCURL
	.lacks = "libcurl",
#endif
	.options = { options, ARRAY_LEN(options) },
	.config_bytes = sizeof(struct influx_config),
	.max_rows = MAX_ROWS,
	.open = influx_open,
	.close = influx_close,
	.add_kpi = add_kpi,
	.add_part = add_part,
	.flush = influx_flush,
};
