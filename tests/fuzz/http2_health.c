/* SPDX-License-Identifier: MIT */
/* What a client sends after its preface: however it is cut, the same is said, in whole frames. The first byte chooses
 * the answer. The sanitizers watch the copies, which are as long as their content. */
#include "core/http/http2_health.h"

#include "require.h"

#include <stdint.h>
#include <string.h>

#define SAID_MAX_BYTES (1 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct talk {
	struct http2_health health;
	int http_status;
	bool has_failed;
	size_t len;
	char said[SAID_MAX_BYTES];
};

static void begin(struct talk *talk, int http_status)
{
	struct text out;

	talk->http_status = http_status;
	talk->has_failed = false;
	text_init(&out, talk->said, sizeof talk->said);
	http2_health_begin(&talk->health, &out);
	talk->len = out.len;
}

/* Returns how many bytes are left. */
static size_t hear(struct talk *talk, const char *bytes, size_t len)
{
	char *copy = malloc(len > 0 ? len : 1);
	const char *at = copy, *end = copy + len;
	enum http2_progress progress = HTTP2_FULL;

	require(copy != NULL);
	memcpy(copy, bytes, len);
	while (progress == HTTP2_FULL || progress == HTTP2_REQUEST) {
		char buf[HTTP2_OUTPUT_BYTES + 2];
		struct text out;

		text_init(&out, buf, sizeof buf);
		progress = http2_health_take(&talk->health, &at, end, &out);
		if (progress == HTTP2_REQUEST)
			http2_health_answer(&talk->health, &out, talk->http_status, "draining");
		require(!out.truncated && talk->len + out.len <= sizeof talk->said);
		memcpy(talk->said + talk->len, buf, out.len);
		talk->len += out.len;
	}
	talk->has_failed = progress == HTTP2_FAILED;
	free(copy);
	return (size_t)(end - at);
}

/* In pieces of so many bytes. */
static void hear_in_pieces(struct talk *talk, const char *bytes, size_t len, size_t piece)
{
	char kept[HTTP2_KEPT_BYTES + 64];
	size_t kept_len = 0;

	require(piece <= 64);
	while (len > 0 && !talk->has_failed) {
		size_t more = len < piece ? len : piece, left;

		memcpy(kept + kept_len, bytes, more);
		kept_len += more;
		bytes += more;
		len -= more;
		left = hear(talk, kept, kept_len);
		require(left < HTTP2_KEPT_BYTES || talk->has_failed);
		memmove(kept, kept + kept_len - left, left);
		kept_len = left;
	}
}

static size_t frame_length(const char *frame)
{
	return (size_t)(uint8_t)frame[0] << 16 | (size_t)(uint8_t)frame[1] << 8 | (uint8_t)frame[2];
}

static void check_frames(const char *said, size_t len)
{
	while (len > 0) {
		size_t frame = HTTP2_FRAME_HEADER_BYTES + frame_length(said);

		require(len >= HTTP2_FRAME_HEADER_BYTES && len >= frame);
		require(frame <= HTTP2_OUTPUT_BYTES && (uint8_t)said[3] < HTTP2_CONTINUATION);
		said += frame;
		len -= frame;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *bytes = (const char *)data + 1;
	static struct talk at_once, by_byte, in_pieces;
	int http_status;

	if (size < 1 || size > 60000)
		return 0;
	http_status = 200 + data[0] % 4 * 101;
	begin(&at_once, http_status);
	begin(&by_byte, http_status);
	begin(&in_pieces, http_status);
	(void)hear(&at_once, bytes, size - 1);
	hear_in_pieces(&by_byte, bytes, size - 1, 1);
	hear_in_pieces(&in_pieces, bytes, size - 1, 13);
	require(by_byte.len == at_once.len && in_pieces.len == at_once.len);
	require(memcmp(by_byte.said, at_once.said, at_once.len) == 0);
	require(memcmp(in_pieces.said, at_once.said, at_once.len) == 0);
	require(by_byte.has_failed == at_once.has_failed);
	check_frames(at_once.said, at_once.len);
	return 0;
}
