/* SPDX-License-Identifier: MIT */
/* /proc/net/tcp must say of a connection what sock_diag says, as far as it says anything. */
#include "sys/procnet.h"

#include "kernel/deny_syscall.h"
#include "kernel/sandbox.h"
#include "kernel/tcp_pair.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/stat.h>

#include <cmocka.h>

#define MAX_ROWS 1024
#define ALL_STATES (0x0fffu & ~TCP_STATE_BIT(TCP_STATE_TIME_WAIT))
#define SOME_LINE                                                                                  \
	"   0: 00000000:1F90 00000000:0000 0A 00000000:00000005 00:00000000 00000000  0  0 1472 "  \
	"1 0\n"

struct rows {
	struct connection at[MAX_ROWS];
	size_t count;
};

static struct rows seen, expected;

static void take_row(void *arg, const struct connection *row)
{
	struct rows *rows = arg;

	assert_true(rows->count < MAX_ROWS);
	rows->at[rows->count++] = *row;
}

static int read_procnet(uint32_t states, const uint16_t *ports, size_t port_count)
{
	struct sockdiag_query query = {.states = states};
	static struct port_set set;

	memset(&set, 0, sizeof set);
	for (size_t i = 0; i < port_count; i++)
		port_set_add(&set, ports[i]);
	if (ports != NULL)
		query.ports = &set;
	seen.count = 0;
	return procnet_dump(&query, take_row, &seen);
}

static void read_sockdiag(const struct sockdiag_query *query, struct rows *ret_rows)
{
	struct sockdiag diag;

	*ret_rows = (struct rows){.count = 0};
	assert_int_equal(sockdiag_open(&diag), 0);
	assert_int_equal(sockdiag_dump(&diag, query, take_row, ret_rows), 0);
	sockdiag_close(&diag);
}

static bool stand_still(const struct rows *before, const struct rows *after)
{
	bool same = before->count == after->count;

	for (size_t i = 0; same && i < after->count; i++)
		same = before->at[i].state == after->at[i].state &&
		       before->at[i].rqueue == after->at[i].rqueue &&
		       before->at[i].wqueue == after->at[i].wqueue;
	return same;
}

/* Reads both; again when bytes moved meanwhile, as the kernel may have them wait on a busy machine. */
static void read_both(uint16_t port)
{
	static struct port_set set;
	struct sockdiag_query query = {.states = ALL_STATES, .ports = &set};
	static struct rows before;

	memset(&set, 0, sizeof set);
	port_set_add(&set, port);
	do {
		read_sockdiag(&query, &before);
		assert_int_equal(read_procnet(ALL_STATES, &port, 1), 0);
		read_sockdiag(&query, &expected);
	} while (!stand_still(&before, &expected));
}

static const struct connection *find_counterpart(const struct connection *row)
{
	for (size_t i = 0; i < seen.count; i++) {
		if (seen.at[i].state == row->state && seen.at[i].peer_port == row->peer_port)
			return &seen.at[i];
	}
	return NULL;
}

static void expect_same_as_sockdiag(uint16_t port)
{
	read_both(port);
	assert_int_equal(seen.count, expected.count);
	for (size_t i = 0; i < expected.count; i++) {
		const struct connection *row = &expected.at[i], *same = find_counterpart(row);

		assert_non_null(same);
		assert_int_equal(same->family, row->family);
		assert_int_equal(same->local_port, row->local_port);
		assert_memory_equal(same->peer, row->peer, sizeof row->peer);
		assert_int_equal(same->inode, row->inode);
		assert_int_equal(same->rqueue, row->rqueue);
		if (row->state != TCP_STATE_LISTEN)
			assert_int_equal(same->wqueue, row->wqueue);
		assert_false(same->has_info);
		assert_int_not_equal(same->cookie, 0);
	}
}

static void connections_look_as_they_do_to_sock_diag(void **state)
{
	static const int families[][2] = {
		{AF_INET, AF_INET}, {AF_INET6, AF_INET}, {AF_INET6, AF_INET6}};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct tcp_pair pair = tcp_pair_open(families[i][0], families[i][1]);
		int waiting = tcp_connect(families[i][1], pair.port);

		expect_same_as_sockdiag(pair.port);
		tcp_send(pair.client, 31);
		expect_same_as_sockdiag(pair.port);
		shutdown(pair.client, SHUT_WR);
		(void)tcp_fill(pair.server);
		expect_same_as_sockdiag(pair.port);
		close(pair.server);
		expect_same_as_sockdiag(pair.port);
		close(waiting);
		close(pair.client);
		close(pair.listener);
	}
}

static void cookie_stays_when_a_connection_is_accepted(void **state)
{
	int listener = tcp_listen(AF_INET6, 0, 5);
	uint16_t port = tcp_port(listener);
	int client = tcp_connect(AF_INET, port), server;
	uint64_t cookie;

	(void)state;
	assert_int_equal(read_procnet(TCP_STATE_BIT(TCP_STATE_ESTABLISHED), &port, 1), 0);
	assert_int_equal(seen.count, 1);
	assert_int_equal(seen.at[0].inode, 0);
	cookie = seen.at[0].cookie;
	server = tcp_accept(listener);

	assert_int_equal(read_procnet(TCP_STATE_BIT(TCP_STATE_ESTABLISHED), &port, 1), 0);
	assert_int_equal(seen.count, 1);
	assert_int_equal(seen.at[0].inode, tcp_inode(server));
	assert_int_equal(seen.at[0].cookie, cookie);
	close(server);
	close(client);
	close(listener);
}

static void neighbours_ports_are_not_shown(void **state)
{
	uint16_t ports[3];
	int listeners[4];

	(void)state;
	for (int i = 0; i < 4; i++)
		listeners[i] = tcp_listen(i % 2 ? AF_INET : AF_INET6, (uint16_t)(20001 + i), 1);
	for (uint16_t i = 0; i < 3; i++)
		ports[i] = (uint16_t)(20004 - i);

	assert_int_equal(read_procnet(ALL_STATES, ports, 1), 0);
	assert_int_equal(seen.count, 1);
	assert_int_equal(seen.at[0].local_port, 20004);
	assert_int_equal(read_procnet(ALL_STATES, ports, 3), 0);
	assert_int_equal(seen.count, 3);
	assert_int_equal(read_procnet(TCP_STATE_BIT(TCP_STATE_LISTEN), NULL, 0), 0);
	assert_int_equal(seen.count, 4);
	assert_int_equal(read_procnet(TCP_STATE_BIT(TCP_STATE_CLOSE_WAIT), ports, 3), 0);
	assert_int_equal(seen.count, 0);
	for (int i = 0; i < 4; i++)
		close(listeners[i]);
}

static void file_longer_than_the_buffer_is_read_to_its_end(void **state)
{
	enum { MANY = 300 };
	int clients[MANY], listener = tcp_listen(AF_INET, 0, MANY);
	uint16_t port = tcp_port(listener);

	(void)state;
	for (int i = 0; i < MANY; i++)
		clients[i] = tcp_connect(AF_INET, port);
	assert_int_equal(read_procnet(TCP_STATE_BIT(TCP_STATE_ESTABLISHED), &port, 1), 0);
	assert_int_equal(seen.count, MANY);
	for (size_t i = 0; i < seen.count; i++)
		assert_ptr_equal(find_counterpart(&seen.at[i]), &seen.at[i]);
	for (int i = 0; i < MANY; i++)
		tcp_reset(clients[i]);
	close(listener);
}

/* musl opens with the one, glibc with the other. */
static bool deny_open(void)
{
#ifdef SYS_open
	if (!deny_syscall(SYS_open, EACCES))
		return false;
#endif
	return deny_syscall(SYS_openat, EACCES);
}

static int read_without_open(void *arg)
{
	(void)arg;
	return deny_open() ? read_procnet(ALL_STATES, NULL, 0) : INT32_MIN;
}

static void forbidden_file_is_a_plain_error(void **state)
{
	(void)state;
	assert_int_equal(sandbox_call(read_without_open, NULL), -EACCES);
}

static bool write_new_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	if (fd >= 0)
		close(fd);
	return fd >= 0 && sandbox_write_file(path, text);
}

static void a_socket_counts_as_long_as_the_kernel_has_something_to_do_for_it(void **state)
{
	static const int families[][2] = {
		{AF_INET, AF_INET}, {AF_INET6, AF_INET}, {AF_INET6, AF_INET6}};

	(void)state;
	assert_int_equal(procnet_count_sockets(), 0);
	for (size_t i = 0; i < 3; i++) {
		struct tcp_pair pair = tcp_pair_open(families[i][0], families[i][1]);

		assert_int_equal(procnet_count_sockets(), 3);
		(void)tcp_fill(pair.server);
		close(pair.listener);
		close(pair.server); /* of no process any more, and yet it has bytes to deliver */
		assert_int_equal(procnet_count_sockets(), 2);
		close(pair.client); /* with bytes unread: a reset, and both are gone */
		assert_int_equal(procnet_count_sockets(), 0);
	}
}

/* Reads a /proc/net of two files with these contents, NULL for none. Returns the number of rows. */
static int read_fake_files(void *arg)
{
	const char *const *contents = arg;
	int r;

	if (!sandbox_unshare(CLONE_NEWNS) ||
		mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
		mount("tmpfs", "/proc", "tmpfs", 0, NULL) < 0 || mkdir("/proc/net", 0755) < 0)
		return INT32_MIN;
	if (contents[0] != NULL && !write_new_file("/proc/net/tcp", contents[0]))
		return INT32_MIN;
	if (contents[1] != NULL && !write_new_file("/proc/net/tcp6", contents[1]))
		return INT32_MIN;
	r = read_procnet(ALL_STATES, NULL, 0);
	return r < 0 ? r : (int)seen.count;
}

struct fake_case {
	const char *contents[2];
	int result;
};

static void what_cannot_be_read_is_passed_over_or_an_error(void **state)
{
	static struct fake_case cases[] = {
		{{NULL, NULL}, -ENOENT},
		{{NULL, ""}, -ENOENT},
		{{"", ""}, 0},
		{{SOME_LINE, NULL}, 1}, /* a kernel without IPv6 */
		{{SOME_LINE "   1: 0000", ""}, 1},
		{{"   0: 00000000:1F90 00000000\n" SOME_LINE "\n\n" SOME_LINE, ""}, 2},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_int_equal(sandbox_call(read_fake_files, cases[i].contents), cases[i].result);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(connections_look_as_they_do_to_sock_diag),
		cmocka_unit_test(cookie_stays_when_a_connection_is_accepted),
		cmocka_unit_test(neighbours_ports_are_not_shown),
		cmocka_unit_test(file_longer_than_the_buffer_is_read_to_its_end),
		cmocka_unit_test(forbidden_file_is_a_plain_error),
		cmocka_unit_test(what_cannot_be_read_is_passed_over_or_an_error),
		cmocka_unit_test(a_socket_counts_as_long_as_the_kernel_has_something_to_do_for_it),
	};

	return cmocka_run_group_tests(tests, sandbox_enter_network, NULL);
}
