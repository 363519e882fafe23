/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fake_broker.h"

#include <arpa/inet.h>
#include <assert.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/prng.h"
#include "tests/pause.h"

/* MQTT 5.0, 3.2 and 3.14; 3.1.1, 3.2. */
static const uint8_t accept_5[] = { 0x20, 3, 0, 0, 0 };
static const uint8_t accept_311[] = { 0x20, 2, 0, 0 };
static const uint8_t refuse_5[] = { 0x20, 3, 0, 0x84, 0 };
static const uint8_t refuse_like_311[] = { 0x20, 2, 0, 1 };
static const uint8_t session_taken_over[] = { 0xE0, 2, 0x8E, 0 };

static void put(int fd, const uint8_t *bytes, size_t n)
{
	if (send(fd, bytes, n, MSG_NOSIGNAL) < 0)
		return;
}

static void put_noise(int fd)
{
	uint64_t state = 1;
	uint8_t noise[512];

	for (size_t i = 0; i < sizeof(noise); i++)
		noise[i] = (uint8_t)prng_u64(&state);
	put(fd, noise, sizeof(noise));
}

static void wait_for_end(int fd)
{
	uint8_t byte;

	while (recv(fd, &byte, 1, 0) > 0)
		;
}

/* The protocol level stands after the fixed header (its length is below 128 here) and "\0\4MQTT". */
static int read_level(int fd)
{
	uint8_t packet[256];
	ssize_t n = recv(fd, packet, sizeof(packet), 0);

	return n > 8 ? packet[8] : 0;
}

static void serve_311_only(struct fake_broker *b, int fd, int level)
{
	if (level == 4) {
		put(fd, accept_311, sizeof(accept_311));
		wait_for_end(fd);
	} else if (b->manner == FAKE_REFUSES_5) {
		put(fd, refuse_5, sizeof(refuse_5));
	} else if (b->manner == FAKE_REFUSES_5_LIKE_311) {
		put(fd, refuse_like_311, sizeof(refuse_like_311));
	}
}

static void serve(struct fake_broker *b, int fd)
{
	int level = read_level(fd);
	bool is_5 = level == 5;

	atomic_fetch_add(is_5 ? &b->n_connects_5 : &b->n_connects_311, 1);
	switch (b->manner) {
	case FAKE_SILENT:
		break;
	case FAKE_GARBAGE:
		put_noise(fd);
		break;
	case FAKE_GARBAGE_LATER:
		put(fd, is_5 ? accept_5 : accept_311, is_5 ? sizeof(accept_5) : sizeof(accept_311));
		put_noise(fd);
		break;
	case FAKE_THROWS_OUT:
		put(fd, accept_5, sizeof(accept_5));
		pause_ms(50);
		put(fd, session_taken_over, sizeof(session_taken_over));
		pause_ms(200);
		return;
	default:
		serve_311_only(b, fd, level);
		return;
	}
	wait_for_end(fd);
}

static void *run(void *ctx)
{
	struct fake_broker *b = ctx;
	int fd;

	while ((fd = accept(b->fd, NULL, NULL)) >= 0) {
		atomic_store(&b->peer_fd, fd);
		serve(b, fd);
		atomic_store(&b->peer_fd, -1);
		close(fd);
	}
	return NULL;
}

void fake_broker_start(struct fake_broker *b, enum fake_manner manner)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t bytes = sizeof(a);
	int r;

	b->manner = manner;
	b->n_connects_5 = b->n_connects_311 = 0;
	b->peer_fd = -1;
	b->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	r = bind(b->fd, (struct sockaddr *)&a, bytes);
	assert(r == 0);
	r = getsockname(b->fd, (struct sockaddr *)&a, &bytes);
	assert(r == 0);
	b->port = ntohs(a.sin_port);
	r = listen(b->fd, 5);
	assert(r == 0);
	r = pthread_create(&b->thread, NULL, run, b);
	assert(r == 0);
}

void fake_broker_stop(struct fake_broker *b)
{
	int peer = atomic_load(&b->peer_fd);

	shutdown(b->fd, SHUT_RDWR);
	if (peer >= 0)
		shutdown(peer, SHUT_RDWR);
	pthread_join(b->thread, NULL);
	close(b->fd);
}
