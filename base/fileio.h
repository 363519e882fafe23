/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fileio.h - the few ways in which drivers and the CSV reader touch files, as negative errno, with one seam: a
 * test can make the n-th call fail, so that every error path of every driver is walked. The seam costs one
 * predictable branch beside a system call.
 */
#ifndef RUNNEL_BASE_FILEIO_H
#define RUNNEL_BASE_FILEIO_H

#include <stddef.h>
#include <sys/types.h>

#include "base/check.h"

struct statvfs;

/** For reading, close-on-exec. @return descriptor, or negative errno */
NODISCARD int fileio_open(const char *path);

/** As fileio_open(); reading it never waits. */
NODISCARD int fileio_open_nonblock(const char *path);

/** Write @text in one piece to a file that is there, as /sys wants it. @return 0 or negative errno */
NODISCARD int fileio_put(const char *path, const char *text);

/** Not interrupted by signals. @return bytes, 0 at the end, or negative errno */
NODISCARD ssize_t fileio_read(int fd, char *buf, size_t bytes);

/** From the start of the file, whatever its position: /proc and /sys write their text anew for it. */
NODISCARD ssize_t fileio_reread(int fd, char *buf, size_t bytes);

NODISCARD int fileio_statvfs(const char *path, struct statvfs *out);

/**
 * A file in the place of @path with these @bytes; after a power cut at any instant there is the old one or the new one, whole. Both
 * the file and its directory are synced when it returns. @return 0 or negative errno: the old one is there
 */
NODISCARD int fileio_replace(const char *path, const void *data, size_t bytes);

/** Cannot fail. */
void fileio_close(int fd);

/**
 * At the start of a program: when standard input, output or error is closed, the next file or socket opened would take its
 * place, and get what is printed. After this it is open, and to use it fails as before.
 */
void fileio_occupy_standard(void);

/**
 * For tests only, and for the whole process: @hook is asked before each call but close, and a negative errno
 * from it becomes the result of that call. NULL takes it away.
 */
void fileio_set_hook(int (*hook)(void *arg), void *arg);

#endif
