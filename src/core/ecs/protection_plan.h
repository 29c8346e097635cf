/* SPDX-License-Identifier: MIT */
/* When to ask Amazon ECS for task scale-in protection, and when to give it back. Values in, values out: another module
 * looks for work in flight, and carries the requests. */
#pragma once

#include "core/text/msec.h"

#include <stdbool.h>

struct protection_times {
	msec_t look; /* from one look for work to the next */
	msec_t idle; /* so long without work ends the protection: a service with some traffic keeps it */
	msec_t expires; /* what ECS is asked for, in whole minutes: a lastcall that is gone protects no longer */
	msec_t renew; /* asked again when less than this is left */
	msec_t pause, pause_max; /* after a failure, doubled each time */
};

/* 10 s, 1 min, 10 min, 5 min, 10 s and 5 min. */
extern const struct protection_times protection_times_default;

enum protection_request { PROTECTION_LEAVE, PROTECTION_BEGIN, PROTECTION_END };

struct protection_plan {
	const struct protection_times *times;
	msec_t expires_at; /* of a protection that ECS has confirmed; 0: none */
	msec_t idle_since; /* MSEC_NEVER: the last look found work */
	msec_t not_before; /* when a request may be made again */
	unsigned failures; /* in a row */
};

void protection_plan_init(
	struct protection_plan *plan, const struct protection_times *times, msec_t now);

/* A look has found work in flight, or none. */
void protection_plan_note_work(struct protection_plan *plan, bool has_work, msec_t now);

/* What to ask for now. */
enum protection_request protection_plan_request(const struct protection_plan *plan, msec_t now);

/* What came of a request that was made at asked_at. */
void protection_plan_note_answer(struct protection_plan *plan, enum protection_request request,
	bool is_done, msec_t asked_at, msec_t now);

/* Whether ECS has confirmed a protection that has not expired. */
bool protection_plan_is_protected(const struct protection_plan *plan, msec_t now);
