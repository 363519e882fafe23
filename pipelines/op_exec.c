/* SPDX-License-Identifier: Apache-2.0 */
/*
 * exec - an operator in any language: a process that reads {"t":...,"x":...} lines and writes {"t":...,"y":...} lines, one for each,
 * in order. So what is written with NumPy, SciPy or TensorFlow Lite becomes an operator.
 *
 * A result is dated by the sample it answers. Results leave in the order of the samples, so each waits in a ring here until it is
 * answered, or given up: when the process ends, when a later one is answered, or when the watermark has passed it, which
 * the agent holds back for at most `within`. What is given up is a gap. A gap is not sent; it waits for its turn. When the ring
 * is full, samples are dropped and counted as lost with the next result.
 */
#include "pipelines/op_exec.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>

#include "base/check.h"
#include "base/unit.h"
#include "pipelines/series.h"

enum { QUEUE_MAX = 4096 };
enum slot_state { WAITING, DONE, SILENT }; /* silent: done, without a result */

struct slot {
	struct sample sample; /* value: of the result */
	int64_t stamp;
	enum slot_state state;
};

struct exec {
	struct opt_list command;
	int64_t within_us, queue;
	const struct unit *unit;
	bool is_state;

	const char **argv;
	const struct op_exec_host *host;
	const struct emitter *out; /* of the first sample; it is the same for all */
	struct slot *ring;
	size_t head, n, n_waiting;
	uint32_t lost; /* not handed on yet */
};

static const struct opt options[] = {
	{ "command", OPT_TEXT_LIST, offsetof(struct exec, command), .required = true, .example = "/bin/cat",
	  .help = "program and arguments, no shell; it reads and writes one JSON line a sample" },
	{ "within", OPT_DURATION, offsetof(struct exec, within_us), .min = 1e3, .max = 60e6, .def = "1s",
	  .help = "windows wait so long for an answer, then the result is a gap" },
	{ "queue", OPT_INT, offsetof(struct exec, queue), .min = 1, .max = QUEUE_MAX, .def = "256", .unit = "samples",
	  .help = "so many may wait for an answer; what comes beyond is lost, and counted" },
	{ "unit", OPT_UNIT, offsetof(struct exec, unit), .help = "unit of the result; default: that of the input" },
	{ "state", OPT_BOOL, offsetof(struct exec, is_state), .def = "no",
	  .help = "the result is a state: 1 for any number but 0" },
};

static int exec_setup(void *state, struct op_setup *s)
{
	struct exec *e = state;

	if (e->command.n == 0 || !e->command.items[0][0]) {
		snprintf(s->error, sizeof(s->error), "command must name a program");
		return -EINVAL;
	}
	e->argv = arena_alloc(s->arena, (e->command.n + 1) * sizeof(*e->argv));
	for (size_t i = 0; i < e->command.n; i++)
		e->argv[i] = e->command.items[i];
	e->ring = arena_alloc(s->arena, (size_t)e->queue * sizeof(*e->ring));
	s->output->kind = e->is_state ? SERIES_STATE : SERIES_GAUGE;
	if (e->is_state)
		s->output->unit = unit_find("1");
	else if (e->unit)
		s->output->unit = e->unit;
	return 0;
}

static struct slot *slot_at(const struct exec *e, size_t i)
{
	return &e->ring[(e->head + i) % (size_t)e->queue];
}

static void resolve(struct exec *e, struct slot *slot, enum slot_state to, double value)
{
	assert(slot->state == WAITING);
	slot->state = to;
	slot->sample.value = value;
	e->n_waiting--;
}

/* Everything done up to the first that waits. */
static void hand_on(struct exec *e)
{
	while (e->n > 0 && slot_at(e, 0)->state != WAITING) {
		struct slot done = *slot_at(e, 0);

		e->head = (e->head + 1) % (size_t)e->queue;
		e->n--;
		done.sample.lost = series_add_lost(done.sample.lost, e->lost);
		e->lost = done.state == SILENT ? done.sample.lost : 0;
		if (done.state == DONE)
			series_emit(e->out, &done.sample, done.sample.value);
	}
}

static struct slot *enqueue(struct exec *e, const struct sample *in)
{
	struct slot *slot = slot_at(e, e->n++);

	*slot = (struct slot){ .sample = *in, .state = WAITING };
	e->n_waiting++;
	return slot;
}

static void lose(struct exec *e, const struct sample *in)
{
	e->lost = series_add_lost(e->lost, series_add_lost(in->lost, 1));
}

static void exec_push(void *state, unsigned input, const struct sample *in, const struct emitter *out)
{
	struct exec *e = state;
	struct slot *slot;
	int r;

	(void)input;
	e->out = out;
	if (e->n == (size_t)e->queue) {
		lose(e, in);
		return;
	}
	slot = enqueue(e, in);
	if (series_is_gap(in->value) || !e->host) {
		resolve(e, slot, DONE, NAN);
	} else {
		r = e->host->send(e->host->ctx, in, &slot->stamp);
		if (r == -EAGAIN) {
			e->n--;
			e->n_waiting--;
			lose(e, in);
		} else if (r < 0 && slot->state == WAITING) {
			resolve(e, slot, DONE, NAN);
		}
	}
	hand_on(e);
}

static int64_t exec_due_us(const void *state)
{
	const struct exec *e = state;
	int64_t at_us = e->n > 0 ? slot_at(e, 0)->sample.at_us : INT64_MAX;

	return at_us < INT64_MAX ? at_us + 1 : at_us;
}

static void exec_advance(void *state, int64_t watermark_us, const struct emitter *out)
{
	struct exec *e = state;

	(void)out;
	for (size_t i = 0; i < e->n; i++) {
		struct slot *slot = slot_at(e, i);

		if (slot->state == WAITING && slot->sample.at_us < watermark_us)
			resolve(e, slot, DONE, NAN);
	}
	hand_on(e);
}

void op_exec_set_host(void *state, const struct op_exec_host *host)
{
	struct exec *e = state;

	e->host = host;
}

const char *const *op_exec_command(const void *state)
{
	const struct exec *e = state;

	return e->argv;
}

int64_t op_exec_within_us(const void *state)
{
	const struct exec *e = state;

	return e->within_us;
}

size_t op_exec_queue(const void *state)
{
	const struct exec *e = state;

	return (size_t)e->queue;
}

bool op_exec_answer(void *state, const struct op_exec_answer *answer)
{
	struct exec *e = state;
	size_t i = 0;
	double y = answer->y;

	while (i < e->n &&
	       (slot_at(e, i)->state != WAITING || (double)slot_at(e, i)->sample.at_us / 1e6 != answer->t_s))
		i++;
	if (i == e->n)
		return false;
	for (size_t k = 0; k < i; k++)
		if (slot_at(e, k)->state == WAITING)
			resolve(e, slot_at(e, k), DONE, NAN);
	if (e->is_state && isfinite(y))
		y = y != 0.0;
	resolve(e, slot_at(e, i), answer->kind == OP_EXEC_NOTHING ? SILENT : DONE,
		answer->kind == OP_EXEC_NUMBER ? y : NAN);
	hand_on(e);
	return true;
}

size_t op_exec_n_waiting(const void *state)
{
	const struct exec *e = state;

	return e->n_waiting;
}

bool op_exec_oldest(const void *state, int64_t *at_us, int64_t *stamp)
{
	const struct exec *e = state;

	for (size_t i = 0; i < e->n; i++)
		if (slot_at(e, i)->state == WAITING) {
			*at_us = slot_at(e, i)->sample.at_us;
			*stamp = slot_at(e, i)->stamp;
			return true;
		}
	return false;
}

void op_exec_give_up(void *state)
{
	struct exec *e = state;

	for (size_t i = 0; i < e->n; i++)
		if (slot_at(e, i)->state == WAITING)
			resolve(e, slot_at(e, i), DONE, NAN);
	hand_on(e);
}

static bool exec_needs_local_trust(const void *state)
{
	(void)state;
	return true;
}

const struct op_class op_exec = {
	.name = "exec",
	.family = OP_PROGRAM,
	.help = "a process in any language, such as Python with NumPy: a JSON line for each sample in, one out",
	.formula = "{\"t\": t, \"x\": x} to its standard input, {\"t\": t, \"y\": y} from its standard output; without "
		   "y: no result",
	.memory = "48 B a sample of the queue here, 100 B in the agent; and the process",
	.options = { options, ARRAY_LEN(options) },
	.state_size = sizeof(struct exec),
	.min_inputs = 1,
	.max_inputs = 1,
	.setup = exec_setup,
	.push = exec_push,
	.advance = exec_advance,
	.due_us = exec_due_us,
	.needs_local_trust = exec_needs_local_trust,
};
