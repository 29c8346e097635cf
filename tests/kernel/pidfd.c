/* SPDX-License-Identifier: MIT */
#include "sys/pidfd.h"

#include "kernel/sandbox.h"
#include "skip.h"

#include <poll.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static bool is_readable(int fd, int timeout_ms)
{
	struct pollfd poll_fd = {.fd = fd, .events = POLLIN};

	return poll(&poll_fd, 1, timeout_ms) == 1;
}

static int open_or_skip(pid_t pid)
{
	int fd = pidfd_open_process(pid);

	if (fd == -ENOSYS || fd == -EPERM)
		skip_test("the kernel or a seccomp profile has no pidfd_open");
	assert_true(fd >= 0);
	return fd;
}

static void it_is_readable_when_the_process_has_ended(void **state)
{
	int hold[2], fd;
	pid_t pid;

	(void)state;
	assert_int_equal(pipe2(hold, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		char byte;

		close(hold[1]);
		_exit(read(hold[0], &byte, 1) == 0 ? 0 : 1);
	}
	fd = open_or_skip(pid);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	assert_false(is_readable(fd, 0));
	close(hold[1]);
	assert_true(is_readable(fd, 20000)); /* before its parent has reaped it, too */
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	close(hold[0]);
	close(fd);
}

static void a_process_that_is_gone_has_none(void **state)
{
	pid_t pid = fork();

	(void)state;
	if (pid == 0)
		_exit(0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	close(open_or_skip(getpid()));
	assert_int_equal(pidfd_open_process(pid), -ESRCH);
}

/* The parent here is a child of ours, so that the process itself is none. */
static void a_stranger_s_exit_status_is_known_once_its_parent_has_it(void **state)
{
	int said[2], go[2], fd, status, r;
	pid_t parent, pid = 0;

	(void)state;
	assert_int_equal(pipe2(said, O_CLOEXEC), 0);
	assert_int_equal(pipe2(go, O_CLOEXEC), 0);
	parent = fork();
	if (parent == 0) {
		char byte;

		pid = fork();
		if (pid == 0)
			_exit(read(go[0], &byte, 1) == 1 ? 42 : 1);
		(void)!write(said[1], &pid, sizeof pid);
		_exit(waitpid(pid, NULL, 0) == pid ? 0 : 1);
	}
	assert_int_equal(read(said[0], &pid, sizeof pid), sizeof pid);
	fd = open_or_skip(pid);
	r = pidfd_exit_status(fd, &status);
	if (r == -ENOTTY)
		skip_test("the kernel has no PIDFD_GET_INFO (Linux 6.13)");
	assert_int_equal(r, -ENODATA);
	assert_int_equal(write(go[1], "x", 1), 1);
	assert_int_equal(waitpid(parent, &status, 0), parent);
	assert_int_equal(status, 0);
	assert_int_equal(pidfd_exit_status(fd, &status), 0);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 42);
	close(fd);
	for (int i = 0; i < 2; i++) {
		close(said[i]);
		close(go[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_readable_when_the_process_has_ended),
		cmocka_unit_test(a_process_that_is_gone_has_none),
		cmocka_unit_test(a_stranger_s_exit_status_is_known_once_its_parent_has_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
