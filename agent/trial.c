/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/trial.h"

#include <stdio.h>

void trial_see(struct trial *t, size_t i, const struct sensor_status *s)
{
	struct trial_sensor *want = &t->sensors[i];
	bool is_well = s->state == SENSOR_OK || s->state == SENSOR_DOUBTFUL || s->state == SENSOR_ENDED;

	if (is_well && s->n_readings > want->n_readings)
		want->is_seen = true;
	if (want->is_rare && s->n_setups > 0 && s->state != SENSOR_FAULT)
		want->is_seen = true;
}

enum trial_verdict trial_look(const struct trial *t, int64_t now_us, const char *trouble,
			      char reason[static TRIAL_REASON_BYTES])
{
	double within_s = (double)(t->ends_us - t->begun_us) / 1e6;
	const struct trial_sensor *missing = NULL;

	for (size_t i = 0; i < t->n_sensors && !missing; i++)
		if (!t->sensors[i].is_seen)
			missing = &t->sensors[i];
	if (!missing && !t->needs_broker)
		return TRIAL_PASSED;
	if (now_us < t->ends_us)
		return TRIAL_UNDER_WAY;
	if (missing)
		snprintf(reason, TRIAL_REASON_BYTES,
			 "sensor %s, which worked before, could not be read within %.0f s%s%.120s", missing->name,
			 within_s, trouble && trouble[0] ? ": " : "", trouble ? trouble : "");
	else
		snprintf(reason, TRIAL_REASON_BYTES, "the broker was not reached within %.0f s", within_s);
	return TRIAL_FAILED;
}
