/* SPDX-License-Identifier: MIT */
/* The strict JSON reader beside jansson: it accepts what jansson accepts, but for depth, and holds the same
 * values. jansson refuses numbers that do not fit its types, and a lone surrogate, which the reader takes. */
#include "plan/document/json_reader.h"

#include "require.h"

#include <jansson.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_difference_of_jansson(const json_error_t *error)
{
	const enum json_error_code code = json_error_code(error);

	return code == json_error_numeric_overflow || strstr(error->text, "invalid Unicode") ||
	       strstr(error->text, "too big") || strstr(error->text, "real number");
}

static void compare(const struct node *node, const json_t *value)
{
	const char *key;
	json_t *member;
	size_t at;

	require((size_t)json_is_string(value) <= (size_t)node->quoted);
	if (json_is_string(value)) {
		require(node->len == json_string_length(value));
		require(memcmp(node->text, json_string_value(value), node->len) == 0);
	} else if (json_is_array(value)) {
		require(node_count(node) == json_array_size(value));
		json_array_foreach(value, at, member) compare(node_item(node, at), member);
	} else if (json_is_object(value)) {
		require(node_count(node) == json_object_size(value));
		json_object_foreach((json_t *)(uintptr_t)value, key, member)
			compare(node_get(node, key), member);
	} else {
		require(node->kind == NODE_SCALAR && !node->quoted);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *bytes = memory_alloc(size + 1);
	struct document_error error;
	struct tree tree = {0};
	json_error_t jansson_error;
	struct node *root;
	json_t *value;

	memcpy(bytes, data, size);
	value = json_loadb(
		(const char *)data, size, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &jansson_error);
	root = json_read(&tree, bytes, size, &error);
	require((root == NULL) == (error.text[0] != '\0'));
	if (root && !value)
		require(is_difference_of_jansson(&jansson_error));
	if (memchr(data, '\0', size))
		require(!root); /* jansson takes it for a blank */
	else if (!root && value)
		require(strstr(error.text, "nested deeper") != NULL);
	if (root && value)
		compare(root, value);
	json_decref(value);
	tree_done(&tree);
	free(bytes);
	return 0;
}
