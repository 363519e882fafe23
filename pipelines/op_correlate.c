/* SPDX-License-Identifier: Apache-2.0 */
/*
 * correlate - Pearson's r of two series over the last `window` ticks: 1 they move together, -1 against each other, 0 neither.
 *
 * Means, deviations and the co-moment are one mergeable value (Chan, Golub & LeVeque 1979; the co-moment likewise), kept in the
 * queue of two parts of op_moving_average.c: constant time a tick, nothing is ever subtracted. With `lag` the first series
 * is compared with what the second was that many ticks before. A series that stood still through the window has no r: a gap.
 * A tick with an input missing is a gap and takes no place in the window. Which readings make a tick is said in align.h.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>

#include "base/check.h"
#include "base/unit.h"
#include "pipelines/align.h"
#include "pipelines/op.h"
#include "pipelines/series.h"

enum { WINDOW_MAX = 100000, LAG_MAX = 100000 };

struct comoments {
	double n, mean_x, mean_y, m2_x, m2_y, c; /* c: sum of products of deviations */
};

struct pair {
	double x, y;
	struct comoments sum; /* of the older part: from here to its end */
};

struct correlate {
	int64_t window, lag, within_us;
	struct align align;

	struct pair *ring;
	size_t capacity, head, n_older, n_newer;
	struct comoments newer;
	double *past; /* of the second input, a ring of `lag` */
	size_t n_past, next_past;
	uint32_t lost;
};

static const struct opt options[] = {
	{ "window", OPT_INT, offsetof(struct correlate, window), .min = 3, .max = WINDOW_MAX, .required = true,
	  .example = "60", .unit = "samples", .help = "how many ticks back; no result until there are so many" },
	{ "lag", OPT_INT, offsetof(struct correlate, lag), .min = 0, .max = LAG_MAX, .def = "0", .unit = "samples",
	  .help = "by how many ticks the second input goes ahead of the first" },
	ALIGN_WITHIN(struct correlate, within_us),
};

static int correlate_setup(void *state, struct op_setup *s)
{
	struct correlate *c = state;

	for (size_t i = 0; i < s->n_inputs; i++)
		if (s->inputs[i].kind == SERIES_COUNTER) {
			snprintf(s->error, sizeof(s->error), "input %zu is a counter; correlate its rate", i + 1);
			return -EINVAL;
		}
	c->capacity = (size_t)c->window;
	c->ring = arena_alloc(s->arena, c->capacity * sizeof(*c->ring));
	c->past = arena_alloc(s->arena, ((size_t)c->lag + 1) * sizeof(*c->past));
	s->output->unit = unit_find("1");
	s->output->kind = SERIES_GAUGE;
	return align_setup(&c->align, s, c->within_us);
}

static void merge(struct comoments *into, const struct comoments *from)
{
	double n = into->n + from->n, share = into->n * from->n / n;
	double dx = from->mean_x - into->mean_x, dy = from->mean_y - into->mean_y;

	if (from->n == 0.0)
		return;
	into->m2_x += from->m2_x + dx * dx * share;
	into->m2_y += from->m2_y + dy * dy * share;
	into->c += from->c + dx * dy * share;
	into->mean_x += dx * from->n / n;
	into->mean_y += dy * from->n / n;
	into->n = n;
}

static void add(struct comoments *m, double x, double y)
{
	merge(m, &(struct comoments){ .n = 1.0, .mean_x = x, .mean_y = y });
}

static struct pair *pair_at(struct correlate *c, size_t i)
{
	size_t at = c->head + i;

	return &c->ring[at < c->capacity ? at : at - c->capacity];
}

static void drop_oldest(struct correlate *c)
{
	if (c->n_older == 0) {
		struct comoments sum = { 0 };

		for (size_t i = c->n_newer; i-- > 0;) {
			struct pair *p = pair_at(c, i);

			add(&sum, p->x, p->y);
			p->sum = sum;
		}
		c->n_older = c->n_newer;
		c->n_newer = 0;
		c->newer = (struct comoments){ 0 };
	}
	c->head = c->head + 1 == c->capacity ? 0 : c->head + 1;
	c->n_older--;
}

static void add_pair(struct correlate *c, double x, double y)
{
	struct pair *p;

	if (c->n_older + c->n_newer == c->capacity)
		drop_oldest(c);
	p = pair_at(c, c->n_older + c->n_newer);
	p->x = x;
	p->y = y;
	c->n_newer++;
	add(&c->newer, x, y);
}

static bool has_enough(const struct correlate *c)
{
	return c->n_older + c->n_newer == (size_t)c->window;
}

static double pearson(const struct correlate *c)
{
	struct comoments m = c->newer;
	double r;

	if (c->n_older > 0)
		merge(&m, &c->ring[c->head].sum);
	if (!(m.m2_x > 0.0 && m.m2_y > 0.0))
		return NAN;
	r = m.c / (sqrt(m.m2_x) * sqrt(m.m2_y));
	return isnan(r) ? r : fmax(-1.0, fmin(1.0, r)); /* rounding may lead just beyond */
}

/* What @y was @lag ticks ago. @return false: not yet known */
static bool delay(struct correlate *c, double *y)
{
	double now = *y;

	if (c->lag == 0)
		return true;
	if (c->n_past == (size_t)c->lag)
		*y = c->past[c->next_past];
	c->past[c->next_past] = now;
	c->next_past = c->next_past + 1 == (size_t)c->lag ? 0 : c->next_past + 1;
	if (c->n_past == (size_t)c->lag)
		return true;
	c->n_past++;
	return false;
}

static void give(struct correlate *c, const struct emitter *out)
{
	double values[OP_MAX_INPUTS];
	struct sample s;

	if (!align_take(&c->align, &s, values)) {
		series_emit_if(true, out, &s, NAN, &c->lost);
		return;
	}
	if (delay(c, &values[1]))
		add_pair(c, values[0], values[1]);
	series_emit_if(has_enough(c), out, &s, pearson(c), &c->lost);
}

static void correlate_push(void *state, unsigned input, const struct sample *in, const struct emitter *out)
{
	struct correlate *c = state;

	if (align_is_over(&c->align, in))
		give(c, out);
	if (align_add(&c->align, input, in))
		give(c, out);
}

static int64_t correlate_due_us(const void *state)
{
	const struct correlate *c = state;

	return align_due_us(&c->align);
}

static void correlate_advance(void *state, int64_t watermark_us, const struct emitter *out)
{
	struct correlate *c = state;

	if (align_has_waited(&c->align, watermark_us))
		give(c, out);
}

const struct op_class op_correlate = {
	.name = "correlate",
	.family = OP_JOINING,
	.help = "how closely two series go together over the last ticks (Pearson's r), with a lag if need be",
	.formula = "r = sum((x - mean x)(y - mean y)) / sqrt(sum((x - mean x)^2) sum((y - mean y)^2))",
	.memory = "64 B a tick of the window, 8 B a tick of the lag",
	.options = { options, ARRAY_LEN(options) },
	.state_size = sizeof(struct correlate),
	.min_inputs = 2,
	.max_inputs = 2,
	.setup = correlate_setup,
	.push = correlate_push,
	.advance = correlate_advance,
	.due_us = correlate_due_us,
};
