/* SPDX-License-Identifier: Apache-2.0 */
/* YAML to nodes: the tree of good texts (as YAML 1.1 defines it), place and words of the mistakes people make. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/yaml.h"
#include "base/dynbuf.h"

struct rig {
	struct arena arena;
	struct diag diag;
	const struct node *root;
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

static int parse_bytes(struct rig *rig, const char *text, size_t bytes)
{
	char *copy = malloc(bytes + 1); /* so that the sanitizer sees a read past the end */
	int r;

	diag_free(&rig->diag);
	rig->root = NULL;
	memcpy(copy, text, bytes);
	r = yaml_parse(copy, bytes, &rig->arena, &rig->diag, &rig->root);
	free(copy);
	return r;
}

static int parse(struct rig *rig, const char *text)
{
	return parse_bytes(rig, text, strlen(text));
}

/* {a:1,b:["x",~]}: maps, lists, scalars ("quoted"), nothing ~. */
static void add_tree(struct dynbuf *b, const struct node *n)
{
	if (n->kind == NODE_NULL)
		dynbuf_adds(b, "~");
	if (n->kind == NODE_SCALAR)
		dynbuf_addf(b, n->quoted ? "\"%s\"" : "%s", n->text);
	if (n->kind != NODE_MAP && n->kind != NODE_SEQUENCE)
		return;
	dynbuf_adds(b, n->kind == NODE_MAP ? "{" : "[");
	for (const struct node *child = n->children; child; child = child->next) {
		if (n->kind == NODE_MAP)
			dynbuf_addf(b, "%s:", child->key);
		add_tree(b, child);
		if (child->next)
			dynbuf_adds(b, ",");
	}
	dynbuf_adds(b, n->kind == NODE_MAP ? "}" : "]");
}

static void tree_is(struct rig *rig, const char *yaml, const char *tree)
{
	struct dynbuf b;

	assert_int_equal(parse(rig, yaml), 0);
	assert_int_equal(rig->diag.n_errors, 0);
	dynbuf_init(&b, 10000);
	add_tree(&b, rig->root);
	assert_string_equal(dynbuf_text(&b), tree);
	dynbuf_free(&b);
}

static void error_is(struct rig *rig, const char *yaml, struct place at, const char *text)
{
	(void)!parse(rig, yaml);
	assert_int_equal(rig->diag.n_errors, 1);
	assert_string_equal(rig->diag.first->text, text);
	assert_int_equal(rig->diag.first->at.line, at.line);
	assert_int_equal(rig->diag.first->at.column, at.column);
}

static void maps_lists_and_scalars_become_nodes(void **state)
{
	struct rig *rig = *state;

	tree_is(rig, "a: 1\nb:\n  - x\n  - {c: d e, f: [1, 2]}\n", "{a:1,b:[x,{c:d e,f:[1,2]}]}");
	tree_is(rig, "a: \"x\"\nb: 'it''s'\nc: |\n  two\n  lines\n", "{a:\"x\",b:\"it's\",c:\"two\nlines\n\"}");
	tree_is(rig, "- a # comment\n- b\n", "[a,b]");
	tree_is(rig, "lone", "lone");
	tree_is(rig, "---\na: 1\n...\n", "{a:1}");
	tree_is(rig,
		"\xEF\xBB\xBF"
		"a: 1\r\nb: \xC2\xB0"
		"C\r\n",
		"{a:1,b:\xC2\xB0"
		"C}");
	tree_is(rig, "a: \"\\u00b0\\x41\"",
		"{a:\"\xC2\xB0"
		"A\"}");
	tree_is(rig, "{}", "{}");
	assert_int_equal(rig->root->n_children, 0);
}

static void nothing_is_told_from_empty_text(void **state)
{
	struct rig *rig = *state;

	tree_is(rig, "", "~");
	tree_is(rig, "# only a comment\n", "~");
	tree_is(rig, "a:\nb: ~\nc: null\nd: Null\ne: NULL\nf: ''\ng: 'null'\nh: nUll",
		"{a:~,b:~,c:~,d:~,e:~,f:\"\",g:\"null\",h:nUll}");
	tree_is(rig, "null: 1", "{null:1}");
}

static void every_node_knows_its_place(void **state)
{
	struct rig *rig = *state;
	const struct node *b, *item;

	tree_is(rig, "a: 1\n\xC3\xA9\xC3\xA9: [x,\n     y]\n", "{a:1,\xC3\xA9\xC3\xA9:[x,y]}");
	b = node_get(rig->root, "\xC3\xA9\xC3\xA9");
	assert_int_equal(b->key_at.line, 2);
	assert_int_equal(b->key_at.column, 1);
	assert_int_equal(b->at.column, 5); /* characters, not bytes */
	assert_int_equal(b->n_children, 2);
	item = b->children->next;
	assert_int_equal(item->at.line, 3);
	assert_int_equal(item->at.column, 6);
	assert_null(node_get(rig->root, "c"));
	assert_null(node_get(b, "x"));
	assert_null(node_get(NULL, "x"));
	assert_string_equal(node_kind_name(rig->root), "a map");
	assert_string_equal(node_kind_name(b), "a list");
	assert_string_equal(node_kind_name(item), "a value");
	assert_string_equal(node_kind_name(NULL), "nothing");
}

static void a_byte_order_mark_shifts_no_column(void **state)
{
	struct rig *rig = *state;

	assert_int_equal(parse(rig, "\xEF\xBB\xBF"
				    "a: 1"),
			 0);
	assert_int_equal(rig->root->children->at.column, 4);
}

static void duplicate_keys_name_the_first_and_reading_goes_on(void **state)
{
	struct rig *rig = *state;
	struct dynbuf b;

	assert_int_equal(parse(rig, "a: 1\nb: {x: 1, y: 2, x: 3}\na: 2\nc: 3\na: 4\n"), 0);
	assert_int_equal(rig->diag.n_errors, 3);
	assert_string_equal(rig->diag.first->text, "'x' is given twice, first in line 2");
	assert_int_equal(rig->diag.first->at.column, 17);
	assert_string_equal(rig->diag.first->next->text, "'a' is given twice, first in line 1");
	assert_int_equal(rig->diag.first->next->at.line, 3);
	assert_int_equal(rig->diag.first->next->next->at.line, 5);

	dynbuf_init(&b, 100);
	add_tree(&b, rig->root);
	assert_string_equal(dynbuf_text(&b), "{a:1,b:{x:1,y:2},c:3}");
	assert_int_equal(rig->root->n_children, 3);
	dynbuf_free(&b);
}

static void what_readers_understand_differently_is_refused(void **state)
{
	struct rig *rig = *state;

	error_is(rig, "a: &x 1", (struct place){ 1, 4 },
		 "anchor '&x': anchors are not part of a config, write the value out");
	error_is(rig, "a: *x", (struct place){ 1, 4 },
		 "alias '*x': aliases are not part of a config, write the value out");
	error_is(rig, "a: !mine 1", (struct place){ 1, 4 },
		 "tag '!mine': tags are not part of a config, expected a plain value");
	error_is(rig, "b:\n  <<: {a: 1}\n  c: 2", (struct place){ 2, 3 },
		 "merge keys '<<' are not part of a config, write the options out");
	assert_null(node_get(node_get(rig->root, "b"), "<<"));
	assert_string_equal(node_get(node_get(rig->root, "b"), "c")->text, "2");
	error_is(rig, "b:\n  <<: *a\n", (struct place){ 2, 3 },
		 "merge keys '<<' are not part of a config, write the options out");
	error_is(rig, "a: 1\n---\nb: 2\n", (struct place){ 2, 1 }, "a second document after '---', expected one");
	error_is(rig, "[a]: 1", (struct place){ 1, 1 },
		 "a list as a key, expected a name; a text that starts with '[' needs quotes");
	error_is(rig, "a: {{ x }}", (struct place){ 1, 5 },
		 "a map as a key, expected a name; a text that starts with '{' needs quotes");
	error_is(rig, "'': 1\na: 2", (struct place){ 1, 1 }, "expected a name before ':'");
	error_is(rig, "a: \"x\\0y\"", (struct place){ 1, 4 }, "a text with a NUL character, expected one without");
	tree_is(rig, "'<<': 1", "{<<:1}");
}

static void slips_of_the_pen_are_explained(void **state)
{
	struct rig *rig = *state;

	error_is(rig, "a:\n\tb: 1\n", (struct place){ 2, 1 }, "a tab, expected spaces for indentation");
	error_is(rig, "a:\n  b: 1\n\tc: 2\n", (struct place){ 3, 1 }, "a tab, expected spaces for indentation");
	error_is(rig, "\xC3\xA9: \"x\nb: 1\n", (struct place){ 1, 4 }, "this quote is never closed");
	error_is(rig, "a: [1, 2\nb: 1\n", (struct place){ 1, 4 },
		 "this list lacks its ']', or a ',' between two items");
	error_is(rig, "a: {x: 1\nb: 1\n", (struct place){ 1, 4 },
		 "this map lacks its '}', or a ',' between two options");
	error_is(rig, "a: b: c\n", (struct place){ 1, 5 },
		 "':' cannot stand here: check the indentation, or put a text that contains ': ' in quotes");
	error_is(rig, "a:\n  b: 1\n c: 2\n", (struct place){ 3, 2 },
		 "expected 'key: value', indented like the lines above");
	error_is(rig, "a: 1\nbroken\nc: 2\n", (struct place){ 2, 1 }, "expected ':' and a value after this key");
	error_is(rig, "a: - b\n", (struct place){ 1, 4 }, "'- ' cannot stand here: a list starts on its own line");
	error_is(rig, "\xC3\xA9: 1\na: @x\n", (struct place){ 2, 4 },
		 "no value starts with this character: put the text in quotes");
	error_is(rig, "a: *\n", (struct place){ 1, 4 }, "a text that starts with '*' needs quotes");
	error_is(rig, "a: !e!x 1\n", (struct place){ 1, 4 }, "a text that starts with '!' needs quotes");
	error_is(rig, "a: \"\\d\"\n", (struct place){ 1, 5 },
		 "unknown escape: inside double quotes a backslash is written \\\\, or use single quotes");
}

/* Whoever counts lines otherwise than YAML 1.1 would take one line for another. */
static void line_breaks_that_others_do_not_count_are_refused(void **state)
{
	static const char problem[] = "a line break that is none everywhere, expected the newline character";
	struct rig *rig = *state;

	error_is(rig, "a: 1\rb: 2\n", (struct place){ 1, 5 }, problem);
	error_is(rig,
		 "a: 1\n# \xC2\x85"
		 "b: 2\n",
		 (struct place){ 2, 3 }, problem);
	error_is(rig,
		 "a: \xC3\xA9\xE2\x80\xA8"
		 "b: 2\n",
		 (struct place){ 1, 5 }, problem);
	error_is(rig, "a: 1\n\xE2\x80\xA9", (struct place){ 2, 1 }, problem);
	error_is(rig, "a: 1\r", (struct place){ 1, 5 }, problem);
	assert_int_equal(parse_bytes(rig, "a: 1\r\nb: \xE2\x80\xA6\r\n", 14), 0);
}

static void bytes_that_are_no_text_are_found(void **state)
{
	struct rig *rig = *state;

	error_is(rig, "a: 1\n\xC3\xA9: \"\xFF\"", (struct place){ 2, 5 }, "byte 0xFF, expected text in UTF-8");
	error_is(rig, "a: caf\xE9", (struct place){ 1, 7 }, "byte 0xE9, expected text in UTF-8");
	error_is(rig, "a: \x1B[1m", (struct place){ 1, 4 }, "control character 0x1B, expected text");
	error_is(rig, "a: \xC2\x9B[1m", (struct place){ 1, 4 }, "control character 0x9B, expected text");
	assert_int_equal(parse_bytes(rig, "a: \xC2\xA0", 5), 0);
	assert_int_equal(parse_bytes(rig, "a: \0", 4), -EINVAL);
	assert_string_equal(rig->diag.first->text, "control character 0x00, expected text");
	assert_int_equal(parse_bytes(rig,
				     "\xFF\xFE"
				     "a\0:\0",
				     6),
			 -EINVAL);
	assert_null(rig->root);
}

static char *repeat(const char *piece, size_t n)
{
	size_t bytes = strlen(piece);
	char *text = malloc(n * bytes + 1);

	for (size_t i = 0; i < n; i++)
		memcpy(text + i * bytes, piece, bytes);
	text[n * bytes] = '\0';
	return text;
}

static void depth_is_bounded(void **state)
{
	struct rig *rig = *state;
	char text[200];

	snprintf(text, sizeof(text), "%.*s%.*s", 32, "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", 32,
		 "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]");
	assert_int_equal(parse(rig, text), 0);
	snprintf(text, sizeof(text), "%s", "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[");
	assert_int_equal(parse(rig, text), -EINVAL);
	assert_string_equal(rig->diag.first->text, "nested too deeply, expected at most 32 levels");
	assert_int_equal(rig->diag.first->at.column, 33);
}

static void the_number_of_nodes_is_bounded(void **state)
{
	struct rig *rig = *state;
	char *text = repeat("- 1\n", 19999); /* and the list itself */

	assert_int_equal(parse(rig, text), 0);
	assert_int_equal(rig->root->n_children, 19999);
	free(text);
	text = repeat("- 1\n", 20000);
	assert_int_equal(parse(rig, text), -EINVAL);
	assert_string_equal(rig->diag.first->text, "more than 20000 values, expected a smaller file");
	assert_int_equal(rig->diag.first->at.line, 20000);
	free(text);
}

/* A file made to be slow: each key a duplicate. */
static void many_duplicates_are_counted(void **state)
{
	struct rig *rig = *state;
	char *text = repeat("a: 1\n", 19000);

	assert_int_equal(parse(rig, text), 0);
	assert_int_equal(rig->diag.n_errors, 18999);
	assert_int_equal(rig->root->n_children, 1);
	free(text);
}

static void files_are_read_up_to_a_mebibyte(void **state)
{
	char path[] = "/tmp/test_yaml_XXXXXX";
	struct rig *rig = *state;
	char *text = repeat("# comment\n", 104858); /* 1 MiB and 4 bytes */
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, "a: 1\n", 5), 5);
	assert_int_equal(yaml_parse_file(path, &rig->arena, &rig->diag, &rig->root), 0);
	assert_string_equal(node_get(rig->root, "a")->text, "1");

	assert_int_equal(pwrite(fd, text, 1 << 20, 0), 1 << 20);
	assert_int_equal(yaml_parse_file(path, &rig->arena, &rig->diag, &rig->root), 0);
	assert_int_equal(pwrite(fd, text, (1 << 20) + 1, 0), (1 << 20) + 1);
	assert_int_equal(yaml_parse_file(path, &rig->arena, &rig->diag, &rig->root), -EFBIG);
	assert_string_equal(rig->diag.first->text, "larger than 1 MiB, expected a config");
	close(fd);
	unlink(path);
	diag_free(&rig->diag);
	assert_int_equal(yaml_parse_file(path, &rig->arena, &rig->diag, &rig->root), -ENOENT);
	assert_string_equal(rig->diag.first->text, "cannot be read: No such file or directory");
	diag_free(&rig->diag);
	assert_int_equal(yaml_parse_file("/", &rig->arena, &rig->diag, &rig->root), -EISDIR);
	free(text);
}

#define YAML_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		YAML_TEST(maps_lists_and_scalars_become_nodes),
		YAML_TEST(nothing_is_told_from_empty_text),
		YAML_TEST(every_node_knows_its_place),
		YAML_TEST(a_byte_order_mark_shifts_no_column),
		YAML_TEST(duplicate_keys_name_the_first_and_reading_goes_on),
		YAML_TEST(what_readers_understand_differently_is_refused),
		YAML_TEST(slips_of_the_pen_are_explained),
		YAML_TEST(line_breaks_that_others_do_not_count_are_refused),
		YAML_TEST(bytes_that_are_no_text_are_found),
		YAML_TEST(depth_is_bounded),
		YAML_TEST(the_number_of_nodes_is_bounded),
		YAML_TEST(many_duplicates_are_counted),
		YAML_TEST(files_are_read_up_to_a_mebibyte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
