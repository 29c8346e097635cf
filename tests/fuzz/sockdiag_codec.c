/* SPDX-License-Identifier: MIT */
/* Rows of TCP. The first byte chooses between a reply to request 7 and events, which have no number, and
 * between TCP and MPTCP. */
#include "core/codec/sockdiag_codec.h"

#include "sockdiag_items.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum sockdiag_item next(struct sockdiag_cursor *cursor, void *row)
{
	return sockdiag_next(cursor, row);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sockdiag_cursor cursor;
	struct connection row;

	if (size == 0)
		return 0;
	sockdiag_cursor_init(&cursor, data + 1, size - 1, data[0] % 2 ? 7 : 0);
	cursor.is_mptcp = data[0] & 2;
	require_items_hold(&cursor, next, &row);
	return 0;
}
