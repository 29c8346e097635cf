/* SPDX-License-Identifier: MIT */
/* The drill's client against servers that do one thing at a known moment: each outcome, a thousand times,
 * and not once another one. */
#include "kernel/sandbox.h"
#include "run_of_load.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <time.h>

#include <cmocka.h>

#define ATTEMPTS 1000
#define TIMEOUT (400 * MS) /* where running into it is what the test is about */

static struct scripted_server server;

static void open_run(struct run_of_load *run)
{
	run_open(run, "http", "127.0.0.1", server.port);
}

/* New connections, all at once. */
static void check_new(const char *path, enum outcome outcome)
{
	struct run_of_load run;

	open_run(&run);
	run.settings.fresh.path = path;
	run.settings.fresh.connections = ATTEMPTS;
	run_well(&run);
	run_check(&run, COHORT_ACCEPT_QUEUE, outcome, ATTEMPTS, 0);
	run_close(&run);
}

/* The second request of each of many connections. */
static void check_reused(const char *path, enum outcome outcome)
{
	struct run_of_load run;

	open_run(&run);
	run.settings.keep_alive.path = path;
	run.settings.keep_alive.connections = ATTEMPTS;
	run_well(&run);
	run_check(&run, COHORT_KEEP_ALIVE, outcome, ATTEMPTS, 0);
	for (size_t i = 0; i < run.count; i++) {
		assert_int_equal(run.attempts[i].is_reused, run.attempts[i].start >= 0);
		assert_false(run.attempts[i].is_retry_safe); /* the server has read the request */
	}
	run_close(&run);
}

static void whole_answers_are_ok(void **state)
{
	(void)state;
	check_new("/length/1800/keep", OUTCOME_OK);
	check_new("/length/1800/eof", OUTCOME_OK);
	check_new("/chunked/1800/keep", OUTCOME_OK);
	check_new("/close/1800/eof", OUTCOME_OK);
	check_reused("/length/1800/keep", OUTCOME_OK);
	check_reused("/chunked/1800/keep", OUTCOME_OK);
}

static void statuses_have_their_words(void **state)
{
	(void)state;
	check_new("/status/404/keep", OUTCOME_HTTP_4XX);
	check_new("/status/500/keep", OUTCOME_HTTP_5XX);
	check_new("/status/503/keep", OUTCOME_HTTP_5XX);
	check_new("/status/503/keep/retry", OUTCOME_HTTP_503_DRAINING);
	check_reused("/second/status/503/keep/goodbye", OUTCOME_HTTP_503_DRAINING);
	check_reused("/second/status/502/keep/goodbye", OUTCOME_HTTP_5XX);
}

static void resets_are_told_by_when_they_came(void **state)
{
	(void)state;
	check_new("/none/0/reset", OUTCOME_RESET_CONNECT);
	check_reused("/second/none/0/reset", OUTCOME_RESET_BEFORE_RESPONSE);
	check_new("/length/900/reset", OUTCOME_RESET_MID_BODY);
	check_new("/length/0/reset", OUTCOME_RESET_MID_BODY);
	check_new("/chunked/900/reset", OUTCOME_RESET_MID_BODY);
	check_new("/close/900/reset", OUTCOME_RESET_MID_BODY);
	check_reused("/second/chunked/900/reset", OUTCOME_RESET_MID_BODY);
}

/* The client hears of the reset while it sends, and then reads what came before it. */
static void an_answer_before_a_reset_is_an_answer(void **state)
{
	static const struct {
		const char *path;
		enum outcome outcome;
	} cases[] = {
		{"/early/0/reset", OUTCOME_RESET_CONNECT},
		{"/early/413/reset", OUTCOME_HTTP_4XX},
		{"/early/503/reset/retry", OUTCOME_HTTP_503_DRAINING},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct run_of_load run;

		open_run(&run);
		run.settings.fresh = (struct load_request){.path = cases[i].path,
			.connections = ATTEMPTS,
			.pattern = BODY_ANY,
			.upload_bytes = 8000000};
		run_well(&run);
		run_check(&run, COHORT_ACCEPT_QUEUE, cases[i].outcome, ATTEMPTS, 0);
		run_close(&run);
	}
}

static void ends_are_told_by_when_they_came(void **state)
{
	(void)state;
	check_new("/none/0/eof", OUTCOME_EOF_BEFORE_RESPONSE);
	check_reused("/second/none/0/eof", OUTCOME_EOF_BEFORE_RESPONSE);
	check_new("/length/1799/eof", OUTCOME_TRUNCATED);
	check_new("/length/0/eof", OUTCOME_TRUNCATED);
	check_new("/chunked/1799/eof", OUTCOME_TRUNCATED);
	check_reused("/second/length/1799/eof", OUTCOME_TRUNCATED);
}

static void wrong_bytes_are_corrupt(void **state)
{
	(void)state;
	check_new("/length/1800/keep/wrong", OUTCOME_CORRUPT);
	check_new("/chunked/1800/keep/wrong", OUTCOME_CORRUPT);
	check_new("/close/1000/eof/wrong", OUTCOME_CORRUPT);
	check_new("/length/18/keep/surplus", OUTCOME_CORRUPT);
	check_new("/garbage/0/silent", OUTCOME_CORRUPT);
}

static void silence_is_told_by_when_it_began(void **state)
{
	struct run_of_load run;

	(void)state;
	open_run(&run);
	run.settings.fresh.path = "/none/0/silent";
	run.settings.fresh.connections = ATTEMPTS;
	run.settings.response_timeout_us = TIMEOUT;
	run_well(&run);
	run_check(&run, COHORT_ACCEPT_QUEUE, OUTCOME_TIMEOUT_RESPONSE, ATTEMPTS, TIMEOUT);
	run_close(&run);

	open_run(&run);
	run.settings.fresh.path = "/chunked/900/silent";
	run.settings.fresh.connections = ATTEMPTS;
	run.settings.stall_timeout_us = TIMEOUT;
	run_well(&run);
	run_check(&run, COHORT_ACCEPT_QUEUE, OUTCOME_STALLED, ATTEMPTS, TIMEOUT);
	run_close(&run);
}

static void closed_ports_refuse(void **state)
{
	struct run_of_load run;
	uint16_t port;

	(void)state;
	close(scripted_listen(1, &port));
	run_open(&run, "http", "localhost", port);
	run.settings.fresh.connections = ATTEMPTS;
	run_well(&run);
	run_check(&run, COHORT_ACCEPT_QUEUE, OUTCOME_REFUSED, ATTEMPTS, 0);
	for (size_t i = 0; i < run.count; i++)
		assert_true(run.attempts[i].is_retry_safe);
	run_close(&run);
}

/* All of them wait to be accepted when the listener goes. */
static void close_listener(struct ev_loop *l, ev_timer *watcher, int events)
{
	struct run_of_load *run = watcher->data;
	struct tcp_info {
		uint8_t head[24];
		uint32_t waiting; /* tcpi_unacked, which for a listener is its queue */
	} info;
	socklen_t len = sizeof info;

	(void)events;
	assert_int_equal(getsockopt(run->listener, IPPROTO_TCP, 11 /* TCP_INFO */, &info, &len), 0);
	if (info.waiting < ATTEMPTS)
		return;
	close(run->listener);
	run->listener = -1;
	ev_timer_stop(l, watcher);
}

static void who_waits_to_be_accepted_is_reset(void **state)
{
	struct run_of_load run;
	uint16_t port;
	ev_timer timer;
	int listener = scripted_listen(ATTEMPTS, &port);

	(void)state;
	run_open(&run, "http", "127.0.0.1", port);
	run.listener = listener;
	run.settings.fresh.connections = ATTEMPTS;
	ev_timer_init(&timer, close_listener, 0.001, 0.001);
	timer.data = &run;
	ev_timer_start(run.loop, &timer);
	run_well(&run);
	run_check(&run, COHORT_ACCEPT_QUEUE, OUTCOME_RESET_CONNECT, ATTEMPTS, 0);
	run_close(&run);
}

/* A full queue drops every SYN. */
static void full_queues_time_out(void **state)
{
	struct run_of_load run;
	uint16_t port;
	int listener = scripted_listen(0, &port), first = socket(AF_INET, SOCK_STREAM, 0);

	(void)state;
	run_open(&run, "http", "127.0.0.1", port);
	assert_int_equal(
		connect(first, (struct sockaddr *)&run.target.address, run.target.address_len), 0);
	run.listener = listener;
	run.settings.fresh.connections = ATTEMPTS;
	run.settings.connect_timeout_us = TIMEOUT;
	run_well(&run);
	run_check(&run, COHORT_ACCEPT_QUEUE, OUTCOME_TIMEOUT_CONNECT, ATTEMPTS, TIMEOUT);
	for (size_t i = 0; i < run.count; i++)
		assert_true(run.attempts[i].is_retry_safe);
	close(first);
	run_close(&run);
}

static void without_a_way_it_is_unreachable(void **state)
{
	/* In a network of the test's own there is no route but the loopback's. */
	static const char *const hosts[] = {"192.0.2.1", "198.51.100.1"};

	(void)state;
	if (system("ip route add unreachable 198.51.100.0/24") != 0)
		fail_msg("ip route does not work");
	for (size_t i = 0; i < 2; i++) {
		struct run_of_load run;

		run_open(&run, "http", hosts[i], 80);
		run.settings.fresh.connections = ATTEMPTS;
		run_well(&run);
		run_check(&run, COHORT_ACCEPT_QUEUE, OUTCOME_UNREACHABLE, ATTEMPTS, 0);
		run_close(&run);
	}
}

static struct rlimit before;

static void take_descriptors(struct run_of_load *run)
{
	struct rlimit limit;

	(void)run;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	limit = before;
	limit.rlim_cur = 3;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

static void a_lack_of_descriptors_is_our_own_fault(void **state)
{
	struct run_of_load run;
	struct load_counts counts;

	(void)state;
	open_run(&run);
	run.settings.fresh.path = "/length/1800/keep";
	run.settings.fresh.connections = ATTEMPTS;
	run.when_stopped = take_descriptors;
	run_well(&run);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	run_check(&run, COHORT_ACCEPT_QUEUE, OUTCOME_CLIENT_ERROR, ATTEMPTS, 0);
	counts = load_count(run.load);
	assert_int_equal(counts.client_errors, ATTEMPTS);
	assert_int_equal(counts.last_client_error, EMFILE);
	run_close(&run);
}

/* Ten ports an address: without more than one address there would be ten connections. */
static void there_are_more_connections_than_ports(void **state)
{
	(void)state;
	assert_true(sandbox_write_file("/proc/sys/net/ipv4/ip_local_port_range", "50000 50009"));
	check_reused("/length/1800/keep", OUTCOME_OK);
	assert_true(sandbox_write_file("/proc/sys/net/ipv4/ip_local_port_range", "32768 60999"));
}

/* In this network, which has none but ours. */
static size_t count_established(void)
{
	FILE *file = fopen("/proc/net/tcp", "re");
	size_t count = 0;
	char line[256];
	unsigned state;

	assert_non_null(file);
	while (fgets(line, sizeof line, file) != NULL)
		count += sscanf(line, " %*u: %*s %*s %x", &state) == 1 && state == 1;
	fclose(file);
	return count;
}

/* Until the client's kernel has heard of it, while the client's loop has no time to look. */
static void close_connections(struct run_of_load *run)
{
	const struct timespec pause = {.tv_nsec = 1000000};

	(void)run;
	assert_int_equal(kill(server.pid, SIGUSR1), 0);
	while (count_established() > 0)
		(void)nanosleep(&pause, NULL);
}

/* No byte of it was sent: the client has seen the end before. Also when its loop has yet to say so: all of
 * them are due at once, and the last of them as many sends later. */
static void who_is_closed_before_he_asks_comes_again(void **state)
{
	struct run_of_load run;

	(void)state;
	open_run(&run);
	run.settings.keep_alive.path = "/length/1800/keep";
	run.settings.keep_alive.connections = ATTEMPTS;
	run.settings.keep_alive_offset_count = 1;
	run.when_stopped = close_connections;
	run_well(&run);
	run_check(&run, COHORT_KEEP_ALIVE, OUTCOME_OK, ATTEMPTS, 0);
	for (size_t i = 0; i < run.count; i++)
		assert_false(run.attempts[i].is_reused);
	run_close(&run);
}

static int enter(void **state)
{
	int result = sandbox_enter_network(state);

	if (result != 0)
		return result;
	scripted_server_start(&server, NULL);
	return 0;
}

static int leave(void **state)
{
	(void)state;
	scripted_server_stop(&server);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_answers_are_ok),
		cmocka_unit_test(statuses_have_their_words),
		cmocka_unit_test(resets_are_told_by_when_they_came),
		cmocka_unit_test(an_answer_before_a_reset_is_an_answer),
		cmocka_unit_test(ends_are_told_by_when_they_came),
		cmocka_unit_test(wrong_bytes_are_corrupt),
		cmocka_unit_test(silence_is_told_by_when_it_began),
		cmocka_unit_test(closed_ports_refuse),
		cmocka_unit_test(who_waits_to_be_accepted_is_reset),
		cmocka_unit_test(full_queues_time_out),
		cmocka_unit_test(without_a_way_it_is_unreachable),
		cmocka_unit_test(a_lack_of_descriptors_is_our_own_fault),
		cmocka_unit_test(there_are_more_connections_than_ports),
		cmocka_unit_test(who_is_closed_before_he_asks_comes_again),
	};

	return cmocka_run_group_tests(tests, enter, leave);
}
