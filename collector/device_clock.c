/* SPDX-License-Identifier: Apache-2.0 */
/*
 * device_clock.c - room for what a device says of its clock. A board without one of its own says something at each start, for as long as it lives, so what nothing
 * waits for must go: the oldest boots first. Their rows in the store go later, see archive_date.c.
 */
#include "collector/device.h"
#include "collector/store.h"

static uint32_t boot_at(const struct device *d, size_t i)
{
	const struct partial_clock *c = sorted_at(&d->clocks, i);

	return c->boot;
}

bool device_make_clock_room(struct device *d, struct store *s, uint32_t boot)
{
	uint32_t oldest;

	for (size_t i = 0; i < d->clocks.n && !d->has_stuck_clocks;) {
		oldest = boot_at(d, i);
		if (oldest == boot || (s && store_has_unsynced(s, d->row, oldest))) {
			while (i < d->clocks.n && boot_at(d, i) == oldest)
				i++;
			continue;
		}
		while (i < d->clocks.n && boot_at(d, i) == oldest)
			sorted_remove(&d->clocks, i);
		d->has_dropped_clocks = true;
		return true;
	}
	d->has_stuck_clocks = true;
	return false;
}
