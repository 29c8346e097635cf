/* SPDX-License-Identifier: MIT */
/* Outcomes in the few groups that an eye can tell apart: what pictures are coloured by. */
#pragma once

#include "drill/core/attempt.h"

/* From the best to the worst: what lies over what where there is room for one. */
enum outcome_group {
	OUTCOME_GROUP_OK,
	OUTCOME_GROUP_DRAINING, /* 503, and the server said that it goes */
	OUTCOME_GROUP_GONE, /* refused or unreachable, sent after the exit: no server was there to answer */
	OUTCOME_GROUP_CLIENT, /* the drill's own fault */
	OUTCOME_GROUP_REFUSED, /* refused, by GOAWAY too, or unreachable: a client may try elsewhere */
	OUTCOME_GROUP_ERROR, /* a whole answer with a status that was not to come */
	OUTCOME_GROUP_UNANSWERED, /* closed or reset before the first byte */
	OUTCOME_GROUP_TIMEOUT,
	OUTCOME_GROUP_CUT, /* an answer that began and is not whole */
	OUTCOME_GROUP_COUNT,
};

enum outcome_group outcome_group_of(enum outcome outcome);

/* The same, by when the attempt was made too. */
enum outcome_group outcome_group_of_attempt(const struct attempt *attempt);

/* "answered", "cut off": for people. */
const char *outcome_group_label(enum outcome_group group);

/* "X": one ASCII character, where there is no colour. */
const char *outcome_group_letter(enum outcome_group group);

/* What is drawn as a failure: all but OUTCOME_GROUP_OK, _DRAINING and _GONE. Whether it fails the drill
 * is for the checks to say. */
bool outcome_group_is_failure(enum outcome_group group);
