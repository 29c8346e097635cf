/* SPDX-License-Identifier: MIT */
#include "drill/load/load_standing.h"

#include "drill/load/load_ramp_rate.h"

#include <errno.h>
#include <stdlib.h>

#define OPENING_MAX 64 /* connections of one cohort at a time */

static void on_end(struct load_conn *conn, const struct client_end *end)
{
	struct standing_conn *standing = (struct standing_conn *)conn;
	int64_t due_us = standing->waiting_due_us;

	standing->waiting_due_us = INT64_MAX;
	if (!standing->standing->is_stopping) {
		standing->was_closed_by_server =
			conn->request != NULL && load_ramp_was_answered(end) && !end->may_ask_again;
		standing->not_before_us = load_ramp_again_at(end);
	} else if (due_us != INT64_MAX && !standing->standing->is_released) {
		load_conn_ask(conn, due_us);
	}
}

int standing_init(struct standing *standing, struct load_conns *conns, enum cohort cohort,
	unsigned count, const struct request *request)
{
	standing->conns = conns;
	standing->count = count;
	standing->list = calloc(count > 0 ? count : 1, sizeof *standing->list);
	if (standing->list == NULL)
		return -ENOMEM;
	for (unsigned i = 0; i < count; i++) {
		struct standing_conn *one = &standing->list[i];

		load_conn_init(&one->conn, conns, cohort, request);
		one->conn.on_end = on_end;
		one->standing = standing;
		one->waiting_due_us = INT64_MAX;
	}
	return 0;
}

void standing_done(struct standing *standing)
{
	for (unsigned i = 0; standing->list != NULL && i < standing->count; i++)
		load_conn_done(&standing->list[i].conn);
	free(standing->list);
}

static bool is_ready(const struct standing_conn *one)
{
	return one->conn.client.state == CLIENT_IDLE || one->was_closed_by_server;
}

static void open_one(struct standing_conn *one, int64_t now_us)
{
	if (one->conn.request == NULL)
		load_conn_connect(&one->conn);
	else
		load_conn_ask(&one->conn, now_us);
}

bool standing_ramp(struct standing *standing, int64_t now_us)
{
	unsigned ready = 0, opening = 0, opened = 0,
		 most = load_ramp_opens_at_once(standing->count);

	for (unsigned i = 0; i < standing->count; i++) {
		enum client_state state = standing->list[i].conn.client.state;

		ready += is_ready(&standing->list[i]);
		opening += state != CLIENT_IDLE && state != CLIENT_CLOSED;
	}
	if (ready == standing->count)
		return true;
	for (unsigned i = 0; i < standing->count && opened < most && opening + opened < OPENING_MAX;
		i++) {
		struct standing_conn *one = &standing->list[i];

		if (one->conn.client.state != CLIENT_CLOSED || one->was_closed_by_server ||
			now_us < one->not_before_us)
			continue;
		opened++;
		open_one(one, now_us);
	}
	return false;
}

const struct load_conn *standing_missing(const struct standing *standing)
{
	for (unsigned i = 0; i < standing->count; i++) {
		const struct standing_conn *one = &standing->list[i];

		if (one->conn.last_attempt != NO_ATTEMPT && !is_ready(one))
			return &one->conn;
	}
	return NULL;
}

void standing_stop(struct standing *standing)
{
	standing->is_stopping = true;
}

void standing_ask(struct standing *standing, unsigned first, unsigned step, int64_t due_us)
{
	for (unsigned i = first; i < standing->count; i += step) {
		struct standing_conn *one = &standing->list[i];

		if (one->conn.attempt == NO_ATTEMPT)
			load_conn_ask(&one->conn, due_us);
		else
			one->waiting_due_us = due_us;
	}
}

void standing_release(struct standing *standing)
{
	standing->is_released = true;
	for (unsigned i = 0; i < standing->count; i++)
		load_conn_release(&standing->list[i].conn);
}

void standing_give_up(struct standing *standing)
{
	for (unsigned i = 0; i < standing->count; i++)
		load_conn_give_up(&standing->list[i].conn);
}
