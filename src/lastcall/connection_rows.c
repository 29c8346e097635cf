/* SPDX-License-Identifier: MIT */
#include "lastcall/connection_rows.h"

#include "core/tcp/tracker_rows.h"
#include "sys/monoclock.h"

/* The states that are judged, and FIN_WAIT2, in which a connection waits for its client to close, too,
 * and is still the same one. Naming no others keeps a dump from walking tables we do not need. */
#define WORK_STATES                                                                                \
	(TCP_STATE_BIT(TCP_STATE_ESTABLISHED) | TCP_STATE_BIT(TCP_STATE_SYN_RECV) |                \
		TCP_STATE_BIT(TCP_STATE_CLOSE_WAIT) | TCP_STATE_BIT(TCP_STATE_FIN_WAIT1) |         \
		TCP_STATE_BIT(TCP_STATE_FIN_WAIT2) | TCP_STATE_BIT(TCP_STATE_CLOSING) |            \
		TCP_STATE_BIT(TCP_STATE_LAST_ACK) | TCP_STATE_BIT(TCP_STATE_LISTEN))

/* What an application leaves that wrote, closed and ended. */
#define LEFT_STATES                                                                                \
	(TCP_STATE_BIT(TCP_STATE_FIN_WAIT1) | TCP_STATE_BIT(TCP_STATE_CLOSING) |                   \
		TCP_STATE_BIT(TCP_STATE_LAST_ACK))

void connection_rows_init(struct connection_rows *rows, struct detector *detector,
	struct app_ports *ports, struct conn_tracker *tracker, struct accept_queue *queue)
{
	rows->detector = detector;
	rows->ports = ports;
	rows->tracker = tracker;
	rows->queue = queue;
}

static bool has_sock_diag(const struct connection_rows *rows)
{
	return rows->detector->kind == REPORT_DETECTOR_SOCK_DIAG;
}

static bool is_internal(const struct connection_rows *rows, const struct connection *row)
{
	return rows->is_surveyed && socket_survey_is_internal(&rows->survey, row);
}

/* ---- each row ---- */

/* In an accept queue, of a client of this machine: the survey places it by the client's own row. */
static bool waits_from_here(const struct connection *row)
{
	return row->state == TCP_STATE_ESTABLISHED && row->from_here && row->inode == 0;
}

/* Until the survey has placed it. */
static void put_aside(struct connection_rows *rows, const struct connection *row)
{
	if (rows->new_here < SURVEY_ASIDE_MAX)
		rows->aside[rows->new_here] = *row;
	rows->new_here++;
}

static void take_connection(struct connection_rows *rows, const struct connection *row)
{
	if (rows->may_survey && (socket_survey_is_new(&rows->survey, row) ||
					(rows->is_survey && waits_from_here(row)))) {
		put_aside(rows, row);
		return;
	}
	accept_queue_pass_row(rows->queue, row);
	if (is_internal(rows, row))
		conn_tracker_pass_internal(rows->tracker, row);
	else
		conn_tracker_pass_row(rows->tracker, row, rows->now);
}

static void take_row(void *arg, const struct connection *row)
{
	struct connection_rows *rows = arg;

	if (rows->is_survey) {
		socket_survey_take(&rows->survey, rows->ports, row);
		if (!port_set_has(&rows->ports->set, row->local_port))
			return;
	}
	if (row->local_port == rows->ports->excluded || own_checks_has(&rows->own, row))
		return;
	if (rows->ports->set.count == 0)
		conn_tracker_pass_stray(rows->tracker, row);
	else if (!rows->ports->has_mptcp || !mptcp_rows_take(&rows->mptcp, row))
		take_connection(rows, row);
}

bool connection_rows_counts_end(const struct connection_rows *rows, const struct connection *last)
{
	if (!port_set_has(&rows->ports->set, last->local_port) ||
		own_checks_has(&rows->own, last) || is_internal(rows, last))
		return false;
	return !rows->ports->has_mptcp || !mptcp_rows_has_joined(&rows->mptcp, last->cookie);
}

/* ---- a question between polls ---- */

struct question {
	const struct connection_rows *rows;
	connection_shown_fn *shown;
	void *arg;
	struct conn_counts *counts;
	msec_t now;
};

static void show_row(void *arg, const struct connection *row)
{
	const struct question *question = arg;
	const struct connection_rows *rows = question->rows;
	struct connection_memory memory;
	enum connection_class connection_class;

	if (row->local_port == rows->ports->excluded || own_checks_has(&rows->own, row) ||
		is_internal(rows, row))
		return;
	connection_class = conn_tracker_judge_row(
		rows->tracker, row, question->counts, &memory, question->now);
	question->shown(question->arg, row, connection_class, &memory);
}

int connection_rows_show(const struct connection_rows *rows, const struct port_set *ports,
	connection_shown_fn *shown, void *arg, struct conn_counts *ret_counts, msec_t now)
{
	struct question question = {rows, shown, arg, ret_counts, now};
	const struct sockdiag_query query = {
		.states = WORK_STATES, .ports = ports, .want_info = true};

	*ret_counts = (struct conn_counts){0};
	return ports->count > 0 ? detector_dump(rows->detector, &query, show_row, &question) : 0;
}

/* ---- MPTCP ---- */

static void take_mptcp(void *arg, const struct connection *row)
{
	struct connection_rows *rows = arg;

	mptcp_rows_add(&rows->mptcp, row);
}

/* The queues, states and owners of MPTCP connections. */
static void dump_mptcp(struct connection_rows *rows)
{
	const struct sockdiag_query query = {
		.states = WORK_STATES & ~TCP_STATE_BIT(TCP_STATE_LISTEN),
		.ports = &rows->ports->set,
		.want_info = true,
		.is_mptcp = true,
	};
	int r = detector_dump(rows->detector, &query, take_mptcp, rows);

	mptcp_rows_end(&rows->mptcp, r >= 0, rows->now);
}

static bool is_mptcp_due(const struct connection_rows *rows)
{
	return rows->ports->has_mptcp && has_sock_diag(rows) &&
	       mptcp_rows_is_due(
		       &rows->mptcp, rows->ports->tells_mptcp, rows->tracker->started, rows->now);
}

static void take_held(struct connection_rows *rows)
{
	for (size_t i = 0; i < rows->mptcp.subflow_count; i++) {
		const struct connection *subflow = &rows->mptcp.subflows[i];

		if (!mptcp_rows_take(&rows->mptcp, subflow))
			take_connection(rows, subflow);
	}
}

static void take_merged(struct connection_rows *rows)
{
	for (size_t i = 0; i < rows->mptcp.count; i++) {
		if (rows->mptcp.rows[i].has_subflow)
			take_connection(rows, &rows->mptcp.rows[i].row);
	}
}

/* ---- the passes ---- */

static void begin_pass(struct connection_rows *rows)
{
	accept_queue_pass_begin(rows->queue);
	conn_tracker_pass_begin(rows->tracker);
	rows->new_here = 0;
}

/* Which rows a pass dumps. Returns false where it needs none. */
static bool choose_rows(const struct connection_rows *rows, struct sockdiag_query *ret_query)
{
	*ret_query = (struct sockdiag_query){.states = WORK_STATES, .want_info = true};
	if (rows->is_survey)
		return true;
	if (rows->ports->set.count > 0)
		ret_query->ports = &rows->ports->set;
	else /* its ports were never seen: whose they are is not known */
		ret_query->states = LEFT_STATES;
	return rows->ports->set.count > 0 || rows->tracker->app_ended;
}

/* Reads all rows of our ports into a new pass. Returns 0 or -errno. */
static int read_pass(struct connection_rows *rows)
{
	bool is_due = rows->ports->set.count > 0 && is_mptcp_due(rows);
	struct sockdiag_query query;
	int64_t started_us;
	int r;

	begin_pass(rows);
	mptcp_rows_begin(&rows->mptcp);
	if (!choose_rows(rows, &query))
		return 0;
	if (is_due)
		dump_mptcp(rows);
	rows->read_at = monoclock_now();
	started_us = processor_now_us();
	r = detector_dump(rows->detector, &query, take_row, rows);
	rows->walk_us = processor_now_us() - started_us;
	if (r < 0)
		return r;
	if (mptcp_rows_awaits_dump(&rows->mptcp))
		dump_mptcp(rows);
	take_held(rows);
	take_merged(rows);
	return r;
}

/* A pass whose dump shows what a survey needs. */
static int read_survey_pass(struct connection_rows *rows, bool *ret_is_new)
{
	int r;

	rows->is_surveyed = rows->is_survey = true;
	socket_survey_begin(&rows->survey, rows->ports, rows->now);
	r = read_pass(rows);
	rows->is_survey = false;
	if (r < 0) /* too many rows for the time that a dump may take, perhaps: those of our ports are fewer */
		return read_pass(rows);
	*ret_is_new = socket_survey_end(&rows->survey, rows->ports);
	return r;
}

/* A pass, and a survey where one may find something new. */
static int read_pass_then_survey(struct connection_rows *rows, bool *ret_is_new)
{
	int r = read_pass(rows);

	if (r < 0 || !survey_follows_poll(rows->new_here, conn_tracker_holds(rows->tracker)))
		return r;
	*ret_is_new = socket_survey_run(&rows->survey, rows->ports, rows->detector, rows->now);
	return r;
}

/* Now that the survey has placed them. */
static void take_aside(struct connection_rows *rows)
{
	for (size_t i = 0; i < rows->new_here; i++)
		take_connection(rows, &rows->aside[i]);
}

static int read_surveyed(struct connection_rows *rows, bool may_be_last)
{
	const struct survey_facts facts = {
		.is_stopping = rows->tracker->started,
		.app_ended = rows->tracker->app_ended,
		.is_surveyed = rows->is_surveyed,
		.may_be_last = may_be_last,
		.due_at = rows->survey.due_at,
	};
	const enum survey_choice choice = survey_choose(&facts, rows->now);
	bool is_new = false;
	int r;

	rows->walk_us = 0;
	if (choice == SURVEY_NONE)
		return read_pass(rows);
	rows->may_survey = true;
	r = choice == SURVEY_BY_POLL ? read_survey_pass(rows, &is_new)
				     : read_pass_then_survey(rows, &is_new);
	rows->may_survey = false;
	if (r < 0)
		return r;
	if (survey_repeats_poll(choice, is_new, rows->new_here))
		return read_pass(rows);
	take_aside(rows);
	return r;
}

static int read_unix(struct connection_rows *rows)
{
	if (!rows->tracker->started || !has_sock_diag(rows))
		return 0;
	return unix_watch_poll(
		&rows->unix_sockets, rows->ports, &rows->detector->diag, rows->tracker, rows->now);
}

int connection_rows_read(struct connection_rows *rows, bool may_be_last, msec_t now)
{
	int r;

	rows->now = now;
	r = read_surveyed(rows, may_be_last);
	return r < 0 ? r : read_unix(rows);
}

int connection_rows_read_none(struct connection_rows *rows, msec_t now)
{
	rows->now = now;
	rows->walk_us = 0;
	begin_pass(rows);
	return read_unix(rows);
}
