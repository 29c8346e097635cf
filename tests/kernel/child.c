/* SPDX-License-Identifier: MIT */
/* Starting, signalling and reaping, in a forked test process each: the subject blocks every signal. */
#include "sys/child.h"
#include "sys/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define WATCHDOG_S 20

/* Runs a check in a process of its own; its exit status is the number of the failed line, 0: none. */
static void in_a_process(int (*check)(void))
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		(void)alarm(WATCHDOG_S);
		_exit(check());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		fail_msg("wait status %#x: check %d of %s failed", (unsigned)status,
			WEXITSTATUS(status), __FILE__);
}

/* A numbered check that ends the process with its number when it does not hold. */
#define CHECK(number, condition)                                                                   \
	do {                                                                                       \
		if (!(condition))                                                                  \
			return number;                                                             \
	} while (0)

static char path_variable[] = "PATH=/nonexistent:/usr/bin:/bin";
static char *environment[] = {path_variable, NULL};

static pid_t start(const char *name, const char *argument, struct signal_state *inherited,
	struct child_failure *failure)
{
	char *const argv[] = {(char *)(uintptr_t)name, (char *)(uintptr_t)argument, NULL};

	return child_start(
		&(struct child_setup){argv, environment, inherited, CHILD_GROUP_OWN, false, false},
		failure);
}

/* Waits until SIGCHLD says that a child has ended, and reaps it. */
static pid_t wait_for_end(int signal_fd, int *ret_status)
{
	struct pollfd readable = {.fd = signal_fd, .events = POLLIN};
	struct signal_received received;
	pid_t pid;

	while ((pid = child_reap(ret_status)) == 0) {
		(void)poll(&readable, 1, -1);
		(void)signals_read(signal_fd, &received, 1);
	}
	return pid;
}

static int an_exit_is_reaped(void)
{
	struct signal_state inherited;
	int signal_fd = signals_open(&inherited), status;
	struct child_failure failure;
	pid_t pid = start("true", NULL, &inherited, &failure);

	CHECK(1, signal_fd >= 0);
	CHECK(2, pid > 0);
	CHECK(3, wait_for_end(signal_fd, &status) == pid);
	CHECK(4, WIFEXITED(status) && WEXITSTATUS(status) == 0);
	CHECK(5, child_reap(&status) == -ECHILD);
	return 0;
}

static int a_failed_start_leaves_no_child(void)
{
	struct signal_state inherited;
	struct child_failure failure;
	char file[] = "/tmp/lastcall-child-XXXXXX";
	int status, fd;

	CHECK(1, signals_open(&inherited) >= 0);
	CHECK(2, start("no-such-program-anywhere", NULL, &inherited, &failure) == -ENOENT);
	CHECK(3, failure.stage == CHILD_STAGE_EXEC && failure.hint == CHILD_HINT_NONE);
	CHECK(4, start("/etc/passwd", NULL, &inherited, &failure) == -EACCES);
	CHECK(5, start("/usr", NULL, &inherited, &failure) == -EACCES);
	CHECK(6, start("/etc/passwd/x", NULL, &inherited, &failure) == -ENOTDIR);
	CHECK(7, start("", NULL, &inherited, &failure) == -ENOENT);
	fd = mkstemp(file);
	CHECK(8, fd >= 0 && write(fd, "exit 0\n", 7) == 7 && fchmod(fd, 0755) == 0);
	close(fd);
	CHECK(9, start(file, NULL, &inherited, &failure) == -ENOEXEC); /* no shell steps in */
	unlink(file);
	CHECK(10, child_reap(&status) == -ECHILD);
	return 0;
}

/* The kernel says that a file is not there when its interpreter is not, and one errno for all unknown formats. */
static int a_failed_exec_has_a_hint(void)
{
	static const struct {
		const char *text;
		int error;
		enum child_hint hint;
	} files[] = {
		{"#!/bin/sh\r\necho hi\r\n", ENOENT, CHILD_HINT_CRLF},
		{"#!/usr/bin/no-such-program -x\r\n", ENOENT, CHILD_HINT_CRLF},
		{"#!/usr/bin/no-such-program\necho hi\r\n", ENOENT, CHILD_HINT_NO_INTERPRETER},
		{"#!/usr/bin/no-such-program", ENOENT, CHILD_HINT_NO_INTERPRETER},
		{"\177ELF and nothing more", ENOEXEC, CHILD_HINT_ELF},
		{"echo hi\n", ENOEXEC, CHILD_HINT_NONE},
		{"", ENOEXEC, CHILD_HINT_NONE},
	};
	struct signal_state inherited;

	CHECK(1, signals_open(&inherited) >= 0);
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		char file[] = "/tmp/lastcall-child-XXXXXX";
		ssize_t len = (ssize_t)strlen(files[i].text);
		struct child_failure failure;
		int fd = mkstemp(file), error;

		CHECK(2, fd >= 0 && write(fd, files[i].text, (size_t)len) == len);
		CHECK(3, fchmod(fd, 0755) == 0 && close(fd) == 0);
		error = start(file, NULL, &inherited, &failure);
		unlink(file);
		CHECK(4, error == -files[i].error && failure.stage == CHILD_STAGE_EXEC);
		CHECK(5, failure.hint == files[i].hint);
	}
	return 0;
}

/* The first thing that the application does is to look. */
static int directories_are_apart_before_the_child_runs(void)
{
	char script[] = "test \"$(readlink /proc/$PPID/cwd)\" = / && "
			"test \"$(readlink /proc/$$/cwd)\" = /tmp";
	char *const argv[] = {(char[]){"sh"}, (char[]){"-c"}, script, NULL};
	struct signal_state inherited;
	struct child_failure failure;
	int signal_fd = signals_open(&inherited), status;

	CHECK(1, signal_fd >= 0);
	for (int i = 0; i < 20; i++) {
		CHECK(2, chdir("/tmp") == 0);
		CHECK(3, child_start(&(struct child_setup){argv, environment, &inherited,
					     CHILD_GROUP_OWN, false, false},
				 &failure) > 0);
		CHECK(4, wait_for_end(signal_fd, &status) > 0);
		CHECK(5, WIFEXITED(status) && WEXITSTATUS(status) == 0);
	}
	return 0;
}

static int not_permitted_tells_more_than_not_there(void)
{
	char directory[] = "/tmp/lastcall-path-XXXXXX", file[64], path[128];
	char *const argv[] = {(char[]){"tool"}, NULL};
	char *envp[] = {path, NULL};
	struct signal_state inherited;
	struct child_failure failure;
	pid_t pid;
	int fd;

	CHECK(1, signals_open(&inherited) >= 0 && mkdtemp(directory) != NULL);
	(void)snprintf(file, sizeof file, "%s/tool", directory);
	(void)snprintf(path, sizeof path, "PATH=%s:/nonexistent", directory);
	fd = open(file, O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
	CHECK(2, fd >= 0);
	close(fd);
	pid = child_start(
		&(struct child_setup){argv, envp, &inherited, CHILD_GROUP_OWN, false, false},
		&failure);
	unlink(file);
	rmdir(directory);
	CHECK(3, pid == -EACCES);
	return 0;
}

static int the_mask_is_handed_on_and_sigchld_is_reset(void)
{
	/* bits from signal 1 on: SIGUSR2 is 12, SIGRTMIN+3 is 37, SIGHUP is 1; asked of grep
	 * itself, for a shell clears its mask */
	static const char *const lines[] = {
		"SigBlk:\t0000001000000800",
		"SigIgn:\t0000000000000001",
	};
	struct sigaction ignore = {.sa_handler = SIG_IGN};
	struct signal_state inherited;
	struct child_failure failure;
	int signal_fd, status;
	sigset_t mask;

	sigemptyset(&mask);
	sigaddset(&mask, SIGUSR2);
	sigaddset(&mask, SIGRTMIN + 3);
	for (int number = 1; number < SIGRTMIN; number++)
		(void)signal(number, SIG_DFL); /* whatever the tests were started with */
	CHECK(1, sigprocmask(SIG_SETMASK, &mask, NULL) == 0);
	CHECK(2, sigaction(SIGCHLD, &ignore, NULL) == 0 && sigaction(SIGHUP, &ignore, NULL) == 0);
	signal_fd = signals_open(&inherited);
	CHECK(3, signal_fd >= 0);
	for (int i = 0; i < 2; i++) {
		char *const argv[] = {(char[]){"grep"}, (char[]){"-qx"},
			(char *)(uintptr_t)lines[i], (char[]){"/proc/self/status"}, NULL};

		CHECK(4, child_start(&(struct child_setup){argv, environment, &inherited,
					     CHILD_GROUP_OWN, false, false},
				 &failure) > 0);
		CHECK(5, wait_for_end(signal_fd, &status) > 0);
		CHECK(6 + i, WIFEXITED(status) && WEXITSTATUS(status) == 0);
	}
	return 0;
}

static int every_signal_is_read_and_none_strikes(void)
{
	struct signal_state inherited;
	struct signal_received received[16];
	int signal_fd = signals_open(&inherited);
	uint64_t seen = 0;
	int count;

	CHECK(1, signal_fd >= 0);
	for (int number = 1; number <= 64; number++) {
		if (number != SIGKILL && number != SIGSTOP)
			CHECK(2, kill(getpid(), number) == 0);
	}
	while ((count = signals_read(signal_fd, received, 16)) > 0) {
		for (int i = 0; i < count; i++) {
			seen |= UINT64_C(1) << (received[i].number - 1);
			CHECK(3, received[i].sender == getpid());
		}
	}
	CHECK(4, count == 0);
	/* SIGCONT clears pending stop signals, and stop signals a pending SIGCONT (POSIX) */
	seen |= UINT64_C(1) << (SIGCONT - 1) | UINT64_C(1) << (SIGTSTP - 1) |
		UINT64_C(1) << (SIGTTIN - 1) | UINT64_C(1) << (SIGTTOU - 1);
	CHECK(5, seen == ~(UINT64_C(1) << (SIGKILL - 1) | UINT64_C(1) << (SIGSTOP - 1)));
	return 0;
}

/* All of it: the number may be as long as a pointer. */
static int a_value_travels_with_its_signal(void)
{
	void *first = (void *)(UINTPTR_MAX - 11), *second = (void *)(UINTPTR_MAX / 3);
	struct signal_received received[4];
	struct signal_state inherited;
	int signal_fd = signals_open(&inherited);

	CHECK(1, signal_fd >= 0);
	CHECK(2, sigqueue(getpid(), 40, (union sigval){.sival_ptr = first}) == 0);
	CHECK(3, sigqueue(getpid(), 40, (union sigval){.sival_ptr = second}) == 0);
	CHECK(4, signals_read(signal_fd, received, 4) == 2);
	CHECK(5,
		received[0].has_value && received[0].value == first && received[1].value == second);
	CHECK(6, child_forward(getpid(), received[1].number, &received[1]) == 0);
	CHECK(7, signals_read(signal_fd, received, 4) == 1);
	CHECK(8, received[0].number == 40 && received[0].value == second);
	return 0;
}

static int only_one_process_is_ever_signalled(void)
{
	CHECK(1, child_signal(1, 0) == -ESRCH);
	CHECK(2, child_signal(0, 0) == -ESRCH);
	CHECK(3, child_signal(-1, 0) == -ESRCH);
	CHECK(4, child_signal(getpid(), 0) == 0);
	return 0;
}

static int orphans_come_to_a_subreaper(void)
{
	struct signal_state inherited;
	int signal_fd = signals_open(&inherited), status, reaped = 0;
	struct child_failure failure;
	char script[] = "(exec true) & (exec true) & exit 0";
	char *const argv[] = {(char[]){"sh"}, (char[]){"-c"}, script, NULL};

	CHECK(1, child_become_subreaper() == 0);
	CHECK(2, child_start(&(struct child_setup){argv, environment, &inherited, CHILD_GROUP_OWN,
				     false, false},
			 &failure) > 0);
	while (wait_for_end(signal_fd, &status) > 0)
		reaped++;
	CHECK(3, reaped >= 1);
	return 0;
}

#define TEST(check)                                                                                \
	static void test_##check(void **state)                                                     \
	{                                                                                          \
		(void)state;                                                                       \
		in_a_process(check);                                                               \
	}

TEST(an_exit_is_reaped)
TEST(a_failed_start_leaves_no_child)
TEST(a_failed_exec_has_a_hint)
TEST(directories_are_apart_before_the_child_runs)
TEST(not_permitted_tells_more_than_not_there)
TEST(the_mask_is_handed_on_and_sigchld_is_reset)
TEST(every_signal_is_read_and_none_strikes)
TEST(a_value_travels_with_its_signal)
TEST(only_one_process_is_ever_signalled)
TEST(orphans_come_to_a_subreaper)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_exit_is_reaped),
		cmocka_unit_test(test_a_failed_start_leaves_no_child),
		cmocka_unit_test(test_a_failed_exec_has_a_hint),
		cmocka_unit_test(test_directories_are_apart_before_the_child_runs),
		cmocka_unit_test(test_not_permitted_tells_more_than_not_there),
		cmocka_unit_test(test_the_mask_is_handed_on_and_sigchld_is_reset),
		cmocka_unit_test(test_every_signal_is_read_and_none_strikes),
		cmocka_unit_test(test_a_value_travels_with_its_signal),
		cmocka_unit_test(test_only_one_process_is_ever_signalled),
		cmocka_unit_test(test_orphans_come_to_a_subreaper),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
