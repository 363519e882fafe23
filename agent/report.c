/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/report.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

struct report_socket {
	int fd;
	struct loop_fd *watch;
	struct sockaddr_un at;
	void (*write)(void *ctx, struct dynbuf *out);
	void *ctx;
};

int report_path(char out[static REPORT_PATH_BYTES], const char *spool_path)
{
	int n = snprintf(out, REPORT_PATH_BYTES, "%s.sock", spool_path);

	return n < REPORT_PATH_BYTES ? 0 : -ENAMETOOLONG;
}

void report_line(struct dynbuf *out, const char *kind, const char *const fields[], size_t n)
{
	dynbuf_adds(out, kind);
	for (size_t i = 0; i < n; i++) {
		dynbuf_adds(out, "\t");
		for (const char *c = fields[i]; *c; c++)
			dynbuf_add(out, (unsigned char)*c < ' ' ? " " : c, 1);
	}
	dynbuf_adds(out, "\n");
}

/* The kernel takes it all at once or we do without: a reader who does not read must not hold up the sensors. */
static void answer(struct report_socket *s, int client)
{
	static const int bytes = REPORT_MAX_BYTES;
	struct dynbuf out;

	(void)setsockopt(client, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
	dynbuf_init(&out, REPORT_MAX_BYTES);
	s->write(s->ctx, &out);
	(void)!send(client, out.data, out.len, MSG_NOSIGNAL | MSG_DONTWAIT);
	dynbuf_free(&out);
}

static void on_client(void *ctx, unsigned events)
{
	struct report_socket *s = ctx;
	int client = accept(s->fd, NULL, NULL);

	(void)events;
	if (client < 0)
		return;
	answer(s, client);
	close(client);
}

/* The right to connect is the right to write to the socket, and it has to be so before anybody can find it. */
static int bind_for_owner(int fd, const struct sockaddr_un *at)
{
	mode_t mask = umask(0177);
	int r;

	(void)unlink(at->sun_path);
	r = bind(fd, (const struct sockaddr *)at, sizeof(*at)) < 0 ? -errno : 0;
	umask(mask);
	return r;
}

int report_listen(struct report_socket **out, struct loop *loop, const char *spool_path,
		  void (*write)(void *ctx, struct dynbuf *out), void *ctx)
{
	enum { WAITING = 4 };
	struct report_socket *s = calloc(1, sizeof(*s));
	int r;

	if (!s)
		return -ENOMEM;
	s->at.sun_family = AF_UNIX;
	s->write = write;
	s->ctx = ctx;
	s->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	r = s->fd < 0 ? -errno : report_path(s->at.sun_path, spool_path);
	if (r == 0)
		r = bind_for_owner(s->fd, &s->at);
	if (r == 0 && listen(s->fd, WAITING) < 0)
		r = -errno;
	if (r == 0)
		r = loop_fd_create(loop, &s->watch, s->fd, on_client, s);
	if (r < 0) {
		if (s->fd >= 0)
			close(s->fd);
		free(s);
		return r;
	}
	loop_fd_watch(s->watch, LOOP_READABLE);
	*out = s;
	return 0;
}

void report_close(struct report_socket *s)
{
	if (!s)
		return;
	loop_fd_free(s->watch);
	close(s->fd);
	(void)unlink(s->at.sun_path);
	free(s);
}
