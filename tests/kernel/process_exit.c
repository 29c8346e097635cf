/* SPDX-License-Identifier: MIT */
#include "sys/process_exit.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static void *say_and_wait(void *arg)
{
	const int *ready = arg;

	if (write(*ready, "r", 1) != 1)
		_exit(1);
	for (;;)
		pause();
}

/* A child whose main thread ends or not, while another one goes on. */
static pid_t start_child(bool main_thread_ends)
{
	int ready[2];
	char byte;
	pid_t pid;

	assert_int_equal(pipe(ready), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		pthread_t other;

		alarm(60);
		if (pthread_create(&other, NULL, say_and_wait, &ready[1]) != 0)
			_exit(1);
		if (main_thread_ends)
			pthread_exit(NULL);
		for (;;)
			pause();
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	close(ready[1]);
	return pid;
}

static void end_child(pid_t pid)
{
	siginfo_t info;

	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
	assert_true(process_is_exiting(pid));
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_false(process_is_exiting(pid));
}

static void a_process_that_runs_does_not_exit(void **state)
{
	pid_t pid = start_child(false);

	(void)state;
	assert_false(process_is_exiting(pid));
	assert_false(process_is_exiting(getpid()));
	end_child(pid);
}

/* As a program whose main() calls pthread_exit(): its other threads serve. */
static void a_process_whose_main_thread_has_ended_does_not_exit(void **state)
{
	pid_t pid = start_child(true);

	(void)state;
	for (int i = 0; i < 100; i++) /* its main thread ends in the meantime, or has ended */
		assert_false(process_is_exiting(pid));
	end_child(pid);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_process_that_runs_does_not_exit),
		cmocka_unit_test(a_process_whose_main_thread_has_ended_does_not_exit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
