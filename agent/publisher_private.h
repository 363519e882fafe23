/* SPDX-License-Identifier: Apache-2.0 */
/* publisher_private.h - what the files of the publisher share: publisher.c (life), publisher_flow.c, publisher_tell.c. */
#ifndef RUNNEL_AGENT_PUBLISHER_PRIVATE_H
#define RUNNEL_AGENT_PUBLISHER_PRIVATE_H

#include "agent/announce.h"
#include "agent/kpi_board.h"
#include "agent/outflow.h"
#include "agent/publisher.h"
#include "agent/spool_writer.h"
#include "agent/twin.h"
#include "pipelines/partial.h"

enum {
	PUBLISHER_TOPIC_BYTES = 320,
	PUBLISHER_RESERVE =
		4, /* places in flight for what is no row: contract, birth, status, the last status above all */
	PUBLISHER_NO_ROW = 0, /* id of publishes that are not rows of the spool */
};

#define PUBLISHER_CONFIG_ROW UINT64_MAX		/* of the state of the config */
#define PUBLISHER_CONTRACT_ROW (UINT64_MAX - 1) /* of the contract that counts now */

struct publisher {
	struct publisher_options o;
	struct loop *loop;
	struct mqtt *mqtt;
	struct spool *spool;
	struct spool_writer *writer;	    /* while it is busy the spool is not ours */
	uint64_t arrived[OUTFLOW_MAX_OPEN]; /* meanwhile: rows, a connection that ended, one that was made */
	size_t n_arrived;
	bool has_disconnected, has_connected;
	bool must_tell_again; /* contracts and birth */
	struct outflow flow;
	struct twin twin;
	struct loop_timer *stop_timer, *flow_timer;
	struct dynbuf contract, scratch, config_state;
	bool is_config_due, is_birth_due, is_status_due;
	size_t n_discovered; /* KPIs that Home Assistant was told of, on this connection */
	struct kpi_board kpis;
	char base[PUBLISHER_TOPIC_BYTES]; /* PREFIX/SITE/DEVICE */
	char will[64];
	struct identity id;
	uint32_t seq;
	uint64_t wm_s;
	char error[MQTT_ERROR_BYTES]; /* of the connection, the last; "": none since the start */
	int64_t error_at_us;
	uint64_t n_dropped_told, n_merged_told, n_refused_told;
	int64_t contract_at; /* those up to this hash have been told to this connection */
	int64_t stop_by_us, twin_told_us;
	bool has_contracts_to_tell, is_contract_too_large, is_too_large_told;
	bool is_contract_refused; /* the one that counts now: too large, or not allowed */
	bool is_connected, is_stopping, is_finishing;
	uint8_t message[PARTIAL_MAX_BYTES];
};

/** QoS 1. @leaf: what follows PREFIX/SITE/DEVICE/. @return as mqtt_publish() */
NODISCARD int publisher_send(struct publisher *p, uint64_t id, const char *leaf, const struct mqtt_message *what);

/** When it is to stop and nothing waits any more: the end. */
void publisher_check_drained(struct publisher *p);

/* --- publisher_spool.c --- */

NODISCARD int publisher_open_spool(struct publisher *p, char error[static MQTT_ERROR_BYTES]);
NODISCARD int publisher_keep_contract(struct publisher *p);

/* --- publisher_tell.c --- */

/** Contracts that were not told yet, as many as go. @return whether all have been */
bool publisher_tell_contracts(struct publisher *p);
void publisher_tell_all_contracts(struct publisher *p);
void publisher_tell_birth(struct publisher *p);

/** Home Assistant of the KPIs that it was not told of yet, as many as go; and of those that are no more. */
void publisher_tell_discovery(struct publisher *p);
void publisher_retract_discovery(struct publisher *p, const struct contract *was);
void publisher_tell_status(struct publisher *p, const char *state);

/** Tell systemd, for who has no broker to ask: connected or why not, and what waits. */
void publisher_tell_here(const struct publisher *p);
/** What could not be told yet: there was no place in flight. */
void publisher_tell_due(struct publisher *p);

/** To configs, commands and our own birth. @return as mqtt_subscribe() */
NODISCARD int publisher_subscribe(struct publisher *p);

/** A message of the broker: a command, or a birth. */
void publisher_hear(void *ctx, const struct mqtt_message *msg);

/* --- publisher_flow.c --- */

/** Commit what was appended and send what may go: now, or with the next turn of the loop. */
void publisher_flow(struct publisher *p);
void publisher_flow_soon(struct publisher *p);
void publisher_flow_on_timer(void *ctx);
int publisher_flow_send(void *ctx, const struct spool_row *row);

/** Of the writer: a commit has ended. */
void publisher_written(void *ctx);

/** Note what was acknowledged, or that the connection was lost, if the spool is ours; else it waits. Tells nobody anything. */
void publisher_settle(struct publisher *p);

/** Wait for a commit that runs: the spool is ours then. For what is rare; the rest waits by itself. Tells nobody anything, so it may be called anywhere. */
void publisher_take_spool(struct publisher *p);

/** Commit and send for the last time, and wait for the disk. */
void publisher_flow_last(struct publisher *p);

/** Say once what went wrong with rows. */
void publisher_flow_report(struct publisher *p);

#endif
