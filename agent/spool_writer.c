/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/spool_writer.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "agent/spool_private.h"
#include "base/log.h"

enum { MAX_HELD_BYTES = 2 << 20, STACK_BYTES = 512 * 1024 };

static const int64_t slow_us = 5000000;

enum stage { IDLE, BUSY, WRITTEN };

struct spool_writer {
	struct spool *spool;
	struct loop_wake *wake;
	void (*written)(void *ctx);
	void *ctx;
	struct spool_list held; /* with ids of its own: 1 to n_held */
	uint64_t n_held;
	struct spool_stats before;    /* the commit that runs */
	int64_t begun_us, slowest_us; /* loop_kernel_us(): a suspend is not the disk's fault */
	char problem[SPOOL_REASON_BYTES];

	pthread_t thread;
	bool has_thread;
	pthread_mutex_t mutex; /* of what follows */
	pthread_cond_t changed;
	enum stage stage;
	int64_t ended_us;
	bool must_end;
	int64_t now_us;
	bool with_acks;
};

/* --- the thread --- */

static void *work(void *arg)
{
	struct spool_writer *w = arg;

	pthread_mutex_lock(&w->mutex);
	while (!w->must_end) {
		if (w->stage != BUSY) {
			pthread_cond_wait(&w->changed, &w->mutex);
			continue;
		}
		pthread_mutex_unlock(&w->mutex);
		/* It tells what is wrong itself, and knows when to try again. */
		(void)!spool_commit(w->spool, w->now_us, w->with_acks);
		pthread_mutex_lock(&w->mutex);
		w->stage = WRITTEN;
		w->ended_us = loop_kernel_us();
		pthread_cond_broadcast(&w->changed);
		loop_wake_ring(w->wake);
	}
	pthread_mutex_unlock(&w->mutex);
	return NULL;
}

/* Signals are for the loop. */
static bool start_thread(struct spool_writer *w)
{
	sigset_t all, before;
	pthread_attr_t attr;

	sigfillset(&all);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_BYTES);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	w->has_thread = pthread_create(&w->thread, &attr, work, w) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attr);
	return w->has_thread;
}

/* --- the loop --- */

static void tell_slowness(struct spool_writer *w)
{
	int64_t took_us = w->ended_us - w->begun_us;

	if (took_us < slow_us || took_us < 2 * w->slowest_us)
		return;
	w->slowest_us = took_us;
	log_warning("the disk of the spool took %.1f s for one commit; what was measured meanwhile waited in memory",
		    (double)took_us * 1e-6);
}

/* The spool is ours again, and gets what was put meanwhile. */
static void take_back(struct spool_writer *w)
{
	const struct spool_item *i;

	w->stage = IDLE;
	tell_slowness(w);
	while ((i = w->held.first)) {
		(void)!spool_append(w->spool, &i->row); /* a loss is counted there */
		spool_list_remove(&w->held, i->row.id);
	}
}

static void on_wake(void *ctx)
{
	struct spool_writer *w = ctx;
	bool is_written;

	pthread_mutex_lock(&w->mutex);
	is_written = w->stage == WRITTEN;
	if (is_written)
		take_back(w);
	pthread_mutex_unlock(&w->mutex);
	if (is_written)
		w->written(w->ctx);
}

int spool_writer_create(struct spool_writer **out, struct loop *loop, struct spool *spool, void (*written)(void *ctx),
			void *ctx)
{
	struct spool_writer *w = calloc(1, sizeof(*w));

	if (!w)
		return -ENOMEM;
	*w = (struct spool_writer){ .spool = spool, .written = written, .ctx = ctx };
	if (loop_wake_create(loop, &w->wake, on_wake, w) < 0) {
		free(w);
		return -ENOMEM;
	}
	pthread_mutex_init(&w->mutex, NULL);
	pthread_cond_init(&w->changed, NULL);
	*out = w;
	return 0;
}

void spool_writer_free(struct spool_writer *w)
{
	if (!w)
		return;
	(void)spool_writer_wait(w);
	if (w->has_thread) {
		pthread_mutex_lock(&w->mutex);
		w->must_end = true;
		pthread_cond_broadcast(&w->changed);
		pthread_mutex_unlock(&w->mutex);
		pthread_join(w->thread, NULL);
	}
	loop_wake_free(w->wake);
	pthread_cond_destroy(&w->changed);
	pthread_mutex_destroy(&w->mutex);
	free(w);
}

static enum stage stage_of(struct spool_writer *w)
{
	enum stage stage;

	pthread_mutex_lock(&w->mutex);
	stage = w->stage;
	pthread_mutex_unlock(&w->mutex);
	return stage;
}

bool spool_writer_is_busy(struct spool_writer *w)
{
	return stage_of(w) != IDLE;
}

void spool_writer_start(struct spool_writer *w, int64_t now_us, bool with_acks)
{
	assert(!spool_writer_is_busy(w));
	if (!w->has_thread && !start_thread(w)) {
		(void)!spool_commit(w->spool, now_us, with_acks);
		return;
	}
	spool_get_stats(w->spool, &w->before);
	snprintf(w->problem, sizeof(w->problem), "%s", w->before.problem);
	w->before.problem = w->problem;
	w->begun_us = loop_kernel_us();
	w->n_held = 0;
	pthread_mutex_lock(&w->mutex);
	w->stage = BUSY;
	w->now_us = now_us;
	w->with_acks = with_acks;
	pthread_cond_broadcast(&w->changed);
	pthread_mutex_unlock(&w->mutex);
}

bool spool_writer_wait(struct spool_writer *w)
{
	bool was_busy;

	pthread_mutex_lock(&w->mutex);
	was_busy = w->stage != IDLE;
	while (w->stage == BUSY)
		pthread_cond_wait(&w->changed, &w->mutex);
	if (was_busy)
		take_back(w);
	pthread_mutex_unlock(&w->mutex);
	return was_busy;
}

void spool_writer_put(struct spool_writer *w, const struct spool_row *row)
{
	size_t most = w->spool->max_memory_bytes / 2 < MAX_HELD_BYTES ? w->spool->max_memory_bytes / 2 : MAX_HELD_BYTES;
	struct spool_row held = *row;

	if (spool_writer_is_busy(w)) {
		held.id = ++w->n_held;
		if (w->held.bytes + spool_list_cost(row->payload_bytes) <= most &&
		    spool_list_append(&w->held, &held) == 0)
			return;
		(void)spool_writer_wait(w);
	}
	(void)!spool_append(w->spool, row); /* a loss is counted there */
}

void spool_writer_get_stats(struct spool_writer *w, struct spool_stats *out)
{
	enum stage stage = stage_of(w);

	if (stage == IDLE) {
		spool_get_stats(w->spool, out);
		return;
	}
	*out = w->before;
	out->n_rows += w->held.n;
	out->n_in_memory += w->held.n;
	out->bytes += w->held.bytes;
	if (stage == BUSY && out->problem[0] == '\0' && loop_kernel_us() - w->begun_us >= slow_us)
		out->problem = "the disk has not answered for some seconds";
}
