/* SPDX-License-Identifier: MIT */
#include "drill/load/load_ramp.h"

#include "core/text/text.h"
#include "drill/load/load_ramp_rate.h"
#include "sys/monoclock.h"

#include <inttypes.h>
#include <string.h>

static bool fetch_references(struct load_ramp *ramp, int64_t now_us)
{
	bool has_all = true;

	for (unsigned i = 0; i < REQUEST_COUNT; i++)
		has_all &= reference_ramp(&ramp->cohorts->references[i], ramp->conns, now_us);
	return has_all;
}

/* What the load waits for, the first thing first; NULL: nothing, it is ready. */
static const char *step(struct load_ramp *ramp, int64_t now_us)
{
	struct load_cohorts *cohorts = ramp->cohorts;

	if (!fetch_references(ramp, now_us))
		return "the answers to compare with did not come";
	if (!standing_ramp(&cohorts->keep_alive, now_us))
		return "the keep-alive connections were not all open and answered at the same time";
	if (!standing_ramp(&cohorts->preconnected, now_us))
		return "the unused connections were not all open at the same time";
	if (!arrivals_ramp(&cohorts->arrivals, now_us))
		return "new connections had not gone on for long enough";
	if (!in_flight_ramp(&cohorts->in_flight, now_us, ramp->settle_us))
		return "the requests in flight were not all in the server at the same time (give "
		       "--slow "
		       "with the path of a request that takes its time)";
	return NULL;
}

/* An attempt that ended without the connection being where it should: most often it says what is wrong. */
static void add_attempt(const struct load_ramp *ramp, const struct request *request, size_t index,
	struct text *text)
{
	const struct attempt *attempt = &ramp->conns->attempts.attempts[index];
	size_t len = strcspn(request->head, " ") + 1;

	len += strcspn(request->head + len, " "); /* the method and the path */
	text_printf(text, "; the last %.*s ", len < 80 ? (int)len : 80, request->head);
	if (attempt->outcome == OUTCOME_OK)
		text_printf(text, "was answered after %" PRId64 " ms",
			(attempt->end - attempt->start) / 1000);
	else
		text_printf(text, "ended as %s", outcome_name(attempt->outcome));
	if (attempt->outcome != OUTCOME_OK && attempt->http_status > 0)
		text_printf(text, " (%d)", attempt->http_status);
}

static void explain(struct load_ramp *ramp, const char *missing)
{
	const struct load_cohorts *cohorts = ramp->cohorts;
	const struct load_conn *conn = standing_missing(&cohorts->keep_alive);
	struct text text;

	text_init(&text, ramp->reason, sizeof ramp->reason);
	text_add(&text, missing);
	for (unsigned i = 0; i < REQUEST_COUNT; i++) {
		const struct reference *reference = &cohorts->references[i];

		if (reference->is_needed && reference->last_attempt != NO_ATTEMPT) {
			add_attempt(ramp, &reference->fetched, reference->last_attempt, &text);
			break;
		}
	}
	if (conn == NULL)
		conn = in_flight_missing(&cohorts->in_flight);
	if (conn != NULL)
		add_attempt(ramp, conn->request, conn->last_attempt, &text);
}

static void on_tick(struct ev_loop *loop, ev_timer *watcher, int events)
{
	struct load_ramp *ramp = watcher->data;
	int64_t now = monoclock_now_us();
	const char *missing = step(ramp, now);

	(void)loop;
	(void)events;
	if (ramp->is_over)
		return;
	if (missing == NULL) {
		ramp->is_over = true;
		ramp->on_ready(ramp->user);
	} else if (now >= ramp->deadline_us) {
		ramp->is_over = true;
		explain(ramp, missing);
		ramp->on_unready(ramp->user, ramp->reason);
	}
}

void load_ramp_start(struct load_ramp *ramp, struct ev_loop *loop, int64_t deadline_us)
{
	ramp->deadline_us = deadline_us;
	ev_timer_init(&ramp->timer, on_tick, 0., (double)LOAD_RAMP_TICK_US / 1e6);
	ramp->timer.data = ramp;
	ev_timer_start(loop, &ramp->timer);
}

void load_ramp_stop(struct load_ramp *ramp, struct ev_loop *loop)
{
	ev_timer_stop(loop, &ramp->timer);
}
