/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/trust.h"

const char *time_state_name(enum time_state state)
{
	static const char *const names[] = { "waiting", "synchronised", "holdover", "unsynchronised" };

	return names[state];
}

void trust_init(struct trust *t, bool is_always, int64_t wait_us, int64_t now_us)
{
	*t = (struct trust){
		.state = is_always ? TIME_SYNCHRONISED : TIME_WAITING,
		.is_always = is_always,
		.until_us = now_us + wait_us,
	};
}

bool trust_needs_kernel(const struct trust *t, bool has_stepped)
{
	return !t->is_always && (t->state != TIME_SYNCHRONISED || has_stepped);
}

static enum time_action look_while_waiting(struct trust *t, const struct trust_view *v)
{
	if (v->is_synchronised) {
		t->state = TIME_SYNCHRONISED;
		return TIME_KNOWN;
	}
	if (v->now_us < t->until_us && !v->is_full)
		return TIME_GO_ON;
	t->state = TIME_UNSYNCHRONISED;
	return TIME_GIVE_UP;
}

enum time_action trust_look(struct trust *t, const struct trust_view *v)
{
	bool is_right = t->is_always || v->is_synchronised;

	switch (t->state) {
	case TIME_WAITING:
		return look_while_waiting(t, v);
	case TIME_SYNCHRONISED:
		if (!v->has_stepped)
			return TIME_GO_ON;
		if (is_right)
			return TIME_STEP;
		t->state = TIME_HOLDOVER;
		return TIME_GO_ON;
	case TIME_HOLDOVER:
		if (!is_right)
			return TIME_GO_ON;
		t->state = TIME_SYNCHRONISED;
		return v->has_stepped ? TIME_STEP : TIME_GO_ON;
	default:
		if (!is_right)
			return v->has_stepped ? TIME_STEP : TIME_GO_ON;
		t->state = TIME_SYNCHRONISED;
		return TIME_STEP; /* even if the time was right: the marks end here */
	}
}
