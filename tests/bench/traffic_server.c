/* SPDX-License-Identifier: MIT */
#include "bench/traffic_server.h"

#include "bench/must.h"
#include "bench/timers.h"
#include "sys/monoclock.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define HEAD_FORMAT "HTTP/1.1 200 OK\r\nContent-Length: %010u\r\n\r\n"
#define CHUNKED_HEAD "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
#define CHUNK_FORMAT "%08x\r\n"
#define LAST_CHUNK "0\r\n\r\n"
#define CONTINUE "HTTP/1.1 100 Continue\r\n\r\n"
#define UPGRADE "HTTP/1.1 101 Switching Protocols\r\n\r\n"
#define INPUT_BYTES 4096

_Static_assert(sizeof CONTINUE - 1 == CONTINUE_BYTES, "CONTINUE_BYTES");

enum stage { STAGE_HEAD, STAGE_BODY, STAGE_DELAY, STAGE_SEND, STAGE_GAP };

struct served {
	int fd;
	enum stage stage;
	bool upgraded, peer_closed, blocked;
	char input[INPUT_BYTES];
	size_t input_len;
	uint64_t body_left;
	struct answer_plan plan;
	unsigned chunk; /* of plan.chunks, being sent or next */
	char small[128]; /* the head, a chunk's size, what ends it */
	size_t small_len;
	uint64_t zeros_left; /* after small */
	bool crlf_due; /* after the zeros of a chunk */
};

struct server {
	int epoll_fd, timer_fd;
	int listen_fds[4];
	size_t listen_count;
	struct served *served;
	uint32_t *free_places;
	size_t free_count;
	struct timers timers;
	struct ground_truth *truths;
};

static const char zeros[1 << 18];

uint64_t answer_size(const struct answer_plan *plan)
{
	if (plan->chunks == 0)
		return (uint64_t)snprintf(NULL, 0, HEAD_FORMAT, 0u) + plan->bytes;
	return sizeof CHUNKED_HEAD - 1 + (uint64_t)plan->chunks * (10 + plan->bytes + 2) +
	       sizeof LAST_CHUNK - 1;
}

static void watch(struct server *server, struct served *served)
{
	struct epoll_event event = {.data.u32 = (uint32_t)(served - server->served)};

	if (!served->peer_closed && served->input_len < INPUT_BYTES)
		event.events |= EPOLLIN;
	if (served->blocked)
		event.events |= EPOLLOUT;
	must(epoll_ctl(server->epoll_fd, EPOLL_CTL_MOD, served->fd, &event), "epoll_ctl");
}

static void end(struct server *server, struct served *served)
{
	uint32_t place = (uint32_t)(served - server->served);

	timers_clear(&server->timers, place);
	close(served->fd);
	served->fd = -1;
	server->free_places[server->free_count++] = place;
}

static void take(struct served *served, size_t len)
{
	served->input_len -= len;
	memmove(served->input, served->input + len, served->input_len);
}

static void prepare_chunk(struct served *served)
{
	const struct answer_plan *plan = &served->plan;
	size_t len = 0;

	if (served->chunk == 0)
		len = (size_t)sprintf(served->small, CHUNKED_HEAD);
	if (served->chunk < plan->chunks) {
		len += (size_t)sprintf(served->small + len, CHUNK_FORMAT, plan->bytes);
		served->zeros_left = plan->bytes;
		served->crlf_due = true;
	} else {
		len += (size_t)sprintf(served->small + len, LAST_CHUNK);
	}
	served->small_len = len;
}

static void begin_answer(struct server *server, struct served *served)
{
	served->stage = STAGE_SEND;
	served->chunk = 0;
	if (server->truths != NULL)
		atomic_fetch_add(&server->truths[served->plan.id].answering, 1);
	if (served->upgraded) {
		served->zeros_left = served->plan.bytes;
	} else if (served->plan.chunks > 0) {
		prepare_chunk(served);
	} else {
		served->small_len = (size_t)sprintf(served->small, HEAD_FORMAT, served->plan.bytes);
		served->zeros_left = served->plan.bytes;
	}
}

static void wait_us(struct server *server, struct served *served, unsigned us)
{
	timers_set(&server->timers, (uint32_t)(served - server->served), monoclock_now_us() + us);
}

static void begin_delay(struct server *server, struct served *served)
{
	served->stage = STAGE_DELAY;
	if (served->plan.delay_us == 0)
		begin_answer(server, served);
	else
		wait_us(server, served, served->plan.delay_us);
}

static bool send_some(struct served *served)
{
	struct iovec parts[2] = {
		{served->small, served->small_len},
		{(void *)zeros,
			served->zeros_left < sizeof zeros ? served->zeros_left : sizeof zeros},
	};
	struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
	ssize_t sent;

	if (served->plan.split & 1 && served->small_len > 0)
		message.msg_iovlen = 1;
	sent = sendmsg(served->fd, &message, MSG_NOSIGNAL);
	if (sent < 0)
		return false;
	if ((size_t)sent < served->small_len) {
		served->small_len -= (size_t)sent;
		memmove(served->small, served->small + sent, served->small_len);
		return true;
	}
	sent -= (ssize_t)served->small_len;
	served->small_len = 0;
	served->zeros_left -= (uint64_t)sent;
	if (served->zeros_left == 0 && served->crlf_due) {
		served->crlf_due = false;
		served->small_len = (size_t)sprintf(served->small, "\r\n");
	}
	return true;
}

/* Returns false when the connection is to be ended. */
static bool send_answer(struct server *server, struct served *served)
{
	served->blocked = false;
	while (served->small_len > 0 || served->zeros_left > 0) {
		if (send_some(served))
			continue;
		if (errno != EAGAIN)
			return false;
		served->blocked = true;
		return true;
	}
	if (served->plan.chunks > 0 && !served->upgraded && served->chunk < served->plan.chunks) {
		served->chunk++;
		served->stage = STAGE_GAP;
		wait_us(server, served, served->plan.gap_us);
		return true;
	}
	served->stage = STAGE_HEAD;
	return true;
}

static void set_nodelay(const struct served *served)
{
	int on = 1;

	if (served->plan.split & 2)
		(void)setsockopt(served->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

static bool take_frame(struct server *server, struct served *served)
{
	unsigned reply = 0;

	if (served->input_len < FRAME_BYTES)
		return false;
	(void)sscanf(served->input, "F d%u b%u r%u", &served->plan.delay_us, &served->plan.bytes,
		&reply);
	take(served, FRAME_BYTES);
	if (reply)
		begin_delay(server, served);
	return true;
}

/* Returns false when there is nothing to do before more has arrived. */
static bool take_head(struct served *served)
{
	struct answer_plan *plan = &served->plan;
	unsigned long long length = 0;
	char *end_of_head, *field;

	served->input[served->input_len < INPUT_BYTES ? served->input_len : INPUT_BYTES - 1] = '\0';
	end_of_head = strstr(served->input, "\r\n\r\n");
	if (end_of_head == NULL)
		return false;
	*end_of_head = '\0';
	field = strchr(served->input, '/');
	if (field == NULL || sscanf(field, "/i%u/d%u/b%u/k%u/g%u/s%u", &plan->id, &plan->delay_us,
				     &plan->bytes, &plan->chunks, &plan->gap_us, &plan->split) != 6)
		abort(); /* our own client's mistake */
	set_nodelay(served);
	field = strstr(served->input, "Content-Length: ");
	if (field != NULL)
		(void)sscanf(field, "Content-Length: %llu", &length);
	if (strstr(served->input, "Expect: 100") != NULL)
		(void)!send(served->fd, CONTINUE, sizeof CONTINUE - 1, MSG_NOSIGNAL);
	if (strstr(served->input, "Connection: close") != NULL)
		served->peer_closed = true; /* nothing more is read */
	if (strstr(served->input, "Upgrade: ") != NULL) {
		served->upgraded = true;
		(void)!send(served->fd, UPGRADE, sizeof UPGRADE - 1, MSG_NOSIGNAL);
	}
	take(served, (size_t)(end_of_head + 4 - served->input));
	served->body_left = length;
	if (!served->upgraded)
		served->stage = STAGE_BODY;
	return true;
}

static void take_body(struct server *server, struct served *served)
{
	size_t len = served->input_len < served->body_left ? served->input_len
							   : (size_t)served->body_left;

	take(served, len);
	served->body_left -= len;
	if (served->body_left == 0)
		begin_delay(server, served);
}

/* Goes on until something has to be waited for. Returns false when the connection is to be ended. */
static bool step(struct server *server, struct served *served)
{
	for (;;) {
		switch (served->stage) {
		case STAGE_HEAD:
			if (served->upgraded ? !take_frame(server, served) : !take_head(served))
				return !served->peer_closed;
			break;
		case STAGE_BODY:
			take_body(server, served);
			if (served->stage == STAGE_BODY)
				return !served->peer_closed;
			break;
		case STAGE_SEND:
			if (!send_answer(server, served))
				return false;
			if (served->stage == STAGE_SEND)
				return true;
			break;
		case STAGE_DELAY:
		case STAGE_GAP:
			return true;
		}
	}
}

static bool read_input(struct served *served)
{
	ssize_t len = recv(
		served->fd, served->input + served->input_len, INPUT_BYTES - served->input_len, 0);

	if (len < 0)
		return errno == EAGAIN;
	if (len == 0)
		served->peer_closed = true;
	served->input_len += (size_t)len;
	return true;
}

static void serve(struct server *server, uint32_t place, uint32_t events)
{
	struct served *served = &server->served[place];

	if (served->fd < 0)
		return;
	if (events & (EPOLLIN | EPOLLHUP | EPOLLERR) && served->input_len < INPUT_BYTES &&
		!served->peer_closed && !read_input(served)) {
		end(server, served);
		return;
	}
	if (step(server, served))
		watch(server, served);
	else
		end(server, served);
}

static void wake(struct server *server, uint32_t place)
{
	struct served *served = &server->served[place];

	if (served->stage == STAGE_DELAY) {
		begin_answer(server, served);
	} else if (served->stage == STAGE_GAP) {
		prepare_chunk(served);
		served->stage = STAGE_SEND;
	}
	serve(server, place, 0);
}

static void accept_all(struct server *server, int listen_fd)
{
	for (;;) {
		struct epoll_event event = {.events = EPOLLIN};
		struct served *served;
		int fd = accept4(listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd < 0)
			return;
		if (server->free_count == 0) {
			close(fd);
			continue;
		}
		event.data.u32 = server->free_places[--server->free_count];
		served = &server->served[event.data.u32];
		memset(served, 0, sizeof *served);
		served->fd = fd;
		must(epoll_ctl(server->epoll_fd, EPOLL_CTL_ADD, fd, &event), "epoll_ctl");
	}
}

static void set_alarm(const struct server *server)
{
	struct itimerspec at = {0};
	int64_t next = timers_next_us(&server->timers);

	if (next != INT64_MAX) {
		at.it_value.tv_sec = (time_t)(next / 1000000);
		at.it_value.tv_nsec = (long)(next % 1000000 * 1000) + 1;
	}
	must(timerfd_settime(server->timer_fd, TFD_TIMER_ABSTIME, &at, NULL), "timerfd_settime");
}

#define TIMER_MARK 0xffffffffu
#define LISTEN_MARK 0xfffffff0u

static void *run(void *arg)
{
	struct server *server = arg;
	struct epoll_event events[256];

	for (;;) {
		uint32_t place;
		int count;

		set_alarm(server);
		count = epoll_wait(server->epoll_fd, events, 256, -1);
		for (int i = 0; i < count; i++) {
			uint32_t mark = events[i].data.u32;
			uint64_t ticks;

			if (mark == TIMER_MARK)
				(void)!read(server->timer_fd, &ticks, sizeof ticks);
			else if (mark >= LISTEN_MARK)
				accept_all(server, server->listen_fds[mark - LISTEN_MARK]);
			else
				serve(server, mark, events[i].events);
		}
		while (timers_take_due(&server->timers, monoclock_now_us(), &place))
			wake(server, place);
	}
	return NULL;
}

void traffic_server_start(const int *listen_fds, size_t listen_count, size_t connections_max,
	struct ground_truth *truths)
{
	struct server *server = must_calloc(1, sizeof *server);
	struct epoll_event event = {.events = EPOLLIN, .data.u32 = TIMER_MARK};
	pthread_t thread;

	server->epoll_fd = must(epoll_create1(EPOLL_CLOEXEC), "epoll_create1");
	server->timer_fd =
		must(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK), "timerfd_create");
	must(epoll_ctl(server->epoll_fd, EPOLL_CTL_ADD, server->timer_fd, &event), "epoll_ctl");
	server->listen_count = listen_count;
	for (size_t i = 0; i < listen_count; i++) {
		event.data.u32 = LISTEN_MARK + (uint32_t)i;
		server->listen_fds[i] = listen_fds[i];
		must(epoll_ctl(server->epoll_fd, EPOLL_CTL_ADD, listen_fds[i], &event),
			"epoll_ctl");
	}
	server->served = must_calloc(connections_max, sizeof *server->served);
	server->free_places = must_calloc(connections_max, sizeof *server->free_places);
	for (size_t i = 0; i < connections_max; i++)
		server->free_places[server->free_count++] = (uint32_t)(connections_max - 1 - i);
	timers_init(&server->timers, connections_max);
	server->truths = truths;
	if (pthread_create(&thread, NULL, run, server) != 0)
		fail_errno("pthread_create");
}
