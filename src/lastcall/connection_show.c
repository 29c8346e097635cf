/* SPDX-License-Identifier: MIT */
#include "lastcall/connection_show.h"

#include "sys/monoclock.h"

void connection_question_init(struct connection_question *question,
	const struct connection_rows *rows, const struct conn_tracker *tracker,
	struct app_ports *ports, struct detector *detector)
{
	question->rows = rows;
	question->tracker = tracker;
	question->ports = ports;
	question->detector = detector;
	question->show.at = -1;
	poll_pace_init(&question->pace);
}

static void list_row(void *arg, const struct connection *row,
	enum connection_class connection_class, const struct connection_memory *memory)
{
	struct connection_question *q = arg;

	connection_list_add(
		&q->show.connections, row, connection_class, memory, &q->tracker->settings);
}

/* The ports that a poll would look at. Returns whether they are known. */
static bool find_ports(struct connection_question *q)
{
	struct app_ports *ports = q->ports;
	bool is_known = !ports->unknown;

	q->show.ports = ports->set;
	if (ports->given || app_ports_find_listeners(ports, q->detector) < 0)
		return is_known;
	if (app_ports_are_old(ports) && ports->found.count > 0)
		is_known = app_ports_add_own(ports, &q->show.ports) || q->show.ports.count > 0;
	return is_known;
}

static void look(struct connection_question *q, msec_t now)
{
	int64_t started_us = processor_now_us();
	struct conn_counts counts = {0};
	bool is_known = find_ports(q);

	q->show.connections.count = 0;
	if (connection_rows_show(q->rows, &q->show.ports, list_row, q, &counts, now) < 0)
		is_known = false;
	q->show.counts = q->tracker->started ? q->tracker->counts : counts;
	q->show.is_known = is_known;
	q->show.at = now;
	poll_pace_pay(&q->pace, now, processor_now_us() - started_us, now, 0);
}

const struct connection_show *connection_question_ask(
	struct connection_question *question, msec_t now)
{
	if (question->detector->kind != REPORT_DETECTOR_NONE &&
		(question->show.at < 0 || now >= poll_pace_affordable_at(&question->pace)))
		look(question, now);
	return &question->show;
}
