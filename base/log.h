/* SPDX-License-Identifier: Apache-2.0 */
/*
 * log.h - messages for the person who runs the program, on stderr. Under systemd (JOURNAL_STREAM names stderr)
 * each line starts with the <N> priority of sd-daemon(3); in a terminal with time and level.
 */
#ifndef RUNNEL_BASE_LOG_H
#define RUNNEL_BASE_LOG_H

#include "base/check.h"

/** syslog(3) numbers. */
enum log_level {
	LOG_LEVEL_ERROR = 3,
	LOG_LEVEL_WARNING = 4,
	LOG_LEVEL_NOTICE = 5,
	LOG_LEVEL_INFO = 6,
	LOG_LEVEL_DEBUG = 7
};

/** Messages above this level are dropped. Default LOG_LEVEL_INFO. */
void log_set_level(enum log_level level);

void log_error(const char *fmt, ...) PRINTF_LIKE(1, 2);
void log_warning(const char *fmt, ...) PRINTF_LIKE(1, 2);
void log_notice(const char *fmt, ...) PRINTF_LIKE(1, 2);
void log_info(const char *fmt, ...) PRINTF_LIKE(1, 2);
void log_debug(const char *fmt, ...) PRINTF_LIKE(1, 2);

#endif
