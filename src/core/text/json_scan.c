/* SPDX-License-Identifier: MIT */
#include "core/text/json_scan.h"

#include "core/text/number.h"

#include <errno.h>
#include <string.h>

enum expected {
	EXPECT_VALUE,
	EXPECT_VALUE_OR_END, /* an array has just been opened */
	EXPECT_KEY_OR_END, /* an object has just been opened */
	EXPECT_COMMA_OR_END, /* a value was read */
	EXPECT_NOTHING, /* the document was read, or is none: error */
};

#define REPLACEMENT 0xFFFD

void json_scan_init(struct json_scan *scan, const char *bytes, size_t len)
{
	*scan = (struct json_scan){.at = bytes, .end = bytes + len, .expected = EXPECT_VALUE};
}

static void skip_blanks(struct json_scan *scan)
{
	while (scan->at < scan->end && *scan->at != '\0' && strchr(" \t\r\n", *scan->at) != NULL)
		scan->at++;
}

static bool take(struct json_scan *scan, char c)
{
	if (scan->at == scan->end || *scan->at != c)
		return false;
	scan->at++;
	return true;
}

static bool take_word(struct json_scan *scan, const char *word)
{
	size_t len = strlen(word);

	if ((size_t)(scan->end - scan->at) < len || memcmp(scan->at, word, len) != 0)
		return false;
	scan->at += len;
	return true;
}

static bool take_escape(struct json_scan *scan)
{
	if (scan->at == scan->end || *scan->at == '\0' || strchr("\"\\/bfnrtu", *scan->at) == NULL)
		return false;
	if (*scan->at++ != 'u')
		return true;
	for (int i = 0; i < 4; i++, scan->at++) {
		if (scan->at == scan->end || number_hex_digit(*scan->at) < 0)
			return false;
	}
	return true;
}

/* With its quotes. The span has none. */
static bool take_string(struct json_scan *scan, const char **ret_bytes, size_t *ret_len)
{
	if (!take(scan, '"'))
		return false;
	*ret_bytes = scan->at;
	while (scan->at < scan->end && *scan->at != '"') {
		unsigned char c = (unsigned char)*scan->at++;

		if (c < ' ' || (c == '\\' && !take_escape(scan)))
			return false;
	}
	*ret_len = (size_t)(scan->at - *ret_bytes);
	return take(scan, '"');
}

static bool take_digits(struct json_scan *scan)
{
	const char *first = scan->at;

	while (scan->at < scan->end && *scan->at >= '0' && *scan->at <= '9')
		scan->at++;
	return scan->at > first;
}

static bool take_number(struct json_scan *scan, struct json_item *item)
{
	item->bytes = scan->at;
	(void)take(scan, '-');
	if (!take(scan, '0') && !take_digits(scan))
		return false;
	if (take(scan, '.') && !take_digits(scan))
		return false;
	if (take(scan, 'e') || take(scan, 'E')) {
		if (!take(scan, '+'))
			(void)take(scan, '-');
		if (!take_digits(scan))
			return false;
	}
	item->len = (size_t)(scan->at - item->bytes);
	return true;
}

/* Opens an object or array whose bracket was taken. */
static bool enter(struct json_scan *scan, struct json_item *item, enum json_kind kind)
{
	if (scan->depth == JSON_SCAN_MAX_DEPTH)
		return false;
	item->kind = kind;
	scan->objects &= ~(UINT32_C(1) << scan->depth);
	if (kind == JSON_OBJECT)
		scan->objects |= UINT32_C(1) << scan->depth;
	scan->depth++;
	scan->expected = kind == JSON_OBJECT ? EXPECT_KEY_OR_END : EXPECT_VALUE_OR_END;
	return true;
}

static bool take_value(struct json_scan *scan, struct json_item *item)
{
	skip_blanks(scan);
	if (take(scan, '{'))
		return enter(scan, item, JSON_OBJECT);
	if (take(scan, '['))
		return enter(scan, item, JSON_ARRAY);
	scan->expected = EXPECT_COMMA_OR_END;
	if (scan->at < scan->end && *scan->at == '"') {
		item->kind = JSON_STRING;
		return take_string(scan, &item->bytes, &item->len);
	}
	if (take_word(scan, "true"))
		item->kind = JSON_TRUE;
	else if (take_word(scan, "false"))
		item->kind = JSON_FALSE;
	else if (take_word(scan, "null"))
		item->kind = JSON_NULL;
	else
		item->kind = JSON_NUMBER;
	return item->kind != JSON_NUMBER || take_number(scan, item);
}

static bool is_in_object(const struct json_scan *scan)
{
	return scan->depth > 0 && scan->objects >> (scan->depth - 1) & 1;
}

static bool take_member(struct json_scan *scan, struct json_item *item)
{
	if (is_in_object(scan)) {
		skip_blanks(scan);
		if (!take_string(scan, &item->key, &item->key_len))
			return false;
		skip_blanks(scan);
		if (!take(scan, ':'))
			return false;
	}
	return take_value(scan, item);
}

static bool take_end(struct json_scan *scan, struct json_item *item)
{
	if (!take(scan, is_in_object(scan) ? '}' : ']'))
		return false;
	scan->depth--;
	scan->expected = EXPECT_COMMA_OR_END;
	*item = (struct json_item){.kind = JSON_CLOSED, .depth = scan->depth};
	return true;
}

/* Returns 1, 0 at the end, or -EBADMSG. */
static int next(struct json_scan *scan, struct json_item *item)
{
	skip_blanks(scan);
	switch ((enum expected)scan->expected) {
	case EXPECT_VALUE:
		return take_value(scan, item) ? 1 : -EBADMSG;
	case EXPECT_VALUE_OR_END:
	case EXPECT_KEY_OR_END:
		return take_end(scan, item) || take_member(scan, item) ? 1 : -EBADMSG;
	case EXPECT_COMMA_OR_END:
		if (scan->depth == 0)
			return scan->at == scan->end ? 0 : -EBADMSG;
		if (take_end(scan, item))
			return 1;
		return take(scan, ',') && take_member(scan, item) ? 1 : -EBADMSG;
	case EXPECT_NOTHING:
		break;
	}
	return -EBADMSG;
}

int json_scan_next(struct json_scan *scan, struct json_item *ret_item)
{
	int r;

	*ret_item = (struct json_item){.depth = scan->depth};
	r = next(scan, ret_item);
	if (r < 0)
		scan->expected = EXPECT_NOTHING;
	return r;
}

bool json_item_has_key(const struct json_item *item, const char *key)
{
	return item->key != NULL && strlen(key) == item->key_len &&
	       memcmp(item->key, key, item->key_len) == 0;
}

static void add_code_point(struct text *text, uint32_t c)
{
	if (c < 0x80) {
		text_add_char(text, (char)c);
	} else if (c < 0x800) {
		text_add_char(text, (char)(0xC0 | c >> 6));
		text_add_char(text, (char)(0x80 | (c & 0x3F)));
	} else if (c < 0x10000) {
		text_add_char(text, (char)(0xE0 | c >> 12));
		text_add_char(text, (char)(0x80 | (c >> 6 & 0x3F)));
		text_add_char(text, (char)(0x80 | (c & 0x3F)));
	} else {
		text_add_char(text, (char)(0xF0 | c >> 18));
		text_add_char(text, (char)(0x80 | (c >> 12 & 0x3F)));
		text_add_char(text, (char)(0x80 | (c >> 6 & 0x3F)));
		text_add_char(text, (char)(0x80 | (c & 0x3F)));
	}
}

/* The four digits of \uXXXX, which the scan has checked. */
static uint32_t hex_of(const char *digits)
{
	uint32_t value = 0;

	for (int i = 0; i < 4; i++)
		value = value << 4 | (uint32_t)number_hex_digit(digits[i]);
	return value;
}

/* Takes the digits behind \u, and those of the second half of a pair. */
static uint32_t take_code_point(const char **at, const char *end)
{
	uint32_t c = hex_of(*at), low;

	*at += 4;
	if (c == 0 || (c >= 0xDC00 && c <= 0xDFFF))
		return REPLACEMENT;
	if (c < 0xD800 || c > 0xDFFF)
		return c;
	if (end - *at < 6 || (*at)[0] != '\\' || (*at)[1] != 'u')
		return REPLACEMENT;
	low = hex_of(*at + 2);
	if (low < 0xDC00 || low > 0xDFFF)
		return REPLACEMENT;
	*at += 6;
	return 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
}

void json_item_add_string(const struct json_item *item, struct text *text)
{
	static const char escapes[] = "bfnrt", values[] = "\b\f\n\r\t";
	const char *at = item->bytes, *end = item->bytes + item->len;

	while (at < end) {
		const char *escape;

		if (*at != '\\') {
			text_add_char(text, *at++);
			continue;
		}
		at++;
		escape = strchr(escapes, *at);
		if (*at++ == 'u')
			add_code_point(text, take_code_point(&at, end));
		else
			text_add_char(text, escape != NULL ? values[escape - escapes] : at[-1]);
	}
}
