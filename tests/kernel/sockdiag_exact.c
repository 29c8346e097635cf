/* SPDX-License-Identifier: MIT */
/* What the kernel answers when it is asked for single connections, in each state that a drain meets. */
#include "sys/sockdiag_exact.h"

#include "kernel/deny_syscall.h"
#include "kernel/sandbox.h"
#include "kernel/tcp_pair.h"
#include "sys/monoclock.h"

#include <net/if.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define PATIENCE_MS 5000
#define ALL_STATES 0x0fffu

struct found {
	uint64_t cookie;
	uint16_t port; /* 0: the cookie decides */
	struct connection_key key;
	bool is_found;
};

static void take_key(void *arg, const struct connection *row)
{
	struct found *found = arg;

	if (found->port != 0 ? row->local_port != found->port : row->cookie != found->cookie)
		return;
	found->is_found = true;
	found->key = (struct connection_key){
		.cookie = row->cookie,
		.interface = row->interface,
		.family = row->family,
		.local_port = row->local_port,
		.peer_port = row->peer_port,
	};
	memcpy(found->key.local, row->local, sizeof row->local);
	memcpy(found->key.peer, row->peer, sizeof row->peer);
}

/* The key of a connection, as a dump shows it. */
static struct connection_key key_of(struct sockdiag *diag, uint64_t cookie)
{
	const struct sockdiag_query query = {.states = ALL_STATES, .want_info = true};
	struct found found = {.cookie = cookie};

	assert_int_equal(sockdiag_dump(diag, &query, take_key, &found), 0);
	assert_true(found.is_found);
	return found.key;
}

struct answers {
	size_t count, gone;
	bool is_answered[SOCKDIAG_EXACT_MAX];
	struct connection rows[SOCKDIAG_EXACT_MAX];
};

static struct answers answers;

static void take_answer(void *arg, size_t index, const struct connection *row)
{
	(void)arg;
	assert_false(answers.is_answered[index]);
	answers.is_answered[index] = true;
	answers.count++;
	answers.gone += row == NULL;
	if (row != NULL)
		answers.rows[index] = *row;
}

static int ask(struct sockdiag *diag, const struct connection_key *keys, size_t count)
{
	memset(&answers, 0, sizeof answers);
	return sockdiag_ask(diag, keys, count, take_answer, NULL);
}

static bool is_gone(struct sockdiag *diag, const struct connection_key *key)
{
	assert_int_equal(ask(diag, key, 1), 0);
	assert_int_equal(answers.count, 1);
	return answers.gone == 1;
}

static struct connection row_of(struct sockdiag *diag, const struct connection_key *key)
{
	assert_false(is_gone(diag, key));
	return answers.rows[0];
}

/* Acknowledgements move without us. */
static void await_state(struct sockdiag *diag, const struct connection_key *key, uint8_t state)
{
	msec_t deadline = msec_add(monoclock_now(), PATIENCE_MS);

	while (row_of(diag, key).state != state && monoclock_now() < deadline)
		continue;
	assert_int_equal(answers.rows[0].state, state);
}

static struct sockdiag diag;

static int open_diag(void **state)
{
	(void)state;
	return sockdiag_open(&diag);
}

static int close_diag(void **state)
{
	(void)state;
	sockdiag_close(&diag);
	return 0;
}

static void open_connection_is_answered_as_a_dump_shows_it(void **state)
{
	static const int families[][2] = {
		{AF_INET, AF_INET}, {AF_INET6, AF_INET6}, {AF_INET6, AF_INET}};

	(void)state;
	for (size_t i = 0; i < sizeof families / sizeof *families; i++) {
		struct tcp_pair pair = tcp_pair_open(families[i][0], families[i][1]);
		struct connection_key key = key_of(&diag, tcp_cookie(pair.server));
		struct connection row;

		tcp_transfer(pair.client, pair.server, 31);
		tcp_send(pair.client, 7);
		row = row_of(&diag, &key);
		assert_int_equal(row.state, TCP_STATE_ESTABLISHED);
		assert_int_equal(row.family, families[i][0]);
		assert_int_equal(row.inode, tcp_inode(pair.server));
		assert_int_equal(row.rqueue, 7);
		assert_true(row.has_info);
		assert_int_equal(row.bytes_received, 38);
		assert_memory_equal(row.peer, key.peer, sizeof row.peer);
		assert_memory_equal(row.local, key.local, sizeof row.local);
		tcp_pair_close(&pair);
	}
}

/* Before it is accepted no descriptor tells its cookie. */
static void connection_in_the_accept_queue_keeps_its_key_when_it_is_accepted(void **state)
{
	int listener = tcp_listen(AF_INET, 0, 5), client = tcp_connect(AF_INET, tcp_port(listener));
	struct found found = {.port = tcp_port(listener)};
	const struct sockdiag_query query = {.states = TCP_STATE_BIT(TCP_STATE_ESTABLISHED)};
	int server;

	(void)state;
	assert_int_equal(sockdiag_dump(&diag, &query, take_key, &found), 0);
	assert_true(found.is_found);
	assert_int_equal(row_of(&diag, &found.key).inode, 0);
	server = tcp_accept(listener);
	assert_int_equal(found.key.cookie, tcp_cookie(server));
	assert_int_equal(row_of(&diag, &found.key).inode, tcp_inode(server));
	close(server);
	close(client);
	close(listener);
}

/* The listener would answer for it, with a row of its own, if the cookie were not given. */
static void connection_that_was_reset_is_gone_though_its_listener_stays(void **state)
{
	struct tcp_pair pair = tcp_pair_open(AF_INET, AF_INET);
	struct connection_key key = key_of(&diag, tcp_cookie(pair.server)), any = key;

	(void)state;
	any.cookie = UINT64_MAX; /* INET_DIAG_NOCOOKIE */
	assert_true(is_gone(&diag, &any)); /* though answered with a row */
	tcp_reset(pair.client);
	assert_true(is_gone(&diag, &key));
	assert_true(is_gone(&diag, &any));
	close(pair.server);
	close(pair.listener);
}

static void connection_of_another_cookie_is_gone(void **state)
{
	struct tcp_pair pair = tcp_pair_open(AF_INET, AF_INET);
	struct connection_key key = key_of(&diag, tcp_cookie(pair.server));

	(void)state;
	key.cookie++;
	assert_true(is_gone(&diag, &key));
	tcp_pair_close(&pair);
}

static void states_after_a_close_are_answered(void **state)
{
	struct tcp_pair pair = tcp_pair_open(AF_INET, AF_INET);
	struct connection_key key = key_of(&diag, tcp_cookie(pair.server));

	(void)state;
	close(pair.server);
	await_state(&diag, &key, TCP_STATE_FIN_WAIT2);
	close(pair.client);
	await_state(&diag, &key, TCP_STATE_TIME_WAIT);
	assert_false(answers.rows[0].has_info);
	close(pair.listener);
}

static void client_that_has_sent_its_last_is_answered(void **state)
{
	struct tcp_pair pair = tcp_pair_open(AF_INET6, AF_INET6);
	struct connection_key key = key_of(&diag, tcp_cookie(pair.server));

	(void)state;
	shutdown(pair.client, SHUT_WR);
	await_state(&diag, &key, TCP_STATE_CLOSE_WAIT);
	assert_int_equal(answers.rows[0].rqueue, 1);
	tcp_pair_close(&pair);
}

/* With the interface as the dump has shown it, and not without. */
static void connection_bound_to_an_interface_is_answered(void **state)
{
	struct tcp_pair pair = {.listener = tcp_listen(AF_INET, 0, 5)};
	struct connection_key key;

	(void)state;
	tcp_must(setsockopt(pair.listener, SOL_SOCKET, SO_BINDTODEVICE, "lo", sizeof "lo"),
		"SO_BINDTODEVICE");
	pair.client = tcp_connect(AF_INET, tcp_port(pair.listener));
	pair.server = tcp_accept(pair.listener);
	key = key_of(&diag, tcp_cookie(pair.server));

	assert_int_equal(key.interface, if_nametoindex("lo"));
	assert_int_equal(row_of(&diag, &key).inode, tcp_inode(pair.server));
	key.interface = 0;
	assert_true(is_gone(&diag, &key));
	tcp_pair_close(&pair);
}

/* Every second one of them is gone. */
static void as_many_as_are_asked_for_are_answered(void **state)
{
	struct connection_key keys[SOCKDIAG_EXACT_MAX];
	struct tcp_pair pair = tcp_pair_open(AF_INET6, AF_INET);
	struct connection_key key = key_of(&diag, tcp_cookie(pair.server));

	(void)state;
	for (size_t i = 0; i < SOCKDIAG_EXACT_MAX; i++) {
		keys[i] = key;
		keys[i].cookie += i % 2;
	}
	assert_int_equal(ask(&diag, keys, SOCKDIAG_EXACT_MAX), 0);
	assert_int_equal(answers.count, SOCKDIAG_EXACT_MAX);
	assert_int_equal(answers.gone, SOCKDIAG_EXACT_MAX / 2);
	for (size_t i = 0; i < SOCKDIAG_EXACT_MAX; i += 2)
		assert_int_equal(answers.rows[i].cookie, key.cookie);
	assert_int_equal(
		sockdiag_ask(&diag, keys, SOCKDIAG_EXACT_MAX + 1, take_answer, NULL), -EINVAL);
	tcp_pair_close(&pair);
}

/* A receive buffer with room for about half of them; then for next to none. */
static void lost_answers_are_asked_for_again(void **state)
{
	struct connection_key keys[SOCKDIAG_EXACT_MAX];
	struct tcp_pair pair = tcp_pair_open(AF_INET, AF_INET);
	int half = 40000, none = 0;

	(void)state;
	keys[0] = key_of(&diag, tcp_cookie(pair.server));
	for (size_t i = 1; i < SOCKDIAG_EXACT_MAX; i++)
		keys[i] = keys[0];
	tcp_must(setsockopt(diag.fd, SOL_SOCKET, SO_RCVBUF, &half, sizeof half), "SO_RCVBUF");
	assert_int_equal(ask(&diag, keys, SOCKDIAG_EXACT_MAX), 0);
	assert_int_equal(answers.count, SOCKDIAG_EXACT_MAX);
	tcp_must(setsockopt(diag.fd, SOL_SOCKET, SO_RCVBUF, &none, sizeof none), "SO_RCVBUF");
	assert_int_equal(ask(&diag, keys, SOCKDIAG_EXACT_MAX), -ENOBUFS);
	assert_true(answers.count < SOCKDIAG_EXACT_MAX);
	tcp_pair_close(&pair);
}

static void sequence_numbers_begin_again(void **state)
{
	struct tcp_pair pair = tcp_pair_open(AF_INET, AF_INET);
	struct connection_key key = key_of(&diag, tcp_cookie(pair.server));

	(void)state;
	for (uint32_t less = 0; less < 4; less++) {
		diag.seq = UINT32_MAX - less;
		assert_int_equal(row_of(&diag, &key).inode, tcp_inode(pair.server));
		assert_int_not_equal(diag.seq, 0);
	}
	tcp_pair_close(&pair);
}

/* Nor does what is left of a dump that was given up. */
static void leftovers_of_a_dump_are_no_answers(void **state)
{
	const struct sockdiag_query query = {.states = ALL_STATES, .want_info = true};
	struct tcp_pair pair = tcp_pair_open(AF_INET, AF_INET);
	struct connection_key key = key_of(&diag, tcp_cookie(pair.server));
	uint8_t request[SOCKDIAG_REQUEST_BYTES];
	size_t len = sockdiag_encode_dump(request, sizeof request, AF_INET, &query, diag.seq + 1);

	(void)state;
	assert_int_equal(send(diag.fd, request, len, 0), len);
	assert_int_equal(row_of(&diag, &key).inode, tcp_inode(pair.server));
	tcp_pair_close(&pair);
}

static void kernel_that_does_not_answer_is_not_waited_for(void **state)
{
	const struct connection_key key = {.family = AF_INET, .cookie = 1};
	struct sockdiag deaf = {.fd = -1};
	msec_t start = monoclock_now();
	int fds[2];

	(void)state;
	assert_int_equal(
		socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), 0);
	deaf.fd = fds[0];
	assert_true(ask(&deaf, &key, 1) < 0);
	assert_int_equal(answers.count, 0);
	assert_int_in_range(monoclock_now() - start, 0, 200);
	close(fds[0]);
	close(fds[1]);
}

static int ask_without_sendmsg(void *arg)
{
	const struct connection_key *key = arg;

	return deny_syscall(SYS_sendmsg, EPERM) ? ask(&diag, key, 1) : INT32_MIN;
}

static void forbidden_request_is_a_plain_error(void **state)
{
	struct connection_key key = {.family = AF_INET, .cookie = 1};

	(void)state;
	assert_int_equal(sandbox_call(ask_without_sendmsg, &key), -EPERM);
}

static int ask_without_privilege(void *arg)
{
	struct connection_key *key = arg;

	(void)setresuid(65534, 65534, 65534);
	return sandbox_drop_capabilities() && !is_gone(&diag, key) ? 0 : 1;
}

static void no_privilege_is_needed(void **state)
{
	struct tcp_pair pair = tcp_pair_open(AF_INET6, AF_INET);
	struct connection_key key = key_of(&diag, tcp_cookie(pair.server));

	(void)state;
	assert_int_equal(sandbox_call(ask_without_privilege, &key), 0);
	tcp_pair_close(&pair);
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, open_diag, close_diag)

int main(void)
{
	const struct CMUnitTest tests[] = {
		EACH(open_connection_is_answered_as_a_dump_shows_it),
		EACH(connection_in_the_accept_queue_keeps_its_key_when_it_is_accepted),
		EACH(connection_that_was_reset_is_gone_though_its_listener_stays),
		EACH(connection_of_another_cookie_is_gone),
		EACH(states_after_a_close_are_answered),
		EACH(client_that_has_sent_its_last_is_answered),
		EACH(connection_bound_to_an_interface_is_answered),
		EACH(as_many_as_are_asked_for_are_answered),
		EACH(lost_answers_are_asked_for_again),
		EACH(sequence_numbers_begin_again),
		EACH(leftovers_of_a_dump_are_no_answers),
		EACH(kernel_that_does_not_answer_is_not_waited_for),
		EACH(forbidden_request_is_a_plain_error),
		EACH(no_privilege_is_needed),
	};

	return cmocka_run_group_tests(tests, sandbox_enter_network, NULL);
}
