/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The state is lines of a word and numbers, with the CRC-32 of all before in the last: a file that a failing disk has changed is not
 * believed. A line that is not known ends the reading: an older program does not guess what a newer one meant.
 */
#include "agent/config_store.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/crc32.h"
#include "base/fileio.h"
#include "base/log.h"

enum { STATE_BYTES = 4096, TEXT_BYTES = 1 << 20, NAME_BYTES = 64 };

static const char first_line[] = "runnel-config 1\n";

bool config_mark_is(const struct config_mark *a, const struct config_mark *b)
{
	return a->revision == b->revision && a->hash == b->hash && a->is_file == b->is_file;
}

static bool is_none(const struct config_mark *m)
{
	return m->hash == 0 && m->revision == 0;
}

static void name_of(const struct config_mark *m, char out[static NAME_BYTES])
{
	snprintf(out, NAME_BYTES, "%s%lld-%08x.yaml", m->is_file ? "file-" : "", (long long)m->revision, m->hash);
}

static int path_of(const struct config_store *s, const char *name, char out[static PATH_MAX])
{
	return (size_t)snprintf(out, PATH_MAX, "%s/%s", s->dir, name) < PATH_MAX ? 0 : -ENAMETOOLONG;
}

/* @return bytes, or negative errno; @out has room for one more than @max */
static long read_file(const char *path, char *out, size_t max)
{
	int fd = fileio_open(path);
	size_t len = 0;
	ssize_t n;

	if (fd < 0)
		return fd;
	do {
		n = fileio_read(fd, out + len, max + 1 - len);
		if (n > 0)
			len += (size_t)n;
	} while (n > 0 && len <= max);
	fileio_close(fd);
	if (n < 0)
		return n;
	return len <= max ? (long)len : -EFBIG;
}

/* --- the state --- */

static void write_mark(struct dynbuf *out, const char *word, const struct config_mark *m)
{
	if (!is_none(m))
		dynbuf_addf(out, "%s %lld %u %d\n", word, (long long)m->revision, m->hash, m->is_file);
}

void config_record_write(const struct config_record *r, struct dynbuf *out)
{
	dynbuf_adds(out, first_line);
	dynbuf_addf(out, "tried %lld 0 0\n", (long long)r->tried);
	write_mark(out, "active", &r->active);
	write_mark(out, "trial", &r->trial);
	write_mark(out, "good_file", &r->good_file);
	dynbuf_addf(out, "file_path 0 %u 0\n", r->file_path);
	dynbuf_addf(out, "bad_file 0 %u 0\n", r->bad_file);
	for (size_t i = CONFIG_HISTORY; i-- > 0;)
		write_mark(out, "history", &r->history[i]);
	for (size_t i = CONFIG_STARTS; i-- > 0;)
		if (r->starts_s[i] > 0)
			dynbuf_addf(out, "start %lld 0 0\n", (long long)r->starts_s[i]);
	dynbuf_addf(out, "young %d 0 0\n", r->is_young);
	dynbuf_addf(out, "crc %u\n", crc32_of(0, out->data, out->len));
}

static void remember(struct config_record *r, const struct config_mark *m)
{
	memmove(&r->history[1], &r->history[0], (CONFIG_HISTORY - 1) * sizeof(r->history[0]));
	r->history[0] = *m;
}

static bool take_line(struct config_record *r, const char *word, const struct config_mark *m)
{
	if (strcmp(word, "tried") == 0)
		r->tried = m->revision;
	else if (strcmp(word, "active") == 0)
		r->active = *m;
	else if (strcmp(word, "trial") == 0)
		r->trial = *m;
	else if (strcmp(word, "good_file") == 0)
		r->good_file = *m;
	else if (strcmp(word, "file_path") == 0)
		r->file_path = m->hash;
	else if (strcmp(word, "bad_file") == 0)
		r->bad_file = m->hash;
	else if (strcmp(word, "history") == 0)
		remember(r, m);
	else if (strcmp(word, "young") == 0)
		r->is_young = m->revision != 0;
	else if (strcmp(word, "start") == 0) {
		memmove(&r->starts_s[1], &r->starts_s[0], (CONFIG_STARTS - 1) * sizeof(r->starts_s[0]));
		r->starts_s[0] = m->revision;
	} else
		return false;
	return true;
}

int config_record_parse(const char *text, size_t bytes, struct config_record *out)
{
	struct config_record r = { 0 };
	const char *at = text + strlen(first_line), *crc = strstr(text, "\ncrc ");
	unsigned sum;

	if (strlen(text) != bytes || strncmp(text, first_line, strlen(first_line)) != 0 || !crc ||
	    sscanf(crc, "\ncrc %u\n", &sum) != 1 || sum != crc32_of(0, text, (size_t)(crc + 1 - text)))
		return -EBADMSG;
	while (at < crc + 1) {
		struct config_mark m = { 0 };
		long long revision;
		char word[16];
		int is_file;

		if (sscanf(at, "%15s %lld %u %d", word, &revision, &m.hash, &is_file) != 4)
			return -EBADMSG;
		m.revision = revision;
		m.is_file = is_file;
		if (!take_line(&r, word, &m))
			return -EBADMSG;
		at = strchr(at, '\n') + 1;
	}
	*out = r;
	return 0;
}

void config_store_open(struct config_store *s, const char *spool_path)
{
	char path[PATH_MAX], text[STATE_BYTES + 1];
	long n;

	*s = (struct config_store){ .dir = "" };
	if (!spool_path || (size_t)snprintf(s->dir, sizeof(s->dir), "%s.config", spool_path) >= sizeof(s->dir) ||
	    path_of(s, "state", path) < 0) {
		s->dir[0] = '\0';
		return;
	}
	n = read_file(path, text, STATE_BYTES);
	if (n == -ENOENT)
		return;
	if (n >= 0) {
		text[n] = '\0';
		n = config_record_parse(text, (size_t)n, &s->record);
	}
	if (n < 0)
		log_error("%s: %s: pushed configs are forgotten, the file is taken", path,
			  n == -EBADMSG ? "damaged, or of another version" : strerror((int)-n));
}

/* --- texts --- */

int config_store_put(const struct config_store *s, const struct config_mark *m, const char *text, size_t bytes)
{
	char name[NAME_BYTES], path[PATH_MAX];
	int r;

	if (!s->dir[0])
		return 0;
	if (mkdir(s->dir, 0750) < 0 && errno != EEXIST)
		return -errno;
	name_of(m, name);
	r = path_of(s, name, path);
	return r < 0 ? r : fileio_replace(path, text, bytes);
}

long config_store_get(const struct config_store *s, const struct config_mark *m, char **out)
{
	char name[NAME_BYTES], path[PATH_MAX], *text;
	long n;

	name_of(m, name);
	if (!s->dir[0] || path_of(s, name, path) < 0)
		return -ENOENT;
	text = malloc(TEXT_BYTES + 1);
	if (!text)
		return -ENOMEM;
	n = read_file(path, text, TEXT_BYTES);
	if (n >= 0 && crc32_of(0, text, (size_t)n) != m->hash)
		n = -EBADMSG;
	if (n < 0)
		free(text);
	else
		*out = text;
	return n;
}

static bool is_named(const struct config_record *r, const char *name)
{
	const struct config_mark *const marks[] = { &r->active, &r->trial, &r->good_file };
	char is[NAME_BYTES];

	for (size_t i = 0; i < ARRAY_LEN(marks) + CONFIG_HISTORY; i++) {
		name_of(i < ARRAY_LEN(marks) ? marks[i] : &r->history[i - ARRAY_LEN(marks)], is);
		if (strcmp(is, name) == 0)
			return true;
	}
	return strcmp(name, "state") == 0 || name[0] == '.';
}

static void remove_others(const struct config_store *s)
{
	DIR *dir = opendir(s->dir);
	struct dirent *e;
	char path[PATH_MAX];

	while (dir && (e = readdir(dir)))
		if (!is_named(&s->record, e->d_name) && path_of(s, e->d_name, path) == 0)
			unlink(path);
	if (dir)
		closedir(dir);
}

int config_store_save(const struct config_store *s)
{
	char path[PATH_MAX];
	struct dynbuf text;
	int r;

	if (!s->dir[0])
		return 0;
	if (mkdir(s->dir, 0750) < 0 && errno != EEXIST)
		return -errno;
	dynbuf_init(&text, STATE_BYTES);
	config_record_write(&s->record, &text);
	r = text.overflow ? -ENOMEM : path_of(s, "state", path);
	if (r == 0)
		r = fileio_replace(path, text.data, text.len);
	if (r == 0)
		remove_others(s);
	dynbuf_free(&text);
	return r;
}

void config_record_activate(struct config_record *r, const struct config_mark *m)
{
	r->active = *m;
	r->is_young = true;
	memset(r->starts_s, 0, sizeof(r->starts_s));
	remember(r, m);
}

void config_record_return(struct config_record *r)
{
	memmove(&r->history[0], &r->history[1], (CONFIG_HISTORY - 1) * sizeof(r->history[0]));
	r->history[CONFIG_HISTORY - 1] = (struct config_mark){ 0 };
	r->active = r->history[0];
	r->is_young = false;
	memset(r->starts_s, 0, sizeof(r->starts_s));
}
