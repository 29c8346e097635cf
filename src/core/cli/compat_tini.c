/* SPDX-License-Identifier: MIT */
#include "core/cli/compat.h"

#include "core/cli/environment.h"
#include "core/text/number.h"

#include <signal.h>
#include <string.h>

enum level { FATAL, WARNING, INFO, DEBUG };

/* dockerd takes what follows "tini version " for the version (moby, parseInitVersion). */
#define VERSION "tini version 0.19.0 (lastcall %s)"

static void begin_line(const struct compat *compat, enum level level, struct text *line)
{
	static const char names[][sizeof "FATAL"] = {"FATAL", "WARN ", "INFO ", "DEBUG"};

	text_printf(line, "[%s tini (%d)] ", names[level], compat->pid);
}

static void write_usage(const struct compat *compat, struct text *said)
{
	const char *slash = strrchr(compat->name, '/');
	const char *name = slash != NULL ? slash + 1 : compat->name;

	text_printf(said,
		"%s (" VERSION ")\n"
		"Usage: %s [OPTIONS] PROGRAM -- [ARGS] | --version\n\n"
		"Runs PROGRAM under the supervision of a valid init process (%s).\n\n",
		name, compat->version, name, name);
	text_add(said, "  --version     print the version\n"
		       "  -h            print this page\n"
		       "  -s            adopt orphans where this is not PID 1 [TINI_SUBREAPER]\n"
		       "  -p SIGNAL     get SIGNAL when the parent dies, e.g. -p SIGKILL\n"
		       "  -v            be more verbose, up to 3 times [TINI_VERBOSITY]\n"
		       "  -w            warn of each orphan that is reaped\n"
		       "  -g            signal PROGRAM's process group [TINI_KILL_PROCESS_GROUP]\n"
		       "  -e EXIT_CODE  exit with 0 instead (repeatable)\n"
		       "  -l            print the licence\n\n" COMPAT_DRAINS_ON_REQUEST);
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

/* Returns COMPAT_GO_ON, or the exit status. */
static int take_option(struct compat *compat, struct options *options, char letter,
	const char *value, struct text *said)
{
	switch (letter) {
	case 's':
		options->subreaper = true;
		break;
	case 'v':
		compat->verbosity++;
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
		begin_line(compat, FATAL, said);
		text_printf(said, "Not a valid option for -%c: %s\n", letter, value);
		return 1;
	case 'h':
	case 'l':
		compat->says_to_stdout = true;
		(letter == 'h' ? write_usage : compat_write_licence)(compat, said);
		return 0;
	default:
		write_usage(compat, said);
		return 1;
	}
	return COMPAT_GO_ON;
}

static void read_variables(struct compat *compat, char *const envp[], struct options *options)
{
	const char *verbosity = environment_get(envp, "TINI_VERBOSITY");

	options->subreaper |= environment_get(envp, "TINI_SUBREAPER") != NULL;
	options->group |= environment_get(envp, "TINI_KILL_PROCESS_GROUP") != NULL;
	if (verbosity != NULL)
		compat->verbosity = (int)number_take_signed(&verbosity);
}

static int parse(struct compat *compat, char **argv, char *const envp[], struct options *options,
	struct text *said)
{
	struct compat_words words = {.name = argv[0], .at = argv + 1, .rest = ""};
	int letter, status;

	compat->verbosity = 1;
	options->subreaper = false;
	options->rewrite[SIGTTIN] = options->rewrite[SIGTTOU] = 0;
	if (argv[1] != NULL && strcmp(argv[1], "--version") == 0 && argv[2] == NULL) {
		compat->says_to_stdout = true;
		text_printf(said, VERSION "\n", compat->version);
		return 0;
	}
	while ((letter = compat_next_option(&words, "p:hvwgle:s", NULL, said)) != 0) {
		status = take_option(compat, options, (char)letter, words.value, said);
		if (status != COMPAT_GO_ON)
			return status;
	}
	if (words.at[0] == NULL) {
		write_usage(compat, said);
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
	read_variables(compat, envp, options);
	return COMPAT_GO_ON;
}

static bool describe(
	const struct compat *compat, const struct compat_event *event, struct text *line)
{
	static const enum level levels[] = {
		[COMPAT_STARTED] = INFO,
		[COMPAT_NOT_STARTED] = FATAL,
		[COMPAT_CANNOT_REAP] = WARNING,
		[COMPAT_RECEIVED] = DEBUG,
		[COMPAT_FORWARDED] = DEBUG,
		[COMPAT_REAPED] = DEBUG,
		[COMPAT_REAPED_ORPHAN] = WARNING,
		[COMPAT_MAIN_ENDED] = INFO,
	};
	enum level level = levels[event->kind];

	if ((int)level > compat->verbosity && level != FATAL)
		return false;
	begin_line(compat, level, line);
	switch ((int)event->kind) {
	case COMPAT_STARTED:
		text_printf(line, "Spawned child process '%s' with pid '%d'", event->text,
			event->number);
		return true;
	case COMPAT_NOT_STARTED:
		text_printf(line, "exec %s failed: %s", event->text, event->reason);
		return true;
	case COMPAT_CANNOT_REAP:
		text_add(line,
			"Tini is not running as PID 1 and isn't registered as a child subreaper.\n"
			"Zombie processes will not be re-parented to Tini, so zombie reaping won't "
			"work.\n"
			"To fix the problem, use the -s option or set the environment variable "
			"TINI_SUBREAPER to register Tini as a child subreaper, or run Tini as PID "
			"1.");
		return true;
	case COMPAT_RECEIVED:
		text_add(line, "Received SIGCHLD");
		return event->number == SIGCHLD;
	case COMPAT_FORWARDED:
		text_printf(line, "Passing signal: '%s'", signal_name(event->number));
		return true;
	case COMPAT_REAPED:
		text_printf(line, "Reaped child with pid: '%d'", event->number);
		return true;
	case COMPAT_REAPED_ORPHAN:
		text_printf(line, "Reaped zombie process with pid=%d", event->number);
		return true;
	case COMPAT_MAIN_ENDED:
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

const struct compat_peer compat_tini = {parse, describe};
