/* SPDX-License-Identifier: Apache-2.0 */
/* archive_private.h - between archive.c (saving), archive_load.c, archive_late.c (hours, retention) and archive_spread.c. */
#ifndef RUNNEL_COLLECTOR_ARCHIVE_PRIVATE_H
#define RUNNEL_COLLECTOR_ARCHIVE_PRIVATE_H

#include "collector/archive.h"
#include "collector/store.h"

/** Whose a row of the store is. */
struct archive_owner {
	struct site *site;
	struct device *device;
};

struct archive {
	struct archive_options o;
	struct fleet *fleet;
	struct store *store;
	struct archive_owner *owners; /* by row; holes where a device had no room */
	size_t n_owners;
	int lock_fd;
	int64_t seen_id;		 /* the parts up to here are in what was saved */
	int64_t swept_us;		 /* when looking for hours that nobody waits for any more began again */
	int64_t retried_us;		 /* likewise, dating what could not be merged */
	uint64_t roll_from;		 /* hours before it have been looked at: is there something to roll up? */
	uint64_t marked_hour;		 /* see archive_retain.c */
	size_t dated_row;		 /* whose parts were dated last: the next device is the first in turn */
	struct archive_reading *reading; /* see archive_spread.c */
	struct sorted damaged; /* uint64_t: hours with parts that can not be read, so that each is told of once */
	const char *problem;
	bool is_saved; /* the last time it was tried, whatever else is wrong */
	bool is_read_only;
};

/** NULL: unknown. */
const struct archive_owner *archive_owner(struct archive *a, int64_t row);

/** Devices that came since the last time get their places. */
void archive_find_owners(struct archive *a);

/** Into @out, of at least ARCHIVE_PROGRESS_BYTES. @return bytes */
enum { ARCHIVE_PROGRESS_BYTES = 8 + DEVICE_MAX_BOOTS * (6 + 4 * PROGRESS_MAX_RUNS) * 8 };
size_t archive_pack_progress(const struct device *d, uint8_t *out);

/** @return whether it was whole */
bool archive_unpack_progress(struct device *d, const uint8_t *in, size_t bytes);

NODISCARD int archive_load(struct archive *a, int64_t now_us);

/** Devices and contracts alone, of a store that another process may be writing. On an error nothing stays open. */
NODISCARD int archive_open_past(struct archive **out, struct fleet *f, const char *path, int64_t now_us);

/** Write the KPIs that were told of a site. */
NODISCARD int archive_save_kpis(struct archive *a, struct site *s);

/** Date some of the parts that wait for their clock, of the devices that are due. */
void archive_date(struct archive *a);

/** Inside a transaction: delete what waits to be dated since long before @hour (counted since 1970). */
NODISCARD int archive_expire_unsynced(struct archive *a, uint64_t hour);

/** What devices said of their clocks. Those of whom something is known are due, if @is_due. */
NODISCARD int archive_load_clocks(struct archive *a, bool is_due);

/** One step of each: hours that are late, hours nobody waits for, retention. */
void archive_look_back(struct archive *a, const struct fleet_kpi_sink *sink);
void archive_retain(struct archive *a);

/** fleet.is_sealed */
bool archive_is_sealed(void *ctx, const struct device *d, const struct partial *p);

/** fleet.spread */
void archive_spread(void *ctx, const struct site *s, const struct kpi_plan *plan, struct fleet_kpi *k);

/** Parts or definitions change: what archive_spread() has read of a window is not to be used any more. */
void archive_forget_reading(struct archive *a);

/** Whether both mean the same quantity, in the same units of counting. */
bool archive_is_same_metric(const struct metric_def *a, const struct metric_def *b);

/** An error of the store: logged once. @return @r */
int archive_note(struct archive *a, int r);

#endif
