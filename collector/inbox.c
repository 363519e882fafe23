/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/inbox.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/log.h"
#include "collector/sorted.h"

struct file {
	char path[PATH_MAX];
	int fd;	       /* -1: it could not be opened */
	size_t bytes;  /* 0: empty */
	uint64_t last; /* number of the last message in it */
};

/* The mutex is for what both threads use: which file is written, its end, the last number and the last error. */
struct inbox {
	pthread_mutex_t mutex;
	const char *name; /* of the store */
	struct file files[2];
	size_t at; /* which is written */
	uint64_t last, done;
	int error;  /* of the last put, negative; 0: none */
	int logged; /* the error that was told */
	bool is_off;
};

/* --- one file --- */

static int write_start(const struct file *f, const struct inbox_start *s)
{
	uint8_t start[INBOX_START_BYTES];

	inbox_pack_start(s, start);
	return pwrite(f->fd, start, sizeof(start), 0) == (ssize_t)sizeof(start) ? 0 : -EIO;
}

/* Half a record must not stay: what is read behind the next one would be its rest. */
static int put(struct file *f, const struct inbox_message *m)
{
	size_t at = f->bytes > 0 ? f->bytes : INBOX_START_BYTES, topic_bytes = strlen(m->topic) + 1;
	uint8_t head[INBOX_HEAD_BYTES];
	const struct iovec parts[] = { { head, sizeof(head) },
				       { (void *)m->topic, topic_bytes },
				       { (void *)m->payload, m->payload_bytes } };
	size_t whole = sizeof(head) + topic_bytes + m->payload_bytes;
	ssize_t n;
	int r;

	if (!inbox_pack_head(m, head))
		return -EMSGSIZE;
	if (at + whole > INBOX_MAX_BYTES)
		return -EFBIG;
	n = pwritev(f->fd, parts, 3, (off_t)at);
	if (n == (ssize_t)whole) {
		f->bytes = at + whole;
		f->last = m->number;
		return 0;
	}
	r = n < 0 ? -errno : -ENOSPC;
	if (n > 0 && ftruncate(f->fd, (off_t)at) < 0)
		f->bytes = INBOX_MAX_BYTES; /* nothing more goes in until it is emptied */
	return r;
}

static void empty(struct file *f)
{
	if (f->bytes > 0 && ftruncate(f->fd, 0) == 0)
		f->bytes = 0;
}

/* --- what is there at the start --- */

struct content {
	uint8_t *data;
	size_t end; /* as far as records are whole */
	struct inbox_start start;
};

/* @return its bytes, at most as many as a file of ours can have, or negative errno */
static ssize_t read_all(const struct file *f, uint8_t **data)
{
	struct stat st;
	size_t bytes = 0, size;
	ssize_t n = 1;

	if (fstat(f->fd, &st) < 0)
		return -errno;
	size = st.st_size < INBOX_MAX_BYTES ? (size_t)st.st_size : INBOX_MAX_BYTES;
	*data = sorted_alloc(size + 1);
	while (bytes < size && n > 0) {
		n = pread(f->fd, *data + bytes, size - bytes, (off_t)bytes);
		bytes += n > 0 ? (size_t)n : 0;
	}
	return n < 0 ? -errno : (ssize_t)bytes;
}

static int load(struct file *f, struct content *c)
{
	ssize_t bytes = read_all(f, &c->data);
	struct inbox_message m;
	size_t whole;

	if (bytes < 0)
		return (int)bytes;
	if (!inbox_unpack_start(&c->start, c->data, (size_t)bytes))
		c->start = (struct inbox_start){ 0 };
	c->end = INBOX_START_BYTES;
	while (c->end < (size_t)bytes && (whole = inbox_unpack(&m, c->data + c->end, (size_t)bytes - c->end)) > 0) {
		f->last = m.number;
		c->end += whole;
		f->bytes = c->end;
	}
	if ((size_t)bytes <= c->end)
		return 0;
	log_notice("inbox %s: the last %zu bytes are not a whole message", f->path, (size_t)bytes - c->end);
	return ftruncate(f->fd, (off_t)c->end) < 0 ? -errno : 0;
}

static size_t show(const struct inbox *b, const struct content *c, const struct inbox_reader *reader)
{
	struct inbox_message m;
	size_t whole, n = 0;

	for (size_t at = INBOX_START_BYTES; at < c->end; at += whole) {
		whole = inbox_unpack(&m, c->data + at, c->end - at);
		if (m.number <= b->done)
			continue;
		reader->message(reader->ctx, &m);
		n++;
	}
	return n;
}

static int open_file(struct file *f)
{
	f->bytes = 0;
	f->last = 0;
	f->fd = open(f->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
	return f->fd < 0 ? -errno : 0;
}

static int set_aside(struct file *f)
{
	char unread[PATH_MAX];

	if (f->bytes == 0)
		return 0;
	if ((size_t)snprintf(unread, sizeof(unread), "%s.unread", f->path) >= sizeof(unread))
		return -ENAMETOOLONG;
	log_error("inbox: what is in %s could not be read %d times, and is set aside as %s", f->path, INBOX_TRIES,
		  unread);
	close(f->fd);
	f->fd = -1;
	return rename(f->path, unread) < 0 ? -errno : open_file(f);
}

static int read_files(struct inbox *b, struct content c[2], const struct inbox_reader *reader)
{
	struct file *f = b->files;
	struct inbox_start start = c[0].start.done >= c[1].start.done ? c[0].start : c[1].start;
	size_t n = 0;
	int r = 0;

	/* Tries are noted in the file that is written, whichever was settled last. */
	start.tries = c[0].start.tries > c[1].start.tries ? c[0].start.tries : c[1].start.tries;

	b->done = start.done;
	b->at = f[1].last > f[0].last;
	b->last = f[b->at].last > b->done ? f[b->at].last : b->done;
	if (start.tries >= INBOX_TRIES) {
		for (size_t i = 0; i < 2 && r == 0; i++)
			r = set_aside(&f[i]);
		c[0].end = c[1].end = 0;
	}
	start.tries++;
	if (r < 0)
		return r;
	if (b->last > b->done)
		(void)!write_start(&f[b->at], &start); /* on a full disk we read all the same */
	n += show(b, &c[!b->at], reader);
	n += show(b, &c[b->at], reader);
	if (n > 0)
		log_info("inbox: %zu messages came before a crash", n);
	start.tries = 0;
	(void)!write_start(&f[b->at], &start);
	return 0;
}

static int open_files(struct inbox *b, const struct inbox_reader *reader)
{
	struct content c[2] = { 0 };
	int r = 0;

	for (size_t i = 0; i < 2 && r == 0; i++) {
		struct file *f = &b->files[i];

		if ((size_t)snprintf(f->path, sizeof(f->path), "%s.inbox-%zu", b->name, i) >= sizeof(f->path))
			r = -ENAMETOOLONG;
		if (r == 0)
			r = open_file(f);
		if (r == 0)
			r = load(f, &c[i]);
	}
	if (r == 0)
		r = read_files(b, c, reader);
	free(c[0].data);
	free(c[1].data);
	return r;
}

/* --- from start to end --- */

static void tell(struct inbox *b, int error)
{
	if (error == b->logged)
		return;
	if (error == 0)
		log_notice("inbox %s: works again", b->name);
	else
		log_warning("inbox %s: %s; what comes just before a crash has to be asked for again", b->name,
			    error == -EFBIG ? "too much waits for the store" : strerror(-error));
	b->logged = error;
}

struct inbox *inbox_open(const char *path, const struct inbox_reader *reader)
{
	struct inbox *b = sorted_alloc(sizeof(*b));
	int r;

	pthread_mutex_init(&b->mutex, NULL);
	b->name = path;
	b->files[0].fd = b->files[1].fd = -1;
	r = open_files(b, reader);
	b->is_off = r < 0;
	tell(b, r);
	return b;
}

uint64_t inbox_put(struct inbox *b, const char *topic, const void *payload, size_t bytes, int64_t now_us)
{
	struct inbox_message m = { .at_us = now_us, .topic = topic, .payload = payload, .payload_bytes = bytes };
	int r;

	if (b->is_off)
		return 0;
	pthread_mutex_lock(&b->mutex);
	m.number = b->last + 1;
	r = put(&b->files[b->at], &m);
	b->error = r;
	if (r == 0)
		b->last = m.number;
	pthread_mutex_unlock(&b->mutex);
	return r == 0 ? m.number : 0;
}

bool inbox_is_crowded(struct inbox *b, size_t bytes)
{
	bool is_crowded;

	pthread_mutex_lock(&b->mutex);
	is_crowded = b->files[b->at].bytes > INBOX_FILE_BYTES + 2 * bytes; /* with what stands around short ones */
	pthread_mutex_unlock(&b->mutex);
	return is_crowded;
}

/* The file that is not written is this thread's alone. */
void inbox_turn(struct inbox *b)
{
	const struct inbox_start start = { .done = b->done };
	struct file *other = &b->files[!b->at];

	if (b->is_off || other->bytes > 0 || write_start(other, &start) < 0)
		return;
	pthread_mutex_lock(&b->mutex);
	b->at = !b->at;
	pthread_mutex_unlock(&b->mutex);
}

void inbox_settle(struct inbox *b, uint64_t done)
{
	const struct inbox_start start = { .done = done };
	struct file *other = &b->files[!b->at];
	int error;

	if (b->is_off)
		return;
	pthread_mutex_lock(&b->mutex);
	error = b->error;
	pthread_mutex_unlock(&b->mutex);
	tell(b, error);
	if (done > b->done && write_start(&b->files[b->at], &start) == 0)
		b->done = done;
	if (other->last <= b->done)
		empty(other);
	if (inbox_is_crowded(b, 0))
		inbox_turn(b);
}

void inbox_close(struct inbox *b)
{
	if (!b)
		return;
	for (size_t i = 0; i < 2; i++) {
		if (!b->is_off && b->last <= b->done)
			unlink(b->files[i].path);
		if (b->files[i].fd >= 0)
			close(b->files[i].fd);
	}
	pthread_mutex_destroy(&b->mutex);
	free(b);
}
