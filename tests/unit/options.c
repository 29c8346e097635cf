/* SPDX-License-Identifier: MIT */
#include "core/cli/help_page.h"
#include "core/cli/option_parser.h"
#include "core/cli/options.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct options options;
static const char *argv[16]; /* options.command points into it */
static char error_bytes[512], warning_bytes[512];

/* Parses words after the program's name, and variables. */
static int parse(const char *const words[], const char *const variables[])
{
	const char *const none[] = {NULL};
	struct text error, warning;

	memset(argv, 0, sizeof argv);
	argv[0] = "lastcall";
	for (int i = 0; words[i] != NULL; i++)
		argv[i + 1] = words[i];
	text_init(&error, error_bytes, sizeof error_bytes);
	text_init(&warning, warning_bytes, sizeof warning_bytes);
	return options_parse((char *const *)(uintptr_t)argv,
		(char *const *)(uintptr_t)(variables != NULL ? variables : none), &options, &error,
		&warning);
}

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

static void nothing_given_is_all_defaults(void **state)
{
	(void)state;
	assert_int_equal(parse((const char *const[]){NULL}, NULL), 0);
	assert_null(options.command[0]);
	assert_int_equal(options.stop_timeout, OPTION_UNSET);
	assert_int_equal(options.settle, 200);
	assert_int_equal(options.min_drain, 0);
	assert_string_equal(options.health_path, "/healthcheck");
	assert_int_equal(options.app_checks[0].kind, APP_CHECK_LISTEN);
	assert_int_equal(options.check_interval, 5000);
	assert_int_equal(options.check_timeout, 4000);
	assert_int_equal(options.check_failures, 2);
	assert_true(options.start_timeout == MSEC_NEVER);
	assert_true(options.listen.any);
	assert_int_equal(options.report_count, 1);
	assert_int_equal(options.reports[0].target, REPORT_TO_STDERR);
	assert_int_equal(options.reports[0].format, REPORT_AS_JSON);
	for (int id = 0; id < OPTION_COUNT; id++) {
		assert_int_equal(options.source[id], OPTION_FROM_DEFAULT);
		assert_null(options.given[id]);
	}
}

static void a_question_has_its_form_and_its_address(void **state)
{
	(void)state;
	assert_int_equal(parse(WORDS("--status"), NULL), 0);
	assert_int_equal(options.status, STATUS_TEXT);
	assert_int_equal(parse(WORDS("--status=json"), NULL), 0);
	assert_int_equal(options.status, STATUS_JSON);
	assert_int_equal(parse(WORDS("--status=xml"), NULL), -EINVAL);
	assert_int_equal(parse(WORDS("--healthcheck"), NULL), 0);
	assert_true(options.healthcheck);
	assert_int_equal(parse(WORDS("--healthcheck=http://127.0.0.1:80/up"), NULL), 0);
	assert_string_equal(options.healthcheck_url.path, "/up");
	assert_int_equal(parse(WORDS("--healthcheck=http://localhost/"), NULL), -EINVAL);
	assert_int_equal(parse(WORDS("--healthcheck=https://127.0.0.1/"), NULL), -EINVAL);
}

static void clients_to_ignore_are_ranges_and_at_most_sixteen(void **state)
{
	char list[OPTIONS_MAX_IGNORED_PEERS * 16 + 64] = "--ignore-peer=10.0.0.1";

	(void)state;
	assert_int_equal(parse(WORDS("--ignore-peer=10.0.0.0/8,fd00::/8", "x"), NULL), 0);
	assert_int_equal(options.ignored_peer_count, 2);
	assert_int_equal(parse(WORDS("--ignore-peer=10.0.0.1/8", "x"), NULL), -EINVAL);
	for (int i = 1; i < OPTIONS_MAX_IGNORED_PEERS; i++)
		strcat(list, ",10.0.0.1");
	assert_int_equal(parse(WORDS(list, "x"), NULL), 0);
	assert_int_equal(options.ignored_peer_count, OPTIONS_MAX_IGNORED_PEERS);
	strcat(list, ",10.0.0.1");
	assert_int_equal(parse(WORDS(list, "x"), NULL), -EINVAL);
}

static void a_list_has_items_that_fit(void **state)
{
	static char list[4096];

	(void)state;
	memset(list, 'a', sizeof list - 1);
	memcpy(list, "--ignore-peer=", strlen("--ignore-peer="));
	assert_int_equal(parse(WORDS(list, "x"), NULL), -EINVAL);
	assert_int_equal(parse(WORDS("--app-check=none,listen", "x"), NULL), -EINVAL);
}

static void a_watchdog_needs_a_socket_for_messages(void **state)
{
	(void)state;
	assert_int_equal(parse(WORDS("--watchdog=30s", "--notify=off", "x"), NULL), -EINVAL);
	assert_non_null(strstr(error_bytes, "--watchdog='30s' needs --notify to be auto or ready"));
	assert_int_equal(parse(WORDS("--watchdog=30s", "--notify=ready", "x"), NULL), 0);
}

static void options_end_at_the_first_operand(void **state)
{
	(void)state;
	assert_int_equal(parse(WORDS("-v", "sh", "-c", "x", "--quiet"), NULL), 0);
	assert_string_equal(options.command[0], "sh");
	assert_string_equal(options.command[3], "--quiet");
	assert_true(options.verbose);
	assert_false(options.quiet);
}

static void two_dashes_end_the_options(void **state)
{
	(void)state;
	assert_int_equal(parse(WORDS("--", "-v"), NULL), 0);
	assert_string_equal(options.command[0], "-v");
	assert_false(options.verbose);
	assert_int_equal(parse(WORDS("-", "x"), NULL), 0); /* a dash alone is an operand */
	assert_string_equal(options.command[0], "-");
}

static void values_are_taken_in_every_form(void **state)
{
	(void)state;
	assert_int_equal(
		parse(WORDS("--margin=2s", "--term-grace", "3s", "-t4s", "-p", "80", "x"), NULL),
		0);
	assert_int_equal(options.margin, 2000);
	assert_int_equal(options.term_grace, 3000);
	assert_int_equal(options.stop_timeout, 4000);
	assert_int_equal(options.ports[0].first, 80);
	assert_string_equal(options.command[0], "x");
	assert_int_equal(parse(WORDS("-vqp81", "x"), NULL), 0);
	assert_true(options.verbose && options.quiet);
	assert_int_equal(options.ports[0].first, 81);
}

static void the_command_line_beats_the_environment(void **state)
{
	const char *const variables[] = {"PATH=/bin", "LASTCALL_MARGIN=5s", "LASTCALL_SETTLE=1s",
		"LASTCALL_PORT=1,2", "LASTCALL_HURRY=yes", NULL};
	char origin[64];

	(void)state;
	assert_int_equal(parse(WORDS("--margin=2s", "-p3", "--port=4,5,4", "x"), variables), 0);
	assert_int_equal(options.margin, 2000);
	assert_int_equal(options.settle, 1000);
	assert_int_equal(
		options.port_range_count, 3); /* the list is replaced, and no port doubled */
	assert_int_equal(options.ports[2].last, 5);
	assert_true(options.hurry);
	assert_int_equal(options.source[OPTION_SETTLE], OPTION_FROM_ENVIRONMENT);
	assert_string_equal(
		option_origin(&options, OPTION_SETTLE, origin, sizeof origin), "LASTCALL_SETTLE");
	assert_string_equal(
		option_origin(&options, OPTION_MARGIN, origin, sizeof origin), "--margin");
}

static void a_service_link_is_no_option(void **state)
{
	const char *const variables[] = {"LASTCALL_PORT=tcp://10.0.0.1:80",
		"LASTCALL_PORT=udp://[fd00::1]:53", "LASTCALL_SERVICE_HOST=10.0.0.1",
		"LASTCALL_SERVICE_PORT=80", "LASTCALL_SERVICE_PORT_HTTP=80",
		"LASTCALL_PORT_80_TCP=tcp://10.0.0.1:80", "LASTCALL_PORT_80_TCP_PROTO=tcp",
		"LASTCALL_PORT_80_TCP_PORT=80", "LASTCALL_PORT_80_TCP_ADDR=10.0.0.1",
		"LASTCALL_API_SERVICE_HOST=10.0.0.1", "LASTCALL_API_PORT=tcp://10.0.0.1:80",
		"LASTCALL_REPORT_PORT_9_SCTP=sctp://10.0.0.1:9", NULL};

	(void)state;
	assert_int_equal(parse(WORDS("x"), variables), 0);
	assert_int_equal(options.port_range_count, 0);
	assert_string_equal(warning_bytes, "");
}

static void what_resembles_a_service_link_is_named(void **state)
{
	const char *const variables[] = {"LASTCALL_PORTS=80", "LASTCALL_APP_PORT=80",
		"LASTCALL_PORT_80=1", "LASTCALL_PORT_HTTP=1", "LASTCALL_SERVICE_NAME=a",
		"LASTCALL_SERVICE_HOSTS=a", "LASTCALL_MY_LABEL_POD=a",
		"LASTCALL_MARGN=_SERVICE_HOST=", NULL};

	(void)state;
	assert_int_equal(parse(WORDS("x"), variables), 0);
	for (const char *const *variable = variables; *variable != NULL; variable++) {
		char expected[64];

		(void)snprintf(expected, sizeof expected, "%.*s is unknown, ignoring",
			(int)strcspn(*variable, "="), *variable);
		assert_non_null(strstr(warning_bytes, expected));
	}
	assert_int_equal(
		parse(WORDS("x"), ((const char *const[]){"LASTCALL_PORT=a", NULL})), -EINVAL);
}

static void a_misspelt_variable_is_named(void **state)
{
	const char *const misspelt[] = {
		"LASTCALL_LONGEST_REQEST=25s", "LASTCALL_STOP_TIMEOUT=9s", "LASTCALL_=_PORT", NULL};
	const char *const others[] = {
		"LASTCALL_VERSION=1", "LASTCALL_LABEL_A=3", "LASTCALLS=1", NULL};

	(void)state;
	assert_int_equal(parse(WORDS("x"), misspelt), 0);
	assert_string_equal(warning_bytes, "LASTCALL_LONGEST_REQEST is unknown, ignoring; "
					   "LASTCALL_ is unknown, ignoring");
	assert_int_equal(options.stop_timeout, 9000);
	assert_int_equal(parse(WORDS("x"), others), 0);
	assert_string_equal(warning_bytes, "");
}

static void labels_come_from_variables_too(void **state)
{
	const char *const variables[] = {"LASTCALL_LABEL_POD=web-7d9,x", "LASTCALL_LABEL=a=1,b=2",
		"LASTCALL_LABEL_A=3", "LASTCALL_LABELS=x=y", NULL};

	(void)state;
	assert_int_equal(parse(WORDS("x"), variables), 0);
	assert_int_equal(options.labels.count, 3);
	assert_string_equal(label_list_value(&options.labels, "pod"), "web-7d9,x");
	assert_string_equal(label_list_value(&options.labels, "a"), "1");
	assert_int_equal(parse(WORDS("--label=pod=mine", "--label=pod=ours", "x"), variables), 0);
	assert_int_equal(options.labels.count, 2); /* the option replaces LASTCALL_LABEL alone */
	assert_string_equal(label_list_value(&options.labels, "pod"), "ours");
	assert_string_equal(label_list_value(&options.labels, "a"), "3");
}

static void a_label_variable_that_is_none_is_explained(void **state)
{
	static char big[1100] = "LASTCALL_LABEL_BIG=";
	const char *const bad[] = {"LASTCALL_LABEL_A B=1", "LASTCALL_LABEL_=1", big};

	(void)state;
	memset(big + strlen(big), 'x', sizeof big - 1 - strlen(big));
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		const char *const variables[] = {bad[i], NULL};

		assert_int_equal(parse(WORDS("x"), variables), -EINVAL);
		assert_non_null(strstr(error_bytes, "is not accepted; give a name of letters"));
		assert_memory_equal(error_bytes, bad[i], strcspn(bad[i], "="));
	}
}

static void reports_go_where_they_are_sent(void **state)
{
	(void)state;
	assert_int_equal(parse(WORDS("--report=fd:7", "x"), NULL), 0);
	assert_int_equal(options.report_count, 1);
	assert_int_equal(options.reports[0].target, REPORT_TO_FD);
	assert_int_equal(options.reports[0].fd, 7);
	assert_int_equal(parse(WORDS("--report=/dev/termination-log", "x"), NULL), 0);
	assert_int_equal(options.reports[0].target, REPORT_TO_PATH);
	assert_string_equal(options.reports[0].path, "/dev/termination-log");
	assert_int_equal(parse(WORDS("--report=off", "x"), NULL), 0);
	assert_int_equal(options.report_count, 0);
}

static void several_reports_are_written(void **state)
{
	const char *const variables[] = {
		"LASTCALL_REPORT=json:stderr,emf:fd:1,termination-log", NULL};
	const struct report_destination *reports = options.reports;

	(void)state;
	assert_int_equal(parse(WORDS("x"), variables), 0);
	assert_int_equal(options.report_count, 3);
	assert_int_equal(reports[1].format, REPORT_AS_EMF);
	assert_int_equal(reports[1].target, REPORT_TO_FD);
	assert_int_equal(reports[1].fd, 1);
	assert_int_equal(reports[2].format, REPORT_AS_TEXT);
	assert_int_equal(reports[2].target, REPORT_TO_TERMINATION_LOG);
	assert_int_equal(
		parse(WORDS("--report=text:/run/a", "--report=stdout", "x"), variables), 0);
	assert_int_equal(options.report_count, 2); /* the command line replaces the variable */
	assert_int_equal(reports[0].format, REPORT_AS_TEXT);
	assert_int_equal(reports[0].path_len, strlen("/run/a"));
	assert_int_equal(parse(WORDS("--report=stdout,off,./text:x", "x"), NULL), 0);
	assert_int_equal(options.report_count, 1);
	assert_int_equal(reports[0].format, REPORT_AS_JSON);
	assert_memory_equal(reports[0].path, "./text:x", reports[0].path_len);
}

static void checks_are_taken_from_both_sources(void **state)
{
	const char *const variables[] = {"LASTCALL_APP_CHECK=http://localhost:3000/health?full=1",
		"LASTCALL_CHECK_INTERVAL=1s", "LASTCALL_START_TIMEOUT=1m", NULL};

	(void)state;
	assert_int_equal(
		parse(WORDS("--check-timeout=250ms", "--check-failures=3", "x"), variables), 0);
	assert_int_equal(options.app_checks[0].kind, APP_CHECK_HTTP);
	assert_string_equal(options.app_checks[0].url.path, "/health?full=1");
	assert_int_equal(options.check_interval, 1000);
	assert_int_equal(options.check_timeout, 250);
	assert_int_equal(options.check_failures, 3);
	assert_int_equal(options.start_timeout, 60000);
	assert_int_equal(
		parse(WORDS("--start-timeout=off", "--app-check=tcp:81", "x"), variables), 0);
	assert_true(options.start_timeout == MSEC_NEVER);
	assert_int_equal(options.app_check_count, 1);
	assert_int_equal(options.app_checks[0].port, 81);
}

static void several_checks_are_kept_as_they_were_given(void **state)
{
	(void)state;
	assert_int_equal(parse(WORDS("--app-check=listen,http://127.0.0.1:80/a?b=1",
				       "--app-check=tcp:81", "x"),
				 NULL),
		0);
	assert_int_equal(options.app_check_count, 3);
	assert_int_equal(options.app_checks[0].kind, APP_CHECK_LISTEN);
	assert_string_equal(options.app_checks[1].text, "http://127.0.0.1:80/a?b=1");
	assert_string_equal(options.app_checks[1].url.path, "/a?b=1");
	assert_int_equal(options.app_checks[2].port, 81);
	assert_int_equal(parse(WORDS("x"), NULL), 0);
	assert_int_equal(options.app_check_count, 1);
	assert_int_equal(options.app_checks[0].kind, APP_CHECK_LISTEN);
	assert_int_equal(parse(WORDS("--app-check=none,listen", "x"), NULL), -EINVAL);
	assert_int_equal(
		parse(WORDS("--app-check=listen", "--app-check=none", "x"), NULL), -EINVAL);
	assert_int_equal(
		parse(WORDS("--app-check=tcp:1,tcp:2,tcp:3,tcp:4,tcp:5,tcp:6,tcp:7,tcp:8", "x"),
			NULL),
		0);
	assert_int_equal(
		parse(WORDS("--app-check=tcp:1,tcp:2,tcp:3,tcp:4,tcp:5,tcp:6,tcp:7,tcp:8,tcp:9",
			      "x"),
			NULL),
		-EINVAL);
	assert_int_equal(parse(WORDS("--app-check=tcp:1,", "x"), NULL), -EINVAL);
}

static void labels_are_kept_in_order(void **state)
{
	(void)state;
	assert_int_equal(
		parse(WORDS("--label=a=1", "--label", "b.c=x=y", "--label=d=", "x"), NULL), 0);
	assert_int_equal(options.labels.count, 3);
	assert_string_equal(options.labels.list[1].key, "b.c");
	assert_string_equal(options.labels.list[1].value, "x=y");
	assert_string_equal(options.labels.list[2].value, "");
}

static void signals_are_rewritten_by_name_and_number(void **state)
{
	const char *const variables[] = {"LASTCALL_REWRITE=USR1:USR2", NULL};

	(void)state;
	assert_int_equal(parse(WORDS("x"), NULL), 0);
	for (int signal = 0; signal <= SIGNAL_MAX; signal++)
		assert_int_equal(options.rewrite[signal], signal);
	assert_int_equal(
		parse(WORDS("--rewrite=TERM:SIGQUIT,1:0", "--rewrite", "RTMIN+3:15", "x"), NULL),
		0);
	assert_int_equal(options.rewrite[SIGTERM], SIGQUIT);
	assert_int_equal(options.rewrite[SIGHUP], 0);
	assert_int_equal(options.rewrite[37], SIGTERM);
	assert_int_equal(options.rewrite[SIGQUIT], SIGQUIT);
	assert_int_equal(parse(WORDS("x"), variables), 0);
	assert_int_equal(options.rewrite[SIGUSR1], SIGUSR2);
	assert_int_equal(parse(WORDS("--rewrite=2:3", "x"), variables), 0);
	assert_int_equal(options.rewrite[SIGUSR1], SIGUSR1); /* the list is replaced */
}

static void stop_signals_are_a_list(void **state)
{
	const char *const variables[] = {"LASTCALL_STOP_ON=TERM,SIGQUIT", NULL};

	(void)state;
	assert_int_equal(parse(WORDS("x"), NULL), 0);
	assert_int_equal(options.stop_on, 0);
	assert_int_equal(parse(WORDS("x"), variables), 0);
	assert_int_equal(options.stop_on, signal_bit(SIGTERM) | signal_bit(SIGQUIT));
	assert_int_equal(parse(WORDS("--stop-on=28,RTMIN+3", "--stop-on=1", "x"), variables), 0);
	assert_int_equal(
		options.stop_on, signal_bit(SIGWINCH) | signal_bit(37) | signal_bit(SIGHUP));
}

static void a_session_is_stopped_by_sigstop_alone(void **state)
{
	(void)state;
	assert_int_equal(parse(WORDS("--setsid", "--rewrite=TTIN:0", "x"), NULL), 0);
	assert_int_equal(options.rewrite[SIGTSTP], SIGSTOP);
	assert_int_equal(options.rewrite[SIGTTOU], SIGSTOP);
	assert_int_equal(options.rewrite[SIGTTIN], 0);
	assert_int_equal(parse(WORDS("--setsid=off", "x"), NULL), 0);
	assert_int_equal(options.rewrite[SIGTSTP], SIGTSTP);
}

static void exit_codes_are_mapped(void **state)
{
	const char *const variables[] = {"LASTCALL_EXIT_MAP=143:0,137:1", NULL};

	(void)state;
	assert_int_equal(parse(WORDS("x"), NULL), 0);
	for (int code = 0; code < EXIT_CODES; code++)
		assert_int_equal(options.exit_map[code], code);
	assert_int_equal(parse(WORDS("x"), variables), 0);
	assert_int_equal(options.exit_map[143], 0);
	assert_int_equal(options.exit_map[137], 1);
	assert_int_equal(
		parse(WORDS("--exit-map=0:255", "--exit-map", "255:0", "x"), variables), 0);
	assert_int_equal(options.exit_map[0], 255);
	assert_int_equal(options.exit_map[255], 0);
	assert_int_equal(options.exit_map[143], 143);
}

static void an_init_s_switches_are_taken(void **state)
{
	(void)state;
	assert_int_equal(parse(WORDS("x"), NULL), 0);
	assert_true(options.drain && options.subreaper);
	assert_false(options.group || options.setsid || options.warn_on_reap);
	assert_int_equal(options.parent_death_signal, 0);
	assert_int_equal(parse(WORDS("--drain=off", "--subreaper=off", "--group", "--setsid",
				       "--warn-on-reap", "--parent-death-signal=KILL", "x"),
				 NULL),
		0);
	assert_false(options.drain || options.subreaper);
	assert_true(options.group && options.setsid && options.warn_on_reap);
	assert_int_equal(options.parent_death_signal, SIGKILL);
	assert_int_equal(options.stop_signal, 0);
}

static void bad_input_names_option_value_and_form(void **state)
{
	static const struct {
		const char *word, *says[3];
	} cases[] = {
		{"--margin=10", {"--margin", "'10'", "10s"}},
		{"--margin=-1s", {"--margin", "'-1s'", "10s"}},
		{"--stop-timeout=0s", {"--stop-timeout", "'0s'", "10s"}},
		{"--longest-request=0s", {"--longest-request", "'0s'", "above 0"}},
		{"--longest-request=off", {"--longest-request", "'off'", "above 0"}},
		{"--port=0", {"--port", "'0'", "65535"}},
		{"--port=65536", {"--port", "'65536'", "65535"}},
		{"--port=80,", {"--port", "'80,'", "65535"}},
		{"--port=", {"--port", "''", "65535"}},
		{"--port=80 81", {"--port", "'80 81'", "65535"}},
		{"--order=first", {"--order", "'first'", "signal-first"}},
		{"--notify=yes", {"--notify", "'yes'", "auto, ready, off or pass"}},
		{"--watchdog=0s", {"--watchdog", "'0s'", "above 0"}},
		{"--watchdog=10", {"--watchdog", "'10'", "10s"}},
		{"--wait=none", {"--wait", "'none'", "main"}},
		{"--report=sterr", {"--report", "'sterr'", "stderr"}},
		{"--report=fd:", {"--report", "'fd:'", "fd:N"}},
		{"--report=fd:3x", {"--report", "'fd:3x'", "fd:N"}},
		{"--report=text:", {"--report", "'text:'", "termination-log"}},
		{"--report=json:off", {"--report", "'json:off'", "termination-log"}},
		{"--report=xml:stderr", {"--report", "'xml:stderr'", "emf:"}},
		{"--report=stderr,", {"--report", "'stderr,'", "commas"}},
		{"--report=a/1,a/2,a/3,a/4,a/5", {"--report", "a/5", "up to 4"}},
		{"--stop-signal=SIGFOO", {"--stop-signal", "'SIGFOO'", "SIGQUIT"}},
		{"--log-format=xml", {"--log-format", "'xml'", "json"}},
		{"--health-path=health", {"--health-path", "'health'", "absolute"}},
		{"--health-path=/a b", {"--health-path", "'/a b'", "absolute"}},
		{"--listen=localhost:80", {"--listen", "'localhost:80'", "off"}},
		{"--label=a b=c", {"--label", "'a b=c'", "KEY=VALUE"}},
		{"--label=novalue", {"--label", "'novalue'", "KEY=VALUE"}},
		{"--app-check=127.0.0.1:80", {"--app-check", "'127.0.0.1:80'", "tcp:PORT"}},
		{"--app-check=https://127.0.0.1/",
			{"--app-check", "'https://127.0.0.1/'", "http://"}},
		{"--app-check=http://10.0.0.1/", {"--app-check", "'http://10.0.0.1/'", "loopback"}},
		{"--check-failures=0", {"--check-failures", "'0'", "from 1"}},
		{"--check-failures=101", {"--check-failures", "'101'", "100"}},
		{"--check-failures=2x", {"--check-failures", "'2x'", "100"}},
		{"--check-interval=0s", {"--check-interval", "'0s'", "above 0"}},
		{"--check-timeout=off", {"--check-timeout", "'off'", "above 0"}},
		{"--start-timeout=0", {"--start-timeout", "'0'", "above 0"}},
		{"--start-timeout=60", {"--start-timeout", "'60'", "or off"}},
		{"--stop-on=KILL", {"--stop-on", "'KILL'", "KILL, STOP and CHLD"}},
		{"--stop-on=TERM,STOP", {"--stop-on", "'TERM,STOP'", "TERM,INT,QUIT"}},
		{"--stop-on=CHLD", {"--stop-on", "'CHLD'", "CHLD"}},
		{"--stop-on=", {"--stop-on", "''", "TERM,INT,QUIT"}},
		{"--stop-on=TERM,", {"--stop-on", "'TERM,'", "TERM,INT,QUIT"}},
		{"--stop-on=65", {"--stop-on", "'65'", "TERM,INT,QUIT"}},
		{"--rewrite=TERM", {"--rewrite", "'TERM'", "TERM:QUIT"}},
		{"--rewrite=TERM:", {"--rewrite", "'TERM:'", "may be 0"}},
		{"--rewrite=0:1", {"--rewrite", "'0:1'", "TERM:QUIT"}},
		{"--rewrite=KILL:TERM", {"--rewrite", "'KILL:TERM'", "TERM:QUIT"}},
		{"--rewrite=CHLD:0", {"--rewrite", "'CHLD:0'", "TERM:QUIT"}},
		{"--rewrite=TERM:65", {"--rewrite", "'TERM:65'", "TERM:QUIT"}},
		{"--rewrite=TERM:QUIT:0", {"--rewrite", "'TERM:QUIT:0'", "TERM:QUIT"}},
		{"--exit-map=143", {"--exit-map", "'143'", "143:0"}},
		{"--exit-map=143:", {"--exit-map", "'143:'", "143:0"}},
		{"--exit-map=256:0", {"--exit-map", "'256:0'", "255"}},
		{"--exit-map=143:0,", {"--exit-map", "'143:0,'", "143:0"}},
		{"--exit-map=143:0x", {"--exit-map", "'143:0x'", "143:0"}},
		{"--parent-death-signal=0", {"--parent-death-signal", "'0'", "SIGQUIT"}},
		{"--drain=never", {"--drain", "'never'", "on or off"}},
		{"--hurry=maybe", {"--hurry", "'maybe'", "true or false"}},
		{"--nonsense", {"unknown option", "'--nonsense'", "--help"}},
		{"--por=80", {"unknown option", "'--por=80'", "--help"}},
		{"-z", {"unknown option", "'-z'", "--help"}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_true(parse(WORDS(cases[i].word, "x"), NULL) < 0);
		for (int j = 0; j < 3; j++)
			assert_non_null(strstr(error_bytes, cases[i].says[j]));
		assert_null(strchr(error_bytes, '\n'));
	}
}

static void a_missing_value_is_said(void **state)
{
	(void)state;
	assert_true(parse(WORDS("--margin"), NULL) < 0);
	assert_non_null(strstr(error_bytes, "--margin needs a value"));
	assert_true(parse(WORDS("-t"), NULL) < 0);
	assert_non_null(strstr(error_bytes, "-t needs a value"));
}

static void a_bad_variable_is_named_as_one(void **state)
{
	const char *const variables[] = {"LASTCALL_DRAIN_BUDGET=soon", NULL};

	(void)state;
	assert_true(parse(WORDS("x"), variables) < 0);
	assert_non_null(strstr(error_bytes, "LASTCALL_DRAIN_BUDGET='soon'"));
}

static void help_names_every_option_and_fits(void **state)
{
	static char page[OPTIONS_HELP_BYTES];
	struct text text;

	(void)state;
	text_init(&text, page, sizeof page);
	options_write_help(&text);
	assert_false(text.truncated);
	for (int id = 0; id < OPTION_COUNT; id++)
		assert_non_null(strstr(page, option_name((enum option_id)id)));
	for (char *line = strtok(page, "\n"); line != NULL; line = strtok(NULL, "\n"))
		assert_int_in_range(strlen(line), 0, 80);
}

static void ports_are_single_or_ranges(void **state)
{
	static const char *const bad[] = {"0", "8099-8000", "8000-", "-8000", "8000-65536",
		"80-90-99", "80 - 90", "8000-8099x", "0-5", ""};

	(void)state;
	assert_int_equal(
		parse(WORDS("--port=9000,8000-8099,8005,8007-8009", "-p1-65535", "x"), NULL), 0);
	assert_int_equal(
		options.port_range_count, 3); /* what a range holds already is passed over */
	assert_int_equal(options.ports[0].first, 9000);
	assert_int_equal(options.ports[0].last, 9000);
	assert_int_equal(options.ports[1].first, 8000);
	assert_int_equal(options.ports[1].last, 8099);
	assert_int_equal(options.ports[2].last, 65535);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_true(parse(WORDS("-p", bad[i], "x"), NULL) < 0);
}

static void too_many_are_refused(void **state)
{
	char many[512] = "1";
	struct text text = {.buf = many, .cap = sizeof many, .len = 1};

	(void)state;
	for (int port = 2; port <= OPTIONS_MAX_PORT_RANGES; port++)
		text_printf(&text, ",%d", port);
	assert_int_equal(parse(WORDS("-p", many, "x"), NULL), 0);
	assert_int_equal(options.port_range_count, OPTIONS_MAX_PORT_RANGES);
	text_add(&text, ",999");
	assert_true(parse(WORDS("-p", many, "x"), NULL) < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_given_is_all_defaults),
		cmocka_unit_test(a_question_has_its_form_and_its_address),
		cmocka_unit_test(clients_to_ignore_are_ranges_and_at_most_sixteen),
		cmocka_unit_test(a_list_has_items_that_fit),
		cmocka_unit_test(a_watchdog_needs_a_socket_for_messages),
		cmocka_unit_test(options_end_at_the_first_operand),
		cmocka_unit_test(two_dashes_end_the_options),
		cmocka_unit_test(values_are_taken_in_every_form),
		cmocka_unit_test(the_command_line_beats_the_environment),
		cmocka_unit_test(a_service_link_is_no_option),
		cmocka_unit_test(what_resembles_a_service_link_is_named),
		cmocka_unit_test(reports_go_where_they_are_sent),
		cmocka_unit_test(several_reports_are_written),
		cmocka_unit_test(checks_are_taken_from_both_sources),
		cmocka_unit_test(several_checks_are_kept_as_they_were_given),
		cmocka_unit_test(labels_are_kept_in_order),
		cmocka_unit_test(a_misspelt_variable_is_named),
		cmocka_unit_test(labels_come_from_variables_too),
		cmocka_unit_test(a_label_variable_that_is_none_is_explained),
		cmocka_unit_test(signals_are_rewritten_by_name_and_number),
		cmocka_unit_test(stop_signals_are_a_list),
		cmocka_unit_test(a_session_is_stopped_by_sigstop_alone),
		cmocka_unit_test(exit_codes_are_mapped),
		cmocka_unit_test(an_init_s_switches_are_taken),
		cmocka_unit_test(bad_input_names_option_value_and_form),
		cmocka_unit_test(a_missing_value_is_said),
		cmocka_unit_test(a_bad_variable_is_named_as_one),
		cmocka_unit_test(help_names_every_option_and_fits),
		cmocka_unit_test(ports_are_single_or_ranges),
		cmocka_unit_test(too_many_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
