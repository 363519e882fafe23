/* SPDX-License-Identifier: Apache-2.0 */
/*
 * op_rig.h - one operator on a bench: options as text, samples in, samples out. No graph and no config file.
 */
#ifndef RUNNEL_TESTS_OP_RIG_H
#define RUNNEL_TESTS_OP_RIG_H

#include "base/arena.h"
#include "pipelines/op_exec.h"

enum { RIG_OUT_MAX = 100000 };

struct op_rig {
	struct arena arena;
	const struct op_class *class;
	struct op_node op, sink;
	struct op_link link;
	struct series_info inputs[OP_MAX_INPUTS], output;
	size_t n_inputs;
	struct op_setup setup;
	struct op_exec_host host; /* of operator exec: echoes at once, until a test sets another */
	struct sample *out;	  /* what came out, room for RIG_OUT_MAX */
	size_t n_out;
};

/** A gauge in Cel, one sample a second: what the inputs are unless a test says otherwise. */
extern const struct series_info rig_gauge;

/**
 * A running operator. @options: "5", "window=10s max_samples=3", "points=[[0,1],[2,3]]" (no blanks in a
 * list) or "" for none. @inputs NULL: rig_gauge on each of
 * the least number of inputs, and @n_inputs is ignored. Fails the test when the options or the setup are refused.
 */
struct op_rig *rig_new(const char *name, const char *options, const struct series_info *inputs, size_t n_inputs);
void rig_free(struct op_rig *rig);

/** What setup() says to options that opt_apply() takes; "" when it is content. In a buffer that the next call overwrites. */
const char *rig_refusal(const char *name, const char *options, const struct series_info *inputs, size_t n_inputs);

/** The number of errors opt_apply() finds. */
int rig_option_errors(const char *name, const char *options);

/** Push into input @input at @at_s seconds. */
void rig_push(struct op_rig *rig, unsigned input, double at_s, double value);
void rig_push_lost(struct op_rig *rig, unsigned input, double at_s, double value, uint32_t lost);

/** Nothing from before @watermark_s will come. For operators with an advance(). */
void rig_advance(struct op_rig *rig, double watermark_s);

/** The input has ended. For all operators. */
void rig_finish(struct op_rig *rig);

/** Exactly these values came out, in this order, since the last check; NaN is a gap. */
void rig_expect(struct op_rig *rig, const double values[], size_t n);

#define EXPECT(rig, ...) rig_expect(rig, (const double[]){ __VA_ARGS__ }, sizeof((const double[]){ __VA_ARGS__ }) / 8)
#define EXPECT_NOTHING(rig) rig_expect(rig, NULL, 0)

#endif
