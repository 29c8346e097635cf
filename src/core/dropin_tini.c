/* SPDX-License-Identifier: MIT */
#include "core/dropin.h"

#include "core/environment.h"
#include "core/number.h"

#include <signal.h>
#include <string.h>

enum level { FATAL, WARNING, INFO, DEBUG };

/* dockerd takes what follows "tini version " for the version (moby, parseInitVersion). */
#define VERSION "tini version 0.19.0 (lastcall %s)"

static void begin_line(const struct dropin *dropin, enum level level, struct text *line)
{
	static const char names[][sizeof "FATAL"] = {"FATAL", "WARN ", "INFO ", "DEBUG"};

	text_printf(line, "[%s tini (%d)] ", names[level], dropin->pid);
}

static void write_usage(const struct dropin *dropin, struct text *said)
{
	const char *slash = strrchr(dropin->name, '/');
	const char *name = slash != NULL ? slash + 1 : dropin->name;

	text_printf(said,
		"%s (" VERSION ")\n"
		"Usage: %s [OPTIONS] PROGRAM -- [ARGS] | --version\n\n"
		"Runs PROGRAM under the supervision of a valid init process (%s).\n\n",
		name, dropin->version, name, name);
	text_add(said, "  --version     print the version\n"
		       "  -h            print this page\n"
		       "  -s            adopt orphans where this is not PID 1 [TINI_SUBREAPER]\n"
		       "  -p SIGNAL     get SIGNAL when the parent dies, e.g. -p SIGKILL\n"
		       "  -v            be more verbose, up to 3 times [TINI_VERBOSITY]\n"
		       "  -w            warn of each orphan that is reaped\n"
		       "  -g            signal PROGRAM's process group [TINI_KILL_PROCESS_GROUP]\n"
		       "  -e EXIT_CODE  exit with 0 instead (repeatable)\n"
		       "  -l            print the licence\n\n" DROPIN_DRAINS_ON_REQUEST);
}

/* By its full name, as tini has them. */
static bool set_parent_death_signal(struct options *options, const char *name)
{
	int signal = strncmp(name, "SIG", 3) == 0 ? signal_parse(name) : -1;

	if (signal > 0)
		options->parent_death_signal = signal;
	return signal > 0;
}

static bool map_to_zero(struct options *options, const char *value)
{
	int64_t code = number_take_signed(&value);

	if (*value != '\0' || code < 0 || code >= EXIT_CODES)
		return false;
	options->exit_map[code] = 0;
	return true;
}

/* Returns DROPIN_GO_ON, or the exit status. */
static int take_option(struct dropin *dropin, struct options *options, char letter,
	const char *value, struct text *said)
{
	switch (letter) {
	case 's':
		options->subreaper = true;
		break;
	case 'v':
		dropin->verbosity++;
		break;
	case 'w':
		options->warn_on_reap = true;
		break;
	case 'g':
		options->group = true;
		break;
	case 'p':
	case 'e':
		if (letter == 'p' ? set_parent_death_signal(options, value)
				  : map_to_zero(options, value))
			break;
		begin_line(dropin, FATAL, said);
		text_printf(said, "Not a valid option for -%c: %s\n", letter, value);
		return 1;
	case 'h':
	case 'l':
		dropin->says_to_stdout = true;
		(letter == 'h' ? write_usage : dropin_write_licence)(dropin, said);
		return 0;
	default:
		write_usage(dropin, said);
		return 1;
	}
	return DROPIN_GO_ON;
}

static void read_variables(struct dropin *dropin, char *const envp[], struct options *options)
{
	const char *verbosity = environment_get(envp, "TINI_VERBOSITY");

	options->subreaper |= environment_get(envp, "TINI_SUBREAPER") != NULL;
	options->group |= environment_get(envp, "TINI_KILL_PROCESS_GROUP") != NULL;
	if (verbosity != NULL)
		dropin->verbosity = (int)number_take_signed(&verbosity);
}

static int parse(struct dropin *dropin, char **argv, char *const envp[], struct options *options,
	struct text *said)
{
	struct dropin_words words = {.name = argv[0], .at = argv + 1, .rest = ""};
	int letter, status;

	dropin->verbosity = 1;
	options->subreaper = false;
	options->rewrite[SIGTTIN] = options->rewrite[SIGTTOU] = 0;
	if (argv[1] != NULL && strcmp(argv[1], "--version") == 0 && argv[2] == NULL) {
		dropin->says_to_stdout = true;
		text_printf(said, VERSION "\n", dropin->version);
		return 0;
	}
	while ((letter = dropin_next_option(&words, "p:hvwgle:s", NULL, said)) != 0) {
		status = take_option(dropin, options, (char)letter, words.value, said);
		if (status != DROPIN_GO_ON)
			return status;
	}
	if (words.at[0] == NULL) {
		write_usage(dropin, said);
		return 1;
	}
	/* PROGRAM -- ARGS, as its usage has it: these dashes are not the application's, unless others
	 * have ended the options before */
	if (words.at[1] != NULL && strcmp(words.at[1], "--") == 0 &&
		strcmp(words.at[-1], "--") != 0) {
		words.at[1] = words.at[0];
		words.at++;
	}
	options->command = words.at;
	read_variables(dropin, envp, options);
	return DROPIN_GO_ON;
}

static bool describe(
	const struct dropin *dropin, const struct dropin_event *event, struct text *line)
{
	static const enum level levels[] = {
		[DROPIN_STARTED] = INFO,
		[DROPIN_NOT_STARTED] = FATAL,
		[DROPIN_CANNOT_REAP] = WARNING,
		[DROPIN_RECEIVED] = DEBUG,
		[DROPIN_FORWARDED] = DEBUG,
		[DROPIN_REAPED] = DEBUG,
		[DROPIN_REAPED_ORPHAN] = WARNING,
		[DROPIN_MAIN_ENDED] = INFO,
	};
	enum level level = levels[event->kind];

	if ((int)level > dropin->verbosity && level != FATAL)
		return false;
	begin_line(dropin, level, line);
	switch ((int)event->kind) {
	case DROPIN_STARTED:
		text_printf(line, "Spawned child process '%s' with pid '%d'", event->text,
			event->number);
		return true;
	case DROPIN_NOT_STARTED:
		text_printf(line, "exec %s failed: %s", event->text, event->reason);
		return true;
	case DROPIN_CANNOT_REAP:
		text_add(line,
			"Tini is not running as PID 1 and isn't registered as a child subreaper.\n"
			"Zombie processes will not be re-parented to Tini, so zombie reaping won't "
			"work.\n"
			"To fix the problem, use the -s option or set the environment variable "
			"TINI_SUBREAPER to register Tini as a child subreaper, or run Tini as PID "
			"1.");
		return true;
	case DROPIN_RECEIVED:
		text_add(line, "Received SIGCHLD");
		return event->number == SIGCHLD;
	case DROPIN_FORWARDED:
		text_printf(line, "Passing signal: '%s'", signal_name(event->number));
		return true;
	case DROPIN_REAPED:
		text_printf(line, "Reaped child with pid: '%d'", event->number);
		return true;
	case DROPIN_REAPED_ORPHAN:
		text_printf(line, "Reaped zombie process with pid=%d", event->number);
		return true;
	case DROPIN_MAIN_ENDED:
		if (event->signal > 0)
			text_printf(line, "Main child exited with signal (with signal '%s')",
				signal_name(event->signal));
		else
			text_printf(line, "Main child exited normally (with status '%d')",
				event->status);
		return true;
	default:
		return false;
	}
}

const struct dropin_peer dropin_tini = {parse, describe};
