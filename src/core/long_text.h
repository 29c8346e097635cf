/* SPDX-License-Identifier: MIT */
/* What is said at length, or seldom: the pages of help and of --check, accepted forms, what metrics, errors
 * and statuses of HTTP are. These texts are written in texts/long_texts.c, packed to less than half when the
 * program is built (texts/pack.c), and all unpacked when the first one is asked for: 20 kB of memory, which
 * is why what is logged as a matter of course is not among them. */
#pragma once

#include "core/options.h"

#define REASON_PHRASES 12 /* of HTTP, but for those of health checks */
#define ERRORS 42

enum long_text {
	TEXT_HELP_BEGIN,
	TEXT_HELP_END,
	TEXT_TINI_OPTIONS,
	TEXT_TINI_CANNOT_REAP,
	TEXT_DUMB_INIT_OPTIONS,
	TEXT_CATATONIT_OPTIONS,
	TEXT_METRIC_BUILD,
	TEXT_METRIC_STATE,
	TEXT_METRIC_VISIBLE,
	TEXT_METRIC_CONNECTIONS,
	TEXT_METRIC_ACCEPT_QUEUE,
	TEXT_METRIC_UNDELIVERED,
	TEXT_METRIC_REQUESTS,
	TEXT_METRIC_STARTED,
	TEXT_METRIC_DRAINING,
	TEXT_METRIC_DEADLINE,
	TEXT_METRIC_REAPED,
	TEXT_METRIC_REFUSED,
	TEXT_SERVED_UNTIL,
	TEXT_TOLD_AT_ONCE,
	TEXT_DRAINS_AT_ONCE,
	TEXT_TOLD,
	TEXT_KILLED,
	TEXT_GONE,
	TEXT_EXPECTED_KILL,
	TEXT_GIVEN,
	TEXT_DOCKER_DEFAULT,
	TEXT_ECS_DEFAULT,
	TEXT_KUBERNETES_DEFAULT,
	TEXT_ECS_VARIABLE,
	TEXT_SEES_NOTHING,
	TEXT_SEES_NO_IDLENESS,
	TEXT_SEES_ENDINGS,
	TEXT_POLLS_FOR_ENDINGS,
	TEXT_NOTHING_IS_DRAINED,
	TEXT_ADDRESS_IN_USE,
	TEXT_PID_1,
	TEXT_SUBREAPER,
	TEXT_NO_SUBREAPER,
	TEXT_REASON_PHRASES, /* the first of them */
	TEXT_ERRORS = TEXT_REASON_PHRASES + REASON_PHRASES, /* the first */
	TEXT_OPTIONS = TEXT_ERRORS + ERRORS, /* the first of those below */
};

enum text_of_option {
	TEXT_METAVAR, /* empty: a flag; in brackets: may be left out */
	TEXT_DEFAULT, /* where it is computed, else empty */
	TEXT_FORM, /* what is accepted */
	TEXT_HELP,
	TEXTS_OF_OPTION,
};

/* The text, terminated, for as long as we live. Pages end with a newline, others without one. */
const char *long_text(enum long_text id);

static inline enum long_text long_text_of_option(enum option_id id, enum text_of_option what)
{
	return (enum long_text)(TEXT_OPTIONS + TEXTS_OF_OPTION * (int)id + (int)what);
}

/* What every start asks for is not packed. */
enum word_of_option { WORD_NAME, WORD_INITIAL, WORDS_OF_OPTION };

const char *option_word(enum option_id id, enum word_of_option which);
