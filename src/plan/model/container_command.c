/* SPDX-License-Identifier: MIT */
#include "plan/model/container_command.h"

#include "core/text/number.h"

#include <string.h>

#define SLEEP_MAX_S 86400

void word_list_init(struct word_list *list, struct arena *arena)
{
	*list = (struct word_list){.arena = arena};
	list->room = 8;
	list->words = arena_alloc(arena, list->room * sizeof(char *));
}

bool word_list_add(struct word_list *list, const char *word)
{
	const size_t len = strlen(word);

	if (len >= WORDS_MAX_BYTES - list->bytes)
		return false;
	list->bytes += len + 1;
	if (list->count + 1 == list->room) {
		char **grown = arena_alloc(list->arena, 2 * list->room * sizeof(char *));

		memcpy(grown, list->words, list->count * sizeof(char *));
		list->words = grown;
		list->room *= 2;
	}
	list->words[list->count++] = arena_copy(list->arena, word, len);
	list->words[list->count] = NULL;
	return true;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static bool is_shell(const char *word)
{
	static const char *const shells[] = {"sh", "bash", "ash", "dash", "zsh", "ksh"};

	for (size_t i = 0; i < sizeof(shells) / sizeof(*shells); i++) {
		if (strcmp(base_name(word), shells[i]) == 0)
			return true;
	}
	return false;
}

/* "-c", "-ec", "-lc": a word of letters with a c among them. */
static bool takes_script(const char *word)
{
	return word[0] == '-' && word[1] != '-' && strchr(word, 'c');
}

const char *shell_script(char *const *argv)
{
	if (!argv[0] || !is_shell(argv[0]))
		return NULL;
	for (size_t i = 1; argv[i] && (argv[i][0] == '-' || argv[i][0] == '+'); i++) {
		const char *word = argv[i];

		if (takes_script(word))
			return argv[i + 1];
		if (word[1] == 'o' || (word[0] == '-' && strchr(word, 'o')))
			i += argv[i + 1] ? 1 : 0; /* -o pipefail, -euo pipefail */
	}
	return NULL;
}

static bool is_in_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || c == '-' || c == '.';
}

/* Whether a text has a word, delimited by what no name of a program holds. */
static bool text_has_word(const char *text, const char *word)
{
	const size_t len = strlen(word);

	for (const char *at = strstr(text, word); at; at = strstr(at + 1, word)) {
		if ((at == text || !is_in_name(at[-1])) && !is_in_name(at[len]))
			return true;
	}
	return false;
}

/* "bundle exec puma": a word of another command, and not the shell's own exec. What is before it, back to an operator,
 * a quote or a variable, is a word that nothing of the shell's can follow. */
static bool is_argument(const char *text, const char *at)
{
	static const char *const before[] = {"then", "do", "else", "command", "builtin", "time"};
	const char *end = at, *start;

	while (end > text && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	for (start = end; start > text && is_in_name(start[-1]); start--)
		continue;
	for (size_t i = 0; i < sizeof(before) / sizeof(*before); i++) {
		if (strlen(before[i]) == (size_t)(end - start) &&
			strncmp(before[i], start, strlen(before[i])) == 0)
			return false;
	}
	return start < end && (start == text || strchr(" \t\n;&|(", start[-1]));
}

/* Whether a script has a command of the shell, delimited by what no name of a program holds. */
static bool script_has_command(const char *script, const char *command)
{
	const size_t len = strlen(command);

	for (const char *at = strstr(script, command); at; at = strstr(at + 1, command)) {
		if ((at == script || !is_in_name(at[-1])) && !is_in_name(at[len]) &&
			!is_argument(script, at))
			return true;
	}
	return false;
}

/* A command that runs a program: one that the shell itself runs stays in the shell. */
static bool is_simple_program(const char *command)
{
	static const char *const shell_words[] = {".", "source", "eval", "command", "builtin",
		"time", "!", "[[", "[", "echo", "printf", "true", "false", ":", "cd", "export",
		"set", "test", "wait", "kill", "exit", "return", "done", "fi", "esac", "}"};
	const char *first = command + strspn(command, " \t");
	const size_t len = strcspn(first, " \t\n;");

	if (len == 0 || *first == '(' || strpbrk(command, "|<>"))
		return false;
	for (size_t i = 0; i < sizeof(shell_words) / sizeof(*shell_words); i++) {
		if (strlen(shell_words[i]) == len && strncmp(first, shell_words[i], len) == 0)
			return false;
	}
	return true;
}

/* "a & b & wait" runs processes side by side: none of them can take the shell's place. */
static bool has_background(const char *script)
{
	for (const char *at = strchr(script, '&'); at; at = strchr(at, '&')) {
		const size_t count = strspn(at, "&");

		if (count == 1 && (at == script || at[-1] != '>') && at[1] != '>')
			return true;
		at += count;
	}
	return false;
}

/* bash 5.1 and later runs the last program of a list ("migrate && serve") in its own place. */
static bool ends_with_program(const char *script)
{
	const char *last = script;

	for (const char *at = strpbrk(script, "\n;&"); at; at = strpbrk(at, "\n;&")) {
		at++;
		if (at[strspn(at, "\n;& \t")] != '\0')
			last = at;
	}
	return !has_background(script) && is_simple_program(last);
}

bool shell_keeps_signals(char *const *argv)
{
	const char *script = shell_script(argv);

	if (!script || script_has_command(script, "exec") || script_has_command(script, "trap"))
		return false;
	return strcmp(base_name(argv[0]), "bash") != 0 || !ends_with_program(script);
}

/* "while true; do tick; sleep 60; done": nothing comes after it that could take the shell's place. */
static bool ends_with_loop(const char *script)
{
	size_t len = strlen(script);

	while (len > 0 && strchr(" \t\n;", script[len - 1]))
		len--;
	return len > 4 && strncmp(script + len - 4, "done", 4) == 0 && !is_in_name(script[len - 5]);
}

/* Programs of a pipe run side by side, too. */
static bool has_pipe(const char *script)
{
	const char *at = strchr(script, '|');

	while (at && at[1] == '|')
		at = strchr(at + 2, '|');
	return at;
}

const char *shell_advice(const char *script)
{
	if (has_background(script))
		return "a trap that passes the signal on, or a container for each process";
	if (ends_with_loop(script))
		return "trap 'exit 0' TERM before the loop";
	return has_pipe(script) ? "exec and the application, without a pipe"
				: "exec before the last command of the script";
}

const char *words_find_downloader(char *const *argv)
{
	static const char *const programs[] = {"curl", "wget"};
	const char *script = shell_script(argv);

	for (size_t i = 0; i < sizeof(programs) / sizeof(*programs); i++) {
		if (script && text_has_word(script, programs[i]))
			return programs[i];
		if (!script && argv[0] && strcmp(base_name(argv[0]), programs[i]) == 0)
			return programs[i];
	}
	return NULL;
}

/* "15", "15s", "2m": the argument of sleep(1), GNU's and busybox's. */
static int64_t sleep_argument(const char *at)
{
	const int64_t number = number_take(&at, SLEEP_MAX_S);
	const int64_t unit = *at == 'm' ? 60 : *at == 'h' ? 3600 : 1;

	return number < 0 ? 0 : number * unit;
}

/* A script with branches or loops may sleep or not. */
static bool is_straight(const char *script)
{
	static const char *const words[] = {"if", "for", "while", "until", "case"};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (text_has_word(script, words[i]))
			return false;
	}
	return !strstr(script, "||");
}

static int64_t script_sleep_seconds(const char *script)
{
	int64_t seconds = 0;

	if (!is_straight(script))
		return 0;
	for (const char *at = strstr(script, "sleep"); at; at = strstr(at + 1, "sleep")) {
		if ((at == script || !is_in_name(at[-1])) && (at[5] == ' ' || at[5] == '\t'))
			seconds += sleep_argument(at + 5 + strspn(at + 5, " \t"));
	}
	return seconds;
}

int64_t words_sleep_seconds(char *const *argv)
{
	const char *script = shell_script(argv);

	if (script)
		return script_sleep_seconds(script);
	if (argv[0] && strcmp(base_name(argv[0]), "sleep") == 0 && argv[1])
		return sleep_argument(argv[1]);
	return 0;
}
