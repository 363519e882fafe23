/* SPDX-License-Identifier: Apache-2.0 */
/* Options by table: what is stored, and what is said to someone who wrote it wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "agent/yaml.h"
#include "base/opt.h"
#include "base/unit.h"

struct target {
	int64_t size, hold_us, room_bytes;
	double gain, bare;
	bool invert;
	int wave;
	const char *path;
	const struct unit *unit;
	struct opt_span span;
	struct opt_map labels, units;
	struct opt_list from;
};

static const char *const waves[] = { "sine", "square", "noise", NULL };

static const struct opt rows[] = {
	{ "size", OPT_INT, offsetof(struct target, size), .min = 1, .max = 1000, .def = "5", .unit = "samples",
	  .help = "h" },
	{ "hold", OPT_DURATION, offsetof(struct target, hold_us), .min = 1000, .max = 3600e6, .def = "10s",
	  .help = "h" },
	{ "room", OPT_BYTES, offsetof(struct target, room_bytes), .min = 1024, .max = 0x1p30, .def = "64KiB",
	  .help = "h" },
	{ "gain", OPT_DOUBLE, offsetof(struct target, gain), .min = 0, .max = INFINITY, .def = "1", .help = "h" },
	{ "bare", OPT_DOUBLE, offsetof(struct target, bare), .help = "h" },
	{ "invert", OPT_BOOL, offsetof(struct target, invert), .def = "no", .help = "h" },
	{ "wave", OPT_ENUM, offsetof(struct target, wave), .def = "square", .choices = waves, .help = "h" },
	{ "path", OPT_TEXT, offsetof(struct target, path), .help = "h" },
	{ "unit", OPT_UNIT, offsetof(struct target, unit), .def = "Cel", .help = "h" },
	{ "span", OPT_SPAN, offsetof(struct target, span), .min = 1, .max = 100, .help = "h" },
	{ "labels", OPT_TEXT_MAP, offsetof(struct target, labels), .help = "h" },
	{ "from", OPT_TEXT_LIST, offsetof(struct target, from), .help = "h" },
	{ "units", OPT_UNIT_MAP, offsetof(struct target, units), .help = "h" },
};

static const struct opt_table table = { rows, ARRAY_LEN(rows) };

struct rig {
	struct arena arena;
	struct diag diag;
	struct target t;
	int n_errors;
};

static int set_up(void **state)
{
	*state = calloc(1, sizeof(struct rig));
	return *state ? 0 : -1;
}

static int tear_down(void **state)
{
	struct rig *rig = *state;

	arena_free(&rig->arena);
	diag_free(&rig->diag);
	free(rig);
	return 0;
}

static void apply_table(struct rig *rig, const struct opt_table *by, const char *yaml, const char *const ignore[])
{
	const struct node *n = NULL;

	diag_free(&rig->diag);
	memset(&rig->t, 0xEE, sizeof(rig->t));
	assert_int_equal(yaml_parse(yaml, strlen(yaml), &rig->arena, &rig->diag, &n), 0);
	diag_free(&rig->diag);
	rig->n_errors = opt_apply(by, n, &rig->t, &rig->arena, &rig->diag, (struct place){ 77, 7 }, "thing", ignore);
	assert_int_equal(rig->n_errors, rig->diag.n_errors);
}

static void apply(struct rig *rig, const char *yaml)
{
	apply_table(rig, &table, yaml, NULL);
}

/* Exactly one error, there, in these words. */
static void refuse(struct rig *rig, const char *yaml, struct place at, const char *text)
{
	apply(rig, yaml);
	assert_int_equal(rig->n_errors, 1);
	assert_string_equal(rig->diag.first->text, text);
	assert_int_equal(rig->diag.first->at.line, at.line);
	assert_int_equal(rig->diag.first->at.column, at.column);
}

static void expect_defaults(const struct target *t)
{
	assert_int_equal(t->size, 5);
	assert_int_equal(t->hold_us, 10000000);
	assert_int_equal(t->room_bytes, 65536);
	assert_true(t->gain == 1.0);
	assert_true(isnan(t->bare));
	assert_false(t->invert);
	assert_int_equal(t->wave, 1);
	assert_null(t->path);
	assert_string_equal(t->unit->code, "Cel");
	assert_true(t->span.count == 0 && t->span.us == 0);
	assert_int_equal(t->labels.n, 0);
	assert_int_equal(t->from.n, 0);
	assert_int_equal(t->units.n, 0);
}

static void nothing_gives_the_defaults(void **state)
{
	struct rig *rig = *state;

	apply(rig, "");
	assert_int_equal(rig->n_errors, 0);
	expect_defaults(&rig->t);
	apply(rig, "{}");
	assert_int_equal(rig->n_errors, 0);
	expect_defaults(&rig->t);
	memset(&rig->t, 0xEE, sizeof(rig->t));
	assert_int_equal(
		opt_apply(&table, NULL, &rig->t, &rig->arena, &rig->diag, (struct place){ 1, 1 }, "thing", NULL), 0);
	expect_defaults(&rig->t);
}

static void every_type_is_stored(void **state)
{
	struct rig *rig = *state;
	const struct target *t = &rig->t;

	apply(rig, "size: 0x10\nhold: 1.5s\nroom: 1MiB\ngain: 2.5\nbare: -1e3\ninvert: Yes\nwave: noise\npath: /a b\n"
		   "unit: '%'\nspan: 10s\nlabels: {line: a, row: 7}\nfrom: [a.x, b]\nunits: {t: Cel, h: '%'}\n");
	assert_int_equal(rig->n_errors, 0);
	assert_int_equal(t->size, 16);
	assert_int_equal(t->hold_us, 1500000);
	assert_int_equal(t->room_bytes, 1048576);
	assert_true(t->gain == 2.5 && t->bare == -1000.0);
	assert_true(t->invert);
	assert_int_equal(t->wave, 2);
	assert_string_equal(t->path, "/a b");
	assert_string_equal(t->unit->code, "%");
	assert_true(t->span.count == 0 && t->span.us == 10000000);
	assert_int_equal(t->labels.n, 2);
	assert_string_equal(t->labels.pairs[1].name, "row");
	assert_string_equal(t->labels.pairs[1].value, "7");
	assert_int_equal(t->labels.pairs[1].at.line, 11);
	assert_int_equal(t->from.n, 2);
	assert_string_equal(t->from.items[1], "b");
	assert_string_equal(t->units.pairs[0].value, "Cel");
}

static void a_span_is_a_count_or_a_duration(void **state)
{
	static const struct opt unbounded_rows[] = { { "span", OPT_SPAN, offsetof(struct target, span), .help = "h" } };
	static const struct opt_table unbounded = { unbounded_rows, 1 };
	struct rig *rig = *state;

	apply(rig, "span: 100");
	assert_int_equal(rig->n_errors, 0);
	assert_true(rig->t.span.count == 100 && rig->t.span.us == 0);
	apply(rig, "span: '250ms'");
	assert_true(rig->t.span.count == 0 && rig->t.span.us == 250000);
	refuse(rig, "span: 101", (struct place){ 1, 7 },
	       "thing: span: expected a number of samples from 1 to 100, or a duration such as 10s, found '101'");
	apply(rig, "span: 0");
	assert_int_equal(rig->n_errors, 1);
	apply(rig, "span: 0s");
	assert_int_equal(rig->n_errors, 1);
	apply(rig, "span: -5");
	assert_int_equal(rig->n_errors, 1);
	apply_table(rig, &unbounded, "span: -5", NULL);
	assert_int_equal(rig->n_errors, 1);
	apply_table(rig, &unbounded, "span: 100000", NULL);
	assert_int_equal(rig->t.span.count, 100000);
}

static void a_lone_value_sets_the_first_option(void **state)
{
	static const struct opt list_rows[] = { { "from", OPT_TEXT_LIST, offsetof(struct target, from), .help = "h" } };
	static const struct opt_table lists = { list_rows, 1 };
	struct rig *rig = *state;

	apply(rig, "7");
	assert_int_equal(rig->n_errors, 0);
	assert_int_equal(rig->t.size, 7);
	assert_int_equal(rig->t.wave, 1);
	refuse(rig, "[7]", (struct place){ 1, 1 }, "thing: expected a map of options, found a list");
	apply_table(rig, &lists, "[a, b]", NULL);
	assert_int_equal(rig->n_errors, 0);
	assert_int_equal(rig->t.from.n, 2);
	apply_table(rig, &lists, "a", NULL);
	assert_int_equal(rig->t.from.n, 1);
	assert_string_equal(rig->t.from.items[0], "a");
}

static void a_thing_without_options_takes_none(void **state)
{
	static const struct opt_table none = { NULL, 0 };
	struct rig *rig = *state;

	apply_table(rig, &none, "", NULL);
	assert_int_equal(rig->n_errors, 0);
	apply_table(rig, &none, "5", NULL);
	assert_string_equal(rig->diag.first->text, "thing: takes no options, found a value");
	apply_table(rig, &none, "a: 5", NULL);
	assert_string_equal(rig->diag.first->text, "thing: unknown option 'a', there are none");
}

static void a_wrong_value_keeps_the_default_and_its_place(void **state)
{
	struct rig *rig = *state;

	refuse(rig, "wave: sine\nsize: ten", (struct place){ 2, 7 },
	       "thing: size: expected a whole number from 1 to 1000 (samples), found 'ten'");
	assert_int_equal(rig->t.size, 5);
	assert_int_equal(rig->t.wave, 0);
	refuse(rig, "size: 0", (struct place){ 1, 7 },
	       "thing: size: expected a whole number from 1 to 1000 (samples), found '0'");
	refuse(rig, "size: 1001", (struct place){ 1, 7 },
	       "thing: size: expected a whole number from 1 to 1000 (samples), found '1001'");
	refuse(rig, "hold: 10", (struct place){ 1, 7 }, "thing: hold: expected a duration from 1ms to 1h, found '10'");
	refuse(rig, "hold: 2h", (struct place){ 1, 7 }, "thing: hold: expected a duration from 1ms to 1h, found '2h'");
	refuse(rig, "room: 64KB", (struct place){ 1, 7 },
	       "thing: room: expected a size from 1KiB to 1GiB, found '64KB'");
	refuse(rig, "gain: -0.1", (struct place){ 1, 7 }, "thing: gain: expected a number of at least 0, found '-0.1'");
	refuse(rig, "gain: nan", (struct place){ 1, 7 }, "thing: gain: expected a number of at least 0, found 'nan'");
	refuse(rig, "bare: 1e999", (struct place){ 1, 7 }, "thing: bare: expected a number, found '1e999'");
	refuse(rig, "invert: 1", (struct place){ 1, 9 }, "thing: invert: expected true or false, found '1'");
}

static void bounds_belong_to_the_range(void **state)
{
	struct rig *rig = *state;

	apply(rig, "{size: 1, hold: 1ms, room: 1KiB, gain: 0}");
	assert_int_equal(rig->n_errors, 0);
	apply(rig, "{size: 1000, hold: 1h, room: 1GiB, gain: 1e300}");
	assert_int_equal(rig->n_errors, 0);
}

static void a_wrong_kind_is_named(void **state)
{
	struct rig *rig = *state;

	refuse(rig, "size: [1]", (struct place){ 1, 7 },
	       "thing: size: expected a whole number from 1 to 1000 (samples), found a list");
	refuse(rig, "path: {a: b}", (struct place){ 1, 7 }, "thing: path: expected a text, found a map");
	refuse(rig, "size:", (struct place){ 1, 6 },
	       "thing: size: expected a whole number from 1 to 1000 (samples), found nothing");
	refuse(rig, "labels: x", (struct place){ 1, 9 }, "thing: labels: expected a map of names to texts, found 'x'");
	refuse(rig, "labels: {a: [1]}", (struct place){ 1, 13 }, "thing: labels.a: expected a text, found a list");
	refuse(rig, "from: {a: b}", (struct place){ 1, 7 },
	       "thing: from: expected a text or a list of texts, found a map");
	refuse(rig, "from: [a, [b]]", (struct place){ 1, 11 }, "thing: from: expected a text, found a list");
}

static void quotes_make_a_text(void **state)
{
	struct rig *rig = *state;

	refuse(rig, "size: '7'", (struct place){ 1, 7 },
	       "thing: size: expected a whole number from 1 to 1000 (samples), found the text '7': leave the quotes "
	       "out");
	apply(rig, "{path: '7', hold: \"1s\", wave: 'sine', unit: \"1\"}");
	assert_int_equal(rig->n_errors, 0);
	apply(rig, "{path: 'null'}");
	assert_string_equal(rig->t.path, "null");
}

static void choices_and_units_are_suggested(void **state)
{
	struct rig *rig = *state;

	refuse(rig, "wave: sinus", (struct place){ 1, 7 },
	       "thing: wave: expected one of: sine, square, noise, found 'sinus'");
	refuse(rig, "wave: sqare", (struct place){ 1, 7 },
	       "thing: wave: unknown choice 'sqare', did you mean 'square'? Expected one of: sine, square, noise");
	refuse(rig, "unit: degC", (struct place){ 1, 7 },
	       "thing: unit: unknown unit 'degC', did you mean 'Cel'? Expected a unit such as Cel, % or hPa");
	refuse(rig, "units: {t: C}", (struct place){ 1, 12 },
	       "thing: units.t: unknown unit 'C', did you mean 'Cel'? Expected a unit such as Cel, % or hPa");
}

static void unknown_options_are_reported_at_their_name(void **state)
{
	static const char *const ignore[] = { "driver", NULL };
	struct rig *rig = *state;

	refuse(rig, "wave: sine\nsiez: 5", (struct place){ 2, 1 },
	       "thing: unknown option 'siez', did you mean 'size'?");
	refuse(rig, "colour: 5", (struct place){ 1, 1 },
	       "thing: unknown option 'colour', expected one of: size, hold, room, gain, bare, invert, wave, path, "
	       "unit, "
	       "span, labels, from, units");
	apply_table(rig, &table, "driver: sim", ignore);
	assert_int_equal(rig->n_errors, 0);
	apply_table(rig, &table, "drivr: sim", ignore);
	assert_string_equal(rig->diag.first->text, "thing: unknown option 'drivr', did you mean 'driver'?");
}

static void two_tables_on_one_map_report_an_unknown_option_once(void **state)
{
	static const char text[] = "nonsense: 1";
	struct rig *rig = *state;
	const struct node *n = NULL;

	assert_int_equal(yaml_parse(text, strlen(text), &rig->arena, &rig->diag, &n), 0);
	assert_int_equal(opt_apply(&table, n, &rig->t, &rig->arena, &rig->diag, n->at, "sensor", NULL), 1);
	assert_int_equal(opt_apply(&table, n, &rig->t, &rig->arena, &rig->diag, n->at, "driver", NULL), 0);
}

static void missing_options_are_reported_at_the_thing(void **state)
{
	static const struct opt needed_rows[] = {
		{ "path", OPT_TEXT, offsetof(struct target, path), .required = true, .help = "h" },
		{ "size", OPT_INT, offsetof(struct target, size), .required = true, .help = "h" },
	};
	static const struct opt_table needed = { needed_rows, 2 };
	struct rig *rig = *state;

	apply_table(rig, &needed, "{size: 1}", NULL);
	assert_int_equal(rig->n_errors, 1);
	assert_string_equal(rig->diag.first->text, "thing: 'path' is missing, expected a text");
	assert_int_equal(rig->diag.first->at.line, 77);
	apply_table(rig, &needed, "", NULL);
	assert_int_equal(rig->n_errors, 2);
	apply_table(rig, &needed, "/x", NULL); /* the first by the short form, the second not */
	assert_int_equal(rig->n_errors, 1);
	apply_table(rig, &needed, "{path: [], size: x}", NULL); /* wrong, but not missing */
	assert_int_equal(rig->n_errors, 2);
	apply_table(rig, &needed, "{path: a, size: 1}", NULL);
	assert_int_equal(rig->n_errors, 0);
}

static void a_repeated_option_is_reported_with_its_first_line(void **state)
{
	struct node second = { .kind = NODE_SCALAR, .text = "6", .key = "size", .key_at = { 4, 1 } };
	struct node first = { .kind = NODE_SCALAR, .text = "5", .key = "size", .key_at = { 2, 1 }, .next = &second };
	struct node map = { .kind = NODE_MAP, .children = &first, .n_children = 2 };
	struct rig *rig = *state;

	assert_int_equal(opt_apply(&table, &map, &rig->t, &rig->arena, &rig->diag, map.at, "thing", NULL), 1);
	assert_string_equal(rig->diag.first->text, "thing: 'size' is given twice, first in line 2");
	assert_int_equal(rig->diag.first->at.line, 4);
	assert_int_equal(rig->t.size, 5);
}

static void all_errors_come_in_one_run(void **state)
{
	struct rig *rig = *state;

	apply(rig, "size: x\nhold: 1\nwave: sinus\ncolour: red\nunits: {a: C, b: F}\n");
	assert_int_equal(rig->n_errors, 6);
}

#define OPT_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		OPT_TEST(nothing_gives_the_defaults),
		OPT_TEST(every_type_is_stored),
		OPT_TEST(a_span_is_a_count_or_a_duration),
		OPT_TEST(a_lone_value_sets_the_first_option),
		OPT_TEST(a_thing_without_options_takes_none),
		OPT_TEST(a_wrong_value_keeps_the_default_and_its_place),
		OPT_TEST(bounds_belong_to_the_range),
		OPT_TEST(a_wrong_kind_is_named),
		OPT_TEST(quotes_make_a_text),
		OPT_TEST(choices_and_units_are_suggested),
		OPT_TEST(unknown_options_are_reported_at_their_name),
		OPT_TEST(two_tables_on_one_map_report_an_unknown_option_once),
		OPT_TEST(missing_options_are_reported_at_the_thing),
		OPT_TEST(a_repeated_option_is_reported_with_its_first_line),
		OPT_TEST(all_errors_come_in_one_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
