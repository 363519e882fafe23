/* SPDX-License-Identifier: Apache-2.0 */
/* spool_file.c - where the spool's file is, whether it can be used, and what is said about it. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/spool_private.h"
#include "base/log.h"

enum { MAX_SET_ASIDE = 3 };

static const int64_t first_wait_us = 5000000;
static const int64_t longest_wait_us = 300000000;

/* Makes what is missing of the directories that lead to the file. */
static int make_directories(const char *path)
{
	char dir[PATH_MAX];

	if ((size_t)snprintf(dir, sizeof(dir), "%s", path) >= sizeof(dir))
		return -ENAMETOOLONG;
	for (char *slash = strchr(dir + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(dir, 0750) < 0 && errno != EEXIST && access(dir, F_OK) < 0)
			return -errno;
		*slash = '/';
	}
	return 0;
}

int spool_file_lock(struct spool *s)
{
	char path[PATH_MAX];

	if ((size_t)snprintf(path, sizeof(path), "%s.lock", s->path) >= sizeof(path) || make_directories(s->path) < 0)
		return 0;
	s->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
	if (s->lock_fd < 0)
		return 0;
	return flock(s->lock_fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK ? -EBUSY : 0;
}

/* --- telling --- */

static const char *hint_of(const struct spool *s, int error)
{
	switch (error) {
	case -EPROTO:
		return "it was written by a newer version, or by another program, and is left alone";
	case -EUCLEAN:
		return "the file is damaged";
	case -ENOSPC:
		return "the disk is full";
	case -EBUSY:
		return "another process has it open";
	case -EACCES:
	case -ENOENT:
		return s->was_open ? strerror(-error)
				   : "no directory to write in (make it, or set spool: {path: ...} in the config)";
	default:
		return strerror(-error);
	}
}

static void tell(struct spool *s, int error)
{
	snprintf(s->problem, sizeof(s->problem), "%s", hint_of(s, error));
	if (!s->is_trouble_told)
		log_warning("spool %s: %s; undelivered data are in memory only (up to %zu KiB), and lost when the "
			    "agent ends",
			    s->path, s->problem, s->max_memory_bytes / 1024);
	s->is_trouble_told = true;
}

void spool_file_works(struct spool *s)
{
	if (s->is_trouble_told)
		log_notice("spool %s: works again, undelivered data are on the disk", s->path);
	s->is_trouble_told = false;
	s->problem[0] = '\0';
	s->retry_wait_us = 0;
}

/* --- damaged files --- */

static void move_aside(const char *path, const char *suffix, unsigned n)
{
	char from[PATH_MAX], to[PATH_MAX];

	if ((size_t)snprintf(from, sizeof(from), "%s%s", path, suffix) < sizeof(from) &&
	    (size_t)snprintf(to, sizeof(to), "%s.corrupt-%u%s", path, n, suffix) < sizeof(to))
		(void)rename(from, to);
}

/* The oldest of those that are kept makes room: 1 is the newest. */
static void set_aside(struct spool *s)
{
	char from[PATH_MAX], to[PATH_MAX];

	for (unsigned n = MAX_SET_ASIDE; n > 1; n--) {
		if ((size_t)snprintf(from, sizeof(from), "%s.corrupt-%u", s->path, n - 1) >= sizeof(from) ||
		    (size_t)snprintf(to, sizeof(to), "%s.corrupt-%u", s->path, n) >= sizeof(to))
			return;
		(void)rename(from, to);
		snprintf(from, sizeof(from), "%s.corrupt-%u-wal", s->path, n - 1);
		snprintf(to, sizeof(to), "%s.corrupt-%u-wal", s->path, n);
		(void)rename(from, to);
	}
	move_aside(s->path, "-wal", 1);
	move_aside(s->path, "", 1);
	s->must_salvage = true;
	s->n_at_stake = s->book.n_waiting;
	s->book.n_waiting = 0;
	s->is_contract_kept = false;
	s->epoch++;
}

/* --- opening --- */

/* Rows that were appended before the file could be opened get ids after those in it. What was offered from memory stays offered. */
static void take_over(struct spool *s, const struct spool_book *found)
{
	uint64_t n_dropped = s->book.n_dropped;
	uint64_t last_id = s->book.last_id;
	uint64_t offered_id = s->book.offered_id;

	if (!s->was_open && last_id > SPOOL_UNKNOWN_BASE) {
		s->shift = SPOOL_UNKNOWN_BASE - found->last_id;
		for (struct spool_item *i = s->list.first; i; i = i->next)
			i->row.id -= s->shift;
		s->book = *found;
		s->book.last_id = last_id - s->shift;
		offered_id = offered_id > SPOOL_UNKNOWN_BASE ? offered_id - s->shift : 0;
		s->book.n_dropped += n_dropped;
	} else if (!s->was_open) {
		s->book = *found;
	} else if (found->last_id == 0) {
		s->book.trimmed_id = last_id; /* a new file: ids go on, and what was counted stays */
	} else {
		/* The commit that failed may have reached the disk after all. */
		while (s->list.first && s->list.first->row.id <= found->last_id)
			spool_list_remove(&s->list, s->list.first->row.id);
		s->book = *found;
		s->book.last_id = last_id > found->last_id ? last_id : found->last_id;
		s->book.n_dropped = n_dropped > found->n_dropped ? n_dropped : found->n_dropped;
	}
	if (s->book.offered_id < offered_id)
		s->book.offered_id = offered_id;
	s->file_id = found->last_id;
	s->offered_on_disk = found->offered_id;
	s->was_open = true;
	s->is_dirty = true;
	s->is_contract_kept = false;
	s->merge_at = 0;
	s->pages_at_most = s->max_pages;
	s->epoch++;
}

static int open_file(struct spool *s, struct spool_book *found)
{
	const struct spool_db_options o = {
		.path = s->path, .vfs = s->o.vfs, .max_pages = s->max_pages, .wal_pages = s->wal_pages
	};

	(void)!make_directories(s->path); /* if it cannot, opening tells */
	return spool_db_open(&s->db, &o, found);
}

int spool_file_open(struct spool *s)
{
	struct spool_book found = { 0 };
	int r = open_file(s, &found);

	if (r == -EUCLEAN) {
		set_aside(s);
		r = open_file(s, &found);
	}
	if (r < 0) {
		s->is_left_alone = r == -EPROTO;
		return r;
	}
	if (s->must_salvage)
		spool_salvage(s, &found);
	take_over(s, &found);
	return 0;
}

int spool_file_failed(struct spool *s, int error, int64_t now_us)
{
	s->must_reopen = error == -EIO;
	if (error == -EUCLEAN) {
		spool_db_close(s->db);
		s->db = NULL;
		set_aside(s);
	}
	s->retry_wait_us = s->retry_wait_us == 0 ? first_wait_us : 2 * s->retry_wait_us;
	if (s->retry_wait_us > longest_wait_us)
		s->retry_wait_us = longest_wait_us;
	s->retry_at_us = error == -EUCLEAN ? now_us : now_us + s->retry_wait_us;
	tell(s, error);
	return error;
}
