/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/shared_contract.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "collector/json_in.h"

static int compare_contracts(const void *a, const void *b)
{
	const struct shared_contract *x = *(struct shared_contract *const *)a, *y = *(struct shared_contract *const *)b;

	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	if (x->bytes != y->bytes)
		return x->bytes < y->bytes ? -1 : 1;
	return x->bytes ? memcmp(x->text, y->text, x->bytes) : 0;
}

void contract_store_init(struct contract_store *s)
{
	s->contracts = (struct sorted){ .item_bytes = sizeof(struct shared_contract *), .compare = compare_contracts };
}

/* --- KPIs --- */

static const struct metric_def *metric_of_stream(const struct contract *c, const char *stream)
{
	size_t len = strlen(stream);

	for (size_t i = 0; i < c->n_metrics; i++)
		if (strncmp(c->metrics[i].name, stream, len) == 0 && c->metrics[i].name[len] == '@')
			return &c->metrics[i];
	return NULL;
}

/* NULL, or why the streams of @k can not be merged into its windows. */
static const char *find_streams(struct shared_contract *c, const struct kpi_def *k, struct kpi_plan *plan)
{
	plan->n_streams = expr_n_streams(plan->expr);
	plan->metrics = arena_alloc(&c->arena, plan->n_streams * sizeof(plan->metrics[0]));
	if (plan->n_streams == 0)
		return "it uses no stream";
	for (size_t i = 0; i < plan->n_streams; i++) {
		const struct metric_def *m = metric_of_stream(&c->contract, expr_stream(plan->expr, i));

		if (!m)
			return "one of its streams is not in the contract";
		if (k->window_s % m->window_s != 0)
			return "its window is no multiple of those of its streams";
		plan->metrics[i] = m;
	}
	return NULL;
}

static const char *plan_key(struct arena *a, const struct kpi_def *k, const struct kpi_plan *plan)
{
	char *key = arena_printf(a, "%s [%s] per %us of", k->expression, k->unit, k->window_s);

	for (size_t i = 0; i < plan->n_streams; i++)
		key = arena_printf(a, "%s %s", key, plan->metrics[i]->name);
	return text_make_printable(key); /* it goes into the log */
}

static void plan_kpi(struct shared_contract *c, const struct kpi_def *k)
{
	struct kpi_plan *plan = &c->plans[c->n_plans];
	struct expr_error err = { 0 };
	struct expr *expr;
	const char *why = err.text;

	if (expr_compile(&expr, k->expression, &c->arena, &err) == 0) {
		*plan = (struct kpi_plan){ .def = k, .expr = expr };
		why = find_streams(c, k, plan);
		if (!why && expr_check(expr, plan->metrics, &c->arena, NULL, &err) < 0)
			why = err.text;
	}
	if (why) {
		log_warning("contract %08x: KPI %s is left out: %s", c->hash, k->name,
			    why == err.text ? text_make_printable(err.text) : why);
		c->n_refused++;
		return;
	}
	plan->key = plan_key(&c->arena, k, plan);
	c->n_plans++;
}

/* --- the store --- */

static void contract_free(struct shared_contract *c)
{
	arena_free(&c->arena);
	free(c->text);
	free(c);
}

static int contract_new(struct shared_contract **out, const struct shared_contract *key, const char **why)
{
	struct shared_contract *c = sorted_alloc(sizeof(*c));

	if (json_in_contract(&c->contract, &c->arena, key->text, key->bytes, key->hash, why) < 0) {
		contract_free(c);
		return -EBADMSG;
	}
	c->hash = key->hash;
	c->bytes = key->bytes;
	c->text = sorted_alloc(key->bytes);
	memcpy(c->text, key->text, key->bytes);
	c->plans = arena_alloc(&c->arena, c->contract.n_kpis * sizeof(c->plans[0]));
	for (size_t i = 0; i < c->contract.n_kpis; i++)
		plan_kpi(c, &c->contract.kpis[i]);
	*out = c;
	return 0;
}

int contract_store_take(struct contract_store *s, uint32_t hash, const char *text, size_t bytes,
			struct shared_contract **out, const char **why)
{
	struct shared_contract key = { .hash = hash, .bytes = bytes, .text = (char *)text }, *pointer = &key;
	struct shared_contract **found = sorted_find(&s->contracts, &pointer);
	struct shared_contract *c = found ? *found : NULL;

	if (!c) {
		int r = contract_new(&c, &key, why);

		if (r < 0)
			return r;
		sorted_insert(&s->contracts, &c);
	}
	c->n_users++;
	*out = c;
	return 0;
}

void contract_store_give(struct contract_store *s, struct shared_contract *c)
{
	assert(c->n_users > 0);
	if (--c->n_users > 0)
		return;
	sorted_remove(&s->contracts, sorted_lower_bound(&s->contracts, &c));
	contract_free(c);
}

void contract_store_free(struct contract_store *s)
{
	assert(s->contracts.n == 0);
	sorted_free(&s->contracts);
}
