/* SPDX-License-Identifier: MIT */
/* Moments as RFC 3339 writes them. */
#pragma once

#include <stdint.h>

/* "2026-11-28T17:00:00.123Z", "2026-11-28 18:00:00+01:00": the zone has to be there. Returns the milliseconds
 * since 1970, or -EINVAL. Moments before 1970 are refused. */
int64_t moment_parse(const char *string);
