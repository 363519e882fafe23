/* SPDX-License-Identifier: Apache-2.0 */
/*
 * broker.h - a real mosquitto for a test: on a free loopback port, with its files in a directory of its own, gone when the
 * test is. Also the certificates for TLS.
 */
#ifndef RUNNEL_TESTS_BROKER_H
#define RUNNEL_TESTS_BROKER_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/check.h"

enum { BROKER_PATH_BYTES = 128 };

struct broker {
	char dir[BROKER_PATH_BYTES];
	unsigned port, tls_port; /* tls_port: 0 without TLS */
	pid_t pid;		 /* 0 while it is stopped */
};

struct broker_options {
	const char *user, *password; /* NULL: anybody */
	bool has_tls;		/* certificate for "localhost"; ca.pem, other.pem (a stranger's) in the directory */
	bool needs_certificate; /* of a client with TLS: client.pem, client.key */
	bool is_persistent;	/* sessions and messages outlive broker_stop() and broker_kill() */
};

/** Whether mosquitto (and, for TLS, openssl) can be run here. */
bool broker_is_installed(void);

/** A port of 127.0.0.1 that nobody listens on. */
unsigned broker_free_port(void);

/** Takes ports and makes the directory; does not start yet. @return 0 or negative errno */
NODISCARD int broker_init(struct broker *b, const struct broker_options *o);

/** Returns when it accepts connections. @return 0, -ETIMEDOUT, -EIO (it ended) */
NODISCARD int broker_start(struct broker *b);

/** Orderly (SIGTERM), or as by a power cut (SIGKILL). It can be started again. */
void broker_stop(struct broker *b);
void broker_kill(struct broker *b);

/** Stop and remove everything. */
void broker_free(struct broker *b);

/** A file in its directory, to @out. @return @out */
const char *broker_path(const struct broker *b, const char *name, char out[static BROKER_PATH_BYTES]);

/** "mqtt://127.0.0.1:PORT", to @out. @return @out */
const char *broker_url(const struct broker *b, char out[static BROKER_PATH_BYTES]);

#endif
