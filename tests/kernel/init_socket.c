/* SPDX-License-Identifier: MIT */
#include "sys/init_socket.h"

#include "kernel/sandbox.h"
#include "sys/fd.h"
#include "sys/socket_owner.h"

#include <poll.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cmocka.h>

/* The functions below run as PID 1 of a namespace, or as its child; they return 0, or the line that failed. */
#define NEED(condition)                                                                            \
	do {                                                                                       \
		if (!(condition))                                                                  \
			return __LINE__;                                                           \
	} while (0)

static int connect_once(void *arg)
{
	int fd = init_socket_connect(200);

	(void)arg;
	(void)fd_close(fd);
	return fd < 0 ? fd : 0;
}

static int child_reaches_init(void *arg)
{
	int listener = init_socket_listen();

	(void)arg;
	NEED(listener >= 0);
	NEED(fcntl(listener, F_GETFD) & FD_CLOEXEC);
	NEED(fcntl(listener, F_GETFL) & O_NONBLOCK);
	NEED(sandbox_call(connect_once, NULL) == 0);
	NEED(poll(&(struct pollfd){.fd = listener, .events = POLLIN}, 1, 5000) == 1);
	return 0;
}

static int nobody_listens(void *arg)
{
	(void)arg;
	NEED(sandbox_call(connect_once, NULL) == -ECONNREFUSED);
	return 0;
}

/* Takes the name that PID 1 would have, as another process of its namespace. */
static int take_name_and_connect(void *arg)
{
	int listener = init_socket_listen();

	(void)arg;
	NEED(listener >= 0);
	return sandbox_call(connect_once, NULL) == -ECONNREFUSED ? 0 : __LINE__;
}

static int other_process_is_not_believed(void *arg)
{
	(void)arg;
	return sandbox_call(take_name_and_connect, NULL);
}

/* A pid namespace within, which shares the network: its PID 1 is a neighbour. */
static int neighbour_listens_and_is_not_found(void *arg)
{
	int listener = init_socket_listen();

	(void)arg;
	NEED(listener >= 0);
	NEED(sandbox_call_as_pid1(nobody_listens, NULL, "") == 0);
	NEED(sandbox_call_as_pid1(child_reaches_init, NULL, "") == 0); /* the names are two */
	return 0;
}

static int full_queue_is_no_absence(void *arg)
{
	struct sockaddr_un address;
	socklen_t len = sizeof address;
	int listener = init_socket_listen(), fd, r = 0;

	(void)arg;
	NEED(listener >= 0);
	NEED(getsockname(listener, (struct sockaddr *)&address, &len) == 0);
	NEED(listen(listener, 0) == 0); /* one waits, and no more */
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	NEED(connect(fd, (const struct sockaddr *)&address, len) == 0);
	r = sandbox_call(connect_once, NULL);
	return r == -EAGAIN ? 0 : r;
}

static int without_proc_there_is_none(void *arg)
{
	(void)arg;
	NEED(umount2("/proc", MNT_DETACH) == 0);
	NEED(mount("none", "/proc", "tmpfs", 0, NULL) == 0);
	NEED(init_socket_listen() == -ENOENT);
	NEED(init_socket_connect(200) == -ENOENT);
	return 0;
}

static uint32_t inode_of(int fd)
{
	struct stat status;

	return fstat(fd, &status) == 0 ? (uint32_t)status.st_ino : 0;
}

struct question {
	int fd; /* a fork holds it, too */
	uint32_t inode;
};

static int asks_of_socket(void *arg)
{
	const struct question *question = arg;

	(void)close(question->fd);
	return socket_owner_is_near(question->inode);
}

static int asks_with_mounts_of_its_own(void *arg)
{
	return unshare(CLONE_NEWNS) < 0 ? -1 : asks_of_socket(arg);
}

static int owner_is_near_or_not(void *arg)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct question ours = {fd, inode_of(fd)}, nobodys = {fd, 1};

	(void)arg;
	NEED(fd >= 0);
	NEED(sandbox_call(asks_of_socket, &ours) == 1);
	NEED(sandbox_call(asks_of_socket, &nobodys) == 0);
	/* another container, that shares the pid namespace, and one that does not */
	NEED(sandbox_call(asks_with_mounts_of_its_own, &ours) == 0);
	NEED(sandbox_call_as_pid1(asks_of_socket, &ours, "") == 0);
	return 0;
}

static void run_as_pid1(int (*function)(void *arg))
{
	assert_int_equal(sandbox_call_as_pid1(function, NULL, ""), 0);
}

#define AS_PID1(name)                                                                              \
	static void test_##name(void **state)                                                      \
	{                                                                                          \
		(void)state;                                                                       \
		run_as_pid1(name);                                                                 \
	}

AS_PID1(child_reaches_init)
AS_PID1(nobody_listens)
AS_PID1(other_process_is_not_believed)
AS_PID1(neighbour_listens_and_is_not_found)
AS_PID1(full_queue_is_no_absence)
AS_PID1(without_proc_there_is_none)
AS_PID1(owner_is_near_or_not)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_child_reaches_init),
		cmocka_unit_test(test_nobody_listens),
		cmocka_unit_test(test_other_process_is_not_believed),
		cmocka_unit_test(test_neighbour_listens_and_is_not_found),
		cmocka_unit_test(test_full_queue_is_no_absence),
		cmocka_unit_test(test_without_proc_there_is_none),
		cmocka_unit_test(test_owner_is_near_or_not),
	};

	return cmocka_run_group_tests(tests, sandbox_enter_network, NULL);
}
