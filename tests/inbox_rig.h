/* SPDX-License-Identifier: Apache-2.0 */
/* inbox_rig.h - an inbox in a directory of its own, and processes that live with it and are gone without a word. */
#ifndef RUNNEL_TESTS_INBOX_RIG_H
#define RUNNEL_TESTS_INBOX_RIG_H

#include <sys/types.h>

#include "collector/inbox.h"

enum { INBOX_RIG_DIED = 9 };

struct inbox_rig {
	char dir[64], path[80], files[2][96]; /* @path is that of the store */
};

/** @return 0 or -1, as set-up and teardown of cmocka do */
int inbox_rig_make(struct inbox_rig *r);
int inbox_rig_remove(const struct inbox_rig *r);

/** Run @life in a process that is gone when it returns, without closing anything. @return its exit status, 0 when @life returned */
int inbox_rig_apart(void (*life)(void *ctx), void *ctx);

/** Read it, apart, and be killed by the first message. @return the exit status, INBOX_RIG_DIED; 0: there was none */
int inbox_rig_be_killed(struct inbox_rig *r);

/** Of a file, -1: it is not there. */
off_t inbox_rig_bytes_of(const char *path);

/** Of both files. */
off_t inbox_rig_bytes(const struct inbox_rig *r);

#endif
