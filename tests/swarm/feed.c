/* SPDX-License-Identifier: Apache-2.0 */
/*
 * feed SCRIPT BROKER SENT - the voice of a swarm: publishes what a script says, when it says so, and answers requests to send again.
 *
 * One line of the script is one message; swarm.py writes it. What boards compute is not decided here: a part comes as its raw samples,
 * which are summed in the plainest way and go through the project's own encoder. One connection speaks for all devices, so that the
 * order in which messages reach the collector is the one noted in SENT, a line number for each.
 *
 *   C HASH TEXT                                  a contract that later lines name
 *   DUE m RETAIN TOPIC HEX                       any message; HEX "-": empty
 *   DUE p TOPIC HASH SITE DEVICE BOOT SEQ W0 WL PART FLAGS WM METRICS, then for each metric
 *         ID EXPECTED COVERED_MS BAD INCREASE RESETS SAMPLES (MS K)... HELD (K MS)...
 *
 * DUE is in Unix ms; 0: at once; -1: only when it is asked for on the device's topic cmd. "done" on stdout says that all lines have been
 * sent; requests are answered until stdin ends.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/loop.h"
#include "base/mqtt.h"
#include "tests/swarm/script.h"

enum { MAX_OPEN = 200, MAX_ASKED = 1 << 16, MAX_SEQ_ASKED = 10000 };

struct feed {
	struct script script;
	size_t next;   /* line */
	size_t *asked; /* lines to be sent again, a ring */
	size_t asked_from, n_asked;
	struct loop *loop;
	struct loop_timer *timer;
	struct loop_fd *input;
	struct mqtt *mqtt;
	FILE *sent;
	bool is_told;
};

/* --- sending --- */

/* @return whether it is under way */
static bool publish(struct feed *f, size_t i)
{
	const struct line *l = &f->script.lines[i];
	struct mqtt_message m = { l->topic, l->payload, l->bytes, 1, l->is_retained, 0 };
	int r = mqtt_publish(f->mqtt, i, &m);

	script_must(r == 0 || r == -EAGAIN || r == -ENOTCONN, "the broker does not take a message");
	if (r == 0)
		fprintf(f->sent, "%zu\n", i);
	return r == 0;
}

static void tell_when_done(struct feed *f)
{
	if (f->is_told || f->next < f->script.n || mqtt_n_open(f->mqtt) > 0)
		return;
	f->is_told = true;
	fflush(f->sent);
	puts("done");
	fflush(stdout);
}

static void send_due(void *ctx)
{
	struct feed *f = ctx;
	int64_t now_us = loop_wall_us();

	while (f->n_asked > 0 && publish(f, f->asked[f->asked_from % MAX_ASKED])) {
		f->asked_from++;
		f->n_asked--;
	}
	while (f->next < f->script.n) {
		const struct line *l = &f->script.lines[f->next];
		bool is_skipped = !l->topic || l->due_us < 0;

		if (!is_skipped && l->due_us > now_us) {
			loop_timer_set(f->timer, loop_mono_us() + (l->due_us - now_us));
			break;
		}
		if (!is_skipped && !publish(f, f->next))
			break; /* goes on when something was published */
		f->next++;
	}
	tell_when_done(f);
}

static void on_connected(void *ctx, bool session_present UNUSED)
{
	send_due(ctx);
}

static void on_disconnected(void *ctx UNUSED, const char *reason)
{
	script_must(false, reason); /* what was open may be lost: the order that was noted is void */
}

static void on_published(void *ctx, uint64_t id UNUSED)
{
	send_due(ctx);
}

/* --- requests --- */

static uint32_t member(const char *text, const char *key)
{
	char quoted[32];
	const char *at;

	snprintf(quoted, sizeof(quoted), "\"%s\":", key);
	at = strstr(text, quoted);
	return at ? (uint32_t)strtoul(at + strlen(quoted), NULL, 10) : 0;
}

static bool is_asked_for(const struct line *l, const char *topic, uint32_t boot, uint32_t from, uint32_t to)
{
	size_t len = strlen(topic) - strlen("cmd");

	return l->seq >= from && l->seq <= to && l->boot == boot && l->topic && strncmp(l->topic, topic, len) == 0 &&
	       strcmp(l->topic + len, "partial") == 0;
}

/* Each number once: the first that was made, as the others are its copies. */
static void on_message(void *ctx, const struct mqtt_message *m)
{
	static bool is_taken[MAX_SEQ_ASKED];
	struct feed *f = ctx;
	char text[512];
	uint32_t boot, from, to;

	snprintf(text, sizeof(text), "%.*s", (int)m->payload_bytes, (const char *)m->payload);
	boot = member(text, "boot");
	from = member(text, "from");
	to = member(text, "to");
	if (!strstr(text, "\"resend\"") || from == 0 || to >= MAX_SEQ_ASKED)
		return;
	memset(is_taken, 0, sizeof(is_taken));
	for (size_t i = 0; i < f->script.n; i++) {
		const struct line *l = &f->script.lines[i];

		if (!is_asked_for(l, m->topic, boot, from, to) || is_taken[l->seq] || (l->due_us >= 0 && i >= f->next))
			continue;
		script_must(f->n_asked < MAX_ASKED, "too much is asked for");
		is_taken[l->seq] = true;
		f->asked[(f->asked_from + f->n_asked++) % MAX_ASKED] = i;
	}
	send_due(f);
}

static void on_input(void *ctx, unsigned events UNUSED)
{
	struct feed *f = ctx;
	char ignored[64];

	if (read(STDIN_FILENO, ignored, sizeof(ignored)) == 0)
		loop_stop(f->loop, 0);
}

static void start(struct feed *f, const char *broker)
{
	static const struct mqtt_handlers handlers = { .connected = on_connected,
						       .disconnected = on_disconnected,
						       .published = on_published,
						       .message = on_message };
	struct mqtt_options options = { .broker = broker, .client_id = "swarm", .max_open = MAX_OPEN };

	script_must(loop_create(&f->loop) == 0, "no loop");
	script_must(loop_timer_create(f->loop, &f->timer, send_due, f) == 0, "no timer");
	script_must(loop_fd_create(f->loop, &f->input, STDIN_FILENO, on_input, f) == 0, "stdin cannot be watched");
	loop_fd_watch(f->input, LOOP_READABLE);
	script_must(mqtt_create(&f->mqtt, f->loop, &options, &handlers, f) == 0, "no connection");
	script_must(mqtt_subscribe(f->mqtt, "runnel/1/+/+/cmd", 1) == 0, "no subscription");
	mqtt_start(f->mqtt);
}

static void stop(struct feed *f)
{
	mqtt_free(f->mqtt);
	loop_fd_free(f->input);
	loop_timer_free(f->timer);
	loop_free(f->loop);
	free(f->asked);
	script_free(&f->script);
}

int main(int argc, char **argv)
{
	struct feed f = { 0 };

	script_must(argc == 4, "usage: feed SCRIPT BROKER SENT");
	f.asked = calloc(MAX_ASKED, sizeof(f.asked[0]));
	f.sent = fopen(argv[3], "w");
	script_must(f.asked && f.sent, argv[3]);
	script_read(&f.script, argv[1]);
	start(&f, argv[2]);
	loop_run(f.loop);
	stop(&f);
	return fclose(f.sent) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
