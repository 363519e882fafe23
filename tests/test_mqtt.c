/* SPDX-License-Identifier: Apache-2.0 */
/* Against a real mosquitto; without one these tests are skipped. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "tests/broker.h"
#include "tests/mqtt_rig.h"
#include "tests/pause.h"

enum { SOON_MS = 15000, N_MANY = 10000 };

struct fixture {
	struct broker broker;
	struct mqtt_rig rig;
	char url[BROKER_PATH_BYTES];
	struct mqtt_options options;
};

static const char *program; /* argv[0], to run a client that can be killed */

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (!f || broker_init(&f->broker, &(struct broker_options){ .is_persistent = true }) < 0 ||
	    broker_start(&f->broker) < 0)
		return -1;
	f->options.broker = broker_url(&f->broker, f->url);
	mqtt_rig_init(&f->rig);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	mqtt_rig_free(&f->rig);
	broker_free(&f->broker);
	free(f);
	return 0;
}

static bool first_is_up(struct mqtt_rig *rig)
{
	return rig->clients[0].n_up == 1;
}

static bool first_came_back(struct mqtt_rig *rig)
{
	return rig->clients[0].n_up == 2;
}

static bool first_is_down(struct mqtt_rig *rig)
{
	return rig->clients[0].n_down == 1;
}

static bool got_a_message(struct mqtt_rig *rig)
{
	return rig->clients[0].n_messages == 1;
}

static bool published_and_received(struct mqtt_rig *rig)
{
	return rig->clients[0].n_messages == 1 && rig->clients[0].n_published == 1;
}

static bool first_has_stopped(struct mqtt_rig *rig)
{
	return rig->clients[0].n_stopped == 1;
}

static void what_is_published_comes_back(void **state)
{
	struct fixture *f = *state;
	struct mqtt_rig_client *c = mqtt_rig_start(&f->rig, 0, &f->options);
	struct mqtt_status status;

	assert_int_equal(mqtt_subscribe(c->mqtt, "a/+/c", 1), 0);
	assert_true(mqtt_rig_run(&f->rig, first_is_up, SOON_MS));
	assert_false(c->session_present);
	mqtt_rig_publish(c, 7, "a/b/c", "hello", false);
	assert_int_equal(mqtt_n_open(c->mqtt), 1);
	assert_true(mqtt_rig_run(&f->rig, published_and_received, SOON_MS));
	assert_int_equal(c->last_id, 7);
	assert_int_equal(mqtt_n_open(c->mqtt), 0);
	assert_string_equal(c->topic, "a/b/c");
	assert_string_equal(c->payload, "hello");
	assert_false(c->retained);
	mqtt_get_status(c->mqtt, &status);
	assert_int_equal(status.state, MQTT_CONNECTED);
	assert_int_equal(status.protocol, 5);
	assert_int_equal(status.n_connects, 1);
	assert_string_equal(status.last_error, "");
}

static void a_retained_message_waits_for_its_subscriber(void **state)
{
	struct fixture *f = *state;
	struct mqtt_rig_client *c = mqtt_rig_start(&f->rig, 0, &f->options);
	struct mqtt_message nothing = { .topic = "kept", .qos = 1, .retained = true };

	assert_true(mqtt_rig_run(&f->rig, first_is_up, SOON_MS));
	mqtt_rig_publish(c, 1, "kept", "old", true);
	mqtt_rig_publish(c, 2, "kept", "new", true);
	mqtt_rig_publish(c, 3, "gone", "x", true);
	nothing.topic = "gone"; /* an empty one takes it back */
	assert_int_equal(mqtt_publish(c->mqtt, 4, &nothing), 0);
	assert_int_equal(mqtt_subscribe(c->mqtt, "#", 1), 0);
	assert_true(mqtt_rig_run(&f->rig, got_a_message, SOON_MS));
	assert_string_equal(c->payload, "new");
	assert_true(c->retained);
	mqtt_rig_idle(&f->rig, 100);
	assert_int_equal(c->n_messages, 1);
}

/* --- many in and out --- */

struct many {
	unsigned n_sent, n_received;
	bool in_order;
};

static void send_more(struct mqtt_rig_client *c)
{
	struct many *many = c->extra;

	while (many->n_sent < N_MANY) {
		struct mqtt_message msg = {
			.topic = "many", .payload = &many->n_sent, .payload_bytes = sizeof(unsigned), .qos = 1
		};

		if (mqtt_publish(c->mqtt, many->n_sent, &msg) == -EAGAIN)
			return;
		many->n_sent++;
	}
}

static void count_one(struct mqtt_rig_client *c, const struct mqtt_message *msg)
{
	struct many *many = c->extra;
	unsigned value;

	assert_int_equal(msg->payload_bytes, sizeof(value));
	memcpy(&value, msg->payload, sizeof(value));
	many->in_order = many->in_order && value == many->n_received;
	many->n_received++;
	if (value % 1000 == 0)
		pause_ms(20); /* the receiver is slow now and then: the bound holds the broker back */
}

static bool all_have_arrived(struct mqtt_rig *rig)
{
	struct many *many = rig->clients[0].extra;

	return many->n_received >= N_MANY && rig->clients[0].n_published == N_MANY;
}

static void of_ten_thousand_messages_none_is_lost_doubled_or_out_of_order(void **state)
{
	struct fixture *f = *state;
	struct many many = { .in_order = true };
	struct mqtt_rig_client *c;

	/* Room for one message: paho's thread waits for the loop all the time, while the loop calls paho. */
	f->options.max_receive_bytes = 64;
	f->options.max_open = 100;
	c = mqtt_rig_start(&f->rig, 0, &f->options);
	c->extra = &many;
	c->on_message = count_one;
	c->on_published = send_more;
	assert_int_equal(mqtt_subscribe(c->mqtt, "many", 1), 0);
	assert_true(mqtt_rig_run(&f->rig, first_is_up, SOON_MS));
	mqtt_rig_idle(&f->rig, 200); /* the subscription stands */
	send_more(c);
	assert_int_equal(mqtt_n_open(c->mqtt), 20); /* mosquitto's receive maximum */
	assert_true(mqtt_rig_run(&f->rig, all_have_arrived, 200000));
	assert_int_equal(many.n_received, N_MANY);
	assert_true(many.in_order);
}

static bool both_are_up(struct mqtt_rig *rig)
{
	return rig->clients[0].n_up == 1 && rig->clients[1].n_up == 1;
}

/* --- losing the broker --- */

static void a_broker_that_dies_is_found_again_with_the_subscriptions(void **state)
{
	struct fixture *f = *state;
	struct mqtt_rig_client *c = mqtt_rig_start(&f->rig, 0, &f->options);
	struct mqtt_message msg = { .topic = "t", .qos = 1 };

	assert_int_equal(mqtt_subscribe(c->mqtt, "back", 1), 0);
	assert_true(mqtt_rig_run(&f->rig, first_is_up, SOON_MS));
	kill(f->broker.pid, SIGSTOP); /* so that no answer can come */
	mqtt_rig_publish(c, 1, "t", "void", false);
	mqtt_rig_idle(&f->rig, 50);
	broker_kill(&f->broker);
	assert_true(mqtt_rig_run(&f->rig, first_is_down, SOON_MS));
	assert_string_not_equal(c->reason, "");
	assert_int_equal(mqtt_n_open(c->mqtt), 0);
	assert_int_equal(mqtt_publish(c->mqtt, 2, &msg), -ENOTCONN);
	assert_int_equal(broker_start(&f->broker), 0);
	assert_true(mqtt_rig_run(&f->rig, first_came_back, SOON_MS));
	assert_int_equal(c->n_published + c->n_failed, 0); /* it was void */
	mqtt_rig_publish(c, 3, "back", "again", false);
	assert_true(mqtt_rig_run(&f->rig, published_and_received, SOON_MS));
	assert_int_equal(c->last_id, 3);
}

static bool first_was_refused(struct mqtt_rig *rig)
{
	struct mqtt_status status;

	mqtt_get_status(rig->clients[0].mqtt, &status);
	return status.n_attempts_failed > 0;
}

static bool never(struct mqtt_rig *rig UNUSED)
{
	return false;
}

static void a_broker_that_comes_later_is_found(void **state)
{
	struct fixture *f = *state;
	struct mqtt_rig_client *c;
	struct mqtt_status status;

	broker_stop(&f->broker);
	c = mqtt_rig_start(&f->rig, 0, &f->options);
	assert_false(mqtt_rig_run(&f->rig, never, 700));
	assert_true(first_was_refused(&f->rig));
	mqtt_get_status(c->mqtt, &status);
	assert_string_equal(status.last_error, "Connection refused");
	assert_int_equal(broker_start(&f->broker), 0);
	assert_true(mqtt_rig_run(&f->rig, first_is_up, SOON_MS));
	assert_int_equal(c->n_down, 0);
}

static void a_session_keeps_messages_while_the_client_is_away(void **state)
{
	struct fixture *f = *state;
	struct mqtt_options lasting = f->options;
	struct mqtt_rig_client *c;

	lasting.session_expiry_s = 600;
	c = mqtt_rig_start(&f->rig, 0, &lasting);
	assert_int_equal(mqtt_subscribe(c->mqtt, "later", 1), 0);
	assert_true(mqtt_rig_run(&f->rig, first_is_up, SOON_MS));
	mqtt_rig_idle(&f->rig, 200);
	mqtt_free(c->mqtt);

	c = mqtt_rig_start(&f->rig, 1, &f->options);
	assert_true(mqtt_rig_run(&f->rig, both_are_up, SOON_MS));
	mqtt_rig_publish(c, 1, "later", "kept for you", false);
	for (int i = 0; i < 50 && c->n_published == 0; i++)
		mqtt_rig_idle(&f->rig, 100);
	assert_int_equal(c->n_published, 1);

	c = mqtt_rig_start(&f->rig, 0, &lasting);
	assert_true(mqtt_rig_run(&f->rig, got_a_message, SOON_MS));
	assert_true(c->session_present);
	assert_string_equal(c->payload, "kept for you");
}

static void a_second_client_with_the_same_id_throws_the_first_one_out(void **state)
{
	struct fixture *f = *state;
	struct mqtt_rig_client *c;

	f->options.client_id = "twin";
	c = mqtt_rig_start(&f->rig, 0, &f->options);
	assert_true(mqtt_rig_run(&f->rig, first_is_up, SOON_MS));
	mqtt_rig_start(&f->rig, 1, &f->options);
	assert_true(mqtt_rig_run(&f->rig, first_is_down, SOON_MS));
	assert_string_not_equal(c->reason, "");
}

/* --- the will --- */

/* What the program does when it is called with the address of a broker: connect and die. */
static int live_and_die(const char *url)
{
	static struct mqtt_rig rig;
	struct mqtt_message will = { "will", "he is dead", 10, 1, true, 0 };
	struct mqtt_options o = { .broker = url, .client_id = "mortal", .will = &will };

	mqtt_rig_init(&rig);
	mqtt_rig_start(&rig, 0, &o);
	if (mqtt_rig_run(&rig, first_is_up, SOON_MS))
		raise(SIGKILL);
	return 1;
}

static void the_will_is_told_when_the_client_dies(void **state)
{
	struct fixture *f = *state;
	struct mqtt_rig_client *c = mqtt_rig_start(&f->rig, 0, &f->options);
	pid_t pid;

	assert_int_equal(mqtt_subscribe(c->mqtt, "will", 1), 0);
	assert_true(mqtt_rig_run(&f->rig, first_is_up, SOON_MS));
	mqtt_rig_idle(&f->rig, 200);
	pid = fork();
	if (pid == 0) {
		execl(program, program, f->url, (char *)NULL);
		_exit(127);
	}
	assert_true(mqtt_rig_run(&f->rig, got_a_message, SOON_MS));
	assert_string_equal(c->payload, "he is dead");
	waitpid(pid, NULL, 0);
}

static void the_will_is_not_told_after_a_good_bye_and_what_was_sent_before_arrives(void **state)
{
	struct fixture *f = *state;
	struct mqtt_message will = { "end/will", "he is dead", 10, 1, true, 0 };
	struct mqtt_options mortal = f->options;
	struct mqtt_rig_client *c, *watcher;

	mortal.will = &will;
	c = mqtt_rig_start(&f->rig, 0, &mortal);
	watcher = mqtt_rig_start(&f->rig, 1, &f->options);
	assert_int_equal(mqtt_subscribe(watcher->mqtt, "end/#", 1), 0);
	assert_true(mqtt_rig_run(&f->rig, both_are_up, SOON_MS));
	mqtt_rig_idle(&f->rig, 200);
	mqtt_rig_publish(c, 1, "end/last words", "good-bye", false);
	mqtt_stop(c->mqtt, 5000000);
	assert_true(mqtt_rig_run(&f->rig, first_has_stopped, SOON_MS));
	assert_int_equal(c->n_published, 1);
	mqtt_rig_idle(&f->rig, 300);
	assert_int_equal(watcher->n_messages, 1);
	assert_string_equal(watcher->payload, "good-bye");
	assert_int_equal(c->n_down, 0);
}

#define WITH_BROKER(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		WITH_BROKER(what_is_published_comes_back),
		WITH_BROKER(a_retained_message_waits_for_its_subscriber),
		WITH_BROKER(of_ten_thousand_messages_none_is_lost_doubled_or_out_of_order),
		WITH_BROKER(a_broker_that_dies_is_found_again_with_the_subscriptions),
		WITH_BROKER(a_broker_that_comes_later_is_found),
		WITH_BROKER(a_session_keeps_messages_while_the_client_is_away),
		WITH_BROKER(a_second_client_with_the_same_id_throws_the_first_one_out),
		WITH_BROKER(the_will_is_told_when_the_client_dies),
		WITH_BROKER(the_will_is_not_told_after_a_good_bye_and_what_was_sent_before_arrives),
	};

	log_set_level(LOG_LEVEL_ERROR);
	if (argc == 2)
		return live_and_die(argv[1]);
	program = argv[0];
	if (!broker_is_installed()) {
		printf("skipped: no mosquitto or openssl here\n");
		return 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
