/* SPDX-License-Identifier: MIT */
#include "host/terminal.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

static FILE *pty;

static int open_pty(void **state)
{
	const int master = posix_openpt(O_RDWR | O_NOCTTY);
	const struct winsize size = {.ws_row = 25, .ws_col = 133};

	(void)state;
	assert_true(master >= 0);
	assert_int_equal(grantpt(master), 0);
	assert_int_equal(unlockpt(master), 0);
	pty = fopen(ptsname(master), "r+");
	assert_non_null(pty);
	assert_int_equal(ioctl(fileno(pty), TIOCSWINSZ, &size), 0);
	return 0;
}

static int set_up(void **state)
{
	const char *names[] = {"NO_COLOR", "COLUMNS", "LC_ALL", "LC_CTYPE", "LANG"};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		unsetenv(names[i]);
	setenv("TERM", "xterm-256color", 1);
	return 0;
}

static void terminal_is_coloured_and_as_wide_as_it_says(void **state)
{
	const struct terminal terminal = terminal_of(pty);

	(void)state;
	assert_true(terminal.is_live && terminal.has_colour && terminal.has_unicode);
	assert_int_equal(terminal.columns, 133);
	assert_true(terminal.breaks_lines);
	assert_string_not_equal(terminal_tone(&terminal, TONE_BAD), "");
}

static void file_has_no_colour(void **state)
{
	FILE *file = tmpfile();
	const struct terminal terminal = terminal_of(file);

	(void)state;
	assert_false(terminal.is_live || terminal.has_colour || terminal.breaks_lines);
	assert_int_equal(terminal.columns, 80);
	for (int tone = 0; tone < TONE_COUNT; tone++)
		assert_string_equal(terminal_tone(&terminal, (enum tone)tone), "");
	fclose(file);
}

static void columns_are_those_that_the_environment_tells(void **state)
{
	FILE *file = tmpfile();

	(void)state;
	setenv("COLUMNS", "100", 1);
	assert_int_equal(terminal_of(file).columns, 100);
	assert_true(terminal_of(file).breaks_lines);
	setenv("COLUMNS", "0", 1);
	assert_int_equal(terminal_of(file).columns, 80);
	assert_false(terminal_of(file).breaks_lines);
	fclose(file);
}

static void no_color_is_heeded_unless_empty(void **state)
{
	(void)state;
	setenv("NO_COLOR", "1", 1);
	assert_true(terminal_of(pty).is_live);
	assert_false(terminal_of(pty).has_colour);
	setenv("NO_COLOR", "", 1);
	assert_true(terminal_of(pty).has_colour);
}

static void dumb_terminal_is_not_written_over(void **state)
{
	(void)state;
	setenv("TERM", "dumb", 1);
	assert_false(terminal_of(pty).is_live || terminal_of(pty).has_colour);
	unsetenv("TERM");
	assert_false(terminal_of(pty).is_live);
}

static void another_character_set_gets_ascii(void **state)
{
	(void)state;
	setenv("LANG", "de_DE.UTF-8", 1);
	assert_true(terminal_of(pty).has_unicode);
	setenv("LC_ALL", "de_DE.ISO-8859-1", 1);
	assert_false(terminal_of(pty).has_unicode);
	setenv("LC_ALL", "", 1);
	setenv("TERM", "linux", 1);
	assert_false(terminal_of(pty).has_unicode);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(terminal_is_coloured_and_as_wide_as_it_says, set_up),
		cmocka_unit_test_setup(file_has_no_colour, set_up),
		cmocka_unit_test_setup(columns_are_those_that_the_environment_tells, set_up),
		cmocka_unit_test_setup(no_color_is_heeded_unless_empty, set_up),
		cmocka_unit_test_setup(dumb_terminal_is_not_written_over, set_up),
		cmocka_unit_test_setup(another_character_set_gets_ascii, set_up),
	};

	return cmocka_run_group_tests(tests, open_pty, NULL);
}
