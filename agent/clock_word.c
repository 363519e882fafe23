/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/clock_word.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/clock.h"
#include "base/fileio.h"
#include "base/loop.h"
#include "base/text.h"

enum { WORD_BYTES = 32 };

int64_t clock_word_offset_us(void)
{
	return loop_wall_us() - loop_mono_us();
}

bool clock_word_holds(const char *path, int64_t offset_us)
{
	char text[WORD_BYTES] = "";
	int64_t given_us;
	ssize_t n;
	int fd = path ? fileio_open(path) : -ENOENT;

	if (fd < 0)
		return false;
	n = fileio_read(fd, text, sizeof(text) - 1);
	fileio_close(fd);
	if (n < 2 || text[n - 1] != '\n')
		return false;
	text[n - 1] = '\0';
	return text_to_int64(text, &given_us) == 0 && offset_us - CLOCK_STEP_US < given_us &&
	       given_us < offset_us + CLOCK_STEP_US;
}

int clock_word_give(const char *path, int64_t offset_us)
{
	char text[WORD_BYTES];
	int n = snprintf(text, sizeof(text), "%" PRId64 "\n", offset_us);
	int r = fileio_replace(path, text, (size_t)n);

	return r == 0 && chmod(path, 0644) < 0 ? -errno : r; /* it is for another user */
}

int clock_word_take_back(const char *path)
{
	return unlink(path) == 0 || errno == ENOENT ? 0 : -errno;
}
