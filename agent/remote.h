/* SPDX-License-Identifier: Apache-2.0 */
/*
 * remote.h - which config runs, and how another one takes its place: pushed over MQTT, or the file when it was edited (SIGHUP).
 *
 *	came -> signed? for us? newer? good?  --no--> rejected
 *	                  | yes, and it is on the disk as "on trial"
 *	                trying: it runs; within confirm_within the broker must have acknowledged what was sent after the change, and every
 *	                  |     sensor that worked before and is still named must have been read
 *	      active <----+----> rolled_back: the last good one runs again
 *
 * A start that finds something on trial rolls back: whatever happened, the board was down. So does the third start within five minutes
 * while a pushed config is young. Each step is told on config/state, which is retained and kept for the next connection.
 */
#ifndef RUNNEL_AGENT_REMOTE_H
#define RUNNEL_AGENT_REMOTE_H

#include <stdbool.h>
#include <stddef.h>

#include "agent/conf.h"
#include "base/check.h"
#include "base/json.h"
#include "base/mqtt.h"

struct agent;
struct remote;

/**
 * @c was read from @path, whose text is @text. When another one is to run, @c becomes that. @keeps: there is a spool to keep things beside.
 * @return 0 or -ENOMEM
 */
NODISCARD int remote_open(struct remote **out, const char *path, const struct conf_text *text, struct conf *c,
			  bool keeps);

/**
 * The file @path is not good: what it was when it worked last, if that is kept beside the spool. @text of @bytes is the caller's.
 * @return whether it is
 */
bool remote_rescue(const char *path, const char *spool_path, char **text, size_t *bytes);

/** That happened: @reason and @at of the error in the file, to be told. */
void remote_blame_file(struct remote *r, const char *reason, const struct place *at);

/** The agent is made, its publisher not yet connected. @return 0 or the errors of loop_timer_create() */
NODISCARD int remote_start(struct remote *r, struct agent *a);

/** A payload of config/set. */
void remote_receive(struct remote *r, const struct mqtt_message *msg);

/** What was told of a config has reached the broker. */
void remote_told(struct remote *r);

/** The file may have been edited. */
void remote_reload(struct remote *r);

/** For command `config`: the text that measures, or a former one. @return NULL or why not */
const char *remote_show(struct remote *r, int64_t revision, struct json *j);

/** The agent ends in good order. */
void remote_stop(struct remote *r);

/** NULL is fine. */
void remote_free(struct remote *r);

#endif
