/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/outflow.h"

#include <errno.h>
#include <string.h>

static const int64_t first_hold_us = 5000000;
static const int64_t longest_hold_us = 300000000;
static const int64_t answer_within_us = 60000000;

void outflow_restart(struct outflow *f)
{
	f->epoch = spool_epoch(f->spool);
	f->backlog_at = 0;
	f->backlog_end = f->live_at = spool_last_id(f->spool);
	f->has_skipped = false;
}

void outflow_connect(struct outflow *f, int64_t now_us)
{
	f->is_connected = true;
	f->n_open = 0;
	f->tokens = OUTFLOW_BURST;
	f->tokens_at_us = f->answered_us = now_us;
	for (size_t i = 0; i < OUTFLOW_KINDS; i++)
		f->holds[i].is_probing = false;
	spool_set_live(f->spool, true);
	outflow_restart(f);
}

void outflow_disconnect(struct outflow *f)
{
	f->is_connected = false;
	f->n_open = 0;
	spool_set_live(f->spool, false);
}

static bool is_open(const struct outflow *f, uint64_t id)
{
	for (size_t i = 0; i < f->n_open; i++)
		if (f->open[i].id == id)
			return true;
	return false;
}

static bool close_row(struct outflow *f, uint64_t id, enum spool_kind *kind)
{
	for (size_t i = 0; i < f->n_open; i++) {
		if (f->open[i].id != id)
			continue;
		*kind = f->open[i].kind;
		f->open[i] = f->open[--f->n_open];
		return true;
	}
	return false;
}

static bool may_go(const struct outflow *f, enum spool_kind kind, int64_t now_us)
{
	const struct outflow_hold *h = &f->holds[kind];

	return h->wait_us == 0 || (now_us >= h->until_us && !h->is_probing);
}

/* @return 0: on its way, or never will be; or negative errno: later */
static int send(struct outflow *f, const struct spool_row *row, int64_t now_us)
{
	uint64_t id = row->id;
	enum spool_kind kind = row->kind;
	int r = f->send(f->ctx, row);

	if (r == -EMSGSIZE) {
		f->n_refused++;
		f->n_given_up++;
		spool_ack(f->spool, id);
		return 0;
	}
	if (r < 0)
		return r;
	if (f->n_open == 0)
		f->answered_us = now_us;
	f->open[f->n_open].id = id;
	f->open[f->n_open++].kind = kind;
	f->holds[kind].is_probing = f->holds[kind].wait_us > 0;
	return 0;
}

static int run_live(struct outflow *f, int64_t now_us)
{
	struct spool_row row;
	int r = 0;

	while (r == 0 && f->n_open < OUTFLOW_MAX_OPEN && spool_next(f->spool, f->live_at, &row)) {
		uint64_t id = row.id;

		if (may_go(f, row.kind, now_us))
			r = is_open(f, id) ? 0 : send(f, &row, now_us);
		else
			f->has_skipped = true;
		if (r == 0)
			f->live_at = id;
	}
	return r;
}

static void refill(struct outflow *f, int64_t now_us)
{
	f->tokens += (double)(now_us - f->tokens_at_us) * 1e-6 * OUTFLOW_RATE;
	if (f->tokens > OUTFLOW_BURST || !f->is_paced)
		f->tokens = OUTFLOW_BURST;
	f->tokens_at_us = now_us;
}

/* The next row of the backlog, on record as offered. @return false: there is none, or not yet */
static bool next_of_backlog(struct outflow *f, struct spool_row *row)
{
	if (f->backlog_at >= f->backlog_end || !spool_next(f->spool, f->backlog_at, row) || row->id > f->backlog_end) {
		f->backlog_at = f->backlog_end;
		return false;
	}
	f->wants_commit = !row->is_offered && !spool_offer(f->spool, row->id);
	return !f->wants_commit;
}

/* @return when there will be a token for the next; INT64_MAX: nothing waits for that */
static int64_t run_backlog(struct outflow *f, int64_t now_us)
{
	size_t most = f->is_paced ? OUTFLOW_MAX_OPEN - OUTFLOW_KEPT_FREE : OUTFLOW_MAX_OPEN;
	struct spool_row row;

	refill(f, now_us);
	while (f->n_open < most && f->backlog_at < f->backlog_end) {
		if (f->tokens < 1)
			return now_us + 1000000 / OUTFLOW_RATE;
		if (!next_of_backlog(f, &row))
			break;
		if (!may_go(f, row.kind, now_us)) {
			f->has_skipped = true;
			break;
		}
		f->backlog_at = row.id;
		if (is_open(f, row.id))
			continue;
		if (send(f, &row, now_us) < 0) {
			f->backlog_at = row.id - 1;
			break;
		}
		if (f->is_paced)
			f->tokens -= 1;
	}
	return INT64_MAX;
}

/* When the first hold ends. */
static int64_t next_try(const struct outflow *f, int64_t now_us)
{
	int64_t at_us = INT64_MAX;

	for (size_t i = 0; i < OUTFLOW_KINDS; i++)
		if (f->holds[i].wait_us > 0 && f->holds[i].until_us > now_us && f->holds[i].until_us < at_us)
			at_us = f->holds[i].until_us;
	return at_us;
}

static bool has_hold_ended(const struct outflow *f, int64_t now_us)
{
	for (size_t i = 0; i < OUTFLOW_KINDS; i++)
		if (f->holds[i].wait_us > 0 && may_go(f, (enum spool_kind)i, now_us))
			return true;
	return false;
}

int64_t outflow_run(struct outflow *f, int64_t now_us)
{
	int64_t again_us, hold_us;

	f->wants_commit = false;
	if (!f->is_connected)
		return INT64_MAX;
	if (spool_epoch(f->spool) != f->epoch || (f->has_skipped && has_hold_ended(f, now_us)))
		outflow_restart(f);
	again_us = run_live(f, now_us) == 0 ? run_backlog(f, now_us) : INT64_MAX;
	hold_us = next_try(f, now_us);
	if (hold_us < again_us)
		again_us = hold_us;
	if (f->n_open > 0 && f->answered_us + answer_within_us < again_us)
		again_us = f->answered_us + answer_within_us;
	return again_us;
}

void outflow_arrived(struct outflow *f, uint64_t id, int64_t now_us)
{
	enum spool_kind kind;

	f->answered_us = now_us;
	spool_ack(f->spool, id);
	if (!close_row(f, id, &kind) || f->holds[kind].wait_us == 0)
		return;
	f->holds[kind] = (struct outflow_hold){ 0 };
	outflow_restart(f);
}

/* MQTT 5.0, 2.4: topic name invalid, packet too large, payload format invalid: the same again, whatever changes at the broker. */
static bool is_hopeless(int code)
{
	return code == 0x90 || code == 0x95 || code == 0x99;
}

void outflow_refused(struct outflow *f, uint64_t id, int code, int64_t now_us)
{
	struct outflow_hold *h;
	enum spool_kind kind;

	f->n_refused++;
	f->answered_us = now_us;
	if (is_hopeless(code)) {
		f->n_given_up++;
		outflow_arrived(f, id, now_us);
		return;
	}
	if (!close_row(f, id, &kind))
		return;
	h = &f->holds[kind];
	f->has_skipped = true;
	if (h->wait_us > 0 && now_us < h->until_us)
		return; /* one of several that were on their way */
	h->wait_us = h->wait_us == 0 ? first_hold_us : 2 * h->wait_us;
	if (h->wait_us > longest_hold_us)
		h->wait_us = longest_hold_us;
	h->until_us = now_us + h->wait_us;
	h->is_probing = false;
}

bool outflow_is_stuck(const struct outflow *f, int64_t now_us)
{
	return f->is_connected && f->n_open > 0 && now_us - f->answered_us >= answer_within_us;
}

bool outflow_is_held(const struct outflow *f)
{
	for (size_t i = 0; i < OUTFLOW_KINDS; i++)
		if (f->holds[i].wait_us > 0)
			return true;
	return false;
}
