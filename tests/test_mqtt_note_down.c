/* SPDX-License-Identifier: Apache-2.0 */
/* What options.note_down() promises, against a real mosquitto: it comes before the acknowledgement. Without a broker these tests are skipped. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "tests/broker.h"
#include "tests/mqtt_rig.h"

enum { SOON_MS = 15000, N_MESSAGES = 50 };

struct fixture {
	struct broker broker;
	struct mqtt_rig rig;
	char url[BROKER_PATH_BYTES];
	struct mqtt_options options, sender;
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (!f || broker_init(&f->broker, &(struct broker_options){ .is_persistent = true }) < 0 ||
	    broker_start(&f->broker) < 0)
		return -1;
	f->sender.broker = f->options.broker = broker_url(&f->broker, f->url);
	f->options.client_id = "collects";
	f->options.session_expiry_s = 600;
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	broker_free(&f->broker);
	free(f);
	return 0;
}

static bool sender_is_up(struct mqtt_rig *rig)
{
	return rig->clients[0].n_up == 1;
}

static bool got_a_message(struct mqtt_rig *rig)
{
	return rig->clients[1].n_messages > 0;
}

static bool got_all_messages(struct mqtt_rig *rig)
{
	return rig->clients[1].n_messages == N_MESSAGES;
}

static bool never(struct mqtt_rig *rig)
{
	(void)rig;
	return false;
}

/* --- a death before the acknowledgement --- */

static uint64_t write_and_die(void *ctx, const struct mqtt_message *msg)
{
	const int *fd = ctx;

	if (write(*fd, msg->payload, msg->payload_bytes) != (ssize_t)msg->payload_bytes)
		_exit(1);
	_exit(9);
}

static _Noreturn void collect_and_die(struct fixture *f, int fd)
{
	struct mqtt_rig_client *c;

	f->options.note_down = write_and_die;
	f->options.note_down_ctx = &fd;
	mqtt_rig_init(&f->rig);
	c = mqtt_rig_start(&f->rig, 1, &f->options);
	if (mqtt_subscribe(c->mqtt, "t", 1) == 0)
		mqtt_rig_run(&f->rig, never, SOON_MS);
	_exit(2);
}

/* Before it has subscribed, what is sent is nobody's. */
static void send_until_it_dies(struct fixture *f, pid_t child)
{
	int status = 0;

	assert_true(mqtt_rig_run(&f->rig, sender_is_up, SOON_MS));
	for (unsigned i = 0; waitpid(child, &status, WNOHANG) == 0; i++) {
		char text[16];

		assert_true(i < 300);
		snprintf(text, sizeof(text), "%u", i);
		mqtt_rig_publish(&f->rig.clients[0], i, "t", text, false);
		mqtt_rig_idle(&f->rig, 50);
	}
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 9);
}

static void keep_first(struct mqtt_rig_client *c, const struct mqtt_message *msg)
{
	char *first = c->extra;

	if (first[0] == '\0')
		snprintf(first, 16, "%.*s", (int)msg->payload_bytes, (const char *)msg->payload);
}

static void a_message_at_which_it_dies_comes_again(void **state)
{
	struct fixture *f = *state;
	struct mqtt_rig_client *c;
	char noted[16] = "", first[16] = "";
	int fds[2];
	pid_t child;

	assert_int_equal(pipe(fds), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0)
		collect_and_die(f, fds[1]);
	mqtt_rig_init(&f->rig);
	mqtt_rig_start(&f->rig, 0, &f->sender);
	send_until_it_dies(f, child);
	assert_true(read(fds[0], noted, sizeof(noted) - 1) > 0);

	c = mqtt_rig_start(&f->rig, 1, &f->options);
	c->on_message = keep_first;
	c->extra = first;
	assert_true(mqtt_rig_run(&f->rig, got_a_message, SOON_MS));
	assert_true(c->session_present);
	assert_string_equal(first, noted);
	close(fds[0]);
	close(fds[1]);
	mqtt_rig_free(&f->rig);
}

/* --- marks --- */

struct notes {
	pthread_t thread;
	uint64_t n;
	uint64_t last_mark;
	bool is_in_order;
};

static uint64_t count(void *ctx, const struct mqtt_message *msg)
{
	struct notes *n = ctx;

	assert_int_equal(msg->qos, 1);
	assert_false(pthread_equal(n->thread, pthread_self()));
	return 100 + ++n->n;
}

static void compare_mark(struct mqtt_rig_client *c, const struct mqtt_message *msg)
{
	struct notes *n = c->extra;

	if (msg->qos == 0) {
		n->is_in_order = n->is_in_order && msg->mark == 0;
		return;
	}
	n->is_in_order = n->is_in_order && msg->mark == n->last_mark + 1;
	n->last_mark = msg->mark;
}

static void each_message_brings_the_mark_it_was_given(void **state)
{
	struct fixture *f = *state;
	struct notes notes = { .thread = pthread_self(), .last_mark = 100, .is_in_order = true };
	struct mqtt_rig_client *c;

	f->options.note_down = count;
	f->options.note_down_ctx = &notes;
	f->sender.max_open = N_MESSAGES;
	mqtt_rig_init(&f->rig);
	c = mqtt_rig_start(&f->rig, 1, &f->options);
	c->on_message = compare_mark;
	c->extra = &notes;
	assert_int_equal(mqtt_subscribe(c->mqtt, "t", 1), 0);
	mqtt_rig_idle(&f->rig, 500);
	mqtt_rig_start(&f->rig, 0, &f->sender);
	assert_true(mqtt_rig_run(&f->rig, sender_is_up, SOON_MS));
	for (unsigned i = 0; i < N_MESSAGES; i++) {
		struct mqtt_message msg = { .topic = "t", .payload = "x", .payload_bytes = 1, .qos = i % 5 != 0 };

		while (mqtt_publish(f->rig.clients[0].mqtt, i, &msg) < 0)
			mqtt_rig_idle(&f->rig, 10);
	}
	assert_true(mqtt_rig_run(&f->rig, got_all_messages, SOON_MS));
	assert_true(notes.is_in_order);
	assert_int_equal(notes.n, N_MESSAGES - N_MESSAGES / 5);
	assert_int_equal(notes.last_mark, 100 + notes.n);
	mqtt_rig_free(&f->rig);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_message_at_which_it_dies_comes_again, set_up, tear_down),
		cmocka_unit_test_setup_teardown(each_message_brings_the_mark_it_was_given, set_up, tear_down),
	};

	log_set_level(LOG_LEVEL_ERROR);
	if (!broker_is_installed()) {
		printf("skipped: no mosquitto or openssl here\n");
		return 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
