/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fifo_rig.h - the FIFO of a motion sensor, in simulated time: it fills by a clock of its own, forgets the oldest row when it is full, and
 * numbers its rows, so that a test sees which came through. The numbers, 0 to 1999 and round again, are what x reads.
 */
#ifndef RUNNEL_TESTS_FIFO_RIG_H
#define RUNNEL_TESTS_FIFO_RIG_H

#include "tests/fake_i2c.h"

enum { FIFO_NUMBERS = 2000 };

struct fifo {
	double period_us;
	size_t capacity;
	int64_t now_us;
	uint64_t n_taken, n_popped;
	bool is_overrun; /* since the chip's flag was cleared */
};

/** For fake_i2c.respond: the chip, whose FIFO is f->model. Writes and other registers go to and come from f->reg. */
int fifo_registers(struct fake_i2c *f, uint8_t reg_mask, const uint8_t *out, size_t n_out, uint8_t *in, size_t n_in);

void fifo_advance(struct fifo *m, int64_t us);
void fifo_clear(struct fifo *m);
size_t fifo_length(const struct fifo *m);

/** The number of the oldest row, which goes; the last again when there is none. */
int fifo_pop(struct fifo *m);

/** Fetch as the agent does for @seconds; no row may be missing, and each x must be its number by @step. @return rows a second */
double fifo_run(struct driver_rig *rig, struct fifo *m, int seconds, double step);

#endif
