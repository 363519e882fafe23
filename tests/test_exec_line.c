/* SPDX-License-Identifier: Apache-2.0 */
/* exec_line: what is written to a process, and what is read from it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <math.h>
#include <string.h>

#include "agent/exec_line.h"
#include "base/check.h"

static void a_sample_is_a_json_line_with_all_microseconds(void **state)
{
	static const struct {
		struct sample s;
		const char *line;
	} rows[] = {
		{ { .at_us = 1763700000123456, .value = 21.5 }, "{\"t\":1763700000.123456,\"x\":21.5}\n" },
		{ { .at_us = 0, .value = -1e300 }, "{\"t\":0.000000,\"x\":-1e+300}\n" },
		{ { .at_us = -1500000, .value = 0.1 }, "{\"t\":-1.500000,\"x\":0.1}\n" },
		{ { .at_us = INT64_MIN, .value = -2.2250738585072014e-308 },
		  "{\"t\":-9223372036854.775808,\"x\":-2.2250738585072014e-308}\n" },
	};
	char buf[EXEC_LINE_BYTES];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		assert_int_equal(exec_line_write(&rows[i].s, buf), strlen(rows[i].line));
		assert_string_equal(buf, rows[i].line);
	}
}

static void answers_are_read_however_they_are_spaced(void **state)
{
	static const struct {
		const char *line;
		struct op_exec_answer answer;
	} rows[] = {
		{ "{\"t\":1.5,\"y\":2}", { 1.5, OP_EXEC_NUMBER, 2 } },
		{ " { \"y\" : -2.5e3 , \"t\" : 1763700000.123456 } \r", { 1763700000.123456, OP_EXEC_NUMBER, -2500 } },
		{ "{\"t\": 1, \"y\": null}", { 1, OP_EXEC_GAP, NAN } },
		{ "{\"t\": 1, \"y\": NaN}", { 1, OP_EXEC_GAP, NAN } },
		{ "{\"t\": 1, \"y\": -Infinity}", { 1, OP_EXEC_GAP, NAN } },
		{ "{\"t\": 1}", { 1, OP_EXEC_NOTHING, NAN } },
		{ "{\"t\": 1, \"y\": true, \"note\": \"a, \\\"b\\\" }\", \"z\": null}", { 1, OP_EXEC_NUMBER, 1 } },
		{ "{\"t\": 1, \"y\": false}", { 1, OP_EXEC_NUMBER, 0 } },
	};
	struct op_exec_answer a;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (exec_line_read(rows[i].line, strlen(rows[i].line), &a) < 0)
			fail_msg("%s", rows[i].line);
		assert_true(a.t_s == rows[i].answer.t_s);
		assert_int_equal(a.kind, rows[i].answer.kind);
		assert_true(a.kind != OP_EXEC_NUMBER || a.y == rows[i].answer.y);
	}
}

static void what_is_no_answer_is_refused_and_leaves_the_last_one(void **state)
{
	static const char *const lines[] = {
		"",
		"{}",
		"{",
		"null",
		"5",
		"[1]",
		"{\"y\":1}",
		"{\"t\":1",
		"{\"t\":1}x",
		"{\"t\":}",
		"{\"t\":\"1\"}",
		"{\"t\":1,}",
		"{\"t\":1,\"y\":}",
		"{\"t\":1,\"y\":\"2\"}",
		"{\"t\":1,\"y\":[2]}",
		"{\"t\":1,\"y\":{\"z\":2}}",
		"{\"t\":nan}",
		"{t:1}",
		"{\"t\":1 \"y\":2}",
		"{\"t\":1,\"y\":1e999}",
		"{\"t\":1,\"y\":0x10}",
		"{\"t\":1,\"y\":maybe}",
		"{\"t\":1,\"y\\",
		"{\"",
	};
	struct op_exec_answer a = { 7, OP_EXEC_NUMBER, 8 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		if (exec_line_read(lines[i], strlen(lines[i]), &a) != -EINVAL)
			fail_msg("%s", lines[i]);
		assert_true(a.t_s == 7 && a.y == 8);
	}
	assert_int_equal(exec_line_read("{\"t\":1,\0\"y\":2}", 15, &a), -EINVAL);
}

static void what_is_written_is_found_again(void **state)
{
	static const int64_t times[] = { 1763700000123456, 1763700000999999, 1, 4102444800000001, -1 };
	struct op_exec_answer a;
	char buf[EXEC_LINE_BYTES];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(times); i++) {
		size_t len = exec_line_write(&(struct sample){ .at_us = times[i], .value = 1 }, buf);

		assert_int_equal(exec_line_read(buf, len - 1, &a), 0);
		assert_true(a.t_s == (double)times[i] / 1e6);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sample_is_a_json_line_with_all_microseconds),
		cmocka_unit_test(answers_are_read_however_they_are_spaced),
		cmocka_unit_test(what_is_no_answer_is_refused_and_leaves_the_last_one),
		cmocka_unit_test(what_is_written_is_found_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
