/* SPDX-License-Identifier: MIT */
/* A file of any kind, with the rules of all platforms. Its first byte says what its name ends in. */
#include "plan/document/documents.h"
#include "plan/lint/platform_registry.h"

#include "require.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_tree(const struct node *node, size_t depth, size_t *visits)
{
	require(depth <= TREE_MAX_DEPTH + 1);
	if (node->kind == NODE_ALIAS || ++*visits > TREE_MAX_NODES)
		return;
	if (node->kind == NODE_SCALAR) {
		require(memchr(node->text, '\0', node->len) == NULL &&
			node->text[node->len] == '\0');
		return;
	}
	for (const struct node *child = node_child(node); child; child = child->next) {
		require(node_parent(child) == node);
		check_tree(child, depth + 1, visits);
	}
}

static void lint(struct check *check, struct document *document)
{
	const struct lint_platform *platform = lint_platform_of(document->root);

	if (platform)
		platform->lint(check, &document, 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct check_settings settings = {.longest_request = 20000, .longest_stop = 40000};
	struct arena arena = {0};
	struct check check = {
		.settings = &settings, .file = "fuzz.yaml", .anchor = "", .arena = &arena};
	struct documents documents;
	char *bytes;

	if (size == 0)
		return 0;
	bytes = memory_alloc(size);
	memcpy(bytes, data + 1, size - 1);
	documents_read(data[0] == 'j' ? "a.json" : "a.yaml", bytes, size - 1, &documents);
	check.is_json = documents.is_json;
	for (size_t i = 0; i < documents.count; i++) {
		size_t visits = 0;

		require(!documents.list[i].root || documents.list[i].error.text[0] == '\0');
		if (!documents.list[i].root)
			continue;
		check_tree(documents.list[i].root, 0, &visits);
		lint(&check, &documents.list[i]);
	}
	for (size_t i = 0; i < check.count; i++)
		require(check.findings[i].rule && check.findings[i].message[0]);
	free(check.findings);
	arena_done(&arena);
	documents_done(&documents);
	return 0;
}
