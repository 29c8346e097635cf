/* SPDX-License-Identifier: MIT */
#include "core/text/signal_name.h"

#include "core/text/number.h"
#include "core/text/text.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#define RT_FIRST 34

static const char names[RT_FIRST][sizeof "SIGSTKFLT"] = {
	[SIGHUP] = "SIGHUP",
	[SIGINT] = "SIGINT",
	[SIGQUIT] = "SIGQUIT",
	[SIGILL] = "SIGILL",
	[SIGTRAP] = "SIGTRAP",
	[SIGABRT] = "SIGABRT",
	[SIGBUS] = "SIGBUS",
	[SIGFPE] = "SIGFPE",
	[SIGKILL] = "SIGKILL",
	[SIGUSR1] = "SIGUSR1",
	[SIGSEGV] = "SIGSEGV",
	[SIGUSR2] = "SIGUSR2",
	[SIGPIPE] = "SIGPIPE",
	[SIGALRM] = "SIGALRM",
	[SIGTERM] = "SIGTERM",
	[SIGSTKFLT] = "SIGSTKFLT",
	[SIGCHLD] = "SIGCHLD",
	[SIGCONT] = "SIGCONT",
	[SIGSTOP] = "SIGSTOP",
	[SIGTSTP] = "SIGTSTP",
	[SIGTTIN] = "SIGTTIN",
	[SIGTTOU] = "SIGTTOU",
	[SIGURG] = "SIGURG",
	[SIGXCPU] = "SIGXCPU",
	[SIGXFSZ] = "SIGXFSZ",
	[SIGVTALRM] = "SIGVTALRM",
	[SIGPROF] = "SIGPROF",
	[SIGWINCH] = "SIGWINCH",
	[SIGIO] = "SIGIO",
	[SIGPWR] = "SIGPWR",
	[SIGSYS] = "SIGSYS",
	[32] = "SIG32",
	[33] = "SIG33",
};

/* RTMIN, RTMIN+3, RTMAX-2; -EINVAL for anything else. */
static int parse_realtime(const char *string)
{
	bool from_min = strncasecmp(string, "RTMIN", 5) == 0;
	int base = from_min ? RT_FIRST : SIGNAL_MAX, offset, number;

	if (!from_min && strncasecmp(string, "RTMAX", 5) != 0)
		return -EINVAL;
	string += 5;
	if (*string == '\0')
		return base;
	if (*string++ != (from_min ? '+' : '-'))
		return -EINVAL;
	offset = (int)number_parse(string, 0, SIGNAL_MAX);
	number = from_min ? base + offset : base - offset;
	return offset < 0 || number < RT_FIRST || number > SIGNAL_MAX ? -EINVAL : number;
}

int signal_parse(const char *string)
{
	int number = (int)number_parse(string, 0, SIGNAL_MAX);

	if (number >= 1)
		return number;
	if (strncasecmp(string, "SIG", 3) == 0)
		string += 3;
	for (number = 1; number < RT_FIRST; number++) {
		if (strcasecmp(string, names[number] + 3) == 0 &&
			(string[0] < '0' || string[0] > '9'))
			return number;
	}
	if (strcasecmp(string, "POLL") == 0)
		return SIGIO;
	return parse_realtime(string);
}

/* Each has a place of its own, for a message may name two. */
static const char *realtime_name(int signal)
{
	static char texts[SIGNAL_MAX + 1 - RT_FIRST][sizeof "SIGRTMIN+15"];
	bool from_min = signal - RT_FIRST <= SIGNAL_MAX - signal;
	int offset = from_min ? signal - RT_FIRST : SIGNAL_MAX - signal;
	struct text text;

	text_init(&text, texts[signal - RT_FIRST], sizeof *texts);
	text_add(&text, from_min ? "SIGRTMIN" : "SIGRTMAX");
	if (offset > 0)
		text_printf(&text, "%c%d", from_min ? '+' : '-', offset);
	return text.buf;
}

const char *signal_name(int signal)
{
	if (signal < 1 || signal > SIGNAL_MAX)
		return "SIG?";
	return signal < RT_FIRST ? names[signal] : realtime_name(signal);
}
