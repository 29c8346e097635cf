/* SPDX-License-Identifier: MIT */
#include "drill/load/http2_fields.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum pseudo_field { METHOD, SCHEME, AUTHORITY, PATH, PSEUDO_FIELDS };

static void set(struct http2_fields *fields, size_t at, const char *name, char *value)
{
	fields->list[at] = (nghttp2_nv){
		.name = (uint8_t *)name,
		.namelen = strlen(name),
		.value = (uint8_t *)value,
		.valuelen = strlen(value),
	};
}

/* The next line, whose end is replaced by a '\0'; NULL at the empty one. */
static char *next_line(char **text)
{
	char *line = *text, *end = strstr(line, "\r\n");

	if (end == NULL || end == line)
		return NULL;
	*end = '\0';
	*text = end + 2;
	return line;
}

static bool is_of_connection(const char *name, const char *value)
{
	static const char *const names[] = {
		"connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		if (strcmp(name, names[i]) == 0)
			return true;
	}
	return strcmp(name, "te") == 0 && strcmp(value, "trailers") != 0;
}

/* "Name: value" */
static void add_field(struct http2_fields *fields, char *line)
{
	char *colon = strchr(line, ':'), *value;

	if (colon == NULL)
		return;
	*colon = '\0';
	value = colon + 1 + strspn(colon + 1, " \t");
	for (char *letter = line; *letter != '\0'; letter++)
		*letter = (char)tolower((unsigned char)*letter);
	if (strcmp(line, "host") == 0)
		set(fields, AUTHORITY, ":authority", value);
	else if (!is_of_connection(line, value))
		set(fields, fields->count++, line, value);
}

static bool read_request_line(struct http2_fields *fields, char *line)
{
	char *path = line != NULL ? strchr(line, ' ') : NULL;
	char *version = path != NULL ? strchr(path + 1, ' ') : NULL;

	if (version == NULL)
		return false;
	*path++ = *version = '\0';
	set(fields, METHOD, ":method", line);
	set(fields, PATH, ":path", path);
	return true;
}

static size_t count_lines(const char *text)
{
	size_t count = 0;

	for (const char *at = text; (at = strstr(at, "\r\n")) != NULL; at += 2)
		count++;
	return count;
}

int http2_fields_new(const char *head, const char *scheme, struct http2_fields **ret_fields)
{
	struct http2_fields *fields = calloc(1, sizeof *fields);
	char *at, *line;

	if (fields == NULL)
		return -ENOMEM;
	fields->text = strdup(head);
	fields->list = calloc(PSEUDO_FIELDS + count_lines(head), sizeof *fields->list);
	if (fields->text == NULL || fields->list == NULL) {
		http2_fields_free(fields);
		return -ENOMEM;
	}
	at = fields->text;
	fields->count = PSEUDO_FIELDS;
	if (!read_request_line(fields, next_line(&at))) {
		http2_fields_free(fields);
		return -EINVAL;
	}
	set(fields, SCHEME, ":scheme", (char *)scheme);
	while ((line = next_line(&at)) != NULL)
		add_field(fields, line);
	*ret_fields = fields;
	return 0;
}

void http2_fields_free(struct http2_fields *fields)
{
	if (fields == NULL)
		return;
	free(fields->list);
	free(fields->text);
	free(fields);
}
