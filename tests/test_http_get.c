/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "base/check.h"
#include "collector/http_get.h"

static int parse(const char *text, struct dynbuf *body)
{
	dynbuf_init(body, 64);
	return http_get_parse(text, strlen(text), body);
}

static void the_text_stands_behind_the_blank_line(void **state)
{
	struct dynbuf body;

	(void)state;
	assert_int_equal(parse("HTTP/1.1 200 OK\r\nA: b\r\n\r\nline\r\n\r\nmore", &body), 200);
	assert_string_equal(dynbuf_text(&body), "line\r\n\r\nmore");
	dynbuf_free(&body);
	assert_int_equal(parse("HTTP/1.0 421 No\r\n\r\n", &body), 421);
	assert_string_equal(dynbuf_text(&body), "");
	dynbuf_free(&body);
}

static void what_is_no_http_is_refused(void **state)
{
	static const char *const wrong[] = {
		"", "SSH-2.0-OpenSSH\r\n\r\n", "HTTP/1.1 200 OK\r\n", "HTTP/2 200\r\n\r\n", "HTTP/1.1 99 no\r\n\r\n",
		"\r\n\r\n",
		/* more than there is room for */
		("HTTP/1.1 200 OK\r\n\r\n"
		 "0123456789012345678901234567890123456789012345678901234567890123456789")
	};
	struct dynbuf body;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		assert_int_equal(parse(wrong[i], &body), -EBADMSG);
		dynbuf_free(&body);
	}
}

static void nobody_there_is_told(void **state)
{
	struct http_address a;
	struct dynbuf body;

	(void)state;
	assert_int_equal(http_parse_address("127.0.0.1:1", &a), 0); /* a port that needs root, and is of no use */
	dynbuf_init(&body, 64);
	assert_int_equal(http_get(&a, "/", &body), -ECONNREFUSED);
	dynbuf_free(&body);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_text_stands_behind_the_blank_line),
		cmocka_unit_test(what_is_no_http_is_refused),
		cmocka_unit_test(nobody_there_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
