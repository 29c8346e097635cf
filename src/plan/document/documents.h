/* SPDX-License-Identifier: MIT */
/* The documents of a file: one of JSON, or any number of YAML. A broken one has an error, and those after it
 * are read all the same. */
#pragma once

#include "plan/document/document_error.h"
#include "plan/document/tree.h"

#define DOCUMENT_MAX_BYTES (INT64_C(64) << 20) /* where --max-size says nothing */

struct document {
	struct tree tree;
	const struct node *root; /* NULL: empty, or broken */
	struct document_error error; /* text empty: none */
	const char *file; /* the name that documents_read was given */
	bool is_json; /* how a fix has to be written */
};

struct documents {
	struct document *list;
	size_t count;
	bool is_json;
	char *bytes; /* the trees of JSON point into it, and change it */
	size_t len;
};

/* Takes the bytes, from malloc(3), with a NUL at bytes[len]. A name that ends in ".json" has to be JSON;
 * else content that begins with { or [ may be either. Strips a byte order mark. The name has to outlive the
 * documents. */
void documents_read(const char *name, char *bytes, size_t len, struct documents *ret_documents);
void documents_done(struct documents *documents);
