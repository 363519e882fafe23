/* SPDX-License-Identifier: Apache-2.0 */
/* graph_build.c - wires a plan: nodes, windows by length, metric ids, who feeds which KPI. */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "pipelines/graph_private.h"

static void connect(struct arena *a, struct emitter *out, struct op_node *to, unsigned input)
{
	struct op_link *links = arena_alloc(a, (out->n_links + 1) * sizeof(*links));

	if (out->n_links > 0)
		memcpy(links, out->links, out->n_links * sizeof(*links));
	links[out->n_links++] = (struct op_link){ to, input };
	out->links = links;
}

static struct emitter *emitter_of(struct graph *g, const struct graph_ref *ref)
{
	return ref->is_stream ? &g->streams[ref->index].node.out : &g->sources[ref->index];
}

static void wire_stream(struct graph *g, size_t i, struct arena *a)
{
	struct stream *s = &g->streams[i];
	const struct graph_stream *plan = &g->plan->streams[i];
	struct op_node *first = &s->node, *next = &s->node;

	size_t n_waiters = 0, n_done = 0;

	for (size_t o = 0; o < plan->n_ops; o++)
		n_waiters += plan->ops[o].class->advance != NULL;
	g->n_waiters += n_waiters;
	for (size_t o = plan->n_ops; o-- > 0;) {
		struct op_node *node = arena_alloc(a, sizeof(*node));

		if (plan->ops[o].class->advance)
			g->waiters[g->n_waiters - ++n_done] = (struct waiter){ plan->ops[o].class, node };

		node->push = plan->ops[o].class->push;
		node->state = plan->ops[o].state;
		connect(a, &node->out, next, 0);
		first = next = node;
	}
	if (plan->event || plan->watched) {
		s->tap = (struct op_node){ .push = graph_tap_push, .state = s };
		connect(a, &s->tap.out, first, 0);
		first = &s->tap;
	}
	for (size_t f = 0; f < plan->n_from; f++) {
		assert(!plan->from[f].is_stream || plan->from[f].index < i);
		connect(a, emitter_of(g, &plan->from[f]), first, (unsigned)f);
	}
}

static struct group *group_for(struct graph *g, uint32_t length_s, struct arena *a)
{
	struct group *group;

	for (size_t i = 0; i < g->n_groups; i++)
		if (g->groups[i].length_s == length_s)
			return &g->groups[i];

	group = &g->groups[g->n_groups++];
	group->length_s = length_s;
	group->ids = arena_alloc(a, g->plan->n_streams * sizeof(group->ids[0]));
	group->specs = arena_alloc(a, g->plan->n_streams * sizeof(group->specs[0]));
	return group;
}

static void make_groups(struct graph *g, uint32_t *id_of, struct arena *a)
{
	g->groups = arena_alloc(a, g->plan->n_streams * sizeof(g->groups[0]));
	g->metrics = arena_alloc(a, g->plan->n_streams * sizeof(g->metrics[0]));

	for (size_t i = 0; i < g->plan->n_streams; i++) {
		const struct graph_stream *plan = &g->plan->streams[i];
		struct group *group;
		uint32_t id;

		if (!plan->publish)
			continue;
		id = (uint32_t)g->contract.n_metrics++;
		id_of[i] = id;
		g->metrics[id] = plan->def;
		group = group_for(g, plan->def.window_s, a);
		g->streams[i].slot = group->n;
		group->ids[group->n] = id;
		group->specs[group->n++] = (struct cell_spec){
			.def = &g->metrics[id],
			.wants_increase = plan->wants_increase,
			.is_plain = !plan->wants_increase && plan->def.kind != SERIES_COUNTER,
			.hold_ms = plan->hold_us / 1000,
			.reference = plan->def.reference,
			.per_quantum = 1.0 / plan->def.quantum,
		};
	}
	g->contract.metrics = g->metrics;
}

static void make_windows(struct graph *g, struct arena *a)
{
	size_t widest = 1;

	for (size_t i = 0; i < g->n_groups; i++) {
		struct group *group = &g->groups[i];

		group->window = window_new(
			&(struct window_options){
				.length_s = group->length_s,
				.specs = group->specs,
				.n_streams = group->n,
				.lateness_us = g->plan->lateness_us,
				.emit_empty = g->plan->emit_empty,
				.closed = graph_part_closed,
				.ctx = g,
			},
			a);
		widest = group->n > widest ? group->n : widest;
	}
	for (size_t i = 0; i < g->plan->n_streams; i++)
		for (size_t j = 0; g->plan->streams[i].publish && j < g->n_groups; j++)
			if (g->groups[j].length_s == g->plan->streams[i].def.window_s)
				g->streams[i].lane = window_lane(g->groups[j].window, g->streams[i].slot);

	if (widest > PARTIAL_MAX_METRICS)
		widest = PARTIAL_MAX_METRICS;
	g->message.metrics = arena_alloc(a, widest * sizeof(struct partial_metric));
	g->waiting.metrics = arena_alloc(a, widest * sizeof(struct partial_metric));
}

static void make_kpis(struct graph *g, const uint32_t *id_of, struct arena *a)
{
	const struct graph_plan *plan = g->plan;
	const struct metric_def *defs[EXPR_MAX_STREAMS];
	size_t n_users = 0;

	g->kpis = arena_alloc(a, plan->n_kpis * sizeof(g->kpis[0]));
	g->kpi_defs = arena_alloc(a, plan->n_kpis * sizeof(g->kpi_defs[0]));
	for (size_t k = 0; k < plan->n_kpis; k++) {
		size_t n = expr_n_streams(plan->kpis[k].expr);

		for (size_t i = 0; i < n; i++)
			defs[i] = &g->metrics[id_of[plan->kpis[k].streams[i]]];
		g->kpis[k] = kpi_new(&plan->kpis[k], defs, graph_find_alarm(g, true, k), a);
		g->kpi_defs[k] = plan->kpis[k].def;
		n_users += n;
	}
	g->contract.kpis = g->kpi_defs;
	g->contract.n_kpis = plan->n_kpis;

	g->users = arena_alloc(a, n_users * sizeof(g->users[0]));
	g->first_user = arena_alloc(a, (g->contract.n_metrics + 1) * sizeof(g->first_user[0]));
	n_users = 0;
	for (uint32_t id = 0; id < g->contract.n_metrics; id++) {
		g->first_user[id] = n_users;
		for (size_t k = 0; k < plan->n_kpis; k++)
			for (size_t i = 0; i < expr_n_streams(plan->kpis[k].expr); i++)
				if (id_of[plan->kpis[k].streams[i]] == id)
					g->users[n_users++] = (struct kpi_user){ g->kpis[k], i };
	}
	g->first_user[g->contract.n_metrics] = n_users;
}

static size_t count_ops(const struct graph_plan *plan)
{
	size_t n = 0;

	for (size_t i = 0; i < plan->n_streams; i++)
		n += plan->streams[i].n_ops;
	return n;
}

struct graph *graph_new(const struct graph_plan *plan, const struct graph_sink *sink, struct arena *a)
{
	struct graph *g = arena_alloc(a, sizeof(*g));
	uint32_t *id_of = arena_alloc(a, plan->n_streams * sizeof(id_of[0]));

	g->plan = plan;
	g->quiet_until_us = INT64_MIN;
	g->sink = *sink;
	g->sources = arena_alloc(a, plan->n_sources * sizeof(g->sources[0]));
	g->streams = arena_alloc(a, plan->n_streams * sizeof(g->streams[0]));
	g->from = arena_alloc(a, plan->n_streams * sizeof(g->from[0]));
	g->waiters = arena_alloc(a, count_ops(plan) * sizeof(g->waiters[0]));
	for (size_t i = 0; i < plan->n_streams; i++) {
		struct stream *s = &g->streams[i];

		s->plan = &plan->streams[i];
		s->graph = g;
		s->node = (struct op_node){ .push = graph_stream_push, .state = s };
		s->input_value = NAN;
		s->latest_us = INT64_MIN;
		wire_stream(g, i, a);
	}
	graph_make_alarms(g, a);
	make_groups(g, id_of, a);
	make_windows(g, a);
	make_kpis(g, id_of, a);
	return g;
}
