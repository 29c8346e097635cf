/* SPDX-License-Identifier: MIT */
#include "core/dropin.h"

#include "core/environment.h"
#include <signal.h>

/* It calls itself so for the sake of dockerd. */
#define VERSION "tini version 0.1.7_catatonit (lastcall %s)"

#define USAGE "usage: catatonit [-ghLPV] [--] <progname> [<arguments>...]\n"

static void write_help(struct text *said)
{
	text_add(said, USAGE);
	text_add(said,
		"\n"
		"  -g             send signals to the program's process group\n"
		"  -h             print this page\n"
		"  -L             print the licence\n"
		"  -P             pause: run no program, reap, and quit on SIGTERM and SIGINT\n"
		"  -V, --version  print the version\n\n" DROPIN_DRAINS_ON_REQUEST);
}

static int parse(struct dropin *dropin, char **argv, char *const envp[], struct options *options,
	struct text *said)
{
	static const struct dropin_long longs[] = {{"version", 'V'}, {"", 0}};
	struct dropin_words words = {.name = argv[0], .at = argv + 1, .rest = ""};
	int letter;

	options->rewrite[SIGTSTP] = options->rewrite[SIGTTIN] = options->rewrite[SIGTTOU] = 0;
	dropin->verbosity = environment_get(envp, "CATATONIT_DEBUG") != NULL;
	while ((letter = dropin_next_option(&words, "ghLPV", longs, said)) != 0) {
		switch (letter) {
		case 'g':
			options->group = true;
			break;
		case 'P':
			dropin->pauses = true;
			break;
		case 'h':
			write_help(said);
			return 0;
		case 'L':
		case 'V':
			dropin->says_to_stdout = true;
			if (letter == 'L')
				dropin_write_licence(dropin, said);
			else
				text_printf(said, VERSION "\n", dropin->version);
			return 0;
		default:
			text_add(said, USAGE);
			return 1;
		}
	}
	if (words.at[0] == NULL && !dropin->pauses) {
		text_printf(said, "ERROR (catatonit:%d): missing program name\n", dropin->pid);
		text_add(said, USAGE);
		return 1;
	}
	options->command = words.at;
	return DROPIN_GO_ON;
}

static bool describe(
	const struct dropin *dropin, const struct dropin_event *event, struct text *line)
{
	bool is_error = event->kind == DROPIN_NOT_STARTED;

	if (dropin->verbosity < 1 && !is_error)
		return false;
	text_printf(line, "%s (catatonit:%d): ", is_error ? "ERROR" : "DEBUG", dropin->pid);
	switch ((int)event->kind) {
	case DROPIN_STARTED:
		text_printf(line, "pid1 (%d) spawned: %s", event->number, event->text);
		return true;
	case DROPIN_NOT_STARTED:
		text_printf(line, "failed to exec pid1: %s", event->reason);
		return true;
	case DROPIN_REAPED:
		if (event->signal > 0)
			text_printf(line, "child process %d exited due to signal %d", event->number,
				event->signal);
		else
			text_printf(line, "child process %d exited with code %d", event->number,
				event->status);
		return true;
	default:
		return false;
	}
}

const struct dropin_peer dropin_catatonit = {parse, describe};
