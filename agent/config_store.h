/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config_store.h - what a board remembers of configs, beside its spool in SPOOL.config/: a file `state`, replaced as a whole, and the
 * texts it names, each written and synced before it is named. So after a power cut at any instant the state says of one text that it
 * is good, and it is there. What is on trial is in the state before it is even parsed: a start that finds it there knows that
 * the config, or the power, brought the board down, and takes the last good one.
 */
#ifndef RUNNEL_AGENT_CONFIG_STORE_H
#define RUNNEL_AGENT_CONFIG_STORE_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/check.h"
#include "base/dynbuf.h"

enum { CONFIG_HISTORY = 10, CONFIG_STARTS = 3 };

/** A text, by what it says of itself and its CRC-32. All-zero: none. */
struct config_mark {
	int64_t revision;
	uint32_t hash;
	bool is_file; /* of this board, not pushed */
};

struct config_record {
	int64_t tried;		   /* the highest pushed revision that was ever tried: it comes no second time */
	struct config_mark active; /* the pushed one that is good; none: the file */
	struct config_mark trial;
	struct config_mark good_file;		    /* the file as it worked last */
	uint32_t file_path;			    /* CRC-32 of where it is */
	uint32_t bad_file;			    /* hash of the file that did not; 0: none */
	struct config_mark history[CONFIG_HISTORY]; /* pushed ones that were active, newest first, @active included */
	int64_t starts_s[CONFIG_STARTS]; /* of late, while @active is young: Unix seconds, newest first; 0: none */
	bool is_young;
};

struct config_store {
	char dir[PATH_MAX]; /* "": nothing is kept */
	struct config_record record;
};

/** @spool_path NULL: nothing is kept, and every write succeeds. A state that is not there or damaged is an empty one. */
void config_store_open(struct config_store *s, const char *spool_path);

/** Keep a text until no mark of the record is it any more. @return 0 or negative errno */
NODISCARD int config_store_put(const struct config_store *s, const struct config_mark *m, const char *text,
			       size_t bytes);

/** @return its bytes in *@out, which the caller frees; or negative errno, -EBADMSG: damaged */
NODISCARD long config_store_get(const struct config_store *s, const struct config_mark *m, char **out);

/** Write the record; then texts it does not name are removed. @return 0 or negative errno */
NODISCARD int config_store_save(const struct config_store *s);

/** The state file's text, which ends with its CRC-32. */
void config_record_write(const struct config_record *r, struct dynbuf *out);

/** @text: with a NUL at its end. @return 0; -EBADMSG: damaged, or of a newer version */
NODISCARD int config_record_parse(const char *text, size_t bytes, struct config_record *out);

/** @m is active now. */
void config_record_activate(struct config_record *r, const struct config_mark *m);

/** The one that was active before goes first from now on. */
void config_record_return(struct config_record *r);

bool config_mark_is(const struct config_mark *a, const struct config_mark *b);

#endif
