/* SPDX-License-Identifier: MIT */
/* Moments of the wall clock as text. */
#pragma once

#include "core/text/text.h"

/* Adds a moment of the wall clock as RFC 3339 writes it, in UTC: 2026-08-06T09:15:04.123Z. A
 * moment that is not within 1970 to 9999 is shown as the nearest that is. */
void text_add_time(struct text *text, int64_t unix_ms);
