/* SPDX-License-Identifier: MIT */
#include "core/cli/compat.h"

#include "core/cli/environment.h"
#include "core/cli/option_parser.h"
#include "core/text/number.h"

#include <signal.h>
#include <string.h>

#define VERSION "dumb-init v1.2.5 (lastcall %s)"

static void write_help(const struct compat *compat, struct text *said)
{
	text_printf(said,
		VERSION "\n"
			"Usage: %s [option] command [[arg] ...]\n\n"
			"Runs command as the child of a minimal init for containers.\n\n",
		compat->version, compat->name);
	text_add(said,
		"  -c, --single-child  signal the child only, not its session\n"
		"  -r, --rewrite s:r   send r (0: nothing) when signal s is received; repeatable\n"
		"  -v, --verbose       say on stderr what happens [DUMB_INIT_DEBUG=1]\n"
		"  -h, --help          print this page\n"
		"  -V, --version       print the version\n\n"
		"DUMB_INIT_SETSID=0 is --single-child.\n" COMPAT_DRAINS_ON_REQUEST);
}

/* s:r, as scanf(3) with "%d:%d" takes it: blanks before the numbers, and anything after them. */
static bool take_rewrite(struct options *options, const char *value)
{
	int64_t from = number_take_signed(&value), to;
	const char *second;

	if (*value != ':' || from < 1 || from > SIGNAL_MAX)
		return false;
	second = ++value;
	to = number_take_signed(&value);
	if (value == second || to < 0 || to > SIGNAL_MAX)
		return false;
	options->rewrite[from] = (uint8_t)to;
	return true;
}

static int refuse_rewrite(struct text *said)
{
	text_printf(said,
		"Usage: -r option takes <signum>:<signum>, where <signum> is between 1 and %d.\n"
		"This option can be specified multiple times.\n"
		"Use --help for full usage.\n",
		SIGNAL_MAX);
	return 1;
}

static bool is(char *const envp[], const char *name, const char *value)
{
	const char *found = environment_get(envp, name);

	return found != NULL && strcmp(found, value) == 0;
}

static int parse(struct compat *compat, char **argv, char *const envp[], struct options *options,
	struct text *said)
{
	static const struct compat_long longs[] = {
		{"help", 'h'},
		{"single-child", 'c'},
		{"rewrite", 'r'},
		{"verbose", 'v'},
		{"version", 'V'},
		{"", 0},
	};
	struct compat_words words = {.name = argv[0], .at = argv + 1, .rest = ""};
	int letter;

	options->setsid = options->group = true;
	options->subreaper = false;
	compat->stops_too = true;
	while ((letter = compat_next_option(&words, "hvVcr:", longs, said)) != 0) {
		switch (letter) {
		case 'h':
			write_help(compat, said);
			return 0;
		case 'V':
			text_printf(said, VERSION "\n", compat->version);
			return 0;
		case 'v':
			compat->verbosity = 1;
			break;
		case 'c':
			options->setsid = options->group = false;
			break;
		case 'r':
			if (!take_rewrite(options, words.value))
				return refuse_rewrite(said);
			break;
		default:
			return 1;
		}
	}
	if (words.at[0] == NULL) {
		text_printf(said,
			"Usage: %s [option] program [args]\nTry %s --help for full usage.\n",
			argv[0], argv[0]);
		return 1;
	}
	if (is(envp, "DUMB_INIT_DEBUG", "1"))
		compat->verbosity = 1;
	if (is(envp, "DUMB_INIT_SETSID", "0"))
		options->setsid = options->group = false;
	compat->in_our_group = !options->setsid;
	compat->ends_group = options->setsid;
	options_rewrite_for_session(options);
	options->command = words.at;
	return COMPAT_GO_ON;
}

static bool describe(
	const struct compat *compat, const struct compat_event *event, struct text *line)
{
	if (compat->verbosity < 1 && event->kind != COMPAT_NOT_STARTED)
		return false;
	text_add(line, "[dumb-init] ");
	switch (event->kind) {
	case COMPAT_STARTED:
		if (compat->ends_group)
			text_add(line, "setsid complete.\n[dumb-init] ");
		text_printf(line, "Child spawned with PID %d.", event->number);
		return true;
	case COMPAT_NOT_STARTED:
		text_printf(line, "%s: %s", event->text, event->reason);
		return true;
	case COMPAT_RECEIVED:
		text_printf(line, "Received signal %d.", event->number);
		return true;
	case COMPAT_REWRITTEN:
		text_printf(line, "Translating signal %d to %d.", event->number, event->other);
		return true;
	case COMPAT_FORWARDED:
		text_printf(line, "Forwarded signal %d to children.", event->number);
		return true;
	case COMPAT_DROPPED:
		text_printf(line, "Not forwarding signal %d to children (ignored).", event->number);
		return true;
	case COMPAT_STOPPING:
		text_add(line, "Suspending self due to TTY signal.");
		return true;
	case COMPAT_REAPED:
		if (event->signal > 0)
			text_printf(line, "A child with PID %d was terminated by signal %d.",
				event->number, event->signal);
		else
			text_printf(line, "A child with PID %d exited with exit status %d.",
				event->number, event->status);
		return true;
	case COMPAT_MAIN_ENDED:
		text_printf(line, "Child exited with status %d. Goodbye.", event->status);
		return true;
	case COMPAT_CANNOT_REAP:
	case COMPAT_REAPED_ORPHAN:
		break;
	}
	return false;
}

const struct compat_peer compat_dumb_init = {parse, describe};
