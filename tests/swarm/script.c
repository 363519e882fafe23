/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/swarm/script.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/json_in.h"
#include "pipelines/sketch.h"
#include "pipelines/wire.h"

void script_must(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "feed: %s\n", what);
	exit(EXIT_FAILURE);
}

static const char *word(char **rest)
{
	const char *w = strsep(rest, " \n");

	script_must(w != NULL, "a line is too short");
	return w;
}

static int64_t number(char **rest)
{
	return strtoll(word(rest), NULL, 10);
}

static uint32_t hash_number(char **rest)
{
	return (uint32_t)strtoul(word(rest), NULL, 16);
}

static void read_contract(struct script *s, char *rest)
{
	struct known_contract *c = &s->contracts[s->n_contracts++];
	const char *why = "";

	script_must(s->n_contracts <= SCRIPT_MAX_CONTRACTS, "too many contracts");
	c->hash = hash_number(&rest);
	rest[strcspn(rest, "\n")] = '\0';
	script_must(json_in_contract(&c->contract, &s->arena, rest, strlen(rest), c->hash, &why) == 0, why);
}

static const struct contract *contract_of(const struct script *s, uint32_t hash)
{
	for (size_t i = 0; i < s->n_contracts; i++)
		if (s->contracts[i].hash == hash)
			return &s->contracts[i].contract;
	script_must(false, "a part has an unknown contract");
	return NULL;
}

static void add_sample(struct agg *a, int64_t at_ms, int64_t k, bool is_first)
{
	if (is_first) {
		a->min = a->max = a->first = k;
		a->first_at_ms = at_ms;
	}
	a->min = k < a->min ? k : a->min;
	a->max = k > a->max ? k : a->max;
	a->last = k;
	a->last_at_ms = at_ms;
	a->s1 += k;
	a->s2.lo += (uint64_t)(k * k);
}

static void read_values(char **rest, struct agg *a, const struct metric_def *def, const struct partial *p)
{
	static struct sketch_ring ring;
	int64_t n = number(rest);

	a->n = (uint64_t)n;
	a->has_sketch = def->has_sketch && n > 0;
	if (def->has_sketch)
		sketch_ring_init(&ring, &def->sketch);
	for (int64_t i = 0; i < n; i++) {
		int64_t at_ms = (int64_t)p->w0 * 1000 + number(rest), k = number(rest);

		if (def->kind == SERIES_COUNTER)
			continue;
		add_sample(a, at_ms, k, i == 0);
		if (def->has_sketch)
			sketch_ring_add(&ring, (int32_t)k);
	}
	if (def->has_sketch)
		sketch_ring_read(&ring, &a->sketch);
	for (int64_t held = number(rest); held > 0; held--) {
		int64_t k = number(rest), ms = number(rest);

		a->tw += k * ms;
		a->tw_ms += (uint64_t)ms;
	}
}

static void read_metric(char **rest, struct partial_metric *m, const struct contract *c, const struct partial *p)
{
	struct agg *a = &m->agg;

	*m = (struct partial_metric){ .id = (uint32_t)number(rest) };
	script_must(m->id < c->n_metrics, "a metric is not in the contract");
	a->expected = (uint64_t)number(rest);
	a->covered_ms = (uint64_t)number(rest);
	a->bad = (uint64_t)number(rest);
	a->increase = (uint64_t)number(rest);
	a->resets = (uint64_t)number(rest);
	read_values(rest, a, &c->metrics[m->id], p);
}

static void read_part(const struct script *s, char **rest, struct line *l)
{
	static struct partial_metric metrics[PARTIAL_MAX_METRICS];
	static uint8_t bytes[PARTIAL_MAX_BYTES];
	struct partial p = { .version = PARTIAL_VERSION, .metrics = metrics };
	const struct contract *c;
	int r;

	p.contract = hash_number(rest);
	c = contract_of(s, p.contract);
	snprintf(p.site, sizeof(p.site), "%s", word(rest));
	snprintf(p.device, sizeof(p.device), "%s", word(rest));
	p.boot = l->boot = (uint32_t)number(rest);
	p.seq = l->seq = (uint32_t)number(rest);
	p.w0 = (uint64_t)number(rest);
	p.wl = (uint32_t)number(rest);
	p.part = (uint32_t)number(rest);
	p.flags = (uint32_t)number(rest);
	p.wm = (uint64_t)number(rest);
	p.n_metrics = (size_t)number(rest);
	script_must(p.n_metrics <= PARTIAL_MAX_METRICS, "too many metrics");
	for (size_t i = 0; i < p.n_metrics; i++)
		read_metric(rest, &metrics[i], c, &p);
	r = wire_encode(&p, c->metrics, bytes, sizeof(bytes));
	script_must(r > 0, "a part does not fit into a message");
	l->bytes = (size_t)r;
	l->payload = malloc(l->bytes);
	script_must(l->payload != NULL, "no memory");
	memcpy(l->payload, bytes, l->bytes);
}

static void read_message(char **rest, struct line *l)
{
	const char *hex = word(rest);

	l->bytes = strcmp(hex, "-") == 0 ? 0 : strlen(hex) / 2;
	l->payload = malloc(l->bytes + 1);
	script_must(l->payload != NULL, "no memory");
	for (size_t i = 0; i < l->bytes; i++) {
		char two[3] = { hex[2 * i], hex[2 * i + 1], '\0' };

		l->payload[i] = (uint8_t)strtoul(two, NULL, 16);
	}
}

static void read_line(struct script *s, char *rest)
{
	struct line l = { 0 };
	const char *first = word(&rest);
	int64_t due_ms = strtoll(first, NULL, 10);
	bool is_part;

	if (s->n == s->cap) {
		s->cap = s->cap ? 2 * s->cap : 1024;
		s->lines = realloc(s->lines, s->cap * sizeof(s->lines[0]));
		script_must(s->lines != NULL, "no memory");
	}
	if (strcmp(first, "C") == 0) {
		read_contract(s, rest);
		s->lines[s->n++] = l; /* so that numbers of lines are those of the file */
		return;
	}
	l.due_us = due_ms < 0 ? -1 : due_ms * 1000;
	is_part = strcmp(word(&rest), "p") == 0;
	if (!is_part)
		l.is_retained = number(&rest) != 0;
	l.topic = strdup(word(&rest));
	script_must(l.topic != NULL, "no memory");
	if (is_part)
		read_part(s, &rest, &l);
	else
		read_message(&rest, &l);
	s->lines[s->n++] = l;
}

void script_read(struct script *s, const char *path)
{
	FILE *in = fopen(path, "r");
	char *text = NULL;
	size_t cap = 0;

	script_must(in != NULL, path);
	while (getline(&text, &cap, in) > 0)
		read_line(s, text);
	free(text);
	fclose(in);
}

void script_free(struct script *s)
{
	for (size_t i = 0; i < s->n; i++) {
		free(s->lines[i].topic);
		free(s->lines[i].payload);
	}
	free(s->lines);
	arena_free(&s->arena);
}
