/* SPDX-License-Identifier: Apache-2.0 */
/*
 * agent_change.c - another config takes the place of the one that runs, between two readings. What both define the same way goes on: sensors
 * with their drivers, streams with what their operators remember, open windows, KPIs, processes, outputs. Everything is made before anything is
 * taken away; after that only a lack of memory could fail, and then the program ends and starts again.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "agent/agent_private.h"
#include "agent/conf_moves.h"
#include "agent/exits.h"
#include "base/log.h"

static bool fits_in_message(const struct contract *c)
{
	struct dynbuf json;
	bool fits;

	dynbuf_init(&json, CONTRACT_MAX_BYTES);
	contract_to_json(c, &json);
	fits = !json.overflow;
	dynbuf_free(&json);
	return fits;
}

/* The graph and its contract do not depend on the states of operators: what is too large is seen before they are handed over. */
static bool is_contract_fit(struct conf *next, const struct graph_sink *sink)
{
	struct arena arena = { 0 };
	struct graph *g = graph_new(&next->plan, sink, &arena);
	bool fits = fits_in_message(graph_contract(g));

	graph_free(g);
	arena_free(&arena);
	return fits;
}

/* The rest takes over what the graph gives and what it takes. */
static int change_the_rest(struct agent *a, const struct conf_moves *m)
{
	struct conf *next = a->conf;
	int r = a->publisher ? publisher_change(a->publisher, next, graph_contract(a->graph)) : 0;

	if (r == 0)
		r = execs_change(a->execs, &next->plan);
	if (r == 0)
		r = sched_change(a->sched, next, m->sensors);
	if (r == 0)
		r = actions_change(a->actions, next, m->actions, a->graph);
	return r;
}

/* Parts that end now are told with the old contract. */
static void change_graph(struct agent *a, struct conf *next, const struct graph_sink *sink, const struct conf_moves *m)
{
	const struct graph_moves moves = { m->streams, m->kpis };
	struct graph *old = a->graph, *g = graph_new(&next->plan, sink, &next->arena);

	graph_adopt(g, old, &moves, clock_now_us(&a->clock));
	a->graph = g;
}

int agent_change(struct agent *a, struct conf *next)
{
	struct graph_sink sink = agent_sink;
	struct graph *old = a->graph;
	struct conf *was = a->conf;
	struct conf_moves m;
	int r;

	sink.ctx = a;
	next->plan.emit_empty = true;
	if (!is_contract_fit(next, &sink))
		return -EMSGSIZE;
	graph_advance(old, execs_watermark_us(a->execs, sched_watermark_us(a->sched)));
	conf_compare(was, next, &m);
	conf_hand_over(was, next, &m);
	change_graph(a, next, &sink, &m);
	a->conf = next;
	a->told_trouble = arena_alloc(&next->arena, next->plan.n_streams * sizeof(*a->told_trouble));
	r = change_the_rest(a, &m);
	graph_free(old);
	conf_free(was);
	if (was != a->o->conf)
		free(was);
	if (r < 0) {
		log_error("cannot change the config: %s; starting again", strerror(-r));
		loop_stop(a->loop, EXIT_FAILED);
		return 0;
	}
	log_notice("revision %lld: %zu of %zu streams go on", (long long)next->revision, m.n_streams,
		   next->plan.n_streams);
	agent_plan_tick(a);
	agent_status_soon(a);
	return 0;
}
