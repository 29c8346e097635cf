/* SPDX-License-Identifier: MIT */
#include "drill/core/websocket_reader.h"

#include <string.h>

#define FIN 0x80
#define RESERVED 0x70
#define MASKED 0x80

void websocket_reader_start(struct websocket_reader *reader)
{
	memset(reader, 0, sizeof *reader);
	reader->head_needed = 2;
	reader->close_code = WEBSOCKET_NO_CODE;
}

static unsigned opcode_of(const struct websocket_reader *reader)
{
	return reader->head[0] & 0x0F;
}

static bool is_control(const struct websocket_reader *reader)
{
	return opcode_of(reader) >= WEBSOCKET_CLOSE;
}

static bool is_final(const struct websocket_reader *reader)
{
	return (reader->head[0] & FIN) != 0;
}

static bool opcode_is_right(const struct websocket_reader *reader)
{
	switch (opcode_of(reader)) {
	case WEBSOCKET_CONTINUATION:
		return reader->is_in_message;
	case WEBSOCKET_TEXT:
	case WEBSOCKET_BINARY:
		return !reader->is_in_message;
	case WEBSOCKET_CLOSE:
	case WEBSOCKET_PING:
	case WEBSOCKET_PONG:
		return is_final(reader) && reader->head[1] <= WEBSOCKET_CONTROL_BYTES;
	default:
		return false;
	}
}

/* The first two bytes tell how long the head is. */
static bool begin_head(struct websocket_reader *reader)
{
	unsigned char len = reader->head[1];

	if ((reader->head[0] & RESERVED) != 0 || (len & MASKED) != 0 || !opcode_is_right(reader))
		return false;
	reader->head_needed = len < 126 ? 2 : len == 126 ? 4 : 10;
	return true;
}

/* Lengths are in their shortest form, and the longest is below 2^63 (RFC 6455 5.2). */
static bool end_head(struct websocket_reader *reader)
{
	uint64_t length = 0;

	if (reader->head_needed == 2) {
		reader->left = reader->head[1];
		return true;
	}
	for (size_t i = 2; i < reader->head_needed; i++)
		length = length << 8 | reader->head[i];
	reader->left = length;
	return length >> 63 == 0 && length >= (reader->head_needed == 4 ? 126U : 65536U);
}

static bool read_close_code(struct websocket_reader *reader)
{
	int code;

	if (reader->control_len == 0)
		return true;
	if (reader->control_len == 1)
		return false;
	code = reader->control[0] << 8 | reader->control[1];
	reader->close_code = code;
	/* those that no frame may carry (RFC 6455 7.4) */
	return code >= 1000 && code < 5000 && code != 1004 && code != 1005 && code != 1006 &&
	       code != 1015;
}

static enum websocket_event end_frame(struct websocket_reader *reader)
{
	unsigned opcode = opcode_of(reader);

	reader->head_len = 0;
	reader->head_needed = 2;
	if (opcode == WEBSOCKET_PING)
		return WEBSOCKET_PINGED;
	if (opcode == WEBSOCKET_PONG)
		return WEBSOCKET_PONGED;
	if (opcode == WEBSOCKET_CLOSE) {
		reader->is_over = true;
		return read_close_code(reader) ? WEBSOCKET_CLOSED : WEBSOCKET_BAD;
	}
	reader->is_in_message = !is_final(reader);
	return reader->is_in_message ? WEBSOCKET_MORE : WEBSOCKET_MESSAGE;
}

static size_t take_payload(struct websocket_reader *reader, const unsigned char *bytes, size_t len)
{
	size_t took = reader->left < len ? (size_t)reader->left : len;

	if (is_control(reader)) {
		memcpy(reader->control + reader->control_len, bytes, took);
		reader->control_len += took;
	} else {
		reader->message_bytes += (int64_t)took;
	}
	reader->left -= took;
	return took;
}

/* Returns false for a bad head. */
static bool take_head_byte(struct websocket_reader *reader, unsigned char byte)
{
	reader->head[reader->head_len++] = byte;
	if (reader->head_len == 2 && !begin_head(reader))
		return false;
	if (reader->head_len < reader->head_needed)
		return true;
	reader->control_len = 0;
	return end_head(reader);
}

size_t websocket_reader_take(struct websocket_reader *reader, const unsigned char *bytes,
	size_t len, enum websocket_event *ret_event)
{
	size_t at = 0;

	*ret_event = reader->is_over ? WEBSOCKET_BAD : WEBSOCKET_MORE;
	while (at < len && *ret_event == WEBSOCKET_MORE) {
		if (reader->head_len == reader->head_needed) {
			at += take_payload(reader, bytes + at, len - at);
		} else if (!take_head_byte(reader, bytes[at++])) {
			reader->is_over = true;
			*ret_event = WEBSOCKET_BAD;
			return at;
		}
		if (reader->head_len == reader->head_needed && reader->left == 0)
			*ret_event = end_frame(reader);
	}
	return at;
}

size_t websocket_write_frame(unsigned char frame[WEBSOCKET_FRAME_BYTES],
	enum websocket_opcode opcode, const void *payload, size_t len, const unsigned char mask[4])
{
	const unsigned char *bytes = payload;

	frame[0] = (unsigned char)(FIN | opcode);
	frame[1] = (unsigned char)(MASKED | len);
	memcpy(frame + 2, mask, 4);
	for (size_t i = 0; i < len; i++)
		frame[6 + i] = bytes[i] ^ mask[i % 4];
	return 6 + len;
}

bool websocket_code_is_fine(int code)
{
	return code == 1000 || code == 1001 || code == 1012;
}
