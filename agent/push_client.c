/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/push_client.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "agent/exits.h"
#include "agent/push_link.h"
#include "agent/push_table.h"
#include "agent/yaml.h"
#include "base/crc32.h"

enum { GATHER_US = 1000000 }; /* retained messages come at once; nobody says when that was all */

enum phase { CONNECTING, GATHERING, MEASURING, TRYING_CANARIES, MEASURING_AGAIN, TRYING_ALL };

struct client {
	const struct push_job *job;
	struct push_link link;
	struct push_boards boards;
	struct push_table table;
	enum phase phase;
	uint32_t payload_hash;
};

/* Give up on this phase when @us have passed. */
static void enter(struct client *c, enum phase phase, int64_t us)
{
	c->phase = phase;
	loop_timer_set(c->link.timer, loop_mono_us() + us);
}

static size_t count(const struct client *c, bool (*is)(const struct push_board *b))
{
	size_t n = 0;

	for (size_t i = 0; i < c->boards.n; i++)
		n += is(&c->boards.at[i]);
	return n;
}

static bool is_member(const struct push_board *b)
{
	return b->is_member;
}
static bool is_reachable(const struct push_board *b)
{
	return b->is_member && b->is_online;
}
static bool is_active(const struct push_board *b)
{
	return b->is_active;
}
static bool is_awaited(const struct push_board *b)
{
	return b->is_sent && !b->is_done;
}
static bool is_failed(const struct push_board *b)
{
	return b->is_sent && b->is_done && !b->is_active;
}
static bool is_unmeasured(const struct push_board *b)
{
	return b->is_canary && !b->watch.is_known;
}

/* --- the end --- */

static void end(struct client *c, int result)
{
	loop_stop(c->link.loop, result);
}

static void finish(struct client *c)
{
	size_t n_members = count(c, is_member), n_active = count(c, is_active);

	for (size_t i = 0; i < c->boards.n; i++) {
		struct push_board *b = &c->boards.at[i];

		if (is_awaited(b))
			push_table_row(&c->table, b, "no answer", b->state[0] ? "it was trying" : "");
		else if (b->is_member && !b->is_sent)
			push_table_row(&c->table, b, b->is_online ? "not sent" : "offline", NULL);
	}
	push_table_say(&c->table, "%zu of %zu run it", n_active, n_members);
	end(c, n_active == n_members ? EXIT_DONE : EXIT_FAILED);
}

/* --- sending --- */

static bool send_to(struct client *c, const char *device)
{
	int r = push_link_publish(&c->link, device, "config/set", c->job->payload, c->job->payload_bytes);

	if (r == 0)
		return true;
	fprintf(stderr, "runnel push: %s\n",
		r == -EMSGSIZE ? "the broker takes no message of that size" : strerror(-r));
	end(c, EXIT_UNAVAILABLE);
	return false;
}

static void mark_sent(struct push_board *b)
{
	if (!b->is_sent)
		b->sent_us = loop_mono_us();
	b->is_sent = true;
}

static void send_to_all(struct client *c)
{
	const char *to = c->job->to;
	char group[PUSH_TOPIC_BYTES];

	snprintf(group, sizeof(group), push_is_single(to) ? "%.250s" : "_group/%.250s", to);
	if (!send_to(c, strcmp(to, "all") == 0 ? "_all" : group))
		return;
	for (size_t i = 0; i < c->boards.n; i++)
		if (is_reachable(&c->boards.at[i]))
			mark_sent(&c->boards.at[i]);
	push_table_progress(&c->table, &c->boards);
	enter(c, TRYING_ALL, c->job->timeout_us);
}

static void send_to_canaries(struct client *c)
{
	for (size_t i = 0; i < c->boards.n; i++) {
		struct push_board *b = &c->boards.at[i];

		if (!b->is_canary)
			continue;
		b->before = b->watch;
		if (!send_to(c, b->name))
			return;
		mark_sent(b);
	}
	enter(c, TRYING_CANARIES, c->job->timeout_us);
}

/* --- canaries --- */

static void choose_canaries(struct client *c)
{
	size_t n = 0;

	for (size_t i = 0; i < c->boards.n && n < c->job->n_canary; i++) {
		struct push_board *b = &c->boards.at[i];

		if (!is_reachable(b))
			continue;
		b->is_canary = true;
		n++;
		if (push_link_subscribe(&c->link, b->name, "partial") < 0)
			end(c, EXIT_FAILED);
	}
	push_table_say(&c->table, "measuring the coverage of %zu canaries: takes up to two windows", n);
	enter(c, MEASURING, c->job->timeout_us + 2 * c->job->window_us);
}

static void measure_again(struct client *c)
{
	push_table_say(&c->table, "the canaries run it; measuring their coverage again");
	for (size_t i = 0; i < c->boards.n; i++)
		push_watch_restart(&c->boards.at[i].watch);
	enter(c, MEASURING_AGAIN, c->job->timeout_us + 3 * c->job->window_us);
}

static void judge(struct client *c)
{
	size_t n_dropped = 0;

	for (size_t i = 0; i < c->boards.n; i++) {
		const struct push_board *b = &c->boards.at[i];
		bool has_dropped = b->is_canary && push_watch_has_dropped(&b->before, &b->watch);

		n_dropped += has_dropped;
		if (b->is_canary)
			push_table_say(&c->table, "%-24s coverage %.3f before, %.3f now%s", b->name,
				       push_watch_coverage(&b->before), push_watch_coverage(&b->watch),
				       has_dropped ? ": dropped" : "");
	}
	if (n_dropped == 0) {
		send_to_all(c);
		return;
	}
	push_table_say(&c->table, "the others are not sent to; the canaries can go back with --rollback");
	finish(c);
}

/* Whatever came, perhaps the phase is over. */
static void go_on(struct client *c)
{
	bool is_measured = count(c, is_unmeasured) == 0, is_answered = count(c, is_awaited) == 0;

	if (c->phase == MEASURING && is_measured)
		send_to_canaries(c);
	else if (c->phase == TRYING_CANARIES && is_answered && count(c, is_failed) == 0)
		measure_again(c);
	else if (c->phase == MEASURING_AGAIN && is_measured)
		judge(c);
	else if ((c->phase == TRYING_CANARIES || c->phase == TRYING_ALL) && is_answered)
		finish(c);
}

/* --- hearing --- */

static void hear_json(struct client *c, struct push_board *b, const char *leaf, const struct mqtt_message *msg)
{
	struct diag d = { .file = "message" };
	struct arena arena = { 0 };
	const struct node *root = NULL;

	if (yaml_parse(msg->payload, msg->payload_bytes, &arena, &d, &root) == 0 && root->kind == NODE_MAP) {
		if (strcmp(leaf, "birth") == 0) {
			push_board_hear_birth(b, root, c->job->to);
		} else if (strcmp(leaf, "status") == 0) {
			push_board_hear_status(b, root);
		} else if (push_board_hear_state(b, root, c->job->hash, c->payload_hash)) {
			if (b->is_done)
				push_table_row(&c->table, b, NULL, NULL);
			push_table_progress(&c->table, &c->boards);
			go_on(c);
		}
	}
	diag_free(&d);
	arena_free(&arena);
}

static void on_message(void *ctx, const struct mqtt_message *msg)
{
	struct client *c = ctx;
	const char *name, *leaf;
	size_t len;
	struct push_board *b;

	leaf = push_link_leaf(&c->link, msg->topic, &name, &len);
	b = leaf ? push_boards_find(&c->boards, name, len) : NULL;
	if (!b)
		return;
	if (strcmp(leaf, "partial") == 0) {
		push_watch_hear(&b->watch, msg->payload, msg->payload_bytes);
		go_on(c);
	} else if (msg->payload_bytes > 0) {
		hear_json(c, b, leaf, msg);
	} else if (strcmp(leaf, "birth") == 0) {
		push_board_hear_birth(b, NULL, c->job->to);
	}
}

/* --- time --- */

static void begin(struct client *c)
{
	size_t n = count(c, is_reachable);

	push_boards_sort(&c->boards);
	if (n == 0) {
		fprintf(stderr, "runnel push: no board of '%s' is online at site %s\n", c->job->to, c->job->conf->site);
		end(c, EXIT_UNAVAILABLE);
	} else if (c->job->n_canary > 0 && c->job->n_canary < n) {
		choose_canaries(c);
	} else {
		send_to_all(c);
	}
}

static void on_timer(void *ctx)
{
	struct client *c = ctx;

	if (!push_link_is_up(&c->link)) {
		end(c, EXIT_UNAVAILABLE);
	} else if (c->phase == GATHERING) {
		begin(c);
	} else {
		if (c->phase == MEASURING || c->phase == MEASURING_AGAIN)
			push_table_say(&c->table,
				       "the canaries did not send a whole window in time: the others are not sent to");
		finish(c);
	}
}

static void on_connected(void *ctx, bool session_present)
{
	struct client *c = ctx;

	(void)session_present;
	if (c->phase == CONNECTING)
		enter(c, GATHERING, GATHER_US);
}

static void on_failed(void *ctx, const char *reason)
{
	struct client *c = ctx;

	fprintf(stderr, "runnel push: no connection: %s\n", reason);
	end(c, EXIT_UNAVAILABLE);
}

static void on_publish_failed(void *ctx, uint64_t id, int code, const char *reason)
{
	struct client *c = ctx;

	(void)id;
	fprintf(stderr, "runnel push: the broker refuses it: %s (code %d)\n", reason, code);
	end(c, EXIT_UNAVAILABLE);
}

static int subscribe(struct client *c)
{
	static const char *const leaves[] = { "birth", "status", "config/state" };
	const char *of = push_is_single(c->job->to) ? c->job->to : "+";
	int r = 0;

	for (size_t i = 0; r == 0 && i < ARRAY_LEN(leaves); i++)
		r = push_link_subscribe(&c->link, of, leaves[i]);
	return r;
}

int push_client_send(const struct push_job *job)
{
	static const struct mqtt_handlers handlers = {
		.connected = on_connected,
		.failed = on_failed,
		.publish_failed = on_publish_failed,
		.message = on_message,
	};
	struct client c = { .job = job, .payload_hash = crc32_of(0, job->payload, job->payload_bytes) };
	int result = push_link_open(&c.link, job->conf, &handlers, on_timer, &c);

	push_table_init(&c.table, job->is_json);
	if (result == EXIT_DONE && subscribe(&c) < 0)
		result = EXIT_FAILED;
	if (result == EXIT_DONE)
		result = push_link_run(&c.link);
	push_link_close(&c.link);
	push_boards_free(&c.boards);
	return result;
}
