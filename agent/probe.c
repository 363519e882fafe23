/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/probe.h"

#include <math.h>
#include <string.h>

static void count(struct probe *p, const struct sample *in)
{
	double x = in->value;

	if (!isfinite(x)) {
		p->n_gaps++;
		return;
	}
	if (p->n == 0)
		p->first = p->min = p->max = x;
	p->min = x < p->min ? x : p->min;
	p->max = x > p->max ? x : p->max;
	p->last = x;
	p->sum += x;
	p->n++;
}

static void probe_push(void *state, unsigned input, const struct sample *in, const struct emitter *out)
{
	struct probe *p = state;

	(void)input;
	if (in->at_us >= p->from_us && in->at_us < p->to_us)
		count(p, in);
	if (p->sample)
		p->sample(p->ctx, in);
	emit(out, in);
}

static const struct op_class probe_class = { .name = "probe", .push = probe_push };

/* A stream that is looked at needs those it takes from, which stand before it. */
static void mark_inputs(const struct conf *c, bool *streams, bool *sources)
{
	for (size_t i = c->plan.n_streams; i-- > 0;) {
		const struct graph_stream *s = &c->plan.streams[i];

		for (size_t f = 0; streams[i] && f < s->n_from; f++)
			*(s->from[f].is_stream ? &streams[s->from[f].index] : &sources[s->from[f].index]) = true;
	}
}

static struct graph_op add_point(struct probe_points *p, struct arena *a, struct probe_point point)
{
	point.probe = arena_alloc(a, sizeof(*point.probe));
	p->points[p->n++] = point;
	return (struct graph_op){ &probe_class, point.probe };
}

static void look_at_stream(struct conf *c, struct graph_stream *s, size_t index, struct probe_points *p)
{
	struct graph_op *ops = arena_alloc(&c->arena, (2 * s->n_ops + 1) * sizeof(*ops));
	size_t n = 0;

	for (size_t o = 0; o < s->n_ops; o++) {
		struct probe_point at = { .what = s->ops[o].class->name, .stream = index, .source = SIZE_MAX };

		ops[n++] = s->ops[o];
		ops[n++] = add_point(p, &c->arena, at);
	}
	if (n == 0)
		ops[n++] = add_point(p, &c->arena,
				     (struct probe_point){ .what = "as it is", .stream = index, .source = SIZE_MAX });
	s->ops = ops;
	s->n_ops = n;
}

static struct graph_stream look_at_source(struct conf *c, size_t source, struct probe_points *p)
{
	struct graph_ref *from = arena_alloc(&c->arena, sizeof(*from));
	struct graph_op *op = arena_alloc(&c->arena, sizeof(*op));
	struct probe_point at = { .what = c->source_names[source], .stream = SIZE_MAX, .source = source };

	*from = (struct graph_ref){ .index = source };
	*op = add_point(p, &c->arena, at);
	return (struct graph_stream){ .name = at.what, .from = from, .n_from = 1, .ops = op, .n_ops = 1 };
}

struct graph_plan probe_plan(struct conf *c, const bool *wanted, struct probe_points *out)
{
	struct graph_plan plan = c->plan;
	struct graph_stream *streams;
	bool *is_stream = arena_alloc(&c->arena, plan.n_streams + 1);
	bool *is_source = arena_alloc(&c->arena, plan.n_sources + 1);
	size_t n_points = plan.n_sources + plan.n_streams;

	memcpy(is_stream, wanted, plan.n_streams);
	mark_inputs(c, is_stream, is_source);
	for (size_t i = 0; i < plan.n_streams; i++)
		n_points += plan.streams[i].n_ops;
	*out = (struct probe_points){ .points = arena_alloc(&c->arena, n_points * sizeof(out->points[0])) };

	streams = arena_alloc(&c->arena, (plan.n_streams + plan.n_sources) * sizeof(*streams));
	memcpy(streams, plan.streams, plan.n_streams * sizeof(*streams));
	plan.streams = streams;
	for (size_t i = 0; i < plan.n_sources; i++)
		if (is_source[i])
			streams[plan.n_streams++] = look_at_source(c, i, out);
	for (size_t i = 0; i < c->plan.n_streams; i++)
		if (is_stream[i])
			look_at_stream(c, &streams[i], i, out);
	return plan;
}
