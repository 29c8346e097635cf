/* SPDX-License-Identifier: MIT */
#include "host/report_search.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SCHEMA "lastcall.drain/1"
#define NAMED "lastcall.drain" /* the slash may be written as \/ where it is in a string */
#define NESTING_MAX 16 /* wrappers around a report; JSON as text counts as one, too */

int report_search_init(struct report_search *search)
{
	*search = (struct report_search){.seen = json_object(),
		.outcomes = json_object(),
		.degraded = json_object(),
		.diagnoses = json_object()};
	if (search->seen && search->outcomes && search->degraded && search->diagnoses)
		return 0;
	report_search_done(search);
	return -ENOMEM;
}

void report_search_done(struct report_search *search)
{
	free(search->stops);
	json_decref(search->seen);
	json_decref(search->outcomes);
	json_decref(search->degraded);
	json_decref(search->diagnoses);
	*search = (struct report_search){0};
}

static void count_name(json_t *counts, const json_t *name)
{
	const char *key = json_string_value(name);

	if (key)
		(void)json_object_set_new(counts, key,
			json_integer(json_integer_value(json_object_get(counts, key)) + 1));
}

static void count_names(json_t *counts, const json_t *names)
{
	const json_t *name;
	size_t i;

	json_array_foreach(names, i, name)
	{
		count_name(counts, name);
	}
}

/* Where it is not a number of milliseconds, connections or bytes that can be, it is not known. */
static int64_t number_of(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);
	const double number = json_number_value(value);

	return json_is_number(value) && fabs(number) < 9e18 ? (int64_t)number : SELF_REPORT_UNKNOWN;
}

static struct self_report stop_of(const json_t *report)
{
	const json_t *asked = json_object_get(report, "stop");
	const json_t *phases = json_object_get(report, "phases_ms");
	const json_t *connections = json_object_get(report, "connections");
	const char *outcome = json_string_value(json_object_get(report, "outcome"));
	const char *source = json_string_value(json_object_get(asked, "timeout_source"));
	struct self_report stop = {
		.was_found = true,
		.was_asked = json_is_string(json_object_get(asked, "signal")),
		.timeout_is_guess = source && strstr(source, "-default"),
		.busy_at_stop = number_of(connections, "busy_at_stop"),
		.open_at_stop = number_of(connections, "open_at_stop"),
		.finished = number_of(connections, "finished"),
		.cut = number_of(connections, "cut"),
		.arrived_after_stop = number_of(connections, "arrived_after_stop"),
		.lost_bytes = number_of(connections, "lost_bytes"),
		.flushed_bytes = number_of(connections, "flushed_bytes"),
		.accept_queue_lost = number_of(connections, "accept_queue_lost"),
		.total_ms = number_of(phases, "total"),
		.drain_ms = number_of(phases, "drain"),
		.longest_ms = number_of(connections, "longest_ms"),
		.headroom_ms = number_of(report, "headroom_ms"),
		.margin_ms = number_of(asked, "margin_ms"),
	};

	(void)snprintf(stop.outcome, sizeof(stop.outcome), "%s", outcome ? outcome : "");
	return stop;
}

static int add_stop(struct report_search *search, const struct self_report *stop)
{
	if (search->count == search->room) {
		const size_t room = search->room > 0 ? 2 * search->room : 64;
		struct self_report *more = reallocarray(search->stops, room, sizeof(*more));

		if (!more)
			return -ENOMEM;
		search->stops = more;
		search->room = room;
	}
	search->stops[search->count++] = *stop;
	return 0;
}

static int add_report(struct report_search *search, const json_t *report)
{
	const struct self_report stop = stop_of(report);
	char *key = json_dumps(report, JSON_COMPACT | JSON_SORT_KEYS);
	bool is_repeated;
	int r = 0;

	if (!key)
		return -ENOMEM;
	is_repeated = json_object_get(search->seen, key) != NULL;
	if (!is_repeated && json_object_set_new(search->seen, key, json_true()) < 0)
		r = -ENOMEM;
	free(key);
	if (is_repeated) {
		search->repeated++;
		return 0;
	}
	if (r < 0)
		return r;
	count_name(search->outcomes, json_object_get(report, "outcome"));
	count_names(search->degraded, json_object_get(report, "degraded"));
	count_names(search->diagnoses, json_object_get(report, "diagnosis"));
	return add_stop(search, &stop);
}

static int search_text(
	struct report_search *search, const char *text, size_t len, unsigned nesting);

static bool is_report(const json_t *value)
{
	const char *schema = json_string_value(json_object_get(value, "schema"));

	return schema && strcmp(schema, SCHEMA) == 0 &&
	       json_is_object(json_object_get(value, "phases_ms"));
}

static int search_value(struct report_search *search, json_t *value, unsigned nesting)
{
	json_t *inner;
	const char *key;
	size_t i;
	int r = 0;

	if (is_report(value))
		return add_report(search, value);
	if (nesting == NESTING_MAX)
		return 0;
	if (json_is_string(value))
		return search_text(
			search, json_string_value(value), json_string_length(value), nesting + 1);
	json_array_foreach(value, i, inner)
	{
		if ((r = search_value(search, inner, nesting + 1)) < 0)
			return r;
	}
	json_object_foreach(value, key, inner)
	{
		if ((r = search_value(search, inner, nesting + 1)) < 0)
			return r;
	}
	return r;
}

/* Tries each brace. What is JSON is looked through and passed over; what is not is passed over up to
 * the next brace. So a prefix, an export that was cut off and a line of another program cost what is
 * wrong, and nothing behind it. Where the schema is named no more the rest cannot matter. */
static int search_text(struct report_search *search, const char *text, size_t len, unsigned nesting)
{
	const char *end = text + len, *named = text, *at;

	while ((named = memmem(named, (size_t)(end - named), NAMED, strlen(NAMED))) &&
		(at = memchr(text, '{', (size_t)(end - text)))) {
		json_error_t where;
		json_t *value;
		int r;

		if (at > named) { /* named outside of any JSON, or in what was cut */
			search->broken++;
			named += strlen(NAMED);
			text = text > named ? text : named;
			continue;
		}
		/* As reals, for a number that is too large for an integer would make it no JSON. */
		value = json_loadb(at, (size_t)(end - at),
			JSON_DISABLE_EOF_CHECK | JSON_DECODE_INT_AS_REAL, &where);
		if (!value) {
			text = at + 1;
			continue;
		}
		r = search_value(search, value, nesting);
		json_decref(value);
		if (r < 0)
			return r;
		text = at + where.position;
		named = named > text ? named : text;
	}
	if (named) /* no brace before it any more */
		search->broken++;
	return 0;
}

/* What no other program has: the phases of a stop. */
static bool is_unnamed_report(const json_t *value)
{
	const char *schema = json_string_value(json_object_get(value, "schema"));

	return (!schema || strcmp(schema, SCHEMA) != 0) &&
	       json_is_object(json_object_get(value, "phases_ms")) &&
	       json_is_object(json_object_get(value, "connections"));
}

/* Reports without a schema, or with another, a line each: their fields are unknown. */
static void count_unnamed(struct report_search *search, const char *text, size_t len)
{
	static const char phases[] = "\"phases_ms\"";
	const char *end = text + len, *at = text;

	while ((at = memmem(at, (size_t)(end - at), phases, strlen(phases)))) {
		const char *line = at, *brace;
		json_error_t where;
		json_t *value;

		while (line > text && line[-1] != '\n')
			line--;
		at += strlen(phases);
		brace = memchr(line, '{', (size_t)(at - line));
		value = brace ? json_loadb(brace, (size_t)(end - brace),
					JSON_DISABLE_EOF_CHECK | JSON_DECODE_INT_AS_REAL, &where)
			      : NULL;
		search->unnamed += value && is_unnamed_report(value);
		json_decref(value);
	}
}

int report_search_text(struct report_search *search, const char *text, size_t len)
{
	count_unnamed(search, text, len);
	return search_text(search, text, len, 0);
}
