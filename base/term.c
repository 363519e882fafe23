/* SPDX-License-Identifier: Apache-2.0 */
#include "base/term.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/term_text.h"

enum { SAFE_WIDTH = 80, SAFE_HEIGHT = 24, WRITE_TIMEOUT_MS = 1000 };

void term_probe(struct term *t, int fd)
{
	const char *kind = getenv("TERM"), *no_colour = getenv("NO_COLOR");
	struct winsize size = { 0 };

	*t = (struct term){ .width = SAFE_WIDTH, .height = SAFE_HEIGHT };
	t->is_terminal = isatty(fd) && kind && kind[0] != '\0' && strcmp(kind, "dumb") != 0;
	t->has_colour = t->is_terminal && (!no_colour || no_colour[0] == '\0');
	if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_row > 0) {
		t->width = size.ws_col;
		t->height = size.ws_row;
	}
}

size_t term_width_of(const char *text, size_t bytes)
{
	size_t n = 0;

	for (size_t i = 0; i < bytes; i++)
		n += ((unsigned char)text[i] & 0xC0) != 0x80;
	return n;
}

size_t term_text_width(const char *text)
{
	return term_width_of(text, strlen(text));
}

size_t term_printable_bytes(const unsigned char *p)
{
	size_t n;

	if (*p < 0x80)
		return *p >= 0x20 && *p != 0x7F;
	if (*p < 0xC2 || *p > 0xF4 || (*p == 0xC2 && p[1] < 0xA0))
		return 0;
	n = *p < 0xE0 ? 2 : *p < 0xF0 ? 3 : 4;
	for (size_t i = 1; i < n; i++)
		if ((p[i] & 0xC0) != 0x80)
			return 0;
	return n;
}

/* The descriptor may have become non-blocking: a terminal is one file for input and output. */
int term_write(int fd, const char *data, size_t bytes)
{
	while (bytes > 0) {
		ssize_t n = write(fd, data, bytes);
		struct pollfd p = { .fd = fd, .events = POLLOUT };

		if (n < 0 && errno == EAGAIN && poll(&p, 1, WRITE_TIMEOUT_MS) > 0)
			continue;
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		data += n;
		bytes -= (size_t)n;
	}
	return 0;
}
