/* SPDX-License-Identifier: MIT */
/* Rows of Unix-domain sockets. The first byte chooses between a reply to request 7 and events, which have no
 * number. */
#include "core/codec/unix_socket_codec.h"

#include "sockdiag_items.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum sockdiag_item next(struct sockdiag_cursor *cursor, void *row)
{
	return unix_socket_next(cursor, row);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sockdiag_cursor cursor;
	struct unix_socket row;

	if (size == 0)
		return 0;
	sockdiag_cursor_init(&cursor, data + 1, size - 1, data[0] % 2 ? 7 : 0);
	require_items_hold(&cursor, next, &row);
	return 0;
}
