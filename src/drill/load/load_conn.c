/* SPDX-License-Identifier: MIT */
#include "drill/load/load_conn.h"

#include "sys/monoclock.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define EXPECT_BODY_BYTES 65536 /* of a body that are matched */

static void count_client_error(struct load_conns *conns, int error)
{
	conns->client_errors++;
	conns->last_client_error = error;
}

static void free_passing(struct load_conn *conn)
{
	if (conn->previous != NULL)
		conn->previous->next = conn->next;
	else
		conn->conns->passing = conn->next;
	if (conn->next != NULL)
		conn->next->previous = conn->previous;
	load_conn_done(conn);
	free(conn);
}

/* No memory for one more attempt: as much the drill's own fault as a missing descriptor. */
static bool begin_attempt(struct load_conn *conn, int64_t start_us)
{
	struct load_conns *conns = conn->conns;

	if (conn->client.state == CLIENT_CLOSED)
		conn->connection = conns->connections++;
	conn->attempt = attempt_list_begin(&conns->attempts, conn->cohort,
		conn->request != NULL ? conn->request->number : DRILL_MAX_REQUESTS - 1,
		conn->connection, start_us);
	if (conn->attempt != NO_ATTEMPT)
		return true;
	count_client_error(conns, ENOMEM);
	return false;
}

/* An error response has a body of its own. A NUL in a body ends what is compared. */
static bool is_expected_body(const struct load_conn *conn, const struct client_end *end)
{
	static char body[EXPECT_BODY_BYTES + 1];
	const struct body_capture *seen = conn->capture != NULL ? conn->capture : &conn->seen;
	size_t len = seen->len < EXPECT_BODY_BYTES ? seen->len : EXPECT_BODY_BYTES;

	if (conn->conns->expect_body == NULL || end->end.cause != END_ANSWERED ||
		end->end.http_status >= 300)
		return true;
	if (len > 0)
		memcpy(body, seen->bytes, len);
	body[len] = '\0';
	return regexec(conn->conns->expect_body, body, 0, NULL, 0) == 0;
}

/* Where the body goes: to be learned, to be matched, or nowhere. */
static struct body_capture *capture_of(struct load_conn *conn)
{
	if (conn->capture != NULL || conn->conns->expect_body == NULL)
		return conn->capture;
	conn->seen.most = EXPECT_BODY_BYTES;
	conn->seen.len = 0;
	return &conn->seen;
}

static void end_attempt(struct load_conn *conn, const struct client_end *end)
{
	struct load_conns *conns = conn->conns;

	struct client_end seen = *end;

	if (conn->attempt == NO_ATTEMPT)
		return;
	if (!is_expected_body(conn, end))
		seen.end.cause = END_BAD_ANSWER;
	attempt_list_end(&conns->attempts, conn->attempt, &seen, conns->t0_us);
	if (conns->attempts.attempts[conn->attempt].outcome == OUTCOME_CLIENT_ERROR)
		count_client_error(conns, end->end.error);
	conn->last_attempt = conn->attempt;
	conn->attempt = NO_ATTEMPT;
}

static void on_client_end(struct client *client, const struct client_end *end)
{
	struct load_conn *conn = (struct load_conn *)client;
	struct load_conns *conns = conn->conns;
	bool is_passing = conn->is_passing;

	end_attempt(conn, end);
	if (conn->on_end != NULL)
		conn->on_end(conn, end);
	if (is_passing)
		free_passing(conn);
	conns->on_attempt_end(conns);
}

void load_conns_init(struct load_conns *conns)
{
	conns->group.on_end = on_client_end;
	conns->t0_us = INT64_MAX;
}

void load_conns_done(struct load_conns *conns)
{
	while (conns->passing != NULL) {
		/* The analyzer does not know that the first one has no previous one, and takes it for freed. */
		free_passing(conns->passing); /* NOLINT(clang-analyzer-unix.Malloc) */
	}
	attempt_list_done(&conns->attempts);
}

void load_conns_give_up_passing(struct load_conns *conns)
{
	while (conns->passing != NULL)
		load_conn_give_up(conns->passing); /* which frees it */
}

void load_conn_init(struct load_conn *conn, struct load_conns *conns, enum cohort cohort,
	const struct request *request)
{
	*conn = (struct load_conn){
		.conns = conns,
		.cohort = cohort,
		.request = request,
		.attempt = NO_ATTEMPT,
		.last_attempt = NO_ATTEMPT,
	};
	client_init(&conn->client, &conns->group);
}

void load_conn_done(struct load_conn *conn)
{
	client_close(&conn->client);
	free(conn->seen.bytes);
	conn->seen = (struct body_capture){.bytes = NULL};
}

struct load_conn *load_conn_new(
	struct load_conns *conns, enum cohort cohort, const struct request *request)
{
	struct load_conn *conn = malloc(sizeof *conn);

	if (conn == NULL) {
		count_client_error(conns, ENOMEM);
		return NULL;
	}
	load_conn_init(conn, conns, cohort, request);
	conn->is_passing = true;
	conn->next = conns->passing;
	if (conn->next != NULL)
		conn->next->previous = conn;
	conns->passing = conn;
	return conn;
}

void load_conn_ask(struct load_conn *conn, int64_t due_us)
{
	client_close_if_ended(&conn->client);
	if (begin_attempt(conn, due_us))
		client_ask(&conn->client, conn->request, due_us, capture_of(conn));
}

void load_conn_connect(struct load_conn *conn)
{
	if (begin_attempt(conn, monoclock_now_us()))
		client_connect(&conn->client);
}

void load_conn_release(struct load_conn *conn)
{
	const struct client_end end = {
		.end = {.cause = END_NOT_NEEDED},
		.first_byte_us = INT64_MAX,
		.end_us = monoclock_now_us(),
		.bytes_expected = -1,
	};

	if (conn->request == NULL && conn->client.state == CLIENT_IDLE)
		end_attempt(conn, &end);
	if (conn->attempt == NO_ATTEMPT)
		client_close(&conn->client);
}

void load_conn_give_up(struct load_conn *conn)
{
	if (conn->attempt != NO_ATTEMPT)
		client_give_up(&conn->client);
}
