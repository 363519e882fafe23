/* SPDX-License-Identifier: Apache-2.0 */
/* conf_stream_options.c - what a stream says of itself, beside its inputs and operators, and what follows when it does not. */
#include <math.h>
#include <string.h>

#include "agent/conf_private.h"
#include "base/unit.h"

struct options {
	bool publish, event, quantiles, is_counter;
	int64_t window_us, hold_us, missing_after_us, version;
	double quantum, reference;
};

static const struct opt stream_rows[] = {
	{ "publish", OPT_BOOL, offsetof(struct options, publish), .def = "yes", .help = "make partials of it" },
	{ "event", OPT_BOOL, offsetof(struct options, event), .def = "no",
	  .help = "publish when a state is raised or cleared, is missing or has recovered" },
	{ "missing_after", OPT_DURATION, offsetof(struct options, missing_after_us), .min = 0, .max = 3.1536e13,
	  .help = "an event without a value for longer is missing, 0 never; default: hold if given, else 3 periods, at "
		  "least 10s; irregular data never" },
	{ "quantiles", OPT_BOOL, offsetof(struct options, quantiles), .def = "no",
	  .help = "add a sketch, for quantile()" },
	{ "window", OPT_DURATION, offsetof(struct options, window_us), .min = 1e6, .max = 3.6e9,
	  .help = "length of its partials; default: the config's" },
	{ "version", OPT_INT, offsetof(struct options, version), .min = 1, .max = 1e6, .def = "1",
	  .help = "raise it when what the stream means changes" },
	{ "quantum", OPT_DOUBLE, offsetof(struct options, quantum), .min = 1e-12, .max = 1e12,
	  .help = "resolution q of the sums; default: the unit's" },
	{ "reference", OPT_DOUBLE, offsetof(struct options, reference), .min = -1e15, .max = 1e15,
	  .help = "reference K of the sums; default: the unit's" },
	{ "hold", OPT_DURATION, offsetof(struct options, hold_us), .min = 1e3, .max = 8.64e10,
	  .help = "how long a value stands for what it measured; default: 3 periods, a state 24h, irregular data one "
		  "window" },
	{ "counter", OPT_BOOL, offsetof(struct options, is_counter), .def = "no",
	  .help = "the value only grows: use increase() and rate()" },
};
const struct opt_table conf_stream_options = { stream_rows, ARRAY_LEN(stream_rows) };

/* In quanta. Wider than all k there are two buckets, however wide. */
static uint32_t lin_width(const struct unit *unit, double quantum)
{
	double width = unit->sketch_width > 0.0 ? round(unit->sketch_width / quantum) : 1.0;

	if (width > AGG_K_LIMIT)
		return AGG_K_LIMIT;
	return width < 1.0 ? 1 : (uint32_t)width;
}

/* Reference, quantum and sketch: the unit's, unless the stream says otherwise; states and plain counts are exact integers. */
static void define_metric(struct conf *c, const struct options *o, const struct node *n, const struct series_info *info,
			  struct metric_def *def)
{
	const struct unit *unit = info->unit;
	bool is_exact = info->kind == SERIES_STATE || (info->kind == SERIES_COUNTER && strcmp(unit->code, "1") == 0);

	def->name = arena_printf(&c->arena, "%s@%d", n->key, (int)o->version);
	def->unit = unit;
	def->kind = info->kind;
	def->reference = is_exact || info->kind == SERIES_COUNTER ? 0.0 : unit->reference;
	def->quantum = is_exact ? 1.0 : unit->quantum;
	if (!isnan(o->quantum))
		def->quantum = o->quantum;
	if (!isnan(o->reference))
		def->reference = o->reference;
	def->has_sketch = o->quantiles;
	def->sketch.kind = is_exact ? SKETCH_EXP2 : unit->sketch;
	def->sketch.quantum = def->quantum;
	def->sketch.reference = def->reference;
	def->sketch.width = def->sketch.kind == SKETCH_LIN ? lin_width(unit, def->quantum) : 0;
	def->period_us = info->period_us;
}

static int64_t default_hold_us(const struct series_info *info, uint32_t window_s)
{
	if (info->kind == SERIES_STATE)
		return 86400 * (int64_t)1000000;
	return info->period_us > 0 ? 3 * info->period_us : (int64_t)window_s * 1000000;
}

/* A hiccup is not yet silence. What comes when something happens may be silent for long. */
static int64_t missing_after_us(const struct options *o, const struct node *n, int64_t period_us)
{
	enum { AT_LEAST_US = 10000000 };

	if (node_get(n, "missing_after"))
		return o->missing_after_us;
	if (o->hold_us > 0 || period_us <= 0)
		return o->hold_us;
	return 3 * period_us > AT_LEAST_US ? 3 * period_us : AT_LEAST_US;
}

bool conf_read_stream_options(struct conf *c, const struct node *n, const struct series_info *info,
			      struct graph_stream *s, struct diag *d)
{
	static const char *const others[] = { "from", "through", NULL };
	const struct node *window = node_get(n, "window"), *event = node_get(n, "event");
	struct options o = { 0 };
	struct series_info own = *info;

	if (opt_apply(&conf_stream_options, n, &o, &c->arena, d, n->at, "stream", others) > 0)
		return false;
	s->def.window_s = conf_window_s(o.window_us > 0 ? o.window_us : c->window_us, window ? window->at : n->at, d);
	if (s->def.window_s == 0)
		return false;
	if (o.event && info->kind != SERIES_STATE) {
		diag_error(d, event->at, "only a state has events: end 'through' with a threshold");
		return false;
	}
	if (o.is_counter)
		own.kind = SERIES_COUNTER;
	if (o.quantiles && own.kind == SERIES_COUNTER) {
		diag_error(d, node_get(n, "quantiles")->at, "quantiles of a counter have no meaning");
		return false;
	}
	s->publish = o.publish;
	s->event = o.event;
	s->wants_increase = own.kind != SERIES_GAUGE;
	define_metric(c, &o, n, &own, &s->def);
	s->missing_after_us = missing_after_us(&o, n, own.period_us);
	s->hold_us = o.hold_us > 0 ? o.hold_us : default_hold_us(&own, s->def.window_s);
	return true;
}
