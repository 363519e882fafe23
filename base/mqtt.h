/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mqtt.h - a connection to an MQTT broker that comes back by itself.
 *
 * MQTT 5.0; a broker that does not speak it gets 3.1.1. Nothing is stored here: what must not be lost stays with the
 * caller until published() tells that the broker has it. After disconnected() every publish that was still open is
 * void: it will get neither published() nor publish_failed(), and the caller sends it again after connected(). (The
 * broker may have had it: delivery is at least once.)
 *
 * Received messages of QoS 1 are acknowledged by paho before message() is called, so those that wait here are lost
 * when the program dies, unless options.note_down() has put them where they survive: that is called before.
 *
 * All handlers are called on the loop's thread, never from within an mqtt_ call, and may call any function here but
 * mqtt_free(). Attempts to connect are spaced 1 s .. 60 s with jitter. The log gets transitions (connected, lost, the
 * first failure of a series or another reason for it, then one line an hour), not attempts.
 *
 * Process-wide side effects of mqtt_create(): SIGPIPE is ignored (by paho), SIGURG is caught and does nothing.
 */
#ifndef RUNNEL_BASE_MQTT_H
#define RUNNEL_BASE_MQTT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/check.h"
#include "base/loop.h"

struct mqtt;

struct mqtt_message {
	const char *topic;
	const void *payload; /* may be NULL when payload_bytes is 0; no NUL at the end */
	size_t payload_bytes;
	uint8_t qos;   /* 0 or 1 */
	bool retained; /* sent: the broker keeps it. Received: it was kept, not just published */
	uint64_t mark; /* received: what options.note_down() gave, or 0 */
};

/** Texts are copied. All-zero is the default of each field. */
struct mqtt_options {
	/* mqtt://HOST[:1883] or mqtts://HOST[:8883], IPv6 in brackets; NULL: mqtt://localhost */
	const char *broker;

	/* Tried in turn, after each failed attempt the next one */
	const char *const *others;
	size_t n_others;

	/* Required; stable and unique: two clients with one id throw each other out */
	const char *client_id;
	const char *username;
	const char *password_file; /* read at each attempt; line ends at its end are cut */
	const char *ca_file;	   /* PEM; NULL: the system's */
	const char *cert_file, *key_file;
	unsigned keep_alive_s;	    /* 0: 60 */
	unsigned connect_timeout_s; /* until the broker has answered, looked at every 3 s; 0: 10 */

	/* 0: a new session each time. Else the broker keeps subscriptions, and QoS 1 messages meanwhile */
	uint32_t session_expiry_s;
	const struct mqtt_message *will; /* NULL: none */
	uint32_t will_delay_s;		 /* 5.0 only: a reconnect within it makes no will */

	/* Publishes without an answer, at most as many as the broker takes (with 5.0 it says so: mosquitto 20); 0: 20 */
	size_t max_open;

	/* Messages waiting for message(); 0: 1 MiB. When full, nothing is read from the broker for a while; larger ones are lost */
	size_t max_receive_bytes;

	/*
	 * NULL: none. Called in paho's thread with each message of QoS 1, before it is acknowledged: what it has put into a file when it
	 * returns survives a death of the program that the broker does not know of. It must be quick, and not call anything of this header.
	 */
	uint64_t (*note_down)(void *ctx, const struct mqtt_message *msg);
	void *note_down_ctx;
};

/** Each may be NULL. Texts and payloads are valid during the call. */
struct mqtt_handlers {
	/** Subscriptions are under way already. */
	void (*connected)(void *ctx, bool session_present);

	/** Only after connected(). @reason for people, e.g. "keep alive timeout". */
	void (*disconnected)(void *ctx, const char *reason);

	/** An attempt to connect failed; there will be another. @reason for people, e.g. "certificate has expired". */
	void (*failed)(void *ctx, const char *reason);

	/** QoS 1: the PUBACK is here. QoS 0: written to the socket. */
	void (*published)(void *ctx, uint64_t id);

	/** The broker refused this one (not authorised, quota exceeded, ...): sending it again will not help soon. @code: of MQTT 5.0 */
	void (*publish_failed)(void *ctx, uint64_t id, int code, const char *reason);

	void (*message)(void *ctx, const struct mqtt_message *msg);

	/** After mqtt_stop(): the connection is closed, nothing more will come. The usual place for loop_stop(). */
	void (*stopped)(void *ctx);
};

enum { MQTT_ERROR_BYTES = 192 };

/** Check a broker address as options.broker would be. On error @error says what is wrong. @return 0 or -EINVAL */
NODISCARD int mqtt_check_broker(const char *url, char error[static MQTT_ERROR_BYTES]);

/**
 * Check the options and take memory; does not connect yet.
 * @h is copied; @loop is borrowed.
 * @return 0, -EINVAL (broker, client_id or will), -ENOMEM, errors of loop_timer_create() and loop_wake_create()
 */
NODISCARD int mqtt_create(struct mqtt **out, struct loop *loop, const struct mqtt_options *options,
			  const struct mqtt_handlers *h, void *ctx);

/** Connect, and stay connected. */
void mqtt_start(struct mqtt *m);

/**
 * Disconnects at once (the broker drops the will). NULL is fine. Not from a handler. Takes 0.1 s, rarely more than
 * 0.6 s, at most 2 s.
 */
void mqtt_free(struct mqtt *m);

/**
 * Close the connection, soon, and make a new one after a while, because @reason (static text): for a broker that takes messages and
 * does not answer. Calls disconnected(). No-op when not connected.
 */
void mqtt_reconnect(struct mqtt *m, const char *reason);

/**
 * Good-bye: wait until what is open has been answered, disconnect (the broker drops the will), then call stopped(). At
 * most @timeout_us; at once when not connected. No publish is taken any more.
 */
void mqtt_stop(struct mqtt *m, int64_t timeout_us);

/**
 * Send; everything is copied. @id: the caller's name for it in published() and publish_failed().
 * @return 0, -ENOTCONN, -EAGAIN (max_open are open: wait for a published()), -EINVAL (topic empty, not UTF-8, with
 *         wildcard; QoS 2), -EMSGSIZE (larger than the broker takes, or than MQTT can)
 */
NODISCARD int mqtt_publish(struct mqtt *m, uint64_t id, const struct mqtt_message *msg);

/** Publishes that have no answer yet. */
size_t mqtt_n_open(const struct mqtt *m);

/**
 * Subscribe now, if connected, and at each connect (a repeated subscription brings retained messages again).
 * @return 0, -EINVAL, -ENOMEM
 */
NODISCARD int mqtt_subscribe(struct mqtt *m, const char *filter, uint8_t qos);

enum mqtt_state { MQTT_OFFLINE, MQTT_CONNECTING, MQTT_CONNECTED, MQTT_STOPPING, MQTT_STOPPED };

struct mqtt_status {
	enum mqtt_state state;
	unsigned protocol;   /* 5, or 4 for 3.1.1, of the last attempt */
	uint64_t n_connects; /* successful */
	uint64_t n_attempts_failed;
	int64_t since_us;	/* loop_mono_us() when the state last became, or stopped being, connected */
	const char *last_error; /* "" when none since the last connect; valid until the next event */
};

void mqtt_get_status(const struct mqtt *m, struct mqtt_status *out);

/** "offline", "connecting", ... */
const char *mqtt_state_name(enum mqtt_state state);

#endif
