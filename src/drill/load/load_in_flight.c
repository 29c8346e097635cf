/* SPDX-License-Identifier: MIT */
#include "drill/load/load_in_flight.h"

#include "drill/load/load_ramp_rate.h"
#include "drill/load/load_timer.h"
#include "sys/monoclock.h"

#include <errno.h>
#include <stdlib.h>

#define ACCEPT_PATIENCE_US INT64_C(1000000)

/* From one request of a connection to its next, at least: a path that is answered at once is no flood. */
#define ASK_AGAIN_US INT64_C(250000)

static void on_again(struct ev_loop *loop, ev_timer *watcher, int events)
{
	struct in_flight_conn *conn = watcher->data;

	(void)loop;
	(void)events;
	/* A kept connection through a balancer of connections would stay with its old server. */
	client_close(&conn->conn.client);
	load_conn_ask(&conn->conn, monoclock_now_us());
}

static void ask_again(struct in_flight_conn *conn)
{
	const struct load_conns *conns = conn->conn.conns;
	int64_t at_us = conn->not_before_us;

	if (!conn->in_flight->is_asking_again || ev_is_active(&conn->again))
		return;
	if (conn->conn.last_attempt != NO_ATTEMPT) {
		int64_t next_us =
			conns->attempts.attempts[conn->conn.last_attempt].start + ASK_AGAIN_US;

		at_us = next_us > at_us ? next_us : at_us;
	}
	load_timer_start(conns->group.loop, &conn->again, at_us);
}

static void on_end(struct load_conn *conn, const struct client_end *end)
{
	struct in_flight_conn *in_flight = (struct in_flight_conn *)conn;

	in_flight->is_in_server = in_flight->is_queued = false;
	in_flight->is_accepted = end->may_ask_again;
	in_flight->not_before_us = load_ramp_again_at(end);
	ask_again(in_flight);
}

/* The kinds take turns, so that a part of the cohort is a part of each. */
static void share_out(struct in_flight *in_flight, const struct load_settings *settings,
	const struct request *requests)
{
	unsigned left[LOAD_MAX_IN_FLIGHT], kind = 0;

	if (settings->in_flight_kinds == 0)
		return;
	for (unsigned i = 0; i < settings->in_flight_kinds; i++)
		left[i] = settings->in_flight[i].connections;
	for (unsigned i = 0; i < in_flight->count; i++) {
		while (left[kind] == 0)
			kind = (kind + 1) % settings->in_flight_kinds;
		left[kind]--;
		in_flight->conns[i].conn.request = &requests[kind];
		kind = (kind + 1) % settings->in_flight_kinds;
	}
}

int in_flight_init(struct in_flight *in_flight, struct load_conns *conns,
	const struct load_settings *settings, const struct request *requests)
{
	server_queue_open(&in_flight->queue, settings->server);
	in_flight->count = load_settings_in_flight(settings);
	in_flight->goes_on = settings->goes_on;
	in_flight->conns =
		calloc(in_flight->count > 0 ? in_flight->count : 1, sizeof *in_flight->conns);
	if (in_flight->conns == NULL)
		return -ENOMEM;
	for (unsigned i = 0; i < in_flight->count; i++) {
		struct in_flight_conn *one = &in_flight->conns[i];

		load_conn_init(&one->conn, conns, COHORT_IN_FLIGHT, NULL);
		one->conn.on_end = on_end;
		one->in_flight = in_flight;
		ev_init(&one->again, on_again);
		one->again.data = one;
	}
	share_out(in_flight, settings, requests);
	return 0;
}

static void stop_asking_again(struct in_flight *in_flight)
{
	in_flight->is_asking_again = false;
	for (unsigned i = 0; in_flight->conns != NULL && i < in_flight->count; i++)
		ev_timer_stop(
			in_flight->conns[i].conn.conns->group.loop, &in_flight->conns[i].again);
}

void in_flight_done(struct in_flight *in_flight)
{
	stop_asking_again(in_flight);
	for (unsigned i = 0; in_flight->conns != NULL && i < in_flight->count; i++)
		load_conn_done(&in_flight->conns[i].conn);
	if (in_flight->conns != NULL) /* else the queue may not be open */
		server_queue_close(&in_flight->queue);
	free(in_flight->conns);
}

static void ask_some(struct in_flight *in_flight, int64_t now_us)
{
	unsigned asked = 0, most = load_ramp_opens_at_once(in_flight->count);

	for (unsigned i = 0; i < in_flight->count && asked < most; i++) {
		struct in_flight_conn *conn = &in_flight->conns[i];

		if (conn->conn.attempt != NO_ATTEMPT || now_us < conn->not_before_us)
			continue;
		asked++;
		load_conn_ask(&conn->conn, now_us);
	}
}

static bool is_under_way(const struct in_flight_conn *conn)
{
	return conn->is_in_server && conn->conn.attempt != NO_ATTEMPT;
}

/* The kernel accepts before the server does: a request there is in no program's hands. */
static void see_whether_accepted(struct in_flight *in_flight, struct in_flight_conn *conn)
{
	int r;

	if (!is_under_way(conn) || conn->is_accepted)
		return;
	r = server_queue_holds(&in_flight->queue, conn->conn.client.transport.fd);
	conn->is_queued = r > 0;
	conn->is_queue_unknown = r < 0;
	conn->is_accepted = !conn->is_queued;
}

void in_flight_stop(struct in_flight *in_flight)
{
	in_flight->is_asking_again = in_flight->goes_on;
	for (unsigned i = 0; i < in_flight->count; i++) {
		struct in_flight_conn *one = &in_flight->conns[i];
		struct attempt *attempt;

		if (one->conn.attempt == NO_ATTEMPT) {
			ask_again(one);
			continue;
		}
		attempt = &one->conn.conns->attempts.attempts[one->conn.attempt];
		attempt->was_queued = one->is_queued;
		attempt->is_queue_unknown = one->is_queue_unknown;
	}
}

/* A busy server accepts a little later. One with less workers than requests never does. */
static bool is_accepted_or_never_will_be(struct in_flight *in_flight, int64_t now_us)
{
	bool has_queued = false;

	for (unsigned i = 0; i < in_flight->count; i++)
		has_queued |= is_under_way(&in_flight->conns[i]) && in_flight->conns[i].is_queued;
	if (has_queued && in_flight->patient_until_us == 0)
		in_flight->patient_until_us = now_us + ACCEPT_PATIENCE_US;
	return !has_queued || now_us >= in_flight->patient_until_us;
}

bool in_flight_ramp(struct in_flight *in_flight, int64_t now_us, int64_t settle_us)
{
	ask_some(in_flight, now_us);
	server_queue_refresh(&in_flight->queue);
	for (unsigned i = 0; i < in_flight->count; i++) {
		struct in_flight_conn *conn = &in_flight->conns[i];

		if (!conn->is_in_server)
			conn->is_in_server =
				client_poll_in_server(&conn->conn.client, now_us, settle_us);
		see_whether_accepted(in_flight, conn);
	}
	return in_flight_in_server(in_flight) == in_flight->count &&
	       is_accepted_or_never_will_be(in_flight, now_us);
}

unsigned in_flight_in_server(const struct in_flight *in_flight)
{
	unsigned count = 0;

	for (unsigned i = 0; i < in_flight->count; i++)
		count += is_under_way(&in_flight->conns[i]);
	return count;
}

const struct load_conn *in_flight_missing(const struct in_flight *in_flight)
{
	for (unsigned i = 0; i < in_flight->count; i++) {
		const struct in_flight_conn *conn = &in_flight->conns[i];

		if (conn->conn.last_attempt != NO_ATTEMPT && !conn->is_in_server)
			return &conn->conn;
	}
	return NULL;
}

/* Nothing to do where a request is under way; the others ask no more. */
void in_flight_release(struct in_flight *in_flight)
{
	stop_asking_again(in_flight);
	for (unsigned i = 0; i < in_flight->count; i++)
		load_conn_release(&in_flight->conns[i].conn);
}

void in_flight_give_up(struct in_flight *in_flight)
{
	for (unsigned i = 0; i < in_flight->count; i++)
		load_conn_give_up(&in_flight->conns[i].conn);
}
