/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "plan/document/documents.h"
#include "plan/document/json_reader.h"
#include "plan/document/node_path.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct documents read_text(const char *name, const char *text)
{
	struct documents documents;

	documents_read(name, strdup(text), strlen(text), &documents);
	return documents;
}

static void values_have_text_quotes_and_positions(void **state)
{
	struct documents documents =
		read_text("a.json", "{\n  \"a\": [1, \"2\", true],\n\t\"\\u00e9\\ud83d\\ude00 "
				    "\\n\": -1.5e+3, \"x\": null}");
	const struct node *root = documents.list[0].root, *node;
	struct arena arena = {0};

	(void)state;
	assert_string_equal(documents.list[0].error.text, "");
	node = node_item(node_get(root, "a"), 1);
	assert_string_equal(node_text(node), "2");
	assert_true(node->quoted);
	assert_int_equal(node->line, 2);
	assert_int_equal(node->column, 12);
	assert_string_equal(node_path(node, &arena), "/a/1");
	node = node_get(root, "\xC3\xA9\xF0\x9F\x98\x80 \n");
	assert_string_equal(node_text(node), "-1.5e+3");
	assert_int_equal(node->line, 3);
	assert_int_equal(node->column, 27);
	node = node_get(root, "x");
	assert_true(node_is_null(node));
	assert_int_equal(node->column, 41);
	assert_int_equal(node_count(root), 3);
	arena_done(&arena);
	documents_done(&documents);
}

static void errors_name_their_place(void **state)
{
	static const struct {
		const char *text, *error;
		unsigned line, column;
	} rows[] = {
		{"{\"a\":[1", "the document ends before it is complete", 1, 8},
		{"{\"a\": 1,}", "expected a key in double quotes", 1, 9},
		{"[1,]", "not a JSON value", 1, 4},
		{"[01]", "not a JSON value", 1, 2},
		{"[1 2]", "expected , or ]", 1, 4},
		{"[\"a\\x\"]", "unknown escape in a string", 1, 4},
		{"[\"\\u12\"]", "\\u needs four hexadecimal digits", 1, 3},
		{"[\"\\u0000\"]", "a string holds a NUL (\\u0000)", 1, 3},
		{"[\"\xC3\xA9\n\"]", "a control character in a string", 1, 4},
		{"[\n \"\xC3\xA9\xFF\"]", "not UTF-8", 2, 4},
		{"{} {}", "something follows the end of the document", 1, 4},
		{"{\"a\":1,\n\"a\":2}", "the key \"a\" is given twice, first in line 1", 2, 1},
		{"// no\n{}", "not a JSON value", 1, 1},
		{"", "the document ends before it is complete", 1, 1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct documents documents = read_text("a.json", rows[i].text);
		const struct document *document = &documents.list[0];

		assert_int_equal(documents.count, 1);
		assert_null(document->root);
		assert_string_equal(document->error.text, rows[i].error);
		assert_int_equal(document->error.line, rows[i].line);
		assert_int_equal(document->error.column, rows[i].column);
		documents_done(&documents);
	}
}

static void depth_ends_at_a_hundred(void **state)
{
	char text[4 * TREE_MAX_DEPTH] = "";
	struct documents documents;

	(void)state;
	memset(text, '[', TREE_MAX_DEPTH);
	memset(text + TREE_MAX_DEPTH, ']', TREE_MAX_DEPTH);
	documents = read_text("a.json", text);
	assert_non_null(documents.list[0].root);
	documents_done(&documents);
	memset(text, '[', TREE_MAX_DEPTH + 1);
	memset(text + TREE_MAX_DEPTH + 1, ']', TREE_MAX_DEPTH + 1);
	for (int i = 0; i < 2; i++) {
		documents = read_text(i ? "a.yaml" : "a.json", text);
		assert_null(documents.list[0].root);
		assert_string_equal(documents.list[0].error.text, "nested deeper than 100");
		documents_done(&documents);
	}
}

static void byte_order_mark_is_no_part(void **state)
{
	struct documents documents = read_text("a.json", "\xEF\xBB\xBF{\"a\": 1}");

	(void)state;
	assert_string_equal(node_text(node_get(documents.list[0].root, "a")), "1");
	documents_done(&documents);
}

static void json_in_a_string_has_paths(void **state)
{
	struct documents documents =
		read_text("a.json", "{\"defs\": \"[{\\\"name\\\": \\\"web\\\"}]\"}");
	struct document_error error;
	struct arena arena = {0};
	const struct node *holder = node_get(documents.list[0].root, "defs");
	const struct node *inner = json_read_embedded(&documents.list[0].tree, holder, &error);
	const struct node *name = node_get(node_item(inner, 0), "name");

	(void)state;
	assert_string_equal(node_text(name), "web");
	assert_int_equal(name->column, holder->column);
	assert_string_equal(node_path(name, &arena), "/defs/0/name");
	arena_done(&arena);
	documents_done(&documents);
}

static void many_keys_are_found(void **state)
{
	char *text = calloc(1, 1 << 20), key[32];
	struct documents documents;
	size_t len = 0;

	(void)state;
	text[len++] = '{';
	for (int i = 0; i < 5000; i++)
		len += (size_t)sprintf(text + len, "%s\"key%d\":%d", i ? "," : "", i, i);
	text[len++] = '}';
	documents = read_text("a.json", text);
	for (int i = 0; i < 5000; i++) {
		(void)sprintf(key, "key%d", i);
		assert_int_equal(atoi(node_text(node_get(documents.list[0].root, key))), i);
	}
	assert_null(node_get(documents.list[0].root, "key5000"));
	documents_done(&documents);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_have_text_quotes_and_positions),
		cmocka_unit_test(errors_name_their_place),
		cmocka_unit_test(depth_ends_at_a_hundred),
		cmocka_unit_test(byte_order_mark_is_no_part),
		cmocka_unit_test(json_in_a_string_has_paths),
		cmocka_unit_test(many_keys_are_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
