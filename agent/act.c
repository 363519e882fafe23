/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/act.h"

void act_begin(struct act *a, const struct conf_action *rules, int64_t now_us)
{
	*a = (struct act){
		.rules = rules,
		.is_on = rules->is_safe_on,
		.since_us = now_us,
		.why = "safe: no value yet",
		.wish = rules->is_safe_on,
		.is_missing = true,
		.missing_since_us = now_us - rules->missing_after_us,
	};
}

static int64_t sooner(int64_t a_us, int64_t b_us)
{
	return a_us < b_us ? a_us : b_us;
}

/* Is it the safe state that is wanted? @wake_us: when it will be, if it is not yet */
static bool is_lost(struct act *a, enum act_input input, int64_t now_us, int64_t *wake_us)
{
	int64_t lost_us;

	if (input != ACT_MISSING) {
		a->is_missing = false;
		a->has_seen = true;
		a->wish = input == ACT_ON;
		return false;
	}
	if (!a->is_missing)
		a->missing_since_us = now_us;
	a->is_missing = true;
	if (a->rules->holds_missing)
		return false;
	lost_us = a->missing_since_us + a->rules->missing_after_us;
	if (now_us >= lost_us)
		return true;
	*wake_us = sooner(*wake_us, lost_us);
	return false;
}

static void change(struct act *a, bool is_on, int64_t now_us)
{
	a->is_on = is_on;
	a->since_us = now_us;
	a->n_changes++;
}

static const char *why_of(const struct act *a, bool is_safe)
{
	if (!a->has_seen)
		return "safe: no value yet";
	if (is_safe)
		return "safe: the input is missing";
	if (a->is_spent)
		return "off: it was on for max_on, and the state has not been off since";
	return a->is_missing ? "held: the input is missing" : "as the state says";
}

int64_t act_step(struct act *a, enum act_input input, int64_t now_us)
{
	const struct conf_action *rules = a->rules;
	int64_t wake_us = INT64_MAX, held_us;
	bool is_safe = is_lost(a, input, now_us, &wake_us), wanted = is_safe ? rules->is_safe_on : a->wish;

	a->is_spent = a->is_spent && a->wish && !is_safe;
	if (a->is_on && wanted && !is_safe && rules->max_on_us > 0) {
		int64_t spent_us = a->since_us + rules->max_on_us;

		a->is_spent = a->is_spent || now_us >= spent_us;
		wake_us = a->is_spent ? wake_us : sooner(wake_us, spent_us);
	}
	if (a->is_spent)
		wanted = false;
	a->why = why_of(a, is_safe);
	if (wanted == a->is_on)
		return wake_us;
	held_us = a->since_us + (a->is_on ? rules->min_on_us : rules->min_off_us);
	if (now_us < held_us && !a->is_spent) {
		a->why = a->is_on ? "on for min_on" : "off for min_off";
		return sooner(wake_us, held_us);
	}
	change(a, wanted, now_us);
	if (a->is_on && !is_safe && rules->max_on_us > 0)
		wake_us = sooner(wake_us, now_us + rules->max_on_us);
	return wake_us;
}
