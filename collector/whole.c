/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/whole.h"

#include "base/log.h"

static bool boot_is_whole(const struct device *d, const struct progress *p)
{
	uint32_t last = progress_last_seq(p);

	if (p->n_runs == 1 && p->runs[0].first == 1 && p->has_promise && last >= p->promise_seq)
		return true;
	if (p->n_runs == 0 && p->has_promise && p->promise_seq == 0)
		return true;
	if (p->has_promise)
		log_error("%s, boot %u: made %u partials, of which not all came (last %u)", d->name, p->boot,
			  p->promise_seq, last);
	else
		log_error("%s, boot %u: no status came, so how many partials there are is not known", d->name, p->boot);
	return false;
}

bool fleet_is_whole(const struct fleet *f, uint64_t n_devices)
{
	uint64_t n_came = 0;
	bool is_whole = true;

	for (size_t i = 0; i < f->sites.n; i++) {
		const struct site *s = *(struct site **)sorted_at(&f->sites, i);

		for (size_t j = 0; j < s->devices.n; j++) {
			const struct device *d = site_device(s, j);

			if (d->counters.parts + d->counters.duplicates + d->counters.stored_late == 0)
				continue; /* its retained messages are of another day, or it is missed below */
			n_came++;
			for (size_t b = 0; b < d->n_boots; b++)
				is_whole = boot_is_whole(d, d->boots[b]) && is_whole;
		}
	}
	if (n_came < n_devices) {
		log_error("partials of %llu devices came, expected %llu", (unsigned long long)n_came,
			  (unsigned long long)n_devices);
		is_whole = false;
	}
	return is_whole;
}
