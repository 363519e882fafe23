/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fleet.h - everything the collector knows, in memory: sites, their devices, and the merged aggregates of each window.
 * Pure: messages and the time come in, fleet KPIs go out (fleet_kpi.h).
 *
 * A part is merged once, whatever the order and however often it comes: its key names it, and its bytes prove it. Merging is exact, so
 * two collectors that saw the same parts hold the same bits.
 *
 * Everything is bounded: how far back windows are kept, and how many sites, devices, metrics and windows there are. What
 * does not fit is refused and counted.
 */
#ifndef RUNNEL_COLLECTOR_FLEET_H
#define RUNNEL_COLLECTOR_FLEET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "collector/device.h"
#include "collector/shared_contract.h"
#include "collector/sorted.h"
#include "pipelines/agg.h"
#include "pipelines/wire.h"

enum {
	FLEET_MAX_SITES = 256,
	FLEET_MAX_DEVICES = 10000,		    /* all sites together */
	FLEET_MAX_METRICS = 4096,		    /* names in a site */
	FLEET_MAX_WINDOWS = 8192,		    /* in a site; then the oldest go, whatever was asked to be kept */
	FLEET_MAX_WINDOW_BYTES = 512 * 1024 * 1024, /* of all windows together; likewise */
	FLEET_MAX_DEVICE_PARTS = 1024,		    /* of one device in one window */
	FLEET_MAX_DEVICE_METRICS = 512,		    /* that one device was the first to define */
	FLEET_MAX_LATE_HOURS = 4096,		    /* of a site, that wait to be looked at again */
	FLEET_MAX_WAITING_BYTES = 32 * 1024 * 1024,
	FLEET_MAX_TEXT_BYTES = 16 * 1024, /* of a birth or status that is kept for people */
	FLEET_FUTURE_S = 600,		  /* how far a device's clock may be ahead of ours */
	FLEET_LONGEST_WINDOW_S = 3600,
};

/**
 * A metric of a site: one definition of a name@version. When devices disagree about it, there are several; each is merged by itself, and that of
 * most devices counts. So who lies, or came first, harms only its own numbers.
 */
struct site_metric {
	size_t id;
	char *name;
	struct metric_def def; /* period and window are not part of the definition */
	size_t n_votes;	       /* devices whose current contract defines it so */
	bool is_outvoted;
	bool is_conflict_logged;
};

/** What one device contributed to an aggregate. */
struct share {
	uint32_t device; /* its id */
	uint32_t expected;
};

/** One metric in one window, merged over the devices of the site. */
struct site_agg {
	size_t metric; /* its id */
	struct agg agg;
	struct sorted shares; /* struct share */
};

/** A part that has been merged. */
struct merged_part {
	size_t device;
	uint32_t boot, part;
	uint32_t bytes;
	uint64_t hash; /* of the bytes */
};

struct site_window {
	uint64_t w0;
	uint32_t wl;
	bool is_changed;     /* since fleet_kpi_update() looked at it */
	struct sorted parts; /* struct merged_part */
	struct sorted aggs;  /* struct site_agg * */
};

struct site {
	char *name;
	struct sorted devices;	  /* struct device *, by name */
	struct sorted metrics;	  /* struct site_metric *, by name and definition */
	struct sorted windows;	  /* struct site_window *, by w0, then wl */
	uint64_t front;		  /* the highest watermark of a device: windows that end by then are over */
	uint64_t horizon;	  /* windows that end by then are no longer kept */
	bool is_moved;		  /* since the last update: a watermark moved or a hole was filled */
	bool is_recast;		  /* since the last update: births or contracts changed */
	struct sorted late_hours; /* uint64_t: something of them went to the store alone */
	uint64_t sweep_at;	  /* see archive.c */
	struct arena arena;	  /* names and units of the metrics */
	struct site_kpis *kpis;	  /* see fleet_kpi.c */
};

struct store;
struct fleet_kpi;

struct fleet {
	uint64_t keep_s, deadline_s;
	int64_t now_us;	       /* the newest time that was heard of */
	struct store *store;   /* NULL: none. Borrowed */
	uint64_t sealed_until; /* windows before it may be rolled up: is_sealed() knows */
	bool is_unexplained;   /* a device or contract is not in the store yet: it goes there before its parts */
	bool keeps_texts;      /* births and status as they came, for people */
	bool is_replay;	       /* what comes is from the store: no limits, nothing is counted */
	/** May be NULL: the KPI of each device by itself. */
	void (*spread)(void *ctx, const struct site *s, const struct kpi_plan *plan, struct fleet_kpi *k);
	void *spread_ctx;
	/** May be NULL: whether a part may be in an hour already that was rolled up. */
	bool (*is_sealed)(void *ctx, const struct device *d, const struct partial *p);
	struct sorted sites; /* struct site *, by name */
	size_t n_devices, window_bytes, waiting_bytes;
	struct contract_store contracts;
	struct counters counters;
	uint64_t n_windows_dropped;	/* that were not complete, for want of room */
	uint64_t newest_future_w0;	/* of the parts from the future: which day do they believe it is? */
	char last_conflict[200];	/* which key, for people; "" when there was none */
	struct partial_metric *metrics; /* room for decoding */
	struct agg *aggs;		/* room for one KPI: EXPR_MAX_STREAMS */
};

/** A message of a device; its site and name are from the topic. */
struct fleet_message {
	const char *site, *device;
	const void *payload;
	size_t bytes;
	int64_t now_us; /* our clock, Unix */
	bool is_retained;
};

/** @keep_s: how far behind the newest complete window of a site windows are kept, at least. */
struct fleet *fleet_new(uint64_t keep_s);
void fleet_free(struct fleet *f);

/** An empty payload retires the device. */
void fleet_birth(struct fleet *f, const struct fleet_message *m);

/** @hash: from the topic. Partials that wait for it are merged. An empty payload is nothing. */
void fleet_contract(struct fleet *f, const struct fleet_message *m, uint32_t hash);

/** An empty payload is nothing. */
void fleet_status(struct fleet *f, const struct fleet_message *m);

/** A message that cannot be anything: an unknown topic below a device's, a bad hash. */
void fleet_count_bad(struct fleet *f, const struct fleet_message *m, const char *why);

enum fleet_verdict {
	FLEET_MERGED,
	FLEET_DUPLICATE,
	FLEET_CONFLICT,
	FLEET_BAD,
	FLEET_WAITS,	/* for its contract */
	FLEET_DROPPED,	/* should wait, but there is no room */
	FLEET_UNSYNCED, /* kept apart until it can be dated */
	FLEET_CLOCK,	/* by which such parts can be dated */
	FLEET_FUTURE,
	FLEET_LATE,
	FLEET_REFUSED,
	FLEET_STORED, /* its window is not in memory; it is looked at again */
};

enum fleet_verdict fleet_partial(struct fleet *f, const struct fleet_message *m);

/**
 * A part that had waited for its clock, and is dated now: @p, complete, which @payload encodes. Like one that comes, but it is no message, and says
 * nothing of how far its device is. @return FLEET_REFUSED: to be tried again
 */
enum fleet_verdict fleet_take_dated(struct fleet *f, struct site *s, struct device *d, struct partial *p,
				    const void *payload, size_t bytes);

/** A part that is in the store: into memory. @return whether it could be explained */
bool fleet_replay(struct fleet *f, struct site *s, struct device *d, const void *payload, size_t bytes);

/** The number and the watermark of a part that is in the store. @return 0 or -EBADMSG */
int fleet_note_stored(struct fleet *f, struct site *s, struct device *d, const void *payload, size_t bytes);

/** Something of window @w0 is in the store and not in memory. */
void site_mark_late(struct site *s, uint64_t w0);

/** Who decides between definitions: at each change of contracts. */
void site_vote(struct fleet *f, struct site *s);

/** A device, made if new; NULL (counted) when there is no room. */
struct device *fleet_take_device(struct fleet *f, const char *site_name, const char *name, struct site **site);

/** Move the horizon of a site to @horizon and forget what is behind it. */
void fleet_forget(struct fleet *f, struct site *s, uint64_t horizon);

/** NULL when there is none. */
struct site *fleet_find_site(const struct fleet *f, const char *name);
struct device *site_find_device(const struct site *s, const char *name);
const struct site_metric *site_find_metric(const struct site *s, const char *name); /* the definition that counts */
struct site_agg *window_find_agg(const struct site_window *w, size_t metric);

/** Device @i in order of names. */
struct device *site_device(const struct site *s, size_t i);
struct site *fleet_site(const struct fleet *f, size_t i);
struct site_window *site_window(const struct site *s, size_t i);

/** Index of the first window that does not begin before @w0. */
size_t site_first_window(const struct site *s, uint64_t w0);

/** The device of a message, made if new; NULL (counted) when there is no room. */
struct device *fleet_device(struct fleet *f, const struct fleet_message *m, struct site **site);

/** A device believes in this watermark: not if it is of the future. */
uint64_t fleet_credible_wm(uint64_t wm, int64_t now_us);

/** The watermark of one of its devices is @wm, or PROGRESS_NO_WM. */
void site_move(struct site *s, uint64_t wm);

#endif
