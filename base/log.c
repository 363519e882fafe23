/* SPDX-License-Identifier: Apache-2.0 */
/*
 * log.c - one message is one line and one write(2), so that messages of several programs on one terminal never mix.
 * JOURNAL_STREAM is inherited by everything that runs below a service, a desktop's terminal included; it counts
 * only when it names the very file that stderr is, as systemd.exec(5) asks.
 */
#include "base/log.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"

enum { LINE_MAX_BYTES = 1024 };

static enum log_level max_level = LOG_LEVEL_INFO; /* of the process, as stderr is */

void log_set_level(enum log_level level)
{
	max_level = level;
}

static bool is_journal(int fd)
{
	const char *stream = getenv("JOURNAL_STREAM");
	uintmax_t device, inode;
	struct stat st;

	return stream && sscanf(stream, "%ju:%ju", &device, &inode) == 2 && fstat(fd, &st) == 0 &&
	       st.st_dev == device && st.st_ino == inode;
}

static int write_prefix(enum log_level level, char *buf, size_t buf_bytes)
{
	static const char *const names[] = {
		[LOG_LEVEL_ERROR] = "error", [LOG_LEVEL_WARNING] = "warning", [LOG_LEVEL_NOTICE] = "notice",
		[LOG_LEVEL_INFO] = "info",   [LOG_LEVEL_DEBUG] = "debug",
	};
	time_t now = time(NULL);
	struct tm tm;

	if (is_journal(STDERR_FILENO) || !localtime_r(&now, &tm))
		return snprintf(buf, buf_bytes, "<%d>", (int)level);
	return snprintf(buf, buf_bytes, "%02d:%02d:%02d %s: ", tm.tm_hour, tm.tm_min, tm.tm_sec, names[level]);
}

__attribute__((format(printf, 2, 0))) static void write_line(enum log_level level, const char *fmt, va_list args)
{
	char line[LINE_MAX_BYTES];
	int saved_errno = errno;
	int prefix, len;

	if (level > max_level)
		return;
	prefix = write_prefix(level, line, sizeof(line));
	len = vsnprintf(line + prefix, sizeof(line) - (size_t)prefix - 1, fmt, args);
	if (len < 0)
		return;
	len += prefix;
	if (len > LINE_MAX_BYTES - 2)
		len = LINE_MAX_BYTES - 2;
	text_make_printable(line);
	line[len] = '\n';
	/* Nobody is left to tell when stderr is gone. */
	(void)!write(STDERR_FILENO, line, (size_t)len + 1);
	errno = saved_errno;
}

/* clang-format off */
#define LOG_FUNCTION(function, level)            \
	void function(const char *fmt, ...)      \
	{                                        \
		va_list args;                    \
						 \
		va_start(args, fmt);             \
		write_line(level, fmt, args);    \
		va_end(args);                    \
	}
/* clang-format on */

LOG_FUNCTION(log_error, LOG_LEVEL_ERROR)
LOG_FUNCTION(log_warning, LOG_LEVEL_WARNING)
LOG_FUNCTION(log_notice, LOG_LEVEL_NOTICE)
LOG_FUNCTION(log_info, LOG_LEVEL_INFO)
LOG_FUNCTION(log_debug, LOG_LEVEL_DEBUG)
