/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>

#include "base/check.h"
#include "collector/http_rules.h"

static void a_port_alone_is_on_this_machine(void **state)
{
	char url[HTTP_URL_BYTES];
	struct http_address a;

	(void)state;
	assert_int_equal(http_parse_address("8080", &a), 0);
	assert_true(a.is_loopback);
	assert_int_equal(a.at.any.sa_family, AF_INET);
	assert_int_equal(ntohl(a.at.v4.sin_addr.s_addr), 0x7F000001);
	assert_int_equal(ntohs(a.at.v4.sin_port), 8080);
	assert_string_equal(http_url(&a, 81, url), "http://127.0.0.1:81/");
}

static void an_address_may_stand_before_the_port(void **state)
{
	char url[HTTP_URL_BYTES];
	struct http_address a;

	(void)state;
	assert_int_equal(http_parse_address("0.0.0.0:80", &a), 0);
	assert_false(a.is_loopback);
	assert_int_equal(http_parse_address("127.8.8.8:80", &a), 0);
	assert_true(a.is_loopback);
	assert_int_equal(http_parse_address("localhost:0", &a), 0);
	assert_true(a.is_loopback);
	assert_int_equal(http_parse_address("[::1]:80", &a), 0);
	assert_true(a.is_loopback);
	assert_int_equal(http_parse_address("[0:0::0:1]:80", &a), 0);
	assert_true(a.is_loopback);
	assert_int_equal(http_parse_address("[2001:db8::1]:443", &a), 0);
	assert_false(a.is_loopback);
	assert_int_equal(ntohs(a.at.v6.sin6_port), 443);
	assert_string_equal(http_url(&a, 443, url), "http://[2001:db8::1]:443/");
}

static void what_is_no_address_is_refused(void **state)
{
	static const char *const wrong[] = { "",
					     ":",
					     ":80",
					     "65536",
					     "-1",
					     "80x",
					     " 80",
					     "0x50",
					     "example.org:80",
					     "1.2.3:80",
					     "[::1]",
					     "[::1:80",
					     "::1:80",
					     "[]:80",
					     "127.0.0.1:",
					     "[127.0.0.1]:80" };
	struct http_address a = { .is_loopback = true };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		if (http_parse_address(wrong[i], &a) != -EINVAL)
			fail_msg("'%s' was taken", wrong[i]);
	assert_true(a.is_loopback); /* untouched */
}

static void addresses_and_own_names_are_ours(void **state)
{
	static const char *const names[] = { "fleet.example.org", NULL, "pi", "" };
	static const char *const ours[] = { "127.0.0.1",  "127.0.0.1:8080",    "192.0.2.7:80",
					    "localhost",  "LocalHost:1",       "[::1]",
					    "[::1]:8080", "fleet.example.org", "Fleet.Example.ORG:443",
					    "pi:8080" };
	static const char *const others[] = { "",
					      ":80",
					      "evil.example",
					      "evil.example:8080",
					      "localhost.evil.example",
					      "127.0.0.1.evil.example",
					      "pi.evil.example:8080",
					      "fleet.example.org.",
					      "1.2.3",
					      "[::1",
					      "[evil]:80",
					      "localhost:80:80",
					      "127.0.0.1 ",
					      "pi@evil" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(ours); i++)
		if (!http_host_is_ours(ours[i], names, ARRAY_LEN(names)))
			fail_msg("'%s' is ours", ours[i]);
	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		if (http_host_is_ours(others[i], names, ARRAY_LEN(names)))
			fail_msg("'%s' is not ours", others[i]);
}

static void a_name_of_any_length_does_no_harm(void **state)
{
	static const char *const names[] = { "pi" };
	char host[2000];

	(void)state;
	for (size_t i = 0; i + 1 < sizeof(host); i++) {
		host[i] = '[';
		host[i + 1] = '\0';
		assert_false(http_host_is_ours(host, names, ARRAY_LEN(names)));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_port_alone_is_on_this_machine),
		cmocka_unit_test(an_address_may_stand_before_the_port),
		cmocka_unit_test(what_is_no_address_is_refused),
		cmocka_unit_test(addresses_and_own_names_are_ours),
		cmocka_unit_test(a_name_of_any_length_does_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
