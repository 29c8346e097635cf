/* SPDX-License-Identifier: MIT */
#include "plan/document/json_reader.h"

#include "core/text/json_text.h"
#include "core/text/number.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct reader {
	struct tree *tree;
	struct document_error *error;
	char *at, *end; /* *end is NUL */
	const char *line_start; /* of the line, or where `columns` were counted to */
	uint32_t line, columns; /* columns before line_start */
	const struct node *holder; /* whose position counts; NULL: one's own */
	int depth;
};

static bool read_value(struct reader *reader, struct node_builder *parent);

/* Columns are counted in characters, each once: a document may be one line of many megabytes. */
static uint32_t column_at(struct reader *reader, const char *at)
{
	for (const char *c = reader->line_start; c < at; c++)
		reader->columns += ((unsigned char)*c & 0xC0) != 0x80;
	if (at > reader->line_start)
		reader->line_start = at;
	return reader->columns + 1;
}

static bool fail(struct reader *reader, const char *at, const char *what)
{
	const uint32_t column = column_at(reader, at);

	if (reader->error->text[0] == '\0')
		document_error_set(reader->error, reader->line, column, "%s", what);
	return false;
}

static void skip_space(struct reader *reader)
{
	for (;; reader->at++) {
		if (*reader->at == '\n') {
			reader->line++;
			reader->line_start = reader->at + 1;
			reader->columns = 0;
		} else if (*reader->at != ' ' && *reader->at != '\t' && *reader->at != '\r') {
			return;
		}
	}
}

/* At the position of the reader. */
static struct node *place(struct reader *reader, struct node *node)
{
	if (!node) {
		(void)fail(reader, reader->at, "more than 2,000,000 values");
		return NULL;
	}
	if (reader->holder) {
		node->line = reader->holder->line;
		node->column = reader->holder->column;
	} else {
		node->line = reader->line;
		node->column = column_at(reader, reader->at);
	}
	return node;
}

/* Four digits at s, or -1. */
static int32_t hex4(const char *s)
{
	int32_t value = 0;

	for (int i = 0; i < 4; i++) {
		const int digit = number_hex_digit(s[i]);

		if (digit < 0)
			return -1; /* the terminating NUL is no digit, either */
		value = value * 16 + digit;
	}
	return value;
}

static char *put_utf8(char *to, uint32_t c)
{
	if (c < 0x80) {
		*to++ = (char)c;
	} else if (c < 0x800) {
		*to++ = (char)(0xC0 | c >> 6);
		*to++ = (char)(0x80 | (c & 0x3F));
	} else if (c < 0x10000) {
		*to++ = (char)(0xE0 | c >> 12);
		*to++ = (char)(0x80 | (c >> 6 & 0x3F));
		*to++ = (char)(0x80 | (c & 0x3F));
	} else {
		*to++ = (char)(0xF0 | c >> 18);
		*to++ = (char)(0x80 | (c >> 12 & 0x3F));
		*to++ = (char)(0x80 | (c >> 6 & 0x3F));
		*to++ = (char)(0x80 | (c & 0x3F));
	}
	return to;
}

/* At "\u". An escape is never shorter than its UTF-8. */
static char *unescape_unicode(struct reader *reader, char *to)
{
	int32_t c = hex4(reader->at + 2), low;

	if (c < 0) {
		(void)fail(reader, reader->at, "\\u needs four hexadecimal digits");
		return NULL;
	}
	if (c == 0) {
		(void)fail(reader, reader->at, "a string holds a NUL (\\u0000)");
		return NULL;
	}
	reader->at += 6;
	if (c >= 0xD800 && c < 0xDC00 && reader->at[0] == '\\' && reader->at[1] == 'u') {
		low = hex4(reader->at + 2);
		if (low >= 0xDC00 && low < 0xE000) {
			reader->at += 6;
			return put_utf8(to, 0x10000 + ((uint32_t)(c - 0xD800) << 10) +
						    (uint32_t)(low - 0xDC00));
		}
	}
	return put_utf8(to, c >= 0xD800 && c < 0xE000 ? 0xFFFD : (uint32_t)c);
}

/* At a backslash. Returns where to go on writing, or NULL with the error. */
static char *unescape(struct reader *reader, char *to)
{
	static const char from[] = "\"\\/bfnrt", into[] = "\"\\/\b\f\n\r\t";
	const char escaped = reader->at[1];
	const char *found = escaped != '\0' ? strchr(from, escaped) : NULL;

	if (escaped == 'u')
		return unescape_unicode(reader, to);
	if (!found) {
		(void)fail(reader, reader->at, "unknown escape in a string");
		return NULL;
	}
	*to++ = into[found - from];
	reader->at += 2;
	return to;
}

static char *copy_character(struct reader *reader, char *to)
{
	const size_t len = text_utf8_sequence((const unsigned char *)reader->at);

	if (reader->at == reader->end) {
		(void)fail(reader, reader->at, "the document ends within a string");
		return NULL;
	}
	if ((unsigned char)*reader->at < 0x20) {
		(void)fail(reader, reader->at,
			*reader->at ? "a control character in a string" : "a NUL in the document");
		return NULL;
	}
	if (len == 0) {
		(void)fail(reader, reader->at, "not UTF-8");
		return NULL;
	}
	memmove(to, reader->at, len);
	reader->at += len;
	return to + len;
}

/* At the opening quote. */
static struct node *read_string(struct reader *reader, bool is_key)
{
	struct node *node = place(
		reader, is_key ? tree_add_key(reader->tree) : tree_add(reader->tree, NODE_SCALAR));
	char *start, *to;

	if (!node)
		return NULL;
	start = to = reader->at + 1;
	(void)column_at(reader, start);
	reader->at = start;
	while (*reader->at != '"') {
		char *const before = reader->at;
		const bool is_escape = *before == '\\';

		to = is_escape ? unescape(reader, to) : copy_character(reader, to);
		if (!to)
			return NULL;
		/* An escape is so many characters of the file; all else is one. */
		reader->columns += is_escape ? (uint32_t)(reader->at - before) : 1;
		reader->line_start = reader->at;
	}
	(void)column_at(reader, reader->at);
	reader->at++;
	*to = '\0'; /* on the closing quote at the latest */
	reader->columns++;
	reader->line_start = reader->at;
	node->text = start;
	node->len = (uint32_t)(to - start);
	node->quoted = true;
	return node;
}

static size_t digits(const char *s)
{
	return strspn(s, "0123456789");
}

/* Length of the number at s, or 0. */
static size_t number_len(const char *s)
{
	size_t len = s[0] == '-', count = digits(s + len);

	if (count == 0 || (count > 1 && s[len] == '0'))
		return 0;
	len += count;
	if (s[len] == '.') {
		count = digits(s + len + 1);
		if (count == 0)
			return 0;
		len += 1 + count;
	}
	if (s[len] == 'e' || s[len] == 'E') {
		const size_t sign = s[len + 1] == '+' || s[len + 1] == '-';

		count = digits(s + len + 1 + sign);
		if (count == 0)
			return 0;
		len += 1 + sign + count;
	}
	return len;
}

static size_t literal_len(const char *s)
{
	static const char *const literals[] = {"true", "false", "null"};

	for (size_t i = 0; i < sizeof(literals) / sizeof(*literals); i++) {
		const size_t len = strlen(literals[i]);

		if (strncmp(s, literals[i], len) == 0)
			return len;
	}
	return 0;
}

static struct node *read_plain(struct reader *reader)
{
	const size_t number = number_len(reader->at);
	const size_t len = number ? number : literal_len(reader->at);
	struct node *node;

	if (reader->at == reader->end) {
		(void)fail(reader, reader->at, "the document ends before it is complete");
		return NULL;
	}
	if (len == 0) {
		(void)fail(reader, reader->at, "not a JSON value");
		return NULL;
	}
	node = place(reader, tree_add(reader->tree, NODE_SCALAR));
	if (!node)
		return NULL;
	node->text = arena_copy(&reader->tree->arena, reader->at, len);
	node->len = (uint32_t)len;
	reader->at += len;
	return node;
}

/* After a value: true at a comma, which it takes; false at the end, or with the error. */
static bool read_comma(struct reader *reader, char close)
{
	skip_space(reader);
	if (*reader->at == ',') {
		reader->at++;
		skip_space(reader);
		return true;
	}
	if (*reader->at == close)
		reader->at++;
	else if (reader->at == reader->end)
		(void)fail(reader, reader->at, "the document ends before it is complete");
	else
		(void)fail(
			reader, reader->at, close == '}' ? "expected , or }" : "expected , or ]");
	return false;
}

static bool read_pair(struct reader *reader, struct node_builder *mapping)
{
	const struct node *before;
	struct node *key;

	if (*reader->at != '"')
		return fail(reader, reader->at,
			reader->at == reader->end ? "the document ends before it is complete"
						  : "expected a key in double quotes");
	key = read_string(reader, true);
	if (!key)
		return false;
	before = tree_note_key(reader->tree, mapping->node, key);
	if (before) {
		document_error_set(reader->error, key->line, key->column,
			"the key \"%.80s\" is given twice, first in line %u", key->text,
			(unsigned)before->line);
		return false;
	}
	node_append(mapping, key);
	mapping->node->len++;
	skip_space(reader);
	if (*reader->at != ':')
		return fail(reader, reader->at, "expected : after a key");
	reader->at++;
	skip_space(reader);
	return read_value(reader, mapping);
}

static bool read_item(struct reader *reader, struct node_builder *sequence)
{
	sequence->node->len++;
	return read_value(reader, sequence);
}

static struct node *read_nested(struct reader *reader)
{
	const bool is_mapping = *reader->at == '{';
	const char close = is_mapping ? '}' : ']';
	struct node_builder builder = {
		.node = place(
			reader, tree_add(reader->tree, is_mapping ? NODE_MAPPING : NODE_SEQUENCE))};

	if (!builder.node)
		return NULL;
	if (reader->depth >= TREE_MAX_DEPTH) {
		(void)fail(reader, reader->at, "nested deeper than 100");
		return NULL;
	}
	reader->depth++;
	reader->at++;
	skip_space(reader);
	if (*reader->at == close) {
		reader->at++;
	} else {
		do {
			if (!(is_mapping ? read_pair(reader, &builder)
					 : read_item(reader, &builder)))
				return NULL;
		} while (read_comma(reader, close));
	}
	reader->depth--;
	return reader->error->text[0] ? NULL : builder.node;
}

static struct node *read_node(struct reader *reader)
{
	if (*reader->at == '"')
		return read_string(reader, false);
	return *reader->at == '{' || *reader->at == '[' ? read_nested(reader) : read_plain(reader);
}

static bool read_value(struct reader *reader, struct node_builder *parent)
{
	struct node *node = read_node(reader);

	if (!node)
		return false;
	node_append(parent, node);
	return true;
}

static struct node *read_document(struct reader *reader)
{
	struct node *root;

	skip_space(reader);
	root = read_node(reader);
	if (!root)
		return NULL;
	skip_space(reader);
	if (reader->at != reader->end) {
		(void)fail(reader, reader->at, "something follows the end of the document");
		return NULL;
	}
	return root;
}

struct node *json_read(struct tree *tree, char *bytes, size_t len, struct document_error *ret_error)
{
	struct reader reader = {
		.tree = tree,
		.error = ret_error,
		.at = bytes,
		.end = bytes + len,
		.line_start = bytes,
		.line = 1,
	};

	*ret_error = (struct document_error){0};
	return read_document(&reader);
}

const struct node *json_read_embedded(
	struct tree *tree, const struct node *holder, struct document_error *ret_error)
{
	const char *text = node_text(holder);
	const size_t len = text ? strlen(text) : 0;
	char *copy = arena_copy(&tree->arena, text ? text : "", len);
	struct reader reader = {
		.tree = tree,
		.error = ret_error,
		.at = copy,
		.end = copy + len,
		.line_start = copy,
		.line = 1,
		.holder = node_resolve(holder),
	};
	struct node *root;

	*ret_error = (struct document_error){0};
	root = text ? read_document(&reader) : NULL;
	if (root)
		node_set_parent(root, reader.holder);
	return root;
}
