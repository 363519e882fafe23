/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/actions.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/act.h"
#include "base/log.h"

enum { RETRY_FIRST_US = 1000000, RETRY_LONGEST_US = 60 * 1000000 };

struct output {
	const struct conf_action *conf;
	struct act act;
	bool is_open, is_driven_on; /* is_driven_on: as it was set last */
	struct sensor_error reason; /* "" while it works */
	int64_t retry_at_us, retry_pause_us;
	uint64_t n_faults;
	int64_t period_us;	       /* of the stream; 0: irregular */
	int64_t seen_us, seen_mono_us; /* newest sample: its time, and when it was seen */
};

enum { STALE_PERIODS = 3 };

struct actions {
	struct loop_timer *timer;
	const struct graph *graph;
	struct output *outputs;
	size_t n;
	void (*changed)(void *ctx);
	void *ctx;
};

static void on_timer(void *ctx)
{
	actions_follow(ctx);
}

/* What it does from now on. */
static void follow(struct output *o, const struct conf *conf, size_t i)
{
	o->conf = &conf->actions[i];
	o->act.rules = o->conf;
	o->period_us = o->conf->is_kpi ? 0 : conf->plan.streams[o->conf->source].def.period_us;
}

int actions_create(struct actions **out, struct loop *loop, struct conf *conf, void (*changed)(void *ctx), void *ctx)
{
	struct actions *s = calloc(1, sizeof(*s));
	int r = s ? loop_timer_create(loop, &s->timer, on_timer, s) : -ENOMEM;

	if (r < 0) {
		free(s);
		return r;
	}
	s->changed = changed;
	s->ctx = ctx;
	s->outputs = calloc(conf->n_actions + 1, sizeof(s->outputs[0]));
	if (!s->outputs) {
		loop_timer_free(s->timer);
		free(s);
		return -ENOMEM;
	}
	s->n = conf->n_actions;
	for (size_t i = 0; i < s->n; i++)
		follow(&s->outputs[i], conf, i);
	*out = s;
	return 0;
}

/* Told once, not at every attempt. */
static void fail(struct output *o, int error, const char *text, int64_t now_us)
{
	char why[SENSOR_ERROR_BYTES];

	snprintf(why, sizeof(why), "%s", text && text[0] ? text : strerror(-error));
	if (strcmp(why, o->reason.text) != 0)
		log_warning("action %s: fault: %s", o->conf->name, why);
	memcpy(o->reason.text, why, sizeof(why));
	o->n_faults++;
	o->conf->driver->close(o->conf->state);
	o->is_open = false;
	o->retry_pause_us = o->retry_pause_us == 0 ? RETRY_FIRST_US : 2 * o->retry_pause_us;
	if (o->retry_pause_us > RETRY_LONGEST_US)
		o->retry_pause_us = RETRY_LONGEST_US;
	o->retry_at_us = now_us + o->retry_pause_us;
}

static void work(struct output *o, bool is_on)
{
	if (o->reason.text[0])
		log_notice("action %s: works again", o->conf->name);
	o->reason.text[0] = '\0';
	o->retry_pause_us = 0;
	o->is_open = true;
	o->is_driven_on = is_on;
}

/* @return whether anything changed that the status tells */
static bool drive(struct output *o, bool is_on, int64_t now_us)
{
	struct sensor_error err = { "" };
	bool was_fault = o->reason.text[0];
	int r;

	if (o->is_open && o->is_driven_on == is_on)
		return false;
	if (!o->is_open && now_us < o->retry_at_us)
		return false;
	if (o->is_open)
		r = o->conf->driver->set(o->conf->state, is_on);
	else
		r = o->conf->driver->open(o->conf->state, is_on, &err);
	if (r < 0)
		fail(o, r, err.text, now_us);
	else
		work(o, is_on);
	return r == 0 || !was_fault;
}

/*
 * A sensor that fails gives gaps. A stream that has a period and yet gives nothing at all, not even those, is missing as well: its
 * recording is over, or something on the way hangs. @wake_us: when that will be so
 */
static enum act_input stream_of(const struct actions *s, struct output *o, int64_t now_us, int64_t *wake_us)
{
	struct sample latest;
	int64_t stale_us;

	if (!graph_latest(s->graph, o->conf->source, &latest))
		return ACT_MISSING;
	if (latest.at_us != o->seen_us) {
		o->seen_us = latest.at_us;
		o->seen_mono_us = now_us;
	}
	if (isnan(latest.value))
		return ACT_MISSING;
	stale_us = o->seen_mono_us + STALE_PERIODS * o->period_us;
	if (o->period_us > 0 && now_us >= stale_us)
		return ACT_MISSING;
	if (o->period_us > 0)
		*wake_us = stale_us;
	return latest.value != 0.0 ? ACT_ON : ACT_OFF;
}

static enum act_input input_of(const struct actions *s, struct output *o, int64_t now_us, int64_t *wake_us)
{
	struct graph_state kpi;

	if (!s->graph)
		return ACT_MISSING;
	if (!o->conf->is_kpi)
		return stream_of(s, o, now_us, wake_us);
	if (!graph_state(s->graph, true, o->conf->source, &kpi) || isnan(kpi.value) || kpi.is_missing)
		return ACT_MISSING;
	return kpi.value != 0.0 ? ACT_ON : ACT_OFF;
}

void actions_start(struct actions *s, const struct graph *g)
{
	int64_t now_us = loop_mono_us();

	for (size_t i = 0; i < s->n; i++) {
		act_begin(&s->outputs[i].act, s->outputs[i].conf, now_us);
		drive(&s->outputs[i], s->outputs[i].act.is_on, now_us);
	}
	s->graph = g;
	actions_follow(s);
}

void actions_follow(struct actions *s)
{
	int64_t now_us = loop_mono_us(), wake_us = INT64_MAX;
	bool has_changed = false;

	for (size_t i = 0; i < s->n; i++) {
		struct output *o = &s->outputs[i];
		int64_t stale_us = INT64_MAX, at_us = act_step(&o->act, input_of(s, o, now_us, &stale_us), now_us);

		at_us = stale_us < at_us ? stale_us : at_us;
		has_changed |= drive(o, o->act.is_on, now_us);
		if (!o->is_open && o->retry_at_us < at_us)
			at_us = o->retry_at_us;
		wake_us = at_us < wake_us ? at_us : wake_us;
	}
	if (wake_us != INT64_MAX)
		loop_timer_set(s->timer, wake_us);
	if (has_changed && s->changed)
		s->changed(s->ctx);
}

static void let_go(struct output *o)
{
	if (o->is_open && o->conf->driver->set(o->conf->state, o->conf->is_safe_on) < 0)
		log_warning("action %s: could not be made safe at the end", o->conf->name);
	o->conf->driver->close(o->conf->state);
	o->is_open = false;
}

void actions_stop(struct actions *s)
{
	if (!s)
		return;
	loop_timer_cancel(s->timer);
	for (size_t i = 0; i < s->n; i++)
		let_go(&s->outputs[i]);
	s->n = 0;
}

static void begin_new(struct actions *s, const struct conf *conf, const size_t moves[])
{
	int64_t now_us = loop_mono_us();

	for (size_t i = 0; i < s->n; i++) {
		struct output *o = &s->outputs[i];

		follow(o, conf, i);
		if (moves[i] != CONF_NEW)
			continue;
		act_begin(&o->act, o->conf, now_us);
		drive(o, o->act.is_on, now_us);
	}
}

/* Those that end let go of their lines before others take them. */
int actions_change(struct actions *s, const struct conf *conf, const size_t moves[], const struct graph *g)
{
	struct output *outputs = calloc(conf->n_actions + 1, sizeof(*outputs)), *old = s->outputs;

	if (!outputs)
		return -ENOMEM;
	for (size_t i = 0; i < conf->n_actions; i++) {
		if (moves[i] == CONF_NEW)
			continue;
		outputs[i] = old[moves[i]];
		old[moves[i]].conf = NULL;
	}
	for (size_t i = 0; i < s->n; i++)
		if (old[i].conf)
			let_go(&old[i]);
	free(old);
	s->outputs = outputs;
	s->n = conf->n_actions;
	s->graph = g;
	begin_new(s, conf, moves);
	actions_follow(s);
	return 0;
}

void actions_free(struct actions *s)
{
	if (!s)
		return;
	actions_stop(s);
	loop_timer_free(s->timer);
	free(s->outputs);
	free(s);
}

void actions_describe(const struct actions *s, struct json *j)
{
	if (!s || s->n == 0)
		return;
	json_object_begin(j, "actions");
	for (size_t i = 0; i < s->n; i++) {
		const struct output *o = &s->outputs[i];
		bool is_fault = o->reason.text[0];

		json_object_begin(j, o->conf->name);
		json_text(j, "state", is_fault ? "fault" : o->is_driven_on ? "on" : "off");
		json_text(j, "why", is_fault ? o->reason.text : o->act.why);
		json_uint(j, "changes", o->act.n_changes);
		json_uint(j, "faults", o->n_faults);
		json_object_end(j);
	}
	json_object_end(j);
}
