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

/* Programs that run another one, as they are in images. */
static const struct wrapper {
	const char *name;
	const char *letters; /* of its options whose value is the next word */
	size_t words; /* before the other program: a user */
} wrappers[] = {
	{"tini", "pe", 0},
	{"tini-static", "pe", 0},
	{"docker-init", "pe", 0},
	{"dumb-init", "r", 0},
	{"catatonit", "", 0},
	{"env", "uC", 0},
	{"gosu", "", 1},
	{"su-exec", "", 1},
};

static const struct wrapper *find_wrapper(const char *word)
{
	const char *slash = strrchr(word, '/'), *name = slash ? slash + 1 : word;

	for (size_t i = 0; i < sizeof wrappers / sizeof *wrappers; i++) {
		if (strcmp(wrappers[i].name, name) == 0)
			return &wrappers[i];
	}
	return NULL;
}

/* How many words an option is. */
static size_t option_words(const struct wrapper *wrapper, char *const *option)
{
	const char *word = *option;
	const bool has_value = (word[1] != '-' && strchr(wrapper->letters, word[1]) && !word[2]) ||
			       strcmp(word, "--rewrite") == 0;

	return has_value && option[1] ? 2 : 1;
}

size_t command_words_program(char *const *argv)
{
	const struct wrapper *wrapper;
	size_t at = 0;

	while (argv[at] && (wrapper = find_wrapper(argv[at]))) {
		bool is_option = true;

		at++;
		while (is_option && argv[at] && argv[at][0] == '-' && argv[at][1]) {
			is_option = strcmp(argv[at], "--") != 0;
			at += option_words(wrapper, &argv[at]);
		}
		while (strcmp(wrapper->name, "env") == 0 && argv[at] && strchr(argv[at], '='))
			at++;
		for (size_t i = 0; i < wrapper->words && argv[at]; i++)
			at++;
	}
	return at;
}
