/* SPDX-License-Identifier: MIT */
#include "lastcall/app_check.h"

#include "core/duration.h"
#include "core/http_response.h"
#include "sys/fd.h"
#include "sys/monoclock.h"
#include "sys/zero_pages.h"

#include <assert.h>
#include <errno.h>
#include <ev.h>
#include <string.h>
#include <sys/socket.h>

/* Of an answer's body so much is taken, for the application's peace of mind; what has more to say is
 * reset. */
#define DISCARD_MAX_BYTES (256 * 1024)

enum check_phase {
	PHASE_OFF, /* there are no checks (any more), or none yet */
	PHASE_PAUSE, /* between two checks: until the next one is due */
	PHASE_CONNECT, /* until the connection is made */
	PHASE_SEND, /* until the request is sent */
	PHASE_RECEIVE, /* until the status of the answer is there */
	PHASE_CLOSE, /* the verdict is there: until the application has closed its side, too */
};

struct app_check {
	struct ev_loop *loop;
	struct connection_watch *watch;
	struct log *log;
	const struct app_check_target *target;
	const char *health_path; /* for the log */
	struct app_state_settings settings;
	msec_t interval, timeout;
	struct app_evidence evidence;

	ev_io io;
	ev_timer timer;
	enum check_phase phase;
	msec_t started_at; /* the application */
	msec_t begun_at, deadline; /* of the check under way, or the last one */
	bool use_ipv6; /* where either will do */
	int first_error; /* of the other family, when both are tried; else 0 */
	bool stopped;
	size_t sent, received, discarded, request_len;
	struct app_status status;
	char answer[HTTP_RESPONSE_STATUS_BYTES];
	char request[APP_CHECK_PATH_MAX + 256];
	char failure[APP_REASON_BYTES]; /* of the last check that failed */
};

/* ---- what is known ---- */

static void say_ready(struct app_check *c)
{
	if (c->target->kind == APP_CHECK_LISTEN)
		log_event(c->log, LOG_INFO, "app_listening",
			c->evidence.visible ? "the application listens; %s says 200"
					    : "whether the application listens cannot be seen; %s "
					      "says 200",
			c->health_path);
	else if (c->target->kind == APP_CHECK_HTTP)
		log_event(c->log, LOG_INFO, "app_ready", "the application answers; %s says 200",
			c->health_path);
	else if (c->target->kind == APP_CHECK_TCP)
		log_event(c->log, LOG_INFO, "app_ready",
			"the application accepts connections on port %u; %s says 200",
			c->target->port, c->health_path);
}

static void say_change(struct app_check *c, enum app_state before)
{
	switch (c->status.state) {
	case APP_STARTING:
		log_event(c->log, LOG_INFO, "app_not_listening",
			"the application does not listen any more; %s says 503", c->health_path);
		break;
	case APP_STUCK:
		log_event(c->log, LOG_WARNING, "app_stuck",
			"the application is stuck: %s; %s says 503", c->status.reason,
			c->health_path);
		break;
	case APP_SERVING:
		if (before == APP_STUCK)
			log_event(c->log, LOG_INFO, "app_recovered",
				"the application serves again; %s says 200", c->health_path);
		else
			say_ready(c);
		break;
	case APP_STATE_COUNT:
		break;
	}
}

static void update(struct app_check *c, msec_t now)
{
	enum app_state before = c->status.state;

	if (app_status_update(&c->status, &c->settings, &c->evidence, c->failure, now))
		say_change(c, before);
}

/* What the listeners say, unless the last look was a moment ago. */
static void look(struct app_check *c, msec_t now)
{
	const struct accept_queue *queue = connection_watch_accept_queue(c->watch);

	connection_watch_glance(c->watch, now);
	c->evidence.visible = connection_watch_sees(c->watch);
	c->evidence.listens = queue->listening > 0;
	c->evidence.queue_stands_still = accept_queue_stands_still(queue);
	update(c, now);
}

void app_check_refresh(struct app_check *check, msec_t now)
{
	if (check->evidence.runs && !check->stopped)
		look(check, now);
}

const struct app_status *app_check_state(const struct app_check *check)
{
	return &check->status;
}

bool app_check_was_ready(const struct app_check *check)
{
	return check->status.was_ready;
}

/* ---- the connection of a check ---- */

static void wait_until(struct app_check *c, msec_t at)
{
	ev_now_update(c->loop);
	c->timer.repeat = (double)msec_max(msec_left(at, monoclock_now()), 1) / 1000.0;
	ev_timer_again(c->loop, &c->timer);
}

static void wait_for(struct app_check *c, int events)
{
	if (ev_is_active(&c->io) && c->io.events == events)
		return;
	ev_io_stop(c->loop, &c->io);
	ev_io_set(&c->io, c->io.fd, events);
	ev_io_start(c->loop, &c->io);
}

/* A connection that the application has not closed is reset, so that nothing of it remains: not even
 * in the queue of one that never accepts it. */
static void close_connection(struct app_check *c, bool reset)
{
	const struct linger at_once = {.l_onoff = 1};
	int fd = c->io.fd;

	if (fd < 0)
		return;
	if (reset)
		(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
	ev_io_stop(c->loop, &c->io);
	ev_io_set(&c->io, -1, EV_READ);
	(void)fd_close(fd);
}

static struct listen_address target_address(const struct app_check *c)
{
	if (!c->target->any_loopback)
		return c->target->url.address;
	if (c->use_ipv6)
		return listen_address_of(AF_INET6, &in6addr_loopback, c->target->port);
	return listen_address_of(AF_INET, (const uint8_t[]){127, 0, 0, 1}, c->target->port);
}

/* Begins to connect. Returns 0, -EINPROGRESS, or another -errno. */
static int connect_to_target(struct app_check *c)
{
	struct listen_address address = target_address(c);
	int fd = socket(address.addr.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), r;

	if (fd < 0)
		return -errno;
	ev_io_set(&c->io, fd, EV_READ);
	r = connect(fd, (const struct sockaddr *)&address.addr, address.addr_len) < 0 ? -errno : 0;
	if ((r == 0 || r == -EINPROGRESS) &&
		getsockname(fd, (struct sockaddr *)&address.addr, &address.addr_len) == 0)
		connection_watch_ignore_own(
			c->watch, c->target->port, listen_address_port(&address));
	return r;
}

/* ---- the verdict, and what comes after it ---- */

static msec_t next_check_at(const struct app_check *c)
{
	msec_t pause = c->interval;

	if (!c->evidence.was_well)
		pause = app_state_starting_pause(c->begun_at - c->started_at, c->interval);
	return msec_add(c->begun_at, pause);
}

static void pause_checks(struct app_check *c)
{
	c->phase = PHASE_PAUSE;
	wait_until(c, next_check_at(c));
}

static void note_success(struct app_check *c)
{
	c->evidence.was_well = true;
	c->evidence.failures = 0;
	update(c, monoclock_now());
}

static void note_failure(struct app_check *c)
{
	if (c->evidence.failures < UINT32_MAX)
		c->evidence.failures++;
	log_event(c->log, LOG_VERBOSE, "check_failed", "the application's check failed: %s",
		c->failure);
	update(c, monoclock_now());
}

/* A check that came to nothing for want of something of ours is no failure of the application. */
static void skip_check(struct app_check *c, int error)
{
	log_event(c->log, LOG_VERBOSE, "check_skipped",
		"cannot check the application: %s, retrying", strerror(error));
	close_connection(c, true);
	pause_checks(c);
}

/* Begins to say what is wrong with the application. */
static struct text begin_failure(struct app_check *c)
{
	struct text text;

	text_init(&text, c->failure, sizeof c->failure);
	text_printf(&text, "port %u: ", c->target->port);
	return text;
}

static void fail(struct app_check *c)
{
	close_connection(c, true);
	note_failure(c);
	pause_checks(c);
}

static void fail_of_error(struct app_check *c, int error)
{
	struct text text = begin_failure(c);

	text_add(&text, strerror(error));
	fail(c);
}

static void fail_of_time(struct app_check *c)
{
	struct text text = begin_failure(c);

	text_add(&text, c->phase == PHASE_CONNECT ? "no connection within " : "no answer within ");
	duration_add(&text, c->timeout);
	fail(c);
}

/* What the application still has to say is heard, up to a point, so that it does not run into a
 * reset. */
static void discard(struct app_check *c)
{
	char unused[4096];
	ssize_t got;

	do {
		/* TCP throws the bytes away where they are (MSG_TRUNC, tcp(7)) */
		got = recv(c->io.fd, unused, sizeof unused, MSG_TRUNC);
		if (got < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (got > 0)
			c->discarded += (size_t)got;
	} while (got > 0 && c->discarded <= DISCARD_MAX_BYTES);
	close_connection(c, got != 0);
	pause_checks(c);
}

static void linger(struct app_check *c)
{
	c->phase = PHASE_CLOSE;
	wait_until(c, msec_min(c->deadline, next_check_at(c)));
	wait_for(c, EV_READ);
	discard(c);
}

/* ---- a check, from phase to phase ---- */

static void judge_answer(struct app_check *c, int status)
{
	struct text text;

	if (status >= 200 && status < 400) {
		note_success(c);
	} else {
		text = begin_failure(c);
		if (status > 0)
			text_printf(&text, "it answered %d", status);
		else
			text_add(&text, "its answer is not HTTP/1");
		note_failure(c);
	}
	linger(c);
}

static void receive_answer(struct app_check *c)
{
	while (c->phase == PHASE_RECEIVE) {
		ssize_t got =
			recv(c->io.fd, c->answer + c->received, sizeof c->answer - c->received, 0);
		int status;

		if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
			wait_for(c, EV_READ);
			return;
		}
		if (got <= 0) {
			fail_of_error(c, got < 0 ? errno : ECONNRESET);
			return;
		}
		c->received += (size_t)got;
		status = http_response_status(c->answer, c->received);
		if (status != 0)
			judge_answer(c, status);
	}
}

static void send_request(struct app_check *c)
{
	while (c->sent < c->request_len) {
		ssize_t n = send(
			c->io.fd, c->request + c->sent, c->request_len - c->sent, MSG_NOSIGNAL);

		if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
			wait_for(c, EV_WRITE);
			return;
		}
		if (n < 0) {
			fail_of_error(c, errno);
			return;
		}
		c->sent += (size_t)n;
	}
	c->phase = PHASE_RECEIVE;
	receive_answer(c);
}

static void take_connection(struct app_check *c)
{
	if (c->target->kind == APP_CHECK_HTTP) {
		c->phase = PHASE_SEND;
		send_request(c);
		return;
	}
	note_success(c);
	(void)shutdown(c->io.fd, SHUT_WR); /* fails only when the application has gone already */
	linger(c);
}

static void begin_to_connect(struct app_check *c);

/* Nobody there: with the other family, if either will do. */
static void fail_to_connect(struct app_check *c, int error)
{
	bool may_be_other =
		error == ECONNREFUSED || error == EADDRNOTAVAIL || error == EAFNOSUPPORT;

	if (c->target->any_loopback && c->first_error == 0 && may_be_other) {
		close_connection(c, true);
		c->first_error = error;
		c->use_ipv6 = !c->use_ipv6;
		begin_to_connect(c);
		return;
	}
	if (c->first_error == ECONNREFUSED)
		error = c->first_error; /* that the machine lacks the other family is no news */
	fail_of_error(c, error);
}

static bool is_our_own_lack(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

static void begin_to_connect(struct app_check *c)
{
	int r = connect_to_target(c);

	c->phase = PHASE_CONNECT;
	if (r == 0)
		take_connection(c);
	else if (r == -EINPROGRESS)
		wait_for(c, EV_WRITE);
	else if (is_our_own_lack(-r))
		skip_check(c, -r);
	else
		fail_to_connect(c, -r);
}

static void finish_connecting(struct app_check *c)
{
	struct sockaddr_storage peer;
	socklen_t len = sizeof(int), peer_len = sizeof peer;
	int error = 0;

	(void)getsockopt(c->io.fd, SOL_SOCKET, SO_ERROR, &error, &len);
	if (error != 0)
		fail_to_connect(c, error);
	else if (getpeername(c->io.fd, (struct sockaddr *)&peer, &peer_len) == 0)
		take_connection(c);
}

static void begin_check(struct app_check *c, msec_t now)
{
	/* A handshake is the kernel's doing: whether the last connection was accepted is told by
	 * the queue, before another one of ours is in it. */
	if (c->target->kind == APP_CHECK_TCP)
		look(c, now);
	c->begun_at = now;
	c->deadline = msec_add(now, c->timeout);
	c->first_error = 0;
	c->sent = c->received = c->discarded = 0;
	wait_until(c, c->deadline);
	begin_to_connect(c);
}

static void proceed(struct app_check *c)
{
	switch (c->phase) {
	case PHASE_CONNECT:
		finish_connecting(c);
		break;
	case PHASE_SEND:
		send_request(c);
		break;
	case PHASE_RECEIVE:
		receive_answer(c);
		break;
	case PHASE_CLOSE:
		discard(c);
		break;
	case PHASE_OFF:
	case PHASE_PAUSE:
		break; /* has no connection */
	}
}

static void on_io(struct ev_loop *loop, ev_io *io, int events)
{
	(void)loop;
	(void)events;
	proceed(io->data);
}

static bool is_undecided(const struct app_check *c)
{
	return c->phase == PHASE_CONNECT || c->phase == PHASE_SEND || c->phase == PHASE_RECEIVE;
}

static void on_timer(struct ev_loop *loop, ev_timer *timer, int events)
{
	struct app_check *c = timer->data;
	msec_t now = monoclock_now();

	(void)loop;
	(void)events;
	if (is_undecided(c)) {
		if (now < c->deadline) {
			wait_until(c, c->deadline); /* libev's clock is a little ahead */
			return;
		}
		proceed(c); /* what has come while we were frozen has come in time */
		if (is_undecided(c))
			fail_of_time(c);
		return;
	}
	if (c->phase == PHASE_CLOSE)
		close_connection(c, true);
	if (now >= next_check_at(c))
		begin_check(c, now);
	else
		pause_checks(c);
}

/* ---- life ---- */

static bool has_checks(const struct app_check *c)
{
	return c->target->kind == APP_CHECK_TCP || c->target->kind == APP_CHECK_HTTP;
}

static void compose_request(struct app_check *c)
{
	struct text text;

	text_init(&text, c->request, sizeof c->request);
	text_printf(&text,
		"GET %s HTTP/1.1\r\n"
		"Host: %.*s\r\n"
		"User-Agent: lastcall/" LASTCALL_VERSION "\r\n"
		"Accept: */*\r\n"
		"Connection: close\r\n"
		"\r\n",
		c->target->url.path, (int)c->target->url.authority_len, c->target->url.authority);
	assert(!text.truncated);
	c->request_len = text.len;
}

int app_check_new(struct ev_loop *loop, const struct options *options,
	struct connection_watch *watch, struct log *log, struct app_check **ret_check)
{
	struct app_check *c = zero_pages_map(sizeof *c);

	if (c == NULL)
		return -ENOMEM;
	c->loop = loop;
	c->watch = watch;
	c->log = log;
	c->target = &options->app_check;
	c->health_path = options->health_path;
	c->interval = options->check_interval;
	c->timeout = options->check_timeout;
	c->settings = (struct app_state_settings){
		.kind = options->app_check.kind,
		.patience = options->check_timeout,
		.failures = options->check_failures,
	};
	app_status_init(&c->status, monoclock_now());
	ev_io_init(&c->io, on_io, -1, EV_READ);
	ev_init(&c->timer, on_timer);
	c->io.data = c;
	c->timer.data = c;
	if (c->target->kind == APP_CHECK_HTTP)
		compose_request(c);
	if (has_checks(c)) { /* libev allocates now what it needs for the timer later */
		wait_until(c, MSEC_NEVER / 2);
		ev_timer_stop(loop, &c->timer);
	}
	*ret_check = c;
	return 0;
}

void app_check_free(struct app_check *check)
{
	if (check == NULL)
		return;
	app_check_stop(check);
	zero_pages_unmap(check, sizeof *check);
}

void app_check_start(struct app_check *check, msec_t now)
{
	check->evidence.runs = true;
	check->started_at = check->begun_at = check->status.since = now;
	if (has_checks(check))
		begin_check(check, now);
	else
		look(check, now);
}

void app_check_stop(struct app_check *check)
{
	check->stopped = true;
	check->phase = PHASE_OFF;
	close_connection(check, true);
	ev_timer_stop(check->loop, &check->timer);
}
