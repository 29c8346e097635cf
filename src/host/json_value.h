/* SPDX-License-Identifier: MIT */
/* C values as JSON values. Each returns a new reference, or NULL without memory, which jansson's
 * *_new functions then refuse. */
#pragma once

#include "host/core/percentiles.h"

#include <jansson.h>
#include <stdint.h>

/* Text from anywhere: what is not UTF-8 becomes U+FFFD. "" is null. */
json_t *json_value_text(const char *text);

/* Seconds to the microsecond; null for what is not a number. */
json_t *json_value_seconds(double seconds);

/* RFC 3339, UTC. */
json_t *json_value_time(int64_t unix_ms);

/* An object of seconds; null without samples. */
json_t *json_value_percentiles(const struct percentiles *percentiles);
