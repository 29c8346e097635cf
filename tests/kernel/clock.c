/* SPDX-License-Identifier: MIT */
/* The static program's clock_gettime against that of glibc. */
#include "deny_syscall.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

int short_clock_gettime(clockid_t clock, struct timespec *ret_time);

static int64_t nanoseconds(struct timespec time)
{
	return time.tv_sec * INT64_C(1000000000) + time.tv_nsec;
}

static void clocks_are_those_of_the_c_library(void **state)
{
	/* the last one is not in the vDSO */
	const clockid_t clocks[] = {
		CLOCK_MONOTONIC, CLOCK_REALTIME, CLOCK_BOOTTIME, CLOCK_PROCESS_CPUTIME_ID};

	(void)state;
	for (size_t i = 0; i < sizeof clocks / sizeof *clocks; i++) {
		struct timespec before, ours, after;

		assert_int_equal(clock_gettime(clocks[i], &before), 0);
		assert_int_equal(short_clock_gettime(clocks[i], &ours), 0);
		assert_int_equal(clock_gettime(clocks[i], &after), 0);
		assert_true(nanoseconds(before) <= nanoseconds(ours));
		assert_true(nanoseconds(ours) <= nanoseconds(after));
	}
}

static void no_clock_is_refused(void **state)
{
	struct timespec time;

	(void)state;
	assert_int_equal(short_clock_gettime(1000, &time), -1);
	assert_int_equal(errno, EINVAL);
}

/* Exits with 0 where a clock is read although there is no system call for it. */
static void read_without_system_call(int (*read)(clockid_t, struct timespec *))
{
	struct timespec time;

	if (!deny_syscall(SYS_clock_gettime, EPERM))
		_exit(2);
	_exit(read(CLOCK_MONOTONIC, &time) == 0 ? 0 : 1);
}

static int status_of(int (*read)(clockid_t, struct timespec *))
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		read_without_system_call(read);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void no_system_call_is_made(void **state)
{
	(void)state;
	if (status_of(clock_gettime) != 0)
		skip(); /* the machine's time cannot be read without one, or no filter be set */
	assert_int_equal(status_of(short_clock_gettime), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clocks_are_those_of_the_c_library),
		cmocka_unit_test(no_clock_is_refused),
		cmocka_unit_test(no_system_call_is_made),
	};

	return cmocka_run_group_tests_name("clock", tests, NULL, NULL);
}
