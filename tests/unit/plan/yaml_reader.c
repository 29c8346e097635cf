/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "plan/document/documents.h"

#include <stdlib.h>
#include <string.h>

static struct documents read_text(const char *text)
{
	struct documents documents;

	documents_read("a.yaml", strdup(text), strlen(text), &documents);
	return documents;
}

static void tags_quotes_and_positions_are_kept(void **state)
{
	struct documents documents =
		read_text("# a\nStop: !Ref Time\nList:\n  - '30'\n  - |\n    x\n");
	const struct node *root = documents.list[0].root, *stop = node_get(root, "Stop"), *item;

	(void)state;
	assert_int_equal(documents.count, 1);
	assert_string_equal(node_tag(stop), "!Ref");
	assert_string_equal(node_text(stop), "Time");
	assert_false(stop->quoted);
	assert_int_equal(stop->line, 2);
	assert_int_equal(stop->column, 7);
	item = node_item(node_get(root, "List"), 0);
	assert_true(item->quoted);
	assert_int_equal(item->line, 4);
	documents_done(&documents);
}

static void merge_keys_give_way_to_own_keys_and_to_earlier_ones(void **state)
{
	struct documents documents = read_text("a: &a {x: 1, y: 1, z: 1}\nb: &b {x: 2, w: 2}\n"
					       "c: {<<: [*b, *a], y: 3}\nd: &d {<<: *d, q: 1}\n");
	const struct node *c = node_get(documents.list[0].root, "c");
	struct pair_walk walk;
	char found[64] = "";

	(void)state;
	assert_string_equal(node_text(node_get(c, "x")), "2");
	assert_string_equal(node_text(node_get(c, "y")), "3");
	assert_string_equal(node_text(node_get(c, "z")), "1");
	assert_null(node_get(node_get(documents.list[0].root, "d"), "none"));
	pair_walk_start(&walk, c);
	while (pair_walk_next(&walk)) {
		strcat(found, node_text(walk.key));
		strcat(found, node_text(walk.value));
	}
	assert_int_equal(strlen(found), 8);
	assert_non_null(strstr(found, "x2"));
	assert_non_null(strstr(found, "y3"));
	assert_non_null(strstr(found, "w2"));
	documents_done(&documents);
}

static void broken_document_does_not_stop_the_next(void **state)
{
	struct documents documents =
		read_text("# first\n---\na: 1\n---\na: [1\n---\na: 1\na: 2\n---\n\n"
			  "---\na: {{ .Values.x }}\n--- # last\na: 6\n");

	(void)state;
	assert_int_equal(documents.count, 6);
	assert_string_equal(node_text(node_get(documents.list[0].root, "a")), "1");
	assert_int_equal(documents.list[0].root->line, 3);
	assert_non_null(strstr(documents.list[1].error.text, "did not find expected"));
	assert_int_equal(documents.list[1].error.line, 6);
	assert_string_equal(
		documents.list[2].error.text, "the key \"a\" is given twice, first in line 7");
	assert_int_equal(documents.list[2].error.line, 8);
	assert_null(documents.list[3].root);
	assert_string_equal(documents.list[3].error.text, "");
	assert_non_null(strstr(documents.list[4].error.text, "render it first"));
	assert_int_equal(documents.list[4].error.line, 12);
	assert_int_equal(documents.list[4].error.column, 4);
	assert_string_equal(node_text(node_get(documents.list[5].root, "a")), "6");
	documents_done(&documents);
}

static void aliases_are_references(void **state)
{
	/* Nine levels of nine: expanded it would be four hundred million values. */
	struct documents documents =
		read_text("a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\n"
			  "c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\n"
			  "d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\nself: &self [*self]\n"
			  "*a : 1\n");

	(void)state;
	assert_non_null(strstr(documents.list[0].error.text, "a key that is a mapping"));
	documents_done(&documents);
	documents = read_text("a: &a name\nself: &self [*self]\n*a : 1\n");
	assert_string_equal(node_text(node_get(documents.list[0].root, "name")), "1");
	documents_done(&documents);
	documents = read_text("a: *b\n");
	assert_string_equal(documents.list[0].error.text, "an alias without its anchor");
	documents_done(&documents);
}

static void too_many_aliases_are_an_error(void **state)
{
	const size_t count = TREE_MAX_ALIASES + 1;
	char *text = calloc(1, 3 * count + 64);
	struct documents documents;
	size_t len = 0;

	(void)state;
	len = (size_t)(stpcpy(text, "- &a x\n- [") - text);
	for (size_t i = 0; i < count; i++, len += 3)
		memcpy(text + len, i ? ",*a" : "1", i ? 3 : 1), len -= i ? 0 : 2;
	memcpy(text + len, ",*a]", 5);
	documents = read_text(text);
	assert_string_equal(documents.list[0].error.text, "more than 100,000 aliases");
	documents_done(&documents);
	free(text);
}

static void flow_style_is_yaml_too(void **state)
{
	struct documents documents = read_text("{family: web, n: [1,]}\n");

	(void)state;
	assert_string_equal(node_text(node_get(documents.list[0].root, "family")), "web");
	documents_done(&documents);
	documents = read_text("{\"family\": \"web\",\n \"n\": [1, 2}\n");
	assert_string_equal(documents.list[0].error.text, "expected , or ]");
	assert_int_equal(documents.list[0].error.line, 2);
	documents_done(&documents);
}

static void control_characters_have_their_place(void **state)
{
	struct documents documents = read_text("a: 1\nb: \x01\n");

	(void)state;
	assert_null(documents.list[0].root);
	assert_int_equal(documents.list[0].error.line, 2);
	assert_int_equal(documents.list[0].error.column, 4);
	documents_done(&documents);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tags_quotes_and_positions_are_kept),
		cmocka_unit_test(merge_keys_give_way_to_own_keys_and_to_earlier_ones),
		cmocka_unit_test(broken_document_does_not_stop_the_next),
		cmocka_unit_test(aliases_are_references),
		cmocka_unit_test(too_many_aliases_are_an_error),
		cmocka_unit_test(flow_style_is_yaml_too),
		cmocka_unit_test(control_characters_have_their_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
