/* SPDX-License-Identifier: MIT */
/* What a poll would find now, for a question between polls (--status): nothing that is known of the application
 * changes. Questions have a budget of their own, as large as that of polls: beyond it the answer is that of the last
 * question. */
#pragma once

#include "core/status/connection_list.h"
#include "core/tcp/conn_tracker.h"
#include "core/tcp/poll_pace.h"
#include "lastcall/app_ports.h"
#include "lastcall/connection_rows.h"
#include "lastcall/detector.h"

struct connection_show {
	bool is_known; /* the connections can be seen */
	msec_t at; /* when it was found; below 0: never */
	struct conn_counts counts;
	struct connection_list connections;
	struct port_set ports;
};

/* The question, and what it asks. */
struct connection_question {
	struct poll_pace pace;
	const struct connection_rows *rows;
	const struct conn_tracker *tracker;
	struct app_ports *ports;
	struct detector *detector;
	struct connection_show show; /* the last answer */
};

/* The pointers are kept. */
void connection_question_init(struct connection_question *question,
	const struct connection_rows *rows, const struct conn_tracker *tracker,
	struct app_ports *ports, struct detector *detector);

/* The answer; the pointer lives as long as the question. During a stop the counts are those of the last poll, which also
 * knows unix-domain sockets. */
const struct connection_show *connection_question_ask(
	struct connection_question *question, msec_t now);
