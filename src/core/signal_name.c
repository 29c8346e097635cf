/* SPDX-License-Identifier: MIT */
#include "core/signal_name.h"

#include "core/number.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#define RT_FIRST 34

static const char names[SIGNAL_MAX + 1][sizeof "SIGRTMIN+15"] = {
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
	[34] = "SIGRTMIN",
	[35] = "SIGRTMIN+1",
	[36] = "SIGRTMIN+2",
	[37] = "SIGRTMIN+3",
	[38] = "SIGRTMIN+4",
	[39] = "SIGRTMIN+5",
	[40] = "SIGRTMIN+6",
	[41] = "SIGRTMIN+7",
	[42] = "SIGRTMIN+8",
	[43] = "SIGRTMIN+9",
	[44] = "SIGRTMIN+10",
	[45] = "SIGRTMIN+11",
	[46] = "SIGRTMIN+12",
	[47] = "SIGRTMIN+13",
	[48] = "SIGRTMIN+14",
	[49] = "SIGRTMIN+15",
	[50] = "SIGRTMAX-14",
	[51] = "SIGRTMAX-13",
	[52] = "SIGRTMAX-12",
	[53] = "SIGRTMAX-11",
	[54] = "SIGRTMAX-10",
	[55] = "SIGRTMAX-9",
	[56] = "SIGRTMAX-8",
	[57] = "SIGRTMAX-7",
	[58] = "SIGRTMAX-6",
	[59] = "SIGRTMAX-5",
	[60] = "SIGRTMAX-4",
	[61] = "SIGRTMAX-3",
	[62] = "SIGRTMAX-2",
	[63] = "SIGRTMAX-1",
	[64] = "SIGRTMAX",
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
	for (number = 1; number <= SIGNAL_MAX; number++) {
		if (strcasecmp(string, names[number] + 3) == 0 &&
			(string[0] < '0' || string[0] > '9'))
			return number;
	}
	if (strcasecmp(string, "POLL") == 0)
		return SIGIO;
	return parse_realtime(string);
}

const char *signal_name(int signal)
{
	if (signal < 1 || signal > SIGNAL_MAX)
		return "SIG?";
	return names[signal];
}
