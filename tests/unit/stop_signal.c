/* SPDX-License-Identifier: MIT */
#include "core/cli/option_parser.h"
#include "core/stop/stop_signal.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define RTMIN_3 37

static struct options options;

/* Reads a command line as users write it. */
static void give(const char *first, const char *second)
{
	char word[] = "lastcall";
	char *const argv[] = {word, (char *)first, (char *)second, NULL}, *const envp[] = {NULL};
	char error[256], warning[256];
	struct text error_text, warning_text;

	text_init(&error_text, error, sizeof error);
	text_init(&warning_text, warning, sizeof warning);
	assert_int_equal(options_parse(argv, envp, &options, &error_text, &warning_text), 0);
}

static struct program named(const char *name)
{
	struct program program = {.signals_known = true};

	strncpy(program.name, name, sizeof program.name - 1);
	return program;
}

static void stops_by_default(void **state)
{
	static const struct {
		int signal;
		const char *name; /* of the program */
		uint64_t caught, blocked, ignored;
		bool is_go;
		const char *container;
		bool expected;
	} cases[] = {
		{SIGTERM, "app", 0, 0, 0, false, NULL, true},
		{SIGTERM, "app", 1 << 14, 0, 0, false, NULL, true},
		{SIGINT, "app", 0, 0, 0, false, NULL, true},
		{SIGQUIT, "app", 0, 0, 0, false, NULL, true}, /* it would die of it */
		{SIGQUIT, "java", 1 << 2, 0, 0, false, NULL, false}, /* a thread dump */
		{SIGQUIT, "app", 0, 1 << 2, 0, false, NULL, false}, /* sigwait */
		{SIGQUIT, "bash", 0, 0, 1 << 2, false, NULL, false},
		{SIGQUIT, "shop", 1 << 2, 0, 0, true, NULL, true}, /* Go */
		{SIGQUIT, "nginx", 1 << 2, 0, 0, false, NULL, true},
		{SIGWINCH, "nginx", 1 << 27, 0, 0, false, NULL, false},
		{SIGWINCH, "apache2", 1 << 27, 0, 0, false, NULL, true},
		{SIGUSR1, "apache2", 1 << 9, 0, 0, false, NULL, false}, /* a restart */
		{SIGUSR1, "haproxy", 1 << 9, 0, 0, false, NULL, true},
		{SIGUSR1, "app", 0, 0, 0, false, NULL, false},
		{SIGHUP, "app", 0, 0, 0, false, NULL, false},
		{SIGPWR, "app", 0, 0, 0, false, NULL, false},
		{SIGPWR, "app", 0, 0, 0, false, "podman", false},
		{SIGPWR, "app", 0, 0, 0, false, "lxc", true},
		{RTMIN_3, "app", 0, 0, 0, false, "lxc", true},
		{RTMIN_3, "app", 0, 0, 0, false, "systemd-nspawn", true},
		{RTMIN_3, "app", 0, 0, 0, false, "", false},
	};

	(void)state;
	give(NULL, NULL);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct program program = named(cases[i].name);

		program.caught = cases[i].caught;
		program.blocked = cases[i].blocked;
		program.ignored = cases[i].ignored;
		program.is_go = cases[i].is_go;
		if (stop_signal_begins_stop(&options, cases[i].container, &program,
			    cases[i].signal) != cases[i].expected)
			fail_msg("row %zu: %s for %s", i, signal_name(cases[i].signal),
				cases[i].name);
	}
}

/* Without /proc a QUIT is handed on, as every other init does, unless the command says what it is. */
static void unknown_signals_are_no_stop(void **state)
{
	struct program program = {.signals_known = false};
	char nginx[] = "/usr/sbin/nginx", *const command[] = {nginx, NULL};

	(void)state;
	give(NULL, NULL);
	assert_false(stop_signal_begins_stop(&options, NULL, &program, SIGQUIT));
	program_take_command(&program, command);
	assert_true(stop_signal_begins_stop(&options, NULL, &program, SIGQUIT));
}

static void given_stops_are_the_only_ones(void **state)
{
	struct program program = named("nginx");

	(void)state;
	give("--stop-on=TERM,SIGRTMIN+3", "--stop-on=28");
	assert_true(stop_signal_begins_stop(&options, "lxc", &program, SIGTERM));
	assert_true(stop_signal_begins_stop(&options, NULL, &program, RTMIN_3));
	assert_true(stop_signal_begins_stop(&options, NULL, &program, SIGWINCH));
	assert_false(stop_signal_begins_stop(&options, "lxc", &program, SIGINT));
	assert_false(stop_signal_begins_stop(&options, "lxc", &program, SIGQUIT));
	assert_false(stop_signal_begins_stop(&options, "lxc", &program, SIGPWR));
}

static void rewritten_ones_count_dropped_ones_do_not(void **state)
{
	struct program java = named("java");

	(void)state;
	java.caught = signal_bit(SIGQUIT) | signal_bit(SIGTERM);
	give("--rewrite=WINCH:TERM,TERM:QUIT,INT:0,HUP:QUIT", NULL);
	assert_true(stop_signal_begins_stop(&options, NULL, &java, SIGWINCH));
	assert_true(stop_signal_begins_stop(&options, NULL, &java, SIGTERM));
	assert_false(stop_signal_begins_stop(&options, NULL, &java, SIGINT));
	assert_false(stop_signal_begins_stop(&options, NULL, &java, SIGHUP));
}

/* The table of the man page, a row each: which option wins. */
static void precedence(void **state)
{
	static const struct {
		const char *first, *second, *name;
		int received;
		bool work_is_left;
		uint64_t caught;
		int expected;
	} cases[] = {
		{"--rewrite=TERM:USR2", "--stop-signal=HUP", "nginx", SIGTERM, true, 0, SIGUSR2},
		{"--rewrite=INT:USR2", "--stop-signal=HUP", "nginx", SIGTERM, true, 0, SIGHUP},
		{"--rewrite=TERM:USR2", NULL, "nginx", 0, true, 0, SIGUSR2},
		{"--stop-signal=HUP", NULL, "nginx", SIGTERM, false, 0, SIGHUP},
		{NULL, NULL, "nginx", SIGTERM, true, 0, SIGQUIT},
		{NULL, NULL, "nginx", SIGTERM, false, 0, SIGTERM},
		{NULL, NULL, "nginx", SIGQUIT, false, 0, SIGTERM},
		{NULL, NULL, "haproxy", SIGUSR1, false, 0, SIGTERM},
		{NULL, NULL, "haproxy", SIGTERM, true, 0, SIGUSR1},
		{NULL, NULL, "postgres", SIGTERM, true, 0, SIGINT},
		{NULL, NULL, "app", SIGTERM, true, 0, SIGTERM},
		{NULL, NULL, "app", SIGINT, false, 0, SIGINT},
		{NULL, NULL, "app", SIGQUIT, false, 0, SIGQUIT},
		{NULL, NULL, "app", 0, false, 0, SIGTERM},
		/* nothing that it does not know */
		{NULL, NULL, "app", SIGPWR, false, 0, SIGTERM},
		{NULL, NULL, "app", SIGPWR, false, 1 << 29, SIGPWR},
		{"--stop-on=WINCH", NULL, "app", SIGWINCH, false, 0, SIGTERM},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct program program = named(cases[i].name);
		int sent;

		program.caught = cases[i].caught;
		give(cases[i].first, cases[i].second);
		sent = stop_signal_to_send(
			&options, &program, cases[i].received, cases[i].work_is_left);
		if (sent != cases[i].expected)
			fail_msg("row %zu: %s instead of %s", i, signal_name(sent),
				signal_name(cases[i].expected));
	}
}

static void servers_are_told_that_they_are_done(void **state)
{
	struct program nginx = named("nginx"), gunicorn = named("gunicorn"), app = named("app");

	(void)state;
	give(NULL, NULL);
	assert_int_equal(
		stop_signal_to_send_when_done(&options, &nginx, SIGTERM, SIGQUIT), SIGTERM);
	assert_int_equal(stop_signal_to_send_when_done(&options, &nginx, SIGTERM, SIGTERM), 0);
	assert_int_equal(stop_signal_to_send_when_done(&options, &gunicorn, SIGTERM, SIGTERM), 0);
	assert_int_equal(stop_signal_to_send_when_done(&options, &app, SIGQUIT, SIGQUIT), 0);
	give("--stop-signal=QUIT", NULL);
	assert_int_equal(stop_signal_to_send_when_done(&options, &nginx, SIGTERM, SIGQUIT), 0);
}

static void chosen_by_the_user(void **state)
{
	(void)state;
	give(NULL, NULL);
	assert_false(stop_signal_is_chosen(&options, SIGTERM));
	give("--stop-signal=QUIT", NULL);
	assert_true(stop_signal_is_chosen(&options, SIGTERM));
	give("--rewrite=TERM:QUIT", NULL);
	assert_true(stop_signal_is_chosen(&options, SIGTERM));
	assert_true(stop_signal_is_chosen(&options, 0));
	assert_false(stop_signal_is_chosen(&options, SIGINT));
}

static void handled_signals(void **state)
{
	struct program program = named("app");

	(void)state;
	program.ignored = signal_bit(SIGHUP);
	program.caught = signal_bit(SIGTERM) | signal_bit(64);
	program.blocked = signal_bit(SIGINT);
	assert_int_equal(stop_signal_is_handled(&program, SIGTERM), 1);
	assert_int_equal(stop_signal_is_handled(&program, 64), 1);
	assert_int_equal(stop_signal_is_handled(&program, SIGINT), 1); /* sigwait */
	assert_int_equal(stop_signal_is_handled(&program, SIGQUIT), 0);
	assert_int_equal(stop_signal_is_handled(&program, SIGHUP), 0);
	program.waits_for_signals = true;
	assert_int_equal(stop_signal_is_handled(&program, SIGTERM), 1);
	assert_int_equal(stop_signal_is_handled(&program, SIGQUIT), -1);
	give(NULL, NULL);
	assert_false(stop_signal_begins_stop(&options, NULL, &program, SIGQUIT));
	program.is_go = true;
	assert_int_equal(stop_signal_is_handled(&program, SIGTERM), -1);
	program.is_go = program.signals_known = false;
	assert_int_equal(stop_signal_is_handled(&program, SIGTERM), -1);
}

static void list_is_what_stops_any_application(void **state)
{
	static const struct {
		const char *first, *container, *expected;
	} cases[] = {
		{NULL, NULL, "INT,TERM"},
		{NULL, "lxc", "INT,TERM,PWR,RTMIN+3"},
		{"--stop-on=QUIT,USR1", "lxc", "QUIT,USR1"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char bytes[64];
		struct text text;

		text_init(&text, bytes, sizeof bytes);
		give(cases[i].first, NULL);
		stop_signal_add_list(&text, &options, cases[i].container);
		assert_string_equal(bytes, cases[i].expected);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stops_by_default),
		cmocka_unit_test(unknown_signals_are_no_stop),
		cmocka_unit_test(given_stops_are_the_only_ones),
		cmocka_unit_test(rewritten_ones_count_dropped_ones_do_not),
		cmocka_unit_test(precedence),
		cmocka_unit_test(servers_are_told_that_they_are_done),
		cmocka_unit_test(chosen_by_the_user),
		cmocka_unit_test(handled_signals),
		cmocka_unit_test(list_is_what_stops_any_application),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
