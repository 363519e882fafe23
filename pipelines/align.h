/* SPDX-License-Identifier: Apache-2.0 */
/*
 * align.h - which samples of several inputs belong together.
 *
 * Sensors that are read together carry nearly the same time stamp and must give one result, not one each, and a
 * result must not mix this reading of one with the last reading of another. So samples are gathered in ticks. A tick
 * starts with the first sample that lies 3/4 of a period or more away from the start of the tick before; the period
 * is the shortest of the inputs and becomes that of the output. Every sample nearer than that belongs to the same
 * tick. The tick gives its result as soon as nobody is waited for:
 *
 *     an input has come in this tick, or its next sample is not due yet (3/4 of its own period has not passed:
 *     a slow input beside a fast one), or it has been silent for so long that it is given up.
 *
 * A tick that is still waiting when the next one starts, or when the watermark has passed it, gives its result then, with
 * the previous value of the missing input if that is young enough. `within` says how young: by default three periods of the
 * input; 24 h for an irregular state; other irregular inputs need it said. With an input missing, too old or at a gap, the
 * result is a gap. Irregular inputs are never waited for, once seen. When all are irregular, every sample is a tick.
 *
 * The result is dated with the newest sample of its tick. A later sample of a tick that has given its result only
 * renews the value of its input. Distances are taken in both directions, so when the clock is set back ticks go on
 * from there, and values from the future are as invalid as those that are too old.
 *
 *     push():     if (align_is_over(&a, in)) give();    align_add() == true: give() again
 *     advance():  if (align_has_waited(&a, watermark_us)) give();
 *     due_us():   align_due_us(&a)
 *     give():     align_take() and series_emit()
 */
#ifndef RUNNEL_PIPELINES_ALIGN_H
#define RUNNEL_PIPELINES_ALIGN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/check.h"
#include "pipelines/op.h"

struct align_slot {
	int64_t at_us;
	double value;
	uint64_t due_us;    /* older than this: a new sample is due */
	uint64_t within_us; /* older than this: of no use */
	bool seen;	    /* ever */
	bool in_tick;
};

struct align {
	struct align_slot slots[OP_MAX_INPUTS];
	size_t n;
	uint64_t tick_us;	     /* what lies nearer to the start is the same tick */
	int64_t start_us, newest_us; /* of the tick */
	bool started;		     /* there has been one */
	bool waiting;		     /* it has not given its result */
	uint32_t lost;		     /* not handed on yet */
};

/** The row `within` of an operator's options. */
#define ALIGN_WITHIN(state, member)                                                                    \
	{                                                                                              \
		"within", OPT_DURATION, offsetof(state, member),                                       \
			.min = 0, .max = 366.0 * 86400e6,                                              \
			.help = "how old a value may be; default: 3 periods of its input, of a state " \
				"without period 24h"                                                   \
	}

/** @within_us as given, 0: not given. Sets the period of the output. @return 0, or -EINVAL with an error in @s */
NODISCARD int align_setup(struct align *a, struct op_setup *s, int64_t within_us);

/** The waiting tick is over, because @in belongs to the next one. */
bool align_is_over(const struct align *a, const struct sample *in);

/** @return the tick is complete, and its result due */
bool align_add(struct align *a, unsigned input, const struct sample *in);

/** From below the watermark no more samples of the waiting tick can come. */
bool align_has_waited(const struct align *a, int64_t watermark_us);
int64_t align_due_us(const struct align *a);

/**
 * The result of the tick is given now. @s: its time and what was lost; the value is NaN. @values: room for all inputs;
 * NaN: there is no usable one.
 * @return  every input has a usable value; false: for most operators the result is a gap
 */
bool align_take(struct align *a, struct sample *s, double *values);

#endif
