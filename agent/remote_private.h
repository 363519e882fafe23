/* SPDX-License-Identifier: Apache-2.0 */
/* remote_private.h - what the files of remote share: remote.c what comes, remote_trial.c the trial, remote_start.c the choice at a start. */
#ifndef RUNNEL_AGENT_REMOTE_PRIVATE_H
#define RUNNEL_AGENT_REMOTE_PRIVATE_H

#include "agent/agent_private.h"
#include "agent/config_store.h"
#include "agent/remote.h"
#include "agent/trial.h"

enum { REMOTE_REASON_BYTES = 300 };

struct owned_text {
	char *text;
	size_t bytes;
};

struct remote {
	struct agent *a;
	const char *path;
	struct config_store store;
	struct owned_text local;   /* the file as it was at the start: its local part counts until the next */
	struct owned_text file;	   /* the file as it is good */
	struct owned_text next;	   /* the file under trial */
	struct owned_text waiting; /* a payload, until it is known what time it is */
	struct config_mark running, trying, before; /* trying: none when there is no trial */
	struct trial trial;
	struct loop_timer *timer, *settle;
	bool is_reload_due;
	bool had_contract; /* before the trial the broker took it */
	char told[1024];   /* newest answer, as JSON; "" none */
};

/** Tell a step. @reason and @at may be NULL. */
void remote_tell(struct remote *r, const char *state, const struct config_mark *m, const char *reason,
		 const struct place *at);

/** The text of @m and how to read it. @return 0 or negative errno */
NODISCARD int remote_parse(struct remote *r, const struct config_mark *m, struct conf *c, struct diag *d);

/** @next, read from what is @m, takes the place of what runs. Takes over @next. */
void remote_try(struct remote *r, const struct config_mark *m, struct conf *next);
bool remote_is_trying(const struct remote *r);
void remote_on_timer(void *ctx);

enum { REMOTE_WAIT_US = 1000000 }; /* until it is looked again whether the time is known */

/** The file, which is good and @m, is what a start falls back to when the file is not good any more. */
void remote_keep_file(struct remote *r, const struct config_mark *m);

/** Members revision and hash. */
void remote_describe_mark(struct json *j, const struct config_mark *m);

bool remote_is_none(const struct config_mark *m);
void remote_keep_text(struct owned_text *t, const char *text, size_t bytes);
void remote_drop_text(struct owned_text *t);

/** Write the record; says so once when it cannot be. @return whether it is on the disk */
bool remote_save(struct remote *r);

#endif
