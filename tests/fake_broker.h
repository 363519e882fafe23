/* SPDX-License-Identifier: Apache-2.0 */
/* fake_broker.h - brokers that a real one can not be made to be: old, silent, broken. One connection at a time. */
#ifndef RUNNEL_TESTS_FAKE_BROKER_H
#define RUNNEL_TESTS_FAKE_BROKER_H

#include <pthread.h>
#include <stdatomic.h>

enum fake_manner {
	FAKE_SILENT,		 /* takes the connection and never answers */
	FAKE_GARBAGE,		 /* answers CONNECT with noise */
	FAKE_GARBAGE_LATER,	 /* answers CONNECT well, then sends noise */
	FAKE_REFUSES_5,		 /* 5.0 with the code of 5.0; speaks 3.1.1 */
	FAKE_REFUSES_5_LIKE_311, /* with the code of 3.1.1 */
	FAKE_HANGS_UP_ON_5,	 /* closes the connection */
	FAKE_THROWS_OUT,	 /* answers CONNECT well, then DISCONNECT: session taken over */
};

struct fake_broker {
	enum fake_manner manner;
	unsigned port;
	int fd;
	pthread_t thread;
	_Atomic unsigned n_connects_5, n_connects_311;
	_Atomic int peer_fd;
};

void fake_broker_start(struct fake_broker *b, enum fake_manner manner);
void fake_broker_stop(struct fake_broker *b);

#endif
