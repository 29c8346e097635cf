/* SPDX-License-Identifier: MIT */
/* Real checks in a real loop, in a network of our own. The application is a listening socket in this
 * process: what it does with a connection, the test says. */
#include "lastcall/app_check.h"

#include "kernel/sandbox.h"
#include "kernel/tcp_pair.h"
#include "lastcall/loop_memory.h"
#include "sys/monoclock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ev.h>
#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>

#define PORT 8080
#define PATIENCE_S 30.0

/* What the application does with a connection. */
enum manner {
	ANSWERS, /* says `answer`, and closes */
	ANSWERS_SLOWLY, /* byte by byte, and closes */
	STAYS, /* says `answer`, and waits for the other side to close */
	SAYS_NOTHING, /* accepts, and that is all */
	ACCEPTS_NOT, /* not even that */
};

struct fixture {
	struct ev_loop *loop;
	struct log log;
	struct options options;
	struct connection_watch *watch;
	struct app_check *check;
	ev_timer impatience;

	int listener; /* of the application; -1: none */
	ev_io acceptor, speaker;
	ev_timer slowness;
	enum manner manner;
	const char *answer;
	size_t said;
	unsigned accepted;
	char request[4096]; /* the last one, as it came */
	size_t request_len;
	bool was_reset; /* the last connection ended with a reset */
};

static unsigned not_set_aside;

static void *note_allocation(void *memory, long bytes)
{
	size_t left = loop_memory_left();
	void *block = loop_memory_resize(memory, bytes);

	not_set_aside += bytes > 0 && loop_memory_left() == left;
	return block;
}

/* ---- the application ---- */

static void hang_up(struct fixture *f)
{
	if (f->speaker.fd < 0)
		return;
	ev_io_stop(f->loop, &f->speaker);
	ev_timer_stop(f->loop, &f->slowness);
	close(f->speaker.fd);
	ev_io_set(&f->speaker, -1, EV_READ);
}

static void on_slowness(struct ev_loop *loop, ev_timer *timer, int events)
{
	struct fixture *f = timer->data;

	(void)loop;
	(void)events;
	if (f->answer[f->said] == '\0') {
		hang_up(f);
		return;
	}
	(void)send(f->speaker.fd, f->answer + f->said, 1, MSG_NOSIGNAL);
	f->said++;
}

static void answer(struct fixture *f)
{
	if (f->manner == ANSWERS_SLOWLY) {
		f->said = 0;
		ev_timer_again(f->loop, &f->slowness);
		return;
	}
	(void)send(f->speaker.fd, f->answer, strlen(f->answer), MSG_NOSIGNAL);
	if (f->manner == ANSWERS)
		hang_up(f);
}

static void on_request(struct ev_loop *loop, ev_io *io, int events)
{
	struct fixture *f = io->data;
	ssize_t got = recv(
		io->fd, f->request + f->request_len, sizeof f->request - f->request_len - 1, 0);

	(void)loop;
	(void)events;
	if (got <= 0) {
		f->was_reset = got < 0;
		hang_up(f);
		return;
	}
	f->request_len += (size_t)got;
	f->request[f->request_len] = '\0';
	if (strstr(f->request, "\r\n\r\n") != NULL && f->manner != SAYS_NOTHING)
		answer(f);
}

static void on_connection(struct ev_loop *loop, ev_io *io, int events)
{
	struct fixture *f = io->data;
	int fd = accept4(io->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	(void)events;
	if (fd < 0)
		return;
	hang_up(f);
	f->accepted++;
	f->request_len = 0;
	ev_io_set(&f->speaker, fd, EV_READ);
	ev_io_start(loop, &f->speaker);
}

/* For IPv6 alone: tcp_listen's sockets take IPv4 too. */
static int listen_on_ipv6(void)
{
	int fd = tcp_must(socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
	struct sockaddr_storage address;
	socklen_t len = tcp_address(&address, AF_INET6, true, PORT);

	tcp_set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
	tcp_set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	tcp_must(bind(fd, (struct sockaddr *)&address, len), "bind");
	tcp_must(listen(fd, 16), "listen");
	return fd;
}

/* AF_UNSPEC: one socket for both. */
static void app_begin(struct fixture *f, int family, enum manner manner, const char *says)
{
	f->manner = manner;
	f->answer = says;
	if (family == AF_INET6)
		f->listener = listen_on_ipv6();
	else
		f->listener = tcp_listen(family == AF_UNSPEC ? AF_INET6 : AF_INET, PORT, 16);
	tcp_must(fcntl(f->listener, F_SETFL, O_NONBLOCK), "fcntl");
	ev_io_set(&f->acceptor, f->listener, EV_READ);
	if (manner != ACCEPTS_NOT)
		ev_io_start(f->loop, &f->acceptor);
}

static void app_accept_at_last(struct fixture *f, enum manner manner)
{
	f->manner = manner;
	ev_io_start(f->loop, &f->acceptor);
}

static void app_end(struct fixture *f)
{
	ev_io_stop(f->loop, &f->acceptor);
	hang_up(f);
	if (f->listener >= 0)
		close(f->listener);
	f->listener = -1;
}

/* ---- the check ---- */

static void on_impatience(struct ev_loop *loop, ev_timer *timer, int events)
{
	(void)loop;
	(void)timer;
	(void)events;
	fail_msg("nothing happened for %g s", PATIENCE_S);
}

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	assert_non_null(f);
	ev_set_allocator(note_allocation);
	f->loop = ev_loop_new(EVFLAG_NOENV | EVBACKEND_EPOLL);
	assert_non_null(f->loop);
	f->log = (struct log){.sink = {.fd = -1}};
	f->listener = -1;
	ev_io_init(&f->acceptor, on_connection, -1, EV_READ);
	ev_io_init(&f->speaker, on_request, -1, EV_READ);
	ev_timer_init(&f->slowness, on_slowness, 0., 0.01);
	ev_timer_init(&f->impatience, on_impatience, PATIENCE_S, 0.);
	f->acceptor.data = f->speaker.data = f->slowness.data = f;
	ev_timer_start(f->loop, &f->impatience);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	app_end(f);
	app_check_free(f->check);
	connection_watch_free(f->watch);
	ev_loop_destroy(f->loop);
	free(f);
	return 0;
}

/* Begins to check, with intervals that suit a test. */
static void begin(struct fixture *f, const char *target)
{
	f->options.settle = 200;
	f->options.ports[0] = (struct port_range){PORT, PORT};
	f->options.port_range_count = 1;
	f->options.health_path = "/healthcheck";
	f->options.check_interval = 60;
	if (f->options.check_timeout == 0)
		f->options.check_timeout = 150;
	f->options.check_failures = 2;
	f->options.app_check_count = 1;
	assert_int_equal(app_check_target_parse(target, &f->options.app_checks[0]), 0);
	assert_int_equal(
		connection_watch_new(&f->options, &(struct stop_budget){0}, 0, &f->log, &f->watch),
		0);
	assert_int_equal(app_check_new(f->loop, &f->options, f->watch, &f->log, &f->check), 0);
	app_check_start(f->check, monoclock_now());
}

static const struct app_status *status_now(struct fixture *f)
{
	app_check_refresh(f->check, monoclock_now());
	return app_check_state(f->check);
}

static void on_pause_over(struct ev_loop *loop, ev_timer *timer, int events)
{
	(void)timer;
	(void)events;
	ev_break(loop, EVBREAK_ALL);
}

/* Lets the loop run for so long. */
static void run_for(struct fixture *f, int ms)
{
	ev_timer timer;

	ev_timer_init(&timer, on_pause_over, ms / 1000.0, 0.);
	ev_now_update(f->loop);
	ev_timer_start(f->loop, &timer);
	ev_run(f->loop, 0);
	ev_timer_stop(f->loop, &timer);
}

/* The same until the state is this one, asking as probes do. */
static void wait_for_state(struct fixture *f, enum app_state wanted)
{
	while (status_now(f)->state != wanted)
		run_for(f, 5);
}

/* The same for so long. */
static void probe_for(struct fixture *f, int ms)
{
	msec_t until = monoclock_now() + ms;

	while (monoclock_now() < until) {
		run_for(f, 10);
		(void)status_now(f);
	}
}

/* ---- listen ---- */

static void listen_needs_a_listener_and_no_traffic(void **state)
{
	struct fixture *f = *state;

	begin(f, "listen");
	assert_int_equal(status_now(f)->state, APP_STARTING);
	app_begin(f, AF_INET, SAYS_NOTHING, "");
	wait_for_state(f, APP_SERVING);
	assert_true(app_check_was_ready(f->check));
	assert_int_equal(f->accepted, 0);
	app_end(f);
	wait_for_state(f, APP_STARTING);
}

static void a_queue_that_stands_still_is_stuck_until_it_moves(void **state)
{
	struct fixture *f = *state;
	int client;

	begin(f, "listen");
	app_begin(f, AF_INET, ACCEPTS_NOT, "");
	wait_for_state(f, APP_SERVING);
	probe_for(f, 300);
	assert_int_equal(status_now(f)->state, APP_SERVING); /* no client waits */
	client = tcp_connect(AF_INET, PORT);
	wait_for_state(f, APP_STUCK);
	assert_non_null(strstr(status_now(f)->reason, "no connection accepted for"));
	app_accept_at_last(f, SAYS_NOTHING);
	wait_for_state(f, APP_SERVING);
	close(client);
}

static void a_poll_is_what_a_health_request_causes(void **state)
{
	struct fixture *f = *state;
	msec_t polled_at;
	int client;

	begin(f, "listen");
	app_begin(f, AF_INET, ACCEPTS_NOT, "");
	client = tcp_connect(AF_INET, PORT);
	polled_at = connection_watch_polled_at(f->watch);
	run_for(f, 400);
	assert_int_equal(connection_watch_polled_at(f->watch), polled_at);
	wait_for_state(f, APP_SERVING); /* seen waiting for the first time, so not stuck */
	polled_at = connection_watch_polled_at(f->watch);
	run_for(f, 400);
	assert_int_equal(connection_watch_polled_at(f->watch), polled_at);
	wait_for_state(f, APP_STUCK); /* on a slow machine the next poll is due later */
	close(client);
}

static void clients_that_reset_leave_the_queue_as_it_is(void **state)
{
	struct fixture *f = *state;

	begin(f, "listen");
	app_begin(f, AF_INET, ACCEPTS_NOT, "");
	tcp_reset(tcp_connect(AF_INET, PORT));
	wait_for_state(f, APP_STUCK);
}

static void a_slow_queue_that_moves_is_none(void **state)
{
	struct fixture *f = *state;
	int clients[12], count = 12;

	f->options.check_timeout = 1000; /* polls may be a quarter of a second apart */
	begin(f, "listen");
	app_begin(f, AF_INET, ACCEPTS_NOT, "");
	for (int i = 0; i < count; i++) {
		clients[i] = tcp_connect(AF_INET, PORT);
		run_for(f, 20); /* the poll must see the first client */
	}
	for (int i = 0; i < count; i++) { /* the last one waits for longer than that */
		assert_int_not_equal(status_now(f)->state, APP_STUCK);
		close(tcp_accept(f->listener));
		probe_for(f, 150);
	}
	for (int i = 0; i < count; i++)
		close(clients[i]);
}

static void none_asks_for_nothing(void **state)
{
	struct fixture *f = *state;

	begin(f, "none");
	assert_int_equal(status_now(f)->state, APP_SERVING);
}

/* ---- tcp ---- */

static void tcp_needs_somebody_who_accepts(void **state)
{
	struct fixture *f = *state;

	begin(f, "tcp:8080");
	run_for(f, 100);
	assert_int_equal(status_now(f)->state, APP_STARTING);
	assert_non_null(strstr(status_now(f)->reason, "port 8080: Connection refused"));
	app_begin(f, AF_INET, SAYS_NOTHING, "");
	wait_for_state(f, APP_SERVING);
	run_for(f, 300);
	assert_true(f->accepted >= 3);
	assert_false(f->was_reset); /* it ended as connections do */
	app_end(f);
	wait_for_state(f, APP_STUCK);
	app_begin(f, AF_INET, SAYS_NOTHING, "");
	wait_for_state(f, APP_SERVING);
}

static void tcp_tries_ipv6_too(void **state)
{
	struct fixture *f = *state;

	app_begin(f, AF_INET6, SAYS_NOTHING, "");
	begin(f, "tcp:8080");
	wait_for_state(f, APP_SERVING);
	app_end(f);
	wait_for_state(f, APP_STUCK);
	assert_non_null(strstr(status_now(f)->reason, "Connection refused"));
	app_begin(f, AF_INET, SAYS_NOTHING, "");
	wait_for_state(f, APP_SERVING);
}

static void tcp_notices_who_never_accepts(void **state)
{
	struct fixture *f = *state;

	app_begin(f, AF_INET, ACCEPTS_NOT, "");
	begin(f, "tcp:8080");
	while (app_check_state(f->check)->state != APP_STUCK) /* noticed without a health request */
		run_for(f, 5);
}

static void tcp_recovers_when_the_queue_moves(void **state)
{
	struct fixture *f = *state;

	app_begin(f, AF_INET, ACCEPTS_NOT, "");
	begin(f, "tcp:8080");
	wait_for_state(f, APP_STUCK);
	app_accept_at_last(f, SAYS_NOTHING);
	wait_for_state(f, APP_SERVING);
}

/* ---- http ---- */

static void http_needs_an_answer_of_2xx_or_3xx(void **state)
{
	static const struct {
		const char *answer;
		enum app_state state;
		const char *reason;
	} cases[] = {
		{"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", APP_SERVING, ""},
		{"HTTP/1.0 204\r\n\r\n", APP_SERVING, ""},
		{"HTTP/1.1 302 Found\r\nLocation: /login\r\n\r\n", APP_SERVING, ""},
		{"HTTP/1.1 404 Not Found\r\n\r\n", APP_STARTING, "port 8080: it answered 404"},
		{"HTTP/1.1 500 Oops\r\n\r\n", APP_STARTING, "port 8080: it answered 500"},
		{"SSH-2.0-x\r\n", APP_STARTING, "port 8080: its answer is not HTTP/1"},
		{"", APP_STARTING, "port 8080: Connection reset by peer"},
		{"HTTP/1.1 20", APP_STARTING, "port 8080: Connection reset by peer"},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		app_begin(f, AF_INET, ANSWERS, cases[i].answer);
		begin(f, "http://127.0.0.1:8080/health?full=1");
		run_for(f, 80);
		assert_int_equal(status_now(f)->state, cases[i].state);
		assert_string_equal(status_now(f)->reason, cases[i].reason);
		assert_true(f->accepted > 0);
		assert_false(f->was_reset);
		assert_int_equal(strncmp(f->request,
					 "GET /health?full=1 HTTP/1.1\r\n"
					 "Host: 127.0.0.1:8080\r\n",
					 51),
			0);
		assert_non_null(strstr(f->request, "\r\nConnection: close\r\n"));
		app_check_free(f->check);
		connection_watch_free(f->watch);
		app_end(f);
		f->accepted = 0;
	}
	f->check = NULL;
	f->watch = NULL;
}

static void http_failures_in_a_row_are_counted(void **state)
{
	struct fixture *f = *state;

	app_begin(f, AF_INET, ANSWERS, "HTTP/1.1 200 OK\r\n\r\n");
	begin(f, "http://127.0.0.1:8080/");
	wait_for_state(f, APP_SERVING);
	f->answer = "HTTP/1.1 503 Busy\r\n\r\n";
	f->accepted = 0;
	wait_for_state(f, APP_STUCK);
	assert_int_equal(f->accepted, 2);
	assert_string_equal(status_now(f)->reason, "port 8080: it answered 503");
	f->answer = "HTTP/1.1 200 OK\r\n\r\n";
	f->accepted = 0;
	wait_for_state(f, APP_SERVING);
	assert_int_equal(f->accepted, 1);
}

static void http_takes_an_answer_in_pieces(void **state)
{
	struct fixture *f = *state;

	app_begin(f, AF_INET, ANSWERS_SLOWLY, "HTTP/1.1 200\r\n");
	f->slowness.repeat = 0.002;
	begin(f, "http://127.0.0.1:8080/");
	wait_for_state(f, APP_SERVING);
}

static void http_has_one_deadline(void **state)
{
	struct fixture *f = *state;
	msec_t begun_at;

	app_begin(f, AF_INET, ANSWERS_SLOWLY, "HTTP/1.1 200 OK, and on and on it goes\r\n");
	f->slowness.repeat = 0.04; /* each byte comes in time, their end does not */
	begin(f, "http://127.0.0.1:8080/");
	begun_at = monoclock_now();
	while (f->was_reset == false)
		ev_run(f->loop, EVRUN_ONCE);
	assert_int_in_range(monoclock_now() - begun_at, 150, 400);
	assert_int_equal(status_now(f)->state, APP_STARTING);
	assert_string_equal(status_now(f)->reason, "port 8080: no answer within 150ms");
}

static void http_says_who_does_not_even_accept(void **state)
{
	struct fixture *f = *state;

	app_begin(f, AF_INET, ACCEPTS_NOT, "");
	begin(f, "http://localhost:8080/");
	run_for(f, 400);
	assert_string_equal(status_now(f)->reason, "port 8080: no answer within 150ms");
}

static void http_does_not_cut_a_long_answer_short(void **state)
{
	static char big[100000] = "HTTP/1.1 200 OK\r\nContent-Length: 99000\r\n\r\n";
	struct fixture *f = *state;

	memset(big + strlen(big), 'x', sizeof big - strlen(big) - 1);
	app_begin(f, AF_INET, STAYS, big);
	begin(f, "http://127.0.0.1:8080/");
	wait_for_state(f, APP_SERVING);
	run_for(f, 30);
	assert_int_equal(f->accepted, 1);
	assert_false(f->was_reset);
	run_for(f, 400); /* and yet one that does not close is not waited for */
	assert_true(f->accepted > 2);
}

static void http_tries_both_families_for_localhost(void **state)
{
	struct fixture *f = *state;

	app_begin(f, AF_INET6, ANSWERS, "HTTP/1.1 200 OK\r\n\r\n");
	begin(f, "http://localhost:8080");
	wait_for_state(f, APP_SERVING);
	assert_non_null(strstr(f->request, "GET / HTTP/1.1\r\nHost: localhost:8080\r\n"));
}

static void http_asks_the_address_that_was_given(void **state)
{
	struct fixture *f = *state;

	app_begin(f, AF_INET6, ANSWERS, "HTTP/1.1 200 OK\r\n\r\n");
	begin(f, "http://[::1]:8080/");
	wait_for_state(f, APP_SERVING);
	assert_non_null(strstr(f->request, "Host: [::1]:8080\r\n"));
}

/* ---- what all checks have in common ---- */

static void our_own_connections_are_no_work(void **state)
{
	static const struct {
		int family;
		enum manner manner;
		const char *target;
	} cases[] = {
		{AF_INET, SAYS_NOTHING, "http://127.0.0.1:8080/"},
		{AF_INET6, SAYS_NOTHING, "http://[::1]:8080/"},
		{AF_UNSPEC, SAYS_NOTHING, "http://127.1.2.3:8080/"}, /* ::ffff:127.1.2.3 there */
		{AF_UNSPEC, ACCEPTS_NOT, "tcp:8080"},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct conn_counts *counts;

		app_begin(f, cases[i].family, cases[i].manner, "");
		begin(f, cases[i].target);
		run_for(f, 40);
		connection_watch_poll(f->watch, monoclock_now());
		counts = &connection_watch_tracker(f->watch)->counts;
		assert_int_equal(counts->listening, 1);
		assert_int_equal(counts->open, 0);
		assert_int_equal(counts->unaccepted, 0);
		app_check_free(f->check);
		connection_watch_free(f->watch);
		app_end(f);
	}
	f->check = NULL;
	f->watch = NULL;
}

static void a_stop_ends_the_check_under_way(void **state)
{
	const struct conn_tracker *tracker;
	struct fixture *f = *state;
	unsigned accepted;

	app_begin(f, AF_INET, SAYS_NOTHING, "");
	begin(f, "http://127.0.0.1:8080/");
	while (f->request_len == 0)
		ev_run(f->loop, EVRUN_ONCE);
	accepted = f->accepted;
	app_check_stop(f->check);
	(void)connection_watch_follow(f->watch, NULL, monoclock_now());
	run_for(f, 300);
	assert_true(f->was_reset);
	assert_int_equal(f->accepted, accepted);
	connection_watch_app_signalled(f->watch);
	connection_watch_poll(f->watch, monoclock_now());
	connection_watch_finish(f->watch, monoclock_now());
	tracker = connection_watch_tracker(f->watch);
	assert_int_equal(tracker->totals.arrived, 0);
	assert_int_equal(tracker->totals.cut + tracker->totals.finished, 0);
	assert_int_equal(tracker->totals.busy_at_start, 0);
	app_check_stop(f->check); /* may be repeated */
	assert_int_equal(status_now(f)->state, APP_STARTING);
}

static void what_a_stuck_application_leaves_of_them_is_no_loss(void **state)
{
	const struct conn_tracker *tracker;
	struct fixture *f = *state;

	app_begin(f, AF_INET, ACCEPTS_NOT, "");
	begin(f, "http://127.0.0.1:8080/");
	run_for(f, 1000);
	app_check_stop(f->check);
	(void)connection_watch_follow(f->watch, NULL, monoclock_now());
	connection_watch_app_signalled(f->watch);
	app_end(f); /* now their sockets end, one by one */
	connection_watch_poll(f->watch, monoclock_now());
	connection_watch_finish(f->watch, monoclock_now());
	tracker = connection_watch_tracker(f->watch);
	assert_int_equal(tracker->totals.arrived, 0);
	assert_int_equal(tracker->totals.cut + tracker->totals.accept_queue_lost, 0);
}

static void what_checks_make_the_loop_ask_for_is_set_aside(void **state)
{
	struct fixture *f = *state;

	app_begin(f, AF_INET, ANSWERS, "HTTP/1.1 200 OK\r\n\r\n");
	begin(f, "http://localhost:8080/");
	run_for(f, 200);
	not_set_aside = 0;
	run_for(f, 500);
	f->manner = SAYS_NOTHING;
	run_for(f, 500);
	app_end(f);
	run_for(f, 200);
	assert_int_equal(not_set_aside, 0);
}

static void without_descriptors_the_state_stays(void **state)
{
	struct fixture *f = *state;
	int fds[64], count = 0;
	struct rlimit limit, low;

	app_begin(f, AF_INET, ANSWERS, "HTTP/1.1 200 OK\r\n\r\n");
	begin(f, "http://127.0.0.1:8080/");
	wait_for_state(f, APP_SERVING);
	run_for(f, 30);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	low = (struct rlimit){.rlim_cur = 32, .rlim_max = limit.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
	while (count < 64 && (fds[count] = dup(0)) >= 0)
		count++;
	f->accepted = 0;
	run_for(f, 400);
	assert_int_equal(f->accepted, 0);
	assert_int_equal(status_now(f)->state, APP_SERVING);
	while (count > 0)
		close(fds[--count]);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	run_for(f, 200);
	assert_true(f->accepted > 0);
}

/* Which ports a connection of ours may come from. */
static void set_local_ports(const char *range)
{
	int fd = tcp_must(open("/proc/sys/net/ipv4/ip_local_port_range", O_WRONLY | O_CLOEXEC),
		"open the range of local ports");

	assert_int_equal(write(fd, range, strlen(range)), strlen(range));
	close(fd);
}

/* On a busy host other connections to the application have them all. */
static void without_a_local_port_the_state_stays(void **state)
{
	static const char *const targets[] = {"http://127.0.0.1:8080/", "tcp:8080"};
	struct fixture *f = *state;
	int fd;

	for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
		app_begin(f, AF_INET, ANSWERS, "HTTP/1.1 200 OK\r\n\r\n");
		begin(f, targets[i]);
		wait_for_state(f, APP_SERVING);
		run_for(f, 30);
		set_local_ports("20000 20000");
		fd = tcp_connect(AF_INET, PORT);
		run_for(f, 30);
		f->accepted = 0;
		run_for(f, 400);
		assert_int_equal(f->accepted, 0);
		assert_int_equal(status_now(f)->state, APP_SERVING);
		set_local_ports("32768 60999");
		run_for(f, 200);
		assert_true(f->accepted > 0);
		close(fd);
		assert_int_equal(tear_down(state), 0);
		assert_int_equal(set_up(state), 0);
		f = *state;
	}
}

#define CHECK(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CHECK(listen_needs_a_listener_and_no_traffic),
		CHECK(a_queue_that_stands_still_is_stuck_until_it_moves),
		CHECK(a_poll_is_what_a_health_request_causes),
		CHECK(clients_that_reset_leave_the_queue_as_it_is),
		CHECK(a_slow_queue_that_moves_is_none),
		CHECK(none_asks_for_nothing),
		CHECK(tcp_needs_somebody_who_accepts),
		CHECK(tcp_tries_ipv6_too),
		CHECK(tcp_notices_who_never_accepts),
		CHECK(tcp_recovers_when_the_queue_moves),
		CHECK(http_needs_an_answer_of_2xx_or_3xx),
		CHECK(http_failures_in_a_row_are_counted),
		CHECK(http_takes_an_answer_in_pieces),
		CHECK(http_has_one_deadline),
		CHECK(http_says_who_does_not_even_accept),
		CHECK(http_does_not_cut_a_long_answer_short),
		CHECK(http_tries_both_families_for_localhost),
		CHECK(http_asks_the_address_that_was_given),
		CHECK(our_own_connections_are_no_work),
		CHECK(a_stop_ends_the_check_under_way),
		CHECK(what_a_stuck_application_leaves_of_them_is_no_loss),
		CHECK(what_checks_make_the_loop_ask_for_is_set_aside),
		CHECK(without_descriptors_the_state_stays),
		CHECK(without_a_local_port_the_state_stays),
	};

	return cmocka_run_group_tests(tests, sandbox_enter_network, NULL);
}
