/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_in.h - contract, birth and status messages of devices, from JSON into plain structs. The text comes from the network:
 * sizes, counts, types, duplicate keys and ranges are checked here, so that what comes out can be trusted as far as a
 * struct can. Unknown members are skipped, because a device may be newer than its collector.
 */
#ifndef RUNNEL_COLLECTOR_JSON_IN_H
#define RUNNEL_COLLECTOR_JSON_IN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/check.h"
#include "pipelines/contract.h"

enum {
	JSON_IN_MAX_BYTES = 64 * 1024, /* of a birth or a status; a contract has CONTRACT_MAX_BYTES */
	JSON_IN_EXPRESSION_BYTES = 2048,
	JSON_IN_UNIT_BYTES = 64,
	JSON_IN_AGENT_BYTES = 32,
	JSON_IN_LABELS_BYTES = 256,
	JSON_IN_CLOCK_BYTES = 16,
};

struct birth {
	uint32_t boot;
	int64_t revision;
	uint64_t nonce;
	bool has_contract;
	uint32_t contract;		   /* hash of the one in use */
	char agent[JSON_IN_AGENT_BYTES];   /* version, "" when not told; may be cut */
	char labels[JSON_IN_LABELS_BYTES]; /* NAME=VALUE, one a line; those that do not fit are left out */
};

/** The last will knows neither seq nor wm. */
struct status {
	bool is_online;
	bool has_progress; /* seq and wm: this many messages were made, and then the watermark was this */
	uint32_t boot, seq;
	uint64_t wm;			 /* Unix seconds */
	char clock[JSON_IN_CLOCK_BYTES]; /* "" when not told */
	bool has_spool;
	uint64_t n_spooled; /* messages that wait on the device */
	uint64_t n_dropped; /* and those that had to go, for want of room */
	bool has_sensors;
	size_t n_sensors, n_failing; /* in doubt or in fault */
	uint64_t n_faults;	     /* since the device's start */
};

/**
 * @hash: from the topic; it must be the CRC-32 of the text. Units without a row in our table get one in @a. Strings are in @a.
 * @return  0, or -EBADMSG with the reason in @why (static string); what was taken from @a stays taken
 */
NODISCARD int json_in_contract(struct contract *out, struct arena *a, const char *text, size_t bytes, uint32_t hash,
			       const char **why);

/** @return 0, or -EBADMSG with the reason in @why (static string) */
NODISCARD int json_in_birth(struct birth *out, const char *text, size_t bytes, const char **why);
NODISCARD int json_in_status(struct status *out, const char *text, size_t bytes, const char **why);

/** Eight lower-case hexadecimal digits, the whole text. */
bool json_in_hash(const char *text, uint32_t *out);

#endif
