/* SPDX-License-Identifier: MIT */
#include "sys/pidfd.h"

#include "kernel/sandbox.h"
#include "skip.h"

#include <poll.h>
#include <sys/time.h>

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
	assert_false(pidfd_has_ended(fd));
	close(hold[1]);
	assert_true(is_readable(fd, 20000)); /* before its parent has reaped it, too */
	assert_true(pidfd_has_ended(fd));
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_true(pidfd_has_ended(fd));
	assert_false(pidfd_has_ended(-ENOSYS));
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

/* A process that is no child of this one. It exits with 42 at a byte in `exit`, and its parent collects its status
 * at a byte in `collect`. */
struct stranger {
	int said[2], exit[2], collect[2];
	int pidfd;
	pid_t pid, parent;
};

static void be_parent(const struct stranger *stranger)
{
	char byte;
	pid_t pid = fork();

	if (pid == 0)
		_exit(read(stranger->exit[0], &byte, 1) == 1 ? 42 : 1);
	(void)!write(stranger->said[1], &pid, sizeof pid);
	_exit(read(stranger->collect[0], &byte, 1) == 1 && waitpid(pid, NULL, 0) == pid ? 0 : 1);
}

static void stranger_start(struct stranger *stranger)
{
	int status;

	assert_int_equal(pipe2(stranger->said, O_CLOEXEC), 0);
	assert_int_equal(pipe2(stranger->exit, O_CLOEXEC), 0);
	assert_int_equal(pipe2(stranger->collect, O_CLOEXEC), 0);
	stranger->parent = fork();
	if (stranger->parent == 0)
		be_parent(stranger);
	assert_int_equal(read(stranger->said[0], &stranger->pid, sizeof stranger->pid),
		sizeof stranger->pid);
	stranger->pidfd = open_or_skip(stranger->pid);
	if (pidfd_exit_status(stranger->pidfd, &status) == -ENOTTY)
		skip_test("the kernel has no PIDFD_GET_INFO (Linux 6.13)");
}

static void assert_status_is_known(const struct stranger *stranger)
{
	int status, r = pidfd_exit_status(stranger->pidfd, &status);

	if (r == -ESRCH)
		skip_test("the kernel has no PIDFD_INFO_EXIT (Linux 6.15)");
	assert_int_equal(r, 0);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 42);
}

static void stranger_end(struct stranger *stranger)
{
	close(stranger->pidfd);
	for (int i = 0; i < 2; i++) {
		close(stranger->said[i]);
		close(stranger->exit[i]);
		close(stranger->collect[i]);
	}
}

static void a_stranger_s_exit_status_is_known_once_its_parent_has_it(void **state)
{
	struct stranger stranger;
	int status;

	(void)state;
	stranger_start(&stranger);
	assert_int_equal(pidfd_exit_status(stranger.pidfd, &status), -ENODATA);
	assert_int_equal(write(stranger.exit[1], "x", 1), 1);
	assert_int_equal(write(stranger.collect[1], "x", 1), 1);
	assert_int_equal(waitpid(stranger.parent, &status, 0), stranger.parent);
	assert_int_equal(status, 0);
	assert_status_is_known(&stranger);
	stranger_end(&stranger);
}

static int collect_fd;

static void on_alarm(int number)
{
	(void)number;
	(void)!write(collect_fd, "x", 1);
}

/* The signal that interrupts the wait is also what lets the parent collect. */
static void a_signal_does_not_end_the_wait_for_the_parent(void **state)
{
	const struct sigaction handler = {.sa_handler = on_alarm};
	const struct itimerval soon = {.it_value.tv_usec = 20000};
	struct stranger stranger;
	struct sigaction before;
	int status;

	(void)state;
	stranger_start(&stranger);
	assert_int_equal(write(stranger.exit[1], "x", 1), 1);
	assert_true(is_readable(stranger.pidfd, 20000));
	collect_fd = stranger.collect[1];
	assert_int_equal(sigaction(SIGALRM, &handler, &before), 0);
	assert_int_equal(setitimer(ITIMER_REAL, &soon, NULL), 0);
	pidfd_wait_collected(stranger.pidfd, 20000);
	assert_status_is_known(&stranger);
	assert_int_equal(waitpid(stranger.parent, &status, 0), stranger.parent);
	assert_int_equal(status, 0);
	assert_int_equal(sigaction(SIGALRM, &before, NULL), 0);
	stranger_end(&stranger);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_readable_when_the_process_has_ended),
		cmocka_unit_test(a_process_that_is_gone_has_none),
		cmocka_unit_test(a_stranger_s_exit_status_is_known_once_its_parent_has_it),
		cmocka_unit_test(a_signal_does_not_end_the_wait_for_the_parent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
