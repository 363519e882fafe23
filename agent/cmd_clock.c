/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_clock.c - `runnel clock`: what the kernel says of the clock; and, as a service of its own, for the agent in its sandbox (clock_word.h). */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "agent/clock.h"
#include "agent/clock_word.h"
#include "agent/cmd.h"
#include "agent/exits.h"
#include "agent/notify.h"
#include "base/args.h"
#include "base/loop.h"

enum {
	LOOK_EVERY_S = 10,
	DRIFT_US = CLOCK_STEP_US /
		   5, /* an NTP client that turns the clock slowly: the word is renewed long before it is void */
};

static const char help[] =
	"Usage: runnel clock [--tell FILE]\n"
	"\n"
	"Does the kernel say that somebody keeps the clock right?\n"
	"\n"
	"      --tell FILE     stay, and keep FILE for as long as it does: for an agent that may not ask itself\n"
	"                      (runnel-clock.service)\n"
	"\n"
	"Exit status: 0 it is synchronised, 1 it is not, 64 usage, 74 FILE cannot be written.\n";

static int follow(const char *path, bool *is_given, int64_t *given_us)
{
	int64_t now_us = clock_word_offset_us();

	if (!clock_ask_kernel(NULL)) {
		*is_given = false;
		return clock_word_take_back(path);
	}
	if (*is_given && now_us - *given_us < DRIFT_US && *given_us - now_us < DRIFT_US)
		return 0;
	*is_given = true;
	*given_us = now_us;
	return clock_word_give(path, now_us);
}

/* Until it is time to look again, or somebody sets the clock. */
static int wait_for_change(int fd)
{
	struct itimerspec when = { .it_value.tv_sec = (time_t)(loop_wall_us() / 1000000 + LOOK_EVERY_S) };
	uint64_t n_expired;

	if (timerfd_settime(fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &when, NULL) < 0)
		return -errno;
	if (read(fd, &n_expired, sizeof(n_expired)) < 0 && errno != ECANCELED && errno != EINTR)
		return -errno;
	return 0;
}

/* Ends by a signal. */
static int tell(const char *path)
{
	int fd = timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC);
	int r = fd < 0 ? -errno : clock_word_take_back(path);
	bool is_given = false;
	int64_t given_us = 0;

	while (r == 0) {
		r = follow(path, &is_given, &given_us);
		notify_send("READY=1");
		if (r == 0)
			r = wait_for_change(fd);
	}
	fprintf(stderr, "runnel clock: %s: %s\n", path, strerror(-r));
	if (fd >= 0)
		close(fd);
	return EXIT_IO;
}

int cmd_clock(int argc, char **argv)
{
	static const struct option options[] = {
		{ "tell", required_argument, NULL, 't' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	const char *path = NULL;
	bool is_help = false, is_right;
	int c;

	while ((c = args_next(argc, argv, "runnel", "h", options)) != -1) {
		if (c != 't' && c != 'h')
			return EXIT_USAGE;
		if (c == 't')
			path = optarg;
		else
			is_help = true;
	}
	if (optind < argc)
		return cmd_usage_error("clock", "unexpected '%s'", argv[optind]);
	if (is_help) {
		fputs(help, stdout);
		return EXIT_DONE;
	}
	if (path)
		return tell(path);
	is_right = clock_is_synchronised();
	puts(is_right ? "synchronised" : "not synchronised");
	return is_right ? EXIT_DONE : EXIT_FAILED;
}
