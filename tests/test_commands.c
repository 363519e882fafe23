/* SPDX-License-Identifier: Apache-2.0 */
/* What anybody who may write to the topic can send: commands, and whatever else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "agent/commands.h"
#include "agent/twin.h"

static int parse(const char *json, struct command *c)
{
	const char *why = NULL;
	int r = command_parse(json, strlen(json), c, &why);

	assert_true(r == 0 || (r == -EINVAL && why && why[0]));
	return r;
}

static void each_command_is_understood(void **state)
{
	struct command c;

	(void)state;
	assert_int_equal(parse("{\"cmd\":\"birth\"}", &c), 0);
	assert_int_equal(c.kind, COMMAND_BIRTH);
	assert_string_equal(c.id, "");
	assert_int_equal(parse("{\"id\": \"x 1\", \"cmd\": \"flush\"}", &c), 0);
	assert_int_equal(c.kind, COMMAND_FLUSH);
	assert_string_equal(c.id, "x 1");
	assert_int_equal(parse("{\"cmd\":\"resend\",\"boot\":4294967295,\"from\":3,\"to\":9}", &c), 0);
	assert_int_equal(c.kind, COMMAND_RESEND);
	assert_int_equal(c.boot, 4294967295u);
	assert_int_equal(c.from, 3);
	assert_int_equal(c.to, 9);
	assert_int_equal(parse("{\"cmd\":\"resend\",\"from\":3,\"to\":3}", &c), 0);
	assert_int_equal(c.boot, 0);
	assert_string_equal(command_name(COMMAND_RESEND), "resend");
}

static void anything_else_is_refused_with_a_reason(void **state)
{
	static const char *const wrong[] = {
		"",
		"{",
		"[]",
		"7",
		"null",
		"{}",
		"{\"cmd\":7}",
		"{\"cmd\":\"reboot\"}",
		"{\"cmd\":[\"birth\"]}",
		"{\"cmd\":\"resend\"}",
		"{\"cmd\":\"resend\",\"from\":0,\"to\":3}",
		"{\"cmd\":\"resend\",\"from\":4,\"to\":3}",
		"{\"cmd\":\"resend\",\"from\":-1,\"to\":3}",
		"{\"cmd\":\"resend\",\"from\":1,\"to\":4294967296}",
		"{\"cmd\":\"resend\",\"from\":1,\"to\":2,\"boot\":\"x\"}",
		"{\"cmd\":\"birth\"",
		"\xff\xfe",
	};
	struct command c;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		if (parse(wrong[i], &c) == 0)
			fail_msg("'%s' was taken", wrong[i]);
}

static void what_is_too_long_is_not_even_read(void **state)
{
	const char *why = NULL;
	char *text = malloc(COMMAND_MAX_BYTES + 1);
	struct command c;

	(void)state;
	memset(text, ' ', COMMAND_MAX_BYTES + 1);
	memcpy(text, "{\"cmd\":\"birth\"}", 15);
	assert_int_equal(command_parse(text, COMMAND_MAX_BYTES + 1, &c, &why), -EINVAL);
	free(text);
}

static bool look(struct twin *t, const char *birth)
{
	return twin_look(t, birth, strlen(birth));
}

static void another_nonce_is_a_twin_once_our_own_has_come_back(void **state)
{
	static const char own[] = "{\"device\":\"a\",\"nonce\":\"0123456789abcdef\",\"x\":1}";
	static const char other[] = "{\"device\":\"a\",\"nonce\":\"fedcba9876543210\"}";
	struct twin t = { .nonce = "0123456789abcdef" };

	(void)state;
	assert_false(look(&t, other)); /* retained by an earlier start */
	assert_false(look(&t, own));
	assert_false(look(&t, own)); /* again, at a new connection */
	assert_true(look(&t, other));
	assert_string_equal(t.other, "fedcba9876543210");
	assert_int_equal(t.n_seen, 1);
}

static void what_has_no_nonce_says_nothing(void **state)
{
	static const char *const texts[] = { "",
					     "{}",
					     "{\"nonce\":\"",
					     "{\"nonce\":\"0123\"}",
					     "{\"nonce\":\"0123456789ABCDEF\"}",
					     "{\"nonce\":\"0123456789abcdef" };
	struct twin t = { .nonce = "1111111111111111", .has_seen_own = true };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_false(look(&t, texts[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_command_is_understood),
		cmocka_unit_test(anything_else_is_refused_with_a_reason),
		cmocka_unit_test(what_is_too_long_is_not_even_read),
		cmocka_unit_test(another_nonce_is_a_twin_once_our_own_has_come_back),
		cmocka_unit_test(what_has_no_nonce_says_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
