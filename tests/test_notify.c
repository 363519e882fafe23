/* SPDX-License-Identifier: Apache-2.0 */
/* The receiver here does what systemd does: one datagram socket, its address in NOTIFY_SOCKET; see sd_notify(3). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "agent/notify.h"

static int listen_at(const char *path, size_t len)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	memcpy(a.sun_path, path, len);
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)), 0);
	return fd;
}

static void expect(int fd, const char *text)
{
	char got[64] = "";
	ssize_t n = recv(fd, got, sizeof(got) - 1, 0);

	assert_int_equal(n, (ssize_t)strlen(text));
	assert_string_equal(got, text);
}

static void the_state_arrives_as_one_datagram(void **state)
{
	char path[64];
	int fd;

	(void)state;
	snprintf(path, sizeof(path), "/tmp/runnel-notify-%d", (int)getpid());
	fd = listen_at(path, strlen(path) + 1);
	setenv("NOTIFY_SOCKET", path, 1);
	notify_send("READY=1");
	notify_send("STOPPING=1");
	expect(fd, "READY=1");
	expect(fd, "STOPPING=1");
	close(fd);
	unlink(path);
}

static void an_at_sign_means_the_abstract_name_space(void **state)
{
	char path[64];
	int fd;

	(void)state;
	snprintf(path, sizeof(path), "@runnel-notify-%d", (int)getpid());
	setenv("NOTIFY_SOCKET", path, 1);
	path[0] = '\0';
	fd = listen_at(path, 1 + strlen(path + 1));
	notify_send("READY=1");
	expect(fd, "READY=1");
	close(fd);
}

static void without_systemd_nothing_happens(void **state)
{
	char path[300];

	(void)state;
	unsetenv("NOTIFY_SOCKET");
	notify_send("READY=1");
	setenv("NOTIFY_SOCKET", "", 1);
	notify_send("READY=1");
	setenv("NOTIFY_SOCKET", "vsock:2:1234", 1);
	notify_send("READY=1");
	setenv("NOTIFY_SOCKET", "/nonexistent/socket", 1);
	notify_send("READY=1");
	memset(path, 'a', sizeof(path) - 1);
	path[0] = '/';
	path[sizeof(path) - 1] = '\0';
	setenv("NOTIFY_SOCKET", path, 1);
	notify_send("READY=1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_state_arrives_as_one_datagram),
		cmocka_unit_test(an_at_sign_means_the_abstract_name_space),
		cmocka_unit_test(without_systemd_nothing_happens),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
