/* SPDX-License-Identifier: MIT */
#include "core/cli/option_table.h"

#include <stddef.h>

#define FIELD(member) offsetof(struct options, member)

static const char form_duration[] = "a number with its unit, like 500ms, 10s or 1m30s";
static const char form_duration_or_off[] =
	"a number with its unit, like 500ms, 10s or 1m30s, or off";
static const char form_positive_duration[] =
	"a number above 0 with its unit, like 500ms, 10s or 1m30s";
static const char form_positive_duration_or_off[] =
	"a number above 0 with its unit, like 500ms, 10s or 1m30s, or off";
static const char form_signal[] = "a signal's name or number, like SIGQUIT, QUIT or 3";

const struct option_row option_rows[OPTION_COUNT] = {
	[OPTION_STOP_TIMEOUT] = {"stop-timeout", "DURATION", option_set_positive_duration,
		FIELD(stop_timeout), 't', GROUP_STOP, NULL, "what the platform waits, else 10s",
		form_positive_duration,
		"when the orchestrator sends SIGKILL, counted from the stop signal"},
	[OPTION_DRAIN_BUDGET] = {"drain-budget", "DURATION", option_set_duration,
		FIELD(drain_budget), 0, GROUP_STOP, NULL, "all that the other phases leave",
		form_duration, "longest time for work in flight to finish"},
	[OPTION_LONGEST_REQUEST] = {"longest-request", "DURATION", option_set_positive_duration,
		FIELD(longest_request), 0, GROUP_STOP, NULL, "10s, or the drain budget",
		form_positive_duration,
		"no request takes longer: a connection that may be in use holds the drain until "
		"it has been silent for this long"},
	[OPTION_MIN_DRAIN] = {"min-drain", "DURATION", option_set_duration, FIELD(min_drain), 0,
		GROUP_STOP, NULL, "0s, on Kubernetes 5s", form_duration,
		"serve at least this long after the stop signal"},
	[OPTION_QUIET_PERIOD] = {"quiet-period", "DURATION", option_set_duration,
		FIELD(quiet_period), 0, GROUP_STOP, NULL, "0s, on Amazon ECS 1s", form_duration,
		"serve until no connection and no request has arrived for this long: until the "
		"load balancer has noticed"},
	[OPTION_TERM_GRACE] = {"term-grace", "DURATION", option_set_duration, FIELD(term_grace), 0,
		GROUP_STOP, NULL, "all that is left until shortly before the deadline",
		form_duration,
		"longest time for an application with nothing in flight to exit after its stop "
		"signal"},
	[OPTION_EXIT_WHEN_IDLE] = {"exit-when-idle", "DURATION", option_set_duration_or_off,
		FIELD(exit_when_idle), 0, GROUP_STOP, "off", NULL, form_duration_or_off,
		"after the application's stop signal, kill the application once nothing was in "
		"flight for this long"},
	[OPTION_MARGIN] = {"margin", "DURATION", option_set_duration, FIELD(margin), 0, GROUP_STOP,
		NULL, "1s, or a tenth of a stop timeout under 10s", form_duration,
		"exit this long before the stop timeout"},
	[OPTION_ORDER] = {"order", "ORDER", option_set_order, FIELD(order), 0, GROUP_STOP,
		"drain-first", NULL, "drain-first or signal-first",
		"drain-first: signal the application when nothing is in flight; signal-first: at "
		"once, for an application that drains by itself"},
	[OPTION_WAIT] = {"wait", "PROCESSES", option_set_wait, FIELD(wait), 0, GROUP_STOP, "all",
		NULL, "all or main",
		"after the main process has exited, wait for all other processes, or only for the "
		"main one"},
	[OPTION_HURRY] = {"hurry", NULL, option_set_flag, FIELD(hurry), 0, GROUP_STOP, NULL, NULL,
		NULL, "a second stop signal ends the drain, a third one kills"},
	[OPTION_DRAIN] = {"drain", NULL, option_set_flag, FIELD(drain), 0, GROUP_STOP, "on", NULL,
		NULL,
		"--drain=off: forward stop signals at once and exit with COMMAND, as other inits "
		"do"},
	[OPTION_PROTECT] = {"protect", NULL, option_set_flag, FIELD(protect), 0, GROUP_STOP, NULL,
		NULL, NULL,
		"on Amazon ECS, protect the task from scale-in while work is in flight"},
	[OPTION_PORT] = {"port", "PORT[-LAST][,PORT...]", option_set_port, FIELD(ports), 'p',
		GROUP_IN_FLIGHT, NULL, "where the application listens",
		"a port from 1 to 65535, a range like 8000-8099, or up to 64 of both, with commas",
		"ports whose connections are work in flight (repeatable)"},
	[OPTION_IGNORE_PEER] = {"ignore-peer", "CIDR[,CIDR...]", option_set_ignored_peer,
		FIELD(ignored_peers), 0, GROUP_IN_FLIGHT, NULL, "none",
		"addresses or ranges with commas, like 10.0.0.7,10.1.0.0/16,fd00::/8, 16 at most",
		"clients whose connections are no work in flight, for example a metrics scraper "
		"(repeatable)"},
	[OPTION_SETTLE] = {"settle", "DURATION", option_set_duration, FIELD(settle), 0,
		GROUP_IN_FLIGHT, "200ms", NULL, form_duration,
		"a connection on which data moved this recently is still busy"},
	[OPTION_LISTEN] = {"listen", "ADDR:PORT", option_set_listen, FIELD(listen), 0, GROUP_HEALTH,
		"[::]:5278", NULL,
		"ADDR:PORT with a numeric address, like 127.0.0.1:5278 or [::]:5278, or off",
		"address of the health endpoint, or off"},
	[OPTION_HEALTH_PATH] = {"health-path", "PATH", option_set_health_path, FIELD(health_path),
		0, GROUP_HEALTH, "/healthcheck", NULL,
		"an absolute path without query, like /healthcheck", "path of the health endpoint"},
	[OPTION_DRAIN_STATUS] = {"drain-status", "CODE", option_set_drain_status,
		FIELD(drain_status), 0, GROUP_HEALTH, "503", NULL, "an HTTP status from 200 to 599",
		"status of the health endpoint from the stop signal on"},
	[OPTION_APP_CHECK] = {"app-check", "CHECK[,CHECK...]", option_set_app_check,
		FIELD(app_checks), 0, GROUP_HEALTH, "listen", NULL,
		"listen, tcp:PORT, http://ADDR:PORT/PATH with a loopback address, up to 8 of "
		"these with commas, or none",
		"how to check the application's health: listen (its accept queue), tcp:PORT, "
		"http://127.0.0.1:PORT/PATH, or none; all have to pass (repeatable)"},
	[OPTION_CHECK_INTERVAL] = {"check-interval", "DURATION", option_set_positive_duration,
		FIELD(check_interval), 0, GROUP_HEALTH, "5s", NULL, form_positive_duration,
		"time from one check to the next"},
	[OPTION_CHECK_TIMEOUT] = {"check-timeout", "DURATION", option_set_positive_duration,
		FIELD(check_timeout), 0, GROUP_HEALTH, "4s", NULL, form_positive_duration,
		"longest time for the application to answer a check, or to accept a connection"},
	[OPTION_CHECK_FAILURES] = {"check-failures", "COUNT", option_set_check_failures,
		FIELD(check_failures), 0, GROUP_HEALTH, "2", NULL, "a number from 1 to 100",
		"the application is stuck after this many failed checks in a row"},
	[OPTION_START_TIMEOUT] = {"start-timeout", "DURATION", option_set_positive_duration_or_off,
		FIELD(start_timeout), 0, GROUP_HEALTH, "off", NULL, form_positive_duration_or_off,
		"stop an application that is not ready within this time, and exit with 124"},
	[OPTION_NOTIFY] = {"notify", "MODE", option_set_notify, FIELD(notify), 0, GROUP_HEALTH,
		"auto", NULL, "auto, ready, off or pass",
		"auto: hear the application's sd_notify messages; ready: and answer 200 from "
		"READY=1 on; off: no socket; pass: the one that lastcall was started with"},
	[OPTION_WATCHDOG] = {"watchdog", "DURATION", option_set_positive_duration_or_off,
		FIELD(watchdog), 0, GROUP_HEALTH, "off", NULL, form_positive_duration_or_off,
		"the application is stuck when it sends no WATCHDOG=1 for this long, after it has "
		"sent READY=1 or a first one"},
	[OPTION_STOP_ON] = {"stop-on", "SIGNAL[,SIGNAL...]", option_set_stop_on, FIELD(stop_on), 0,
		GROUP_SIGNALS, NULL, "TERM, INT, and what the application stops on",
		"signals by name or number with commas, like TERM,INT,QUIT, but KILL, STOP and "
		"CHLD",
		"signals that start a stop; all others are forwarded, and nothing more "
		"(repeatable)"},
	[OPTION_STOP_SIGNAL] = {"stop-signal", "SIGNAL", option_set_signal, FIELD(stop_signal), 0,
		GROUP_SIGNALS, NULL, "the server's own, else the one received", form_signal,
		"signal that stops the application"},
	[OPTION_REWRITE] = {"rewrite", "FROM:TO[,...]", option_set_rewrite, FIELD(rewrite), 0,
		GROUP_SIGNALS, NULL, "none",
		"two signals by name or number, the second may be 0, like TERM:QUIT or HUP:0, or "
		"several such pairs with commas",
		"replace a signal, for example TERM:QUIT; 0 drops it (repeatable)"},
	[OPTION_GROUP] = {"group", NULL, option_set_flag, FIELD(group), 0, GROUP_SIGNALS, NULL,
		NULL, NULL, "signal COMMAND's process group instead of COMMAND alone"},
	[OPTION_PARENT_DEATH_SIGNAL] = {"parent-death-signal", "SIGNAL", option_set_signal,
		FIELD(parent_death_signal), 0, GROUP_SIGNALS, NULL, "none", form_signal,
		"signal that lastcall receives when its parent exits"},
	[OPTION_REPORT] = {"report", "WHERE[,...]", option_set_report, FIELD(reports), 0,
		GROUP_OUTPUT, "stderr", NULL,
		"stderr, stdout, fd:N, termination-log, a path, or off, each with json:, text: or "
		"emf: before it or without, up to 4 with commas",
		"destination of the report: stderr, stdout, fd:N, termination-log, a path, or off; "
		"json: (the default), text: or emf: before it is the format (repeatable)"},
	[OPTION_LABEL] = {"label", "KEY=VALUE[,...]", option_set_label, FIELD(labels), 0,
		GROUP_OUTPUT, NULL, "none",
		"KEY=VALUE pairs with commas, KEY of letters, digits, '.', '_' and '-', 16 at most",
		"a label in the report (repeatable)"},
	[OPTION_LOG_FORMAT] = {"log-format", "FORMAT", option_set_log_format, FIELD(log_format), 0,
		GROUP_OUTPUT, "text", NULL, "text or json", "text or json"},
	[OPTION_QUIET] = {"quiet", NULL, option_set_flag, FIELD(quiet), 'q', GROUP_OUTPUT, NULL,
		NULL, NULL, "log only warnings and errors; the report is still written"},
	[OPTION_VERBOSE] = {"verbose", NULL, option_set_flag, FIELD(verbose), 'v', GROUP_OUTPUT,
		NULL, NULL, NULL, "log every event, forwarded signals too"},
	[OPTION_WARN_ON_REAP] = {"warn-on-reap", NULL, option_set_flag, FIELD(warn_on_reap), 0,
		GROUP_OUTPUT, NULL, NULL, NULL, "log a warning for each reaped orphan"},
	[OPTION_EXIT_MAP] = {"exit-map", "CODE:CODE[,...]", option_set_exit_map, FIELD(exit_map), 0,
		GROUP_PROCESSES, NULL, "none",
		"two codes from 0 to 255, like 143:0, or several such pairs with commas",
		"replace an exit status of COMMAND, for example 143:0 (repeatable)"},
	[OPTION_SETSID] = {"setsid", NULL, option_set_flag, FIELD(setsid), 0, GROUP_PROCESSES, NULL,
		NULL, NULL, "run COMMAND in a session of its own"},
	[OPTION_SUBREAPER] = {"subreaper", NULL, option_set_flag, FIELD(subreaper), 0,
		GROUP_PROCESSES, "on", NULL, NULL,
		"adopt and reap orphans also where lastcall is not PID 1"},
	[OPTION_BUSY] = {"busy", NULL, option_set_flag, FIELD(busy), 0, GROUP_QUESTIONS, NULL, NULL,
		NULL,
		"run COMMAND as a job of the lastcall that runs this container: a stop waits for "
		"it as for a request; without COMMAND, send the lines of standard input"},
	[OPTION_CHECK] = {"check", NULL, option_set_flag, FIELD(check), 0, GROUP_QUESTIONS, NULL,
		NULL, NULL, "print the effective settings and a timeline of the stop"},
	[OPTION_HEALTHCHECK] = {"healthcheck", "[=URL]", option_set_healthcheck, FIELD(healthcheck),
		0, GROUP_QUESTIONS, NULL, NULL,
		"nothing, or a URL with a numeric address, like http://127.0.0.1:5278/healthcheck",
		"ask the health endpoint of this container, or URL; exit with 0 or 1"},
	[OPTION_STATUS] = {"status", "[=FORM]", option_set_status, FIELD(status), 0,
		GROUP_QUESTIONS, NULL, NULL, "nothing, text or json",
		"ask the lastcall that is PID 1 here what a stop now would lose or wait for, as "
		"text or json"},
	[OPTION_WATCH] = {"watch", NULL, option_set_flag, FIELD(watch), 0, GROUP_QUESTIONS, NULL,
		NULL, NULL, "with --status: go on, and show each change"},
	[OPTION_HELP] = {"help", NULL, option_set_flag, FIELD(help), 'h', GROUP_QUESTIONS, NULL,
		NULL, NULL, "print this page"},
	[OPTION_VERSION] = {"version", NULL, option_set_flag, FIELD(version), 'V', GROUP_QUESTIONS,
		NULL, NULL, NULL, "print the version"},
};
