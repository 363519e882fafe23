/* SPDX-License-Identifier: Apache-2.0 */
/*
 * heart FILE SOCKET: how slow this guest is, as a program in it sees. Each beat does what the agent does for a window: it sleeps
 * until its time, writes to a file and waits for the disk; then it says on the console how long that took beyond the sleep. The
 * file is on a drive of its own: one that the heart has flushed would hide that the agent does not. Says also that the agent is
 * ready, which tells the service manager at SOCKET so.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { PERIOD_US = 100000, BLOCK_BYTES = 4096, N_BLOCKS = 64 };

static int64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static int manager_open(const char *path)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	snprintf(at.sun_path, sizeof(at.sun_path), "%s", path);
	return bind(fd, (struct sockaddr *)&at, sizeof(at)) == 0 ? fd : -1;
}

static void manager_hear(int fd)
{
	char text[256];
	ssize_t n;

	while ((n = recv(fd, text, sizeof(text) - 1, 0)) > 0) {
		text[n] = '\0';
		if (strstr(text, "READY=1"))
			puts("HIL ready");
	}
}

int main(int argc, char **argv)
{
	static const char block[BLOCK_BYTES];
	const struct timespec period = { .tv_nsec = PERIOD_US * 1000L };
	int file = argc == 3 ? open(argv[1], O_WRONLY | O_CREAT | O_CLOEXEC, 0600) : -1;
	int manager = argc == 3 ? manager_open(argv[2]) : -1;
	int64_t last_us = now_us(), at_us;

	for (unsigned i = 0; file >= 0 && manager >= 0; i++) {
		nanosleep(&period, NULL);
		if (pwrite(file, block, sizeof(block), (off_t)(i % N_BLOCKS) * BLOCK_BYTES) < 0 || fdatasync(file) < 0)
			break;
		manager_hear(manager);
		at_us = now_us();
		printf("HIL beat %lld\n", (long long)(at_us - last_us - PERIOD_US));
		fflush(stdout);
		last_us = at_us;
	}
	perror("HIL heart");
	return 1;
}
