/* SPDX-License-Identifier: MIT */
#include "plan/document/joined_documents.h"

#include <stdlib.h>

bool joined_documents_have_room(
	const struct joined_documents *joined, size_t parts, const struct documents *file)
{
	return joined->count == 0 || (joined->parts + parts <= JOINED_MAX_PARTS &&
					     joined->bytes + file->len <= DOCUMENT_MAX_BYTES);
}

void joined_documents_add(struct joined_documents *joined, const struct documents *file,
	struct document *const documents[], size_t count, size_t parts)
{
	for (size_t i = 0; i < count; i++) {
		joined->list = memory_grow(joined->list, joined->count, sizeof(struct document *));
		joined->list[joined->count++] = documents[i];
	}
	joined->files = memory_grow(joined->files, joined->file_count, sizeof(*joined->files));
	joined->files[joined->file_count++] = *file;
	joined->parts += parts;
	joined->bytes += file->len;
}

void joined_documents_done(struct joined_documents *joined)
{
	for (size_t i = 0; i < joined->file_count; i++)
		documents_done(&joined->files[i]);
	free(joined->files);
	free(joined->list);
	*joined = (struct joined_documents){0};
}
