/* SPDX-License-Identifier: MIT */
#include "core/recognise/server_signal.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* As /proc has it: words separated by NULs, here by bars. */
static struct program program_of(const char *name, const char *file, const char *words)
{
	struct program program = {.words_len = strlen(words)};

	strncpy(program.name, name, sizeof program.name - 1);
	strncpy(program.file, file, sizeof program.file - 1);
	memcpy(program.words, words, program.words_len);
	for (size_t i = 0; i < program.words_len; i++) {
		if (program.words[i] == '|')
			program.words[i] = '\0';
	}
	program.words_len += program.words_len > 0; /* the last one's NUL */
	return program;
}

static void servers_are_recognised(void **state)
{
	static const struct {
		const char *name, *file, *words, *expected; /* NULL: none */
	} cases[] = {
		/* as ps(1) showed them, with Debian's packages */
		{"nginx", "nginx", "nginx: master process nginx -g daemon off;", "nginx"},
		{"nginx", "", "", "nginx"},
		{"apache2", "apache2", "/usr/sbin/apache2|-DFOREGROUND", "apache2"},
		{"httpd", "httpd", "httpd|-DFOREGROUND", "httpd"},
		{"haproxy", "haproxy", "haproxy|-W|-db|-f|/usr/local/etc/haproxy/haproxy.cfg",
			"haproxy"},
		{"php-fpm8.2", "php-fpm8.2",
			"php-fpm: master process (/etc/php/8.2/fpm/php-fpm.conf)", "php-fpm"},
		{"unicorn", "ruby3.1", "unicorn master -l 127.0.0.1:8080", "unicorn"},
		{"ruby", "ruby3.1", "ruby|/usr/bin/unicorn|-l|8080", "unicorn"},
		{"gunicorn", "python3.11", "/usr/bin/python3|/usr/bin/gunicorn|app:app",
			"gunicorn"},
		{"gunicorn: maste", "python3.11", "gunicorn: master [app:app]", "gunicorn"},
		{"waitress-serve", "python3.11", "/usr/bin/python3|/usr/bin/waitress-serve|app:app",
			"waitress-serve"},
		{"python3", "python3.11", "python3|/usr/bin/waitress-serve|app:app",
			"waitress-serve"},
		{"python3", "python3.11", "python3|-m|waitress|app:app", "waitress"},
		{"python3", "python3.11", "python3|-u|-X|dev|-m|gunicorn|app", "gunicorn"},
		{"python3", "python3.11", "python3|-mcheroot|app", "cheroot"},
		{"python", "", "/usr/local/bin/python3.12|-W|ignore|/usr/local/bin/gunicorn|app",
			"gunicorn"},
		{"uwsgi", "uwsgi-core", "uwsgi|--http|:8080", "uwsgi"},
		{"postgres", "postgres", "postgres|-D|/var/lib/postgresql/data", "postgres"},
		{"lighttpd", "lighttpd", "lighttpd|-D|-f|lighttpd.conf", "lighttpd"},
		{"thin", "ruby3.1", "ruby|/usr/bin/thin|start", "thin"},
		{"nats-server", "nats-server", "nats-server|-c|/nats.conf", "nats-server"},
		/* and what only looks like it */
		{"nginx-prometheu", "nginx-prometheus-exporter", "nginx-prometheus-exporter", NULL},
		{"python3", "python3.11", "python3|server.py|gunicorn", NULL},
		{"python3", "python3.11", "python3|-c|import time|nginx", NULL},
		{"python3", "python3.11", "python3|-", NULL},
		{"python3", "python3.11", "python3|-W", NULL},
		{"python3", "python3.11", "python3|-m", NULL},
		{"tail", "tail", "tail|-f|nginx", NULL},
		{"sh", "dash", "sh|-c|nginx", NULL},
		{"MainThread", "node", "node|server.js", NULL},
		{"httpdx", "", "", NULL},
		{"", "", "", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct program program = program_of(cases[i].name, cases[i].file, cases[i].words);
		const struct server_signal *server = server_signal_of(&program);

		if (cases[i].expected == NULL && server != NULL)
			fail_msg("'%s' is taken for %s", cases[i].words, server->name);
		if (cases[i].expected != NULL &&
			(server == NULL || strcmp(server->name, cases[i].expected) != 0))
			fail_msg("'%s' is taken for %s, not for %s", cases[i].words,
				server != NULL ? server->name : "nothing", cases[i].expected);
	}
}

static void signals_are_each_servers_own(void **state)
{
	static const struct {
		const char *name;
		int also_stops, plain, finishing;
		bool finishes;
	} cases[] = {
		{"nginx", SIGQUIT, SIGTERM, SIGQUIT, true},
		{"/usr/sbin/httpd", SIGWINCH, SIGTERM, SIGWINCH, true},
		{"apache2", SIGWINCH, SIGTERM, SIGWINCH, true},
		{"haproxy", SIGUSR1, SIGTERM, SIGUSR1, true},
		{"lighttpd", 0, SIGTERM, SIGINT, true},
		{"php-fpm8.2", SIGQUIT, SIGTERM, SIGQUIT, true},
		{"unicorn", SIGQUIT, SIGTERM, SIGQUIT, true},
		{"gunicorn", SIGQUIT, SIGTERM, SIGTERM, true},
		{"uwsgi", SIGQUIT, SIGINT, SIGINT, false},
		{"postgres", 0, SIGINT, SIGINT, false},
		{"waitress-serve", 0, SIGINT, SIGINT, true},
		{"cheroot", 0, SIGINT, SIGINT, true},
		{"nghttpx", SIGQUIT, SIGTERM, SIGQUIT, true},
		{"h2o", 0, SIGINT, SIGTERM, true},
		{"squid", 0, SIGINT, SIGTERM, true},
		{"thin", SIGQUIT, SIGINT, SIGQUIT, true},
		{"nats-server", SIGUSR2, SIGINT, SIGUSR2, true},
		{"pgbouncer", 0, SIGTERM, SIGINT, true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct server_signal *server = server_signal_of_name(cases[i].name);

		assert_non_null(server);
		assert_int_equal(server->also_stops, cases[i].also_stops);
		assert_int_equal(server->plain, cases[i].plain);
		assert_int_equal(server->finishing, cases[i].finishing);
		assert_int_equal(server->finishes, cases[i].finishes);
		if (server->also_stops != 0)
			assert_true(server_signal_may_stop(server->also_stops));
	}
	assert_false(server_signal_may_stop(SIGSTOP));
	assert_false(server_signal_may_stop(0));
	assert_null(server_signal_of_name("python3"));
	assert_null(server_signal_of_name(""));
}

static void runtimes_catch_to_die(void **state)
{
	struct program node = program_of("MainThread", "node", "node|server.js");
	struct program hidden = program_of("node", "", "/usr/bin/node|server.js");
	struct program deno = program_of("deno", "deno", "deno|run|x.ts");
	struct program python = program_of("python3", "python3.11", "python3|node");
	struct program go = program_of("shop", "shop", "/shop");

	(void)state;
	go.is_go = true;
	assert_true(server_signal_runtime_catches(&node, SIGTERM));
	assert_true(server_signal_runtime_catches(&node, SIGINT));
	assert_false(server_signal_runtime_catches(&node, SIGQUIT));
	assert_true(server_signal_runtime_catches(&hidden, SIGTERM));
	assert_true(server_signal_runtime_catches(&deno, SIGTERM));
	assert_false(server_signal_runtime_catches(&python, SIGTERM));
	assert_true(server_signal_runtime_catches(&go, SIGTERM));
	assert_true(server_signal_runtime_catches(&go, SIGQUIT));
}

/* As many words as fit, whole ones. */
static void command_is_taken_as_far_as_it_fits(void **state)
{
	char longest[PROGRAM_WORDS_BYTES];
	char path[] = "/usr/sbin/nginx", flag[] = "-g", value[] = "daemon off;", letter[] = "a";
	char *fits[] = {path, flag, value, NULL};
	char *too_long[] = {letter, longest, letter, NULL};
	struct program program = {.words_len = 0};

	(void)state;
	program_take_command(&program, fits);
	assert_int_equal(program.words_len, 16 + 3 + 12);
	assert_memory_equal(program.words, "/usr/sbin/nginx\0-g\0daemon off;", 31);
	memset(longest, 'x', sizeof longest - 1);
	longest[sizeof longest - 1] = '\0';
	program_take_command(&program, too_long);
	assert_int_equal(program.words_len, 2);
	assert_null(server_signal_of(&program));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(servers_are_recognised),
		cmocka_unit_test(signals_are_each_servers_own),
		cmocka_unit_test(runtimes_catch_to_die),
		cmocka_unit_test(command_is_taken_as_far_as_it_fits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
