/* SPDX-License-Identifier: MIT */
#include "sys/notify_socket.h"

#include "kernel/sandbox.h"
#include "sys/fd.h"

#include <dirent.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include <cmocka.h>

/* The functions below run as PID 1 of a namespace, or as its child; they return 0, or the line that failed. */
#define NEED(condition)                                                                            \
	do {                                                                                       \
		if (!(condition))                                                                  \
			return __LINE__;                                                           \
	} while (0)

static int send_to(const char *name, const char *text)
{
	struct notify_peer peer;
	int r = notify_peer_open(name, &peer);

	if (r < 0)
		return r;
	r = notify_peer_send(&peer, text, strlen(text));
	(void)fd_close(peer.fd);
	return r;
}

/* As systemd-notify does with BARRIER=1 and FDSTORE=1: one end of a pipe, and the first descriptors. */
static int send_with_descriptors(const char *name, const int *fds, size_t count)
{
	union {
		char bytes[CMSG_SPACE(8 * sizeof(int))];
		struct cmsghdr align;
	} control = {.bytes = ""};
	struct iovec iov = {(char[]){"BARRIER=1"}, strlen("BARRIER=1")};
	struct notify_peer peer;
	struct msghdr message = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.bytes};
	struct cmsghdr *header;
	ssize_t sent;

	if (notify_peer_open(name, &peer) < 0)
		return -1;
	message.msg_controllen = CMSG_SPACE(count * sizeof(int));
	header = CMSG_FIRSTHDR(&message);
	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(count * sizeof(int));
	memcpy(CMSG_DATA(header), fds, count * sizeof(int));
	sent = sendmsg(peer.fd, &message, 0);
	(void)fd_close(peer.fd);
	return sent < 0 ? -errno : 0;
}

static int count_descriptors(void)
{
	DIR *fds = opendir("/proc/self/fd");
	int count = 0;

	while (fds != NULL && readdir(fds) != NULL)
		count++;
	if (fds != NULL)
		closedir(fds);
	return count;
}

static void message_arrives_with_its_sender(void **state)
{
	char bytes[NOTIFY_MESSAGE_MAX + 1];
	struct notify_socket notify;
	struct notify_sender sender;

	(void)state;
	assert_int_equal(notify_socket_open(false, false, &notify), 0);
	assert_true(fcntl(notify.fd, F_GETFD) & FD_CLOEXEC);
	assert_true(notify_socket_is_lastcalls(notify.name));
	assert_int_equal(notify_socket_receive(notify.fd, bytes, &sender), -EAGAIN);
	assert_int_equal(send_to(notify.name, "READY=1"), 0);
	assert_int_equal(notify_socket_receive(notify.fd, bytes, &sender), 7);
	assert_string_equal(bytes, "READY=1");
	assert_int_equal(sender.pid, getpid());
	assert_int_equal(sender.uid, getuid());
	notify_socket_close(&notify);
}

static void file_is_for_everybody_and_gone_in_the_end(void **state)
{
	struct notify_socket one, other;
	struct stat file;
	mode_t before = umask(077);

	(void)state;
	assert_int_equal(notify_socket_open(false, false, &one), 0);
	assert_int_equal(notify_socket_open(false, false, &other), 0);
	assert_string_not_equal(one.name, other.name);
	assert_int_equal(one.name[0], '/');
	assert_int_equal(stat(one.name, &file), 0);
	assert_int_equal(file.st_mode & 0777, 0777);
	assert_int_equal(umask(before), 077);
	notify_socket_close(&one);
	notify_socket_close(&other);
	assert_int_equal(one.fd, -1);
	assert_int_equal(stat(one.name, &file), -1);
	notify_socket_close(&one); /* nothing more to do */
}

static void long_message_is_refused_and_gone(void **state)
{
	static char text[NOTIFY_MESSAGE_MAX + 2];
	char bytes[NOTIFY_MESSAGE_MAX + 1];
	struct notify_socket notify;
	struct notify_sender sender;

	(void)state;
	assert_int_equal(notify_socket_open(false, false, &notify), 0);
	memset(text, 'x', sizeof text - 1);
	assert_int_equal(send_to(notify.name, text), 0);
	text[NOTIFY_MESSAGE_MAX] = '\0';
	assert_int_equal(send_to(notify.name, text), 0);
	assert_int_equal(notify_socket_receive(notify.fd, bytes, &sender), -EMSGSIZE);
	assert_int_equal(notify_socket_receive(notify.fd, bytes, &sender), NOTIFY_MESSAGE_MAX);
	assert_int_equal(notify_socket_receive(notify.fd, bytes, &sender), -EAGAIN);
	notify_socket_close(&notify);
}

/* systemd-notify waits for the other end of its pipe. */
static void descriptors_are_closed_at_once(void **state)
{
	char bytes[NOTIFY_MESSAGE_MAX + 1];
	struct notify_socket notify;
	struct notify_sender sender = {0};
	struct pollfd other_end = {.fd = -1};
	int fds[2], before;

	(void)state;
	assert_int_equal(notify_socket_open(false, false, &notify), 0);
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	before = count_descriptors();
	assert_int_equal(send_with_descriptors(notify.name,
				 (const int[]){fds[1], fds[1], fds[1], fds[1], fds[1]}, 5),
		0);
	(void)fd_close(fds[1]);
	other_end.fd = fds[0];
	assert_int_equal(poll(&other_end, 1, 0), 0);
	assert_int_equal(notify_socket_receive(notify.fd, bytes, &sender), 9);
	assert_int_equal(sender.pid, getpid());
	assert_int_equal(poll(&other_end, 1, 0), 1);
	assert_int_equal(other_end.revents, POLLHUP);
	assert_int_equal(count_descriptors(), before - 1);
	(void)fd_close(fds[0]);
	notify_socket_close(&notify);
}

static int write_to_nothing(void *arg)
{
	struct notify_socket notify;

	(void)arg;
	NEED(sandbox_unshare(CLONE_NEWNS));
	NEED(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
	NEED(mount("none", "/dev/shm", "tmpfs", MS_RDONLY, NULL) == 0);
	NEED(mount("none", "/run", "tmpfs", MS_RDONLY, NULL) == 0);
	NEED(mount("none", "/tmp", "tmpfs", 0, NULL) == 0);
	NEED(notify_socket_open(false, false, &notify) == 0);
	NEED(strncmp(notify.name, "/tmp/", 5) == 0);
	notify_socket_close(&notify);
	NEED(mount("none", "/tmp", "tmpfs", MS_RDONLY, NULL) == 0);
	NEED(notify_socket_open(false, false, &notify) == -EROFS);
	NEED(notify.fd == -1);
	NEED(notify_socket_open(false, true, &notify) == 0);
	NEED(notify.name[0] == '@');
	NEED(send_to(notify.name, "READY=1") == 0);
	notify_socket_close(&notify);
	return 0;
}

static void without_a_directory_the_name_is_abstract_or_missing(void **state)
{
	(void)state;
	assert_int_equal(sandbox_call(write_to_nothing, NULL), 0);
}

static int find_and_send(void *arg)
{
	char name[NOTIFY_NAME_BYTES];

	NEED(notify_socket_find(name) == 0);
	NEED(strcmp(name, arg) == 0);
	NEED(send_to(name, "X_LASTCALL_BUSY=1") == 0);
	return 0;
}

static int be_found(void *arg)
{
	char bytes[NOTIFY_MESSAGE_MAX + 1], name[NOTIFY_NAME_BYTES];
	struct notify_socket notify, other;
	struct notify_sender sender;

	(void)arg;
	NEED(notify_socket_find(name) == -ENOENT);
	NEED(notify_socket_open(false, false, &other) == 0);
	NEED(notify_socket_find(name) == -ENOENT); /* it is not PID 1's */
	NEED(notify_socket_open(true, false, &notify) == 0);
	NEED(sandbox_call(find_and_send, notify.name) == 0);
	NEED(notify_socket_receive(notify.fd, bytes, &sender) > 0);
	NEED(sender.pid > 1);
	notify_socket_close(&notify);
	notify_socket_close(&other);
	return 0;
}

static void socket_of_pid_1_is_found_without_its_name(void **state)
{
	(void)state;
	assert_int_equal(sandbox_call_as_pid1(be_found, NULL, ""), 0);
}

static void peer_may_come_later_and_be_another_one(void **state)
{
	char bytes[NOTIFY_MESSAGE_MAX + 1], name[NOTIFY_NAME_BYTES];
	struct notify_socket notify;
	struct notify_sender sender;
	struct notify_peer peer;
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd;

	(void)state;
	assert_int_equal(notify_socket_open(false, false, &notify), 0);
	memcpy(name, notify.name, sizeof name);
	assert_int_equal(notify_peer_open(name, &peer), 0);
	assert_int_equal(notify_peer_send(&peer, "one", 3), 0);
	assert_int_equal(notify_socket_receive(notify.fd, bytes, &sender), 3);
	notify_socket_close(&notify);
	assert_true(notify_peer_send(&peer, "two", 3) < 0);

	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	memcpy(address.sun_path, name, strlen(name));
	assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof address), 0);
	assert_int_equal(notify_peer_send(&peer, "three", 5), 0);
	assert_int_equal(recv(fd, bytes, sizeof bytes, 0), 5);
	(void)fd_close(fd);
	(void)unlink(name);
	(void)fd_close(peer.fd);
}

static void name_has_to_be_a_path_or_an_abstract_one(void **state)
{
	char name[200];
	struct notify_peer peer;

	(void)state;
	memset(name, 'x', sizeof name - 1);
	name[sizeof name - 1] = '\0';
	assert_int_equal(notify_peer_open("", &peer), -EINVAL);
	assert_int_equal(notify_peer_open("@", &peer), -EINVAL);
	assert_int_equal(notify_peer_open("run/notify", &peer), -EINVAL);
	assert_int_equal(notify_peer_open("vsock:2:1234", &peer), -EINVAL);
	name[0] = '/';
	assert_int_equal(notify_peer_open(name, &peer), -EINVAL);
	assert_false(notify_socket_is_lastcalls("/run/systemd/notify"));
	assert_false(notify_socket_is_lastcalls("@/org/freedesktop/systemd1/notify"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(message_arrives_with_its_sender),
		cmocka_unit_test(file_is_for_everybody_and_gone_in_the_end),
		cmocka_unit_test(long_message_is_refused_and_gone),
		cmocka_unit_test(descriptors_are_closed_at_once),
		cmocka_unit_test(without_a_directory_the_name_is_abstract_or_missing),
		cmocka_unit_test(socket_of_pid_1_is_found_without_its_name),
		cmocka_unit_test(peer_may_come_later_and_be_another_one),
		cmocka_unit_test(name_has_to_be_a_path_or_an_abstract_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
