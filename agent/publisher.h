/* SPDX-License-Identifier: Apache-2.0 */
/*
 * publisher.h - the board's voice: numbers partials, puts them into the spool and brings the spool to the broker.
 *
 * At each connection it tells, retained: the contracts, the birth and the status; then what is new and the backlog (outflow.h). KPIs
 * are retained last values: when there is no connection only the newest of each is kept. On the topic cmd it takes
 * commands (commands.h) and answers on cmd/answer; on its own birth topic it looks for a twin (twin.h).
 */
#ifndef RUNNEL_AGENT_PUBLISHER_H
#define RUNNEL_AGENT_PUBLISHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/commands.h"
#include "agent/conf.h"
#include "agent/spool.h"
#include "base/json.h"
#include "base/loop.h"
#include "base/mqtt.h"

struct publisher;

struct publisher_options {
	const struct conf *conf;
	const struct contract *contract;
	uint32_t boot;		    /* of a backfill; else the publisher takes it */
	bool is_backfill;	    /* recorded data: marked so, and birth, status, KPIs and will stay the agent's */
	void (*stopped)(void *ctx); /* after publisher_stop() */
	void (*describe)(void *ctx, struct json *j); /* add members to the status object; may be NULL */

	/** A config came from afar. NULL: they are not listened to. */
	void (*config_came)(void *ctx, const struct mqtt_message *msg);

	/** What publisher_tell_config() was given last has reached the broker. May be NULL. */
	void (*config_told)(void *ctx);

	/** A command that is not the publisher's: add members to the answer. @return NULL or why not. NULL: there are none */
	const char *(*command)(void *ctx, const struct command *c, struct json *answer);
	void *ctx;
};

/**
 * Another config with the same local part goes on: what it is told from now on is of @contract, which is told before, and in the birth.
 * Values of KPIs that are not delivered yet stay, if there still is such a KPI. @return 0, -ENOMEM or -EMSGSIZE: nothing has changed
 */
NODISCARD int publisher_change(struct publisher *p, const struct conf *conf, const struct contract *contract);

/** The state of the config, retained; what it was told before and is not delivered is forgotten. Kept for the next connection. */
void publisher_tell_config(struct publisher *p, const char *json);

/** @return 0, -ENOMEM, -EINVAL: mqtt options, -EBUSY: another agent has the spool; with a message in @error */
NODISCARD int publisher_create(struct publisher **out, struct loop *loop, const struct publisher_options *o,
			       char error[static MQTT_ERROR_BYTES]);

/** Connect and stay connected. */
void publisher_start(struct publisher *p);

/** Fill in site, device, boot, seq and contract of @part, encode it and spool it. */
void publisher_partial(struct publisher *p, struct partial *part);
void publisher_event(struct publisher *p, const char *stream, const char *event, int64_t at_us, double value);
void publisher_kpi(struct publisher *p, const struct kpi_def *kpi, uint64_t w0_s, double value, double coverage);

/** Publish the status again, when connected: something in it changed. */
/** Take another number of a start: what follows is another life of the device, its messages count from 1. @return the number */
uint32_t publisher_take_boot(struct publisher *p);

void publisher_status(struct publisher *p, uint64_t wm_s);

/**
 * Deliver what is spooled, for at most @timeout_us, say good-bye, then call stopped(). Without a connection it is waited for
 * as long; who does not want that gives 0.
 */
void publisher_stop(struct publisher *p, int64_t timeout_us);

/** The number of this start. */
uint32_t publisher_boot(const struct publisher *p);

/** The status as it would be published now. @out is emptied first. */
void publisher_describe(const struct publisher *p, struct dynbuf *out);

bool publisher_is_connected(const struct publisher *p);
void publisher_get_mqtt(const struct publisher *p, struct mqtt_status *out);
void publisher_get_spool(const struct publisher *p, struct spool_stats *out);

/** Messages that reached the broker, and that it did not want. */
uint64_t publisher_n_refused(const struct publisher *p);

/** NULL is fine. Not from one of its own callbacks. */
void publisher_free(struct publisher *p);

/** The broker does not take the contract that counts now: it is too large, or not allowed. Without it nobody can read the partials. */
bool publisher_is_contract_refused(const struct publisher *p);

#endif
