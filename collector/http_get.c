/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HTTP/1.0 and a connection for each page: what comes until the other end closes is the answer, so there is nothing to count and nothing to unpack.
 */
#include "collector/http_get.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { TIMEOUT_S = 5, MAX_ANSWER_BYTES = 8 * 1024 * 1024 };

static int send_all(int fd, const char *text)
{
	size_t len = strlen(text);

	while (len > 0) {
		ssize_t n = send(fd, text, len, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		text += n;
		len -= (size_t)n;
	}
	return 0;
}

static int receive_all(int fd, struct dynbuf *into)
{
	char piece[16384];

	for (;;) {
		ssize_t n = recv(fd, piece, sizeof(piece), 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN ? -ETIMEDOUT : -errno;
		if (n == 0)
			return 0;
		dynbuf_add(into, piece, (size_t)n);
		if (into->overflow)
			return -EBADMSG;
	}
}

int http_get_parse(const char *received, size_t bytes, struct dynbuf *body)
{
	static const char blank[] = "\r\n\r\n";
	const char *end = strstr(received, blank);
	unsigned status;

	if (!end || sscanf(received, "HTTP/1.%*1[01] %3u", &status) != 1 || status < 100)
		return -EBADMSG;
	end += strlen(blank);
	dynbuf_add(body, end, bytes - (size_t)(end - received));
	return body->overflow ? -EBADMSG : (int)status;
}

static int talk(int fd, const struct http_address *a, const char *path, struct dynbuf *received)
{
	const struct timeval timeout = { .tv_sec = TIMEOUT_S };
	socklen_t size = a->at.any.sa_family == AF_INET6 ? sizeof(a->at.v6) : sizeof(a->at.v4);
	char request[256];
	int r;

	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout));
	if (connect(fd, &a->at.any, size) < 0)
		return errno == EINPROGRESS ? -ETIMEDOUT : -errno;
	snprintf(request, sizeof(request), "GET %s HTTP/1.0\r\nHost: localhost\r\n\r\n", path);
	r = send_all(fd, request);
	return r < 0 ? r : receive_all(fd, received);
}

int http_get(const struct http_address *a, const char *path, struct dynbuf *body)
{
	int fd = socket(a->at.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0), r;
	struct dynbuf received;

	if (fd < 0)
		return -errno;
	dynbuf_init(&received, MAX_ANSWER_BYTES);
	r = talk(fd, a, path, &received);
	if (r == 0)
		r = http_get_parse(dynbuf_text(&received), received.len, body);
	dynbuf_free(&received);
	close(fd);
	return r;
}
