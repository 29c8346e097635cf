/* SPDX-License-Identifier: MIT */
#include "drill/load/load_arrivals.h"

#include "drill/load/load_timer.h"
#include "sys/monoclock.h"

#define BASELINE_US                                                                                \
	INT64_C(500000) /* of answers from before the stop, to compare later ones with */

/* Then the loop has a turn: where connections take longer than the rate allows, more are due after each of them, and
 * neither Ctrl-C nor a deadline would ever be seen. */
#define AT_ONCE 64

static void begin_one(struct arrivals *arrivals, enum cohort cohort, int64_t due_us)
{
	struct load_conn *conn = load_conn_new(arrivals->conns, cohort, arrivals->request);

	if (conn != NULL)
		load_conn_ask(conn, due_us);
}

static int64_t next_due(const struct arrivals *arrivals)
{
	return arrivals->from_us + (int64_t)((double)arrivals->begun * 1e6 / arrivals->per_s);
}

/* An attempt starts when it is due, however late the drill is: else a server that keeps the drill busy
 * would look the better for it. */
static void on_next(struct ev_loop *loop, ev_timer *watcher, int events)
{
	struct arrivals *arrivals = watcher->data;
	int64_t now = monoclock_now_us();

	(void)events;
	if (load_timer_lets_others_first(loop, watcher, next_due(arrivals)))
		return;
	for (unsigned i = 0; i < AT_ONCE && next_due(arrivals) <= now; i++) {
		begin_one(arrivals, COHORT_NEW, next_due(arrivals));
		arrivals->begun++;
	}
	load_timer_start(loop, watcher, next_due(arrivals));
}

static void on_stop(struct ev_loop *loop, ev_timer *watcher, int events)
{
	struct arrivals *arrivals = watcher->data;

	(void)loop;
	(void)events;
	for (unsigned i = 0; i < arrivals->burst; i++)
		begin_one(arrivals, COHORT_ACCEPT_QUEUE, arrivals->conns->t0_us);
}

void arrivals_init(struct arrivals *arrivals, struct load_conns *conns,
	const struct load_settings *settings, const struct request *request)
{
	*arrivals = (struct arrivals){
		.conns = conns,
		.request = request,
		.per_s = settings->fresh_per_s,
		.burst = settings->fresh.connections,
		.from_us = INT64_MAX,
	};
	ev_init(&arrivals->next, on_next);
	ev_init(&arrivals->at_stop, on_stop);
	arrivals->next.data = arrivals->at_stop.data = arrivals;
}

bool arrivals_ramp(struct arrivals *arrivals, int64_t now_us)
{
	if (!(arrivals->per_s > 0))
		return true;
	if (arrivals->from_us == INT64_MAX) {
		arrivals->from_us = now_us;
		load_timer_start(arrivals->conns->group.loop, &arrivals->next, now_us);
	}
	return now_us - arrivals->from_us >= BASELINE_US;
}

void arrivals_burst(struct arrivals *arrivals, int64_t t0_us)
{
	load_timer_start(arrivals->conns->group.loop, &arrivals->at_stop, t0_us);
}

void arrivals_stop(struct arrivals *arrivals)
{
	ev_timer_stop(arrivals->conns->group.loop, &arrivals->next);
	ev_timer_stop(arrivals->conns->group.loop, &arrivals->at_stop);
}
