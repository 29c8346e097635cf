/* SPDX-License-Identifier: MIT */
#include "core/http/http2_health.h"

#define FRAME_MAX_BYTES 16384 /* as long as we announce no other (RFC 9113 6.5.2) */
#define WINDOW_MAX 0x7fffffffu
#define WINDOW_INITIAL 65535
#define TABLE_SIZE_INITIAL 4096

/* Where a frame may stand. */
enum place {
	PLACE_NONE, /* no client sends it */
	PLACE_CONNECTION, /* stream 0 */
	PLACE_STREAM, /* any other */
	PLACE_BEGUN_STREAM, /* one that the client has begun */
	PLACE_BOTH,
	PLACE_BLOCK, /* amid a header block */
};

static const struct {
	uint8_t place, length; /* 0: any */
} rules[HTTP2_FRAME_TYPE_COUNT] = {
	[HTTP2_DATA] = {PLACE_BEGUN_STREAM, 0},
	[HTTP2_HEADERS] = {PLACE_STREAM, 0},
	[HTTP2_PRIORITY] = {PLACE_STREAM, 5},
	[HTTP2_RST_STREAM] = {PLACE_BEGUN_STREAM, 4},
	[HTTP2_SETTINGS] = {PLACE_CONNECTION, 0},
	[HTTP2_PUSH_PROMISE] = {PLACE_NONE, 0},
	[HTTP2_PING] = {PLACE_CONNECTION, 8},
	[HTTP2_GOAWAY] = {PLACE_CONNECTION, 0},
	[HTTP2_WINDOW_UPDATE] = {PLACE_BOTH, 4},
	[HTTP2_CONTINUATION] = {PLACE_BLOCK, 0},
};

static uint32_t read_number(const char *bytes, int count)
{
	uint32_t number = 0;

	for (int i = 0; i < count; i++)
		number = number << 8 | (uint8_t)bytes[i];
	return number;
}

static bool has_flag(const struct http2_health *h, enum http2_flag flag)
{
	return (h->flags & (unsigned)flag) != 0;
}

static bool is_headers(const struct http2_health *h)
{
	return h->type == HTTP2_HEADERS || h->type == HTTP2_CONTINUATION;
}

static bool is_padded(const struct http2_health *h)
{
	return (h->type == HTTP2_DATA || h->type == HTTP2_HEADERS) && has_flag(h, HTTP2_PADDED);
}

/* ---- streams whose request goes on ---- */

/* The place of a stream, or a free one for 0; NULL where there is none. */
static uint32_t *find_unfinished(struct http2_health *h, uint32_t stream)
{
	for (size_t i = 0; i < HTTP2_STREAMS_MAX; i++) {
		if (h->unfinished[i] == stream)
			return &h->unfinished[i];
	}
	return NULL;
}

static enum http2_progress complete(struct http2_health *h, uint32_t stream)
{
	h->complete_stream = stream;
	return HTTP2_REQUEST;
}

/* The client has sent the last of a stream. What comes on one that is over already is of no interest. */
static enum http2_progress finish_stream(struct http2_health *h)
{
	uint32_t *place = find_unfinished(h, h->stream);

	if (place == NULL)
		return HTTP2_MORE;
	*place = 0;
	return complete(h, h->stream);
}

static enum http2_progress begin_stream(struct http2_health *h, struct text *out)
{
	uint32_t *place;

	if (h->block_ends_stream)
		return complete(h, h->stream);
	place = find_unfinished(h, 0);
	if (place != NULL)
		*place = h->stream;
	else
		http2_frame_add_reset(out, h->stream, HTTP2_REFUSED_STREAM);
	return HTTP2_MORE;
}

/* ---- the beginning of a frame ---- */

static bool is_at_its_place(const struct http2_health *h)
{
	bool is_clients = h->stream % 2 == 1;

	switch ((enum place)rules[h->type].place) {
	case PLACE_CONNECTION:
		return h->stream == 0;
	case PLACE_STREAM:
		return h->type == HTTP2_HEADERS ? is_clients : h->stream != 0;
	case PLACE_BEGUN_STREAM:
		return h->stream != 0 && h->stream <= h->last_stream;
	case PLACE_BOTH:
		return h->stream <= h->last_stream;
	case PLACE_BLOCK:
		return h->block_stream != 0;
	case PLACE_NONE:
		break;
	}
	return false;
}

static enum http2_error check_order(const struct http2_health *h)
{
	if (!h->has_settings && (h->type != HTTP2_SETTINGS || has_flag(h, HTTP2_ACK)))
		return HTTP2_PROTOCOL_ERROR;
	if (h->block_stream != 0 && (h->type != HTTP2_CONTINUATION || h->stream != h->block_stream))
		return HTTP2_PROTOCOL_ERROR;
	if (h->type < HTTP2_FRAME_TYPE_COUNT && !is_at_its_place(h))
		return HTTP2_PROTOCOL_ERROR;
	return HTTP2_NO_ERROR;
}

/* payload: its first byte counts the padding, where the frame is padded. */
static enum http2_error check_length(const struct http2_health *h, const char *payload)
{
	uint32_t least = is_padded(h) ? 1 : 0, wanted;

	if (h->type == HTTP2_HEADERS && has_flag(h, HTTP2_HAS_PRIORITY))
		least += 5;
	if (h->length > FRAME_MAX_BYTES || h->length < least)
		return HTTP2_FRAME_SIZE_ERROR;
	if (is_padded(h) && (uint8_t)*payload > h->length - least)
		return HTTP2_PROTOCOL_ERROR;
	wanted = h->type < HTTP2_FRAME_TYPE_COUNT ? rules[h->type].length : 0;
	if (wanted != 0 && h->length != wanted)
		return HTTP2_FRAME_SIZE_ERROR;
	if (h->type == HTTP2_SETTINGS && (has_flag(h, HTTP2_ACK) ? h->length : h->length % 6) != 0)
		return HTTP2_FRAME_SIZE_ERROR;
	return HTTP2_NO_ERROR;
}

static enum http2_error note_block(struct http2_health *h)
{
	if (h->type == HTTP2_HEADERS) {
		h->block_stream = h->stream;
		h->block_bytes = 0;
		h->block_ends_stream = has_flag(h, HTTP2_END_STREAM);
		h->block_begins_stream = h->stream > h->last_stream;
		if (h->block_begins_stream)
			h->last_stream = h->stream;
	}
	h->block_bytes += HTTP2_FRAME_HEADER_BYTES + h->length;
	return h->block_bytes > HTTP2_BLOCK_MAX_BYTES ? HTTP2_ENHANCE_YOUR_CALM : HTTP2_NO_ERROR;
}

static enum http2_error begin_frame(struct http2_health *h, const char *payload)
{
	enum http2_error error = check_order(h);

	if (error == HTTP2_NO_ERROR)
		error = check_length(h, payload);
	if (error == HTTP2_NO_ERROR && is_headers(h))
		error = note_block(h);
	h->is_in_frame = true;
	h->left = h->length;
	return error;
}

static void read_frame_header(struct http2_health *h, const char *at)
{
	h->length = read_number(at, 3);
	h->type = (uint8_t)at[3];
	h->flags = (uint8_t)at[4];
	h->stream = read_number(at + 5, 4) & WINDOW_MAX; /* the first bit is reserved */
}

/* ---- its payload ---- */

static enum http2_error take_setting(struct http2_health *h, const char *at)
{
	uint32_t value = read_number(at + 2, 4);

	switch (read_number(at, 2)) {
	case HTTP2_HEADER_TABLE_SIZE:
		h->table_size_update |= value < TABLE_SIZE_INITIAL;
		break;
	case HTTP2_INITIAL_WINDOW_SIZE:
		if (value > WINDOW_MAX)
			return HTTP2_FLOW_CONTROL_ERROR;
		h->stream_window = value;
		break;
	default:
		break; /* says nothing about what we send */
	}
	return HTTP2_NO_ERROR;
}

/* Streams of their own windows do not matter: each sends less than any window that a client announces. */
static enum http2_error take_window(struct http2_health *h, const char *at)
{
	uint32_t more = read_number(at, 4) & WINDOW_MAX;

	if (h->stream != 0)
		return HTTP2_NO_ERROR;
	if (more == 0)
		return HTTP2_PROTOCOL_ERROR;
	if (more > WINDOW_MAX - h->window)
		return HTTP2_FLOW_CONTROL_ERROR;
	h->window += more;
	return HTTP2_NO_ERROR;
}

/* So many bytes of the payload are looked at together; 0: they are only counted. */
static uint32_t unit_of(const struct http2_health *h)
{
	switch (h->type) {
	case HTTP2_SETTINGS:
		return 6;
	case HTTP2_PING:
	case HTTP2_WINDOW_UPDATE:
		return rules[h->type].length;
	default:
		return 0;
	}
}

static enum http2_error take_unit(struct http2_health *h, const char *at, struct text *out)
{
	if (h->type == HTTP2_SETTINGS)
		return take_setting(h, at);
	if (h->type == HTTP2_WINDOW_UPDATE)
		return take_window(h, at);
	if (!has_flag(h, HTTP2_ACK))
		http2_frame_add_ping_ack(out, at);
	return HTTP2_NO_ERROR;
}

/* ---- its end ---- */

static enum http2_progress end_block(struct http2_health *h, struct text *out)
{
	if (!has_flag(h, HTTP2_END_HEADERS))
		return HTTP2_MORE;
	h->block_stream = 0;
	if (h->block_begins_stream)
		return begin_stream(h, out);
	return h->block_ends_stream ? finish_stream(h) : HTTP2_MORE;
}

/* Data is not kept, and its room in the connection's window is given back at once. */
static enum http2_progress end_data(struct http2_health *h, struct text *out)
{
	if (h->length > 0)
		http2_frame_add_window_update(out, 0, h->length);
	return has_flag(h, HTTP2_END_STREAM) ? finish_stream(h) : HTTP2_MORE;
}

static enum http2_progress end_frame(struct http2_health *h, struct text *out)
{
	uint32_t *place;

	h->is_in_frame = false;
	switch (h->type) {
	case HTTP2_DATA:
		return end_data(h, out);
	case HTTP2_HEADERS:
	case HTTP2_CONTINUATION:
		return end_block(h, out);
	case HTTP2_RST_STREAM:
		place = find_unfinished(h, h->stream);
		if (place != NULL)
			*place = 0;
		break;
	case HTTP2_SETTINGS:
		h->has_settings = true;
		if (!has_flag(h, HTTP2_ACK))
			http2_frame_add_settings_ack(out);
		break;
	default:
		break;
	}
	return HTTP2_MORE;
}

/* ---- all of it ---- */

static enum http2_progress fail(
	const struct http2_health *h, struct text *out, enum http2_error error)
{
	http2_frame_add_goaway(out, h->last_stream, error);
	return HTTP2_FAILED;
}

/* Takes the header of a frame. Returns whether there were enough bytes. */
static bool take_header(
	struct http2_health *h, const char **bytes, const char *end, enum http2_error *ret_error)
{
	size_t available = (size_t)(end - *bytes);

	if (available < HTTP2_FRAME_HEADER_BYTES)
		return false;
	read_frame_header(h, *bytes);
	if (is_padded(h) && h->length > 0 && available == HTTP2_FRAME_HEADER_BYTES)
		return false;
	*bytes += HTTP2_FRAME_HEADER_BYTES;
	*ret_error = begin_frame(h, *bytes);
	return true;
}

/* Takes one unit of the payload, or all that is there of it. Returns as take_header does. */
static bool take_payload(struct http2_health *h, const char **bytes, const char *end,
	struct text *out, enum http2_error *ret_error)
{
	size_t available = (size_t)(end - *bytes);
	uint32_t unit = unit_of(h), taken = unit;

	if (available == 0 || available < unit)
		return false;
	if (unit > 0)
		*ret_error = take_unit(h, *bytes, out);
	else
		taken = available < h->left ? (uint32_t)available : h->left;
	h->left -= taken;
	*bytes += taken;
	return true;
}

enum http2_progress http2_health_take(
	struct http2_health *health, const char **bytes, const char *end, struct text *out)
{
	struct http2_health *h = health;

	while (out->cap - out->len > HTTP2_OUTPUT_BYTES) {
		enum http2_error error = HTTP2_NO_ERROR;
		enum http2_progress progress;

		if (!(h->is_in_frame ? take_payload(h, bytes, end, out, &error)
				     : take_header(h, bytes, end, &error)))
			return HTTP2_MORE;
		if (error != HTTP2_NO_ERROR)
			return fail(h, out, error);
		if (h->left > 0)
			continue;
		progress = end_frame(h, out);
		if (progress != HTTP2_MORE)
			return progress;
	}
	return HTTP2_FULL;
}

void http2_health_begin(struct http2_health *ret_health, struct text *out)
{
	*ret_health = (struct http2_health){
		.is_open = true,
		.window = WINDOW_INITIAL,
		.stream_window = WINDOW_INITIAL,
	};
	http2_frame_add_settings(out, HTTP2_STREAMS_MAX);
}

void http2_health_answer(
	struct http2_health *health, struct text *out, int http_status, const char *state)
{
	struct http2_health *h = health;
	bool is_serving = http_status >= 200 && http_status < 300;
	bool has_room = h->window >= HTTP2_SERVING_DATA_BYTES &&
			h->stream_window >= HTTP2_SERVING_DATA_BYTES;

	if (is_serving && !has_room) {
		http2_frame_add_reset(out, h->complete_stream, HTTP2_REFUSED_STREAM);
		return;
	}
	if (is_serving) {
		http2_frame_add_serving(out, h->complete_stream, h->table_size_update);
		h->window -= HTTP2_SERVING_DATA_BYTES;
	} else {
		http2_frame_add_unavailable(
			out, h->complete_stream, h->table_size_update, http_status, state);
	}
	h->table_size_update = false;
}

bool http2_health_is_amid(const struct http2_health *health)
{
	bool has_unfinished = false;

	for (size_t i = 0; i < HTTP2_STREAMS_MAX; i++)
		has_unfinished |= health->unfinished[i] != 0;
	return health->is_in_frame || health->block_stream != 0 || has_unfinished;
}
