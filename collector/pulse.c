/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/pulse.h"

#include <assert.h>
#include <string.h>

#include "base/check.h"

enum { BEATS = 60 }; /* of a minute */

void pulse_beat(struct pulse *p, const uint64_t totals[static N_PULSE_KINDS])
{
	uint32_t *beat = p->counts[p->n_beats % PULSE_SECONDS];
	uint64_t *minute = p->minutes[p->n_beats / BEATS % ARRAY_LEN(p->minutes)];

	if (p->n_beats++ % BEATS == 0)
		memset(minute, 0, sizeof(p->minutes[0]));
	for (size_t i = 0; i < N_PULSE_KINDS; i++) {
		uint64_t more = totals[i] - p->totals[i];

		beat[i] = more < UINT32_MAX ? (uint32_t)more : UINT32_MAX;
		minute[i] += more;
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

size_t pulse_n_minutes(const struct pulse *p)
{
	return p->n_beats / BEATS < PULSE_MINUTES ? p->n_beats / BEATS : PULSE_MINUTES;
}

uint64_t pulse_minute(const struct pulse *p, enum pulse_kind kind, size_t i)
{
	assert(i < pulse_n_minutes(p));
	return p->minutes[(p->n_beats / BEATS - pulse_n_minutes(p) + i) % ARRAY_LEN(p->minutes)][kind];
}
