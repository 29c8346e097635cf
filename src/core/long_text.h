/* SPDX-License-Identifier: MIT */
/* What is said at length, and seldom: the pages of help, accepted forms, what metrics are. These texts are
 * written in texts/long_texts.c, packed to about half when the program is built (texts/pack.c), and unpacked
 * here as they are said. */
#pragma once

#include "core/options.h"
#include "core/text.h"

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
	TEXT_OPTIONS, /* the first of those below */
};

enum text_of_option {
	TEXT_METAVAR, /* empty: a flag; in brackets: may be left out */
	TEXT_DEFAULT, /* where it is computed, else empty */
	TEXT_FORM, /* what is accepted */
	TEXT_HELP,
	TEXTS_OF_OPTION,
};

/* An option's text at most, with its NUL. */
#define LONG_TEXT_BYTES 160

void long_text_add(struct text *text, enum long_text id);

static inline enum long_text long_text_of_option(enum option_id id, enum text_of_option what)
{
	return (enum long_text)(TEXT_OPTIONS + TEXTS_OF_OPTION * (int)id + (int)what);
}
