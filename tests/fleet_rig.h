/* SPDX-License-Identifier: Apache-2.0 */
/* fleet_rig.h - a fleet without a broker: devices that speak through real JSON and protobuf bytes, and what is told of it. */
#ifndef RUNNEL_TESTS_FLEET_RIG_H
#define RUNNEL_TESTS_FLEET_RIG_H

#include "base/dynbuf.h"
#include "collector/fleet.h"
#include "collector/fleet_kpi.h"
#include "pipelines/contract.h"

/** A whole hour, 2025-11-21T04:00:00Z. */
#define RIG_T0 1763697600ull

enum { RIG_MESSAGE_BYTES = 8192 };

struct fleet_rig {
	struct fleet *fleet;
	int64_t now_us;
	const char *site;   /* of what comes from now on; at first "delft" */
	bool is_retained;   /* how births and status come from now on; at first false */
	struct dynbuf told; /* JSON lines */
	size_t n_told, n_newest;
	struct fleet_kpi last;
};

/** One part: samples of stream 0 (temp), one a second from w0 on. */
struct rig_part {
	const char *site; /* NULL: delft; set by fleet_rig_send() */
	const char *device;
	uint32_t boot, seq, part, wl, flags;
	uint64_t w0, wm;
	const int32_t *k;
	size_t n_k;
	uint32_t expected; /* 0: as nominal */
};

struct rig_message {
	char device[32];
	uint8_t data[RIG_MESSAGE_BYTES];
	size_t bytes;
};

/** temp@1 [Cel], a second apart, in windows of 60 s, with a sketch; KPIs temp_mean (60 s), temp_p50 (60 s) and temp_max (300 s). */
extern const struct contract rig_contract;

void fleet_rig_init(struct fleet_rig *r, uint64_t keep_s);
void fleet_rig_free(struct fleet_rig *r);

/** The contract's JSON goes out first unless @only_birth. @return its hash */
uint32_t fleet_rig_birth(struct fleet_rig *r, const char *device, uint32_t boot, const struct contract *c,
			 bool only_birth);
void fleet_rig_contract_message(struct fleet_rig *r, const char *device, const struct contract *c);
void fleet_rig_status(struct fleet_rig *r, const char *device, const char *json);
void fleet_rig_retire(struct fleet_rig *r, const char *device);

void fleet_rig_encode(const struct rig_part *p, const struct contract *c, struct rig_message *out);
enum fleet_verdict fleet_rig_deliver(struct fleet_rig *r, const struct rig_message *m);
enum fleet_verdict fleet_rig_send(struct fleet_rig *r, const struct rig_part *p);

/** What is told from now on is in told and last. */
void fleet_rig_update(struct fleet_rig *r, bool with_provisional);

/** Devices a, b (boot 8) and c, with rig_contract, that keep 2 h. */
void fleet_rig_start_three(struct fleet_rig *r);

/** temp@1 of window @i of the site, in order of time. */
const struct agg *fleet_rig_agg(const struct fleet_rig *r, size_t i);

/** A whole minute of k = 0 .. 59 (mean 29.5: 20.295 Cel), window @i, boot 1. */
struct rig_part fleet_rig_minute(const char *device, uint32_t seq, size_t i);

/** The newest result told of KPI @name; ends the test if there is none. */
const struct fleet_kpi *fleet_rig_newest(struct fleet_rig *r, const char *name);

#endif
