/* SPDX-License-Identifier: Apache-2.0 */
/* remote_trial.c - a new config runs, and is watched; then it is good, or the one before runs again. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "agent/exits.h"
#include "agent/remote_private.h"
#include "base/arena.h"
#include "base/log.h"

enum { LOOK_EVERY_US = 100000, YOUNG_US = 600 * 1000000 };

bool remote_is_trying(const struct remote *r)
{
	return !remote_is_none(&r->trying);
}

/* --- what it has to show --- */

/* In @arena, for the config they are in goes away. */
static const char *const *names_of_healthy(struct agent *a, struct arena *arena, size_t *n)
{
	const char **names = arena_alloc(arena, (a->conf->n_sensors + 1) * sizeof(*names));

	*n = 0;
	for (size_t i = 0; i < a->conf->n_sensors; i++) {
		struct sensor_status s;

		sched_get_status(a->sched, i, &s);
		if (s.state == SENSOR_OK || s.state == SENSOR_DOUBTFUL)
			names[(*n)++] = arena_strdup(arena, s.name);
	}
	return names;
}

static bool is_among(const char *name, const char *const names[], size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

static void begin(struct remote *r, const char *const healthy[], size_t n_healthy, bool needs_broker)
{
	struct agent *a = r->a;
	int64_t within_us = a->conf->remote.confirm_within_us;
	struct trial *t = &r->trial;

	free(t->sensors);
	*t = (struct trial){ .begun_us = loop_mono_us(), .needs_broker = needs_broker };
	t->ends_us = t->begun_us + within_us;
	t->sensors = calloc(a->conf->n_sensors + 1, sizeof(t->sensors[0]));
	for (size_t i = 0; t->sensors && i < a->conf->n_sensors; i++) {
		struct sensor_status s;

		sched_get_status(a->sched, i, &s);
		t->sensors[t->n_sensors++] = (struct trial_sensor){
			.name = s.name,
			.n_readings = s.n_readings,
			.is_rare = a->conf->sensors[i].every_us > within_us / 2,
			.is_seen = !is_among(s.name, healthy, n_healthy),
		};
	}
	loop_timer_set(r->timer, loop_mono_us() + LOOK_EVERY_US);
}

void remote_try(struct remote *r, const struct config_mark *m, struct conf *next)
{
	bool needs_broker = r->a->publisher && publisher_is_connected(r->a->publisher);
	size_t n;
	struct arena arena = { 0 };
	const char *const *healthy = names_of_healthy(r->a, &arena, &n);

	r->had_contract = r->a->publisher && !publisher_is_contract_refused(r->a->publisher);
	if (agent_change(r->a, next) < 0) {
		conf_free(next);
		free(next);
		r->store.record.trial = (struct config_mark){ 0 };
		remote_save(r);
		remote_tell(r, "rejected", m, "its contract is larger than 64 KiB", NULL);
		arena_free(&arena);
		return;
	}
	r->before = r->running;
	r->trying = *m;
	r->running = *m;
	remote_tell(r, "trying", m, NULL, NULL);
	begin(r, healthy, n, needs_broker);
	arena_free(&arena);
}

void remote_told(struct remote *r)
{
	r->trial.needs_broker = false;
}

/* --- the end --- */

static void become_good(struct remote *r)
{
	struct config_record *rec = &r->store.record;
	struct config_mark m = r->trying;

	r->trying = rec->trial = (struct config_mark){ 0 };
	if (m.is_file) {
		remote_keep_text(&r->file, r->next.text, r->next.bytes);
		remote_drop_text(&r->next);
		rec->active = (struct config_mark){ 0 };
		remote_keep_file(r, &m);
	} else {
		config_record_activate(rec, &m);
		loop_timer_set(r->settle, loop_mono_us() + YOUNG_US);
	}
	remote_save(r);
	remote_tell(r, "active", &m, NULL, NULL);
}

static void go_back(struct remote *r, const char *reason)
{
	struct diag d = { .file = "config" };
	struct conf *was = calloc(1, sizeof(*was));
	struct config_mark m = r->trying;
	int error = -ENOMEM;

	if (m.is_file)
		r->store.record.bad_file = m.hash;
	r->trying = r->store.record.trial = (struct config_mark){ 0 };
	remote_save(r);
	remote_drop_text(&r->next);
	r->running = r->before;
	if (was)
		error = remote_parse(r, &r->before, was, &d);
	if (error == 0)
		error = agent_change(r->a, was);
	diag_free(&d);
	if (error < 0) { /* the start takes the last good one, too, and has all memory for it */
		log_error("cannot go back to revision %lld here: %s; starting again", (long long)r->before.revision,
			  strerror(-error));
		free(was);
		loop_stop(r->a->loop, EXIT_FAILED);
	}
	remote_tell(r, "rolled_back", &m, reason, NULL);
}

void remote_on_timer(void *ctx)
{
	struct remote *r = ctx;
	char reason[TRIAL_REASON_BYTES] = "";
	const char *trouble = NULL;

	if (!remote_is_trying(r))
		return;
	for (size_t i = 0; i < r->trial.n_sensors; i++) {
		struct sensor_status s;

		sched_get_status(r->a->sched, i, &s);
		trial_see(&r->trial, i, &s);
		if (!r->trial.sensors[i].is_seen && !trouble)
			trouble = s.reason;
	}
	if (r->had_contract && publisher_is_contract_refused(r->a->publisher)) {
		go_back(r, "the broker does not take its contract, without which nobody can read the partials");
		return;
	}
	switch (trial_look(&r->trial, loop_mono_us(), trouble, reason)) {
	case TRIAL_UNDER_WAY:
		loop_timer_set(r->timer, loop_mono_us() + LOOK_EVERY_US);
		return;
	case TRIAL_PASSED:
		become_good(r);
		break;
	case TRIAL_FAILED:
		go_back(r, reason);
		break;
	}
	if (r->is_reload_due)
		remote_reload(r);
}
