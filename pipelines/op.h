/* SPDX-License-Identifier: Apache-2.0 */
/*
 * op.h - an operator is a struct, an option table and one pure function from a sample to zero or more samples.
 * Time comes in with the samples. Memory is taken once, in setup(); push() never allocates.
 *
 * Rules every operator follows, and tests/test_op_contract.c checks:
 *   a gap (NaN) goes in, a gap comes out, and leaves the state as it was (unless the operator is documented to fill gaps);
 *   a gap says that a value was due and is not known, and windows count it as bad; while too few values have come for a result
 *   there is none, not a gap: nothing failed. What was expected stands, so coverage tells of it;
 *   a sample older than the one before is data like any other; infinities are gaps;
 *   all-zero state plus options plus setup() is ready; two instances share nothing.
 */
#ifndef RUNNEL_PIPELINES_OP_H
#define RUNNEL_PIPELINES_OP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/opt.h"
#include "pipelines/sample.h"

struct op_class;

enum { OP_ERROR_BYTES = 160, OP_MAX_INPUTS = 16 };

/** What setup() gets to know and must answer. */
struct op_setup {
	const struct series_info *inputs; /* n_inputs of them */
	size_t n_inputs;
	const char *const *names;   /* of the inputs, for operators that show them; NULL: nobody knows */
	struct series_info *output; /* starts as a copy of inputs[0] */
	struct arena *arena;
	char error[OP_ERROR_BYTES]; /* filled when setup() fails */
};

struct op_node;

/** Where a node's results go. */
struct emitter {
	const struct op_link *links;
	size_t n_links;
};

struct op_link {
	struct op_node *to;
	unsigned input; /* which input of @to */
};

struct op_node {
	void (*push)(void *state, unsigned input, const struct sample *in, const struct emitter *out);
	void *state;
	struct emitter out;
};

/** emit() to more than one link. */
void emit_to_all(const struct emitter *out, const struct sample *s);

/** Hand a sample to everything downstream, which is nearly always one node or none. */
static inline void emit(const struct emitter *out, const struct sample *s)
{
	const struct op_link *link = out->links;

	if (out->n_links == 1)
		link->to->push(link->to->state, link->input, s, &link->to->out);
	else if (out->n_links > 1)
		emit_to_all(out, s);
}

/** What operators are for, in the order in which they are listed. */
enum op_family {
	OP_SHAPING = 1,
	OP_CLEANING,
	OP_SMOOTHING,
	OP_CHANGE,
	OP_WINDOWS,
	OP_SPECTRUM,
	OP_ANOMALY,
	OP_JOINING,
	OP_PROGRAM,
	N_OP_FAMILIES
};

struct op_class {
	const char *name;
	enum op_family family;
	const char *help;	  /* one line: what it does */
	const char *formula;	  /* one line */
	const char *memory;	  /* the bound, in words: "16 B a sample of the window" */
	struct opt_table options; /* offsets are of the state */
	size_t state_size;
	size_t min_inputs, max_inputs; /* 1, 1 for most */
	const char *example_inputs[2]; /* options of driver sim that give what the operator takes; NULL: any will do */

	/** Check the options against the inputs, take memory, set the output's unit, kind and period. NULL: nothing to do. @return 0 or -EINVAL */
	int (*setup)(void *state, struct op_setup *s);

	void (*push)(void *state, unsigned input, const struct sample *in, const struct emitter *out);

	/**
	 * For what only silence proves: data that are missing, a result that waited for another input, a session that is over.
	 * Nothing from before @watermark_us will come at any input; what is given now is dated no later than that. INT64_MAX:
	 * the input has ended, which is not silence: give what was held back, dated no later than the newest sample. NULL for most.
	 */
	void (*advance)(void *state, int64_t watermark_us, const struct emitter *out);

	/** Goes with advance(): the watermark at which it will have something to give if no sample comes; INT64_MAX: none. */
	int64_t (*due_us)(const void *state);

	/** What went wrong since the start, told once: the first text, "" if nothing. @n: how often. NULL: nothing can. */
	const char *(*trouble)(const void *state, uint64_t *n);

	/** With these options it reaches beyond the pipeline (files, processes), which a pushed config may not do by itself. NULL: never. */
	bool (*needs_local_trust)(const void *state);
};

/*
 * THE table of operators, sorted by name. To add one: a file pipelines/op_NAME.c that defines
 * `const struct op_class op_NAME`, one line here, one test.
 */
#define OPERATORS(X)          \
	X(absolute)           \
	X(absolute_humidity)  \
	X(band_power)         \
	X(biquad)             \
	X(calibrate)          \
	X(change_point)       \
	X(clamp)              \
	X(combine)            \
	X(convert)            \
	X(correlate)          \
	X(count_window)       \
	X(counter_rate)       \
	X(cusum)              \
	X(deadband)           \
	X(debounce)           \
	X(decimate)           \
	X(dedupe)             \
	X(delta)              \
	X(derivative)         \
	X(dew_point)          \
	X(edge_count)         \
	X(envelope)           \
	X(ewma_chart)         \
	X(exec)               \
	X(exponential)        \
	X(expression)         \
	X(goertzel)           \
	X(hampel)             \
	X(heartbeat)          \
	X(heat_index)         \
	X(hold_last)          \
	X(holt)               \
	X(hopping_window)     \
	X(integral)           \
	X(interpolate)        \
	X(invert)             \
	X(kalman)             \
	X(log)                \
	X(loop_4_20ma)        \
	X(lua)                \
	X(map)                \
	X(median)             \
	X(missing)            \
	X(moving_average)     \
	X(ntc)                \
	X(offset)             \
	X(page_hinkley)       \
	X(quorum)             \
	X(range)              \
	X(round)              \
	X(run_length)         \
	X(savitzky_golay)     \
	X(scale)              \
	X(sea_level_pressure) \
	X(select)             \
	X(session_window)     \
	X(skip)               \
	X(slew_limit)         \
	X(sliding_window)     \
	X(spectral_centroid)  \
	X(spectral_peak)      \
	X(state_window)       \
	X(stuck)              \
	X(threshold)          \
	X(throttle)           \
	X(time_in_state)      \
	X(tumbling_window)    \
	X(weighted_average)   \
	X(zscore)

/** By name, or NULL. */
const struct op_class *op_find(const char *name);

/** Row @i of the table, NULL past the end. */
const struct op_class *op_at(size_t i);

/** What other programs call something, and what does it here: an operator, with an option if need be. */
struct op_word {
	const char *word, *meaning;
};

/** What @word means here, or NULL. A meaning of two begins and ends like one when it is put in quotes: `range' or 'hampel`. */
const char *op_word_meaning(const char *word);

/** Row @i of them, NULL past the end. */
const struct op_word *op_word_at(size_t i);

/** "shaping", and what its operators do in a few words. */
const char *op_family_name(enum op_family family);
const char *op_family_help(enum op_family family);

#endif
