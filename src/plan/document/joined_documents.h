/* SPDX-License-Identifier: MIT */
/* Documents of several files that are read as one, because they refer to one another. Their files stay open
 * until the documents are read. */
#pragma once

#include "plan/document/documents.h"

enum { JOINED_MAX_PARTS = 2000 };

/* Zero-initialised is empty. */
struct joined_documents {
	struct document **list; /* in the order of their files */
	size_t count;
	size_t parts, bytes; /* of all: what the next file may not exceed together with them */
	struct documents *files;
	size_t file_count;
};

/* Whether the documents of one more file fit. An empty list has room for every file. */
bool joined_documents_have_room(
	const struct joined_documents *joined, size_t parts, const struct documents *file);

/* Takes the file, and adds `count` of its documents, which hold `parts` parts. */
void joined_documents_add(struct joined_documents *joined, const struct documents *file,
	struct document *const documents[], size_t count, size_t parts);

/* Closes the files. The list is empty after that, and can be used again. */
void joined_documents_done(struct joined_documents *joined);
