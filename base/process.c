/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Between fork and exec only what is safe in a child of a process with threads is called; the environment is made before. Why exec
 * failed comes back through a pipe that a successful exec closes.
 */
#define _GNU_SOURCE /* pipe2, dup3 */
#include "base/process.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { READ_END, WRITE_END };
enum { REPORT_FD = 3, N_VARIABLES = 6, VARIABLE_BYTES = 1024 };

extern char **environ;

struct start {
	int in[2], out[2], err[2], report[2];
	const char *const *argv;
	pid_t parent;
	char variables[N_VARIABLES][VARIABLE_BYTES];
	char *environment[N_VARIABLES + 1];
};

/* Its prompt answers must not wait in a buffer of its own. */
static void make_environment(struct start *s)
{
	static const char *const names[] = { "PATH", "HOME", "LANG", "LC_ALL", "TZ" };
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const char *value = getenv(names[i]);
		int len = value ? snprintf(s->variables[n], VARIABLE_BYTES, "%s=%s", names[i], value) : 0;

		if (len > 0 && len < VARIABLE_BYTES) {
			s->environment[n] = s->variables[n];
			n++;
		}
	}
	snprintf(s->variables[n], VARIABLE_BYTES, "PYTHONUNBUFFERED=1");
	s->environment[n] = s->variables[n];
}

static void close_from(int first)
{
	if (syscall(SYS_close_range, first, ~0U, 0) == 0)
		return;
	for (int fd = first; fd < 1024; fd++)
		close(fd);
}

static _Noreturn void report(int fd)
{
	int error = errno;
	ssize_t n = write(fd, &error, sizeof(error));

	_exit(n == sizeof(error) ? 126 : 127);
}

static _Noreturn void become_child(const struct start *s)
{
	int report_fd = s->report[WRITE_END];
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != s->parent)
		_exit(127); /* it ended before it could be asked for */
	if (dup2(s->in[READ_END], 0) < 0 || dup2(s->out[WRITE_END], 1) < 0 || dup2(s->err[WRITE_END], 2) < 0 ||
	    (report_fd != REPORT_FD && dup3(report_fd, REPORT_FD, O_CLOEXEC) < 0))
		report(report_fd);
	close_from(REPORT_FD + 1);
	environ = (char **)s->environment;
	execvp(s->argv[0], (char *const *)s->argv);
	report(REPORT_FD);
}

static void close_pair(int pair[2])
{
	for (int i = 0; i < 2; i++)
		if (pair[i] >= 0)
			close(pair[i]);
}

static void close_all(struct start *s)
{
	close_pair(s->in);
	close_pair(s->out);
	close_pair(s->err);
	close_pair(s->report);
}

/* Above the standard ones, so that no end of a pipe is in the way of another in the child. */
static int make_pipe(int pair[2])
{
	if (pipe2(pair, O_CLOEXEC) < 0)
		return -errno;
	for (int i = 0; i < 2; i++) {
		int fd = pair[i] <= REPORT_FD ? fcntl(pair[i], F_DUPFD_CLOEXEC, REPORT_FD + 1) : pair[i];

		if (fd < 0)
			return -errno;
		if (fd != pair[i])
			close(pair[i]);
		pair[i] = fd;
	}
	return 0;
}

static int open_pipes(struct start *s)
{
	int r = make_pipe(s->in);

	if (r == 0)
		r = make_pipe(s->out);
	if (r == 0)
		r = make_pipe(s->err);
	if (r == 0)
		r = make_pipe(s->report);
	return r;
}

static void take(int *fd, int *end)
{
	*fd = *end;
	*end = -1;
	fcntl(*fd, F_SETFL, O_NONBLOCK);
}

static int wait_for_exec(struct start *s, pid_t pid)
{
	int error = 0;
	ssize_t n;

	close(s->report[WRITE_END]);
	s->report[WRITE_END] = -1;
	do
		n = read(s->report[READ_END], &error, sizeof(error));
	while (n < 0 && errno == EINTR);
	if (n == 0)
		return 0;
	waitpid(pid, NULL, 0);
	return error > 0 ? -error : -ECHILD;
}

int process_start(struct process *p, const char *const argv[])
{
	struct start s = { .argv = argv, .parent = getpid() };
	pid_t pid = -1;
	int r;

	for (int i = 0; i < 2; i++)
		s.in[i] = s.out[i] = s.err[i] = s.report[i] = -1;
	make_environment(&s);
	r = open_pipes(&s);
	if (r == 0) {
		pid = fork();
		r = pid < 0 ? -errno : 0;
	}
	if (pid == 0)
		become_child(&s);
	if (r == 0)
		r = wait_for_exec(&s, pid);
	if (r == 0) {
		p->pid = pid;
		take(&p->in, &s.in[WRITE_END]);
		take(&p->out, &s.out[READ_END]);
		take(&p->err, &s.err[READ_END]);
	}
	close_all(&s);
	return r;
}

static void close_one(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void process_close(struct process *p)
{
	close_one(&p->in);
	close_one(&p->out);
	close_one(&p->err);
}

void process_kill(const struct process *p)
{
	assert(p->pid > 0);
	kill(-p->pid, SIGKILL);
	kill(p->pid, SIGKILL); /* in case it has left its group */
}

bool process_reap(struct process *p, int *status)
{
	pid_t r = waitpid(p->pid, status, WNOHANG);

	if (r == 0 || (r < 0 && errno == EINTR))
		return false;
	p->pid = 0;
	return true;
}

void process_end(struct process *p)
{
	if (p->pid > 0) {
		process_kill(p);
		while (waitpid(p->pid, NULL, 0) < 0 && errno == EINTR)
			;
		p->pid = 0;
	}
	process_close(p);
}
