/* SPDX-License-Identifier: MIT */
#include "core/cli/option_parser.h"
#include "core/cli/compat.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct options options;
static struct compat compat;
static char said_bytes[4096];
static const char *argv[300];

/* Parses words, argv[0] among them, and one variable. Returns what parse returns. */
static int parse(const char *variable, const char *const words[])
{
	static char error_bytes[256];
	const char *const variables[] = {variable, NULL};
	char *const *envp = (char *const *)(uintptr_t)variables;
	struct text said, error;
	int i;

	text_init(&error, error_bytes, sizeof error_bytes);
	assert_int_equal(options_parse((char *const[]){NULL}, (char *const[]){NULL}, &options,
				 &error, &error),
		0);
	for (i = 0; words[i] != NULL; i++)
		argv[i] = words[i];
	argv[i] = NULL;
	text_init(&said, said_bytes, sizeof said_bytes);
	compat = (struct compat){
		.peer = compat_peer_of(argv[0]), .name = argv[0], .version = "9.9", .pid = 42};
	assert_non_null(compat.peer);
	return compat.peer->parse(&compat, (char **)(uintptr_t)argv, envp, &options, &said);
}

#define PARSE(...) parse(NULL, (const char *const[]){__VA_ARGS__, NULL})
#define PARSE_WITH(variable, ...) parse(variable, (const char *const[]){__VA_ARGS__, NULL})

static void assert_command(const char *first, const char *second)
{
	assert_string_equal(options.command[0], first);
	if (second != NULL)
		assert_string_equal(options.command[1], second);
	else
		assert_null(options.command[1]);
}

static const char *described(struct compat_event event)
{
	static char bytes[1024];
	struct text line;

	text_init(&line, bytes, sizeof bytes);
	return compat.peer->describe(&compat, &event, &line) ? bytes : NULL;
}

static void a_name_is_the_last_part_of_a_path(void **state)
{
	(void)state;
	assert_ptr_equal(compat_peer_of("tini"), &compat_tini);
	assert_ptr_equal(compat_peer_of("/usr/bin/tini-static"), &compat_tini);
	assert_ptr_equal(compat_peer_of("/sbin/docker-init"), &compat_tini);
	assert_ptr_equal(compat_peer_of("./dumb-init"), &compat_dumb_init);
	assert_ptr_equal(compat_peer_of("/usr/libexec/podman/catatonit"), &compat_catatonit);
	assert_ptr_equal(compat_peer_of("/run/podman-init"), &compat_catatonit);
	assert_null(compat_peer_of("lastcall"));
	assert_null(compat_peer_of("/tini/"));
	assert_null(compat_peer_of("tinier"));
	assert_null(compat_peer_of(""));
	assert_null(compat_peer_of(NULL));
}

static void options_end_at_the_first_operand(void **state)
{
	static const char *const names[] = {"tini", "dumb-init", "catatonit"};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(PARSE(names[i], "sh", "-c", "x"), COMPAT_GO_ON);
		assert_command("sh", "-c");
		assert_int_equal(PARSE(names[i], "--", "-v", "-h"), COMPAT_GO_ON);
		assert_command("-v", "-h");
		assert_int_equal(PARSE(names[i], "--", "--"), COMPAT_GO_ON);
		assert_command("--", NULL);
		assert_int_equal(PARSE(names[i], "-"), COMPAT_GO_ON);
		assert_command("-", NULL);
		assert_int_equal(PARSE(names[i], ""), COMPAT_GO_ON);
		assert_command("", NULL);
		assert_int_equal(PARSE(names[i]), 1);
		assert_int_equal(PARSE(names[i], "--"), 1);
	}
}

static void tini_has_its_own_defaults(void **state)
{
	(void)state;
	assert_int_equal(PARSE("tini", "x"), COMPAT_GO_ON);
	assert_false(options.subreaper || options.group || options.setsid || options.warn_on_reap);
	assert_int_equal(options.parent_death_signal, 0);
	assert_int_equal(compat.verbosity, 1);
	for (int signal = 1; signal <= SIGNAL_MAX; signal++) {
		if (signal == SIGTTIN || signal == SIGTTOU)
			assert_int_equal(options.rewrite[signal], 0);
		else
			assert_int_equal(options.rewrite[signal], signal);
	}
	for (int code = 0; code < EXIT_CODES; code++)
		assert_int_equal(options.exit_map[code], code);
}

static void tini_s_letters_are_taken_together_and_alone(void **state)
{
	(void)state;
	assert_int_equal(
		PARSE("tini", "-swvgpSIGKILL", "-e", "143", "-e7", "-vv", "--", "x"), COMPAT_GO_ON);
	assert_true(options.subreaper && options.group && options.warn_on_reap);
	assert_int_equal(options.parent_death_signal, SIGKILL);
	assert_int_equal(options.exit_map[143], 0);
	assert_int_equal(options.exit_map[7], 0);
	assert_int_equal(options.exit_map[144], 144);
	assert_int_equal(compat.verbosity, 4);
	assert_command("x", NULL);
}

static void tini_s_variables_count_whatever_they_hold(void **state)
{
	(void)state;
	assert_int_equal(PARSE_WITH("TINI_SUBREAPER=", "tini", "x"), COMPAT_GO_ON);
	assert_true(options.subreaper);
	assert_int_equal(PARSE_WITH("TINI_KILL_PROCESS_GROUP=0", "tini", "x"), COMPAT_GO_ON);
	assert_true(options.group);
	assert_int_equal(PARSE_WITH("TINI_VERBOSITY=3", "tini", "-v", "x"), COMPAT_GO_ON);
	assert_int_equal(compat.verbosity, 3);
	assert_int_equal(PARSE_WITH("TINI_VERBOSITY=", "tini", "x"), COMPAT_GO_ON);
	assert_int_equal(compat.verbosity, 0);
}

static void tini_drops_the_dashes_that_its_usage_puts_behind_the_program(void **state)
{
	(void)state;
	assert_int_equal(PARSE("tini", "-v", "sh", "--", "-c"), COMPAT_GO_ON);
	assert_command("sh", "-c");
	assert_int_equal(PARSE("tini", "--", "grep", "--"), COMPAT_GO_ON);
	assert_command("grep", "--");
}

static void tini_s_version_is_one_when_it_is_asked_for_alone(void **state)
{
	(void)state;
	assert_int_equal(PARSE("docker-init", "--version"), 0);
	assert_string_equal(said_bytes, "tini version 0.19.0 (lastcall 9.9)\n");
	assert_true(compat.says_to_stdout);
	assert_int_equal(PARSE("tini", "--version", "x"), 1);
	assert_memory_equal(said_bytes, "tini: invalid option -- '-'\ntini (tini version ", 46);
	assert_false(compat.says_to_stdout);
}

static void tini_says_what_it_does_not_take(void **state)
{
	(void)state;
	assert_int_equal(PARSE("tini", "-e", "256", "x"), 1);
	assert_string_equal(said_bytes, "[FATAL tini (42)] Not a valid option for -e: 256\n");
	assert_int_equal(PARSE("tini", "-e", "-1", "x"), 1);
	assert_int_equal(PARSE("tini", "-e", "9x", "x"), 1);
	assert_int_equal(PARSE("tini", "-e", "", "x"), COMPAT_GO_ON);
	assert_int_equal(PARSE("tini", "-p", "KILL", "x"), 1);
	assert_string_equal(said_bytes, "[FATAL tini (42)] Not a valid option for -p: KILL\n");
	assert_int_equal(PARSE("tini", "-p", "SIGNONE", "x"), 1);
	assert_int_equal(PARSE("tini", "-p"), 1);
	assert_memory_equal(said_bytes, "tini: option requires an argument -- 'p'\n", 41);
	assert_int_equal(PARSE("tini", "-v:", "x"), 1);
	assert_memory_equal(said_bytes, "tini: invalid option -- ':'\n", 28);
}

static void dumb_init_leads_a_session_unless_it_is_told_not_to(void **state)
{
	(void)state;
	assert_int_equal(PARSE("dumb-init", "x"), COMPAT_GO_ON);
	assert_true(options.setsid && options.group && compat.ends_group);
	assert_false(options.subreaper || compat.in_our_group || compat.verbosity);
	assert_int_equal(options.rewrite[SIGTSTP], SIGSTOP);
	assert_int_equal(options.rewrite[SIGTTIN], SIGSTOP);
	assert_int_equal(options.rewrite[SIGTTOU], SIGSTOP);

	assert_int_equal(PARSE("dumb-init", "-c", "x"), COMPAT_GO_ON);
	assert_false(options.setsid || options.group || compat.ends_group);
	assert_true(compat.in_our_group && compat.stops_too);
	assert_int_equal(options.rewrite[SIGTSTP], SIGTSTP);
	assert_int_equal(PARSE_WITH("DUMB_INIT_SETSID=0", "dumb-init", "x"), COMPAT_GO_ON);
	assert_true(compat.in_our_group);
	assert_int_equal(PARSE_WITH("DUMB_INIT_SETSID=00", "dumb-init", "x"), COMPAT_GO_ON);
	assert_false(compat.in_our_group);
}

static void dumb_init_takes_long_names_and_their_beginnings(void **state)
{
	(void)state;
	assert_int_equal(PARSE("dumb-init", "--single-child", "--verbose", "--rewrite", "1:2",
				 "--rewrite=3:0", "x"),
		COMPAT_GO_ON);
	assert_true(compat.in_our_group && compat.verbosity);
	assert_int_equal(options.rewrite[SIGHUP], SIGINT);
	assert_int_equal(options.rewrite[SIGQUIT], 0);
	assert_int_equal(PARSE("dumb-init", "--si", "--r=2:1", "x"), COMPAT_GO_ON);
	assert_int_equal(options.rewrite[SIGINT], SIGHUP);
	assert_int_equal(PARSE("dumb-init", "--ver", "x"), 1);
	assert_string_equal(said_bytes, "dumb-init: option '--ver' is ambiguous\n");
	assert_int_equal(PARSE("dumb-init", "--yolo=1", "x"), 1);
	assert_string_equal(said_bytes, "dumb-init: unrecognized option '--yolo=1'\n");
	assert_int_equal(PARSE("dumb-init", "--help=x"), 1);
	assert_string_equal(said_bytes, "dumb-init: option '--help' doesn't allow an argument\n");
	assert_int_equal(PARSE("dumb-init", "--rewrite"), 1);
	assert_string_equal(said_bytes, "dumb-init: option '--rewrite' requires an argument\n");
	assert_int_equal(PARSE("dumb-init", "-z", "x"), 1);
	assert_string_equal(said_bytes, "dumb-init: invalid option -- 'z'\n");
}

static void dumb_init_rewrites_all_signals_there_are(void **state)
{
	static const char *const bad[] = {"", "herp", "herp:derp", "15", "15:", "15::12", "15:derp",
		"0:1", "65:1", "1:65", "-1:1", "1:-1", "15 :1"};

	(void)state;
	assert_int_equal(
		PARSE("dumb-init", "-r", "15:12", "-r64:1", "-r", " 1: 64x", "x"), COMPAT_GO_ON);
	assert_int_equal(options.rewrite[15], 12);
	assert_int_equal(options.rewrite[64], 1);
	assert_int_equal(options.rewrite[1], 64);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		assert_int_equal(PARSE("dumb-init", "-r", bad[i], "x"), 1);
		assert_memory_equal(said_bytes, "Usage: -r option takes <signum>:<signum>", 40);
	}
}

static void dumb_init_says_on_stderr_what_it_is_asked(void **state)
{
	(void)state;
	assert_int_equal(PARSE("dumb-init", "-V"), 0);
	assert_string_equal(said_bytes, "dumb-init v1.2.5 (lastcall 9.9)\n");
	assert_false(compat.says_to_stdout);
	assert_int_equal(PARSE("/bin/dumb-init", "--help"), 0);
	assert_non_null(strstr(said_bytes, "Usage: /bin/dumb-init [option] command [[arg] ...]\n"));
	assert_int_equal(PARSE("dumb-init"), 1);
	assert_string_equal(said_bytes, "Usage: dumb-init [option] program [args]\n"
					"Try dumb-init --help for full usage.\n");
	assert_int_equal(PARSE_WITH("DUMB_INIT_DEBUG=1", "dumb-init", "x"), COMPAT_GO_ON);
	assert_int_equal(compat.verbosity, 1);
	assert_int_equal(PARSE_WITH("DUMB_INIT_DEBUG=yes", "dumb-init", "x"), COMPAT_GO_ON);
	assert_int_equal(compat.verbosity, 0);
}

static void catatonit_adopts_and_keeps_stop_signals_to_itself(void **state)
{
	(void)state;
	assert_int_equal(PARSE("catatonit", "-g", "x"), COMPAT_GO_ON);
	assert_true(options.subreaper && options.group);
	assert_false(options.setsid || compat.pauses || compat.verbosity);
	assert_int_equal(options.rewrite[SIGTSTP], 0);
	assert_int_equal(options.rewrite[SIGTTIN], 0);
	assert_int_equal(options.rewrite[SIGTTOU], 0);
	assert_int_equal(PARSE_WITH("CATATONIT_DEBUG=", "catatonit", "x"), COMPAT_GO_ON);
	assert_int_equal(compat.verbosity, 1);
}

static void catatonit_pauses_without_a_program(void **state)
{
	(void)state;
	assert_int_equal(PARSE("catatonit", "-P"), COMPAT_GO_ON);
	assert_true(compat.pauses);
	assert_int_equal(PARSE("catatonit"), 1);
	assert_string_equal(said_bytes,
		"ERROR (catatonit:42): missing program name\n"
		"usage: catatonit [-ghLPV] [--] <progname> [<arguments>...]\n");
}

static void catatonit_answers_as_tini_for_docker(void **state)
{
	(void)state;
	assert_int_equal(PARSE("catatonit", "--version"), 0);
	assert_string_equal(said_bytes, "tini version 0.1.7_catatonit (lastcall 9.9)\n");
	assert_true(compat.says_to_stdout);
	assert_int_equal(PARSE("catatonit", "-h"), 0);
	assert_false(compat.says_to_stdout);
	assert_int_equal(PARSE("catatonit", "-L"), 0);
	assert_true(compat.says_to_stdout);
	assert_int_equal(PARSE("catatonit", "--help"), 1);
	assert_memory_equal(said_bytes, "catatonit: unrecognized option '--help'\nusage: ", 47);
}

static void tini_speaks_as_loud_as_it_is_told_to(void **state)
{
	static const struct compat_event started = {COMPAT_STARTED, .number = 7, .text = "a"},
					 orphan = {COMPAT_REAPED_ORPHAN, .number = 8},
					 failed = {COMPAT_NOT_STARTED, .text = "a", .reason = "no"},
					 killed = {COMPAT_MAIN_ENDED, .number = 7, .status = 143,
						 .signal = 15},
					 ended = {COMPAT_MAIN_ENDED, .number = 7, .status = 3},
					 forwarded = {COMPAT_FORWARDED, .number = SIGTERM};

	(void)state;
	PARSE_WITH("TINI_VERBOSITY=0", "tini", "x");
	assert_null(described(orphan));
	assert_string_equal(described(failed), "[FATAL tini (42)] exec a failed: no");
	PARSE("tini", "x");
	assert_null(described(started));
	assert_string_equal(
		described(orphan), "[WARN  tini (42)] Reaped zombie process with pid=8");
	assert_non_null(strstr(described((struct compat_event){.kind = COMPAT_CANNOT_REAP}),
		"zombie reaping won't work."));
	PARSE("tini", "-v", "x");
	assert_string_equal(
		described(started), "[INFO  tini (42)] Spawned child process 'a' with pid '7'");
	assert_string_equal(
		described(ended), "[INFO  tini (42)] Main child exited normally (with status '3')");
	assert_string_equal(described(killed),
		"[INFO  tini (42)] Main child exited with signal (with signal 'SIGTERM')");
	assert_null(described(forwarded));
	PARSE("tini", "-vv", "x");
	assert_string_equal(described(forwarded), "[DEBUG tini (42)] Passing signal: 'SIGTERM'");
	assert_string_equal(described((struct compat_event){COMPAT_REAPED, .number = 7}),
		"[DEBUG tini (42)] Reaped child with pid: '7'");
	assert_null(described((struct compat_event){COMPAT_RECEIVED, .number = SIGTERM}));
	assert_null(described((struct compat_event){.kind = COMPAT_STOPPING}));
}

static void dumb_init_speaks_when_it_is_told_to(void **state)
{
	static const struct compat_event started = {COMPAT_STARTED, .number = 7, .text = "a"},
					 failed = {COMPAT_NOT_STARTED, .text = "a", .reason = "no"},
					 rewritten = {COMPAT_REWRITTEN, .number = 15, .other = 3},
					 reaped = {COMPAT_REAPED, .number = 7, .status = 143,
						 .signal = 15},
					 ended = {
						 COMPAT_MAIN_ENDED, 7, .status = 143, .signal = 15};

	(void)state;
	PARSE("dumb-init", "x");
	assert_null(described(started));
	assert_string_equal(described(failed), "[dumb-init] a: no");
	PARSE("dumb-init", "-v", "x");
	assert_string_equal(described(started),
		"[dumb-init] setsid complete.\n[dumb-init] Child spawned with PID 7.");
	assert_string_equal(described(rewritten), "[dumb-init] Translating signal 15 to 3.");
	assert_string_equal(
		described(reaped), "[dumb-init] A child with PID 7 was terminated by signal 15.");
	assert_string_equal(
		described((struct compat_event){COMPAT_REAPED, .number = 7, .status = 3}),
		"[dumb-init] A child with PID 7 exited with exit status 3.");
	assert_string_equal(described((struct compat_event){COMPAT_RECEIVED, .number = 15}),
		"[dumb-init] Received signal 15.");
	assert_string_equal(described((struct compat_event){COMPAT_FORWARDED, .number = 3}),
		"[dumb-init] Forwarded signal 3 to children.");
	assert_string_equal(described((struct compat_event){COMPAT_DROPPED, .number = 15}),
		"[dumb-init] Not forwarding signal 15 to children (ignored).");
	assert_string_equal(described((struct compat_event){.kind = COMPAT_STOPPING}),
		"[dumb-init] Suspending self due to TTY signal.");
	assert_string_equal(described(ended), "[dumb-init] Child exited with status 143. Goodbye.");
	PARSE("dumb-init", "-vc", "x");
	assert_string_equal(described(started), "[dumb-init] Child spawned with PID 7.");
	assert_null(described((struct compat_event){.kind = COMPAT_CANNOT_REAP}));
}

static void catatonit_speaks_of_errors_and_when_debugged(void **state)
{
	static const struct compat_event started = {COMPAT_STARTED, .number = 7, .text = "a"},
					 failed = {COMPAT_NOT_STARTED, .text = "a", .reason = "no"},
					 reaped = {COMPAT_REAPED, .number = 7, .status = 3};

	(void)state;
	PARSE("catatonit", "x");
	assert_null(described(started));
	assert_string_equal(described(failed), "ERROR (catatonit:42): failed to exec pid1: no");
	PARSE_WITH("CATATONIT_DEBUG=1", "catatonit", "x");
	assert_string_equal(described(started), "DEBUG (catatonit:42): pid1 (7) spawned: a");
	assert_string_equal(
		described(reaped), "DEBUG (catatonit:42): child process 7 exited with code 3");
	assert_string_equal(described((struct compat_event){
				    COMPAT_REAPED, .number = 7, .status = 143, .signal = 15}),
		"DEBUG (catatonit:42): child process 7 exited due to signal 15");
	assert_null(described((struct compat_event){COMPAT_RECEIVED, .number = 1}));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_is_the_last_part_of_a_path),
		cmocka_unit_test(options_end_at_the_first_operand),
		cmocka_unit_test(tini_has_its_own_defaults),
		cmocka_unit_test(tini_s_letters_are_taken_together_and_alone),
		cmocka_unit_test(tini_s_variables_count_whatever_they_hold),
		cmocka_unit_test(tini_drops_the_dashes_that_its_usage_puts_behind_the_program),
		cmocka_unit_test(tini_s_version_is_one_when_it_is_asked_for_alone),
		cmocka_unit_test(tini_says_what_it_does_not_take),
		cmocka_unit_test(dumb_init_leads_a_session_unless_it_is_told_not_to),
		cmocka_unit_test(dumb_init_takes_long_names_and_their_beginnings),
		cmocka_unit_test(dumb_init_rewrites_all_signals_there_are),
		cmocka_unit_test(dumb_init_says_on_stderr_what_it_is_asked),
		cmocka_unit_test(catatonit_adopts_and_keeps_stop_signals_to_itself),
		cmocka_unit_test(catatonit_pauses_without_a_program),
		cmocka_unit_test(catatonit_answers_as_tini_for_docker),
		cmocka_unit_test(tini_speaks_as_loud_as_it_is_told_to),
		cmocka_unit_test(dumb_init_speaks_when_it_is_told_to),
		cmocka_unit_test(catatonit_speaks_of_errors_and_when_debugged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
