/* SPDX-License-Identifier: Apache-2.0 */
#include "base/bounded.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

/* Belongs to whoever of the two ends last. */
struct call {
	void (*fn)(void *ctx);
	void *ctx;
	pthread_mutex_t mutex;
	pthread_cond_t ended;
	bool has_ended, is_abandoned;
};

static void call_free(struct call *c)
{
	pthread_cond_destroy(&c->ended);
	pthread_mutex_destroy(&c->mutex);
	free(c);
}

static void *run(void *arg)
{
	struct call *c = arg;
	bool is_abandoned;

	c->fn(c->ctx);
	pthread_mutex_lock(&c->mutex);
	c->has_ended = true;
	is_abandoned = c->is_abandoned;
	pthread_cond_signal(&c->ended);
	pthread_mutex_unlock(&c->mutex);
	if (is_abandoned)
		call_free(c);
	return NULL;
}

static struct call *call_create(void (*fn)(void *ctx), void *ctx)
{
	struct call *c = malloc(sizeof(*c));
	pthread_condattr_t monotonic;

	if (!c)
		return NULL;
	*c = (struct call){ .fn = fn, .ctx = ctx };
	pthread_mutex_init(&c->mutex, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&c->ended, &monotonic);
	pthread_condattr_destroy(&monotonic);
	return c;
}

bool bounded_call(void (*fn)(void *ctx), void *ctx, unsigned timeout_s)
{
	struct call *c = call_create(fn, ctx);
	struct timespec until;
	pthread_t thread;
	bool has_ended;
	int r = 0;

	if (!c)
		return false;
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += (time_t)timeout_s;
	if (pthread_create(&thread, NULL, run, c) != 0) {
		call_free(c);
		return false;
	}
	pthread_mutex_lock(&c->mutex);
	while (!c->has_ended && r != ETIMEDOUT)
		r = pthread_cond_timedwait(&c->ended, &c->mutex, &until);
	has_ended = c->has_ended;
	c->is_abandoned = !has_ended;
	pthread_mutex_unlock(&c->mutex);
	if (has_ended) {
		pthread_join(thread, NULL);
		call_free(c);
	} else {
		pthread_detach(thread);
	}
	return has_ended;
}
