/* SPDX-License-Identifier: MIT */
#include "core/cli/compat.h"

#include "core/cli/environment.h"
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
		"  -V, --version  print the version\n\n" COMPAT_DRAINS_ON_REQUEST);
}

static int parse(struct compat *compat, char **argv, char *const envp[], struct options *options,
	struct text *said)
{
	static const struct compat_long longs[] = {{"version", 'V'}, {"", 0}};
	struct compat_words words = {.name = argv[0], .at = argv + 1, .rest = ""};
	int letter;

	options->rewrite[SIGTSTP] = options->rewrite[SIGTTIN] = options->rewrite[SIGTTOU] = 0;
	compat->verbosity = environment_get(envp, "CATATONIT_DEBUG") != NULL;
	while ((letter = compat_next_option(&words, "ghLPV", longs, said)) != 0) {
		switch (letter) {
		case 'g':
			options->group = true;
			break;
		case 'P':
			compat->pauses = true;
			break;
		case 'h':
			write_help(said);
			return 0;
		case 'L':
		case 'V':
			compat->says_to_stdout = true;
			if (letter == 'L')
				compat_write_licence(compat, said);
			else
				text_printf(said, VERSION "\n", compat->version);
			return 0;
		default:
			text_add(said, USAGE);
			return 1;
		}
	}
	if (words.at[0] == NULL && !compat->pauses) {
		text_printf(said, "ERROR (catatonit:%d): missing program name\n", compat->pid);
		text_add(said, USAGE);
		return 1;
	}
	options->command = words.at;
	return COMPAT_GO_ON;
}

static bool describe(
	const struct compat *compat, const struct compat_event *event, struct text *line)
{
	bool is_error = event->kind == COMPAT_NOT_STARTED;

	if (compat->verbosity < 1 && !is_error)
		return false;
	text_printf(line, "%s (catatonit:%d): ", is_error ? "ERROR" : "DEBUG", compat->pid);
	switch ((int)event->kind) {
	case COMPAT_STARTED:
		text_printf(line, "pid1 (%d) spawned: %s", event->number, event->text);
		return true;
	case COMPAT_NOT_STARTED:
		text_printf(line, "failed to exec pid1: %s", event->reason);
		return true;
	case COMPAT_REAPED:
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

const struct compat_peer compat_catatonit = {parse, describe};
