/* SPDX-License-Identifier: Apache-2.0 */
/* lua: what a script can do, and all that it cannot. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/unit.h"
#include "tests/op_rig.h"

/* Options are split at blanks, so scripts are written with tabs and line ends. */
static struct op_rig *script(const char *code, const char *more)
{
	char options[2000];
	int n = snprintf(options, sizeof(options), "code=%s%s%s", code, *more ? " " : "", more);

	assert_true(n < (int)sizeof(options));
	for (char *c = options; c < options + strlen(options) - strlen(more) - (*more != 0); c++)
		if (*c == ' ')
			*c = '\t';
	return rig_new("lua", options, NULL, 0);
}

static const char *refusal(const char *code)
{
	char options[500];

	snprintf(options, sizeof(options), "code=%s", code);
	for (char *c = options; *c; c++)
		if (*c == ' ')
			*c = '\t';
	return rig_refusal("lua", options, NULL, 0);
}

/* What on_sample(1) with this body gives; a failure is a gap. */
static double result_of(const char *body, char *error, size_t error_bytes)
{
	char code[1500];
	struct op_rig *rig;
	uint64_t n;
	double y;

	snprintf(code, sizeof(code), "function on_sample(x, t, name)\n%s\nend", body);
	rig = script(code, "");
	rig_push(rig, 0, 0, 1);
	assert_int_equal(rig->n_out, 1);
	y = rig->out[0].value;
	snprintf(error, error_bytes, "%s", rig->class->trouble(rig->op.state, &n));
	assert_int_equal(n, error[0] != 0);
	rig_free(rig);
	return y;
}

static void a_script_keeps_what_it_remembers(void **state)
{
	struct op_rig *rig =
		script("local last\nfunction on_sample(x)\nlocal d = last and x - last\nlast = x\nreturn d\nend", "");

	(void)state;
	rig_push_lost(rig, 0, 0, 5, 3);
	EXPECT_NOTHING(rig); /* nil */
	rig_push_lost(rig, 0, 1, 7, 1);
	rig_push(rig, 0, 2, NAN);
	rig_push(rig, 0, 3, 4);
	assert_int_equal(rig->out[0].lost, 4);
	EXPECT(rig, 2, NAN, -3);
	rig_free(rig);
}

static void it_knows_the_time_and_the_name(void **state)
{
	struct series_info inputs[2] = { rig_gauge, rig_gauge };
	static const char *const names[2] = { "air.temperature", "door" };
	struct op_rig *rig = rig_new("lua", "function\ton_sample(x,t,name)return(t*1000+#name)end", inputs, 2);

	(void)state;
	rig_push(rig, 0, 1763700000.123456, 1);
	EXPECT(rig, 1763700000123.456);
	rig->setup.names = names;
	assert_int_equal(rig->class->setup(rig->op.state, &rig->setup), 0);
	rig_push(rig, 0, 0, 1);
	rig_push(rig, 1, 0, 1);
	EXPECT(rig, 15, 4);
	assert_int_equal(rig->output.period_us, 0);
	rig_free(rig);
}

static void what_is_returned_becomes_a_number_or_a_gap(void **state)
{
	static const struct {
		const char *body;
		double expected;
	} rows[] = {
		{ "return 7 // 2", 3 },
		{ "return -7 // 2", -4 },
		{ "return 2^53 + 1", 9007199254740992.0 },
		{ "return gap", NAN },
		{ "return 1/0", NAN },
		{ "return 0/0", NAN },
		{ "return 1 << 62", 0x1p62 },
		{ "return math.floor(-1.5)", -2 },
		{ "return math.maxinteger + 1", -0x1p63 },
		{ "return #('x'):upper()", 1 },
		{ "return tonumber('0x10')", 16 },
		{ "local s = '' for k in pairs{b=1, a=2, 5, [2]=6} do s = s .. k end return s == '12ab' and 1 or 0",
		  1 },
		{ "local t = {3, 1, 2} table.sort(t) return t[1] * 100 + t[2] * 10 + t[3]", 123 },
		{ "local t = {} for i = 1, 5 do table.insert(t, 1, i) end return table.remove(t) * 10 + #t", 14 },
	};
	char error[200];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		double y = result_of(rows[i].body, error, sizeof(error));

		assert_string_equal(error, "");
		if (!(y == rows[i].expected || (isnan(y) && isnan(rows[i].expected))))
			fail_msg("%s is %.17g, expected %.17g", rows[i].body, y, rows[i].expected);
	}
}

static void chance_begins_the_same_every_time(void **state)
{
	char error[200];
	double first = result_of("return math.random()", error, sizeof(error));

	(void)state;
	assert_true(first > 0.0 && first < 1.0);
	for (int i = 0; i < 3; i++)
		assert_true(result_of("return math.random()", error, sizeof(error)) == first);
}

static void there_is_no_way_out_of_the_box(void **state)
{
	static const char *const absent[] = {
		"io",
		"os",
		"package",
		"debug",
		"require",
		"load",
		"loadfile",
		"dofile",
		"loadstring",
		"coroutine",
		"collectgarbage",
		"pcall",
		"xpcall",
		"setmetatable",
		"getmetatable",
		"rawset",
		"next",
		"print",
		"utf8",
		"_G",
		"string.dump",
		"string.rep",
		"string.find",
		"string.gsub",
		"string.match",
		"string.gmatch",
		"table.move",
		"math.randomseed",
		"('x').rep",
	};
	char body[80], error[200];

	(void)state;
	for (size_t i = 0; i < sizeof(absent) / sizeof(absent[0]); i++) {
		snprintf(body, sizeof(body), "return %s == nil and 1 or 0", absent[i]);
		if (result_of(body, error, sizeof(error)) != 1.0)
			fail_msg("%s is there", absent[i]);
	}
}

static void an_error_is_a_gap_and_told_with_its_line(void **state)
{
	struct op_rig *rig = script("function on_sample(x)\nif x == 2 then\nreturn x.y.z\nend\nreturn x\nend", "");
	uint64_t n;

	(void)state;
	for (int t = 1; t <= 3; t++)
		rig_push(rig, 0, t, t);
	EXPECT(rig, 1, NAN, 3);
	assert_string_equal(rig->class->trouble(rig->op.state, &n),
			    "lua:3: attempt to index a number value (local 'x')");
	assert_int_equal(n, 1);
	rig_free(rig);
}

static void what_is_no_number_is_an_error(void **state)
{
	char error[200];

	(void)state;
	assert_true(isnan(result_of("return 'x'", error, sizeof(error))));
	assert_string_equal(error, "on_sample returned a string, expected a number, nil or gap");
	assert_true(isnan(result_of("error({})", error, sizeof(error))));
	assert_string_equal(error, "an error without a text");
}

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Each of them would run for hours; the bound of time is generous, for sanitizers and busy machines. */
static void a_runaway_script_costs_its_limit_and_no_more(void **state)
{
	static const struct {
		const char *body, *error;
	} rows[] = {
		{ "while true do end", "lua:2: more than 100000 instructions in one call" },
		{ "local function f() return f() end return f()", "lua:2: more than 100000 instructions in one call" },
		{ "local s = 'x' while true do s = s .. s end", "not enough memory" },
		{ "local t = {} for i = 1, 1e9 do t[i] = i end", "not enough memory" },
		{ "local s = 'x' for i = 1, 13 do s = s .. s end while true do local u = s .. 'y' end",
		  "lua:2: more than 100000 instructions in one call" },
		{ "local t = {} for i = 1, 2000 do t[i] = i end while true do table.insert(t, 1, 0) table.remove(t, 1) "
		  "end",
		  "lua:2: more than 100000 instructions in one call" },
		{ "local function f() return 1 + f() end return f()", NULL }, /* stack overflow, or memory */
		{ "return #string.format('%99.99f', 1e308) + #table.concat({1}, 'x', 1, 1e9)", NULL },
		{ "return table.unpack({}, 1, 1e7)", NULL },
	};
	char error[200];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		double from = seconds();

		assert_true(isnan(result_of(rows[i].body, error, sizeof(error))));
		if (rows[i].error && strcmp(error, rows[i].error) != 0)
			fail_msg("%s: %s", rows[i].body, error);
		assert_true(error[0]);
		if (seconds() - from > 1.0)
			fail_msg("%s: %.3f s", rows[i].body, seconds() - from);
	}
}

static void after_a_failure_it_goes_on(void **state)
{
	struct op_rig *rig = script("n = 0\nfunction on_sample(x)\nn = n + 1\nif x < 0 then while true do end end\n"
				    "if x > 9 then local s = 'x' while true do s = s .. s end end\nreturn n\nend",
				    "");
	uint64_t n;

	(void)state;
	for (int t = 0; t < 300; t++)
		rig_push(rig, 0, t, t % 3 == 0 ? 1 : t % 3 == 1 ? -1 : 10);
	for (int t = 0; t < 300; t++)
		assert_true(t % 3 == 0 ? rig->out[t].value == t + 1 : isnan(rig->out[t].value));
	assert_true(rig->class->trouble(rig->op.state, &n)[0]);
	assert_int_equal(n, 200);
	rig_free(rig);
}

static void limits_can_be_set(void **state)
{
	struct op_rig *rig = script("function on_sample(x) for i = 1, x do end return x end", "instructions=10000");

	(void)state;
	rig_push(rig, 0, 0, 9000);
	rig_push(rig, 0, 1, 11000);
	EXPECT(rig, 9000, NAN);
	rig_free(rig);
}

static void a_script_that_cannot_be_is_refused_with_its_line(void **state)
{
	(void)state;
	assert_string_equal(refusal("x = 1\nfunction on_sample(x) return x +"), "lua:2: unexpected symbol near <eof>");
	assert_string_equal(refusal("x = 1"), "it must define a function on_sample(x, t, name)");
	assert_string_equal(refusal("while true do end"), "lua:1: more than 100000 instructions in one call");
	assert_string_equal(refusal("\033Lua"), "attempt to load a binary chunk (mode is 't')");
	assert_string_equal(rig_refusal("lua", "", NULL, 0), "expected one of code and file, found neither");
	assert_string_equal(rig_refusal("lua", "file=/nonexistent/x.lua", NULL, 0),
			    "/nonexistent/x.lua: No such file or directory");
}

static void a_script_may_stand_in_a_file_which_needs_trust(void **state)
{
	char path[] = "/tmp/runnel-lua-XXXXXX", options[80];
	int fd = mkstemp(path);
	struct op_rig *rig, *inline_code = script("function on_sample(x) return x end", "");

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(dprintf(fd, "function on_sample(x) return x * 3 end\n"), 39);
	close(fd);
	snprintf(options, sizeof(options), "file=%s unit=%% state=no", path);
	rig = rig_new("lua", options, NULL, 0);
	unlink(path);
	rig_push(rig, 0, 0, 5);
	EXPECT(rig, 15);
	assert_string_equal(rig->output.unit->code, "%");
	assert_true(rig->class->needs_local_trust(rig->op.state));
	assert_false(rig->class->needs_local_trust(inline_code->op.state));
	rig_free(rig);
	rig_free(inline_code);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_script_keeps_what_it_remembers),
		cmocka_unit_test(it_knows_the_time_and_the_name),
		cmocka_unit_test(what_is_returned_becomes_a_number_or_a_gap),
		cmocka_unit_test(chance_begins_the_same_every_time),
		cmocka_unit_test(there_is_no_way_out_of_the_box),
		cmocka_unit_test(an_error_is_a_gap_and_told_with_its_line),
		cmocka_unit_test(what_is_no_number_is_an_error),
		cmocka_unit_test(a_runaway_script_costs_its_limit_and_no_more),
		cmocka_unit_test(after_a_failure_it_goes_on),
		cmocka_unit_test(limits_can_be_set),
		cmocka_unit_test(a_script_that_cannot_be_is_refused_with_its_line),
		cmocka_unit_test(a_script_may_stand_in_a_file_which_needs_trust),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
