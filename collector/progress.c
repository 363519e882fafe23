/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/progress.h"

#include <string.h>

static void run_add(struct seq_run *r, uint32_t first, uint32_t last, uint64_t wm)
{
	if (first < r->first) {
		r->first = first;
		if (wm != PROGRESS_NO_WM)
			r->wm_first = wm;
	}
	if (last > r->last)
		r->last = last;
	if (r->wm_first == PROGRESS_NO_WM)
		r->wm_first = wm;
	if (wm != PROGRESS_NO_WM && wm > r->wm_last)
		r->wm_last = wm;
}

static void remove_run(struct progress *p, size_t i)
{
	memmove(&p->runs[i], &p->runs[i + 1], (p->n_runs - i - 1) * sizeof(p->runs[0]));
	p->n_runs--;
}

/* Runs @i and @i + 1 have met, or overlap. */
static void join_runs(struct progress *p, size_t i)
{
	struct seq_run *a = &p->runs[i];
	const struct seq_run *b = &p->runs[i + 1];

	if (b->last > a->last)
		a->last = b->last;
	if (a->wm_first == PROGRESS_NO_WM)
		a->wm_first = b->wm_first;
	if (b->wm_last > a->wm_last)
		a->wm_last = b->wm_last;
	remove_run(p, i + 1);
}

static void insert_run(struct progress *p, size_t i, const struct seq_run *run)
{
	if (p->n_runs == PROGRESS_MAX_RUNS) {
		if (i == 0)
			return; /* older than all that is remembered: stays a hole */
		remove_run(p, 0);
		i--;
	}
	memmove(&p->runs[i + 1], &p->runs[i], (p->n_runs - i) * sizeof(p->runs[0]));
	p->n_runs++;
	p->runs[i] = *run;
}

void progress_range(struct progress *p, uint32_t first, uint32_t last, uint64_t wm)
{
	const struct seq_run run = { first, last, wm, wm == PROGRESS_NO_WM ? 0 : wm };
	size_t i = 0; /* the first run that ends at first - 1 or later */

	while (i < p->n_runs && p->runs[i].last < first - 1)
		i++;
	if (i == p->n_runs || last + 1ull < p->runs[i].first) {
		insert_run(p, i, &run);
		return;
	}
	if (first >= p->runs[i].first && last <= p->runs[i].last)
		return;
	run_add(&p->runs[i], first, last, wm);
	while (i + 1 < p->n_runs && p->runs[i].last + 1ull >= p->runs[i + 1].first)
		join_runs(p, i);
}

void progress_message(struct progress *p, uint32_t seq, uint64_t wm)
{
	progress_range(p, seq, seq, wm);
}

void progress_status(struct progress *p, uint32_t seq, uint64_t wm)
{
	if (p->has_promise && (seq < p->promise_seq || (seq == p->promise_seq && wm <= p->promise_wm)))
		return;
	p->has_promise = true;
	p->promise_seq = seq;
	p->promise_wm = wm;
}

/* The watermark after the last message of run @i: its own, or a higher one by a status that counts no more messages than came. */
static uint64_t run_wm(const struct progress *p, size_t i)
{
	const struct seq_run *r = &p->runs[i];

	if (p->has_promise && p->promise_seq >= r->first && p->promise_seq <= r->last && p->promise_wm > r->wm_last)
		return p->promise_wm;
	return r->wm_last;
}

uint64_t progress_wm(const struct progress *p)
{
	uint64_t wm = p->has_promise && p->promise_seq == 0 ? p->promise_wm : 0;

	for (size_t i = 0; i < p->n_runs; i++)
		if (run_wm(p, i) > wm)
			wm = run_wm(p, i);
	return wm;
}

uint32_t progress_last_seq(const struct progress *p)
{
	return p->n_runs > 0 ? p->runs[p->n_runs - 1].last : 0;
}

bool progress_has_hole(const struct progress *p, uint64_t w0, uint64_t end)
{
	uint64_t wm_before = 0;
	uint32_t last = 0;

	for (size_t i = 0; i < p->n_runs; i++) {
		const struct seq_run *r = &p->runs[i];

		/* Not r->wm_first > w0: a part can be closed before its window is over, when it is full. */
		if (r->first > last + 1ull && wm_before < end && r->wm_first >= w0)
			return true;
		wm_before = run_wm(p, i);
		last = r->last;
	}
	return p->has_promise && p->promise_seq > last && wm_before < end && p->promise_wm >= w0;
}

uint64_t progress_n_missing(const struct progress *p)
{
	uint64_t missing = 0;

	if (p->n_runs == 0)
		return 0;
	for (size_t i = 1; i < p->n_runs; i++)
		missing += p->runs[i].first - p->runs[i - 1].last - 1;
	if (p->has_promise && p->promise_seq > progress_last_seq(p))
		missing += p->promise_seq - progress_last_seq(p);
	return missing;
}
