/* SPDX-License-Identifier: Apache-2.0 */
/*
 * device.h - what the collector knows of one device: is it there, what did its boots send, which contracts explain its
 * partials, and what had to be refused. Bounded, whatever the device sends.
 */
#ifndef RUNNEL_COLLECTOR_DEVICE_H
#define RUNNEL_COLLECTOR_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "collector/json_in.h"
#include "collector/progress.h"
#include "collector/shared_contract.h"
#include "collector/sorted.h"
#include "pipelines/partial.h"

enum { DEVICE_MAX_BOOTS = 8, DEVICE_MAX_CONTRACTS = 32, DEVICE_MAX_WAITING = 128, DEVICE_MAX_CLOCKS = 256 };

struct store;

/** Counted for the fleet and for each device. */
struct counters {
	uint64_t messages;   /* partials that came */
	uint64_t parts;	     /* of these, merged */
	uint64_t duplicates; /* had been merged before: no effect */
	uint64_t conflicts;  /* same key, other bytes: not merged */
	uint64_t bad;	     /* messages of any kind that could not be read */
	uint64_t unsynced;   /* without a trusted clock: not merged as they came */
	uint64_t clocks;     /* that said by how much a clock had been off */
	uint64_t
		dated; /* parts that were unsynced and have been dated since: they are among parts or stored_late, too */
	uint64_t expired;	  /* parts that were unsynced for too long, and are deleted */
	uint64_t future;	  /* of a time that has not come: not merged */
	uint64_t late;		  /* for windows that are no longer kept: not merged */
	uint64_t dropped;	  /* waited for a contract when there was no room */
	uint64_t refused;	  /* no room for another site, device, window or metric */
	uint64_t metrics_refused; /* metrics of parts whose definition disagrees with the fleet's */
	uint64_t twins;		  /* births of another life with the same boot number: the name is there twice */
	uint64_t stored_late;	  /* parts that went to the store alone: their windows are looked at again */
};

/** A partial that came before its contract. */
struct waiting {
	uint32_t contract;
	size_t bytes;
	uint8_t *payload;
};

/** Dating what waits in the store for its clock, some rows at a time: see archive_date.c. */
struct device_dating {
	bool is_due, is_running, is_again; /* is_again: something must be tried again, but not at once */
	uint32_t boot, wl, part;	   /* how far it is */
	uint64_t w0;
};

struct device_contract {
	uint32_t hash;
	struct shared_contract *contract;
	bool is_saved;	  /* in the store */
	uint64_t used_at; /* a count, for choosing the one to forget */
};

struct device {
	size_t id; /* index among the devices of its site, in the order in which they came */
	char *name;
	bool is_born, is_retired; /* retired: its retained birth was cleared */
	bool has_status, is_online;
	struct birth birth;
	char clock[JSON_IN_CLOCK_BYTES]; /* by its status; "" not told */
	bool has_spool;
	uint64_t n_spooled, n_dropped;
	bool has_sensors;
	size_t n_sensors, n_failing; /* by its status */
	uint64_t n_faults;
	char *birth_text, *status_text;		  /* as they came, if the fleet keeps them; NULL: none. JSON */
	uint64_t expected_from;			  /* windows that end by then are not missed from it, Unix s */
	int64_t heard_us;			  /* when its last message came */
	struct progress *boots[DEVICE_MAX_BOOTS]; /* ascending */
	size_t n_boots;
	struct device_contract contracts[DEVICE_MAX_CONTRACTS];
	size_t n_contracts;
	uint64_t n_uses;
	struct waiting waiting[DEVICE_MAX_WAITING];
	size_t n_waiting;
	struct sorted clocks;	 /* struct partial_clock: what its messages said of its clock */
	bool has_dropped_clocks; /* their rows are to go, too */
	bool has_stuck_clocks;	 /* no room can be made among them: not to be tried again at once */
	struct device_dating dating;
	struct counters counters;
	size_t n_metrics_made; /* definitions that nobody had before it */
	int64_t row;	       /* in the store; 0: there is none */
	bool is_unsaved, has_unsaved_contract;

	/* what was asked for again last, see resend.c */
	int64_t ask_at_us;
	unsigned n_asked;
	uint32_t asked_boot, asked_seq, seen_boot, seen_seq, left_boot, left_seq;
};

struct device *device_new(const char *name, size_t id);
void device_free(struct device *d, struct contract_store *store);

/** Of a boot; made if new. NULL: older than the DEVICE_MAX_BOOTS boots that are remembered. */
struct progress *device_boot(struct device *d, uint32_t boot);

/** Watermark of the newest boot, 0 when nothing is known. */
uint64_t device_wm(const struct device *d);

/** The newest boot, or NULL. Recorded data that were sent later count only when there is nothing else. */
const struct progress *device_newest_boot(const struct device *d);

/** Missing sequence numbers, over all boots. */
uint64_t device_n_missing(const struct device *d);

/**
 * Whether nothing of the window [@w0, @end) can still come: the watermark of the newest boot has passed its end, and no boot has a hole
 * that may hide some of it, and nothing that came waits to be dated. (Boots are spooled and sent in their order, so what an older one left is there by then.)
 */
bool device_is_complete(const struct device *d, uint64_t w0, uint64_t end);

/** The contract with this hash, or NULL. */
struct shared_contract *device_contract(struct device *d, uint32_t hash);

/** The one its birth names; without a birth, the one used last. NULL: none. */
struct shared_contract *device_current_contract(struct device *d);

/**
 * Remember a contract; when there are too many, the one unused for longest goes, but not the one its birth names.
 * @return  0; 1: known already; -EBADMSG with the reason in @why (static string)
 */
NODISCARD int device_add_contract(struct device *d, struct contract_store *store, uint32_t hash, const char *text,
				  size_t bytes, const char **why);

/** Keep a copy. @return whether there was room */
bool device_wait(struct device *d, uint32_t contract, const void *payload, size_t bytes);

/** Take out the oldest partial that waits for @contract; the caller frees its payload. @return whether there was one */
bool device_take_waiting(struct device *d, uint32_t contract, struct waiting *out);

enum device_clock_news {
	DEVICE_CLOCK_NEW,
	DEVICE_CLOCK_KNOWN,
	DEVICE_CLOCK_CONTRADICTS, /* what was said before of some of these messages: that stands */
	DEVICE_CLOCK_TOO_MANY,
};
enum device_clock_news device_judge_clock(const struct device *d, const struct partial_clock *c);

/**
 * Forget the clocks of the oldest boot, other than @boot, of which no part waits in @s (NULL: there is no store).
 * @return whether there was one
 */
bool device_make_clock_room(struct device *d, struct store *s, uint32_t boot);

/** @c is news. */
void device_add_clock(struct device *d, const struct partial_clock *c);

bool device_knows_clock(const struct device *d, uint32_t boot);

/** What is known of the clock by which the numbers @first to @last of @boot are dated; NULL: nothing, or not of all of them. */
const struct partial_clock *device_find_clock(const struct device *d, uint32_t boot, uint32_t first, uint32_t last);

#endif
