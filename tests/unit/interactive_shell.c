/* SPDX-License-Identifier: MIT */
#include "core/recognise/interactive_shell.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define WORDS_MAX 8

static bool is_interactive(const char *const words[WORDS_MAX])
{
	struct program program = {.words_len = 0};
	char *command[WORDS_MAX + 1] = {NULL};

	for (int i = 0; i < WORDS_MAX && words[i] != NULL; i++)
		command[i] = (char *)(uintptr_t)words[i];
	program_take_command(&program, command);
	return interactive_shell_is(&program);
}

static void a_shell_without_a_command_is_typed_into(void **state)
{
	static const struct {
		const char *words[WORDS_MAX];
		bool is_interactive;
	} cases[] = {
		{{"sh"}, true}, {{"/bin/bash"}, true}, {{"-bash"}, true}, {{"bash", "-l"}, true},
		{{"/usr/bin/zsh", "--login"}, true}, {{"busybox", "sh"}, true},
		{{"/bin/busybox", "ash"}, true}, {{"bash", "+m"}, true}, {{"bash", "-il"}, true},
		{{"bash", "--rcfile", "/tmp/rc"}, true}, {{"bash", "--norc", "-i"}, true},
		{{"sh", "-c", "backup"}, false}, {{"sh", "-ec", "backup"}, false},
		{{"bash", "-ic", "backup"}, false}, {{"sh", "backup.sh"}, false},
		{{"bash", "-x", "backup.sh"}, false}, {{"bash", "-i", "backup.sh"}, true},
		{{"bash", "--rcfile"}, false}, {{"./backup.sh"}, false}, {{"psql"}, false},
		{{"bashful"}, false}, {{"busybox"}, false}, {{"busybox", "vi"}, false},
		{{"sleep", "60"}, false}, {{"-"}, false}, {{""}, false}, {{NULL}, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		if (is_interactive(cases[i].words) != cases[i].is_interactive)
			fail_msg("case %zu: %s", i, cases[i].words[0]);
	}
}

/* What did not fit may have been the script. */
static void a_command_line_that_was_cut_off_says_nothing(void **state)
{
	struct program program = {.words = "sh", .words_len = sizeof program.words - 1};

	(void)state;
	for (size_t i = 3; i < sizeof program.words - 1; i++)
		program.words[i] = '-';
	assert_false(interactive_shell_is(&program));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_shell_without_a_command_is_typed_into),
		cmocka_unit_test(a_command_line_that_was_cut_off_says_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
