/* SPDX-License-Identifier: MIT */
#include "sys/listener.h"

#include "kernel/deny_syscall.h"
#include "kernel/sandbox.h"
#include "sys/fd.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <netinet/tcp.h>

static int open_at(const char *string)
{
	struct listen_address address;

	assert_int_equal(listen_address_parse(string, &address), 0);
	return listener_open(&address);
}

static bool accepts_from(const char *string)
{
	struct listen_address address;
	fd_cleanup int fd = -1;

	assert_int_equal(listen_address_parse(string, &address), 0);
	fd = socket(address.addr.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0);
	return connect(fd, (const struct sockaddr *)&address.addr, address.addr_len) == 0;
}

static int get_flag(int fd, int level, int name)
{
	socklen_t len = sizeof(int);
	int value = -1;

	assert_int_equal(getsockopt(fd, level, name, &value, &len), 0);
	return value;
}

static void any_serves_both_families(void **state)
{
	int fd = open_at("[::]:5278");

	(void)state;
	assert_true(fd >= 0);
	assert_true(accepts_from("127.0.0.1:5278"));
	assert_true(accepts_from("[::1]:5278"));
	(void)fd_close(fd);
}

static void one_address_serves_itself_alone(void **state)
{
	int ipv6 = open_at("[::1]:5278"), ipv4 = open_at("0.0.0.0:5279");

	(void)state;
	assert_true(ipv6 >= 0);
	assert_true(ipv4 >= 0);
	assert_true(accepts_from("[::1]:5278"));
	assert_false(accepts_from("127.0.0.1:5278"));
	assert_true(accepts_from("127.0.0.1:5279"));
	assert_false(accepts_from("[::1]:5279"));
	(void)fd_close(ipv6);
	(void)fd_close(ipv4);
}

static void neither_blocks_nor_is_inherited(void **state)
{
	int fd = open_at(":5278");

	(void)state;
	assert_true(fd >= 0);
	assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	(void)fd_close(fd);
}

static void accepted_sockets_send_at_once(void **state)
{
	int fd = open_at(":5278"), client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0),
	    accepted;
	struct sockaddr_in addr = {
		.sin_family = AF_INET,
		.sin_port = htons(5278),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(connect(client, (const struct sockaddr *)&addr, sizeof addr), 0);
	accepted = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
	assert_true(accepted >= 0);
	assert_int_equal(get_flag(accepted, IPPROTO_TCP, TCP_NODELAY), 1);
	(void)fd_close(accepted);
	(void)fd_close(client);
	(void)fd_close(fd);
}

/* The connections of the one before us are still in TIME_WAIT when a container is started anew. */
static void a_port_just_left_can_be_taken_again(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++) {
		int fd = open_at(":5278"), accepted;

		assert_true(fd >= 0);
		assert_true(accepts_from("127.0.0.1:5278"));
		accepted = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
		(void)fd_close(accepted);
		(void)fd_close(fd);
	}
}

static void what_a_user_can_act_on_is_told(void **state)
{
	int fd = open_at(":5278");

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(open_at(":5278"), -EADDRINUSE);
	assert_int_equal(open_at("127.0.0.1:5278"), -EADDRINUSE);
	assert_int_equal(open_at("192.0.2.1:5278"), -EADDRNOTAVAIL);
	(void)fd_close(fd);
}

static int open_any_without_ipv6(void *arg)
{
	int fd;

	(void)arg;
	if (!deny_syscall_with(SYS_socket, AF_INET6, EAFNOSUPPORT))
		return SANDBOX_CANNOT_RUN;
	fd = open_at("[::]:5278");
	if (fd < 0)
		return fd;
	return accepts_from("127.0.0.1:5278") && open_at("[::1]:80") == -EAFNOSUPPORT ? 0 : -1;
}

static void any_is_ipv4_where_there_is_no_ipv6(void **state)
{
	(void)state;
	assert_int_equal(sandbox_call(open_any_without_ipv6, NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_serves_both_families),
		cmocka_unit_test(one_address_serves_itself_alone),
		cmocka_unit_test(neither_blocks_nor_is_inherited),
		cmocka_unit_test(accepted_sockets_send_at_once),
		cmocka_unit_test(a_port_just_left_can_be_taken_again),
		cmocka_unit_test(what_a_user_can_act_on_is_told),
		cmocka_unit_test(any_is_ipv4_where_there_is_no_ipv6),
	};

	return cmocka_run_group_tests(tests, sandbox_enter_network, NULL);
}
