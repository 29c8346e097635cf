/* SPDX-License-Identifier: MIT */
/* drill_cost PORT close|keep CONNECTIONS REQUESTS: the drill's clients at full load, each asking again when it was
 * answered, on a new connection each time or on a kept one. Prints the requests; drill_cost.py has their cost. */
#include "bench/must.h"
#include "drill/load/load_conn.h"
#include "sys/monoclock.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MINUTE INT64_C(60000000)

static size_t left, bad;
static struct ev_loop *loop;

static void on_end(struct load_conn *conn, const struct client_end *end)
{
	bad += end->end.cause != END_ANSWERED || end->end.http_status != 200;
	if (left == 0) {
		ev_break(loop, EVBREAK_ALL);
		return;
	}
	left--;
	load_conn_ask(conn, monoclock_now_us());
}

static void on_attempt_end(struct load_conns *conns)
{
	(void)conns;
}

int main(int argc, char *argv[])
{
	static struct load_conns conns;
	struct load_conn *list;
	struct target target;
	struct request request;
	enum target_stage stage;
	const struct load_request wanted = {.path = "/"};
	const struct request_form form = {.method = NULL};
	char url[64];
	unsigned connections;

	if (argc != 5) {
		(void)fprintf(stderr, "usage: drill_cost PORT close|keep CONNECTIONS REQUESTS\n");
		return 2;
	}
	connections = (unsigned)strtoul(argv[3], NULL, 10);
	left = strtoul(argv[4], NULL, 10);
	(void)snprintf(url, sizeof url, "http://127.0.0.1:%s/", argv[1]);
	must(target_open(&target, url, &(struct target_way){0}, &stage), "target_open");
	must(request_init(&request, &target, &wanted, &form, strcmp(argv[2], "close") == 0),
		"request_init");
	loop = ev_loop_new(EVFLAG_AUTO);
	load_conns_init(&conns);
	conns.on_attempt_end = on_attempt_end;
	conns.group.loop = loop;
	conns.group.target = &target;
	conns.group.connect_timeout_us = conns.group.response_timeout_us =
		conns.group.stall_timeout_us = MINUTE;
	list = must_calloc(connections, sizeof *list);
	for (unsigned i = 0; i < connections; i++) {
		load_conn_init(&list[i], &conns, COHORT_NEW, &request);
		list[i].on_end = on_end;
		left--;
		load_conn_ask(&list[i], monoclock_now_us());
	}
	ev_run(loop, 0);
	printf("%zu %zu\n", conns.attempts.ended, bad);
	return bad > 0;
}
