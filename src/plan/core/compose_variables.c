/* SPDX-License-Identifier: MIT */
#include "plan/core/compose_variables.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#define DEPTH_MAX 16

struct reader {
	enum compose_program program;
	struct text *text;
	struct compose_variables *variables;
};

static bool starts_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static size_t name_len(const char *at, const char *end)
{
	const char *c = at;

	while (c < end && (starts_name(*c) || (c > at && *c >= '0' && *c <= '9')))
		c++;
	return (size_t)(c - at);
}

/* The brace that closes the one before `at`; NULL: there is none. */
static const char *find_close(const char *at, const char *end, enum compose_program program)
{
	unsigned open = 1;

	for (; at < end; at++) {
		if (program == COMPOSE_UP && *at == '$' && at + 1 < end && at[1] == '{')
			open++;
		if (*at == '}' && --open == 0)
			return at;
	}
	return NULL;
}

static int read_value(struct reader *reader, const char *at, const char *end, unsigned depth);

/* What follows the name inside of the braces: ":-default" and the like. */
static int read_form(struct reader *reader, const char *at, const char *end, unsigned depth)
{
	struct compose_variables *variables = reader->variables;

	if (at == end || *at == '?') {
		variables->is_known = false;
		return 0;
	}
	if (*at == ':') {
		at++;
		if (at == end)
			return -EINVAL;
		if (*at == '?') {
			variables->is_known = false;
			return 0;
		}
	}
	switch (*at++) {
	case '-':
		variables->is_default = true;
		if (reader->program == COMPOSE_UP)
			return read_value(reader, at, end, depth + 1);
		text_add_bytes(reader->text, at, (size_t)(end - at));
		return 0;
	case '+':
		variables->has_plus = true;
		/* whether the variable is set decides between nothing and the text */
		variables->is_known = false;
		return 0;
	default:
		return -EINVAL;
	}
}

/* `at` is behind "${". Returns where to go on, or NULL for what is refused. */
static const char *read_braced(
	struct reader *reader, const char *at, const char *end, unsigned depth)
{
	const char *close = find_close(at, end, reader->program);
	size_t len = close != NULL ? name_len(at, close) : 0;

	if (len == 0 || read_form(reader, at + len, close, depth) < 0)
		return NULL;
	return close + 1;
}

/* `at` is behind a '$'. */
static const char *read_dollar(
	struct reader *reader, const char *at, const char *end, unsigned depth)
{
	size_t len = name_len(at, end);

	if (at < end && *at == '$') {
		text_add_char(reader->text, '$');
		return at + 1;
	}
	if (at < end && *at == '{')
		return read_braced(reader, at + 1, end, depth);
	if (len > 0) {
		reader->variables->is_known = false;
		return at + len;
	}
	if (reader->program != COMPOSE_UP)
		return NULL;
	text_add_char(reader->text, '$'); /* as newer versions of compose-go take a lone dollar */
	return at;
}

static int read_value(struct reader *reader, const char *at, const char *end, unsigned depth)
{
	if (depth > DEPTH_MAX)
		return -EINVAL;
	while (at < end) {
		if (*at != '$') {
			text_add_char(reader->text, *at++);
			continue;
		}
		at = read_dollar(reader, at + 1, end, depth);
		if (at == NULL)
			return -EINVAL;
	}
	return 0;
}

int compose_variables_replace(const char *string, enum compose_program program,
	struct text *ret_text, struct compose_variables *ret_variables)
{
	struct compose_variables variables = {.is_known = true};
	struct reader reader = {program, ret_text, &variables};
	int r = read_value(&reader, string, string + strlen(string), 0);

	if (r < 0)
		return r;
	*ret_variables = variables;
	return 0;
}
