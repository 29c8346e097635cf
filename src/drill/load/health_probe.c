/* SPDX-License-Identifier: MIT */
#include "drill/load/health_probe.h"

#include "drill/load/client.h"
#include "sys/monoclock.h"

#include <errno.h>
#include <stdlib.h>

struct health_probe {
	struct client client; /* first: so is its owner found */
	struct client_group group;
	struct request request;
	ev_timer next;
	int64_t period_us;
	void (*on_answer)(void *user, const struct health_answer *answer);
	void *user;
	bool is_started;
};

static int error_of(const struct attempt_end *end)
{
	switch (end->cause) {
	case END_FAILED:
		return end->error;
	case END_BAD_ANSWER:
		return end->error == EPROTONOSUPPORT ? EPROTONOSUPPORT : EBADMSG;
	case END_REFUSED:
		return ECONNREFUSED;
	case END_CLOSED:
		return EPIPE;
	case END_TOO_LATE:
		return ETIMEDOUT;
	case END_ANSWERED:
	case END_NOT_NEEDED:
		break;
	}
	return 0;
}

static void on_end(struct client *client, const struct client_end *end)
{
	struct health_probe *probe = (struct health_probe *)client;
	bool is_answered = end->end.cause == END_ANSWERED;
	struct health_answer answer = {
		.asked_us = end->due_us,
		.answered_us = end->end_us,
		.http_status = is_answered ? end->end.http_status : 0,
		.is_drills_fault = attempt_end_outcome(&end->end) == OUTCOME_CLIENT_ERROR,
		.was_connected = end->end.was_connected,
		.error = error_of(&end->end),
		.tls_reason = client->transport.tls_reason,
	};
	int64_t left = end->due_us + probe->period_us - end->end_us;

	client_close(client);
	ev_now_update(probe->group.loop);
	ev_timer_set(&probe->next, left > 0 ? (double)left / 1e6 : 0., 0.);
	ev_timer_start(probe->group.loop, &probe->next);
	probe->on_answer(probe->user, &answer);
}

static void on_next(struct ev_loop *loop, ev_timer *watcher, int events)
{
	struct health_probe *probe = watcher->data;

	(void)loop;
	(void)events;
	client_ask(&probe->client, &probe->request, monoclock_now_us(), NULL);
}

int health_probe_new(struct ev_loop *loop, const struct target *target,
	const struct request_form *form, int64_t period_us, int64_t timeout_us,
	void (*on_answer)(void *user, const struct health_answer *answer), void *user,
	struct health_probe **ret_probe)
{
	const struct load_request asked = {.path = NULL};
	struct health_probe *probe = calloc(1, sizeof *probe);

	if (probe == NULL)
		return -ENOMEM;
	if (request_init(&probe->request, target, &asked, form, true) < 0) {
		free(probe);
		return -ENOMEM;
	}
	probe->group = (struct client_group){
		.loop = loop,
		.target = target,
		.connect_timeout_us = timeout_us,
		.response_timeout_us = timeout_us,
		.stall_timeout_us = timeout_us,
		.on_end = on_end,
	};
	probe->period_us = period_us;
	probe->on_answer = on_answer;
	probe->user = user;
	client_init(&probe->client, &probe->group);
	ev_init(&probe->next, on_next);
	probe->next.data = probe;
	*ret_probe = probe;
	return 0;
}

void health_probe_start(struct health_probe *probe)
{
	if (probe->is_started)
		return;
	probe->is_started = true;
	ev_timer_set(&probe->next, 0., 0.);
	ev_timer_start(probe->group.loop, &probe->next);
}

void health_probe_stop(struct health_probe *probe)
{
	probe->is_started = false;
	ev_timer_stop(probe->group.loop, &probe->next);
	client_close(&probe->client);
}

void health_probe_free(struct health_probe *probe)
{
	if (probe == NULL)
		return;
	health_probe_stop(probe);
	request_done(&probe->request);
	free(probe);
}
