/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_store DEVICES WINDOWS [FILE]: a fleet of as many devices with 8 streams each, one message a minute, into the collector's fleet and store,
 * without a broker. Prints what a message costs (decode, check, merge, durable commit each 1000), KPIs, memory, bytes on disk,
 * the time of a restart, and of questions over all of it. Without FILE: no store.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/prng.h"
#include "collector/archive.h"
#include "collector/fleet_kpi.h"
#include "collector/past.h"
#include "collector/reader.h"
#include "pipelines/contract.h"
#include "pipelines/wire.h"

enum { STREAMS = 8, A_COMMIT = 1000, SAMPLES = 60 };

static const uint64_t t0 = 1763697600;

struct message {
	uint8_t data[2048];
	size_t bytes;
	char device[16];
};

static double clock_s(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static unsigned pss_kib(void)
{
	FILE *f = fopen("/proc/self/smaps_rollup", "r");
	char line[128];
	unsigned kib = 0;

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "Pss: %u", &kib) == 1)
			break;
	if (f)
		fclose(f);
	return kib;
}

static struct metric_def defs[STREAMS];
static struct kpi_def kpis[2] = { { "mean", "mean(s0)", "Cel", 60 }, { "p95", "quantile(s0, 0.95)", "Cel", 60 } };
static const struct contract contract = { defs, STREAMS, kpis, 2 };
static char *contract_json;
static size_t contract_bytes;
static uint32_t hash;

static void make_contract(void)
{
	static char names[STREAMS][8];
	struct dynbuf text;

	for (size_t i = 0; i < STREAMS; i++) {
		snprintf(names[i], sizeof(names[i]), "s%zu@1", i);
		defs[i] = (struct metric_def){ .name = names[i],
					       .unit = unit_find("Cel"),
					       .reference = 20,
					       .quantum = 0.01,
					       .has_sketch = i == 0,
					       .sketch = { SKETCH_LIN, 0.01, 20, 10 },
					       .period_us = 1000000,
					       .window_s = 60 };
	}
	dynbuf_init(&text, CONTRACT_MAX_BYTES);
	contract_to_json(&contract, &text);
	hash = contract_hash(text.data, text.len);
	contract_bytes = text.len;
	contract_json = strdup(dynbuf_text(&text));
	dynbuf_free(&text);
}

static void fill(struct agg *a, uint64_t w0, bool has_sketch, uint64_t *random)
{
	int64_t base = (int64_t)(prng_u64(random) % 300);

	*a = (struct agg){ .n = SAMPLES, .expected = SAMPLES, .covered_ms = 60000, .tw_ms = 60000 };
	a->min = base - 12;
	a->max = base + 12;
	a->first = base - 3;
	a->last = base + 5;
	a->first_at_ms = (int64_t)w0 * 1000;
	a->last_at_ms = (int64_t)w0 * 1000 + 59000;
	a->s1 = base * SAMPLES;
	a->s2.lo = (uint64_t)(base * base * SAMPLES + 900);
	a->tw = base * 60000;
	a->has_sketch = has_sketch;
	if (!has_sketch)
		return;
	a->sketch.pos.n = 4;
	a->sketch.pos.offset = (int32_t)(base - 12) / 10;
	for (size_t i = 0; i < 4; i++)
		a->sketch.pos.counts[i] = SAMPLES / 4;
}

static void make_message(struct message *m, size_t device, size_t window, uint64_t *random)
{
	struct partial_metric metrics[STREAMS];
	struct partial p = { .version = PARTIAL_VERSION,
			     .boot = 1,
			     .seq = (uint32_t)window + 1,
			     .wl = 60,
			     .contract = hash,
			     .n_metrics = STREAMS,
			     .metrics = metrics };
	int n;

	p.w0 = t0 + window * 60;
	p.wm = p.w0 + 60;
	snprintf(m->device, sizeof(m->device), "board-%05u", (unsigned)device % 100000);
	snprintf(p.site, sizeof(p.site), "delft");
	snprintf(p.device, sizeof(p.device), "%s", m->device);
	for (size_t i = 0; i < STREAMS; i++) {
		metrics[i].id = (uint32_t)i;
		fill(&metrics[i].agg, p.w0, i == 0, random);
	}
	n = wire_encode(&p, defs, m->data, sizeof(m->data));
	if (n < 0)
		abort();
	m->bytes = (size_t)n;
}

static struct fleet_message envelope(const char *device, const void *payload, size_t bytes, int64_t now_us)
{
	return (struct fleet_message){ "delft", device, payload, bytes, now_us, false };
}

static void tell(void *ctx, const struct fleet_kpi *k, bool is_newest)
{
	size_t *n = ctx;

	(void)is_newest;
	*n += k->state == FLEET_KPI_COMPLETE;
}

static void introduce(struct fleet *f, size_t n_devices, int64_t now_us)
{
	char birth[256], name[16];

	snprintf(birth, sizeof(birth), "{\"boot\":1,\"contract\":\"%08x\",\"labels\":{\"line\":\"a\"}}", hash);
	for (size_t i = 0; i < n_devices; i++) {
		struct fleet_message m;

		snprintf(name, sizeof(name), "board-%05u", (unsigned)i % 100000);
		m = envelope(name, contract_json, contract_bytes, now_us);
		fleet_contract(f, &m, hash);
		m = envelope(name, birth, strlen(birth), now_us);
		fleet_birth(f, &m);
	}
}

static double restart(const char *file, int64_t now_us)
{
	const struct archive_options o = { .path = file };
	struct fleet *f = fleet_new(7200);
	struct archive *a;
	double start = clock_s(CLOCK_MONOTONIC), took;

	if (archive_open(&a, f, &o, now_us) < 0)
		abort();
	took = clock_s(CLOCK_MONOTONIC) - start;
	archive_close(a);
	fleet_free(f);
	return took;
}

/* --- questions over all that is in the file --- */

static int count_row(void *ctx, const struct past_row *row)
{
	size_t *n = ctx;

	*n += row->n > 0;
	return 0;
}

static int count_told(void *ctx, const struct reader_kpi *k)
{
	size_t *n = ctx;

	*n += k->kpi.n > 0;
	return 0;
}

static void ask(const char *file, const char *expression, enum past_by by, uint32_t window_s, int64_t now_us)
{
	const struct past_question q = { .name = expression, .expression = expression };
	struct past_scope scope = { .by = by, .window_s = window_s, .deadline_s = 86400 };
	double start = clock_s(CLOCK_MONOTONIC);
	struct past_answer answer;
	struct past *past;
	size_t n = 0;
	const struct past_sink sink = { count_row, &n };

	if (past_open(&past, file, now_us) < 0 || !past_range(past, &scope.from, &scope.to) ||
	    past_ask(past, &scope, &q, 1, &sink, &answer) < 0)
		abort();
	past_close(past);
	printf("%.2f s for %s by %s in windows of %u s: %zu rows of %llu parts\n", clock_s(CLOCK_MONOTONIC) - start,
	       expression, by == PAST_BY_DEVICE ? "device" : "site", window_s, n,
	       (unsigned long long)answer.notes.n_parts);
}

static void ask_told(const char *file)
{
	const struct reader_range range = { .site = "delft", .name = "p95", .to = UINT64_MAX };
	double start = clock_s(CLOCK_MONOTONIC);
	struct reader *r;
	size_t n = 0;

	if (reader_open(&r, file) < 0 || reader_each_kpi(r, &range, count_told, &n) < 0)
		abort();
	reader_close(r);
	printf("%.3f s for a KPI as it was told: %zu rows\n", clock_s(CLOCK_MONOTONIC) - start, n);
}

struct run {
	size_t n_devices, n_windows, n_complete, bytes;
	struct message *messages;
	struct fleet *fleet;
	struct archive *archive;
	int64_t now_us;
	double cpu_s, wall_s, kpi_s, slowest_s;
};

static void take_window(struct run *r)
{
	double cpu = clock_s(CLOCK_PROCESS_CPUTIME_ID), wall = clock_s(CLOCK_MONOTONIC);

	for (size_t d = 0; d < r->n_devices; d++) {
		struct fleet_message m =
			envelope(r->messages[d].device, r->messages[d].data, r->messages[d].bytes, r->now_us);

		if (fleet_partial(r->fleet, &m) != FLEET_MERGED)
			abort();
		r->bytes += r->messages[d].bytes;
		if (r->archive && (d + 1) % A_COMMIT == 0 && archive_commit(r->archive) < 0)
			abort();
	}
	if (r->archive && archive_commit(r->archive) < 0)
		abort();
	r->cpu_s += clock_s(CLOCK_PROCESS_CPUTIME_ID) - cpu;
	r->wall_s += clock_s(CLOCK_MONOTONIC) - wall;
}

static void tell_window(struct run *r)
{
	struct fleet_kpi_sink sink = { tell, &r->n_complete };
	double wall = clock_s(CLOCK_MONOTONIC);

	fleet_kpi_update(r->fleet, true, &sink);
	if (r->archive)
		archive_tick(r->archive, &sink);
	wall = clock_s(CLOCK_MONOTONIC) - wall;
	r->kpi_s += wall;
	r->slowest_s = wall > r->slowest_s ? wall : r->slowest_s;
}

static void report(const struct run *r)
{
	double n = (double)(r->n_devices * r->n_windows);

	printf("%zu devices, %zu windows of %u streams, %.0f B a message%s\n", r->n_devices, r->n_windows, STREAMS,
	       (double)r->bytes / n, r->archive ? "" : ", no store");
	printf("%.0f partials a second of CPU, %.0f of wall time\n", n / r->cpu_s, n / r->wall_s);
	printf("%.2f ms a window for its KPIs and what is saved (slowest %.2f), %zu complete\n",
	       1000 * r->kpi_s / (double)r->n_windows, 1000 * r->slowest_s, r->n_complete);
	printf("PSS %u KiB, windows %zu KiB\n", pss_kib(), r->fleet->window_bytes / 1024);
}

int main(int argc, char **argv)
{
	const char *file = argc > 3 ? argv[3] : NULL;
	const struct archive_options o = { .path = file };
	struct run r = { .n_devices = 1000, .n_windows = 60, .fleet = fleet_new(7200) };
	uint64_t random = 1;
	struct stat st;

	if (argc > 2) {
		r.n_devices = strtoul(argv[1], NULL, 10);
		r.n_windows = strtoul(argv[2], NULL, 10);
	}
	r.messages = calloc(r.n_devices, sizeof(*r.messages));
	r.now_us = (int64_t)(t0 + r.n_windows * 60) * 1000000;
	make_contract();
	if (file && archive_open(&r.archive, r.fleet, &o, r.now_us) < 0)
		return 1;
	introduce(r.fleet, r.n_devices, r.now_us);
	for (size_t w = 0; w < r.n_windows; w++) {
		for (size_t d = 0; d < r.n_devices; d++)
			make_message(&r.messages[d], d, w, &random);
		take_window(&r);
		tell_window(&r);
	}
	free(r.messages);
	report(&r);
	archive_close(r.archive);
	fleet_free(r.fleet);
	if (file && stat(file, &st) == 0) {
		printf("%.1f B on disk a partial\n", (double)st.st_size / (double)(r.n_devices * r.n_windows));
		printf("%.2f s to start again\n", restart(file, r.now_us));
		ask_told(file);
		ask(file, "mean(s1)", PAST_BY_SITE, 3600, r.now_us);
		ask(file, "quantile(s0, 0.99)", PAST_BY_SITE, 3600, r.now_us);
		ask(file, "quantile(s0, 0.99)", PAST_BY_DEVICE, 3600, r.now_us);
	}
	free(contract_json);
	return 0;
}
