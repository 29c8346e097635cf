/* SPDX-License-Identifier: MIT */
#include "plan/model/container_command.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* The words of a command; the last is NULL. */
static char *const *words(const char *const list[])
{
	return (char *const *)(uintptr_t)list;
}
#define WORDS(...) words((const char *const[]){__VA_ARGS__, NULL})

static void the_script_of_a_shell_is_found(void **state)
{
	(void)state;
	assert_string_equal(shell_script(WORDS("sh", "-c", "node a.js")), "node a.js");
	assert_string_equal(shell_script(WORDS("/bin/bash", "-ec", "x")), "x");
	assert_string_equal(shell_script(WORDS("bash", "-euo", "pipefail", "-c", "x")), "x");
	assert_string_equal(shell_script(WORDS("sh", "-e", "-c", "x", "name")), "x");
	assert_null(shell_script(WORDS("sh", "start.sh")));
	assert_null(shell_script(WORDS("sh", "-e", "start.sh", "-c")));
	assert_null(shell_script(WORDS("node", "-c", "x")));
	assert_null(shell_script(WORDS("sh", "-c")));
	assert_null(shell_script(WORDS("sh", "-o")));
	assert_null(shell_script(WORDS("lastcall", "--", "sh", "-c", "x")));
}

static void a_script_passes_signals_on_by_exec_or_trap(void **state)
{
	(void)state;
	assert_true(shell_keeps_signals(WORDS("sh", "-c", "node a.js")));
	assert_true(shell_keeps_signals(WORDS("sh", "-c", "execute a")));
	assert_true(shell_keeps_signals(WORDS("sh", "-c", "pre-exec; node")));
	assert_false(shell_keeps_signals(WORDS("sh", "-c", "exec node a.js")));
	assert_false(shell_keeps_signals(WORDS("sh", "-c", "a && exec b")));
	assert_false(shell_keeps_signals(WORDS("sh", "-c", "trap 'kill $pid' TERM; app & wait")));
	assert_false(shell_keeps_signals(WORDS("sh", "-c", "if a; then exec b; fi")));
	assert_false(shell_keeps_signals(WORDS("sh", "-c", "A=1 exec b")));
	assert_false(shell_keeps_signals(WORDS("sh", "-c", "a\n\texec b")));
	assert_false(shell_keeps_signals(WORDS("node", "a.js")));
}

static void exec_as_a_word_of_another_command_is_none_of_the_shell(void **state)
{
	(void)state;
	assert_true(shell_keeps_signals(WORDS("sh", "-c", "bundle exec puma")));
	assert_true(shell_keeps_signals(WORDS("sh", "-c", "cd /app && bundle exec puma -p 80")));
	assert_true(shell_keeps_signals(WORDS("sh", "-c", "npm exec serve")));
	assert_false(shell_keeps_signals(WORDS("sh", "-c", "exec bundle exec puma")));
}

/* bash 5.2.15: the process of `bash -c` is the program afterwards, or still bash. */
static void bash_replaces_itself_by_its_last_program(void **state)
{
	static const char *const replaced[] = {"celery -A app worker", "node ${ENTRY}.js",
		"migrate; serve", "set -euo pipefail; serve", "migrate && serve;", "serve\n",
		"render < in > out && serve", "if a; then b; fi; serve", "serve --id $(hostname)"};
	static const char *const kept[] = {"serve > log", "source start.sh", "(serve)",
		"serve; echo done", "serve || true", "while true; do work; done", "a & serve",
		"serve | tee log", "bundle exec puma; exit 0", "{ serve; }"};

	(void)state;
	for (size_t i = 0; i < sizeof(replaced) / sizeof(*replaced); i++)
		assert_false(shell_keeps_signals(WORDS("/bin/bash", "-ec", replaced[i])));
	for (size_t i = 0; i < sizeof(kept) / sizeof(*kept); i++)
		assert_true(shell_keeps_signals(WORDS("bash", "-c", kept[i])));
}

static void the_advice_fits_the_end_of_the_script(void **state)
{
	(void)state;
	assert_string_equal(shell_advice("a && b"), "exec before the last command of the script");
	assert_string_equal(shell_advice("while a; do b; sleep 60; done;\n"),
		"trap 'exit 0' TERM before the loop");
	assert_string_equal(
		shell_advice("a; undone"), "exec before the last command of the script");
	assert_string_equal(shell_advice("a | tee b"), "exec and the application, without a pipe");
	assert_string_equal(shell_advice("a || b"), "exec before the last command of the script");
	assert_non_null(strstr(shell_advice("a & b"), "trap that passes the signal on"));
}

static void sleeps_of_a_hook_are_added(void **state)
{
	static const struct {
		const char *script;
		int64_t seconds;
	} scripts[] = {
		{"sleep 15", 15},
		{"sleep 5; nginx -s quit; sleep 10", 15},
		{"sleep 2m", 120},
		{"sleep 1.5", 1},
		{"sleep $DELAY", 0},
		{"sleep 99999999999", 0},
		{"while true; do sleep 5; done", 0},
		{"true || sleep 5", 0},
		{"nosleep 5", 0},
		{"sleep", 0},
	};

	(void)state;
	assert_int_equal(words_sleep_seconds(WORDS("sleep", "15")), 15);
	assert_int_equal(words_sleep_seconds(WORDS("/bin/sleep", "1h")), 3600);
	assert_int_equal(words_sleep_seconds(WORDS("sleep")), 0);
	assert_int_equal(words_sleep_seconds(WORDS("curl", "http://x")), 0);
	for (size_t i = 0; i < sizeof(scripts) / sizeof(*scripts); i++)
		assert_int_equal(words_sleep_seconds(WORDS("sh", "-c", scripts[i].script)),
			scripts[i].seconds);
}

static void downloads_are_found(void **state)
{
	(void)state;
	assert_string_equal(words_find_downloader(WORDS("curl", "-f", "http://x")), "curl");
	assert_string_equal(
		words_find_downloader(WORDS("sh", "-c", "wget -q x || exit 1")), "wget");
	assert_null(words_find_downloader(WORDS("lastcall", "--healthcheck", "curl")));
	assert_null(words_find_downloader(WORDS("sh", "-c", "curlew")));
}

static void words_have_a_limit(void **state)
{
	static char word[WORDS_MAX_BYTES / 2];
	struct arena arena = {0};
	struct word_list list;

	(void)state;
	memset(word, 'a', sizeof(word) - 1);
	word_list_init(&list, &arena);
	assert_true(word_list_add(&list, word));
	assert_true(word_list_add(&list, ""));
	assert_false(word_list_add(&list, word));
	assert_int_equal(list.count, 2);
	assert_null(list.words[2]);
	for (int i = 0; i < 100; i++)
		assert_true(word_list_add(&list, "b"));
	assert_string_equal(list.words[101], "b");
	assert_null(list.words[102]);
	arena_done(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_script_of_a_shell_is_found),
		cmocka_unit_test(a_script_passes_signals_on_by_exec_or_trap),
		cmocka_unit_test(exec_as_a_word_of_another_command_is_none_of_the_shell),
		cmocka_unit_test(bash_replaces_itself_by_its_last_program),
		cmocka_unit_test(the_advice_fits_the_end_of_the_script),
		cmocka_unit_test(sleeps_of_a_hook_are_added),
		cmocka_unit_test(downloads_are_found),
		cmocka_unit_test(words_have_a_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
