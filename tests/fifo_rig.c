/* SPDX-License-Identifier: Apache-2.0 */
/* The FIFO of fifo_rig.h. */
#include "tests/fifo_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

int fifo_registers(struct fake_i2c *f, uint8_t reg_mask, const uint8_t *out, size_t n_out, uint8_t *in, size_t n_in)
{
	if (n_out > 0)
		f->at = out[0] & reg_mask;
	for (size_t i = 1; i < n_out; i++)
		f->reg[f->at++] = out[i];
	for (size_t i = 0; i < n_in; i++)
		in[i] = f->reg[f->at++];
	return 0;
}

void fifo_advance(struct fifo *m, int64_t us)
{
	m->now_us += us;
	m->n_taken = (uint64_t)((double)m->now_us / m->period_us);
	if (m->n_taken - m->n_popped > m->capacity) {
		m->n_popped = m->n_taken - m->capacity;
		m->is_overrun = true;
	}
}

void fifo_clear(struct fifo *m)
{
	m->n_popped = m->n_taken;
	m->is_overrun = false;
}

size_t fifo_length(const struct fifo *m)
{
	return (size_t)(m->n_taken - m->n_popped);
}

int fifo_pop(struct fifo *m)
{
	if (m->n_popped < m->n_taken)
		m->n_popped++;
	return (int)((m->n_popped + FIFO_NUMBERS - 1) % FIFO_NUMBERS);
}

double fifo_run(struct driver_rig *rig, struct fifo *m, int seconds, double step)
{
	struct burst_plan plan;
	struct burst burst;
	uint64_t n = 0;
	int next = (int)(m->n_popped % FIFO_NUMBERS);
	int64_t until_us = m->now_us + seconds * INT64_C(1000000);

	assert_true(rig->driver->plan_burst(rig->state, &plan));
	assert_true(plan.capacity * (size_t)rig->n_channels <= SENSOR_BURST_VALUES);
	while (m->now_us < until_us) {
		fifo_advance(m, plan.period_us * (int64_t)plan.capacity / 2);
		memset(&burst, 0, sizeof(burst));
		assert_int_equal(rig->driver->collect_burst(rig->state, m->now_us, &burst), 0);
		assert_false(burst.is_overrun);
		for (size_t i = 0; i < burst.n_rows; i++, n++, next = (next + 1) % FIFO_NUMBERS)
			if (fabs(burst.values[i * (size_t)rig->n_channels] - next * step) > 1e-9 * step + 1e-12)
				fail_msg("row %zu of %zu reads %.9f, not %d by %.9f", i, burst.n_rows,
					 burst.values[i * (size_t)rig->n_channels], next, step);
	}
	print_message("%s: %.0f rows a second without loss\n", rig->driver->name, (double)n / seconds);
	return (double)n / seconds;
}
