/* SPDX-License-Identifier: MIT */
#include "core/cli/compat.h"

#include <string.h>

const struct compat_peer *compat_peer_of(const char *path)
{
	static const struct {
		const char *name;
		const struct compat_peer *peer;
	} names[] = {
		{"tini", &compat_tini}, {"tini-static", &compat_tini},
		{"docker-init", &compat_tini}, {"dumb-init", &compat_dumb_init},
		{"catatonit", &compat_catatonit},
		{"podman-init", &compat_catatonit}, /* what podman calls any --init-path */
	};
	const char *slash = path != NULL ? strrchr(path, '/') : NULL;
	const char *base = slash != NULL ? slash + 1 : path;

	for (size_t i = 0; base != NULL && i < sizeof names / sizeof *names; i++) {
		if (strcmp(base, names[i].name) == 0)
			return names[i].peer;
	}
	return NULL;
}

void compat_write_licence(const struct compat *compat, struct text *said)
{
	text_printf(said, "lastcall %s, MIT License: https://opensource.org/license/mit\n",
		compat->version);
}

/* Takes --name or --name=value; any beginning will do that no other name has. */
static int take_long(struct compat_words *words, const char *word, const char *letters,
	const struct compat_long *longs, struct text *said)
{
	size_t len = strcspn(word + 2, "=");
	const struct compat_long *found = NULL;
	const char *letter;
	bool has_equals = word[2 + len] == '=';

	for (; *longs->name != '\0'; longs++) {
		if (strncmp(longs->name, word + 2, len) != 0)
			continue;
		if (found != NULL) {
			text_printf(said, "%s: option '%s' is ambiguous\n", words->name, word);
			return '?';
		}
		found = longs;
	}
	if (found == NULL) {
		text_printf(said, "%s: unrecognized option '%s'\n", words->name, word);
		return '?';
	}
	letter = strchr(letters, found->letter);
	if (letter == NULL || letter[1] != ':') {
		if (!has_equals)
			return found->letter;
		text_printf(said, "%s: option '--%s' doesn't allow an argument\n", words->name,
			found->name);
		return '?';
	}
	words->value = has_equals ? word + 2 + len + 1 : *words->at;
	if (words->value == NULL) {
		text_printf(
			said, "%s: option '--%s' requires an argument\n", words->name, found->name);
		return '?';
	}
	words->at += !has_equals;
	return found->letter;
}

int compat_next_option(struct compat_words *words, const char *letters,
	const struct compat_long *longs, struct text *said)
{
	const char *letter;

	if (*words->rest == '\0') {
		const char *word = *words->at;

		if (word == NULL || word[0] != '-' || word[1] == '\0')
			return 0;
		words->at++;
		if (strcmp(word, "--") == 0)
			return 0;
		if (longs != NULL && word[1] == '-')
			return take_long(words, word, letters, longs, said);
		words->rest = word + 1;
	}
	letter = *words->rest != ':' ? strchr(letters, *words->rest) : NULL;
	words->rest++;
	if (letter == NULL) {
		text_printf(said, "%s: invalid option -- '%c'\n", words->name, words->rest[-1]);
		return '?';
	}
	if (letter[1] != ':')
		return *letter;
	words->value = *words->rest != '\0' ? words->rest : *words->at;
	if (words->value == NULL) {
		text_printf(
			said, "%s: option requires an argument -- '%c'\n", words->name, *letter);
		return '?';
	}
	words->at += *words->rest == '\0';
	words->rest = "";
	return *letter;
}
