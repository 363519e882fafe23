/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/pulse.h"

#include <assert.h>

void pulse_beat(struct pulse *p, const uint64_t totals[static N_PULSE_KINDS])
{
	uint32_t *beat = p->counts[p->n_beats++ % PULSE_SECONDS];

	for (size_t i = 0; i < N_PULSE_KINDS; i++) {
		uint64_t more = totals[i] - p->totals[i];

		beat[i] = more < UINT32_MAX ? (uint32_t)more : UINT32_MAX;
		p->totals[i] = totals[i];
	}
}

size_t pulse_length(const struct pulse *p)
{
	return p->n_beats < PULSE_SECONDS ? p->n_beats : PULSE_SECONDS;
}

uint32_t pulse_at(const struct pulse *p, enum pulse_kind kind, size_t i)
{
	assert(i < pulse_length(p));
	return p->counts[(p->n_beats - pulse_length(p) + i) % PULSE_SECONDS][kind];
}

double pulse_rate(const struct pulse *p, enum pulse_kind kind, size_t seconds)
{
	size_t n = pulse_length(p), from = n > seconds ? n - seconds : 0;
	double sum = 0.0;

	for (size_t i = from; i < n; i++)
		sum += pulse_at(p, kind, i);
	return n > from ? sum / (double)(n - from) : 0.0;
}
