/* SPDX-License-Identifier: MIT */
#include "texts/long_texts.h"

#define DRAINS_ON_REQUEST                                                                          \
	"With a LASTCALL_... variable it lets work in flight finish first: see lastcall(1).\n"

const char *const long_texts[TEXT_OPTIONS] = {
	[TEXT_HELP_BEGIN] =
		"Usage: lastcall [OPTION]... [--] COMMAND [ARG]...\n"
		"\n"
		"Runs COMMAND as a container's PID 1. Answers /healthcheck, lets the requests in\n"
		"flight finish when the container is stopped, stops COMMAND, and is gone, with a\n"
		"report, before the orchestrator's SIGKILL.\n"
		"\n",
	[TEXT_HELP_END] =
		"\n"
		"Every setting is also read from the environment: --stop-timeout=25s is\n"
		"LASTCALL_STOP_TIMEOUT=25s. The command line wins. A DURATION has a unit: 500ms,\n"
		"10s, 1m30s. Options end at COMMAND.\n"
		"\n"
		"Exit status: COMMAND's own, or 128 + its signal; 2: bad usage, nothing was\n"
		"started; 124: COMMAND was not ready within --start-timeout; 126: COMMAND\n"
		"cannot be executed; 127: COMMAND was not found.\n"
		"See man lastcall.\n",
	[TEXT_TINI_OPTIONS] =
		"  --version     print the version\n"
		"  -h            print this page\n"
		"  -s            adopt orphans where this is not PID 1 [TINI_SUBREAPER]\n"
		"  -p SIGNAL     get SIGNAL when the parent dies, e.g. -p SIGKILL\n"
		"  -v            be more verbose, up to 3 times [TINI_VERBOSITY]\n"
		"  -w            warn of each orphan that is reaped\n"
		"  -g            signal PROGRAM's process group [TINI_KILL_PROCESS_GROUP]\n"
		"  -e EXIT_CODE  exit with 0 instead (repeatable)\n"
		"  -l            print the licence\n\n" DRAINS_ON_REQUEST,
	[TEXT_TINI_CANNOT_REAP] =
		"Tini is not running as PID 1 and isn't registered as a child subreaper.\n"
		"Zombie processes will not be re-parented to Tini, so zombie reaping won't "
		"work.\n"
		"To fix the problem, use the -s option or set the environment variable "
		"TINI_SUBREAPER to register Tini as a child subreaper, or run Tini as PID "
		"1.",
	[TEXT_DUMB_INIT_OPTIONS] =
		"  -c, --single-child  signal the child only, not its session\n"
		"  -r, --rewrite s:r   send r (0: nothing) when signal s is received; repeatable\n"
		"  -v, --verbose       say on stderr what happens [DUMB_INIT_DEBUG=1]\n"
		"  -h, --help          print this page\n"
		"  -V, --version       print the version\n\n"
		"DUMB_INIT_SETSID=0 is --single-child.\n" DRAINS_ON_REQUEST,
	[TEXT_CATATONIT_OPTIONS] =
		"\n"
		"  -g             send signals to the program's process group\n"
		"  -h             print this page\n"
		"  -L             print the licence\n"
		"  -P             pause: run no program, reap, and quit on SIGTERM and SIGINT\n"
		"  -V, --version  print the version\n\n" DRAINS_ON_REQUEST,
	[TEXT_METRIC_BUILD] = "Which lastcall this is.",
	[TEXT_METRIC_STATE] = "What the health endpoint says: 1 for the current state.",
	[TEXT_METRIC_VISIBLE] =
		"Whether the application's connections can be seen: else those below are absent.",
	[TEXT_METRIC_CONNECTIONS] = "Open connections of the application.",
	[TEXT_METRIC_ACCEPT_QUEUE] = "Busy connections that the application has not accepted yet.",
	[TEXT_METRIC_UNDELIVERED] =
		"Bytes of the application that its clients have not acknowledged.",
	[TEXT_METRIC_REQUESTS] = "Requests to the health endpoint, by status.",
	[TEXT_METRIC_STARTED] = "When the application was started, since the Unix epoch.",
	[TEXT_METRIC_DRAINING] = "Whether a stop is under way.",
	[TEXT_METRIC_DEADLINE] = "Time left until lastcall is gone; +Inf before a stop.",
	[TEXT_METRIC_REAPED] = "Orphaned processes that have ended.",
	[TEXT_METRIC_REFUSED] = "Requests to the health endpoint that got a 4xx or 5xx for "
				"themselves, and connections dropped for want of room or time.",
	[TEXT_SERVED_UNTIL] = "served until here in any case (M)",
	[TEXT_TOLD_AT_ONCE] = "stop signal: /healthcheck says 503; the application is told (T)",
	[TEXT_DRAINS_AT_ONCE] = "stop signal: /healthcheck says 503; work in flight finishes (d)",
	[TEXT_TOLD] = "the application is told, at the latest (T)",
	[TEXT_KILLED] = "SIGKILL for what is left of it, at the latest (K)",
	[TEXT_GONE] = "flushed, reported, gone",
	[TEXT_EXPECTED_KILL] = "the orchestrator's SIGKILL",
	[TEXT_GIVEN] = "it was given",
	[TEXT_DOCKER_DEFAULT] = "nothing says otherwise, and docker stop waits 10s",
	[TEXT_ECS_DEFAULT] =
		"ECS_CONTAINER_METADATA_URI_V4 is set, and ECS waits 30s unless told otherwise",
	[TEXT_KUBERNETES_DEFAULT] =
		"KUBERNETES_SERVICE_HOST is set, and a pod has 30s unless told otherwise",
	[TEXT_ECS_VARIABLE] = "as the ECS agent reads ECS_CONTAINER_STOP_TIMEOUT",
	[TEXT_SEES_NOTHING] = "no connection can be seen here: the drain waits out its budget",
	[TEXT_SEES_NO_IDLENESS] = "idle connections cannot be told from busy ones here",
	[TEXT_SEES_ENDINGS] = "with events for connections that end",
	[TEXT_POLLS_FOR_ENDINGS] = "without events: endings are seen by polling",
	[TEXT_NOTHING_IS_DRAINED] =
		"\nNothing is drained: every signal is forwarded at once, and we "
		"end with the application.\n",
	[TEXT_ADDRESS_IN_USE] =
		"Health: the address is in use now, by the lastcall that runs here?\n",
	[TEXT_PID_1] = "PID 1",
	[TEXT_SUBREAPER] = "not PID 1; orphans come to us as a subreaper",
	[TEXT_NO_SUBREAPER] = "not PID 1; orphans go to others",
	/* of the statuses in core/health.c, in their order */
	[TEXT_REASON_PHRASES] = "Bad Request",
	"Not Found",
	"Method Not Allowed",
	"Request Timeout",
	"Content Too Large",
	"URI Too Long",
	"Too Many Requests",
	"Request Header Fields Too Large",
	"Internal Server Error",
	"Not Implemented",
	"Bad Gateway",
	"HTTP Version Not Supported",
	/* of the numbers in static/strerror.c, in their order */
	[TEXT_ERRORS] = "Operation not permitted",
	"No such file or directory",
	"No such process",
	"Interrupted system call",
	"Input/output error",
	"No such device or address",
	"Argument list too long",
	"Exec format error",
	"Bad file descriptor",
	"Resource temporarily unavailable",
	"Cannot allocate memory",
	"Permission denied",
	"Device or resource busy",
	"No such device",
	"Not a directory",
	"Is a directory",
	"Invalid argument",
	"Too many open files in system",
	"Too many open files",
	"Inappropriate ioctl for device",
	"Text file busy",
	"File too large",
	"No space left on device",
	"Read-only file system",
	"Broken pipe",
	"File name too long",
	"Function not implemented",
	"Too many levels of symbolic links",
	"Message too long",
	"Protocol not supported",
	"Operation not supported",
	"Address family not supported by protocol",
	"Address already in use",
	"Cannot assign requested address",
	"Network is unreachable",
	"Connection reset by peer",
	"No buffer space available",
	"Connection timed out",
	"Connection refused",
	"No route to host",
	"Stale file handle",
	"Disk quota exceeded",
};

#define FORM_DURATION "a number with its unit, like 500ms, 10s or 1m30s"
#define FORM_DURATION_OR_OFF "a number with its unit, like 500ms, 10s or 1m30s, or off"
#define FORM_POSITIVE_DURATION "a number above 0 with its unit, like 500ms, 10s or 1m30s"
#define FORM_POSITIVE_DURATION_OR_OFF                                                              \
	"a number above 0 with its unit, like 500ms, 10s or 1m30s, or off"
#define FORM_SIGNAL "a signal's name or number, like SIGQUIT, QUIT or 3"
#define FORM_FLAG "1 or 0, true or false, yes or no, on or off"

/* An initial value is parsed as if somebody had given it; a default that is computed is told of. */
const struct option_texts option_texts[OPTION_COUNT] = {
	[OPTION_APP_CHECK] = {{"app-check", "listen"},
		{"CHECK", "",
			"listen, tcp:PORT, http://ADDR:PORT/PATH with a loopback address, or none",
			"how the application's health is found out: listen (its accept queue is "
			"looked "
			"at), tcp:PORT, http://127.0.0.1:PORT/PATH, or none"}},
	[OPTION_CHECK] = {{"check", ""},
		{"", "", FORM_FLAG,
			"print the effective settings and the stop's timeline, then exit"}},
	[OPTION_CHECK_FAILURES] = {{"check-failures", "2"},
		{"COUNT", "", "a number from 1 to 100",
			"so many failed checks in a row mean that it is stuck"}},
	[OPTION_CHECK_INTERVAL] = {{"check-interval", "5s"},
		{"DURATION", "", FORM_POSITIVE_DURATION, "time from one check to the next"}},
	[OPTION_CHECK_TIMEOUT] = {{"check-timeout", "4s"},
		{"DURATION", "", FORM_POSITIVE_DURATION,
			"longest time for the application to answer a check, or to accept a "
			"connection"}},
	[OPTION_DRAIN] = {{"drain", "on"}, {"", "", FORM_FLAG,
						   "with --drain=off be an init and no more: "
						   "forward stop signals at once, end with "
						   "COMMAND"}},
	[OPTION_DRAIN_BUDGET] = {{"drain-budget", ""},
		{"DURATION", "all that the other phases leave", FORM_DURATION,
			"longest time for work in flight to finish"}},
	[OPTION_DRAIN_STATUS] = {{"drain-status", "503"},
		{"CODE", "", "an HTTP status from 200 to 599",
			"what the health endpoint answers from the stop signal on"}},
	[OPTION_EXIT_MAP] = {{"exit-map", ""},
		{"CODE:CODE[,...]", "none",
			"two codes from 0 to 255, like 143:0, or several such pairs with commas",
			"exit with the second where COMMAND's status is the first, 143:0 "
			"(repeatable)"}},
	[OPTION_EXIT_WHEN_IDLE] = {{"exit-when-idle", "off"},
		{"DURATION", "", FORM_DURATION_OR_OFF,
			"kill an application that was told to stop and has had nothing in flight "
			"for this "
			"long"}},
	[OPTION_GROUP] = {{"group", ""},
		{"", "", FORM_FLAG, "signals go to COMMAND's process group, not to it alone"}},
	[OPTION_HEALTH_PATH] = {{"health-path", "/healthcheck"},
		{"PATH", "", "an absolute path without query, like /healthcheck",
			"path of the health endpoint"}},
	[OPTION_HEALTHCHECK] = {{"healthcheck", ""},
		{"[=URL]", "",
			"nothing, or a URL with a numeric address, like "
			"http://127.0.0.1:5278/healthcheck",
			"ask the health endpoint that runs here, or URL, and exit with 0 or 1"}},
	[OPTION_HELP] = {{"help", ""}, {"", "", FORM_FLAG, "print this page"}},
	[OPTION_HURRY] = {{"hurry", ""},
		{"", "", FORM_FLAG, "a second stop signal ends the drain, a third kills"}},
	[OPTION_IGNORE_PEER] = {{"ignore-peer", ""},
		{"CIDR[,CIDR...]", "none",
			"addresses or ranges with commas, like 10.0.0.7,10.1.0.0/16,fd00::/8, 16 "
			"at most",
			"peers whose connections are no work, like a scraper's (repeatable)"}},
	[OPTION_LABEL] = {{"label", ""}, {"KEY=VALUE[,...]", "none",
						 "KEY=VALUE, or several with commas, KEY of "
						 "letters, digits, '.', '_' and '-'",
						 "a label in the report (repeatable)"}},
	[OPTION_LISTEN] = {{"listen", "[::]:5278"},
		{"ADDR:PORT", "",
			"ADDR:PORT with a numeric address, like 127.0.0.1:5278 or [::]:5278, or "
			"off",
			"where the health endpoint listens, or off"}},
	[OPTION_LOG_FORMAT] = {{"log-format", "text"},
		{"FORMAT", "", "text or json", "text or json"}},
	[OPTION_LONGEST_REQUEST] = {{"longest-request", ""},
		{"DURATION", "10s of silence end a doubt", FORM_POSITIVE_DURATION,
			"no request takes longer: a connection that may be in use no longer holds "
			"the "
			"drain when it has been silent for so long"}},
	[OPTION_MARGIN] = {{"margin", ""},
		{"DURATION", "1s, or a tenth of a stop timeout under 10s", FORM_DURATION,
			"how long before the stop timeout we are gone"}},
	[OPTION_MIN_DRAIN] = {{"min-drain", "0s"},
		{"DURATION", "", FORM_DURATION, "serve at least this long after the stop signal"}},
	[OPTION_ORDER] = {{"order", "drain-first"},
		{"ORDER", "", "drain-first or signal-first",
			"drain-first: the application is told when nothing is in flight; "
			"signal-first: at "
			"once, it drains by itself"}},
	[OPTION_PARENT_DEATH_SIGNAL] = {{"parent-death-signal", ""},
		{"SIGNAL", "none", FORM_SIGNAL, "what we are sent when our parent ends"}},
	[OPTION_PORT] = {{"port", ""},
		{"PORT[,PORT...]", "where the application listens",
			"a port from 1 to 65535, or several with commas, 64 at most",
			"ports whose connections are work (repeatable)"}},
	[OPTION_QUIET] = {{"quiet", ""},
		{"", "", FORM_FLAG,
			"log only warnings and errors; the report is written all the same"}},
	[OPTION_QUIET_PERIOD] = {{"quiet-period", "0s"},
		{"DURATION", "", FORM_DURATION,
			"serve until no connection or request has come for this long: until the "
			"load "
			"balancer has noticed"}},
	[OPTION_REPORT] = {{"report", "stderr"},
		{"WHERE", "", "stderr, stdout, fd:N, a path, or off",
			"where the report goes: stderr, stdout, fd:N, a path, or off"}},
	[OPTION_REWRITE] = {{"rewrite", ""},
		{"FROM:TO[,...]", "none",
			"two signals by name or number, the second may be 0, like TERM:QUIT or "
			"HUP:0, or "
			"several such pairs with commas",
			"what COMMAND gets for a signal, TERM:QUIT; 0 drops it (repeatable)"}},
	[OPTION_SETSID] = {{"setsid", ""},
		{"", "", FORM_FLAG, "COMMAND leads a session of its own"}},
	[OPTION_SETTLE] = {{"settle", "200ms"},
		{"DURATION", "", FORM_DURATION,
			"a connection on which data moved this recently is still busy"}},
	[OPTION_START_TIMEOUT] = {{"start-timeout", "off"},
		{"DURATION", "", FORM_POSITIVE_DURATION_OR_OFF,
			"stop an application that is not ready in this time, and exit with 124"}},
	[OPTION_STOP_SIGNAL] = {{"stop-signal", ""},
		{"SIGNAL", "the one received", FORM_SIGNAL,
			"what the application is sent to stop it"}},
	[OPTION_STOP_TIMEOUT] = {{"stop-timeout", ""},
		{"DURATION", "ECS_CONTAINER_STOP_TIMEOUT, else 30s on ECS and Kubernetes, else 10s",
			FORM_DURATION, "when the orchestrator's SIGKILL comes"}},
	[OPTION_SUBREAPER] = {{"subreaper", "on"},
		{"", "", FORM_FLAG, "adopt and reap orphans where we are not PID 1, too"}},
	[OPTION_TERM_GRACE] = {{"term-grace", ""},
		{"DURATION", "a quarter of the time there is, 5s at most", FORM_DURATION,
			"from the application's stop signal to its SIGKILL"}},
	[OPTION_VERBOSE] = {{"verbose", ""},
		{"", "", FORM_FLAG, "log every event, forwarded signals too"}},
	[OPTION_VERSION] = {{"version", ""}, {"", "", FORM_FLAG, "print the version"}},
	[OPTION_WAIT] = {{"wait", "all"},
		{"WHOM", "", "all or main",
			"after the main process: wait for all others, or leave at once"}},
	[OPTION_WARN_ON_REAP] = {{"warn-on-reap", ""},
		{"", "", FORM_FLAG, "log a warning for each orphan that is reaped"}},
};
