/* SPDX-License-Identifier: MIT */
/* How long stops really took: from lastcall's reports in logs, and from a drill's JSON. */
#pragma once

#include "core/text/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct measured_stops {
	double *seconds; /* one for each stop; to be freed with measured_stops_done */
	size_t count, room;
	bool has_lastcall; /* lastcall's own reports are among them */
	int64_t longest_request; /* milliseconds, of all; 0: no report says so */
};

/* Adds the stops that a file holds ("-": standard input). Returns 0, or -errno with one line in *ret_error:
 * an unreadable file, or one without a single stop (-ENODATA). */
int measured_stops_add(struct measured_stops *stops, const char *path, struct text *ret_error);
void measured_stops_done(struct measured_stops *stops);

/* This percentile (1 to 100, by nearest rank) in milliseconds, rounded up. Sorts them; there is one at least. */
int64_t measured_stops_percentile(struct measured_stops *stops, unsigned percentile);
