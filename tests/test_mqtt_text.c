/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mqtt.h"
#include "base/mqtt_explain.h"
#include "base/mqtt_retry.h"
#include "base/mqtt_text.h"

static void addresses_of_brokers_are_read(void **state UNUSED)
{
	static const struct {
		const char *url, *host, *uri;
		unsigned port;
		bool is_tls;
	} good[] = {
		{ "mqtt://localhost", "localhost", "tcp://localhost:1883", 1883, false },
		{ "mqtts://broker.example/", "broker.example", "ssl://broker.example:8883", 8883, true },
		{ "mqtt://10.0.0.1:1884/", "10.0.0.1", "tcp://10.0.0.1:1884", 1884, false },
		{ "mqtts://[fe80::1%eth0]:65535", "fe80::1%eth0", "ssl://[fe80::1%eth0]:65535", 65535, true },
		{ "mqtt://[::1]", "::1", "tcp://[::1]:1883", 1883, false },
	};
	static const char *const bad[] = {
		"",
		"localhost",
		"tcp://localhost",
		"mqtt://",
		"mqtt://:1883",
		"mqtt://h:0",
		"mqtt://h:65536",
		"mqtt://h:",
		"mqtt://h:18x",
		"mqtt://h:+1",
		"mqtt://[::1",
		"mqtt://h/topic",
		"mqtt://h:1883/topic",
		"mqtt://user@h",
		"mqtt://a b",
		"mqtt://[]:1",

	};
	char error[MQTT_REASON_BYTES], uri[MQTT_URI_BYTES];
	struct mqtt_broker b;

	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		assert_int_equal(mqtt_broker_parse(good[i].url, &b, error), 0);
		assert_string_equal(b.host, good[i].host);
		assert_int_equal(b.port, good[i].port);
		assert_int_equal(b.is_tls, good[i].is_tls);
		mqtt_broker_uri(&b, uri);
		assert_string_equal(uri, good[i].uri);
	}
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		error[0] = '\0';
		assert_int_equal(mqtt_check_broker(bad[i], error), -EINVAL);
		assert_non_null(strstr(error, "expected"));
	}
}

/* MQTT 5.0, 1.5.4 and 4.7. */
static void topics_are_utf_8_and_wildcards_have_their_place(void **state UNUSED)
{
	static const char *const topics[] = { "a",   "/",      "a//b",
					      "a b", "$SYS/x", "\xC3\xA9/\xE2\x82\xAC/\xF0\x9F\x98\x80" };
	static const char *const filters[] = { "#", "+", "a/#", "+/b/+", "/+", "a/+/#" };
	static const char *const neither[] = {
		"",
		"a#",
		"#/a",
		"a/b+",
		"+a",
		"a\nb",
		"\x7F",
		"\xC2\x80",	    /* C1 control */
		"\xC0\xAF",	    /* overlong */
		"\xED\xA0\x80",	    /* surrogate */
		"\xF4\x90\x80\x80", /* beyond U+10FFFF */
		"\xE2\x82",	    /* torn */
		"\xFF",
	};

	for (size_t i = 0; i < ARRAY_LEN(topics); i++)
		assert_true(mqtt_topic_is_valid(topics[i], false) && mqtt_topic_is_valid(topics[i], true));
	for (size_t i = 0; i < ARRAY_LEN(filters); i++)
		assert_true(!mqtt_topic_is_valid(filters[i], false) && mqtt_topic_is_valid(filters[i], true));
	for (size_t i = 0; i < ARRAY_LEN(neither); i++)
		assert_false(mqtt_topic_is_valid(neither[i], false) || mqtt_topic_is_valid(neither[i], true));
}

static void failures_have_words(void **state UNUSED)
{
	char out[MQTT_REASON_BYTES];

	assert_string_equal(mqtt_reason_words(4, 4), "bad user name or password");
	assert_string_equal(mqtt_reason_words(5, 0x86), "bad user name or password");
	assert_null(mqtt_reason_words(5, 0x42));
	mqtt_failure_words(5, 0x42, "CONNACK return code", false, out);
	assert_string_equal(out, "refused with code 66");
	mqtt_failure_words(5, 0, "TCP connect timeout", false, out);
	assert_string_equal(out, "no answer");
	mqtt_failure_words(5, 0, "Connection refused", true, out);
	assert_string_equal(out, "Connection refused");
	assert_true(mqtt_is_hang_up("TCP connect completion failure"));
	assert_false(mqtt_is_hang_up("Connection refused"));
}

/* The line is one that OpenSSL 3.0 printed. */
static void the_reason_is_found_in_a_line_of_openssl(void **state UNUSED)
{
	static const char line[] = "C0E63F3E637F0000:error:0A000086:SSL routines:tls_post_process_server_certificate:"
				   "certificate verify failed:../ssl/statem/statem_clnt.c:1889:\n";
	char out[64];

	mqtt_tls_reason(line, strlen(line), out, sizeof(out));
	assert_string_equal(out, "certificate verify failed");
	mqtt_tls_reason("no colons", 9, out, sizeof(out));
	assert_string_equal(out, "no colons");
}

/* Lines that paho 1.3.12 traced. */
static void the_trace_explains_what_the_callback_does_not(void **state UNUSED)
{
	static const char *const lines[][2] = {
		{ "(140343781615296)   (2)< MQTTAsync_connecting:2977 (111)", "Connection refused" },
		{ "(140343790008000)    (3)< Socket_new:1212 (101)", "Network is unreachable" },
		{ "getaddrinfo failed for addr nosuch.invalid with rc -2",
		  "host name not found (Name or service not known)" },
		{ "rc from X509_check_ip_asc is 0", "the broker's certificate is for another host name" },
		{ "SSL alert write:fatal:unknown CA", "the broker's certificate is not trusted: unknown CA" },
		{ "SSL alert write:fatal:protocol version", "no TLS that both sides accept: protocol version" },
		{ "SSL alert read:fatal:handshake failure",
		  "the broker refused the TLS connection: handshake failure" },
		{ "SSLSocket error (92274824) in SSL_CTX_load_verify_locations for socket 3 rc 0 errno 0 Success",
		  "ca_file holds no certificate" },
	};
	char out[MQTT_REASON_BYTES] = "untouched";

	mqtt_explain_start();
	mqtt_explain_line("(140343790008000)    (3)< Socket_new:1212 (115)"); /* in progress */
	mqtt_explain_line("rc from X509_check_ip_asc is 1");
	mqtt_explain_line("(140343781615296)   (2)< MQTTAsync_connecting:2977 (0)");
	assert_false(mqtt_explain_get(out, sizeof(out)));
	assert_string_equal(out, "untouched");
	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		mqtt_explain_start();
		mqtt_explain_line(lines[i][0]);
		assert_true(mqtt_explain_get(out, sizeof(out)));
		assert_string_equal(out, lines[i][1]);
	}
}

static void waits_double_up_to_a_minute_and_are_spread(void **state UNUSED)
{
	static const int64_t ceilings_s[] = { 1, 1, 2, 4, 8, 16, 32, 60, 60, 60 };
	struct backoff a = { .prng = 1 }, b = { .prng = 2 };
	unsigned n_equal = 0;

	for (size_t i = 0; i < ARRAY_LEN(ceilings_s); i++) {
		int64_t wait_us = backoff_next_us(&a);

		assert_in_range(wait_us, i ? ceilings_s[i] * 500000 : 100000, ceilings_s[i] * 1000000);
		n_equal += wait_us == backoff_next_us(&b);
	}
	assert_int_equal(n_equal, 0);
	backoff_reset(&a);
	assert_in_range(backoff_next_us(&a), 100000, 1000000);
}

static void only_a_connection_that_held_ends_a_series_of_waits(void **state UNUSED)
{
	static const struct mqtt_broker nobody = { .host = "h" };
	struct mqtt_retry r;

	mqtt_retry_init(&r, 0);
	for (int i = 0; i < 8; i++)
		(void)mqtt_retry_failed(&r, 0, &nobody, "x");
	assert_int_equal(r.n_failed, 8);
	assert_in_range(mqtt_retry_lost(&r, 2000000, "gone at once"), 30000000, 60000000);
	assert_string_equal(r.last_error, "gone at once");
	assert_in_range(mqtt_retry_lost(&r, 11000000, "gone later"), 100000, 1000000);
	mqtt_retry_connected(&r);
	assert_string_equal(r.last_error, "");
}

static void the_protocol_goes_back_and_forth_unless_5_0_was_refused(void **state UNUSED)
{
	struct mqtt_retry r;

	mqtt_retry_init(&r, 0);
	assert_int_equal(r.protocol, 5);
	assert_false(mqtt_retry_protocol(&r, 0x87, false)); /* another reason */
	assert_int_equal(r.protocol, 5);
	assert_false(mqtt_retry_protocol(&r, 0, true));
	assert_int_equal(r.protocol, 4);
	assert_false(mqtt_retry_protocol(&r, 0, true));
	assert_int_equal(r.protocol, 5);
	assert_true(mqtt_retry_protocol(&r, MQTT_REFUSED_PROTOCOL_5, false)); /* at once */
	assert_int_equal(r.protocol, 4);
	(void)mqtt_retry_lost(&r, 0, "x");
	assert_int_equal(r.protocol, 4);
	assert_false(mqtt_retry_protocol(&r, 0, true));
	assert_int_equal(r.protocol, 4);
	assert_false(mqtt_retry_protocol(&r, MQTT_REFUSED_PROTOCOL_311, false)); /* neither: not in a circle */
	assert_int_equal(r.protocol, 5);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_of_brokers_are_read),
		cmocka_unit_test(topics_are_utf_8_and_wildcards_have_their_place),
		cmocka_unit_test(failures_have_words),
		cmocka_unit_test(the_reason_is_found_in_a_line_of_openssl),
		cmocka_unit_test(the_trace_explains_what_the_callback_does_not),
		cmocka_unit_test(waits_double_up_to_a_minute_and_are_spread),
		cmocka_unit_test(only_a_connection_that_held_ends_a_series_of_waits),
		cmocka_unit_test(the_protocol_goes_back_and_forth_unless_5_0_was_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
