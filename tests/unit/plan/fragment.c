/* SPDX-License-Identifier: MIT */
#include "plan/core/fragment.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static char page[FRAGMENT_BYTES];

static const char *write(enum fragment_platform platform, const char *server)
{
	const struct fragment fragment = {
		.platform = platform,
		.server = server,
		.known = server_signal_of_name(server),
		.stop_timeout = 45000,
		.port = 3000,
	};
	struct text text;

	text_init(&text, page, sizeof page);
	fragment_write(&text, &fragment);
	assert_false(text.truncated);
	assert_null(strchr(page, '@'));
	return page;
}

static void every_server_fits_on_every_platform(void **state)
{
	const struct server_signal *server;

	(void)state;
	for (unsigned platform = 0; platform < FRAGMENT_PLATFORM_COUNT; platform++) {
		for (size_t i = 0; (server = server_signal_row(i)) != NULL; i++)
			(void)write(platform, server->name);
		(void)write(platform, "a-server-with-a-name-of-forty-characters");
	}
}

static void both_sides_have_the_same_stop_timeout(void **state)
{
	static const char *const grace[] = {"StopTimeout: 45\n",
		"terminationGracePeriodSeconds: 45\n", "stop_grace_period: 45s\n",
		"stop_grace_period: 45s\n", "kill_timeout = \"45s\"\n"};
	static const char *const variable[] = {"Name: LASTCALL_STOP_TIMEOUT, Value: 45s",
		"name: LASTCALL_STOP_TIMEOUT, value: 45s", "LASTCALL_STOP_TIMEOUT: 45s",
		"LASTCALL_STOP_TIMEOUT: 45s", "LASTCALL_STOP_TIMEOUT = \"45s\""};

	(void)state;
	for (unsigned platform = 0; platform < FRAGMENT_PLATFORM_COUNT; platform++) {
		const char *text = write(platform, "node");

		assert_non_null(strstr(text, grace[platform]));
		assert_non_null(strstr(text, variable[platform]));
		assert_non_null(strstr(text, "3000"));
	}
}

static void a_server_is_kept_in_the_foreground(void **state)
{
	(void)state;
	assert_non_null(strstr(write(FRAGMENT_KUBERNETES, "nginx"),
		"args: [\"nginx\", \"-g\", \"daemon off;\"]\n"));
	assert_non_null(strstr(
		write(FRAGMENT_COMPOSE, "apache2"), "command: [\"apache2\", \"-DFOREGROUND\"]\n"));
	assert_non_null(strstr(write(FRAGMENT_NOMAD, "node"), "args       = [\"node\"]\n"));
}

static void a_comment_says_which_signals_are_sent(void **state)
{
	(void)state;
	assert_non_null(strstr(write(FRAGMENT_ECS, "nginx"),
		"# lastcall stops nginx with SIGTERM when nothing is in flight, and with SIGQUIT "
		"when work is left.\n"));
	assert_non_null(strstr(write(FRAGMENT_ECS, "gunicorn"),
		"# lastcall stops gunicorn with SIGTERM when nothing is in flight.\n"));
	assert_non_null(strstr(write(FRAGMENT_ECS, "postgres"),
		"# postgres has no signal on which it finishes its work and ends.\n"));
	assert_non_null(strstr(write(FRAGMENT_ECS, "php-fpm8.2"),
		"# php-fpm8.2 finishes its work only where its process_control_timeout is set.\n"));
	assert_non_null(strstr(write(FRAGMENT_ECS, "node"),
		"# lastcall stops node when nothing is in flight, with the signal that it "
		"receives.\n"));
}

static void names_are_those_that_platforms_allow(void **state)
{
	(void)state;
	assert_non_null(
		strstr(write(FRAGMENT_KUBERNETES, "unicorn_rails"), "name: unicorn-rails\n"));
	assert_non_null(strstr(page, "args: [\"unicorn_rails\"]\n"));
	assert_non_null(strstr(write(FRAGMENT_KUBERNETES, "php-fpm8.2"), "name: php-fpm8-2\n"));
	assert_non_null(strstr(write(FRAGMENT_KUBERNETES, "Server"), "name: server\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_server_fits_on_every_platform),
		cmocka_unit_test(both_sides_have_the_same_stop_timeout),
		cmocka_unit_test(a_server_is_kept_in_the_foreground),
		cmocka_unit_test(a_comment_says_which_signals_are_sent),
		cmocka_unit_test(names_are_those_that_platforms_allow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
