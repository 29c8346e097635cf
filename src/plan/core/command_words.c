/* SPDX-License-Identifier: MIT */
#include "plan/core/command_words.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

struct splitter {
	char *buf;
	size_t cap, len;
	char quote; /* the open one, or 0 */
	bool in_word;
	int count;
};

static int add(struct splitter *splitter, char c)
{
	if (splitter->len == splitter->cap)
		return -E2BIG;
	splitter->buf[splitter->len++] = c;
	return 0;
}

static int end_word(struct splitter *splitter)
{
	if (!splitter->in_word)
		return 0;
	splitter->in_word = false;
	splitter->count++;
	return add(splitter, '\0');
}

/* Inside of double quotes a backslash stands for itself, but before these. */
static bool is_escape(const struct splitter *splitter, const char *at)
{
	if (*at != '\\' || at[1] == '\0' || splitter->quote == '\'')
		return false;
	return splitter->quote == 0 || strchr("\"\\$`", at[1]) != NULL;
}

/* Takes the character at `at`. Returns how many were taken, or a negative errno. */
static int take(struct splitter *splitter, const char *at)
{
	int r;

	if (is_escape(splitter, at)) {
		splitter->in_word = true;
		r = add(splitter, at[1]);
		return r < 0 ? r : 2;
	}
	if (splitter->quote != 0 && *at == splitter->quote) {
		splitter->quote = 0;
		return 1;
	}
	if (splitter->quote == 0 && (*at == '\'' || *at == '"')) {
		splitter->quote = *at;
		splitter->in_word = true;
		return 1;
	}
	if (splitter->quote == 0 && strchr(" \t\r\n", *at) != NULL) {
		r = end_word(splitter);
		return r < 0 ? r : 1;
	}
	splitter->in_word = true;
	r = add(splitter, *at);
	return r < 0 ? r : 1;
}

int command_words_split(const char *string, char *buf, size_t len)
{
	struct splitter splitter = {.buf = buf, .cap = len};
	int r;

	while (*string != '\0') {
		r = take(&splitter, string);
		if (r < 0)
			return r;
		string += r;
	}
	if (splitter.quote != 0)
		return -EINVAL;
	r = end_word(&splitter);
	return r < 0 ? r : splitter.count;
}
