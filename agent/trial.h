/* SPDX-License-Identifier: Apache-2.0 */
/* trial.h - what a new config has to show before it is believed. Pure: time and states come in, a verdict goes out. */
#ifndef RUNNEL_AGENT_TRIAL_H
#define RUNNEL_AGENT_TRIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/sched.h"

enum trial_verdict { TRIAL_UNDER_WAY, TRIAL_PASSED, TRIAL_FAILED };

enum { TRIAL_REASON_BYTES = 240 };

/** A sensor that worked before and is still named. */
struct trial_sensor {
	const char *name;
	uint64_t n_readings; /* right after the change */
	bool is_rare;	     /* it is read too rarely to wait for */
	bool is_seen;
};

struct trial {
	int64_t begun_us, ends_us; /* loop_mono_us() */
	bool needs_broker;
	struct trial_sensor *sensors;
	size_t n_sensors;
};

/** What sensor @s gives now. */
void trial_see(struct trial *t, size_t i, const struct sensor_status *s);

/** @reason is filled when it failed. */
enum trial_verdict trial_look(const struct trial *t, int64_t now_us, const char *trouble,
			      char reason[static TRIAL_REASON_BYTES]);

#endif
