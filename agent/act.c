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

/* The maximum time counts while the state has it on, not in the safe state. @return when it will be over */
static int64_t spend(struct act *a, bool is_wanted, int64_t now_us)
{
	int64_t spent_us = a->since_us + a->rules->max_on_us;

	if (!is_wanted)
		a->is_spent = false;
	if (!is_wanted || !a->is_on || a->rules->max_on_us == 0)
		return INT64_MAX;
	a->is_spent = now_us >= spent_us;
	return a->is_spent ? INT64_MAX : spent_us;
}

/* @return when a change that has to wait will be made */
static int64_t settle(struct act *a, bool wanted, int64_t now_us)
{
	int64_t held_us = a->since_us + (a->is_on ? a->rules->min_on_us : a->rules->min_off_us);

	if (wanted == a->is_on)
		return INT64_MAX;
	if (now_us < held_us && !a->is_spent) {
		a->why = a->is_on ? "on for min_on" : "off for min_off";
		return held_us;
	}
	a->is_on = wanted;
	a->since_us = now_us;
	a->n_changes++;
	return INT64_MAX;
}

int64_t act_step(struct act *a, enum act_input input, int64_t now_us)
{
	int64_t wake_us = INT64_MAX;
	bool is_safe = is_lost(a, input, now_us, &wake_us), is_wanted = a->wish && !is_safe;

	wake_us = sooner(wake_us, spend(a, is_wanted, now_us));
	a->why = why_of(a, is_safe);
	wake_us = sooner(wake_us, settle(a, is_safe ? a->rules->is_safe_on : is_wanted && !a->is_spent, now_us));
	return sooner(wake_us, spend(a, is_wanted, now_us)); /* it may have begun just now */
}
