/* SPDX-License-Identifier: MIT */
/* Whether the kernel says of a connection what design.md's table of verdicts says that it does. */
#include "sys/sockdiag.h"

#include "kernel/deny_syscall.h"
#include "kernel/sandbox.h"
#include "skip.h"
#include "kernel/tcp_pair.h"
#include "sys/monoclock.h"

#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define PATIENCE_MS 5000
#define MAX_ROWS 4096
#define ALL_STATES (0x0fffu & ~TCP_STATE_BIT(TCP_STATE_TIME_WAIT))
#define REQUEST_BYTES 31
#define ANSWER_BYTES 124
#define HUGE_BYTES 8388608

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif

static struct connection rows[MAX_ROWS];
static size_t row_count;

static void take_row(void *arg, const struct connection *row)
{
	(void)arg;
	assert_true(row_count < MAX_ROWS);
	rows[row_count++] = *row;
}

static int dump_with(struct sockdiag *diag, uint32_t states, const uint16_t *ports, size_t count)
{
	struct sockdiag_query query = {.states = states, .want_info = true};
	static struct port_set set;

	memset(&set, 0, sizeof set);
	for (size_t i = 0; i < count; i++)
		port_set_add(&set, ports[i]);
	if (ports != NULL)
		query.ports = &set;
	row_count = 0;
	return sockdiag_dump(diag, &query, take_row, NULL);
}

static void dump(uint32_t states, const uint16_t *ports, size_t count)
{
	struct sockdiag diag;

	assert_int_equal(sockdiag_open(&diag), 0);
	assert_int_equal(dump_with(&diag, states, ports, count), 0);
	sockdiag_close(&diag);
	assert_int_equal(diag.fd, -1);
}

static struct connection *find_row(uint64_t cookie)
{
	struct connection *found = NULL;

	for (size_t i = 0; i < row_count; i++) {
		if (rows[i].cookie != cookie)
			continue;
		assert_null(found);
		found = &rows[i];
	}
	return found;
}

static struct connection row_of(int fd)
{
	uint16_t port = tcp_port(fd);
	struct connection *row;

	dump(ALL_STATES, &port, 1);
	row = find_row(tcp_cookie(fd));
	assert_non_null(row);
	return *row;
}

typedef bool row_condition(const struct connection *row);

/* Looks again until it is so: acknowledgements and the clock move without us. */
static struct connection await_row(int fd, row_condition *condition)
{
	msec_t deadline = msec_add(monoclock_now(), PATIENCE_MS);
	struct connection row = row_of(fd);

	while (!condition(&row) && monoclock_now() < deadline)
		row = row_of(fd);
	assert_true(condition(&row));
	return row;
}

static bool all_is_acknowledged(const struct connection *row)
{
	return row->wqueue == 0;
}

static bool was_quiet_for_50_ms(const struct connection *row)
{
	return row->last_data_recv_ms >= 50 && row->last_data_sent_ms >= 50;
}

static bool is_in_close_wait(const struct connection *row)
{
	return row->state == TCP_STATE_CLOSE_WAIT;
}

static void answer_request(const struct tcp_pair *pair)
{
	tcp_transfer(pair->client, pair->server, REQUEST_BYTES);
	tcp_transfer(pair->server, pair->client, ANSWER_BYTES);
}

static void connection_is_known_by_its_cookie_inode_and_ports(void **state)
{
	static const uint8_t loopback[16] = {127, 0, 0, 1};
	struct tcp_pair pair = tcp_pair_open(AF_INET, AF_INET);
	struct connection row = row_of(pair.server);

	(void)state;
	assert_int_equal(row.family, AF_INET);
	assert_int_equal(row.state, TCP_STATE_ESTABLISHED);
	assert_int_equal(row.local_port, pair.port);
	assert_int_equal(row.peer_port, tcp_port(pair.client));
	assert_memory_equal(row.peer, loopback, sizeof loopback);
	assert_int_equal(row.inode, tcp_inode(pair.server));
	assert_true(row.has_info);
	tcp_pair_close(&pair);
}

struct exchange {
	size_t received, sent;
};

/* The rows of the table that differ in their counters only: new, partial head, upload incomplete,
 * answered, chunked body paused midway, and 100-continue sent. */
static enum connection_origin origin_of(int fd)
{
	struct connection *row = find_row(tcp_cookie(fd));

	assert_non_null(row);
	return (enum connection_origin)row->origin;
}

/* Fresh, used, and with more in flight than the client's window takes. */
static void origin_tells_which_end_connected(void **state)
{
	static const int families[][2] = {
		{AF_INET, AF_INET}, {AF_INET6, AF_INET6}, {AF_INET6, AF_INET}};

	(void)state;
	for (size_t i = 0; i < sizeof families / sizeof *families; i++) {
		struct tcp_pair pair = tcp_pair_open(families[i][0], families[i][1]);
		char bytes[65536] = "request";

		for (int step = 0; step < 3; step++) {
			if (step == 1) {
				assert_int_equal(send(pair.client, bytes, 7, 0), 7);
				assert_int_equal(recv(pair.server, bytes, 7, MSG_WAITALL), 7);
				assert_int_equal(send(pair.server, bytes, 70, 0), 70);
			}
			while (step == 2 &&
				send(pair.server, bytes, sizeof bytes, MSG_DONTWAIT) > 0)
				continue;
			do /* a row that moved while it was written tells nothing */
				dump(TCP_STATE_BIT(TCP_STATE_ESTABLISHED), NULL, 0);
			while (origin_of(pair.server) == ORIGIN_UNKNOWN ||
				origin_of(pair.client) == ORIGIN_UNKNOWN);
			assert_int_equal(origin_of(pair.server), ORIGIN_ACCEPTED);
			assert_int_equal(origin_of(pair.client), ORIGIN_CONNECTED);
			assert_true(find_row(tcp_cookie(pair.client))->from_here);
		}
		tcp_pair_close(&pair);
	}
}

static void counters_tell_what_was_received_and_answered(void **state)
{
	static const struct exchange exchanges[] = {
		{0, 0}, {7, 0}, {59, 0}, {REQUEST_BYTES, ANSWER_BYTES}, {33, 137}, {78, 25}};

	(void)state;
	for (size_t i = 0; i < sizeof exchanges / sizeof exchanges[0]; i++) {
		struct tcp_pair pair = tcp_pair_open(AF_INET, AF_INET);
		struct connection row;

		tcp_transfer(pair.client, pair.server, exchanges[i].received);
		tcp_transfer(pair.server, pair.client, exchanges[i].sent);
		row = await_row(pair.server, all_is_acknowledged);

		assert_int_equal(row.bytes_received, exchanges[i].received);
		assert_int_equal(row.bytes_acked, exchanges[i].sent);
		assert_int_equal(row.data_segs_in, exchanges[i].received > 0);
		assert_int_equal(row.data_segs_out, exchanges[i].sent > 0);
		assert_true(row.segs_out >= row.data_segs_out);
		assert_int_equal(row.rqueue, 0);
		tcp_pair_close(&pair);
	}
}

static void answered_connection_has_sent_last(void **state)
{
	struct tcp_pair pair = tcp_pair_open(AF_INET, AF_INET);
	struct connection row;

	(void)state;
	tcp_transfer(pair.client, pair.server, REQUEST_BYTES);
	(void)await_row(pair.server, was_quiet_for_50_ms);
	tcp_transfer(pair.server, pair.client, ANSWER_BYTES);
	row = row_of(pair.server);

	assert_true(row.last_data_sent_ms < row.last_data_recv_ms);
	tcp_pair_close(&pair);
}

static void connection_at_work_has_received_last(void **state)
{
	struct tcp_pair pair = tcp_pair_open(AF_INET, AF_INET);
	struct connection row;

	(void)state;
	answer_request(&pair);
	(void)await_row(pair.server, was_quiet_for_50_ms);
	tcp_transfer(pair.client, pair.server, REQUEST_BYTES);
	row = row_of(pair.server);

	assert_int_equal(row.bytes_received, 2 * REQUEST_BYTES);
	assert_int_equal(row.bytes_acked, ANSWER_BYTES);
	assert_true(row.last_data_recv_ms < row.last_data_sent_ms);
	assert_true(row.last_ack_recv_ms <= row.last_data_sent_ms);
	tcp_pair_close(&pair);
}

static void request_that_nobody_has_read_is_in_rqueue(void **state)
{
	struct tcp_pair pair = tcp_pair_open(AF_INET, AF_INET);

	(void)state;
	tcp_send(pair.client, REQUEST_BYTES);
	assert_int_equal(row_of(pair.server).rqueue, REQUEST_BYTES);
	tcp_pair_close(&pair);
}

static void answer_to_a_slow_reader_is_in_wqueue(void **state)
{
	struct tcp_pair pair = tcp_pair_open(AF_INET, AF_INET);
	size_t sent = tcp_fill(pair.server);
	struct connection row = row_of(pair.server);

	(void)state;
	assert_true(row.wqueue > 0);
	assert_int_equal(row.wqueue + row.bytes_acked, sent);
	tcp_pair_close(&pair);
}

/* A FIN is a byte that is received, and read by reading the end of file. */
static void client_that_has_sent_its_last_is_in_close_wait(void **state)
{
	struct tcp_pair pair = tcp_pair_open(AF_INET, AF_INET);
	struct connection row;
	char byte;

	(void)state;
	tcp_transfer(pair.client, pair.server, REQUEST_BYTES);
	shutdown(pair.client, SHUT_WR);
	row = await_row(pair.server, is_in_close_wait);

	assert_int_equal(row.bytes_received, REQUEST_BYTES + 1);
	assert_int_equal(row.inode, tcp_inode(pair.server));
	assert_int_equal(row.rqueue, 1);
	assert_int_equal(recv(pair.server, &byte, 1, 0), 0);
	assert_int_equal(row_of(pair.server).rqueue, 0);
	tcp_pair_close(&pair);
}

/* What the process left behind is the kernel's to deliver. */
static void answer_of_a_closed_socket_is_an_orphan(void **state)
{
	struct tcp_pair pair = tcp_pair_open(AF_INET, AF_INET);
	uint64_t cookie = tcp_cookie(pair.server);
	struct connection *row;

	(void)state;
	assert_true(tcp_fill(pair.server) > 0);
	close(pair.server);
	dump(ALL_STATES, &pair.port, 1);
	row = find_row(cookie);

	assert_non_null(row);
	assert_int_equal(row->state, TCP_STATE_FIN_WAIT1);
	assert_int_equal(row->inode, 0);
	assert_true(row->wqueue > 0);
	close(pair.client);
	close(pair.listener);
}

static void v4_client_of_a_dual_stack_listener_is_mapped(void **state)
{
	static const uint8_t mapped[16] = {[10] = 0xff, 0xff, 127, 0, 0, 1};
	struct tcp_pair pair = tcp_pair_open(AF_INET6, AF_INET);
	struct connection row = row_of(pair.server);

	(void)state;
	assert_int_equal(row.family, AF_INET6);
	assert_memory_equal(row.peer, mapped, sizeof mapped);
	assert_int_equal(row.peer_port, tcp_port(pair.client));
	tcp_pair_close(&pair);
}

static void v6_client_is_shown_with_its_whole_address(void **state)
{
	static const uint8_t loopback[16] = {[15] = 1};
	struct tcp_pair pair = tcp_pair_open(AF_INET6, AF_INET6);
	struct connection row = row_of(pair.server);

	(void)state;
	assert_int_equal(row.family, AF_INET6);
	assert_memory_equal(row.peer, loopback, sizeof loopback);
	tcp_pair_close(&pair);
}

/* What a kernel without TCPDIAG_GETSOCK would be asked for. */
static void families_dumped_one_by_one_show_the_same(void **state)
{
	static const int families[][2] = {
		{AF_INET, AF_INET}, {AF_INET6, AF_INET}, {AF_INET6, AF_INET6}};
	struct sockdiag diag = {.fd = -1};
	struct tcp_pair pairs[3];
	uint16_t ports[3];

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		pairs[i] = tcp_pair_open(families[i][0], families[i][1]);
		ports[i] = pairs[i].port;
	}
	assert_int_equal(sockdiag_open(&diag), 0);
	for (int by_family = 0; by_family < 2; by_family++) {
		diag.by_family = by_family;
		assert_int_equal(dump_with(&diag, ALL_STATES, ports, 3), 0);
		assert_int_equal(diag.by_family, by_family);
		assert_int_equal(row_count, 6);
		for (size_t i = 0; i < 3; i++) {
			assert_non_null(find_row(tcp_cookie(pairs[i].listener)));
			assert_non_null(find_row(tcp_cookie(pairs[i].server)));
		}
	}
	sockdiag_close(&diag);
	for (size_t i = 0; i < 3; i++)
		tcp_pair_close(&pairs[i]);
}

/* Go's net package listens so since 1.24; its plain TCP clients are plain TCP. */
static void listener_of_multipath_tcp_is_shown_as_tcp(void **state)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_MPTCP);
	struct tcp_pair pair = {.listener = fd};
	uint16_t port;

	(void)state;
	if (fd < 0)
		skip_test("the kernel has no multipath TCP");
	tcp_must(listen(fd, 5), "listen");
	port = tcp_port(fd);
	pair.client = tcp_connect(AF_INET, port);
	pair.server = tcp_accept(fd);

	dump(TCP_STATE_BIT(TCP_STATE_LISTEN), &port, 1);
	assert_int_equal(row_count, 1);
	assert_int_equal(rows[0].inode, tcp_inode(fd));
	dump(TCP_STATE_BIT(TCP_STATE_ESTABLISHED), &port, 1);
	assert_int_equal(row_count, 1);
	assert_int_equal(rows[0].inode, tcp_inode(pair.server));
	tcp_pair_close(&pair);
}

static void connections_not_yet_accepted_are_in_the_queue_and_have_no_inode(void **state)
{
	int listener = tcp_listen(AF_INET6, 0, 5);
	uint16_t port = tcp_port(listener);
	int clients[2] = {tcp_connect(AF_INET, port), tcp_connect(AF_INET6, port)};

	(void)state;
	dump(TCP_STATE_BIT(TCP_STATE_LISTEN), &port, 1);
	assert_int_equal(row_count, 1);
	assert_int_equal(rows[0].rqueue, 2);
	assert_int_equal(rows[0].wqueue, 5);
	assert_int_equal(rows[0].inode, tcp_inode(listener));

	dump(TCP_STATE_BIT(TCP_STATE_ESTABLISHED), &port, 1);
	assert_int_equal(row_count, 2);
	assert_int_equal(rows[0].inode + rows[1].inode, 0);
	close(clients[0]);
	close(clients[1]);
	close(listener);
}

static void dump_shows_the_states_that_were_asked_for(void **state)
{
	struct tcp_pair pair = tcp_pair_open(AF_INET, AF_INET);

	(void)state;
	dump(TCP_STATE_BIT(TCP_STATE_LISTEN), &pair.port, 1);
	assert_int_equal(row_count, 1);
	assert_int_equal(rows[0].state, TCP_STATE_LISTEN);
	dump(TCP_STATE_BIT(TCP_STATE_ESTABLISHED), &pair.port, 1);
	assert_int_equal(row_count, 1);
	assert_int_equal(rows[0].state, TCP_STATE_ESTABLISHED);
	dump(TCP_STATE_BIT(TCP_STATE_CLOSE_WAIT), &pair.port, 1);
	assert_int_equal(row_count, 0);
	tcp_pair_close(&pair);
}

/* Listeners on a row of neighbouring ports, of which every second one is asked for. */
static void dump_shows_the_ports_that_were_asked_for(void **state)
{
	enum { FIRST = 20001, ASKED = SOCKDIAG_MAX_RANGES + 36, COUNT = 2 * ASKED };
	static const size_t counts[] = {1, 2, SOCKDIAG_MAX_RANGES, SOCKDIAG_MAX_RANGES + 1, ASKED};
	uint16_t ports[ASKED];
	int listeners[COUNT];

	(void)state;
	for (int i = 0; i < COUNT; i++)
		listeners[i] = tcp_listen(i % 3 ? AF_INET : AF_INET6, (uint16_t)(FIRST + i), 1);
	for (int i = 0; i < ASKED; i++)
		ports[i] = (uint16_t)(FIRST + 2 * i);
	for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
		dump(TCP_STATE_BIT(TCP_STATE_LISTEN), ports, counts[i]);
		assert_int_equal(row_count, counts[i]);
		for (size_t j = 0; j < counts[i]; j++)
			assert_non_null(find_row(tcp_cookie(listeners[2 * j])));
	}
	dump(TCP_STATE_BIT(TCP_STATE_LISTEN), NULL, 0);
	assert_int_equal(row_count, COUNT);
	for (int i = 0; i < COUNT; i++)
		close(listeners[i]);
}

enum { MANY = 500 };

/* Clients without their own ends: many of them need not be accepted. */
static int open_many(int clients[MANY])
{
	int listener = tcp_listen(AF_INET, 0, MANY);

	for (int i = 0; i < MANY; i++)
		clients[i] = tcp_connect(AF_INET, tcp_port(listener));
	return listener;
}

static void close_many(int clients[MANY], int listener)
{
	for (int i = 0; i < MANY; i++)
		tcp_reset(clients[i]);
	close(listener);
}

static void dump_of_many_datagrams_shows_each_connection_once(void **state)
{
	int clients[MANY], listener = open_many(clients);
	uint16_t port = tcp_port(listener);

	(void)state;
	dump(TCP_STATE_BIT(TCP_STATE_ESTABLISHED), &port, 1);
	assert_int_equal(row_count, MANY);
	for (size_t i = 0; i < row_count; i++)
		assert_non_null(find_row(rows[i].cookie));
	close_many(clients, listener);
}

/* The kernel refuses another request (-EBUSY) until the old one's replies were read. */
static void dump_that_was_given_up_does_not_spoil_the_next(void **state)
{
	int clients[MANY], listener = open_many(clients);
	struct sockdiag_query query = {.states = ALL_STATES, .want_info = true};
	uint8_t request[SOCKDIAG_REQUEST_BYTES];
	uint16_t port = tcp_port(listener);
	struct sockdiag diag;
	size_t len;

	(void)state;
	assert_int_equal(sockdiag_open(&diag), 0);
	len = sockdiag_encode_dump(request, sizeof request, AF_INET, &query, 12345);
	assert_int_equal(send(diag.fd, request, len, 0), len);

	assert_int_equal(dump_with(&diag, TCP_STATE_BIT(TCP_STATE_ESTABLISHED), &port, 1), 0);
	assert_int_equal(row_count, MANY);
	sockdiag_close(&diag);
	close_many(clients, listener);
}

static void kernel_that_does_not_answer_is_not_waited_for(void **state)
{
	struct sockdiag diag = {.fd = -1};
	msec_t start = monoclock_now();
	int fds[2];

	(void)state;
	assert_int_equal(
		socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), 0);
	diag.fd = fds[0];
	assert_int_equal(dump_with(&diag, ALL_STATES, NULL, 0), -ETIMEDOUT);
	assert_int_in_range(monoclock_now() - start, 200, 2000);
	close(fds[0]);
	close(fds[1]);
}

/* With CAP_NET_ADMIN, which we have in our own namespace, others may write to our socket. */
static void reply_that_is_not_of_the_kernel_is_ignored(void **state)
{
	struct sockaddr_nl address;
	socklen_t len = sizeof address;
	struct nlmsghdr done = {.nlmsg_type = NLMSG_DONE};
	uint8_t forged[NLMSG_HDRLEN + sizeof(int32_t)] = {0};
	struct sockdiag diag, other;

	(void)state;
	assert_int_equal(sockdiag_open(&diag), 0);
	assert_int_equal(sockdiag_open(&other), 0);
	assert_int_equal(dump_with(&diag, ALL_STATES, NULL, 0), 0);
	assert_int_equal(getsockname(diag.fd, (struct sockaddr *)&address, &len), 0);
	done.nlmsg_len = sizeof forged;
	memcpy(forged, &done, sizeof done);
	for (uint32_t seq = diag.seq; seq < diag.seq + 4; seq++) {
		memcpy(forged + offsetof(struct nlmsghdr, nlmsg_seq), &seq, sizeof seq);
		assert_int_equal(sendto(other.fd, forged, sizeof forged, 0,
					 (struct sockaddr *)&address, sizeof address),
			sizeof forged);
	}
	assert_int_equal(recv(diag.fd, forged, sizeof forged, MSG_PEEK), sizeof forged);

	assert_int_equal(dump_with(&diag, ALL_STATES, NULL, 0), 0);
	sockdiag_close(&diag);
	sockdiag_close(&other);
}

static int open_without_netlink(void *arg)
{
	struct sockdiag diag;

	return deny_syscall_with(SYS_socket, AF_NETLINK, *(const uint16_t *)arg)
		       ? sockdiag_open(&diag)
		       : INT32_MIN;
}

static int open_events_without_netlink(void *arg)
{
	return deny_syscall_with(SYS_socket, AF_NETLINK, *(const uint16_t *)arg)
		       ? sockdiag_open_events()
		       : INT32_MIN;
}

static void forbidden_netlink_is_a_plain_error(void **state)
{
	static uint16_t errors[] = {EPERM, EAFNOSUPPORT, EPROTONOSUPPORT, ENOSYS};

	(void)state;
	for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
		assert_int_equal(sandbox_call(open_without_netlink, &errors[i]), -errors[i]);
		assert_int_equal(sandbox_call(open_events_without_netlink, &errors[i]), -errors[i]);
	}
}

static int dump_without_call(void *arg)
{
	struct sockdiag diag;

	if (sockdiag_open(&diag) < 0 || !deny_syscall(*(const long *)arg, EPERM))
		return INT32_MIN;
	return dump_with(&diag, ALL_STATES, NULL, 0);
}

static void forbidden_call_is_a_plain_error(void **state)
{
	static long calls[] = {SYS_sendto, SYS_recvfrom};

	(void)state;
	for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++)
		assert_int_equal(sandbox_call(dump_without_call, &calls[i]), -EPERM);
}

/* The rest of the tests' connections are closed by now, but their events may still come. */
static int await_event(int fd, uint64_t cookie, struct connection *ret_row)
{
	msec_t deadline = msec_add(monoclock_now(), PATIENCE_MS);
	struct pollfd readable = {.fd = fd, .events = POLLIN};

	while (poll(&readable, 1, (int)msec_left(deadline, monoclock_now())) > 0) {
		struct connection *row;
		int r;

		row_count = 0;
		r = sockdiag_read_events(fd, take_row, NULL);
		if (r < 0)
			return r;
		assert_int_equal(r, row_count);
		row = find_row(cookie);
		if (row != NULL) {
			*ret_row = *row;
			return 0;
		}
	}
	return -ETIMEDOUT;
}

static int open_events(void)
{
	int fd = sockdiag_open_events();

	assert_true(fd >= 0);
	return fd;
}

static void end_of_a_connection_is_told(void **state)
{
	static const int families[] = {AF_INET, AF_INET6};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		int events = open_events();
		struct tcp_pair pair = tcp_pair_open(families[i], AF_INET);
		uint64_t cookie = tcp_cookie(pair.server);
		struct connection row;

		answer_request(&pair);
		(void)await_row(pair.server, all_is_acknowledged);
		tcp_pair_close(&pair);

		assert_int_equal(await_event(events, cookie, &row), 0);
		assert_int_equal(row.state, TCP_STATE_CLOSE);
		assert_int_equal(row.family, families[i]);
		assert_int_equal(row.local_port, pair.port);
		assert_int_equal(row.wqueue, 0);
		assert_true(row.has_info);
		assert_int_equal(row.bytes_received, REQUEST_BYTES + 1);
		close(events);
	}
}

static void end_by_reset_tells_what_was_lost(void **state)
{
	int events = open_events();
	struct tcp_pair pair = tcp_pair_open(AF_INET, AF_INET);
	uint64_t cookie = tcp_cookie(pair.server);
	size_t sent = tcp_fill(pair.server);
	struct connection row;

	(void)state;
	tcp_reset(pair.client);
	close(pair.server);
	close(pair.listener);

	assert_int_equal(await_event(events, cookie, &row), 0);
	assert_true(row.wqueue > 0);
	assert_int_equal(row.wqueue + row.bytes_acked, sent);
	close(events);
}

static void end_with_unread_input_tells_how_much(void **state)
{
	int events = open_events();
	struct tcp_pair pair = tcp_pair_open(AF_INET, AF_INET);
	uint64_t cookie = tcp_cookie(pair.server);
	struct connection row;

	(void)state;
	tcp_send(pair.client, 50);
	assert_int_equal(row_of(pair.server).rqueue, 50);
	close(pair.server);
	close(pair.client);
	close(pair.listener);

	assert_int_equal(await_event(events, cookie, &row), 0);
	assert_int_equal(row.rqueue, 50);
	close(events);
}

/* The orphan is gone only when the reader has had everything. */
static void end_of_an_orphan_comes_after_its_last_byte(void **state)
{
	int events = open_events();
	struct tcp_pair pair = tcp_pair_open(AF_INET, AF_INET);
	uint64_t cookie = tcp_cookie(pair.server);
	size_t sent = tcp_fill(pair.server);
	struct connection row;

	(void)state;
	close(pair.server);
	tcp_receive(pair.client, sent);
	close(pair.client);
	close(pair.listener);

	assert_int_equal(await_event(events, cookie, &row), 0);
	assert_int_equal(row.wqueue, 0);
	assert_int_equal(row.inode, 0);
	assert_int_equal(row.bytes_acked, sent + 1); /* with the FIN */
	close(events);
}

static void no_event_is_no_error(void **state)
{
	int events = open_events();

	(void)state;
	assert_int_equal(sockdiag_read_events(events, take_row, NULL), 0);
	close(events);
}

static void lost_events_are_told_and_later_ones_still_come(void **state)
{
	int events = open_events(), clients[MANY], listener = open_many(clients);
	struct pollfd overrun = {.fd = events};
	struct connection row;
	struct tcp_pair pair;
	uint64_t cookie;
	int r;

	(void)state;
	tcp_set_option(events, SOL_SOCKET, SO_RCVBUF, 1);
	close_many(clients, listener);
	assert_int_equal(poll(&overrun, 1, PATIENCE_MS), 1);
	assert_true(overrun.revents & POLLERR);

	row_count = 0;
	assert_int_equal(sockdiag_read_events(events, take_row, NULL), -ENOBUFS);
	tcp_set_option(events, SOL_SOCKET, SO_RCVBUF, 1 << 20);
	pair = tcp_pair_open(AF_INET, AF_INET);
	cookie = tcp_cookie(pair.server);
	tcp_pair_close(&pair);
	do
		r = await_event(events, cookie, &row);
	while (r == -ENOBUFS);
	assert_int_equal(r, 0);
	close(events);
}

static void count_row(void *arg, const struct connection *row)
{
	(void)row;
	++*(unsigned *)arg;
}

/* The events come from a work queue, some time after their sockets' end. */
static bool has_dropped(int events)
{
	uint32_t numbers[SK_MEMINFO_VARS] = {0};
	socklen_t len = sizeof numbers;

	assert_int_equal(getsockopt(events, SOL_SOCKET, SO_MEMINFO, numbers, &len), 0);
	return numbers[SK_MEMINFO_DROPS] > 0;
}

/* A connection whose event is known to wait is not to be given up. */
static void after_a_loss_one_call_reads_all_that_waits(void **state)
{
	int events = open_events(), bytes = 4 << 20, listener = tcp_listen(AF_INET, 0, MANY);
	unsigned read = 0;

	(void)state;
	if (setsockopt(events, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes) < 0)
		skip_test("no CAP_NET_ADMIN for a buffer of this size");
	while (!has_dropped(events)) { /* two events each, of which the buffer takes some 6,500 */
		int client = tcp_connect(AF_INET, tcp_port(listener));
		int server = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

		tcp_reset(client);
		close(server);
	}
	assert_int_equal(sockdiag_read_events(events, count_row, &read), -ENOBUFS);
	assert_true(read > 4096);
	close(events);
	close(listener);
}

/* The stock rmem_max is the least that a socket gets. */
static void receive_buffer_is_as_large_as_allowed(void **state)
{
	int events = open_events(), bytes = 0;
	socklen_t len = sizeof bytes;

	(void)state;
	assert_int_equal(getsockopt(events, SOL_SOCKET, SO_RCVBUF, &bytes, &len), 0);
	assert_true(bytes >= 212992);
	close(events);
}

static int look_without_privilege(void *arg)
{
	const struct tcp_pair *pair = arg;
	struct sockdiag diag;
	struct connection *row;

	(void)setresuid(65534, 65534, 65534); /* where we may: it is not mapped everywhere */
	if (!sandbox_drop_capabilities())
		return INT32_MIN;
	if (sockdiag_open(&diag) < 0 || dump_with(&diag, ALL_STATES, &pair->port, 1) < 0)
		return 1;
	row = find_row(tcp_cookie(pair->server));
	if (row == NULL || !row->has_info || row->bytes_received != REQUEST_BYTES ||
		row->inode != tcp_inode(pair->server))
		return 2;
	return 0;
}

static void no_privilege_is_needed(void **state)
{
	struct tcp_pair pair = tcp_pair_open(AF_INET6, AF_INET);

	(void)state;
	answer_request(&pair);
	assert_int_equal(sandbox_call(look_without_privilege, &pair), 0);
	tcp_pair_close(&pair);
}

static int wait_for_end_without_privilege(void *arg)
{
	struct connection row;
	struct tcp_pair pair;
	uint64_t cookie;
	int events;

	(void)arg;
	(void)setresuid(65534, 65534, 65534);
	if (!sandbox_drop_capabilities())
		return INT32_MIN;
	events = sockdiag_open_events();
	pair = tcp_pair_open(AF_INET6, AF_INET);
	cookie = tcp_cookie(pair.server);
	tcp_pair_close(&pair);
	return await_event(events, cookie, &row);
}

static void no_privilege_is_needed_for_events(void **state)
{
	(void)state;
	assert_int_equal(sandbox_call(wait_for_end_without_privilege, NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(connection_is_known_by_its_cookie_inode_and_ports),
		cmocka_unit_test(origin_tells_which_end_connected),
		cmocka_unit_test(counters_tell_what_was_received_and_answered),
		cmocka_unit_test(answered_connection_has_sent_last),
		cmocka_unit_test(connection_at_work_has_received_last),
		cmocka_unit_test(request_that_nobody_has_read_is_in_rqueue),
		cmocka_unit_test(answer_to_a_slow_reader_is_in_wqueue),
		cmocka_unit_test(client_that_has_sent_its_last_is_in_close_wait),
		cmocka_unit_test(answer_of_a_closed_socket_is_an_orphan),
		cmocka_unit_test(v4_client_of_a_dual_stack_listener_is_mapped),
		cmocka_unit_test(v6_client_is_shown_with_its_whole_address),
		cmocka_unit_test(families_dumped_one_by_one_show_the_same),
		cmocka_unit_test(listener_of_multipath_tcp_is_shown_as_tcp),
		cmocka_unit_test(connections_not_yet_accepted_are_in_the_queue_and_have_no_inode),
		cmocka_unit_test(dump_shows_the_states_that_were_asked_for),
		cmocka_unit_test(dump_shows_the_ports_that_were_asked_for),
		cmocka_unit_test(dump_of_many_datagrams_shows_each_connection_once),
		cmocka_unit_test(dump_that_was_given_up_does_not_spoil_the_next),
		cmocka_unit_test(kernel_that_does_not_answer_is_not_waited_for),
		cmocka_unit_test(reply_that_is_not_of_the_kernel_is_ignored),
		cmocka_unit_test(forbidden_netlink_is_a_plain_error),
		cmocka_unit_test(forbidden_call_is_a_plain_error),
		cmocka_unit_test(no_event_is_no_error),
		cmocka_unit_test(end_of_a_connection_is_told),
		cmocka_unit_test(end_by_reset_tells_what_was_lost),
		cmocka_unit_test(end_with_unread_input_tells_how_much),
		cmocka_unit_test(end_of_an_orphan_comes_after_its_last_byte),
		cmocka_unit_test(lost_events_are_told_and_later_ones_still_come),
		cmocka_unit_test(after_a_loss_one_call_reads_all_that_waits),
		cmocka_unit_test(receive_buffer_is_as_large_as_allowed),
		cmocka_unit_test(no_privilege_is_needed),
		cmocka_unit_test(no_privilege_is_needed_for_events),
	};

	return cmocka_run_group_tests(tests, sandbox_enter_network, NULL);
}
