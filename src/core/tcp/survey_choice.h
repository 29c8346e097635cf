/* SPDX-License-Identifier: MIT */
/* Whether a poll of a stop is also a survey: a look at all connections of the network namespace, which finds those of
 * the application that its listening ports do not reveal. Values in, values out. */
#pragma once

#include "core/text/msec.h"

#include <stdbool.h>

enum survey_choice {
	SURVEY_NONE,
	SURVEY_BY_ITSELF, /* with a dump of its own, after the poll's: if survey_follows_poll() */
	SURVEY_BY_POLL, /* one dump is the poll's and the survey's */
};

struct survey_facts {
	bool is_stopping; /* the stop has begun */
	bool app_ended; /* with all its processes: no connection is its own any more */
	bool is_surveyed; /* once since the stop began */
	bool may_be_last; /* the poll may be the last one before the application is signalled */
	msec_t due_at; /* the earliest next survey */
};

enum survey_choice survey_choose(const struct survey_facts *facts, msec_t now);

/* A poll puts a row aside which only the survey can place: a connection of this machine. So many are kept. */
#define SURVEY_ASIDE_MAX 256

/* Whether a survey by itself may find something new: a row was put aside, or nothing holds the drain, and the
 * application may be signalled. */
static inline bool survey_follows_poll(unsigned aside, bool is_held)
{
	return aside > 0 || !is_held;
}

/* Whether the poll has to be repeated once the survey has placed all rows: it has found a port, or rows that were put
 * aside are older than the survey, or more than are kept. */
static inline bool survey_repeats_poll(
	enum survey_choice choice, bool has_found_port, unsigned aside)
{
	return has_found_port || aside > (choice == SURVEY_BY_POLL ? SURVEY_ASIDE_MAX : 0);
}
