/* SPDX-License-Identifier: MIT */
#include "plan/document/documents.h"

#include "plan/document/json_reader.h"
#include "plan/document/yaml_reader.h"

#include "core/text/json_text.h"

#include <stdlib.h>
#include <string.h>

static struct document *add(struct documents *documents)
{
	documents->list = memory_grow(documents->list, documents->count, sizeof(*documents->list));
	documents->list[documents->count] = (struct document){0};
	return &documents->list[documents->count++];
}

struct place {
	uint32_t line, column;
};

static struct place place_of(const char *text, const char *at)
{
	struct place place = {.line = 1, .column = 1};

	for (; text < at; text++) {
		if (*text == '\n') {
			place.line++;
			place.column = 1;
		} else {
			place.column += ((unsigned char)*text & 0xC0) != 0x80;
		}
	}
	return place;
}

/* The first byte that no text has, or NULL. */
static const char *find_no_text(const char *bytes, size_t len)
{
	const unsigned char *at = (const unsigned char *)bytes, *const end = at + len;

	while (at < end) {
		const size_t sequence = *at ? text_utf8_sequence(at) : 0;

		if (sequence == 0)
			return (const char *)at;
		at += sequence;
	}
	return NULL;
}

/* Templates of Helm and other tools are no YAML, or another one than what is deployed. */
static void explain_template(
	struct document_error *error, const char *text, size_t len, uint32_t first_line)
{
	const char *brace = memmem(text, len, "{{", 2);
	struct place place;

	if (error->text[0] == '\0' || !brace ||
		!memmem(brace, (size_t)(text + len - brace), "}}", 2))
		return;
	place = place_of(text, brace);
	document_error_set(error, first_line + place.line - 1, place.column,
		"a template with {{ }}, not YAML: render it first (helm template CHART | "
		"lastcall-plan lint -)");
}

static void read_yaml_document(
	struct documents *documents, const char *text, size_t len, uint32_t first_line)
{
	struct document *document = add(documents);

	document->root = yaml_read(&document->tree, text, len, first_line, &document->error);
	if (node_is_null(document->root))
		document->root = NULL;
	if (document->error.text[0] != '\0') {
		explain_template(&document->error, text, len, first_line);
		tree_done(&document->tree); /* it may be large */
		document->root = NULL;
	}
}

/* "---" alone or before a blank begins a document, also within quotes (YAML 1.2.2, 9.1.2). */
static bool is_separator(const char *line, const char *end)
{
	return end - line >= 3 && memcmp(line, "---", 3) == 0 &&
	       (end - line == 3 || strchr(" \t\r\n", line[3]));
}

/* Directives and comments belong to the document after them. */
static bool is_preamble(const char *line, const char *end)
{
	while (line < end && (*line == ' ' || *line == '\t' || *line == '\r'))
		line++;
	return line == end || *line == '\n' || *line == '#' || *line == '%';
}

static void read_yaml(struct documents *documents, const char *text, size_t len)
{
	const char *const end = text + len;
	const char *start = text, *line = text, *next;
	uint32_t number = 1, first = 1;
	bool has_begun = false;

	for (; line < end; line = next, number++) {
		const char *newline = memchr(line, '\n', (size_t)(end - line));

		next = newline ? newline + 1 : end;
		if (is_separator(line, end)) {
			if (has_begun) {
				read_yaml_document(documents, start, (size_t)(line - start), first);
				start = line;
				first = number;
			}
			has_begun = true;
		} else {
			has_begun |= !is_preamble(line, end);
		}
	}
	read_yaml_document(documents, start, (size_t)(end - start), first);
}

static bool looks_like_json(const char *text, size_t len)
{
	while (len > 0 && strchr(" \t\r\n", *text) && *text) {
		text++;
		len--;
	}
	return len > 0 && (*text == '{' || *text == '[');
}

static bool is_named_json(const char *name)
{
	const size_t len = strlen(name);

	return len > 5 && strcmp(name + len - 5, ".json") == 0;
}

/* Flow style of YAML looks the same; the error of JSON counts where it is neither. */
static void read_json(struct documents *documents, const char *name, char *text, size_t len)
{
	const bool may_be_yaml = !is_named_json(name);
	char *copy = may_be_yaml ? memory_alloc(len + 1) : NULL;
	struct document *document = add(documents);
	struct document_error error;

	if (copy)
		memcpy(copy, text, len);
	document->root = json_read(&document->tree, text, len, &document->error);
	documents->is_json = document->root || !may_be_yaml;
	if (!document->root) {
		error = document->error;
		tree_done(&document->tree);
		if (copy && !find_no_text(copy, len)) {
			documents->count--;
			read_yaml(documents, copy, len);
			document = &documents->list[documents->count - 1];
			if (document->error.text[0] != '\0' && !memmem(copy, len, "{{", 2))
				document->error = error;
		}
	}
	free(copy);
}

void documents_read(const char *name, char *bytes, size_t len, struct documents *ret_documents)
{
	struct documents documents = {.bytes = bytes, .len = len};
	const size_t mark = len >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
	char *const text = bytes + mark;
	const char *wrong;

	len -= mark;
	wrong = find_no_text(text, len);
	if (wrong) {
		const struct place place = place_of(text, wrong);

		document_error_set(&add(&documents)->error, place.line, place.column, "%s",
			*wrong ? "not UTF-8" : "a NUL in the document");
	} else if (looks_like_json(text, len) || is_named_json(name)) {
		read_json(&documents, name, text, len);
	} else {
		read_yaml(&documents, text, len);
	}
	for (size_t i = 0; i < documents.count; i++) {
		documents.list[i].file = name;
		documents.list[i].is_json = documents.is_json;
	}
	*ret_documents = documents;
}

void documents_done(struct documents *documents)
{
	for (size_t i = 0; i < documents->count; i++)
		tree_done(&documents->list[i].tree);
	free(documents->list);
	free(documents->bytes);
	*documents = (struct documents){0};
}
