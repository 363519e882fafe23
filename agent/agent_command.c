/* SPDX-License-Identifier: Apache-2.0 */
/* agent_command.c - what others may ask of the running agent on the topic cmd, and are told. Nothing here changes what is measured. */
#include <string.h>
#include <unistd.h>

#include "agent/agent_private.h"
#include "base/log.h"
#include "base/timestamp.h"

/* The newest reading, without disturbing the sensor or its schedule. */
static const char *read_sensor(struct agent *a, const char *name, struct json *j)
{
	struct sensor_status s;
	char since[32];

	for (size_t i = 0; i < a->conf->n_sensors; i++) {
		const struct conf_sensor *sensor = &a->conf->sensors[i];

		if (strcmp(sensor->name, name) != 0)
			continue;
		sched_get_status(a->sched, i, &s);
		json_text(j, "sensor", name);
		json_text(j, "sensor_state", sensor_state_name(s.state));
		if (s.reason[0])
			json_text(j, "trouble", s.reason);
		json_text(j, "since", timestamp_format(s.since_us, since, sizeof(since)));
		json_uint(j, "readings", s.n_readings);
		json_object_begin(j, "values");
		for (size_t c = 0; c < sensor->n_channels; c++)
			json_double(j, sensor->channels[c].name, sched_newest(a->sched, i, c));
		json_object_end(j);
		return NULL;
	}
	return "there is no such sensor";
}

static const char *identify(struct agent *a)
{
	log_notice("somebody asks who this is: %s/%s", a->conf->site, a->conf->device);
	return NULL;
}

/* In good order, after the answer has gone. */
static const char *restart(struct agent *a)
{
	enum { SOON_US = 300000 };

	log_notice("asked to start again");
	a->is_restarting = true;
	loop_timer_set(a->end, loop_mono_us() + SOON_US);
	return NULL;
}

const char *agent_command(void *ctx, const struct command *c, struct json *answer)
{
	struct agent *a = ctx;

	switch (c->kind) {
	case COMMAND_CONFIG:
		return a->o->remote ? remote_show(a->o->remote, c->revision, answer) : "not here";
	case COMMAND_READ:
		return read_sensor(a, c->sensor, answer);
	case COMMAND_IDENTIFY:
		json_int(answer, "pid", getpid());
		return identify(a);
	case COMMAND_RESTART:
		return restart(a);
	default:
		return "not here";
	}
}
