/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/inbox_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"

int inbox_rig_make(struct inbox_rig *r)
{
	log_set_level(LOG_LEVEL_ERROR);
	snprintf(r->dir, sizeof(r->dir), "/tmp/runnel-inbox-XXXXXX");
	if (!mkdtemp(r->dir))
		return -1;
	snprintf(r->path, sizeof(r->path), "%s/f.db", r->dir);
	for (size_t i = 0; i < 2; i++)
		snprintf(r->files[i], sizeof(r->files[i]), "%s.inbox-%zu", r->path, i);
	return 0;
}

int inbox_rig_remove(const struct inbox_rig *r)
{
	char command[96];

	snprintf(command, sizeof(command), "rm -rf '%s'", r->dir);
	return system(command) == 0 ? 0 : -1;
}

int inbox_rig_apart(void (*life)(void *ctx), void *ctx)
{
	pid_t child = fork();
	int status;

	assert_true(child >= 0);
	if (child == 0) {
		life(ctx);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void die(void *ctx, const struct inbox_message *m)
{
	(void)ctx;
	(void)m;
	_exit(INBOX_RIG_DIED);
}

static void read_and_die(void *path)
{
	const struct inbox_reader deadly = { die, NULL };

	inbox_open(path, &deadly);
}

int inbox_rig_be_killed(struct inbox_rig *r)
{
	return inbox_rig_apart(read_and_die, r->path);
}

off_t inbox_rig_bytes_of(const char *path)
{
	struct stat st;

	return stat(path, &st) < 0 ? -1 : st.st_size;
}

off_t inbox_rig_bytes(const struct inbox_rig *r)
{
	off_t sum = 0;

	for (size_t i = 0; i < 2; i++) {
		off_t bytes = inbox_rig_bytes_of(r->files[i]);

		sum += bytes > 0 ? bytes : 0;
	}
	return sum;
}
