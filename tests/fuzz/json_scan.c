/* SPDX-License-Identifier: MIT */
/* Documents of Amazon ECS, and any others: each item lies in the document, the depth fits the brackets, and a
 * document that was read has all of them closed. */
#include "core/ecs/ecs_metadata.h"
#include "core/text/json_scan.h"

#include "require.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require_inside(const char *bytes, size_t len, const char *document, size_t size)
{
	require(bytes >= document && len <= size && bytes <= document + (size - len));
}

static int scan_all(const char *document, size_t size)
{
	struct json_item item;
	struct json_scan scan;
	unsigned open = 0;
	int r;

	json_scan_init(&scan, document, size);
	for (size_t items = 0; (r = json_scan_next(&scan, &item)) > 0; items++) {
		char bytes[256];
		struct text text;

		require(items <= size);
		open -= item.kind == JSON_CLOSED;
		require(item.depth == open && open <= JSON_SCAN_MAX_DEPTH);
		open += item.kind == JSON_OBJECT || item.kind == JSON_ARRAY;
		if (item.key != NULL)
			require_inside(item.key, item.key_len, document, size);
		if (item.kind == JSON_STRING) {
			require_inside(item.bytes, item.len, document, size);
			text_init(&text, bytes, sizeof bytes);
			json_item_add_string(&item, &text);
			require(strlen(bytes) == text.len);
		}
	}
	require(r < 0 || open == 0);
	return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy = malloc(size > 0 ? size : 1);
	static struct ecs_metadata metadata;
	struct label_list labels;
	int r;

	require(copy != NULL);
	if (size > 0)
		memcpy(copy, data, size);
	r = scan_all(copy, size);
	memset(&metadata, 0, sizeof metadata);
	require(ecs_metadata_take_task(&metadata, copy, size) == -EBADMSG || r == 0);
	require(ecs_metadata_take_container(&metadata, copy, size) == -EBADMSG || r == 0);
	ecs_metadata_labels(&metadata, &labels);
	require(labels.count <= LABELS_OF_PLATFORM && (r == 0 || labels.count == 0));
	free(copy);
	return 0;
}
