/* SPDX-License-Identifier: MIT */
/* A datagram as a kernel, or something that claims to be one, may send it: what holds whatever the codec of
 * its rows. */
#pragma once

#include "core/codec/sockdiag_message.h"
#include "require.h"

#define LEAST_MESSAGE_BYTES 16

/* Reads all items with next; row is where next puts one. */
static inline void require_items_hold(struct sockdiag_cursor *cursor,
	enum sockdiag_item (*next)(struct sockdiag_cursor *cursor, void *row), void *row)
{
	const uint8_t *end = cursor->at + cursor->left;
	const size_t most = cursor->left / LEAST_MESSAGE_BYTES;

	for (size_t items = 0;; items++) {
		enum sockdiag_item item = next(cursor, row);

		if (item == SOCKDIAG_MALFORMED) {
			require(cursor->left == 0);
			return;
		}
		require(cursor->at + cursor->left == end);
		require(item != SOCKDIAG_FAILED || (cursor->error < 0 && cursor->error >= -4095));
		if (item == SOCKDIAG_EXHAUSTED)
			return;
		require(items < most);
	}
}
