/* SPDX-License-Identifier: MIT */
/* One connection of a cohort: its attempts begin and end here. */
#include "drill/load_state.h"

#include "sys/monoclock.h"

#include <errno.h>
#include <stdlib.h>

void member_free(struct member *member)
{
	if (member->previous != NULL)
		member->previous->next = member->next;
	else
		member->load->others = member->next;
	if (member->next != NULL)
		member->next->previous = member->previous;
	client_close(&member->client);
	free(member);
}

/* No memory for one more: as much the drill's own fault as a missing descriptor. */
static bool begin_attempt(struct member *member, int64_t start_us)
{
	struct load *load = member->load;

	if (member->client.state == CLIENT_CLOSED)
		member->connection = load->connections++;
	member->attempt =
		attempt_list_begin(&load->attempts, member->cohort, member->connection, start_us);
	member->is_in_server = false;
	if (member->attempt != NO_ATTEMPT)
		return true;
	load->client_errors++;
	load->last_client_error = ENOMEM;
	return false;
}

static void end_attempt(struct member *member, const struct client_end *end)
{
	struct load *load = member->load;

	if (member->attempt == NO_ATTEMPT)
		return;
	attempt_list_end(&load->attempts, member->attempt, end, load->t0_us);
	if (load->attempts.attempts[member->attempt].outcome == OUTCOME_CLIENT_ERROR) {
		load->client_errors++;
		load->last_client_error = end->end.error;
	}
	member->last_attempt = member->attempt;
	member->attempt = NO_ATTEMPT;
}

void member_on_end(struct client *client, const struct client_end *end)
{
	struct member *member = (struct member *)client;
	struct load *load = member->load;
	bool is_passing = member->cohort == COHORT_NEW || member->cohort == COHORT_ACCEPT_QUEUE ||
			  member->lesson != NULL;

	end_attempt(member, end);
	if (member->lesson != NULL)
		load_lesson_ended(member, end);
	if (is_passing)
		member_free(member);
	else if (load->step == LOAD_RAMPING)
		load_ramp_member_ended(member, end);
	else if (load->step == LOAD_STOPPING)
		load_stop_member_ended(member);
	load_check_done(load);
}

void member_init(
	struct member *member, struct load *load, enum cohort cohort, const struct request *request)
{
	*member = (struct member){
		.load = load,
		.cohort = cohort,
		.request = request,
		.attempt = NO_ATTEMPT,
		.last_attempt = NO_ATTEMPT,
		.waiting_due_us = LOAD_NEVER,
	};
	client_init(&member->client, &load->group);
}

struct member *member_new(struct load *load, enum cohort cohort, const struct request *request)
{
	struct member *member = malloc(sizeof *member);

	if (member == NULL) {
		load->client_errors++;
		load->last_client_error = ENOMEM;
		return NULL;
	}
	member_init(member, load, cohort, request);
	member->next = load->others;
	if (member->next != NULL)
		member->next->previous = member;
	load->others = member;
	return member;
}

void member_ask(struct member *member, int64_t due_us)
{
	client_notice_end(&member->client);
	if (begin_attempt(member, due_us))
		client_ask(&member->client, member->request, due_us,
			member->lesson != NULL ? &member->lesson->answer : NULL);
}

void member_connect(struct member *member)
{
	if (begin_attempt(member, monoclock_now_us()))
		client_connect(&member->client);
}

/* What waits for nothing is closed; what is under way may end by itself. */
void member_let_go(struct member *member)
{
	const struct client_end end = {
		.end = {.cause = END_NOT_NEEDED},
		.first_byte_us = LOAD_NEVER,
		.end_us = monoclock_now_us(),
		.bytes_expected = -1,
	};

	if (member->cohort == COHORT_PRECONNECTED && member->client.state == CLIENT_IDLE)
		end_attempt(member, &end);
	if (member->attempt == NO_ATTEMPT)
		client_close(&member->client);
}

void member_give_up(struct member *member)
{
	if (member->attempt != NO_ATTEMPT)
		client_give_up(&member->client);
}
