/* SPDX-License-Identifier: Apache-2.0 */
/* Whom a push is for, by births, and which answers are about it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "agent/push_boards.h"
#include "agent/yaml.h"

static struct arena arena;
static struct diag diag = { .file = "t" };

static const struct node *json(const char *text)
{
	const struct node *root = NULL;

	assert_int_equal(yaml_parse(text, strlen(text), &arena, &diag, &root), 0);
	return root;
}

static int clean(void **state)
{
	(void)state;
	arena_free(&arena);
	arena = (struct arena){ 0 };
	diag_free(&diag);
	return 0;
}

static bool is_member(const char *to)
{
	struct push_board b = { .name = "b1" };

	push_board_hear_birth(&b, json("{\"device\":\"b1\",\"labels\":{\"line\":\"a\",\"x\":\"1\"}}"), to);
	return b.is_member;
}

static void a_board_is_meant_by_its_name_a_label_or_all(void **state)
{
	(void)state;
	assert_true(is_member("b1"));
	assert_true(is_member("all"));
	assert_true(is_member("line=a"));
	assert_false(is_member("b2"));
	assert_false(is_member("line=b"));
	assert_false(is_member("line="));
	assert_false(is_member("lin=a"));
}

static void a_retired_board_is_not_meant(void **state)
{
	struct push_board b = { .name = "b1", .is_member = true };

	(void)state;
	push_board_hear_birth(&b, NULL, "all");
	assert_false(b.is_member);
}

static void an_answer_is_the_last_when_it_is_a_verdict(void **state)
{
	struct push_board b = { .name = "b1" };

	(void)state;
	assert_false(push_board_hear_state(&b, json("{\"state\":\"active\",\"hash\":\"0000000a\"}"), 10, 11));
	b.is_sent = true; /* what was retained from before is not its answer */
	assert_false(push_board_hear_state(&b, json("{\"state\":\"active\",\"hash\":\"0000000c\"}"), 10, 11));
	assert_true(push_board_hear_state(&b, json("{\"state\":\"trying\",\"hash\":\"0000000a\"}"), 10, 11));
	assert_false(b.is_done);
	assert_true(push_board_hear_state(&b,
					  json("{\"state\":\"rolled_back\",\"hash\":\"0000000a\",\"reason\":\"it "
					       "\\u001b[31m failed\",\"line\":3}"),
					  10, 11));
	assert_true(b.is_done);
	assert_false(b.is_active);
	assert_string_equal(b.line, "3");
	assert_null(strchr(b.reason, '\033'));
	assert_false(push_board_hear_state(&b, json("{\"state\":\"active\",\"hash\":\"0000000a\"}"), 10, 11));
}

static void a_payload_that_could_not_be_opened_is_answered_by_its_own_hash(void **state)
{
	struct push_board b = { .name = "b1", .is_sent = true };

	(void)state;
	assert_true(push_board_hear_state(&b, json("{\"state\":\"rejected\",\"hash\":\"0000000b\"}"), 10, 11));
	assert_true(b.is_done);
}

static void hostile_names_are_no_boards(void **state)
{
	struct push_boards b = { 0 };
	char name[16];

	(void)state;
	assert_null(push_boards_find(&b, "_all", 4));
	assert_null(push_boards_find(&b, "a\033b", 3));
	for (int i = 40; i-- > 0;)
		assert_non_null(push_boards_find(&b, name, (size_t)snprintf(name, sizeof(name), "b%02d", i)));
	assert_non_null(push_boards_find(&b, "b05xyz", 3));
	assert_int_equal(b.n, 40);
	push_boards_sort(&b);
	assert_string_equal(b.at[0].name, "b00");
	push_boards_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(a_board_is_meant_by_its_name_a_label_or_all, clean),
		cmocka_unit_test_teardown(a_retired_board_is_not_meant, clean),
		cmocka_unit_test_teardown(an_answer_is_the_last_when_it_is_a_verdict, clean),
		cmocka_unit_test_teardown(a_payload_that_could_not_be_opened_is_answered_by_its_own_hash, clean),
		cmocka_unit_test_teardown(hostile_names_are_no_boards, clean),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
