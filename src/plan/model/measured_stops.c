/* SPDX-License-Identifier: MIT */
#include "plan/model/measured_stops.h"

#include "host/core/percentiles.h"
#include "host/input_file.h"
#include "host/report_search.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define DRILL_SCHEMA "lastcall.drill/1"
#define MAX_BYTES ((size_t)256 << 20)
#define MAX_SECONDS 1e6 /* what is longer is no stop */

void measured_stops_done(struct measured_stops *stops)
{
	free(stops->seconds);
	*stops = (struct measured_stops){0};
}

static int add(struct measured_stops *stops, double seconds)
{
	if (!(seconds >= 0 && seconds < MAX_SECONDS))
		return 0;
	if (stops->count == stops->room) {
		const size_t room = stops->room > 0 ? 2 * stops->room : 64;
		double *more = reallocarray(stops->seconds, room, sizeof *more);

		if (more == NULL)
			return -ENOMEM;
		stops->seconds = more;
		stops->room = room;
	}
	stops->seconds[stops->count++] = seconds;
	return 0;
}

/* Only stops that were asked for: an application that exits by itself was not stopped. */
static int add_reports(struct measured_stops *stops, const char *bytes, size_t len)
{
	struct report_search search;
	int r = report_search_init(&search);

	if (r < 0)
		return r;
	r = report_search_text(&search, bytes, len);
	stops->has_lastcall |= search.count > 0;
	for (size_t i = 0; i < search.count && r == 0; i++) {
		const struct self_report *report = &search.stops[i];

		if (report->longest_ms > stops->longest_request &&
			report->longest_ms < (int64_t)(MAX_SECONDS * 1000))
			stops->longest_request = report->longest_ms;
		if (report->was_asked && report->total_ms != SELF_REPORT_UNKNOWN)
			r = add(stops, (double)report->total_ms / 1000);
	}
	report_search_done(&search);
	return r;
}

/* A drill of any target: how long each run's stop took, seen from outside. */
static int add_runs(struct measured_stops *stops, const json_t *drill)
{
	const json_t *run;
	size_t i;
	int r = 0;

	json_array_foreach(json_object_get(drill, "runs"), i, run)
	{
		const json_t *seconds =
			json_object_get(json_object_get(run, "numbers"), "stop_wall_s");

		if (json_is_number(seconds) && r == 0)
			r = add(stops, json_number_value(seconds));
	}
	return r;
}

static int add_text(struct measured_stops *stops, const char *bytes, size_t len)
{
	json_t *document = json_loadb(bytes, len, 0, NULL);
	const char *schema = json_string_value(json_object_get(document, "schema"));
	const int r = schema != NULL && strcmp(schema, DRILL_SCHEMA) == 0
			      ? add_runs(stops, document)
			      : add_reports(stops, bytes, len);

	json_decref(document);
	return r;
}

int measured_stops_add(struct measured_stops *stops, const char *path, struct text *ret_error)
{
	const size_t before = stops->count;
	char *bytes;
	size_t len;
	int r = input_file_read(path, MAX_BYTES, &bytes, &len);

	if (r == 0) {
		r = add_text(stops, bytes, len);
		free(bytes);
	}
	if (r < 0)
		text_printf(ret_error, "--reports='%s' cannot be read: %s", path, strerror(-r));
	else if (stops->count == before) {
		text_printf(ret_error,
			"--reports='%s' has no stop; give a log with lastcall's reports, or a "
			"drill's "
			"JSON",
			path);
		r = -ENODATA;
	}
	return r;
}

int64_t measured_stops_percentile(struct measured_stops *stops, unsigned percentile)
{
	(void)percentiles_of(stops->seconds, stops->count); /* sorts them */
	return (int64_t)ceil(
		1000 * percentile_of_sorted(stops->seconds, stops->count, percentile / 100.0) -
		1e-6);
}
