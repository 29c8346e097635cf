/* SPDX-License-Identifier: MIT */
/* One YAML document, read by libyaml's events, for its own loader bounds neither depth nor aliases. */
#pragma once

#include "plan/document/document_error.h"
#include "plan/document/tree.h"

/* Reads one document (UTF-8 without NUL), the first line of which is line `first_line` of its file. Copies
 * what it keeps. Returns the root; NULL with an error, or without one where the document is empty. Keys have
 * to be scalars, and unique but for "<<". */
struct node *yaml_read(struct tree *tree, const char *bytes, size_t len, uint32_t first_line,
	struct document_error *ret_error);
