/* SPDX-License-Identifier: MIT */
#include "bench/traffic_client.h"

#include "bench/http2.h"
#include "bench/must.h"
#include "bench/timers.h"
#include "bench/transport.h"
#include "sys/monoclock.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define TIMER_MARK 0xffffffffu

enum doing { THINKING, SENDING_BODY, READING };

struct client_connection {
	struct transport transport;
	enum doing doing;
	struct script_state script;
	struct act act;
	unsigned pieces_left;
	uint64_t sent; /* bytes in all, without TLS */
	uint64_t expected; /* bytes of answers in all */
	uint64_t received; /* bytes in all */
	unsigned answers_left; /* where bytes cannot be counted */
	struct http1_reader { /* of answers that a proxy has rewritten */
		char head[1024];
		size_t head_len;
		uint64_t body_left;
		bool in_body;
	} http1;
	struct http2_client http2;
};

struct client {
	const struct traffic_client_config *config;
	struct client_connection *connections;
	struct timers timers;
	struct random random;
	int epoll_fd, timer_fd;
	sem_t opened;
};

static void plan_next(struct client *client, uint32_t index);

static struct ground_truth *truth_of(const struct client *client, uint32_t index)
{
	return &client->config->truths[index];
}

static bool counts_bytes(const struct client *client)
{
	return client->config->kind->wire == WIRE_PLAIN;
}

static bool speaks_http2(const struct client *client)
{
	return client->config->kind->wire == WIRE_H2 || client->config->kind->wire == WIRE_H2_TLS;
}

static void think(struct client *client, uint32_t index, unsigned us)
{
	timers_set(&client->timers, index, monoclock_now_us() + us);
}

static void open_connection(struct client *client, uint32_t index)
{
	struct client_connection *c = &client->connections[index];
	struct epoll_event event = {.events = EPOLLIN, .data.u32 = index};
	const struct traffic_client_config *config = client->config;
	struct ground_truth *truth = truth_of(client, index);
	struct sockaddr_storage own;
	socklen_t own_len = sizeof own;
	int on = 1;

	atomic_fetch_add(&truth->version, 1); /* a handshake is neither work nor a pause */
	c->transport.fd =
		must(socket(config->address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
	if (index & 1)
		(void)setsockopt(c->transport.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	must(connect(c->transport.fd, (const struct sockaddr *)&config->address,
		     config->address_len),
		"connect");
	must(getsockname(c->transport.fd, (struct sockaddr *)&own, &own_len), "getsockname");
	/* the port is at the same place in both families */
	atomic_store(&config->connection_of_port[ntohs(((struct sockaddr_in *)&own)->sin_port)],
		index + 1);
	must(fcntl(c->transport.fd, F_SETFL, O_NONBLOCK), "fcntl");
	if (config->kind->wire == WIRE_TLS)
		transport_start_tls(&c->transport, "http/1.1");
	if (config->kind->wire == WIRE_H2_TLS)
		transport_start_tls(&c->transport, "h2");
	c->sent = c->expected = c->received = 0;
	c->script.upgraded = false;
	memset(&c->http1, 0, sizeof c->http1);
	truth->exact = counts_bytes(client);
	atomic_store(&truth->received_before, 0);
	atomic_store(&truth->acked_after, 0);
	atomic_store(&truth->finished_us, monoclock_now_us());
	atomic_fetch_add(&truth->version, 1);
	if (speaks_http2(client))
		http2_client_open(&c->http2, &c->transport);
	must(epoll_ctl(client->epoll_fd, EPOLL_CTL_ADD, c->transport.fd, &event), "epoll_ctl");
}

static void close_connection(struct client *client, uint32_t index)
{
	struct client_connection *c = &client->connections[index];
	struct sockaddr_storage own;
	socklen_t own_len = sizeof own;

	must(getsockname(c->transport.fd, (struct sockaddr *)&own, &own_len), "getsockname");
	atomic_store(
		&client->config->connection_of_port[ntohs(((struct sockaddr_in *)&own)->sin_port)],
		0);
	transport_close(&c->transport);
}

static void begin_work(struct client *client, uint32_t index, unsigned requests, uint64_t answers)
{
	struct client_connection *c = &client->connections[index];
	struct ground_truth *truth = truth_of(client, index);

	c->expected += answers;
	c->answers_left = requests;
	atomic_fetch_add(&truth->version, 1);
	atomic_store(&truth->received_before, c->sent);
	atomic_store(&truth->acked_after, c->expected);
	atomic_fetch_add(&truth->begun, requests);
	atomic_fetch_add(&truth->version, 1);
}

static void send_bytes(struct client *client, uint32_t index, const void *data, size_t len)
{
	struct client_connection *c = &client->connections[index];

	(void)client;
	c->sent += len;
	transport_send(&c->transport, data, len);
}

/* All requests are with the kernel. */
static void work_is_handed(struct client *client, uint32_t index)
{
	struct ground_truth *truth = truth_of(client, index);

	atomic_store(&truth->handed, atomic_load(&truth->begun));
}

static void finish_work(struct client *client, uint32_t index)
{
	struct ground_truth *truth = truth_of(client, index);

	atomic_store(&truth->finished_us, monoclock_now_us());
	atomic_store(&truth->finished, atomic_load(&truth->begun));
	plan_next(client, index);
}

static void send_body_piece(struct client *client, uint32_t index)
{
	static const char zeros[8192];
	struct client_connection *c = &client->connections[index];

	send_bytes(client, index, zeros, c->act.piece_bytes);
	if (--c->pieces_left > 0) {
		think(client, index, c->act.piece_gap_us);
		return;
	}
	work_is_handed(client, index);
	c->doing = READING;
}

static size_t write_request(
	const struct act *act, const struct answer_plan *plan, bool upgrade, char *buf)
{
	size_t len = (size_t)sprintf(buf, "GET " REQUEST_PATH_FORMAT " HTTP/1.1\r\nHost: bench\r\n",
		plan->id, plan->delay_us, plan->bytes, plan->chunks, plan->gap_us, plan->split);

	if (act->pieces > 0)
		len += (size_t)sprintf(
			buf + len, "Content-Length: %u\r\n", act->pieces * act->piece_bytes);
	if (act->expect_continue)
		len += (size_t)sprintf(buf + len, "Expect: 100-continue\r\n");
	if (upgrade)
		len += (size_t)sprintf(buf + len, "Upgrade: frames\r\n");
	return len + (size_t)sprintf(buf + len, "\r\n");
}

static void send_http1(struct client *client, uint32_t index)
{
	struct client_connection *c = &client->connections[index];
	const struct act *act = &c->act;
	uint64_t answers = act->expect_continue ? CONTINUE_BYTES : 0;
	char buf[4096];
	size_t len = 0;

	for (unsigned i = 0; i < act->count; i++)
		answers += answer_size(&act->plans[i]);
	begin_work(client, index, act->count, answers);
	for (unsigned i = 0; i < act->count; i++) {
		len += write_request(act, &act->plans[i], false, buf + len);
		if (!act->one_by_one && i + 1 < act->count)
			continue;
		send_bytes(client, index, buf, len);
		len = 0;
	}
	c->pieces_left = act->pieces;
	c->doing = READING;
	if (act->half_close)
		shutdown(c->transport.fd, SHUT_WR);
	if (act->pieces == 0) {
		work_is_handed(client, index);
	} else if (act->expect_continue) {
		c->doing = SENDING_BODY;
		think(client, index, act->piece_gap_us);
	} else {
		c->doing = SENDING_BODY;
		send_body_piece(client, index);
	}
	if (act->read_bytes > 0) {
		struct epoll_event nothing = {.data.u32 = index};

		must(epoll_ctl(client->epoll_fd, EPOLL_CTL_MOD, c->transport.fd, &nothing),
			"epoll_ctl");
		think(client, index, act->read_gap_us);
	}
}

static void send_upgrade(struct client *client, uint32_t index)
{
	struct client_connection *c = &client->connections[index];
	const struct act plain = {0};
	char buf[512];
	size_t len = write_request(&plain, &c->act.plans[0], true, buf);

	begin_work(client, index, 1, UPGRADE_BYTES);
	send_bytes(client, index, buf, len);
	work_is_handed(client, index);
	c->script.upgraded = true;
	c->doing = READING;
}

static void send_frame(struct client *client, uint32_t index)
{
	struct client_connection *c = &client->connections[index];
	const struct answer_plan *plan = &c->act.plans[0];
	char frame[FRAME_BYTES + 1];

	snprintf(frame, sizeof frame, FRAME_FORMAT, plan->delay_us, plan->bytes,
		(unsigned)c->act.frame_reply);
	if (c->act.frame_reply)
		begin_work(client, index, 1, plan->bytes);
	send_bytes(client, index, frame, FRAME_BYTES);
	if (!c->act.frame_reply) {
		plan_next(client, index);
		return;
	}
	work_is_handed(client, index);
	c->doing = READING;
}

static void send_http2(struct client *client, uint32_t index)
{
	struct client_connection *c = &client->connections[index];

	begin_work(client, index, c->act.count, 0);
	for (unsigned i = 0; i < c->act.count; i++) {
		const struct answer_plan *plan = &c->act.plans[i];
		char path[128];

		snprintf(path, sizeof path, REQUEST_PATH_FORMAT, plan->id, plan->delay_us,
			plan->bytes, plan->chunks, plan->gap_us, plan->split);
		http2_client_request(&c->http2, &c->transport, path);
	}
	work_is_handed(client, index);
	c->doing = READING;
}

static void begin(struct client *client, uint32_t index)
{
	struct client_connection *c = &client->connections[index];

	if (c->act.reconnect) {
		close_connection(client, index);
		open_connection(client, index);
	}
	if (speaks_http2(client))
		send_http2(client, index);
	else if (c->act.frame && !c->script.upgraded)
		send_upgrade(client, index);
	else if (c->act.frame)
		send_frame(client, index);
	else
		send_http1(client, index);
}

/* Fast answers are followed at once, in this very call, as a client in a closed loop does. */
static void plan_next(struct client *client, uint32_t index)
{
	struct client_connection *c = &client->connections[index];

	c->act = (struct act){0};
	client->config->kind->next(&c->script, &client->random, &c->act);
	c->doing = THINKING;
	if (c->act.think_us > 0 || c->act.frame)
		think(client, index, c->act.think_us);
	else
		begin(client, index);
}

/* Counts the ends of answers in what has arrived. */
static unsigned read_http1(struct http1_reader *reader, const char *data, size_t len)
{
	unsigned ends = 0;

	while (len > 0) {
		const char *length;

		if (reader->in_body) {
			size_t part = len < reader->body_left ? len : (size_t)reader->body_left;

			data += part;
			len -= part;
			reader->body_left -= part;
		} else {
			reader->head[reader->head_len++] = *data++;
			len--;
			reader->head[reader->head_len] = '\0';
			if (reader->head_len < 4 ||
				memcmp(reader->head + reader->head_len - 4, "\r\n\r\n", 4) != 0)
				continue;
			length = strstr(reader->head, "Content-Length: ");
			if (length == NULL || strncmp(reader->head, "HTTP/1.1 200", 12) != 0) {
				fprintf(stderr, "bench: error: answer: %s\n", reader->head);
				exit(BENCH_BROKEN);
			}
			reader->body_left = strtoull(length + 16, NULL, 10);
			reader->head_len = 0;
			reader->in_body = true;
		}
		if (reader->in_body && reader->body_left == 0) {
			reader->in_body = false;
			ends++;
		}
	}
	return ends;
}

static bool answers_are_complete(
	struct client *client, struct client_connection *c, const char *data, size_t len)
{
	if (counts_bytes(client))
		return c->received == c->expected;
	c->answers_left -= speaks_http2(client)
				   ? http2_client_read(&c->http2, &c->transport, data, len)
				   : read_http1(&c->http1, data, len);
	return c->answers_left == 0;
}

static void reading_ended(struct client *client, uint32_t index)
{
	struct client_connection *c = &client->connections[index];
	struct epoll_event reading = {.events = EPOLLIN, .data.u32 = index};

	if (c->act.read_bytes > 0) {
		timers_clear(&client->timers, index);
		must(epoll_ctl(client->epoll_fd, EPOLL_CTL_MOD, c->transport.fd, &reading),
			"epoll_ctl");
	}
	if (c->act.half_close) /* nothing more will come; stay until the next act reconnects */
		(void)epoll_ctl(client->epoll_fd, EPOLL_CTL_DEL, c->transport.fd, NULL);
	finish_work(client, index);
}

static void read_answers(struct client *client, uint32_t index)
{
	static char buf[1 << 18];
	struct client_connection *c = &client->connections[index];
	size_t cap = c->act.read_bytes > 0 && c->doing == READING ? c->act.read_bytes : sizeof buf;

	for (;;) {
		ssize_t len = transport_receive(&c->transport, buf, cap);

		if (len == -EAGAIN)
			return;
		if (len <= 0) {
			fprintf(stderr, "bench: error: connection %u ended: %s\n", index,
				len == 0 ? "closed" : strerror((int)-len));
			exit(BENCH_BROKEN);
		}
		c->received += (uint64_t)len;
		if (c->doing != READING) {
			if (speaks_http2(client))
				(void)http2_client_read(&c->http2, &c->transport, buf, (size_t)len);
			continue;
		}
		if (answers_are_complete(client, c, buf, (size_t)len)) {
			reading_ended(client, index);
			return;
		}
		if (c->act.read_bytes > 0)
			return;
	}
}

static void wake(struct client *client, uint32_t index)
{
	struct client_connection *c = &client->connections[index];

	switch (c->doing) {
	case THINKING:
		begin(client, index);
		break;
	case SENDING_BODY:
		send_body_piece(client, index);
		break;
	case READING:
		think(client, index, c->act.read_gap_us);
		read_answers(client, index);
		break;
	}
}

static void set_alarm(const struct client *client)
{
	struct itimerspec at = {0};
	int64_t next = timers_next_us(&client->timers);

	if (next != INT64_MAX) {
		at.it_value.tv_sec = (time_t)(next / 1000000);
		at.it_value.tv_nsec = (long)(next % 1000000 * 1000) + 1;
	}
	must(timerfd_settime(client->timer_fd, TFD_TIMER_ABSTIME, &at, NULL), "timerfd_settime");
}

static void *run(void *arg)
{
	struct client *client = arg;
	struct epoll_event events[256];

	for (uint32_t i = 0; i < client->config->connections; i++) {
		client->connections[i].script.index = i;
		client->connections[i].script.burst_left = i % 7;
		open_connection(client, i);
	}
	/* begin at different times, so that they do not march in step */
	for (uint32_t i = 0; i < client->config->connections; i++) {
		struct client_connection *c = &client->connections[i];

		client->config->kind->next(&c->script, &client->random, &c->act);
		c->act.reconnect = false;
		think(client, i, c->act.think_us + random_below(&client->random, 500000));
	}
	sem_post(&client->opened);
	for (;;) {
		uint32_t index;
		int count;

		set_alarm(client);
		count = epoll_wait(client->epoll_fd, events, 256, -1);
		for (int i = 0; i < count; i++) {
			uint64_t ticks;

			if (events[i].data.u32 == TIMER_MARK)
				(void)!read(client->timer_fd, &ticks, sizeof ticks);
			else
				read_answers(client, events[i].data.u32);
		}
		while (timers_take_due(&client->timers, monoclock_now_us(), &index))
			wake(client, index);
	}
	return NULL;
}

void traffic_client_start(const struct traffic_client_config *config)
{
	struct client *client = must_calloc(1, sizeof *client);
	struct epoll_event event = {.events = EPOLLIN, .data.u32 = TIMER_MARK};
	pthread_t thread;

	client->config = config;
	client->random.state = config->seed;
	client->connections = must_calloc(config->connections, sizeof *client->connections);
	timers_init(&client->timers, config->connections);
	client->epoll_fd = must(epoll_create1(EPOLL_CLOEXEC), "epoll_create1");
	client->timer_fd =
		must(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK), "timerfd_create");
	must(epoll_ctl(client->epoll_fd, EPOLL_CTL_ADD, client->timer_fd, &event), "epoll_ctl");
	sem_init(&client->opened, 0, 0);
	if (pthread_create(&thread, NULL, run, client) != 0)
		fail_errno("pthread_create");
	while (sem_wait(&client->opened) < 0)
		continue;
}
