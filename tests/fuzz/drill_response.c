/* SPDX-License-Identifier: MIT */
/* An answer as the drill reads it: however it is cut, it is the same answer with the same body, nothing
 * behind it is taken, and no byte of a body is counted twice. The first byte says how it is cut. */
#include "drill/core/response_reader.h"

#include "core/text/fnv_hash.h"

#include "require.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct outcome {
	struct response_reader reader;
	size_t taken, body_len;
	uint64_t body_hash;
};

/* The copies are as long as their content, so that the sanitizers see a byte too much. */
static void feed(struct outcome *outcome, const uint8_t *data, size_t len)
{
	char *copy = malloc(len > 0 ? len : 1);
	struct response_piece piece;
	size_t at = 0, took;

	require(copy != NULL);
	memcpy(copy, data, len);
	do {
		took = response_reader_take(&outcome->reader, copy + at, len - at, &piece);
		require(took <= len - at && piece.len <= took);
		outcome->body_hash = fnv_hash_add(outcome->body_hash, piece.bytes, piece.len);
		outcome->body_len += piece.len;
		at += took;
	} while (took > 0);
	outcome->taken += at;
	free(copy);
}

static struct outcome read_answer(const uint8_t *data, size_t size, size_t piece)
{
	struct outcome outcome = {.body_hash = FNV_HASH_START};

	response_reader_start(&outcome.reader);
	for (size_t at = 0; at < size; at += piece)
		feed(&outcome, data + at, size - at < piece ? size - at : piece);
	return outcome;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct outcome whole, cut;

	if (size == 0)
		return 0;
	whole = read_answer(data + 1, size - 1, size);
	cut = read_answer(data + 1, size - 1, data[0] + 1U);
	require(whole.reader.stage == cut.reader.stage);
	require(whole.reader.status == cut.reader.status);
	require(whole.body_len == cut.body_len && whole.body_hash == cut.body_hash);
	require((size_t)whole.reader.body_bytes == whole.body_len);
	require(whole.reader.status == 0 ||
		(whole.reader.status >= 100 && whole.reader.status <= 599));
	if (whole.reader.stage == RESPONSE_BAD)
		return 0;
	require(whole.taken == cut.taken);
	require(whole.reader.stage == RESPONSE_WHOLE || whole.taken == size - 1);
	require(whole.reader.length < 0 || whole.reader.status == 304 ||
		(int64_t)whole.body_len <= whole.reader.length);
	require(response_reader_end(&whole.reader) == response_reader_end(&cut.reader));
	return 0;
}
