/* SPDX-License-Identifier: MIT */
#include "sys/unix_sockets.h"

#include "core/tcp/connection.h"
#include "kernel/sandbox.h"
#include "skip.h"
#include "sys/process_sockets.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cmocka.h>

#define MAX_ROWS 1024
#define WATCHED (TCP_STATE_BIT(TCP_STATE_LISTEN) | TCP_STATE_BIT(TCP_STATE_ESTABLISHED))

static struct unix_socket rows[MAX_ROWS];
static size_t row_count;
static char path[64];

static void take_row(void *arg, const struct unix_socket *socket)
{
	(void)arg;
	if (row_count < MAX_ROWS)
		rows[row_count++] = *socket;
}

static void dump(void)
{
	struct sockdiag diag;

	row_count = 0;
	assert_int_equal(sockdiag_open(&diag), 0);
	assert_int_equal(unix_sockets_dump(&diag, WATCHED, take_row, NULL), 0);
	sockdiag_close(&diag);
}

static uint32_t inode_of(int fd)
{
	struct stat status;

	if (fstat(fd, &status) < 0)
		abort();
	return (uint32_t)status.st_ino;
}

static const struct unix_socket *row_of(int fd)
{
	for (size_t i = 0; i < row_count; i++) {
		if (rows[i].inode == inode_of(fd))
			return &rows[i];
	}
	return NULL;
}

static struct sockaddr_un address(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	snprintf(path, sizeof path, "/tmp/lastcall-test.%d", (int)getpid());
	strcpy(address.sun_path, path);
	return address;
}

static int make_listener(void)
{
	const struct sockaddr_un bound = address();
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)unlink(path);
	if (fd < 0 || bind(fd, (const struct sockaddr *)&bound, sizeof bound) < 0 ||
		listen(fd, 5) < 0)
		abort();
	return fd;
}

static int make_client(const char *to)
{
	struct sockaddr_un bound = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	strcpy(bound.sun_path, to);
	if (fd < 0 || connect(fd, (const struct sockaddr *)&bound, sizeof bound) < 0)
		abort();
	return fd;
}

static void connection_is_known_by_its_listeners_address(void **state)
{
	int listener = make_listener(), client = make_client(path), accepted;

	(void)state;
	dump();
	assert_int_equal(row_of(listener)->state, TCP_STATE_LISTEN);
	assert_int_equal(row_of(listener)->waiting, 1);
	assert_true(row_of(listener)->has_path);
	accepted = accept(listener, NULL, NULL);
	assert_int_equal(send(client, "hello", 5, 0), 5);
	assert_int_equal(send(accepted, "hi", 2, 0), 2);
	dump();
	assert_int_equal(row_of(listener)->waiting, 0);
	assert_int_equal(row_of(accepted)->address, row_of(listener)->address);
	assert_int_equal(row_of(accepted)->state, TCP_STATE_ESTABLISHED);
	assert_int_equal(row_of(accepted)->rqueue, 5);
	assert_int_equal(row_of(accepted)->peer, inode_of(client));
	assert_int_equal(row_of(client)->peer, inode_of(accepted));
	assert_int_equal(row_of(client)->rqueue, 2);
	assert_int_equal(row_of(client)->address, 0);
	close(client);
	dump();
	assert_true(row_of(accepted)->peer_has_left);
	assert_int_equal(row_of(accepted)->peer, 0);
	assert_int_equal(row_of(accepted)->rqueue, 5);
	close(accepted);
	close(listener);
	unlink(path);
}

static void one_that_left_the_queue_does_not_wait(void **state)
{
	int listener = make_listener();

	(void)state;
	close(make_client(path));
	dump();
	assert_int_equal(row_of(listener)->rqueue, 1);
	assert_int_equal(row_of(listener)->waiting, 0);
	close(listener);
	unlink(path);
}

/* What the application's process, a child here, has accepted from a client in another network namespace is
 * in no dump, and is found among its descriptors. */
static int accept_from_elsewhere(void *arg)
{
	int listener = make_listener(), ready[2];
	uint32_t inodes[16];
	int count, seen = 0;
	char byte;

	(void)arg;
	if (pipe(ready) < 0)
		return INT32_MIN;
	if (fork() == 0) { /* the client */
		if (!sandbox_unshare(CLONE_NEWNET))
			_exit(1);
		(void)make_client(path);
		pause();
	}
	if (fork() == 0) { /* the application */
		int accepted = accept(listener, NULL, NULL);

		if (write(ready[1], &accepted, 1) != 1)
			_exit(1);
		pause();
	}
	if (read(ready[0], &byte, 1) != 1)
		return INT32_MIN;
	close(listener); /* else it is one of ours */
	dump();
	count = process_sockets_unix(getpid(), inodes, 16);
	for (int i = 0; i < count; i++) {
		for (size_t j = 0; j < row_count; j++)
			seen += rows[j].inode == inodes[i];
	}
	unlink(path);
	return 100 * count + seen; /* the listener twice, the client's end, what was accepted */
}

static void client_in_another_namespace_is_in_no_row(void **state)
{
	int result;

	(void)state;
	result = sandbox_call_as_pid1(accept_from_elsewhere, NULL, "");
	if (result == INT32_MIN)
		skip_test("needs a network namespace in a pid namespace");
	assert_int_equal(result % 100, 2); /* the listener, in both */
	assert_int_equal(result / 100, 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(connection_is_known_by_its_listeners_address),
		cmocka_unit_test(one_that_left_the_queue_does_not_wait),
		cmocka_unit_test(client_in_another_namespace_is_in_no_row),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
