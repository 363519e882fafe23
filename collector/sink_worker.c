/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A batch is read from the store, given to the kind, and flushed until the other end has it: then the cursor moves, and not before. A batch that is
 * refused is tried again in halves, down to the one row that is to blame: that is left out, and told.
 */
#include "collector/sink_worker.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "collector/reader.h"

struct work {
	struct sink_worker *worker;
	const struct sink_kind *kind;
	void *state;
	struct store *store;
	struct reader *reader;
	struct part_book *book;
	struct backoff backoff;
	int64_t cursor[SINK_N_FEEDS];
	size_t limit[SINK_N_FEEDS]; /* rows of the next batch */
	bool is_pending;	    /* a batch waits to be taken */
	enum sink_feed feed;	    /* of it */
	size_t n;		    /* its rows */
	int64_t last;		    /* number of its last row */
	char reason[SINK_REASON_BYTES];
};

int64_t sink_worker_now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static struct timespec at(int64_t us)
{
	return (struct timespec){ .tv_sec = (time_t)(us / 1000000), .tv_nsec = (long)(us % 1000000 * 1000) };
}

bool sink_worker_has(const struct sink_worker *w, enum sink_feed feed)
{
	int rows = w->spec.config.common.rows;

	return rows == SINK_ROWS_BOTH || (rows == SINK_ROWS_KPIS) == (feed == SINK_KPIS);
}

/* --- what the other thread sees --- */

static void set_up(struct work *k, bool is_up)
{
	struct sink_shared *s = &k->worker->shared;
	const char *name = k->worker->spec.config.common.name;
	bool is_news;

	pthread_mutex_lock(&s->lock);
	is_news = s->is_up != is_up || (!is_up && strcmp(s->reason, k->reason) != 0);
	s->is_up = is_up;
	if (!is_up)
		snprintf(s->reason, sizeof(s->reason), "%s", k->reason);
	else
		s->reason[0] = '\0';
	pthread_mutex_unlock(&s->lock);
	if (is_news && is_up)
		log_notice("sink %s: works", name);
	else if (is_news)
		log_warning("sink %s: %s; trying on, what it misses waits in the store", name, k->reason);
}

static void advance(struct work *k, size_t n_refused)
{
	struct sink_shared *s = &k->worker->shared;

	assert(n_refused <= k->n);
	k->cursor[k->feed] = k->last;
	k->is_pending = false;
	pthread_mutex_lock(&s->lock);
	s->cursor[k->feed] = k->last;
	s->sent += k->n - n_refused;
	s->refused += n_refused;
	pthread_mutex_unlock(&s->lock);
	if (n_refused > 0)
		log_warning("sink %s: refuses %zu of %zu rows: %s", k->worker->spec.config.common.name, n_refused, k->n,
			    k->reason);
}

/* --- reading --- */

static int add_kpi(void *ctx, const struct reader_kpi *row)
{
	struct work *k = ctx;

	k->kind->add_kpi(k->state, &row->kpi);
	k->last = row->change;
	k->n++;
	return 0;
}

/* What explains a part is in the store before it: without that it will never be explained. */
static int add_part(void *ctx, const struct reader_part *row)
{
	struct work *k = ctx;
	const struct store_part p = { .id = row->id, .payload = row->payload, .bytes = row->bytes };
	struct part_view v;

	if (part_book_read_named(k->book, row->site, row->device, &p, &v) == 0)
		k->kind->add_part(k->state, &v);
	k->last = row->id;
	k->n++;
	return 0;
}

static int read_batch(struct work *k, enum sink_feed feed)
{
	int r;

	k->feed = feed;
	k->n = 0;
	if (feed == SINK_KPIS)
		r = reader_each_change(k->reader, k->cursor[feed], k->limit[feed], add_kpi, k);
	else
		r = reader_each_part(k->reader, k->cursor[feed], k->limit[feed], add_part, k);
	k->is_pending = k->n > 0;
	return r;
}

static void look(struct work *k)
{
	struct sink_shared *s = &k->worker->shared;
	int64_t newest[SINK_N_FEEDS] = { reader_last_change(k->reader), reader_last_part(k->reader) };

	pthread_mutex_lock(&s->lock);
	memcpy(s->newest, newest, sizeof(newest));
	pthread_mutex_unlock(&s->lock);
}

/* --- one batch --- */

enum outcome { IDLE, MOVED, STUCK };

static enum outcome refuse(struct work *k)
{
	if (k->n > 1) {
		k->limit[k->feed] = k->n / 2;
		k->is_pending = false;
		return MOVED;
	}
	advance(k, k->n);
	return MOVED;
}

static enum outcome deliver(struct work *k)
{
	size_t *limit = &k->limit[k->feed];
	int r = k->kind->flush(k->state, k->reason);

	if (r == -EBADMSG)
		return refuse(k);
	if (r < 0) {
		set_up(k, false);
		return STUCK;
	}
	advance(k, (size_t)r);
	set_up(k, true);
	backoff_reset(&k->backoff);
	*limit = 2 * *limit < k->kind->max_rows ? 2 * *limit : k->kind->max_rows;
	return MOVED;
}

static enum outcome work_once(struct work *k)
{
	enum outcome all = IDLE;

	if (k->is_pending)
		return deliver(k);
	look(k);
	for (int f = 0; f < SINK_N_FEEDS && all != STUCK; f++) {
		int r = sink_worker_has(k->worker, (enum sink_feed)f) ? read_batch(k, (enum sink_feed)f) : 0;

		if (r < 0) {
			snprintf(k->reason, sizeof(k->reason), "store: %s", store_explain(r));
			set_up(k, false);
			return STUCK;
		}
		if (k->is_pending)
			all = deliver(k);
	}
	return all;
}

/* --- the thread --- */

/* Until it is woken, or @us have passed. @return false: it is to end */
static bool rest(struct work *k, enum outcome outcome)
{
	struct sink_shared *s = &k->worker->shared;
	int64_t until_us = sink_worker_now_us() + (outcome == STUCK ? backoff_next_us(&k->backoff) : INT32_MAX);
	struct timespec t = at(until_us);
	bool goes_on;
	int r = 0;

	pthread_mutex_lock(&s->lock);
	while (outcome != MOVED && !s->is_finishing && r == 0 && (outcome == STUCK || !s->is_woken))
		r = pthread_cond_timedwait(&s->changed, &s->lock, &t);
	s->is_woken = false;
	goes_on = !s->is_finishing || (outcome == MOVED && sink_worker_now_us() < s->finish_by_us);
	pthread_mutex_unlock(&s->lock);
	return goes_on;
}

static int open_all(struct work *k)
{
	struct sink_worker *w = k->worker;
	int r = store_open(&k->store, w->path, true);

	if (r == 0)
		r = reader_attach(&k->reader, k->store);
	if (r < 0) {
		snprintf(k->reason, sizeof(k->reason), "store: %s", store_explain(r));
		return r;
	}
	k->book = part_book_new(k->store);
	return k->kind->open(&k->state, &w->spec.config, &w->wait, k->reason);
}

static void work_on(struct work *k)
{
	enum outcome outcome;

	do {
		outcome = work_once(k);
	} while (rest(k, outcome));
	/* What the collector wrote last. */
	while (outcome != STUCK && (outcome = work_once(k)) == MOVED)
		if (sink_worker_now_us() >= k->worker->shared.finish_by_us)
			break;
	k->kind->close(k->state);
}

static void *run(void *ctx)
{
	struct sink_worker *w = ctx;
	struct work k = { .worker = w, .kind = w->spec.kind };

	for (int f = 0; f < SINK_N_FEEDS; f++)
		k.limit[f] = k.kind->max_rows;
	memcpy(k.cursor, w->shared.cursor, sizeof(k.cursor));
	k.backoff.prng = (uint64_t)sink_worker_now_us();
	if (open_all(&k) < 0)
		log_error("sink %s: %s; it stays off", w->spec.config.common.name, k.reason);
	else
		work_on(&k);
	part_book_free(k.book);
	reader_close(k.reader);
	store_close(k.store);
	pthread_mutex_lock(&w->shared.lock);
	w->shared.is_done = true;
	pthread_cond_signal(&w->shared.changed);
	pthread_mutex_unlock(&w->shared.lock);
	return NULL;
}

int sink_worker_start(struct sink_worker *w)
{
	struct sink_shared *s = &w->shared;
	pthread_condattr_t attributes;
	sigset_t all, before;
	int r;

	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&s->changed, &attributes);
	pthread_condattr_destroy(&attributes);
	pthread_mutex_init(&s->lock, NULL);
	/* Signals are the loop's. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	r = pthread_create(&w->thread, NULL, run, w);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	w->is_started = r == 0;
	return -r;
}

void sink_worker_wake(struct sink_worker *w)
{
	pthread_mutex_lock(&w->shared.lock);
	w->shared.is_woken = true;
	pthread_cond_signal(&w->shared.changed);
	pthread_mutex_unlock(&w->shared.lock);
}

void sink_worker_finish(struct sink_worker *w, int64_t by_us)
{
	pthread_mutex_lock(&w->shared.lock);
	w->shared.is_finishing = true;
	w->shared.finish_by_us = by_us;
	pthread_cond_signal(&w->shared.changed);
	pthread_mutex_unlock(&w->shared.lock);
}

void sink_worker_join(struct sink_worker *w, int64_t by_us)
{
	const struct timespec t = at(by_us);
	int r = 0;

	if (!w->is_started)
		return;
	pthread_mutex_lock(&w->shared.lock);
	while (!w->shared.is_done && r == 0)
		r = pthread_cond_timedwait(&w->shared.changed, &w->shared.lock, &t);
	pthread_mutex_unlock(&w->shared.lock);
	atomic_store(&w->wait.is_ending, true);
	pthread_join(w->thread, NULL);
	w->is_started = false;
}
