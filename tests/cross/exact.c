/* SPDX-License-Identifier: Apache-2.0 */
/*
 * exact.c - prints what pipelines compute, bit by bit, so that the outputs of two targets can be compared: tests/cross/check.sh and units.sh. Lines
 * that begin with "libm" come from exp(), log() and pow() of expressions, whose last digit each C library may choose.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/decimal.h"
#include "base/diag.h"
#include "base/prng.h"
#include "base/text.h"
#include "base/unit.h"
#include "pipelines/atom.h"
#include "pipelines/graph.h"

enum { S = 1000000, N_STREAMS = 4, N_SAMPLES = 40000 };

static const int64_t t0 = INT64_C(1763697600) * S;

/* Lua is not built for each target; its row in the table stays. */
const struct op_class op_lua = { .name = "lua" };

struct sum {
	uint64_t hash, n;
};

static void add_bits(struct sum *s, uint64_t bits)
{
	for (int i = 0; i < 8; i++)
		s->hash = (s->hash ^ (bits >> 8 * i & 0xFF)) * UINT64_C(0x100000001B3);
	s->n++;
}

static uint64_t bits_of(double x)
{
	uint64_t bits;

	if (isnan(x))
		return UINT64_C(0x7FF8000000000000); /* signs and payloads of NaN are nobody's business */
	memcpy(&bits, &x, sizeof(bits));
	return bits;
}

static void print_sum(const char *what, const struct sum *s)
{
	printf("%s: %016" PRIx64 " of %" PRIu64 "\n", what, s->hash, s->n);
}

/* --- text --- */

static void decimals(void)
{
	struct sum read = { 0, 0 }, written = { 0, 0 };
	uint64_t seed = 1;
	char text[64];

	for (int i = 0; i < 100000; i++) {
		uint64_t r = prng_u64(&seed);
		double x;

		snprintf(text, sizeof(text), "%s%" PRIu64 ".%0*" PRIu64 "e%d", r & 1 ? "-" : "", r >> (8 + r % 50),
			 1 + (int)(r % 9), (r >> 20) % 9999, (int)(r >> 8 & 0xFF) % 37 - 18);
		if (decimal_parse(text, strlen(text), &x) < 0)
			continue;
		add_bits(&read, bits_of(x));
		text_from_double(x, text, sizeof(text));
		for (const char *c = text; *c; c++)
			add_bits(&written, (uint64_t)*c);
	}
	print_sum("decimals read", &read);
	print_sum("decimals written", &written);
}

/* --- windows, aggregates, expressions --- */

struct rig {
	struct sum parts, atoms, kpis, libm;
	struct graph *graph;
	struct agg whole[N_STREAMS]; /* merged, over all windows */
};

static const char *const expressions[] = {
	"(mean(a) - min(a)) / (max(a) - min(a))",
	"sqrt(stddev(a) * stddev(a)) + 0.1 * n(a)",
	"if(quantile(a, 0.95) > 21, quantile(b, 0.5), 0 * quantile(b, 0.99))",
	"integral(b) / 3600 / 1000",
	"rate(d) * 60 + increase(d) / 7",
	"time_mean(c) * 100",
	"least(first(a), last(a)) / 3 - sum(a) / n(a)",
};
static const char *const libm_expressions[] = { "exp(mean(b) / 100)", "log(abs(mean(a)) + 1)", "pow(stddev(b), 0.37)" };

#define N_KPIS (ARRAY_LEN(expressions) + ARRAY_LEN(libm_expressions))

static void on_partial(void *ctx, struct partial *p)
{
	struct rig *r = ctx;

	for (size_t m = 0; m < p->n_metrics; m++) {
		const struct metric_def *def = &graph_contract(r->graph)->metrics[p->metrics[m].id];
		struct agg *a = &p->metrics[m].agg;
		const uint64_t fields[] = { p->w0,
					    p->part,
					    p->flags,
					    a->n,
					    (uint64_t)a->s1,
					    a->s2.hi,
					    a->s2.lo,
					    (uint64_t)a->min,
					    (uint64_t)a->max,
					    (uint64_t)a->first,
					    (uint64_t)a->last,
					    a->bad,
					    a->lost,
					    a->expected,
					    (uint64_t)a->tw,
					    a->tw_ms,
					    a->covered_ms,
					    a->increase,
					    a->resets,
					    (uint64_t)a->sketch.shift,
					    a->sketch.pos.n };

		for (size_t i = 0; i < ARRAY_LEN(fields); i++)
			add_bits(&r->parts, fields[i]);
		for (uint32_t i = 0; i < a->sketch.pos.n; i++)
			add_bits(&r->parts, a->sketch.pos.counts[i]);
		a->due_ms = p->wl * UINT64_C(1000);
		for (size_t i = 0; atom_at(i); i++)
			add_bits(&r->atoms, bits_of(atom_at(i)->value(a, def, atom_at(i)->needs_p ? 0.9 : NAN)));
		agg_merge(&r->whole[p->metrics[m].id], a);
	}
}

static void on_kpi(void *ctx, const struct kpi_def *kpi, uint64_t w0_s, double value, double coverage)
{
	struct rig *r = ctx;
	struct sum *s = kpi->name[0] == 'l' ? &r->libm : &r->kpis;

	add_bits(s, w0_s);
	add_bits(s, bits_of(value));
	add_bits(s, bits_of(coverage));
}

static void describe_stream(struct graph_stream *s, const char *name, const char *unit, enum series_kind kind)
{
	const struct unit *u = unit_find(unit);

	*s = (struct graph_stream){
		.name = name, .n_from = 1, .publish = true, .wants_increase = kind == SERIES_COUNTER
	};
	s->hold_us = 3 * S;
	s->def = (struct metric_def){ .name = name, .unit = u, .kind = kind, .quantum = u->quantum, .window_s = 10 };
	s->def.reference = u->reference;
	s->def.has_sketch = kind == SERIES_GAUGE;
	s->def.period_us = S / 10;
	s->def.sketch = (struct sketch_mapping){ .kind = u->sketch, .quantum = u->quantum, .reference = u->reference };
	s->def.sketch.width = u->sketch == SKETCH_LIN ? (uint32_t)lround(u->sketch_width / u->quantum) : 0;
}

static void push(struct rig *r, size_t source, int64_t at_us, double value)
{
	graph_push(r->graph, source, &(struct sample){ .at_us = at_us, .value = value });
}

static void feed(struct rig *r)
{
	uint64_t seed = 7;
	double level = 20.0, volts = 230.0, counter = 0.0;

	for (int i = 0; i < N_SAMPLES; i++) {
		int64_t at_us = t0 + i * INT64_C(100000) + (int64_t)(prng_u64(&seed) % 20000);
		double x = prng_unit(&seed), y = prng_unit(&seed);

		level += (x - 0.5) * 0.3;
		volts = volts * (1.0 + (y - 0.5) * 1e-2) + 0.001;
		counter = i % 9973 == 0 ? 0.0 : counter + x * 0.013;
		if (i % 97 == 13)
			at_us -= 3 * S; /* late */
		push(r, 0, at_us, i % 31 == 5 ? NAN : level);
		push(r, 1, at_us, volts);
		if (x < 0.1)
			push(r, 2, at_us, y < 0.5);
		push(r, 3, at_us, counter);
		graph_advance(r->graph, t0 + i * INT64_C(100000) - S);
	}
	graph_finish(r->graph);
}

static void windows(void)
{
	static const size_t by_letter[] = { 0, 1, 2, 3 };
	static const struct graph_ref refs[] = { { false, 0 }, { false, 1 }, { false, 2 }, { false, 3 } };
	struct rig r = { 0 };
	const struct graph_sink sink = { .ctx = &r, .partial = on_partial, .kpi = on_kpi };
	struct graph_stream streams[N_STREAMS];
	struct graph_kpi kpis[N_KPIS] = { 0 };
	struct graph_plan plan = { .n_sources = 4, .streams = streams, .n_streams = 4, .kpis = kpis, .n_kpis = N_KPIS };
	struct arena arena = { 0 };

	describe_stream(&streams[0], "a", "Cel", SERIES_GAUGE);
	describe_stream(&streams[1], "b", "V", SERIES_GAUGE);
	describe_stream(&streams[2], "c", "1", SERIES_STATE);
	describe_stream(&streams[3], "d", "L", SERIES_COUNTER);
	streams[2].def.quantum = 1.0;
	for (size_t i = 0; i < N_STREAMS; i++)
		streams[i].from = &refs[i];
	for (size_t k = 0; k < N_KPIS; k++) {
		bool is_libm = k >= ARRAY_LEN(expressions);
		const char *text = is_libm ? libm_expressions[k - ARRAY_LEN(expressions)] : expressions[k];
		size_t *of = arena_alloc(&arena, N_STREAMS * sizeof(*of));
		struct expr_error err;
		struct expr *e;

		if (expr_compile(&e, text, &arena, &err) < 0) {
			printf("%s: %s\n", text, err.text);
			return;
		}
		for (size_t i = 0; i < expr_n_streams(e); i++)
			of[i] = by_letter[expr_stream(e, i)[0] - 'a'];
		kpis[k] = (struct graph_kpi){ .def = { is_libm ? "libm" : "k", text, "1", 60 },
					      .expr = e,
					      .streams = of };
	}
	plan.lateness_us = S;
	r.graph = graph_new(&plan, &sink, &arena);
	feed(&r);
	print_sum("parts", &r.parts);
	print_sum("atoms of parts", &r.atoms);
	print_sum("KPIs", &r.kpis);
	print_sum("libm KPIs", &r.libm);
	for (size_t i = 0; i < N_STREAMS; i++)
		printf("merged %s: n %" PRIu64 " s1 %" PRId64 " mean %016" PRIx64 " stddev %016" PRIx64 "\n",
		       streams[i].name, r.whole[i].n, r.whole[i].s1, bits_of(agg_mean(&r.whole[i], &streams[i].def)),
		       bits_of(agg_stddev(&r.whole[i], &streams[i].def)));
	graph_free(r.graph);
	arena_free(&arena);
}

/* --- operators --- */

static void count_sample(void *state, unsigned input, const struct sample *in, const struct emitter *out)
{
	(void)input;
	(void)out;
	add_bits(state, (uint64_t)in->at_us);
	add_bits(state, bits_of(in->value));
}

/* Which input an operator needs that does not take any. */
static struct series_info input_of(const char *name, size_t i)
{
	static const struct row {
		const char *name, *units[2];
		enum series_kind kind;
	} rows[] = {
		{ "absolute_humidity", { "Cel", "%" }, SERIES_GAUGE },
		{ "debounce", { "1" }, SERIES_STATE },
		{ "dew_point", { "Cel", "%" }, SERIES_GAUGE },
		{ "edge_count", { "1" }, SERIES_STATE },
		{ "heat_index", { "Cel", "%" }, SERIES_GAUGE },
		{ "invert", { "1" }, SERIES_STATE },
		{ "loop_4_20ma", { "mA" }, SERIES_GAUGE },
		{ "ntc", { "Ohm" }, SERIES_GAUGE },
		{ "sea_level_pressure", { "hPa" }, SERIES_GAUGE },
		{ "time_in_state", { "1" }, SERIES_STATE },
	};

	for (size_t k = 0; k < ARRAY_LEN(rows); k++)
		if (strcmp(rows[k].name, name) == 0)
			return (struct series_info){ unit_find(rows[k].units[i]), rows[k].kind, S };
	return (struct series_info){ unit_find("Cel"), SERIES_GAUGE, S };
}

/* "5", or "noise=0.5 drift=0.1". @return how many options, the first at children[0] */
static size_t parse_options(const char *text, struct node children[], struct arena *a)
{
	size_t n = 0;

	for (; text && strchr(text, '='); text += strspn(text, " ")) {
		size_t key = strcspn(text, "="), value = strcspn(text + key + 1, " ");

		children[n] = (struct node){ .kind = NODE_SCALAR,
					     .key = arena_strndup(a, text, key),
					     .text = arena_strndup(a, text + key + 1, value) };
		if (n > 0)
			children[n - 1].next = &children[n];
		n++;
		text += key + 1 + value;
	}
	return n;
}

/* With the first of some arguments that it takes. */
static bool set_up(const struct op_class *class, const char *argument, size_t n_inputs, void *state, struct arena *a)
{
	struct node n = { .kind = argument ? NODE_SCALAR : NODE_NULL, .text = argument }, children[4];
	size_t n_options = parse_options(argument, children, a);
	struct series_info inputs[OP_MAX_INPUTS], output;
	struct op_setup setup = { .inputs = inputs, .n_inputs = n_inputs, .output = &output, .arena = a };
	struct diag d = { 0 };
	int n_errors;

	if (n_options > 0)
		n = (struct node){ .kind = NODE_MAP, .children = children, .n_children = n_options };
	for (size_t i = 0; i < n_inputs; i++)
		inputs[i] = input_of(class->name, i);
	output = inputs[0];
	n_errors = opt_apply(&class->options, &n, state, a, &d, (struct place){ 1, 1 }, class->name, NULL);
	diag_free(&d);
	return n_errors == 0 && (!class->setup || class->setup(state, &setup) == 0);
}

static void run_operator(const struct op_class *class)
{
	static const char *const arguments[] = { "size=16 overlap=0.5", /* spectra: blocks that fit between the gaps */
						 NULL,
						 "5",
						 "10s",
						 "mean",
						 "21",
						 "0.5",
						 "K",
						 "level=0.3 trend=0.1",
						 "length=10s hop=5s",
						 "noise=0.5 drift=0.1",
						 "limit=5 delta=0.1",
						 "type=low_pass frequency=0.1 order=5",
						 "frequency=0.1 size=20",
						 "low=0.1 high=0.3",
						 "above=22 value=kurtosis",
						 "low=0 high=10 unit=bar",
						 "3950",
						 "rate=0.5",
						 "band=0.5",
						 "min=20.5 max=24",
						 "coefficients=0.3" };
	size_t n_inputs = class->min_inputs > 0 ? class->min_inputs : 1;
	struct arena arena = { 0 };
	struct sum sum = { 0, 0 };
	struct op_node sink = { .push = count_sample, .state = &sum };
	struct op_link link = { &sink, 0 };
	struct emitter out = { &link, 1 };
	uint64_t seed = 11;
	void *state = NULL;
	char what[80];
	size_t i;

	for (i = 0; i < ARRAY_LEN(arguments); i++) {
		state = arena_alloc(&arena, class->state_size + 1);
		if (class->push && set_up(class, arguments[i], n_inputs, state, &arena))
			break;
	}
	for (int n = 0; n < 5000 && i < ARRAY_LEN(arguments); n++) {
		struct sample s = { .at_us = t0 + n * (int64_t)S };

		for (unsigned k = 0; k < n_inputs; k++) {
			s.value = n % 41 == 7 ? NAN : 20.0 + prng_unit(&seed) * 3.0 + (n / 500 % 2) * 4.0;
			class->push(state, k, &s, &out);
		}
		if (class->advance)
			class->advance(state, s.at_us, &out);
	}
	snprintf(what, sizeof(what), "operator %s", class->name);
	if (i < ARRAY_LEN(arguments))
		print_sum(what, &sum);
	else
		printf("%s: not run, it needs options\n", what);
	arena_free(&arena);
}

int main(void)
{
	decimals();
	windows();
	for (size_t i = 0; op_at(i); i++)
		run_operator(op_at(i));
	return 0;
}
