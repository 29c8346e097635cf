/* SPDX-License-Identifier: MIT */
/* Durations as people and the ECS agent write them: 500ms, 1.5s, 1m30s. */
#pragma once

#include "core/text/msec.h"
#include "core/text/text.h"

/* What Go's time.ParseDuration accepts, which is how the ECS agent reads its settings: a sign, then
 * one or more pairs of decimal number and unit (ns us µs ms s m h); a bare "0" needs no
 * unit. Rounded towards zero to milliseconds. Returns 0, -EINVAL, or -ERANGE past 290 years, where Go
 * gives up too. */
int duration_parse_go(const char *string, msec_t *ret_msec);

/* The accepted form of our own options: the same, but not negative. Returns 0, -EINVAL or -ERANGE. */
int duration_parse(const char *string, msec_t *ret_msec);

/* Adds a duration in the form that reads best and that duration_parse reads back: 0s, 250ms, 2.5s,
 * 1m30s. MSEC_NEVER is "never". */
void duration_add(struct text *text, msec_t msec);

/* The same, as a string in the caller's buffer, which is returned. */
#define DURATION_TEXT_BYTES 32
const char *duration_text(char buf[static DURATION_TEXT_BYTES], msec_t msec);
