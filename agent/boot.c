/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/boot.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/text.h"

enum {
	FIRST_CREDIBLE_S = 1600000000, /* 2020-09-13 */
	HALF_A_YEAR_S = 15778800,
};

static int read_stored(const char *path, uint32_t *out)
{
	char text[32] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int64_t value;
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (n <= 0)
		return -EIO;
	if (strlen(text) != (size_t)n || text[n - 1] != '\n') /* torn: a shorter number may have been used already */
		return -EINVAL;
	text[n - 1] = '\0';
	if (text_to_int64(text, &value) < 0 || value < 0 || value >= UINT32_MAX)
		return -EINVAL;
	*out = (uint32_t)value;
	return 0;
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

/* A power cut leaves the old number or the new one, never half a file. */
static int store(const char *path, uint32_t boot)
{
	char tmp[PATH_MAX], text[16];
	int fd, len, r = 0;

	if ((size_t)snprintf(tmp, sizeof(tmp), "%s.new", path) >= sizeof(tmp))
		return -ENAMETOOLONG;
	len = snprintf(text, sizeof(text), "%u\n", boot);
	fd = open(tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0)
		return -errno;
	if (write(fd, text, (size_t)len) != len || fsync(fd) < 0)
		r = errno ? -errno : -EIO;
	close(fd);
	if (r == 0 && rename(tmp, path) < 0)
		r = -errno;
	return r < 0 ? r : sync_directory_of(path);
}

/* 0 for a time that is no good: of before 1970, or beyond what a number can be. */
static uint32_t seconds_of(int64_t now_us)
{
	int64_t s = now_us / 1000000;

	return s > 0 && s < UINT32_MAX ? (uint32_t)s : 0;
}

/* Nothing is known of earlier starts, and the clock says a time before there was this program. */
static uint32_t drawn(uint32_t boot)
{
	uint32_t random = 0;

	if (boot >= FIRST_CREDIBLE_S || getrandom(&random, sizeof(random), GRND_NONBLOCK) != sizeof(random))
		return boot;
	return boot + random % HALF_A_YEAR_S;
}

uint32_t boot_take(const char *spool_path, uint32_t after, int64_t now_us, const char **error)
{
	uint32_t stored = 0, boot = seconds_of(now_us);
	char path[PATH_MAX];
	int r;

	*error = NULL;
	if ((size_t)snprintf(path, sizeof(path), "%s.boot", spool_path) >= sizeof(path)) {
		*error = "path too long";
		return boot;
	}
	if (read_stored(path, &stored) < 0 && after == 0)
		boot = drawn(boot);
	if (after > stored)
		stored = after;
	if (stored > 0 && stored >= boot && stored < UINT32_MAX)
		boot = stored + 1;
	r = store(path, boot);
	if (r < 0)
		*error = strerror(-r);
	return boot;
}
