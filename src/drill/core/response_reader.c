/* SPDX-License-Identifier: MIT */
#include "drill/core/response_reader.h"

#include "core/http/http_response.h"

#include <string.h>
#include <strings.h>

#define MAX_BODY_DIGITS 18 /* decimal, and so within int64_t */
#define MAX_CHUNK_DIGITS 15 /* hexadecimal */

/* A field's value without the white space around it. */
struct value {
	const char *bytes;
	size_t len;
};

void response_reader_start(struct response_reader *reader)
{
	memset(reader, 0, offsetof(struct response_reader, line));
	reader->length = -1;
}

void response_reader_start_head(struct response_reader *reader)
{
	response_reader_start(reader);
	reader->has_no_body = true;
}

static struct value trim(const char *bytes, size_t len)
{
	while (len > 0 && (bytes[0] == ' ' || bytes[0] == '\t')) {
		bytes++;
		len--;
	}
	while (len > 0 && (bytes[len - 1] == ' ' || bytes[len - 1] == '\t'))
		len--;
	return (struct value){bytes, len};
}

static bool value_is(struct value value, const char *word)
{
	return value.len == strlen(word) && strncasecmp(value.bytes, word, value.len) == 0;
}

/* The next element of a comma-separated list, which is taken off. */
static struct value next_element(struct value *list)
{
	const char *comma = list->len > 0 ? memchr(list->bytes, ',', list->len) : NULL;
	size_t len = comma != NULL ? (size_t)(comma - list->bytes) : list->len;
	struct value element = trim(list->bytes, len);

	len += comma != NULL;
	list->bytes += len;
	list->len -= len;
	return element;
}

/* Returns -1 for what is no number. */
static int64_t read_decimal(struct value value)
{
	int64_t number = 0;

	if (value.len == 0 || value.len > MAX_BODY_DIGITS)
		return -1;
	for (size_t i = 0; i < value.len; i++) {
		if (value.bytes[i] < '0' || value.bytes[i] > '9')
			return -1;
		number = number * 10 + (value.bytes[i] - '0');
	}
	return number;
}

/* The same length said twice is one length (RFC 9112 6.3); two are none. */
static bool read_content_length(struct response_reader *reader, struct value list)
{
	do {
		int64_t length = read_decimal(next_element(&list));

		if (length < 0 || (reader->length >= 0 && reader->length != length))
			return false;
		reader->length = length;
	} while (list.len > 0);
	return true;
}

/* Only the last coding frames the body. */
static void read_transfer_encoding(struct response_reader *reader, struct value list)
{
	reader->has_coding = true;
	while (list.len > 0)
		reader->is_chunked = value_is(next_element(&list), "chunked");
}

static void read_connection(struct response_reader *reader, struct value list)
{
	while (list.len > 0) {
		struct value element = next_element(&list);

		if (value_is(element, "close"))
			reader->closes = true;
		else if (value_is(element, "keep-alive"))
			reader->keeps_alive = true;
	}
}

static bool read_status_line(struct response_reader *reader)
{
	int status;

	if (reader->line_len < sizeof reader->line)
		reader->line[reader->line_len++] =
			'\n'; /* which is part of a status without reason */
	status = http_response_status(reader->line, reader->line_len);
	if (status <= 0 || status == 101) /* the client did not ask for another protocol */
		return false;
	reader->status = status;
	reader->is_http_1_0 = reader->line[7] == '0';
	reader->stage = RESPONSE_FIELDS;
	return true;
}

static bool read_field(struct response_reader *reader)
{
	const char *colon = memchr(reader->line, ':', reader->line_len);
	size_t name_len = colon != NULL ? (size_t)(colon - reader->line) : 0;
	struct value name = {reader->line, name_len}, value;

	/* A line that goes on with another, and a space before the colon, are how answers are smuggled. */
	if (name_len == 0 || memchr(reader->line, ' ', name_len) != NULL ||
		memchr(reader->line, '\t', name_len) != NULL)
		return false;
	value = trim(colon + 1, reader->line_len - name_len - 1);
	if (value_is(name, "Retry-After")) {
		reader->has_retry_after = true;
		return true;
	}
	if (!value_is(name, "Content-Length") && !value_is(name, "Transfer-Encoding") &&
		!value_is(name, "Connection"))
		return true;
	if (reader->line_is_cut)
		return false;
	if (value_is(name, "Content-Length"))
		return read_content_length(reader, value);
	if (value_is(name, "Transfer-Encoding"))
		read_transfer_encoding(reader, value);
	else
		read_connection(reader, value);
	return true;
}

static void expect_body(struct response_reader *reader, int64_t bytes)
{
	reader->left = bytes;
	reader->stage = bytes > 0 ? RESPONSE_BODY : RESPONSE_WHOLE;
}

/* The empty line: what comes next (RFC 9112 6.3)? */
static void end_head(struct response_reader *reader)
{
	size_t head_bytes = reader->head_bytes;
	bool has_no_body = reader->has_no_body;

	if (reader->status < 200) { /* an interim answer: the final one follows */
		response_reader_start(reader);
		reader->head_bytes = head_bytes;
		reader->has_no_body = has_no_body;
		return;
	}
	if (reader->is_http_1_0 && !reader->keeps_alive)
		reader->closes = true;
	if (reader->has_coding && reader->length >= 0) {
		reader->length = -1; /* the coding wins, and nothing after this is to be trusted */
		reader->closes = true;
	}
	if (reader->has_no_body || reader->status == 204 || reader->status == 304) {
		reader->length = 0;
		reader->stage = RESPONSE_WHOLE;
	} else if (reader->is_chunked) {
		reader->stage = RESPONSE_CHUNK_SIZE;
	} else if (reader->length >= 0) {
		expect_body(reader, reader->length);
	} else {
		reader->closes = true;
		expect_body(reader, INT64_MAX);
	}
}

static int hex_value(char digit)
{
	if (digit >= '0' && digit <= '9')
		return digit - '0';
	digit |= 0x20;
	return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

/* SIZE[;EXTENSION...] */
static bool read_chunk_size(struct response_reader *reader)
{
	int64_t size = 0;
	size_t i = 0;

	for (; i < reader->line_len && hex_value(reader->line[i]) >= 0; i++) {
		if (i == MAX_CHUNK_DIGITS)
			return false;
		size = size * 16 + hex_value(reader->line[i]);
	}
	while (i > 0 && i < reader->line_len && (reader->line[i] == ' ' || reader->line[i] == '\t'))
		i++;
	if (i == 0 || (i < reader->line_len && reader->line[i] != ';'))
		return false;
	reader->left = size;
	reader->stage = size > 0 ? RESPONSE_CHUNK : RESPONSE_TRAILERS;
	return true;
}

static bool end_line(struct response_reader *reader)
{
	switch (reader->stage) {
	case RESPONSE_STATUS_LINE:
		return read_status_line(reader);
	case RESPONSE_FIELDS:
		if (reader->line_len > 0)
			return read_field(reader);
		end_head(reader);
		return true;
	case RESPONSE_CHUNK_SIZE:
		return read_chunk_size(reader);
	case RESPONSE_CHUNK_END:
		reader->stage = RESPONSE_CHUNK_SIZE;
		return reader->line_len == 0;
	case RESPONSE_TRAILERS:
		if (reader->line_len == 0)
			reader->stage = RESPONSE_WHOLE;
		return true;
	case RESPONSE_BODY:
	case RESPONSE_CHUNK:
	case RESPONSE_WHOLE:
	case RESPONSE_BAD:
		break;
	}
	return false;
}

/* What is no HTTP is known by its first bytes: such a server may never send a line's end. */
static bool is_bad_already(const struct response_reader *reader)
{
	switch (reader->stage) {
	case RESPONSE_STATUS_LINE:
		return http_response_status(reader->line, reader->line_len) < 0;
	case RESPONSE_CHUNK_END:
		return reader->line_len > 1 || reader->line[0] != '\r';
	case RESPONSE_CHUNK_SIZE:
		return hex_value(reader->line[0]) < 0;
	case RESPONSE_FIELDS:
	case RESPONSE_BODY:
	case RESPONSE_CHUNK:
	case RESPONSE_TRAILERS:
	case RESPONSE_WHOLE:
	case RESPONSE_BAD:
		break;
	}
	return false;
}

/* A line's next bytes, as far as its end. Lines end with CRLF, or with LF alone. */
static size_t take_line(struct response_reader *reader, const char *bytes, size_t len)
{
	const char *newline = memchr(bytes, '\n', len);
	size_t took = newline != NULL ? (size_t)(newline - bytes) : len;
	size_t room = sizeof reader->line - reader->line_len, kept = took < room ? took : room;

	memcpy(reader->line + reader->line_len, bytes, kept);
	reader->line_len += kept;
	reader->line_is_cut |= kept < took;
	took += newline != NULL;
	reader->head_bytes +=
		reader->stage < RESPONSE_BODY || reader->stage == RESPONSE_TRAILERS ? took : 0;
	if (reader->head_bytes > RESPONSE_HEAD_BYTES || memchr(bytes, '\0', took) != NULL ||
		(reader->line_len > 0 && is_bad_already(reader))) {
		reader->stage = RESPONSE_BAD;
		return took;
	}
	if (newline == NULL)
		return took;
	if (reader->line_len > 0 && !reader->line_is_cut &&
		reader->line[reader->line_len - 1] == '\r')
		reader->line_len--;
	if (!end_line(reader))
		reader->stage = RESPONSE_BAD;
	reader->line_len = 0;
	reader->line_is_cut = false;
	return took;
}

static struct response_piece take_body(
	struct response_reader *reader, const char *bytes, size_t len)
{
	size_t took = (uint64_t)reader->left < len ? (size_t)reader->left : len;

	reader->body_bytes += (int64_t)took;
	if (reader->stage == RESPONSE_CHUNK || reader->length >= 0)
		reader->left -= (int64_t)took;
	if (reader->left == 0)
		reader->stage =
			reader->stage == RESPONSE_CHUNK ? RESPONSE_CHUNK_END : RESPONSE_WHOLE;
	return (struct response_piece){bytes, took};
}

size_t response_reader_take(struct response_reader *reader, const char *bytes, size_t len,
	struct response_piece *ret_piece)
{
	size_t took = 0;

	*ret_piece = (struct response_piece){NULL, 0};
	while (took < len && reader->stage < RESPONSE_WHOLE) {
		if (reader->stage == RESPONSE_BODY || reader->stage == RESPONSE_CHUNK) {
			*ret_piece = take_body(reader, bytes + took, len - took);
			return took + ret_piece->len;
		}
		took += take_line(reader, bytes + took, len - took);
	}
	return took;
}

bool response_reader_end(struct response_reader *reader)
{
	if (reader->stage == RESPONSE_BODY && reader->length < 0)
		reader->stage = RESPONSE_WHOLE;
	return reader->stage == RESPONSE_WHOLE;
}

int64_t response_reader_body_length(const struct response_reader *reader)
{
	if (reader->stage == RESPONSE_WHOLE && response_reader_has_length(reader))
		return reader->body_bytes;
	return reader->status >= 200 && reader->stage >= RESPONSE_BODY ? reader->length : -1;
}

bool response_reader_has_length(const struct response_reader *reader)
{
	return reader->is_chunked || reader->length >= 0;
}

bool response_reader_has_begun(const struct response_reader *reader)
{
	if (reader->stage == RESPONSE_STATUS_LINE)
		return reader->line_len > 0;
	return reader->status >= 200 || reader->stage == RESPONSE_BAD;
}
