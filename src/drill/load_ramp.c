/* SPDX-License-Identifier: MIT */
/* Before the stop: the answers to compare with are learned, then B and D are connected and kept so, then
 * A asks, again whenever it is answered, until all of it is in the server at the same time. */
#include "drill/load_state.h"

#include "core/text.h"
#include "sys/monoclock.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define TICK_S 0.005
#define RETRY_US INT64_C(250000) /* a connection that failed is tried again so much later */
#define OPENING_MAX 64 /* so many of B and D at a time */
#define RAMP_TICKS 100 /* a cohort of any size takes so long */
#define OPENINGS_PER_TICK 2 /* and a small one less */

void load_lesson_ended(const struct member *teacher, const struct client_end *end)
{
	struct lesson *lesson = teacher->lesson;
	bool is_learned = end->end.cause == END_ANSWERED && end->end.http_status < 300 &&
			  !lesson->answer.is_too_large;

	lesson->is_being_learned = false;
	lesson->last_attempt = teacher->last_attempt;
	lesson->not_before_us = end->end_us + RETRY_US;
	if (is_learned) {
		lesson->is_needed = false;
		lesson->taught->same = lesson->answer.bytes;
		lesson->taught->same_len = lesson->answer.len;
	} else {
		free(lesson->answer.bytes);
	}
	lesson->answer = (struct client_capture){.bytes = NULL};
}

static enum cohort cohort_of(unsigned request)
{
	return request == REQUEST_KEEP_ALIVE ? COHORT_KEEP_ALIVE
	       : request == REQUEST_FRESH    ? COHORT_NEW
					     : COHORT_IN_FLIGHT;
}

/* Returns whether all are known. */
static bool learn_answers(struct load *load, int64_t now_us)
{
	bool is_learned = true;

	for (unsigned i = 0; i < REQUEST_COUNT; i++) {
		struct lesson *lesson = &load->lessons[i];
		struct member *teacher;

		is_learned &= !lesson->is_needed;
		if (!lesson->is_needed || lesson->is_being_learned ||
			now_us < lesson->not_before_us)
			continue;
		teacher = member_new(load, cohort_of(i), &lesson->request);
		if (teacher == NULL)
			continue;
		lesson->is_being_learned = true;
		teacher->lesson = lesson;
		member_ask(teacher, now_us);
	}
	return is_learned;
}

/* A listener's queue is short (Python's has five places): who overflows it waits a second for the kernel to
 * try again. */
static unsigned openings_per_tick(unsigned count)
{
	unsigned share = count / RAMP_TICKS;

	return share > OPENINGS_PER_TICK ? share : OPENINGS_PER_TICK;
}

/* Opens those that are closed, some at a time. Returns whether all are open and idle, or were answered and
 * let go. */
static bool open_members(struct member *members, unsigned count, int64_t now_us)
{
	unsigned idle = 0, opening = 0, opened = 0;

	for (unsigned i = 0; i < count; i++) {
		enum client_state state = members[i].client.state;

		idle += state == CLIENT_IDLE || members[i].was_let_go;
		opening += state != CLIENT_IDLE && state != CLIENT_CLOSED;
	}
	for (unsigned i = 0; idle < count && opening + opened < OPENING_MAX &&
			     opened < openings_per_tick(count) && i < count;
		i++) {
		struct member *member = &members[i];

		if (member->client.state != CLIENT_CLOSED || member->was_let_go ||
			now_us < member->not_before_us)
			continue;
		opened++;
		if (member->cohort == COHORT_PRECONNECTED)
			member_connect(member);
		else
			member_ask(member, now_us);
	}
	return idle == count;
}

static void begin_in_flight(struct load *load, int64_t now_us)
{
	unsigned count = load->in_flight_count, begun = 0;

	for (unsigned i = 0; i < count && begun < openings_per_tick(count); i++) {
		struct member *member = &load->in_flight[i];

		if (member->attempt != NO_ATTEMPT || now_us < member->not_before_us)
			continue;
		begun++;
		member_ask(member, now_us);
	}
}

static bool is_all_in_server(struct load *load, int64_t now_us)
{
	bool is_all = true;

	for (unsigned i = 0; i < load->in_flight_count; i++) {
		struct member *member = &load->in_flight[i];

		if (!member->is_in_server)
			member->is_in_server =
				client_is_in_server(&member->client, now_us, load->settings.settle);
		is_all &= member->is_in_server && member->attempt != NO_ATTEMPT;
	}
	return is_all;
}

/* What the load waits for; NULL: nothing, it is ready. The first thing first. */
static const char *ramp_step(struct load *load, int64_t now_us)
{
	if (!learn_answers(load, now_us))
		return "the answers to compare with did not come";
	if (!open_members(load->keep_alive, load->settings.keep_alive.connections, now_us))
		return "the keep-alive connections were not all open and answered at the same time";
	if (!open_members(load->preconnected, load->settings.preconnected, now_us))
		return "the unused connections were not all open at the same time";
	load_fresh_start(load, now_us);
	begin_in_flight(load, now_us);
	if (!is_all_in_server(load, now_us))
		return "the requests in flight were not all in the server at the same time";
	return NULL;
}

/* The last one that ended without being where it should: most often it says what is wrong. */
static void add_last_attempt(
	const struct load *load, const struct request *request, size_t index, struct text *text)
{
	const struct attempt *attempt = &load->attempts.attempts[index];
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

static bool is_missing(const struct member *member)
{
	if (member->cohort == COHORT_IN_FLIGHT)
		return !member->is_in_server;
	return member->client.state != CLIENT_IDLE && !member->was_let_go;
}

/* Returns whether it found one. */
static bool explain_members(
	const struct load *load, const struct member *members, unsigned count, struct text *text)
{
	for (unsigned i = 0; i < count; i++) {
		if (members[i].last_attempt == NO_ATTEMPT || !is_missing(&members[i]))
			continue;
		add_last_attempt(load, members[i].request, members[i].last_attempt, text);
		return true;
	}
	return false;
}

static void be_unready(struct load *load, const char *missing)
{
	struct text text;

	text_init(&text, load->unready_reason, sizeof load->unready_reason);
	text_add(&text, missing);
	for (unsigned i = 0; i < REQUEST_COUNT; i++) {
		const struct lesson *lesson = &load->lessons[i];

		if (lesson->is_needed && lesson->last_attempt != NO_ATTEMPT) {
			add_last_attempt(load, &lesson->request, lesson->last_attempt, &text);
			break;
		}
	}
	if (!explain_members(load, load->keep_alive, load->settings.keep_alive.connections, &text))
		(void)explain_members(load, load->in_flight, load->in_flight_count, &text);
	load->was_unready = true;
	load->events.on_unready(load->events.user, load->unready_reason);
}

static void on_ramp(struct ev_loop *loop, ev_timer *watcher, int events)
{
	struct load *load = watcher->data;
	int64_t now = monoclock_now_us();
	const char *missing = ramp_step(load, now);

	(void)loop;
	(void)events;
	if (load->is_ready || load->was_unready)
		return;
	if (missing == NULL) {
		load->is_ready = true;
		load->events.on_ready(load->events.user);
	} else if (now >= load->ready_deadline_us) {
		be_unready(load, missing);
	}
}

/* Who was not answered, or is let go without a word, comes back a while later: until the load gives up as
 * not ready, that is often enough. */
void load_ramp_member_ended(struct member *member, const struct client_end *end)
{
	bool is_answered = end->end.cause == END_ANSWERED && end->end.http_status < 400;

	member->is_in_server = false;
	member->was_let_go =
		member->cohort == COHORT_KEEP_ALIVE && is_answered && !end->may_ask_again;
	member->not_before_us = is_answered ? 0 : end->end_us + RETRY_US;
}

void load_ramp_start(struct load *load)
{
	ev_timer_init(&load->ramp, on_ramp, 0., TICK_S);
	load->ramp.data = load;
	ev_timer_start(load->loop, &load->ramp);
}

void load_ramp_stop(struct load *load)
{
	ev_timer_stop(load->loop, &load->ramp);
}
