/* SPDX-License-Identifier: MIT */
/* When each cohort asks: before, at and after the stop, and what the load does when it cannot have
 * what it needs. */
#include "drill/load/attempt_list.h"
#include "drill/load/health_probe.h"
#include "kernel/sandbox.h"
#include "run_of_load.h"
#include "sys/monoclock.h"

#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static struct scripted_server server;

static void open_run(struct run_of_load *run)
{
	run_open(run, "http", "127.0.0.1", server.port);
}

static size_t count_if(const struct run_of_load *run, bool (*is_one)(const struct attempt *attempt))
{
	size_t count = 0;

	for (size_t i = 0; i < run->count; i++)
		count += is_one(&run->attempts[i]);
	return count;
}

static bool was_in_flight(const struct attempt *attempt)
{
	return attempt->cohort == COHORT_IN_FLIGHT && attempt->start < 0 && attempt->end >= 0;
}

static bool is_in_flight_after_stop(const struct attempt *attempt)
{
	return attempt->cohort == COHORT_IN_FLIGHT && attempt->start >= 0;
}

/* The slow handler, the upload, the slow reader and the stream, all at once. */
static void all_kinds_of_work_are_in_flight_at_the_stop(void **state)
{
	struct run_of_load run;
	struct load_request *kinds = run.settings.in_flight;

	(void)state;
	open_run(&run);
	run.settings.in_flight_kinds = 4;
	kinds[0] = (struct load_request){
		.path = "/slow/800/keep", .connections = 20, .pattern = BODY_NUMBERED};
	kinds[1] = (struct load_request){.path = "/length/1800/keep",
		.connections = 10,
		.pattern = BODY_NUMBERED,
		.upload_bytes = 80000,
		.upload_bytes_per_s = 100000};
	kinds[2] = (struct load_request){.path = "/large/800000/keep",
		.connections = 5,
		.pattern = BODY_NUMBERED,
		.read_bytes_per_s = 1000000,
		.is_long_answer = true};
	kinds[3] = (struct load_request){.path = "/paced/300/keep",
		.connections = 15,
		.pattern = BODY_NUMBERED,
		.is_long_answer = true};
	run_well(&run);
	assert_int_equal(count_if(&run, was_in_flight), 50);
	assert_int_equal(count_if(&run, is_in_flight_after_stop), 0);
	run_check(&run, COHORT_IN_FLIGHT, OUTCOME_OK, 50, 650 * MS);
	run_close(&run);
}

/* Acknowledged is not enough: the server may not have begun to write. */
static void a_long_answer_is_in_flight_when_it_has_begun(void **state)
{
	struct run_of_load run;

	(void)state;
	open_run(&run);
	run.settings.in_flight_kinds = 1;
	run.settings.in_flight[0] = (struct load_request){.path = "/slow/300/keep",
		.connections = 10,
		.pattern = BODY_NUMBERED,
		.read_bytes_per_s = 1800,
		.is_long_answer = true};
	run_well(&run);
	assert_int_equal(count_if(&run, was_in_flight), 10);
	for (size_t i = 0; i < run.count; i++)
		assert_true(run.attempts[i].first_byte < 0);
	run_close(&run);
}

static void work_that_ends_before_the_stop_begins_again(void **state)
{
	struct run_of_load run;

	(void)state;
	open_run(&run);
	run.settings.in_flight_kinds = 1;
	run.settings.in_flight[0] = (struct load_request){
		.path = "/slow/400/keep", .connections = 100, .pattern = BODY_NUMBERED};
	run.settings.keep_alive.connections = 100; /* it takes a while to open these */
	run.settings.keep_alive.path = "/length/1800/keep";
	run_well(&run);
	assert_int_equal(count_if(&run, was_in_flight), 100);
	run_check(&run, COHORT_KEEP_ALIVE, OUTCOME_OK, 100, 0);
	run_close(&run);
}

/* Its answer is there sooner than a request counts as being in the server. */
static void check_unready(const struct load_request *in_flight, const char *reason)
{
	struct run_of_load run;

	open_run(&run);
	run.settings.in_flight_kinds = 1;
	run.settings.in_flight[0] = *in_flight;
	run.settings.settle_us = 60 * MS;
	run.settings.ready_timeout_us = 500 * MS;
	run_to_its_end(&run);
	assert_non_null(run.unready);
	assert_ptr_equal(strstr(run.unready, reason), run.unready);
	assert_int_equal(load_count(run.load).begun, load_count(run.load).ended);
	run_close(&run);
}

static void work_that_is_never_in_flight_is_not_taken_for_it(void **state)
{
	const struct load_request fast = {
		.path = "/slow/20/keep", .connections = 5, .pattern = BODY_ANY};
	const struct load_request refused = {.path = "/early/405/keep",
		.connections = 5,
		.pattern = BODY_ANY,
		.upload_bytes = 9000000};

	(void)state;
	check_unready(&fast,
		"the requests in flight were not all in the server at the same time (give --slow "
		"with the path of a request that takes its time); the last GET "
		"/slow/20/keep was answered after ");
	check_unready(&refused,
		"the requests in flight were not all in the server at the same time (give --slow "
		"with the path of a request that takes its time); the last POST "
		"/early/405/keep ended as http_4xx (405)");
}

static void answers_that_cannot_be_learned_are_missed(void **state)
{
	const struct load_request unknown = {
		.path = "/status/404/keep", .connections = 5, .pattern = BODY_SAME};

	(void)state;
	check_unready(&unknown, "the answers to compare with did not come; the last GET "
				"/status/404/keep ended as http_4xx (404)");
}

static void who_cannot_connect_is_not_ready(void **state)
{
	struct run_of_load run;
	uint16_t port;

	(void)state;
	close(scripted_listen(1, &port));
	run_open(&run, "http", "127.0.0.1", port);
	run.settings.keep_alive.connections = 3;
	run.settings.ready_timeout_us = 600 * MS;
	run_to_its_end(&run);
	assert_non_null(run.unready);
	assert_int_in_range(run.count, 3, 9); /* three at a time, four times a second */
	for (size_t i = 0; i < run.count; i++)
		assert_int_equal(run.attempts[i].outcome, OUTCOME_REFUSED);
	run_close(&run);
}

static void a_load_of_nothing_is_refused(void **state)
{
	const struct load_events events = {.user = NULL};
	struct run_of_load run;

	(void)state;
	open_run(&run);
	assert_int_equal(load_new(run.loop, &run.settings, &events, &run.load), -EINVAL);
	run.settings.keep_alive.connections = 2000000000;
	assert_int_equal(load_new(run.loop, &run.settings, &events, &run.load), -EMFILE);
	run.load = NULL;
	run_close(&run);
}

static void offsets_are_kept(void **state)
{
	struct run_of_load run;
	size_t at_offset[3] = {0};

	(void)state;
	open_run(&run);
	run.settings.keep_alive.path = "/length/1800/keep";
	run.settings.keep_alive.connections = 30;
	run_well(&run);
	for (size_t i = 0; i < run.count; i++) {
		for (size_t k = 0; k < 3; k++)
			at_offset[k] +=
				run.attempts[i].start == run.settings.keep_alive_offsets_us[k];
	}
	for (size_t k = 0; k < 3; k++)
		assert_int_equal(at_offset[k], 10);
	run_close(&run);
}

/* All that the loop does is late, as on a machine with too much to do. */
static void block(struct run_of_load *run)
{
	const struct timespec pause = {.tv_nsec = 200000000};

	(void)run;
	(void)nanosleep(&pause, NULL);
}

static void new_connections_start_when_they_are_due(void **state)
{
	int64_t previous = INT64_MIN;
	struct run_of_load run;

	(void)state;
	open_run(&run);
	run.settings.fresh.path = "/length/1800/keep";
	run.settings.fresh_per_s = 500;
	run.settings.fresh_after_exit_us = 400 * MS;
	run.when_stopped = block;
	run_well(&run);
	for (size_t i = 0; i < run.count; i++) {
		assert_int_equal(run.attempts[i].cohort, COHORT_NEW);
		assert_int_equal(run.attempts[i].outcome, OUTCOME_OK);
		if (previous != INT64_MIN)
			assert_int_equal(run.attempts[i].start - previous, 2 * MS);
		previous = run.attempts[i].start;
	}
	assert_true(run.count >= 205);
	/* Those of the blocked time say how long they waited for it. */
	for (size_t i = 0; i < run.count; i++) {
		if (run.attempts[i].start >= 0 && run.attempts[i].start < 100 * MS)
			assert_true(run.attempts[i].end >= 200 * MS);
	}
	run_close(&run);
}

static void nobody_hears(void *user)
{
	(void)user;
}

/* However many are due: a loop without a turn sees neither Ctrl-C nor a deadline. */
static void new_connections_that_are_late_leave_the_loop_a_turn(void **state)
{
	const struct load_events events = {.on_ready = nobody_hears, .on_done = nobody_hears};
	const struct timespec pause = {.tv_nsec = 100 * 1000 * 1000};
	struct run_of_load run;

	(void)state;
	open_run(&run);
	run.settings.fresh.path = "/length/1800/keep";
	run.settings.fresh_per_s = 10000;
	assert_int_equal(load_new(run.loop, &run.settings, &events, &run.load), 0);
	load_start(run.load);
	for (int i = 0; i < 4; i++) {
		size_t begun = load_count(run.load).begun;

		nanosleep(&pause, NULL);
		ev_run(run.loop, EVRUN_NOWAIT);
		assert_true(load_count(run.load).begun - begun <= 100);
	}
	assert_true(load_count(run.load).begun > 0);
	run_close(&run);
}

static void close_connections(struct run_of_load *run)
{
	(void)run;
	assert_int_equal(kill(server.pid, SIGUSR1), 0);
}

static bool is_unused_and_closed(const struct attempt *attempt)
{
	return attempt->cohort == COHORT_PRECONNECTED && attempt->start < 0 &&
	       attempt->end < 500 * MS;
}

static void unused_connections_may_be_closed_or_not(void **state)
{
	for (int closes = 0; closes < 2; closes++) {
		struct run_of_load run;

		(void)state;
		open_run(&run);
		run.settings.preconnected = 100;
		/* Its first byte proves that all earlier connections were accepted. */
		run.settings.in_flight_kinds = 1;
		run.settings.in_flight[0] = (struct load_request){.path = "/paced/200/keep",
			.connections = 1,
			.pattern = BODY_ANY,
			.is_long_answer = true};
		run.settings.fresh_after_exit_us = 500 * MS;
		run.when_stopped = closes ? close_connections : NULL;
		run_well(&run);
		run_check(&run, COHORT_PRECONNECTED, OUTCOME_OK, 100, 0);
		assert_int_equal(count_if(&run, is_unused_and_closed), closes ? 100 : 0);
		run_close(&run);
	}
}

static void an_answer_that_varies_is_not_the_same(void **state)
{
	static const struct {
		const char *path;
		enum outcome outcome;
	} cases[] = {
		{"/large/50000/keep", OUTCOME_OK},
		{"/varying/50000/keep", OUTCOME_CORRUPT},
	};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct run_of_load run;

		open_run(&run);
		run.settings.fresh = (struct load_request){
			.path = cases[i].path, .connections = 50, .pattern = BODY_SAME};
		run_well(&run);
		run_check(&run, COHORT_ACCEPT_QUEUE, cases[i].outcome, 50, 0);
		assert_int_equal(run.count, 51); /* one to learn from */
		run_close(&run);
	}
}

/* The whole takes longer than it may stand still. */
static void who_is_slow_has_not_stalled(void **state)
{
	struct run_of_load run;

	(void)state;
	open_run(&run);
	run.settings.fresh = (struct load_request){
		.path = "/paced/300/keep", .connections = 20, .pattern = BODY_NUMBERED};
	run.settings.stall_timeout_us = 800 * MS;
	run_well(&run);
	run_check(&run, COHORT_ACCEPT_QUEUE, OUTCOME_OK, 20, 900 * MS);
	run_close(&run);
}

static void who_waits_for_ever_is_given_up(void **state)
{
	struct run_of_load run;

	(void)state;
	open_run(&run);
	run.settings.in_flight_kinds = 1;
	run.settings.in_flight[0] = (struct load_request){
		.path = "/none/0/silent", .connections = 20, .pattern = BODY_ANY};
	run.settings.finish_timeout_us = 200 * MS;
	run_well(&run);
	run_check(&run, COHORT_IN_FLIGHT, OUTCOME_TIMEOUT_RESPONSE, 20, 200 * MS);
	run_close(&run);
}

/* HTTP/1.0, or one request a connection: it says so, and its clients know. */
static void a_server_that_keeps_nothing_is_connected_to_again(void **state)
{
	struct run_of_load run;

	(void)state;
	open_run(&run);
	run.settings.keep_alive.path = "/close/1800/eof";
	run.settings.keep_alive.connections = 30;
	run_well(&run);
	assert_int_equal(run.count, 60);
	run_check(&run, COHORT_KEEP_ALIVE, OUTCOME_OK, 30, 0);
	for (size_t i = 0; i < run.count; i++)
		assert_false(run.attempts[i].is_reused);
	run_close(&run);
}

/* Out of order, as they end, and with room that grows. */
static void nothing_is_lost_of_a_hundred_thousand(void **state)
{
	const size_t all = 100000, step = 7919; /* which has no divisor in common with it */
	struct client_end end = {.end = {.cause = END_ANSWERED, .http_status = 200}};
	struct attempt_list list = {.count = 0};

	(void)state;
	for (size_t i = 0; i < all; i++)
		assert_int_equal(attempt_list_begin(&list, COHORT_NEW, 0, (uint32_t)i,
					 1000000 + (int64_t)(i * step % all)),
			i);
	for (size_t i = 0; i < all; i++) {
		size_t index = i * step % all;

		end.first_byte_us = list.attempts[index].start + 1;
		end.end_us = list.attempts[index].start + 2;
		attempt_list_end(&list, index, &end, 1000000);
	}
	assert_int_equal(list.ended, all);
	assert_int_equal(list.ok, all);
	attempt_list_settle(&list, 1000000);
	for (size_t i = 0; i < all; i++) {
		assert_int_equal(list.attempts[i].start, i);
		assert_int_equal(list.attempts[i].connection * step % all, i);
		assert_int_equal(list.attempts[i].first_byte, i + 1);
		assert_int_equal(list.attempts[i].end, i + 2);
	}
	attempt_list_done(&list);
}

static void on_client_end(struct client *client, const struct client_end *end)
{
	fail_msg("the slow reader ended in state %d with cause %d", client->state, end->end.cause);
}

/* What it has not read yet is not in its own kernel either, or a server that goes would lose nothing. */
static void a_slow_reader_leaves_the_rest_in_the_server(void **state)
{
	const struct load_request wanted = {.path = "/large/4000000/keep",
		.connections = 1,
		.pattern = BODY_NUMBERED,
		.read_bytes_per_s = 100000,
		.is_long_answer = true};
	struct client_group group = {
		.connect_timeout_us = LIMIT,
		.response_timeout_us = LIMIT,
		.stall_timeout_us = LIMIT,
		.on_end = on_client_end,
	};
	struct run_of_load run;
	struct request request;
	struct client client;
	int unread;

	(void)state;
	open_run(&run);
	group.loop = run.loop;
	group.target = &run.target;
	assert_int_equal(
		request_init(&request, &run.target, &wanted, &(struct request_form){0}, false), 0);
	client_init(&client, &group);
	client_ask(&client, &request, monoclock_now_us(), NULL);
	while (client.exchange.read_bytes < 20000)
		ev_run(run.loop, EVRUN_ONCE);
	assert_int_equal(ioctl(client.transport.fd, FIONREAD, &unread), 0);
	assert_int_in_range(unread, 1, 20000);
	client_close(&client);
	request_done(&request);
	run_close(&run);
}

struct probing {
	struct ev_loop *loop;
	struct health_probe *probe;
	struct health_answer answers[3];
	unsigned count;
};

static void on_answer(void *user, const struct health_answer *answer)
{
	struct probing *probing = user;

	probing->answers[probing->count++] = *answer;
	if (probing->count < 3)
		return;
	health_probe_stop(probing->probe);
	ev_break(probing->loop, EVBREAK_ALL);
}

/* From now on there is no descriptor left. Returns the limit as it was. */
static struct rlimit use_up_descriptors(void)
{
	struct rlimit before, none;
	int next = dup(STDOUT_FILENO);

	assert_return_code(next, errno);
	close(next);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = (struct rlimit){(rlim_t)next, before.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	return before;
}

static void check_probe(const char *path, uint16_t port, int status, int error)
{
	struct probing probing = {.loop = ev_loop_new(EVFLAG_AUTO)};
	struct rlimit limit;
	enum target_stage stage;
	struct target target;
	char url[128];

	snprintf(url, sizeof url, "http://127.0.0.1:%u%s", port, path);
	assert_int_equal(target_open(&target, url, &(struct target_way){0}, &stage), 0);
	assert_int_equal(health_probe_new(probing.loop, &target, &(struct request_form){0}, 50 * MS,
				 300 * MS, on_answer, &probing, &probing.probe),
		0);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	if (error == EMFILE)
		limit = use_up_descriptors();
	health_probe_start(probing.probe);
	ev_run(probing.loop, 0);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	for (unsigned i = 0; i < 3; i++) {
		const struct health_answer *answer = &probing.answers[i];

		assert_int_equal(answer->http_status, status);
		assert_int_equal(answer->error, error);
		assert_int_equal(answer->is_drills_fault, error == EMFILE);
		if (i > 0)
			assert_true(answer->asked_us - answer[-1].asked_us >= 49 * MS);
	}
	health_probe_free(probing.probe);
	target_close(&target);
	ev_loop_destroy(probing.loop);
}

static void the_probe_says_what_it_was_told(void **state)
{
	uint16_t closed;

	(void)state;
	close(scripted_listen(1, &closed));
	check_probe("/length/1800/keep", server.port, 200, 0);
	check_probe("/status/503/keep", server.port, 503, 0);
	check_probe("/none/0/silent", server.port, 0, ETIMEDOUT);
	check_probe("/none/0/eof", server.port, 0, EPIPE);
	check_probe("/garbage/0/silent", server.port, 0, EBADMSG);
	check_probe("/", closed, 0, ECONNREFUSED);
	check_probe("/length/1800/keep", server.port, 0, EMFILE);
}

static void only_this_host_is_no_remote(void **state)
{
	static const struct {
		const char *url;
		int result;
		enum target_stage stage;
	} cases[] = {
		{"http://127.0.0.1/", 0, TARGET_REMOTE},
		{"http://127.8.9.10:81/", 0, TARGET_REMOTE},
		{"http://localhost/", 0, TARGET_REMOTE},
		{"http://[::1]/", 0, TARGET_REMOTE},
		{"http://[::ffff:127.0.0.1]/", 0, TARGET_REMOTE},
		{"http://[::ffff:192.0.2.1]/", -EREMOTE, TARGET_REMOTE},
		{"http://192.0.2.1/", -EREMOTE, TARGET_REMOTE},
		{"http://0.0.0.0/", -EREMOTE, TARGET_REMOTE},
		{"http://no-such-name.invalid/", -ENOENT, TARGET_LOOKUP},
		{"gopher://127.0.0.1/", -EINVAL, TARGET_URL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		enum target_stage stage;
		struct target target;

		assert_int_equal(
			target_open(&target, cases[i].url, &(struct target_way){0}, &stage),
			cases[i].result);
		assert_int_equal(stage, cases[i].stage);
	}
}

static int enter(void **state)
{
	int result = sandbox_enter_network(state);

	if (result == 0)
		scripted_server_start(&server, NULL);
	return result;
}

static int leave(void **state)
{
	(void)state;
	scripted_server_stop(&server);
	return 0;
}

/* Accepts two connections, and then no more, until it is ended. */
static pid_t start_lazy_server(uint16_t *ret_port)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof address;
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	pid_t pid;

	assert_return_code(bind(listener, (struct sockaddr *)&address, len), errno);
	assert_return_code(listen(listener, 100), errno);
	assert_return_code(getsockname(listener, (struct sockaddr *)&address, &len), errno);
	pid = fork();
	assert_return_code(pid, errno);
	if (pid == 0) {
		for (int i = 0; i < 2; i++)
			(void)accept(listener, NULL, NULL);
		for (;;)
			pause();
	}
	(void)close(listener);
	*ret_port = ntohs(address.sin_port);
	return pid;
}

/* The kernel has acknowledged all ten requests; the server has two. */
static void what_waits_to_be_accepted_is_not_in_the_server(void **state)
{
	struct run_of_load run;
	uint16_t port;
	pid_t pid = start_lazy_server(&port);
	unsigned queued = 0, others = 0;

	(void)state;
	run_open(&run, "http", "127.0.0.1", port);
	run.settings.response_timeout_us = 3000 * MS;
	run.settings.in_flight_kinds = 1;
	run.settings.in_flight[0] = (struct load_request){.path = "/", .connections = 10};
	run_well(&run);
	for (size_t i = 0; i < run.count; i++) {
		if (!was_in_flight(&run.attempts[i]))
			continue;
		queued += run.attempts[i].was_queued;
		others += !run.attempts[i].was_queued;
	}
	run_close(&run);
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);
	assert_int_equal(queued, 8);
	assert_int_equal(others, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_waits_to_be_accepted_is_not_in_the_server),
		cmocka_unit_test(all_kinds_of_work_are_in_flight_at_the_stop),
		cmocka_unit_test(a_long_answer_is_in_flight_when_it_has_begun),
		cmocka_unit_test(work_that_ends_before_the_stop_begins_again),
		cmocka_unit_test(work_that_is_never_in_flight_is_not_taken_for_it),
		cmocka_unit_test(answers_that_cannot_be_learned_are_missed),
		cmocka_unit_test(who_cannot_connect_is_not_ready),
		cmocka_unit_test(a_load_of_nothing_is_refused),
		cmocka_unit_test(offsets_are_kept),
		cmocka_unit_test(new_connections_start_when_they_are_due),
		cmocka_unit_test(new_connections_that_are_late_leave_the_loop_a_turn),
		cmocka_unit_test(unused_connections_may_be_closed_or_not),
		cmocka_unit_test(an_answer_that_varies_is_not_the_same),
		cmocka_unit_test(who_is_slow_has_not_stalled),
		cmocka_unit_test(who_waits_for_ever_is_given_up),
		cmocka_unit_test(a_server_that_keeps_nothing_is_connected_to_again),
		cmocka_unit_test(nothing_is_lost_of_a_hundred_thousand),
		cmocka_unit_test(a_slow_reader_leaves_the_rest_in_the_server),
		cmocka_unit_test(the_probe_says_what_it_was_told),
		cmocka_unit_test(only_this_host_is_no_remote),
	};

	return cmocka_run_group_tests(tests, enter, leave);
}
