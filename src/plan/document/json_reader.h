/* SPDX-License-Identifier: MIT */
/* JSON (RFC 8259), strictly: no comments, no trailing commas, no duplicate keys. It keeps the text of each
 * value and its position, which no JSON library does, and needs no second copy of a large document. */
#pragma once

#include "plan/document/document_error.h"
#include "plan/document/tree.h"

/* Reads one document into the tree. The bytes are changed (strings are unescaped where they stand), have a
 * terminating NUL at bytes[len], and have to live as long as the tree. Returns the root, or NULL with the
 * error: the first byte that is wrong. U+0000 in a string is an error; a lone surrogate is U+FFFD. */
struct node *json_read(
	struct tree *tree, char *bytes, size_t len, struct document_error *ret_error);

/* The same for JSON in a scalar of another document: it lies below `holder` in the tree, and has paths but
 * no positions of its own (it takes those of the holder). Copies the text. */
const struct node *json_read_embedded(
	struct tree *tree, const struct node *holder, struct document_error *ret_error);
