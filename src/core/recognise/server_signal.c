/* SPDX-License-Identifier: MIT */
#include "core/recognise/server_signal.h"

#include <signal.h>
#include <string.h>

/* Each was run: Debian's packages of bookworm, with a request in flight and a connection never used. */
static const struct server_signal servers[] = {
	/* nginx.org/en/docs/control.html: TERM and INT are a fast shutdown, QUIT a graceful one */
	{"nginx", SIGQUIT, SIGTERM, SIGQUIT, true, "-g 'daemon off;'", ""},
	/* httpd.apache.org/docs/2.4/stopping.html: WINCH is graceful-stop, USR1 a restart */
	{"httpd", SIGWINCH, SIGTERM, SIGWINCH, true, "-DFOREGROUND", ""},
	{"apache2", SIGWINCH, SIGTERM, SIGWINCH, true, "-DFOREGROUND", ""},
	/* its management guide, "Stopping and restarting": USR1 is a soft stop */
	{"haproxy", SIGUSR1, SIGTERM, SIGUSR1, true, "", ""},
	/* lighttpd(8): INT is a graceful stop */
	{"lighttpd", 0, SIGTERM, SIGINT, true, "-D", ""},
	/* php-fpm(8): QUIT is graceful; it waits no longer than process_control_timeout, by default 0 */
	{"php-fpm", SIGQUIT, SIGTERM, SIGQUIT, true, "-F", "process_control_timeout"},
	/* yhbt.net/unicorn/SIGNALS.html: TERM and INT are a quick shutdown */
	{"unicorn", SIGQUIT, SIGTERM, SIGQUIT, true, "", ""},
	{"unicorn_rails", SIGQUIT, SIGTERM, SIGQUIT, true, "", ""},
	/* docs.gunicorn.org/en/stable/signals.html: TERM is graceful, QUIT and INT are quick */
	{"gunicorn", SIGQUIT, SIGTERM, SIGTERM, true, "", ""},
	/* uwsgi-docs.readthedocs.io/en/latest/Management.html: INT kills the stack; so does QUIT, while TERM
	 * reloads it, but with --die-on-term, the default from 2.1 on, it is the other way round */
	{"uwsgi", SIGQUIT, SIGINT, SIGINT, false, "", ""},
	{"uwsgi-core", SIGQUIT, SIGINT, SIGINT, false, "", ""},
	/* postgresql.org/docs/current/server-shutdown.html: TERM waits for every session, however idle; QUIT
	 * leaves a recovery to the next start, and is no stop signal of any orchestrator */
	{"postgres", 0, SIGINT, SIGINT, false, "", ""},
	/* Neither has a handler for TERM; INT is a KeyboardInterrupt, on which they close their listener and
	 * wait for their threads */
	{"waitress-serve", 0, SIGINT, SIGINT, true, "", ""},
	{"waitress", 0, SIGINT, SIGINT, true, "", ""},
	{"cheroot", 0, SIGINT, SIGINT, true, "", ""},
	/* nghttpx(1): QUIT is graceful, and waits for idle clients; TERM has no handler */
	{"nghttpx", SIGQUIT, SIGTERM, SIGQUIT, true, "", ""},
	/* On TERM they wait for idle clients: H2O http1-request-timeout, Squid shutdown_lifetime, Thin for ever.
	 * INT ends them at once, H2O without a handler */
	{"h2o", 0, SIGINT, SIGTERM, true, "-m worker", ""},
	{"squid", 0, SIGINT, SIGTERM, true, "-N", ""},
	{"thin", SIGQUIT, SIGINT, SIGQUIT, true, "", ""},
	/* docs.nats.io, "Signals": INT stops it, USR2 is lame duck mode; on TERM it exits with 1 */
	{"nats-server", SIGUSR2, SIGINT, SIGUSR2, true, "", ""},
	/* pgbouncer(1) of 1.18: INT is a safe shutdown, which waits for sessions; TERM exits with 1, at once */
	{"pgbouncer", 0, SIGTERM, SIGINT, true, "", ""},
};

#define SERVER_COUNT (sizeof servers / sizeof *servers)

/* Interpreters, and those of their options that take the next word. */
static const struct {
	char name[8];
	char valued[8];
} interpreters[] = {{"python", "WX"}, {"pypy", "WX"}, {"ruby", "CEFIr"}};

/* Whether a word is a name, with a version or a title behind it or not. */
static bool is_named(const char *word, const char *name)
{
	size_t len = strlen(name);

	if (strncmp(word, name, len) != 0)
		return false;
	word += len;
	word += strspn(word, "0123456789.");
	return *word == '\0' || *word == ':' || *word == ' ';
}

/* Behind the last slash of the first word: a title may hold slashes of its own. */
static const char *without_path(const char *word)
{
	const char *base = word;

	for (const char *c = word; *c != '\0' && *c != ' '; c++) {
		if (*c == '/')
			base = c + 1;
	}
	return base;
}

const struct server_signal *server_signal_of_name(const char *name)
{
	name = without_path(name);
	for (size_t i = 0; i < SERVER_COUNT; i++) {
		if (is_named(name, servers[i].name))
			return &servers[i];
	}
	return NULL;
}

const struct server_signal *server_signal_row(size_t index)
{
	return index < SERVER_COUNT ? &servers[index] : NULL;
}

/* The script or the module that an interpreter was started with; NULL: it is none, or runs neither. */
static const char *script_of(const struct program *program)
{
	const char *word = program_first_word(program), *valued = NULL;

	for (size_t i = 0; word != NULL && i < sizeof interpreters / sizeof *interpreters; i++) {
		if (is_named(without_path(word), interpreters[i].name))
			valued = interpreters[i].valued;
	}
	if (valued == NULL)
		return NULL;
	while ((word = program_next_word(program, word)) != NULL && word[0] == '-') {
		if (word[1] == 'c' || word[1] == 'e')
			return NULL; /* the program itself */
		if (word[1] == 'm')
			return word[2] != '\0' ? word + 2 : program_next_word(program, word);
		if (word[1] != '\0' && word[2] == '\0' && strchr(valued, word[1]) != NULL)
			word = program_next_word(program, word);
		if (word == NULL)
			return NULL;
	}
	return word;
}

const struct server_signal *server_signal_of(const struct program *program)
{
	const char *names[] = {
		program->name, program->file, program_first_word(program), script_of(program)};
	const struct server_signal *server = NULL;

	for (size_t i = 0; i < sizeof names / sizeof *names && server == NULL; i++) {
		if (names[i] != NULL)
			server = server_signal_of_name(names[i]);
	}
	return server;
}

bool server_signal_may_stop(int signal)
{
	for (size_t i = 0; i < SERVER_COUNT; i++) {
		if (signal > 0 && servers[i].also_stops == signal)
			return true;
	}
	return false;
}

static bool is_program(const struct program *program, const char *name)
{
	const char *word = program_first_word(program);

	return is_named(program->file, name) ||
	       (program->file[0] == '\0' && word != NULL && is_named(without_path(word), name));
}

bool server_signal_runtime_catches(const struct program *program, int signal)
{
	if (program->is_go || is_program(program, "deno"))
		return true;
	return (signal == SIGINT || signal == SIGTERM) &&
	       (is_program(program, "node") || is_program(program, "nodejs"));
}
