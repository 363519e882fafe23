/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/resend.h"

static const int64_t first_wait_us = 5000000;

/* What was left alone of it is behind. @return whether anything is left to ask for */
static bool clip(const struct device *d, struct resend_range *r)
{
	if (r->boot < d->left_boot)
		return false;
	if (r->boot == d->left_boot && r->from <= d->left_seq)
		r->from = d->left_seq + 1;
	return r->from <= r->to;
}

/* The first gap of a boot that has not been left alone. */
static bool find_in_boot(const struct device *d, const struct progress *p, struct resend_range *out)
{
	out->boot = p->boot;
	for (size_t i = 1; i < p->n_runs; i++) {
		out->from = p->runs[i - 1].last + 1;
		out->to = p->runs[i].first - 1;
		if (clip(d, out))
			return true;
	}
	if (p->n_runs == 0 || !p->has_promise || p->promise_seq <= progress_last_seq(p))
		return false;
	out->from = progress_last_seq(p) + 1;
	out->to = p->promise_seq;
	return clip(d, out);
}

static bool find(const struct device *d, struct resend_range *out)
{
	for (size_t i = 0; i < d->n_boots; i++) {
		if (!d->boots[i]->is_backfill && find_in_boot(d, d->boots[i], out)) {
			if (out->to - out->from >= RESEND_MAX_NUMBERS)
				out->to = out->from + RESEND_MAX_NUMBERS - 1;
			return true;
		}
	}
	return false;
}

/* Another gap than before. One that was there already when the first wait began has waited long enough. */
static void look_at(struct device *d, const struct resend_range *r, int64_t now_us)
{
	const struct progress *newest = d->boots[d->n_boots - 1];
	bool is_old = r->boot < d->seen_boot || (r->boot == d->seen_boot && r->to < d->seen_seq);

	d->asked_boot = r->boot;
	d->asked_seq = r->from;
	d->n_asked = 0;
	d->ask_at_us = now_us;
	if (is_old)
		return;
	d->ask_at_us += first_wait_us;
	d->seen_boot = newest->boot;
	d->seen_seq = progress_last_seq(newest);
}

/* @return whether it was asked */
static bool update_device(const struct site *s, struct device *d, int64_t now_us, const struct resend_sink *sink)
{
	struct resend_range r;

	if (!d->is_born || !d->is_online || !find(d, &r))
		return false;
	if (d->asked_boot != r.boot || d->asked_seq != r.from)
		look_at(d, &r, now_us);
	if (now_us < d->ask_at_us)
		return false;
	if (d->n_asked == RESEND_TRIES) {
		d->left_boot = r.boot;
		d->left_seq = r.to;
		return false;
	}
	d->n_asked++;
	d->ask_at_us = now_us + (first_wait_us << d->n_asked);
	sink->ask(sink->ctx, s, d, &r);
	return true;
}

void resend_update(struct fleet *f, int64_t now_us, const struct resend_sink *sink)
{
	size_t n = 0;

	for (size_t i = 0; i < f->sites.n; i++) {
		struct site *s = fleet_site(f, i);

		for (size_t j = 0; j < s->devices.n && n < RESEND_A_TURN; j++)
			n += update_device(s, site_device(s, j), now_us, sink);
	}
}
