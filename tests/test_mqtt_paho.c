/* SPDX-License-Identifier: Apache-2.0 */
/* Connections that must not come about, and what is said then: a real mosquitto with passwords and TLS, and fake ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "tests/broker.h"
#include "tests/fake_broker.h"
#include "tests/mqtt_rig.h"

enum { SOON_MS = 15000 };

static bool is_up(struct mqtt_rig *rig)
{
	return rig->clients[0].n_up == 1;
}

static bool is_down(struct mqtt_rig *rig)
{
	return rig->clients[0].n_down == 1;
}

static bool has_stopped(struct mqtt_rig *rig)
{
	return rig->clients[0].n_stopped == 1;
}

static struct mqtt_status status_of(struct mqtt_rig *rig)
{
	struct mqtt_status status;

	mqtt_get_status(rig->clients[0].mqtt, &status);
	return status;
}

/* Nothing is called when an attempt fails, so look now and then. */
static bool fails_within(struct mqtt_rig *rig, int timeout_ms)
{
	for (int ms = 0; ms < timeout_ms && status_of(rig).n_attempts_failed == 0; ms += 20)
		mqtt_rig_idle(rig, 20);
	return status_of(rig).n_attempts_failed > 0 && rig->clients[0].n_up == 0;
}

static void write_text(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

/* --- a real broker --- */

static int set_up(void **state)
{
	struct broker *b = calloc(1, sizeof(*b));
	struct broker_options o = { .user = "agent", .password = "s3cret word", .has_tls = true };

	*state = b;
	return !b || broker_init(b, &o) < 0 ? -1 : broker_start(b);
}

static int tear_down(void **state)
{
	broker_free(*state);
	free(*state);
	return 0;
}

static void a_wrong_password_is_named_and_a_right_one_in_the_file_is_found(void **state)
{
	struct broker *b = *state;
	char url[BROKER_PATH_BYTES], path[BROKER_PATH_BYTES];
	struct mqtt_options o = { .broker = broker_url(b, url), .username = "agent" };
	struct mqtt_rig rig;

	o.password_file = broker_path(b, "password", path);
	mqtt_rig_init(&rig);
	mqtt_rig_start(&rig, 0, &o);
	assert_true(fails_within(&rig, SOON_MS));
	assert_non_null(strstr(status_of(&rig).last_error, "password_file "));
	assert_non_null(strstr(status_of(&rig).last_error, "No such file"));

	write_text(path, "wrong\n");
	for (int i = 0; i < 300 && !strstr(status_of(&rig).last_error, "not authorised"); i++)
		mqtt_rig_idle(&rig, 20);
	assert_string_equal(status_of(&rig).last_error, "not authorised (check user name and password)");

	write_text(path, "s3cret word\r\n");
	assert_true(mqtt_rig_run(&rig, is_up, SOON_MS));
	mqtt_rig_free(&rig);
}

struct tls_case {
	const char *host, *ca, *error; /* error NULL: it connects */
	bool to_plain_port;
};

static void tls_takes_only_a_certificate_of_the_authority_for_the_host(void **state)
{
	static const struct tls_case cases[] = {
		{ "localhost", "ca.pem", NULL, false },
		{ "localhost", "other.pem", "the broker's certificate is not trusted: unknown CA", false },
		{ "127.0.0.1", "ca.pem", "the broker's certificate is for another host name", false },
		{ "localhost", NULL, "the broker's certificate is not trusted: unknown CA", false },
		{ "localhost", "missing.pem", "No such file or directory", false },
		{ "localhost", "mosquitto.conf", "ca_file holds no certificate", false },
		{ "127.0.0.1", "ca.pem", "no TLS connection (is this its TLS port?)", true },
	};
	struct broker *b = *state;
	char password[BROKER_PATH_BYTES];

	write_text(broker_path(b, "password", password), "s3cret word");
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct tls_case *c = &cases[i];
		char url[BROKER_PATH_BYTES], ca[BROKER_PATH_BYTES];
		struct mqtt_options o = { .broker = url, .username = "agent", .password_file = password };
		struct mqtt_rig rig;

		snprintf(url, sizeof(url), "mqtts://%s:%u", c->host, c->to_plain_port ? b->port : b->tls_port);
		o.ca_file = c->ca ? broker_path(b, c->ca, ca) : NULL;
		mqtt_rig_init(&rig);
		mqtt_rig_start(&rig, 0, &o);
		if (c->error) {
			assert_true(fails_within(&rig, SOON_MS));
			if (!strstr(status_of(&rig).last_error, c->error))
				fail_msg("case %zu: %s", i, status_of(&rig).last_error);
		} else {
			assert_true(mqtt_rig_run(&rig, is_up, SOON_MS));
		}
		mqtt_rig_free(&rig);
	}
}

static void a_broker_that_asks_for_a_certificate_gets_it(void **state UNUSED)
{
	struct broker_options with = { .has_tls = true, .needs_certificate = true };
	char url[BROKER_PATH_BYTES], ca[BROKER_PATH_BYTES], cert[BROKER_PATH_BYTES], key[BROKER_PATH_BYTES];
	struct mqtt_options o = { .broker = url };
	struct mqtt_rig rig;
	struct broker b;

	assert_int_equal(broker_init(&b, &with), 0);
	assert_int_equal(broker_start(&b), 0);
	snprintf(url, sizeof(url), "mqtts://localhost:%u", b.tls_port);
	o.ca_file = broker_path(&b, "ca.pem", ca);
	mqtt_rig_init(&rig);
	mqtt_rig_start(&rig, 0, &o);
	assert_true(fails_within(&rig, SOON_MS));
	mqtt_free(rig.clients[0].mqtt);

	o.cert_file = broker_path(&b, "client.pem", cert);
	o.key_file = broker_path(&b, "other.key", key);
	mqtt_rig_start(&rig, 0, &o);
	assert_true(fails_within(&rig, SOON_MS));
	assert_string_equal(status_of(&rig).last_error, "key_file holds no key, or not the one of cert_file");
	mqtt_free(rig.clients[0].mqtt);

	o.key_file = broker_path(&b, "client.key", key);
	mqtt_rig_start(&rig, 0, &o);
	assert_true(mqtt_rig_run(&rig, is_up, SOON_MS));
	mqtt_rig_free(&rig);
	broker_free(&b);
}

/* --- fake ones --- */

static struct mqtt_options fake_options(struct fake_broker *b, enum fake_manner manner, char url[BROKER_PATH_BYTES])
{
	fake_broker_start(b, manner);
	snprintf(url, BROKER_PATH_BYTES, "mqtt://127.0.0.1:%u", b->port);
	return (struct mqtt_options){ .broker = url };
}

static void a_connection_that_is_given_up_is_made_anew_and_the_next_broker_tried(void **state UNUSED)
{
	char url[BROKER_PATH_BYTES], nowhere[BROKER_PATH_BYTES];
	const char *others[] = { url };
	struct fake_broker b;
	struct mqtt_options o = fake_options(&b, FAKE_REFUSES_5, url);
	struct mqtt_rig rig;

	snprintf(nowhere, sizeof(nowhere), "mqtt://127.0.0.1:%u", broker_free_port());
	o.broker = nowhere;
	o.others = others;
	o.n_others = 1;
	mqtt_rig_init(&rig);
	mqtt_rig_start(&rig, 0, &o);
	assert_true(mqtt_rig_run(&rig, is_up, SOON_MS));
	mqtt_reconnect(rig.clients[0].mqtt, "it acknowledges nothing");
	assert_int_equal(rig.clients[0].n_down, 0); /* told from the loop */
	assert_true(mqtt_rig_run(&rig, is_down, SOON_MS));
	assert_string_equal(rig.clients[0].reason, "it acknowledges nothing");
	rig.clients[0].n_up = 0;
	assert_true(mqtt_rig_run(&rig, is_up, SOON_MS));
	mqtt_rig_free(&rig);
	fake_broker_stop(&b);
}

static void a_broker_without_5_0_gets_3_1_1(void **state UNUSED)
{
	static const enum fake_manner manners[] = { FAKE_REFUSES_5, FAKE_REFUSES_5_LIKE_311, FAKE_HANGS_UP_ON_5 };

	for (size_t i = 0; i < ARRAY_LEN(manners); i++) {
		char url[BROKER_PATH_BYTES];
		struct fake_broker b;
		struct mqtt_options o = fake_options(&b, manners[i], url);
		struct mqtt_rig rig;

		mqtt_rig_init(&rig);
		mqtt_rig_start(&rig, 0, &o);
		assert_true(mqtt_rig_run(&rig, is_up, SOON_MS));
		assert_int_equal(status_of(&rig).protocol, 4);
		assert_int_equal(atomic_load(&b.n_connects_5), 1);
		assert_int_equal(atomic_load(&b.n_connects_311), 1);
		mqtt_rig_free(&rig);
		fake_broker_stop(&b);
	}
}

static void a_broker_that_never_answers_is_given_up(void **state UNUSED)
{
	char url[BROKER_PATH_BYTES];
	struct fake_broker b;
	struct mqtt_options o = fake_options(&b, FAKE_SILENT, url);
	struct mqtt_rig rig;

	o.connect_timeout_s = 1;
	mqtt_rig_init(&rig);
	mqtt_rig_start(&rig, 0, &o);
	assert_true(fails_within(&rig, 9000));
	assert_string_equal(status_of(&rig).last_error, "no answer");
	mqtt_rig_free(&rig);
	fake_broker_stop(&b);
}

static void stop_and_free_do_not_wait_for_a_broker_that_does_not_answer(void **state UNUSED)
{
	char url[BROKER_PATH_BYTES];
	struct fake_broker b;
	struct mqtt_options o = fake_options(&b, FAKE_SILENT, url);
	struct mqtt_rig rig;
	int64_t start_us;

	mqtt_rig_init(&rig);
	mqtt_rig_start(&rig, 0, &o);
	mqtt_rig_idle(&rig, 300);
	start_us = loop_mono_us();
	mqtt_stop(rig.clients[0].mqtt, 10000000);
	assert_true(mqtt_rig_run(&rig, has_stopped, SOON_MS));
	assert_int_equal(status_of(&rig).state, MQTT_STOPPED);
	mqtt_rig_free(&rig);
	assert_true(loop_mono_us() - start_us < 8000000); /* a farewell may take 10 s, and so may a connect */
	fake_broker_stop(&b);
}

static void noise_instead_of_an_answer_is_a_failure(void **state UNUSED)
{
	char url[BROKER_PATH_BYTES];
	struct fake_broker b;
	struct mqtt_options o = fake_options(&b, FAKE_GARBAGE, url);
	struct mqtt_rig rig;

	o.connect_timeout_s = 1;
	mqtt_rig_init(&rig);
	mqtt_rig_start(&rig, 0, &o);
	assert_true(fails_within(&rig, 9000));
	mqtt_rig_free(&rig);
	fake_broker_stop(&b);
}

static void noise_after_the_answer_ends_the_connection(void **state UNUSED)
{
	char url[BROKER_PATH_BYTES];
	struct fake_broker b;
	struct mqtt_options o = fake_options(&b, FAKE_GARBAGE_LATER, url);
	struct mqtt_rig rig;

	mqtt_rig_init(&rig);
	mqtt_rig_start(&rig, 0, &o);
	assert_true(mqtt_rig_run(&rig, is_down, SOON_MS));
	assert_int_equal(rig.clients[0].n_messages, 0);
	mqtt_rig_free(&rig);
	fake_broker_stop(&b);
}

static void the_reason_a_broker_gives_for_a_good_bye_is_passed_on(void **state UNUSED)
{
	char url[BROKER_PATH_BYTES];
	struct fake_broker b;
	struct mqtt_options o = fake_options(&b, FAKE_THROWS_OUT, url);
	struct mqtt_rig rig;

	mqtt_rig_init(&rig);
	mqtt_rig_start(&rig, 0, &o);
	assert_true(mqtt_rig_run(&rig, is_down, SOON_MS));
	assert_string_equal(rig.clients[0].reason, "another client has connected with the same client identifier");
	mqtt_rig_free(&rig);
	fake_broker_stop(&b);
}

static void what_a_broker_would_not_take_is_refused_here(void **state UNUSED)
{
	static const struct mqtt_handlers none = { 0 };
	struct mqtt_message will = { .topic = "a/#" }, msg = { .topic = "a/b", .qos = 1 };
	const struct mqtt_options bad[] = {
		{ .client_id = NULL },
		{ .client_id = "" },
		{ .client_id = "x", .broker = "http://localhost" },
		{ .client_id = "x", .broker = "mqtt://localhost:0" },
		{ .client_id = "x", .will = &will },
		{ .client_id = "x", .keep_alive_s = 65536 },
	};
	struct mqtt *mqtt = NULL;
	struct mqtt_rig rig;

	mqtt_rig_init(&rig);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_int_equal(mqtt_create(&mqtt, rig.loop, &bad[i], &none, NULL), -EINVAL);
	assert_null(mqtt);
	assert_int_equal(mqtt_create(&mqtt, rig.loop, &(struct mqtt_options){ .client_id = "x" }, &none, NULL), 0);
	assert_int_equal(mqtt_publish(mqtt, 1, &msg), -ENOTCONN);
	msg.qos = 2;
	assert_int_equal(mqtt_publish(mqtt, 1, &msg), -EINVAL);
	assert_int_equal(mqtt_publish(mqtt, 1, &will), -EINVAL);
	assert_int_equal(mqtt_subscribe(mqtt, "a/b#", 1), -EINVAL);
	assert_int_equal(mqtt_subscribe(mqtt, "a/#", 1), 0);
	mqtt_free(mqtt);
	mqtt_rig_free(&rig);
}

#define WITH_BROKER(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	static const struct CMUnitTest with_broker[] = {
		WITH_BROKER(a_wrong_password_is_named_and_a_right_one_in_the_file_is_found),
		WITH_BROKER(tls_takes_only_a_certificate_of_the_authority_for_the_host),
		cmocka_unit_test(a_broker_that_asks_for_a_certificate_gets_it),
	};
	static const struct CMUnitTest without[] = {
		cmocka_unit_test(a_connection_that_is_given_up_is_made_anew_and_the_next_broker_tried),
		cmocka_unit_test(a_broker_without_5_0_gets_3_1_1),
		cmocka_unit_test(a_broker_that_never_answers_is_given_up),
		cmocka_unit_test(stop_and_free_do_not_wait_for_a_broker_that_does_not_answer),
		cmocka_unit_test(noise_instead_of_an_answer_is_a_failure),
		cmocka_unit_test(noise_after_the_answer_ends_the_connection),
		cmocka_unit_test(the_reason_a_broker_gives_for_a_good_bye_is_passed_on),
		cmocka_unit_test(what_a_broker_would_not_take_is_refused_here),
	};
	int n_failed = 0;

	log_set_level(LOG_LEVEL_ERROR);
	if (broker_is_installed())
		n_failed = cmocka_run_group_tests(with_broker, NULL, NULL);
	else
		printf("skipped: no mosquitto or openssl here\n");
	return n_failed + cmocka_run_group_tests(without, NULL, NULL);
}
