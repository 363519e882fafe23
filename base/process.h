/* SPDX-License-Identifier: Apache-2.0 */
/*
 * process.h - a child process whose standard input, output and error are pipes. It has no other descriptor, a group of its own and
 * a small environment, no shell is involved, and it dies with this process. What it started itself dies with it when it is ended
 * here; when this process is killed, that is left to whoever watches the group, such as systemd.
 */
#ifndef RUNNEL_BASE_PROCESS_H
#define RUNNEL_BASE_PROCESS_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/check.h"

struct process {
	pid_t pid;	  /* 0: none */
	int in, out, err; /* to its standard input, from its output and error: non-blocking, -1 when closed */
};

/** @argv ends with NULL; a program without a slash is looked for in PATH. @return 0, or negative errno, of execvp(3) too */
NODISCARD int process_start(struct process *p, const char *const argv[]);

/** Close the pipes. */
void process_close(struct process *p);

/** SIGKILL to it and all it started. */
void process_kill(const struct process *p);

/** @return it has ended, with @status of waitpid(2), and p->pid is 0; false: it runs, or has not quite ended */
bool process_reap(struct process *p, int *status);

/** Kill it, close the pipes and wait for its end. */
void process_end(struct process *p);

#endif
