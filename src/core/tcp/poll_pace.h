/* SPDX-License-Identifier: MIT */
/* How often to poll the connections: as often as what a poll costs allows. A poll dumps all of them, for which the
 * kernel walks the table of the whole host; between two of them those that hold a drain are asked for one by one, for
 * which it does not. Values in, values out. Costs are processor time. */
#pragma once

#include "core/text/msec.h"

#include <stdbool.h>

struct poll_pace {
	msec_t tried_at; /* the last poll began then, whether or not it worked; -1: none yet */
	int64_t cost_us; /* of that poll */
	int64_t turn_cost_us; /* of all polls of this turn of the event loop */
	msec_t read_at; /* its last dump began then */
	int64_t walk_us; /* of that dump, for which the kernel walks its table */
	int64_t saved_us; /* of the time that polls may take; below 0: overdrawn */
	int64_t probe_saved_us; /* the same of the time that polls for probes may take */
	unsigned probes; /* answered since then */

	msec_t confirmed_at; /* the last poll that only confirmed what was known before; -1: none yet */
	msec_t early_at; /* the last one that was to do so before it was known; -1: none yet */

	msec_t asked_at; /* the last round of questions, or poll, began then */
	int64_t ask_cost_us; /* of that round, */
	unsigned asked; /* with so many questions */
	int64_t ask_saved_us;

	int64_t listeners_cost_us; /* of the last poll of the listening sockets alone */
};

/* What a drain waits for. */
struct poll_needs {
	bool ending_heard; /* a connection has ended since the last poll or round of questions */
	bool wants_dump; /* something is to be decided that only a poll can confirm */
	bool can_ask; /* all that holds the drain can be asked for, */
	unsigned asked; /* with so many questions */
	unsigned busy; /* connections that are at work, for an unknown time */
	unsigned unsure; /* connections whose doubt ends by itself, or by what moves */
	msec_t settles_in; /* when the last one that is merely recent settles; 0: there is none */
	msec_t ends_in; /* when the last of all holds no longer, if nothing moves; 0: not known */
};

void poll_pace_init(struct poll_pace *pace);

/* A poll that began at `now` has taken so long, its last dump, which began at read_at, so long; 0: it made none. */
void poll_pace_pay(
	struct poll_pace *pace, msec_t now, int64_t cost_us, msec_t read_at, int64_t walk_us);

/* The same of a round of so many questions. */
void poll_pace_pay_questions(
	struct poll_pace *pace, msec_t now, int64_t cost_us, unsigned questions);

/* A turn of the event loop begins. It makes more than two polls where states follow each other without a wait. */
void poll_pace_begin_turn(struct poll_pace *pace);

/* When a turn that began at begun_at would be over if nothing but its polls had taken time. */
msec_t poll_pace_turn_ends(const struct poll_pace *pace, msec_t begun_at);

/* When another poll is within 3 % of a core. */
msec_t poll_pace_affordable_at(const struct poll_pace *pace);

/* When to poll again during a stop. Where questions can be asked, polls take 0.25 % of a core. */
msec_t poll_pace_stop_at(const struct poll_pace *pace, const struct poll_needs *needs);

/* When to ask questions again during a stop: within 0.5 % of a core. MSEC_NEVER: polls take their place. */
msec_t poll_pace_ask_at(const struct poll_pace *pace, const struct poll_needs *needs);

/* Whether a poll that begins now may still be fresh when nothing holds the drain any more, if nothing moves. */
bool poll_pace_may_be_last(
	const struct poll_pace *pace, const struct poll_needs *needs, msec_t now);

/* Whether what the last poll has shown may be acted upon: it is as new as one that begins now would be at its
 * end. */
bool poll_pace_is_fresh(const struct poll_pace *pace, msec_t now);

/* When a poll may confirm that nothing is in flight, before something is done for that: at once, for a stop waits for
 * nothing else; four times a second at most, or within the time of all polls. */
msec_t poll_pace_confirm_at(const struct poll_pace *pace);

/* When a probe may cause another poll: within 0.4 % of a core, whatever a poll costs and however many probes there
 * are. No probe is answered during a poll: of a stream of probes one in 5000 meets one that takes up to 2 ms. */
msec_t poll_pace_probe_at(const struct poll_pace *pace);

/* For how long the answer to a probe may be given to other probes, too: so long that polls of the listening sockets
 * take 0.1 % of a core. */
msec_t poll_pace_news_ms(const struct poll_pace *pace, bool is_serving);
