/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/conf.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/conf_private.h"
#include "agent/yaml.h"
#include "base/crc32.h"
#include "base/dynbuf.h"
#include "base/mqtt.h"
#include "base/text.h"

enum { PREFIX_MAX_BYTES = 128 };

static const struct opt top_rows[] = {
	{ "device", OPT_TEXT, offsetof(struct conf, device), .help = "name of this board; default: its host name" },
	{ "site", OPT_TEXT, offsetof(struct conf, site), .def = "default",
	  .help = "where it is: KPIs are merged per site" },
	{ "labels", OPT_TEXT_MAP, offsetof(struct conf, labels), .help = "names and values to group boards by" },
	{ "revision", OPT_INT, offsetof(struct conf, revision), .min = 0, .max = 1e15, .def = "0",
	  .help = "a pushed config must have a higher one" },
	{ "target", OPT_TEXT, offsetof(struct conf, target),
	  .help = "for whom a pushed config is: SITE/DEVICE, SITE/_group/LABEL=VALUE or SITE/_all" },
	{ "commands", OPT_TEXT_LIST, offsetof(struct conf, commands),
	  .help = "commands that are obeyed: birth, config, flush, identify, read, resend, restart; default: all but "
		  "restart" },
	{ "window", OPT_DURATION, offsetof(struct conf, window_us), .min = 1e6, .max = 3.6e9, .def = "1m",
	  .help = "default window of partials and KPIs: 1s 5s 10s 15s 30s 1m 5m 15m 1h" },
	{ "lateness", OPT_DURATION, offsetof(struct conf, lateness_us), .min = 0, .max = 3.6e9, .def = "0s",
	  .help = "replay: how late a row may be without opening a further part" },
};
const struct opt_table conf_top_options = { top_rows, ARRAY_LEN(top_rows) };

static const struct opt mqtt_rows[] = {
	{ "broker", OPT_TEXT_LIST, offsetof(struct conf_mqtt, brokers), .def = "mqtt://localhost:1883",
	  .help = "mqtt://HOST[:PORT] or mqtts://HOST[:PORT] (TLS); of several the next is tried when one cannot be "
		  "reached" },
	{ "prefix", OPT_TEXT, offsetof(struct conf_mqtt, prefix), .def = "runnel/1",
	  .help = "first levels of every topic" },
	{ "username", OPT_TEXT, offsetof(struct conf_mqtt, username), .help = "user name at the broker" },
	{ "password_file", OPT_TEXT, offsetof(struct conf_mqtt, password_file),
	  .help = "file that holds the password; read again at each connection" },
	{ "ca_file", OPT_TEXT, offsetof(struct conf_mqtt, ca_file),
	  .help = "PEM certificates to trust; default: those of the system" },
	{ "cert_file", OPT_TEXT, offsetof(struct conf_mqtt, cert_file),
	  .help = "PEM certificate of this board, for mutual TLS" },
	{ "key_file", OPT_TEXT, offsetof(struct conf_mqtt, key_file), .help = "PEM private key of this board" },
	{ "keepalive", OPT_DURATION, offsetof(struct conf_mqtt, keepalive_us), .min = 5e6, .max = 3.6e9, .def = "60s",
	  .help = "longest silence on the connection" },
	{ "home_assistant", OPT_TEXT, offsetof(struct conf_mqtt, home_assistant),
	  .help = "the discovery prefix of Home Assistant, homeassistant by default there: the KPIs of this board "
		  "appear in it "
		  "by themselves; default: they do not" },
};
const struct opt_table conf_mqtt_options = { mqtt_rows, ARRAY_LEN(mqtt_rows) };

static const struct opt spool_rows[] = {
	{ "path", OPT_TEXT, offsetof(struct conf_spool, path), .def = "/var/lib/runnel/spool.db",
	  .help = "where undelivered data are kept" },
	{ "max_size", OPT_BYTES, offsetof(struct conf_spool, max_size), .min = 65536, .max = 1e12, .def = "64MiB",
	  .help = "most bytes on the disk; then the oldest windows become longer ones, at last the oldest go, "
		  "counted" },
};
const struct opt_table conf_spool_options = { spool_rows, ARRAY_LEN(spool_rows) };

static const char *const trusts[] = { "auto", "kernel", "always", NULL };
static const struct opt clock_rows[] = {
	{ "trust", OPT_ENUM, offsetof(struct conf_clock, trust), .choices = trusts, .def = "auto",
	  .help = "whose word it takes that the clock is right: the kernel's, which is synchronised by NTP; auto: or "
		  "that of a "
		  "clock with a battery, until NTP corrects it; always: yours" },
	{ "wait", OPT_DURATION, offsetof(struct conf_clock, wait_us), .min = 0, .max = 3.6e9, .def = "5m",
	  .help = "how long samples wait after a start for the clock to be right; then they are sent marked UNSYNCED" },
};
const struct opt_table conf_clock_options = { clock_rows, ARRAY_LEN(clock_rows) };

static const struct opt remote_rows[] = {
	{ "keys", OPT_TEXT_LIST, offsetof(struct conf_remote, keys),
	  .help = "files with public keys of minisign; who has one of the secret keys may push configs" },
	{ "confirm_within", OPT_DURATION, offsetof(struct conf_remote, confirm_within_us), .min = 1e6, .max = 3.6e9,
	  .def = "60s",
	  .help = "a new config must have reached the broker and read its sensors by then, or the last good one comes "
		  "back" },
	{ "local_files", OPT_BOOL, offsetof(struct conf_remote, local_files), .def = "no",
	  .help = "let pushed configs name files of this board, such as recordings and scripts" },
};
const struct opt_table conf_remote_options = { remote_rows, ARRAY_LEN(remote_rows) };

static const char *const sections[] = { "mqtt", "spool",   "clock",	    "sensors", "streams",
					"kpis", "actions", "remote_config", "live",    NULL };

uint32_t conf_window_at(size_t i)
{
	static const uint32_t allowed[] = { 1, 5, 10, 15, 30, 60, 300, 900, 3600 };

	return i < ARRAY_LEN(allowed) ? allowed[i] : 0;
}

uint32_t conf_window_s(int64_t us, struct place at, struct diag *d)
{
	char text[32];

	for (size_t i = 0; conf_window_at(i); i++)
		if (us == (int64_t)conf_window_at(i) * 1000000)
			return conf_window_at(i);
	diag_error(d, at, "a window of %s is not possible, expected one of: 1s 5s 10s 15s 30s 1m 5m 15m 1h",
		   text_from_duration(us, text, sizeof(text)));
	return 0;
}

void conf_unknown(struct diag *d, struct place at, const char *what, const char *name, const char *const known[],
		  size_t n_known)
{
	const char *near = text_nearest(name, known, n_known);

	if (near)
		diag_error(d, at, "unknown %s '%s', did you mean '%s'?", what, name, near);
	else
		diag_error(d, at, "unknown %s '%s'", what, name);
}

bool conf_name_ok(const struct node *n, const char *what, struct diag *d)
{
	if (text_is_identifier(n->key))
		return true;
	diag_error(d, n->key_at,
		   "'%s' cannot be the name of a %s, expected letters, digits and _, not beginning with a digit, at "
		   "most 64",
		   n->key, what);
	return false;
}

size_t conf_map_length(const struct node *n, const char *what, struct diag *d)
{
	if (!n || n->kind == NODE_NULL)
		return 0;
	if (n->kind == NODE_MAP && n->n_children <= CONF_MAX_NAMES)
		return n->n_children;
	if (n->kind == NODE_MAP)
		diag_error(d, n->at, "%zu %s, expected at most %d", n->n_children, what, CONF_MAX_NAMES);
	else
		diag_error(d, n->at, "%s must be a map of names, found %s", what, node_kind_name(n));
	return 0;
}

static void read_names(struct conf *c, const struct node *root, struct diag *d)
{
	const struct node *device = node_get(root, "device"), *site = node_get(root, "site");

	if (!c->device) {
		char host[65] = "";

		if (gethostname(host, sizeof(host) - 1) < 0 || !text_is_device_name(host))
			diag_error(d, (struct place){ 0, 0 },
				   "the host name '%s' cannot be a device name; set 'device'", host);
		c->device = arena_strdup(&c->arena, host);
	} else if (!text_is_device_name(c->device)) {
		diag_error(d, device ? device->at : root->at,
			   "'%s' cannot be a device name, expected letters, digits, _ . and -, at most 64", c->device);
	}
	if (!text_is_device_name(c->site))
		diag_error(d, site ? site->at : root->at,
			   "'%s' cannot be a site name, expected letters, digits, _ . and -, at most 64", c->site);
}

static void refuse_unsupported(const struct node *root, struct diag *d)
{
	static const char *const later[] = { "live" };

	for (size_t i = 0; i < ARRAY_LEN(later); i++) {
		const struct node *n = node_get(root, later[i]);

		if (n)
			diag_error(d, n->key_at, "'%s' is not supported by this version of runnel", later[i]);
	}
}

static struct place place_of(const struct node *map, const char *key)
{
	const struct node *n = node_get(map, key);

	return n ? n->at : map->at;
}

/* A topic level that a broker would refuse is better found here than at the first message. */
static void check_mqtt(const struct conf_mqtt *m, const struct node *mqtt, struct diag *d)
{
	char error[MQTT_ERROR_BYTES];
	size_t len = m->prefix ? strlen(m->prefix) : 0;

	if (m->brokers.n == 0)
		diag_error(d, place_of(mqtt, "broker"), "expected at least one broker");
	for (size_t i = 0; i < m->brokers.n; i++)
		if (mqtt_check_broker(m->brokers.items[i], error) < 0)
			diag_error(d, place_of(mqtt, "broker"), "'%s' is no broker: %s", m->brokers.items[i], error);
	if (m->prefix && (len == 0 || len > PREFIX_MAX_BYTES || strpbrk(m->prefix, "+#") || m->prefix[0] == '$' ||
			  m->prefix[0] == '/' || m->prefix[len - 1] == '/'))
		diag_error(d, place_of(mqtt, "prefix"),
			   "'%s' cannot begin a topic, expected levels such as runnel/1, at most %d bytes", m->prefix,
			   PREFIX_MAX_BYTES);
}

static void read_local(struct conf *c, const struct node *root, struct diag *d)
{
	const struct node *mqtt = node_get(root, "mqtt"), *spool = node_get(root, "spool"),
			  *clock = node_get(root, "clock"), *remote = node_get(root, "remote_config");

	opt_apply(&conf_top_options, root, c, &c->arena, d, root->at, "the config", sections);
	opt_apply(&conf_mqtt_options, mqtt, &c->mqtt, &c->arena, d, mqtt ? mqtt->at : root->at, "mqtt", NULL);
	opt_apply(&conf_spool_options, spool, &c->spool, &c->arena, d, spool ? spool->at : root->at, "spool", NULL);
	opt_apply(&conf_clock_options, clock, &c->clock, &c->arena, d, clock ? clock->at : root->at, "clock", NULL);
	opt_apply(&conf_remote_options, remote, &c->remote, &c->arena, d, remote ? remote->at : root->at,
		  "remote_config", NULL);
	if (mqtt)
		check_mqtt(&c->mqtt, mqtt, d);
	read_names(c, root, d);
	refuse_unsupported(root, d);
}

const char *conf_define(struct conf *c, const struct node *n)
{
	struct dynbuf text;
	const char *definition;

	dynbuf_init(&text, 4 * YAML_MAX_FILE_BYTES);
	node_define(n, &text);
	definition = arena_strdup(&c->arena, dynbuf_text(&text));
	dynbuf_free(&text);
	return definition;
}

/* @return the map at the top, or NULL with an error */
static const struct node *read_root(struct conf *c, const struct conf_text *t, struct diag *d)
{
	const struct node *root = NULL;

	if (yaml_parse(t->text, t->bytes, &c->arena, d, &root) < 0)
		return NULL;
	if (root && root->kind == NODE_MAP)
		return root;
	diag_error(d, root ? root->at : (struct place){ 1, 1 },
		   "a config is a map with sections such as sensors and streams, found %s",
		   root ? node_kind_name(root) : "nothing");
	return NULL;
}

static void read_measure(struct conf *c, const struct conf_text *t, const struct node *root, struct diag *d)
{
	const struct yaml_source source = { t->text, t->bytes };
	const struct node *window = node_get(root, "window");

	c->hash = crc32_of(0, t->text, t->bytes);
	if (c->window_us == 0 || conf_window_s(c->window_us, window ? window->at : root->at, d) == 0)
		c->window_us = 60000000; /* reported; go on */
	conf_read_sensors(c, node_get(root, "sensors"), d);
	conf_read_streams(c, node_get(root, "streams"), d);
	conf_read_kpis(c, node_get(root, "kpis"), node_get(root, "streams"), &source, d);
	conf_read_actions(c, root, d);
	conf_check_places(c, root, d);
	c->plan.lateness_us = c->lateness_us;
}

int conf_parse(struct conf *c, const char *text, size_t bytes, struct diag *d)
{
	const struct conf_text t = { text, bytes };
	const struct node *root;

	*c = (struct conf){ 0 };
	root = read_root(c, &t, d);
	if (!root)
		return -EINVAL;
	read_local(c, root, d);
	read_measure(c, &t, root, d);
	return d->n_errors > 0 ? -EINVAL : 0;
}

int conf_parse_parts(struct conf *c, const struct conf_text *local, const struct conf_text *measure,
		     enum conf_origin origin, struct diag *d)
{
	struct diag ignored = { .file = "" };
	const struct node *root;

	*c = (struct conf){ 0 };
	root = read_root(c, local, &ignored);
	if (root)
		read_local(c, root, &ignored);
	diag_free(&ignored);
	root = root ? read_root(c, measure, d) : NULL;
	if (!root)
		return -EINVAL;
	conf_read_pushed(c, root, origin == CONF_OF_PUSHED, d);
	read_measure(c, measure, root, d);
	return d->n_errors > 0 ? -EINVAL : 0;
}

long conf_read_file(const char *path, char **out, struct diag *d)
{
	enum { MAX_BYTES = 1 << 20 };
	char *text = malloc(MAX_BYTES + 1);
	size_t len = 0;
	ssize_t n = 0;
	long r;
	int fd;

	if (!text)
		return -ENOMEM;
	fd = strcmp(path, "-") == 0 ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	while (fd >= 0 && len <= MAX_BYTES && (n = read(fd, text + len, MAX_BYTES + 1 - len)) > 0)
		len += (size_t)n;
	r = (long)len;
	if (fd < 0 || n < 0) {
		r = -errno;
		diag_error(d, (struct place){ 0, 0 }, "cannot read it: %s", strerror((int)-r));
	} else if (len > MAX_BYTES) {
		diag_error(d, (struct place){ 0, 0 }, "larger than 1 MiB, which no config is");
		r = -EINVAL;
	}
	if (fd > STDIN_FILENO)
		close(fd);
	if (r < 0)
		free(text);
	else
		*out = text;
	return r;
}

int conf_load(struct conf *c, const char *path, struct diag *d)
{
	char *text = NULL;
	long n;
	int r;

	*c = (struct conf){ 0 };
	n = conf_read_file(path, &text, d);
	if (n < 0)
		return (int)n;
	r = conf_parse(c, text, (size_t)n, d);
	free(text);
	return r;
}

void conf_free(struct conf *c)
{
	for (size_t i = 0; i < c->n_sensors; i++) {
		if (c->sensors[i].state && c->sensors[i].driver->close)
			c->sensors[i].driver->close(c->sensors[i].state);
		arena_free(&c->sensors[i].own);
	}
	for (size_t i = 0; i < c->plan.n_streams; i++)
		arena_free(&c->stream_parts[i].own);
	for (size_t i = 0; i < c->n_actions; i++)
		arena_free(&c->actions[i].own);
	arena_free(&c->arena);
	*c = (struct conf){ 0 };
}
