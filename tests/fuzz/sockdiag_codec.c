/* SPDX-License-Identifier: MIT */
/* A datagram as a kernel, or something that claims to be one, may send it. The first byte chooses
 * between a reply to request 7 and events, which have no number, and between TCP and MPTCP. */
#include "core/sockdiag_codec.h"

#include <stdlib.h>

#define LEAST_MESSAGE_BYTES 16

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sockdiag_cursor cursor;
	struct connection row;
	size_t items = 0;

	if (size == 0)
		return 0;
	sockdiag_cursor_init(&cursor, data + 1, size - 1, data[0] % 2 ? 7 : 0);
	cursor.is_mptcp = data[0] & 2;
	for (;;) {
		enum sockdiag_item item = sockdiag_next(&cursor, &row);

		if (cursor.at + cursor.left != data + size && item != SOCKDIAG_MALFORMED)
			abort();
		if (item == SOCKDIAG_MALFORMED && cursor.left != 0)
			abort();
		if (item == SOCKDIAG_FAILED && (cursor.error >= 0 || cursor.error < -4095))
			abort();
		if (item == SOCKDIAG_EXHAUSTED || item == SOCKDIAG_MALFORMED)
			return 0;
		if (++items > size / LEAST_MESSAGE_BYTES)
			abort();
	}
}
