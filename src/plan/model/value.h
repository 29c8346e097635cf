/* SPDX-License-Identifier: MIT */
/* A setting of a document: absent, known, or written in a way that only the deployment can know. */
#pragma once

#include "plan/document/tree.h"

enum value_state { VALUE_ABSENT, VALUE_KNOWN, VALUE_UNKNOWN };

struct value {
	enum value_state state;
	const struct node *node; /* where it stands; NULL: absent */
	const char *text; /* VALUE_KNOWN: the scalar's text */
	bool is_default; /* a default stands for what may be given at the deployment */
};

static inline bool value_is_absent(const struct value *value)
{
	return value->state == VALUE_ABSENT;
}

static inline bool value_is_known(const struct value *value)
{
	return value->state == VALUE_KNOWN;
}

/* Whether it is known and this text; of any case: value_is_word. */
bool value_is(const struct value *value, const char *text);
bool value_is_word(const struct value *value, const char *text);

/* A whole decimal number, in quotes or not. False: absent, unknown, or no number. */
bool value_number(const struct value *value, int64_t *ret_number);

/* The same, with what absence means. False: unknown, or no number. */
bool value_number_or(const struct value *value, int64_t absent, int64_t *ret_number);

/* true and false, in quotes or not, of any case. False: unknown, or neither. */
bool value_bool_or(const struct value *value, bool absent, bool *ret_bool);

/* The number of times ten, for percentages with one decimal place ("33.3"). False as above, or more decimal
 * places than one. */
bool value_tenths(const struct value *value, int64_t *ret_tenths);
