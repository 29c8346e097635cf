/* SPDX-License-Identifier: MIT */
/* A WebSocket server's frames: however they are cut, they are the same events, and nothing behind a Close or
 * a bad frame is taken. The first byte says how they are cut. */
#include "drill/core/websocket_reader.h"

#include "require.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct outcome {
	struct websocket_reader reader;
	size_t taken;
	uint64_t events[WEBSOCKET_BAD + 1];
};

/* The copies are as long as their content, so that the sanitizers see a byte too much. */
static void feed(struct outcome *outcome, const uint8_t *data, size_t len)
{
	unsigned char *copy = malloc(len > 0 ? len : 1);
	enum websocket_event event = WEBSOCKET_MORE;
	size_t at = 0;

	require(copy != NULL);
	memcpy(copy, data, len);
	while (at < len && !outcome->reader.is_over) {
		size_t took = websocket_reader_take(&outcome->reader, copy + at, len - at, &event);

		require(took > 0 && took <= len - at);
		at += took;
		outcome->events[event] += event != WEBSOCKET_MORE;
		require(outcome->reader.control_len <= WEBSOCKET_CONTROL_BYTES);
	}
	outcome->taken += at;
	free(copy);
}

static struct outcome read_frames(const uint8_t *data, size_t size, size_t piece)
{
	struct outcome outcome = {.taken = 0};

	websocket_reader_start(&outcome.reader);
	for (size_t at = 0; at < size; at += piece)
		feed(&outcome, data + at, size - at < piece ? size - at : piece);
	return outcome;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct outcome whole, cut;

	if (size == 0)
		return 0;
	whole = read_frames(data + 1, size - 1, size);
	cut = read_frames(data + 1, size - 1, data[0] + 1U);
	require(memcmp(&whole.events, &cut.events, sizeof whole.events) == 0);
	require(whole.taken == cut.taken);
	require(whole.reader.is_over == cut.reader.is_over);
	require(whole.reader.close_code == cut.reader.close_code);
	require(whole.reader.message_bytes == cut.reader.message_bytes);
	require(whole.events[WEBSOCKET_CLOSED] + whole.events[WEBSOCKET_BAD] ==
		(whole.reader.is_over ? 1U : 0U));
	require(whole.reader.is_over || whole.taken == size - 1);
	return 0;
}
