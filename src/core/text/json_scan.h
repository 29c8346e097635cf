/* SPDX-License-Identifier: MIT */
/* Reads a JSON document (RFC 8259) value by value, from the caller's bytes: no tree, no copy, no allocation. What
 * a caller does not know it skips. The text's encoding is not checked. */
#pragma once

#include "core/text/text.h"

#include <stddef.h>
#include <stdint.h>

#define JSON_SCAN_MAX_DEPTH 32

enum json_kind {
	JSON_OBJECT, /* it begins; its members follow, one deeper */
	JSON_ARRAY,
	JSON_CLOSED, /* the object or array ends */
	JSON_STRING,
	JSON_NUMBER,
	JSON_TRUE,
	JSON_FALSE,
	JSON_NULL,
};

struct json_item {
	enum json_kind kind;
	unsigned depth; /* how many objects and arrays it is in: 0 is the document itself */
	const char
		*key; /* as the document writes it, with its escapes; NULL: in an array, or none */
	size_t key_len;
	const char
		*bytes; /* of a string, without its quotes, and with its escapes; or of a number */
	size_t len;
};

struct json_scan {
	const char *at, *end;
	unsigned depth;
	uint32_t objects; /* bit d: what is open at depth d is an object */
	int expected; /* private to json_scan.c */
};

void json_scan_init(struct json_scan *scan, const char *bytes, size_t len);

/* Returns 1 with the next value, 0 after the last one, when nothing but blanks is left, or -EBADMSG: it is no JSON, it
 * is incomplete, or it is too deep. After 0 and an error it returns the same again. */
int json_scan_next(struct json_scan *scan, struct json_item *ret_item);

bool json_item_has_key(const struct json_item *item, const char *key);

/* Adds a string with its escapes resolved. What no text can hold, U+0000 and half of a surrogate pair, becomes
 * U+FFFD. */
void json_item_add_string(const struct json_item *item, struct text *text);
