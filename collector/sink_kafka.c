/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Kafka by librdkafka, an idempotent producer: a retry is not a second message. Messages have keys, so that a topic may be compacted and rows of one
 * KPI or device stay in order: `SITE/NAME/wl/w0` for fleet KPIs (JSON as on MQTT), `SITE/DEVICE` for parts (the bytes as the device made them, or JSON
 * lines), `SITE/DEVICE/HASH` for the contracts that explain them, which go before the first part that needs one.
 *
 * The batch is kept here until the last report has come, because librdkafka drops what a topic that is not there should have got.
 */
#include <errno.h>
#ifdef RUNNEL_WITH_RDKAFKA
#include <librdkafka/rdkafka.h>
#endif
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/dynbuf.h"
#include "collector/sink.h"
#include "collector/sorted.h"
#include "pipelines/partial_json.h"

enum { MAX_ROWS = 1000 };

struct kafka_config {
	struct sink_common common;
	const char *brokers, *topic_kpi, *topic_part, *topic_contract, *config_file;
	int format;
};

enum format { PROTOBUF, JSON };
static const char *const formats[] = { "protobuf", "json", NULL };

static const struct opt options[] = {
	SINK_COMMON_OPTIONS(struct kafka_config),
	{ "brokers", OPT_TEXT, offsetof(struct kafka_config, brokers), .required = true,
	  .help = "HOST:PORT, several with commas" },
	{ "topic_kpi", OPT_TEXT, offsetof(struct kafka_config, topic_kpi), .def = "runnel.kpi",
	  .help = "of fleet KPIs, as JSON" },
	{ "topic_part", OPT_TEXT, offsetof(struct kafka_config, topic_part), .def = "runnel.partial",
	  .help = "of parts" },
	{ "topic_contract", OPT_TEXT, offsetof(struct kafka_config, topic_contract), .def = "runnel.contract",
	  .help = "of contracts, as JSON" },
	{ "format", OPT_ENUM, offsetof(struct kafka_config, format), .choices = formats, .def = "protobuf",
	  .help = "of parts: runnel.v1.Partial, or JSON lines with quantities" },
	{ "config_file", OPT_TEXT, offsetof(struct kafka_config, config_file),
	  .help = "more for librdkafka, NAME=VALUE in each line: security.protocol, sasl.password, compression.type" },
};

#ifdef RUNNEL_WITH_RDKAFKA

enum { MAX_BATCH_BYTES = 32 * 1024 * 1024, WAIT_MS = 5000, STEP_MS = 100, CLOSE_MS = 200 };

enum fate { WAITS, FLIES, IS_THERE, IS_REFUSED };

struct message {
	const char *topic;
	size_t key_at, key_bytes, at, bytes; /* in the buffer */
	char *contract;			     /* its key in kafka.contracts, if it is one */
	enum fate fate;
};

struct kafka {
	const struct kafka_config *config;
	struct sink_wait *wait;
	rd_kafka_t *producer; /* NULL: has to be made anew */
	struct dynbuf bytes, json;
	struct message *messages;
	size_t n, cap, n_flying;
	struct sorted contracts; /* char *: keys of those that were sent, or are in the batch */
	char reason[SINK_REASON_BYTES];
};

/* --- the batch --- */

static struct message *add_message(struct kafka *s, const char *topic)
{
	struct message *m;

	if (s->n == s->cap) {
		size_t cap = s->cap ? 2 * s->cap : 1024;
		struct message *grown = sorted_alloc(cap * sizeof(*grown));

		if (s->n > 0)
			memcpy(grown, s->messages, s->n * sizeof(*grown));
		free(s->messages);
		s->messages = grown;
		s->cap = cap;
	}
	m = &s->messages[s->n++];
	*m = (struct message){ .topic = topic, .key_at = s->bytes.len };
	return m;
}

static void add_value(struct kafka *s, struct message *m, const void *value, size_t bytes)
{
	m->key_bytes = s->bytes.len - m->key_at;
	m->at = s->bytes.len;
	m->bytes = bytes;
	dynbuf_add(&s->bytes, value, bytes);
}

static void add_kpi(void *state, const struct fleet_kpi *k)
{
	struct kafka *s = state;
	struct message *m = add_message(s, s->config->topic_kpi);

	dynbuf_addf(&s->bytes, "%s/%s/%u/%llu", k->site, k->name, k->wl, (unsigned long long)k->w0);
	dynbuf_reset(&s->json);
	fleet_kpi_to_json(k, &s->json);
	add_value(s, m, dynbuf_text(&s->json), s->json.len);
}

static int compare_keys(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void add_contract(struct kafka *s, const struct part_view *p)
{
	char text[3 * PARTIAL_NAME_BYTES], *key = text;
	struct message *m;

	snprintf(text, sizeof(text), "%s/%s/%08x", p->site, p->device, p->partial->contract);
	if (sorted_find(&s->contracts, &key))
		return;
	key = memcpy(sorted_alloc(strlen(text) + 1), text, strlen(text) + 1);
	sorted_insert(&s->contracts, &key);
	m = add_message(s, s->config->topic_contract);
	m->contract = key;
	dynbuf_adds(&s->bytes, key);
	add_value(s, m, p->contract_text, p->contract_bytes);
}

static void add_part(void *state, const struct part_view *p)
{
	struct kafka *s = state;
	struct message *m;

	if (s->config->format == PROTOBUF)
		add_contract(s, p);
	m = add_message(s, s->config->topic_part);
	dynbuf_addf(&s->bytes, "%s/%s", p->site, p->device);
	if (s->config->format == PROTOBUF)
		add_value(s, m, p->payload, p->bytes);
	else {
		dynbuf_reset(&s->json);
		partial_to_json(p->partial, p->contract->metrics, p->contract->n_metrics, NULL, &s->json);
		add_value(s, m, dynbuf_text(&s->json), s->json.len - 1); /* without the line end */
	}
}

static void drop_batch(struct kafka *s)
{
	s->n = 0;
	dynbuf_reset(&s->bytes);
}

/* Nothing of the batch was sent: the contracts in it go again with the next parts. */
static void forget_contracts(struct kafka *s)
{
	for (size_t i = 0; i < s->n; i++) {
		char *key = s->messages[i].contract;

		if (!key)
			continue;
		sorted_remove(&s->contracts, sorted_lower_bound(&s->contracts, &key));
		free(key);
	}
}

/* A row is a part, perhaps with its contract before it. */
static size_t n_rows_refused(const struct kafka *s)
{
	bool is_counted = false;
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++) {
		const struct message *m = &s->messages[i];

		n += m->fate == IS_REFUSED && !is_counted;
		is_counted = m->contract && m->fate == IS_REFUSED;
	}
	return n;
}

/* --- the producer --- */

/* What nobody can repair at the other end: the row is left out. */
static bool is_refusal(rd_kafka_resp_err_t error)
{
	return error == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE || error == RD_KAFKA_RESP_ERR_INVALID_MSG ||
	       error == RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE || error == RD_KAFKA_RESP_ERR_INVALID_RECORD;
}

static void on_report(rd_kafka_t *rk UNUSED, const rd_kafka_message_t *report, void *ctx)
{
	struct kafka *s = ctx;
	struct message *m = &s->messages[(size_t)(uintptr_t)report->_private];

	s->n_flying--;
	m->fate = IS_THERE;
	if (!report->err)
		return;
	m->fate = is_refusal(report->err) ? IS_REFUSED : WAITS;
	snprintf(s->reason, sizeof(s->reason), "%s: %s", m->topic, rd_kafka_err2str(report->err));
}

static void on_error(rd_kafka_t *rk UNUSED, int error UNUSED, const char *reason, void *ctx)
{
	struct kafka *s = ctx;

	snprintf(s->reason, sizeof(s->reason), "%s", reason);
}

/* Errors come to on_error(). */
static void on_log(const rd_kafka_t *rk UNUSED, int level UNUSED, const char *facility UNUSED, const char *text UNUSED)
{
}

static int set(rd_kafka_conf_t *conf, const char *name, const char *value, char reason[static SINK_REASON_BYTES])
{
	return rd_kafka_conf_set(conf, name, value, reason, SINK_REASON_BYTES) == RD_KAFKA_CONF_OK ? 0 : -EINVAL;
}

static int set_from_file(rd_kafka_conf_t *conf, const char *path, char reason[static SINK_REASON_BYTES])
{
	FILE *f = fopen(path, "re");
	char line[1024];
	int r = 0;

	if (!f) {
		snprintf(reason, SINK_REASON_BYTES, "%s: %s", path, strerror(errno));
		return -EINVAL;
	}
	while (r == 0 && fgets(line, sizeof(line), f)) {
		char *value = strchr(line, '=');

		line[strcspn(line, "\r\n")] = '\0';
		if (line[0] == '#' || line[0] == '\0')
			continue;
		if (!value) {
			snprintf(reason, SINK_REASON_BYTES, "%s: expected NAME=VALUE in each line", path);
			r = -EINVAL;
			break;
		}
		*value++ = '\0';
		r = set(conf, line, value, reason);
	}
	explicit_bzero(line, sizeof(line));
	fclose(f);
	return r;
}

static int make_producer(struct kafka *s, char reason[static SINK_REASON_BYTES])
{
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	const struct kafka_config *c = s->config;
	int r = set(conf, "client.id", "runnel-collector", reason);

	if (r == 0 && c->config_file)
		r = set_from_file(conf, c->config_file, reason);
	if (r == 0)
		r = set(conf, "bootstrap.servers", c->brokers, reason);
	if (r == 0)
		r = set(conf, "enable.idempotence", "true", reason);
	/* Patience is the worker's. */
	if (r == 0)
		r = set(conf, "message.timeout.ms", "0", reason);
	rd_kafka_conf_set_dr_msg_cb(conf, on_report);
	rd_kafka_conf_set_error_cb(conf, on_error);
	rd_kafka_conf_set_log_cb(conf, on_log);
	rd_kafka_conf_set_opaque(conf, s);
	s->producer = r == 0 ? rd_kafka_new(RD_KAFKA_PRODUCER, conf, reason, SINK_REASON_BYTES) : NULL;
	if (s->producer)
		return 0;
	rd_kafka_conf_destroy(conf);
	return -EINVAL;
}

static void end_producer(struct kafka *s)
{
	if (!s->producer)
		return;
	rd_kafka_purge(s->producer, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
	rd_kafka_flush(s->producer, CLOSE_MS);
	rd_kafka_destroy(s->producer);
	s->producer = NULL;
	s->n_flying = 0;
	for (size_t i = 0; i < s->n; i++)
		if (s->messages[i].fate == FLIES)
			s->messages[i].fate = WAITS;
}

static void produce(struct kafka *s)
{
	for (size_t i = 0; i < s->n; i++) {
		struct message *m = &s->messages[i];
		const char *data = s->bytes.data;
		rd_kafka_resp_err_t error;

		if (m->fate != WAITS)
			continue;
		error = rd_kafka_producev(s->producer, RD_KAFKA_V_TOPIC(m->topic),
					  RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
					  RD_KAFKA_V_KEY(data + m->key_at, m->key_bytes),
					  RD_KAFKA_V_VALUE((void *)(data + m->at), m->bytes),
					  RD_KAFKA_V_OPAQUE((void *)(uintptr_t)i), RD_KAFKA_V_END);
		if (error) {
			m->fate = is_refusal(error) ? IS_REFUSED : WAITS;
			snprintf(s->reason, sizeof(s->reason), "%s: %s", m->topic, rd_kafka_err2str(error));
			continue;
		}
		m->fate = FLIES;
		s->n_flying++;
	}
}

static int kafka_flush(void *state, char reason[static SINK_REASON_BYTES])
{
	struct kafka *s = state;
	char text[SINK_REASON_BYTES];
	size_t n_left = 0, n_refused;

	if (s->bytes.overflow) {
		snprintf(reason, SINK_REASON_BYTES, "more than %d MiB in one batch", MAX_BATCH_BYTES >> 20);
		forget_contracts(s);
		drop_batch(s);
		return -EBADMSG;
	}
	snprintf(s->reason, sizeof(s->reason), "no answer from %s", s->config->brokers);
	if (!s->producer && make_producer(s, reason) < 0)
		return -EAGAIN;
	produce(s);
	for (int ms = 0; s->n_flying > 0 && ms < WAIT_MS && !atomic_load(&s->wait->is_ending); ms += STEP_MS)
		rd_kafka_poll(s->producer, STEP_MS);
	if (rd_kafka_fatal_error(s->producer, text, sizeof(text))) {
		snprintf(s->reason, sizeof(s->reason), "%s", text);
		end_producer(s);
	}
	for (size_t i = 0; i < s->n; i++)
		n_left += s->messages[i].fate == WAITS || s->messages[i].fate == FLIES;
	snprintf(reason, SINK_REASON_BYTES, "%s", s->reason);
	if (n_left > 0)
		return -EAGAIN;
	n_refused = n_rows_refused(s);
	drop_batch(s);
	return (int)n_refused;
}

static void kafka_close(void *state)
{
	struct kafka *s = state;

	end_producer(s);
	for (size_t i = 0; i < s->contracts.n; i++)
		free(*(char **)sorted_at(&s->contracts, i));
	sorted_free(&s->contracts);
	dynbuf_free(&s->bytes);
	dynbuf_free(&s->json);
	free(s->messages);
	free(s);
}

static int kafka_open(void **state, const void *config, struct sink_wait *wait, char reason[static SINK_REASON_BYTES])
{
	struct kafka *s = sorted_alloc(sizeof(*s));
	int r;

	s->config = config;
	s->wait = wait;
	s->contracts = (struct sorted){ .item_bytes = sizeof(char *), .compare = compare_keys };
	dynbuf_init(&s->bytes, MAX_BATCH_BYTES);
	dynbuf_init(&s->json, MAX_BATCH_BYTES);
	r = make_producer(s, reason);
	if (r < 0) {
		kafka_close(s);
		return r;
	}
	*state = s;
	return 0;
}

#endif

const struct sink_kind sink_kafka = {
	.name = "kafka",
	.help = "Kafka, by an idempotent producer",
	.options = { options, ARRAY_LEN(options) },
	.config_bytes = sizeof(struct kafka_config),
	.max_rows = MAX_ROWS,
#ifdef RUNNEL_WITH_RDKAFKA
	.open = kafka_open,
	.close = kafka_close,
	.add_kpi = add_kpi,
	.add_part = add_part,
	.flush = kafka_flush,
#else
	.lacks = "librdkafka",
#endif
};
