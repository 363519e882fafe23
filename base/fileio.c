/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fileio.c - thin wrappers of system calls; see the header for why they exist. The hook is the one variable of
 * the project that is not owned by an object: a descriptor has nowhere to keep it, and nothing but tests sets it.
 */
#include "base/fileio.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

static struct {
	int (*ask)(void *arg);
	void *arg;
} hook;

static int hook_result(void)
{
	return hook.ask ? hook.ask(hook.arg) : 0;
}

static int open_as(const char *path, int flags)
{
	int r = hook_result();

	if (r < 0)
		return r;
	r = open(path, flags | O_CLOEXEC);
	return r < 0 ? -errno : r;
}

int fileio_open(const char *path)
{
	return open_as(path, O_RDONLY);
}

int fileio_open_nonblock(const char *path)
{
	return open_as(path, O_RDONLY | O_NONBLOCK);
}

int fileio_put(const char *path, const char *text)
{
	int fd = open_as(path, O_WRONLY | O_TRUNC), r = 0;
	ssize_t n;

	if (fd < 0)
		return fd;
	n = write(fd, text, strlen(text));
	if (n != (ssize_t)strlen(text))
		r = n < 0 ? -errno : -EIO;
	close(fd);
	return r;
}

ssize_t fileio_read(int fd, char *buf, size_t bytes)
{
	ssize_t n = hook_result();

	if (n < 0)
		return n;
	do
		n = read(fd, buf, bytes);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

ssize_t fileio_reread(int fd, char *buf, size_t bytes)
{
	ssize_t n = hook_result();

	if (n < 0)
		return n;
	do
		n = pread(fd, buf, bytes, 0);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

int fileio_statvfs(const char *path, struct statvfs *out)
{
	int r = hook_result();

	if (r < 0)
		return r;
	return statvfs(path, out) < 0 ? -errno : 0;
}

static int write_all(int fd, const char *data, size_t bytes)
{
	while (bytes > 0) {
		ssize_t n = write(fd, data, bytes);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		data += n;
		bytes -= (size_t)n;
	}
	return fsync(fd) < 0 ? -errno : 0;
}

static int sync_directory_of(const char *path)
{
	char dir[PATH_MAX];
	char *slash;
	int fd, r;

	snprintf(dir, sizeof(dir), "%s", path);
	slash = strrchr(dir, '/');
	if (slash)
		slash[slash == dir ? 1 : 0] = '\0';
	fd = open(slash ? dir : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	r = fsync(fd) < 0 ? -errno : 0;
	close(fd);
	return r;
}

int fileio_replace(const char *path, const void *data, size_t bytes)
{
	char tmp[PATH_MAX];
	int fd, r = hook_result();

	if (r < 0)
		return r;
	if ((size_t)snprintf(tmp, sizeof(tmp), "%s.new", path) >= sizeof(tmp))
		return -ENAMETOOLONG;
	fd = open(tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
	if (fd < 0)
		return -errno;
	r = write_all(fd, data, bytes);
	if (close(fd) < 0 && r == 0)
		r = -errno;
	if (r == 0 && rename(tmp, path) < 0)
		r = -errno;
	return r < 0 ? r : sync_directory_of(path);
}

void fileio_close(int fd)
{
	close(fd);
}

void fileio_occupy_standard(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			(void)!open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

void fileio_set_hook(int (*ask)(void *arg), void *arg)
{
	hook.ask = ask;
	hook.arg = arg;
}
