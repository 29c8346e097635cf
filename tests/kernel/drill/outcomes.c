/* SPDX-License-Identifier: MIT */
/* The drill's client against servers that do one thing at a known moment: each outcome, a thousand times,
 * and not once another one. */
#include "drill/load.h"
#include "kernel/sandbox.h"
#include "scripted_server.h"
#include "sys/monoclock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>

#include <cmocka.h>

#define ATTEMPTS 1000
#define MS 1000
#define TIMEOUT (400 * MS) /* where running into it is what the test is about */
#define LIMIT (30 * 1000 * MS) /* where it is not, however slow the machine is */

static struct scripted_server server;
static struct ev_loop *loop;

/* One run of the load. */
struct run_of_load {
	struct target target;
	struct load_settings settings;
	struct load *load;
	const char *unready;
	void (*when_stopped)(struct run_of_load *run);
	int listener;
	struct attempt *attempts;
	size_t count;
};

static void on_ready(void *user)
{
	struct run_of_load *run = user;
	int64_t t0 = monoclock_now_us();

	load_stop_was_given(run->load, t0);
	if (run->when_stopped != NULL)
		run->when_stopped(run);
	load_target_exited(run->load, t0 + 20 * MS);
}

static void on_unready(void *user, const char *reason)
{
	struct run_of_load *run = user;

	run->unready = reason;
	load_finish(run->load);
}

static void on_done(void *user)
{
	struct run_of_load *run = user;

	run->attempts = load_attempts(run->load, &run->count);
	ev_break(loop, EVBREAK_ALL);
}

static void open_target(
	struct run_of_load *run, const char *scheme, const char *host, uint16_t port)
{
	enum target_stage stage;
	char url[128];

	*run = (struct run_of_load){.listener = -1};
	snprintf(url, sizeof url, "%s://%s:%u/", scheme, host, port);
	assert_int_equal(target_open(&run->target, url, true, &stage), 0);
	load_settings_init(&run->settings, &run->target);
	run->settings.connect_timeout = run->settings.response_timeout =
		run->settings.stall_timeout = run->settings.finish_timeout =
			run->settings.ready_timeout = LIMIT;
	run->settings.fresh_after_exit = 20 * MS;
	run->settings.fresh.pattern = run->settings.keep_alive.pattern = BODY_NUMBERED;
	run->settings.keep_alive_offset_count = 3;
	run->settings.keep_alive_offsets[1] = 1 * MS;
	run->settings.keep_alive_offsets[2] = 10 * MS;
}

static void open_run(struct run_of_load *run)
{
	open_target(run, "http", "127.0.0.1", server.port);
}

static void begin_run(struct run_of_load *run)
{
	const struct load_events events = {on_ready, on_unready, on_done, run};

	assert_int_equal(load_new(loop, &run->settings, &events, &run->load), 0);
	load_start(run->load);
}

static void do_run(struct run_of_load *run)
{
	begin_run(run);
	ev_run(loop, 0);
	if (run->unready != NULL)
		fail_msg("not ready: %s", run->unready);
}

static void close_run(struct run_of_load *run)
{
	load_free(run->load);
	target_close(&run->target);
	if (run->listener >= 0)
		close(run->listener);
}

/* Of one cohort after the stop: ATTEMPTS, all with this outcome, which took so long at least. */
static void check_outcomes(const struct run_of_load *run, enum cohort cohort, enum outcome outcome,
	int64_t at_least_us)
{
	size_t count = 0;

	for (size_t i = 0; i < run->count; i++) {
		const struct attempt *attempt = &run->attempts[i];

		if (attempt->cohort != cohort || attempt->end < 0)
			continue;
		count++;
		if (attempt->outcome != outcome)
			fail_msg("attempt %zu is %s, not %s", i, outcome_name(attempt->outcome),
				outcome_name(outcome));
		assert_true(attempt->start <= attempt->end);
		assert_true(attempt->end - attempt->start >= at_least_us);
		assert_true(attempt->first_byte == DRILL_NEVER ||
			    (attempt->start <= attempt->first_byte &&
				    attempt->first_byte <= attempt->end));
	}
	assert_int_equal(count, ATTEMPTS);
}

/* New connections, all at once. */
static void check_new(const char *path, enum outcome outcome)
{
	struct run_of_load run;

	open_run(&run);
	run.settings.fresh.path = path;
	run.settings.fresh.connections = ATTEMPTS;
	do_run(&run);
	check_outcomes(&run, COHORT_ACCEPT_QUEUE, outcome, 0);
	close_run(&run);
}

/* The second request of each of many connections. */
static void check_reused(const char *path, enum outcome outcome)
{
	struct run_of_load run;

	open_run(&run);
	run.settings.keep_alive.path = path;
	run.settings.keep_alive.connections = ATTEMPTS;
	do_run(&run);
	check_outcomes(&run, COHORT_KEEP_ALIVE, outcome, 0);
	for (size_t i = 0; i < run.count; i++)
		assert_int_equal(run.attempts[i].is_reused, run.attempts[i].start >= 0);
	close_run(&run);
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
	check_new("/length/1800/keep/surplus", OUTCOME_CORRUPT);
	check_new("/garbage/0/silent", OUTCOME_CORRUPT);
}

static void silence_is_told_by_when_it_began(void **state)
{
	struct run_of_load run;

	(void)state;
	open_run(&run);
	run.settings.fresh.path = "/none/0/silent";
	run.settings.fresh.connections = ATTEMPTS;
	run.settings.response_timeout = TIMEOUT;
	do_run(&run);
	check_outcomes(&run, COHORT_ACCEPT_QUEUE, OUTCOME_TIMEOUT_RESPONSE, TIMEOUT);
	close_run(&run);

	open_run(&run);
	run.settings.fresh.path = "/chunked/900/silent";
	run.settings.fresh.connections = ATTEMPTS;
	run.settings.stall_timeout = TIMEOUT;
	do_run(&run);
	check_outcomes(&run, COHORT_ACCEPT_QUEUE, OUTCOME_STALLED, TIMEOUT);
	close_run(&run);
}

static void closed_ports_refuse(void **state)
{
	struct run_of_load run;
	uint16_t port;

	(void)state;
	close(scripted_listen(1, &port));
	open_target(&run, "http", "localhost", port);
	run.settings.fresh.connections = ATTEMPTS;
	do_run(&run);
	check_outcomes(&run, COHORT_ACCEPT_QUEUE, OUTCOME_REFUSED, 0);
	for (size_t i = 0; i < run.count; i++) {
		assert_true(run.attempts[i].is_retry_safe);
		assert_int_equal(run.attempts[i].phase_at_end,
			run.attempts[i].end < 20 * MS ? DRILL_DRAINING : DRILL_AFTER_EXIT);
	}
	close_run(&run);
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
	open_target(&run, "http", "127.0.0.1", port);
	run.listener = listener;
	run.settings.fresh.connections = ATTEMPTS;
	ev_timer_init(&timer, close_listener, 0.001, 0.001);
	timer.data = &run;
	ev_timer_start(loop, &timer);
	do_run(&run);
	check_outcomes(&run, COHORT_ACCEPT_QUEUE, OUTCOME_RESET_CONNECT, 0);
	close_run(&run);
}

/* A full queue drops every SYN. */
static void full_queues_time_out(void **state)
{
	struct run_of_load run;
	uint16_t port;
	int listener = scripted_listen(0, &port), first = socket(AF_INET, SOCK_STREAM, 0);

	(void)state;
	open_target(&run, "http", "127.0.0.1", port);
	assert_int_equal(
		connect(first, (struct sockaddr *)&run.target.address, run.target.address_len), 0);
	run.listener = listener;
	run.settings.fresh.connections = ATTEMPTS;
	run.settings.connect_timeout = TIMEOUT;
	do_run(&run);
	check_outcomes(&run, COHORT_ACCEPT_QUEUE, OUTCOME_TIMEOUT_CONNECT, TIMEOUT);
	for (size_t i = 0; i < run.count; i++)
		assert_true(run.attempts[i].is_retry_safe);
	close(first);
	close_run(&run);
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

		open_target(&run, "http", hosts[i], 80);
		run.settings.fresh.connections = ATTEMPTS;
		do_run(&run);
		check_outcomes(&run, COHORT_ACCEPT_QUEUE, OUTCOME_UNREACHABLE, 0);
		close_run(&run);
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
	do_run(&run);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	check_outcomes(&run, COHORT_ACCEPT_QUEUE, OUTCOME_CLIENT_ERROR, 0);
	counts = load_count(run.load);
	assert_int_equal(counts.client_errors, ATTEMPTS);
	assert_int_equal(counts.last_client_error, EMFILE);
	close_run(&run);
}

/* Ten ports an address: without more than one address there would be ten connections. */
static void there_are_more_connections_than_ports(void **state)
{
	(void)state;
	assert_true(sandbox_write_file("/proc/sys/net/ipv4/ip_local_port_range", "50000 50009"));
	check_reused("/length/1800/keep", OUTCOME_OK);
	assert_true(sandbox_write_file("/proc/sys/net/ipv4/ip_local_port_range", "32768 60999"));
}

static void close_connections(struct run_of_load *run)
{
	(void)run;
	assert_int_equal(kill(server.pid, SIGUSR1), 0);
}

/* No byte of it was sent: the client has seen the end before. */
static void who_is_closed_before_he_asks_comes_again(void **state)
{
	struct run_of_load run;

	(void)state;
	open_run(&run);
	run.settings.keep_alive.path = "/length/1800/keep";
	run.settings.keep_alive.connections = ATTEMPTS;
	run.settings.keep_alive_offset_count = 1;
	run.settings.keep_alive_offsets[0] = 1000 * MS;
	run.settings.fresh_after_exit = 1000 * MS;
	run.when_stopped = close_connections;
	do_run(&run);
	check_outcomes(&run, COHORT_KEEP_ALIVE, OUTCOME_OK, 0);
	for (size_t i = 0; i < run.count; i++)
		assert_false(run.attempts[i].is_reused);
	close_run(&run);
}

static int enter(void **state)
{
	int result = sandbox_enter_network(state);

	if (result != 0)
		return result;
	loop = ev_loop_new(EVFLAG_AUTO);
	scripted_server_start(&server, NULL);
	return 0;
}

static int leave(void **state)
{
	(void)state;
	scripted_server_stop(&server);
	ev_loop_destroy(loop);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_answers_are_ok),
		cmocka_unit_test(statuses_have_their_words),
		cmocka_unit_test(resets_are_told_by_when_they_came),
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
