/* SPDX-License-Identifier: MIT */
#include "host/report_search.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SCHEMA "lastcall.drain/1"
#define NAMED "lastcall.drain" /* the slash may be written as \/ where it is in a string */
#define PHASES "phases_ms"
#define WASTE_FACTOR 4 /* a text may be read so many times in vain */
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

/* Below 0 no count can be. */
static int64_t count_of(const json_t *object, const char *key)
{
	const int64_t number = number_of(object, key);

	return number < 0 ? SELF_REPORT_UNKNOWN : number;
}

static struct self_report stop_of(const json_t *report)
{
	const json_t *asked = json_object_get(report, "stop");
	const json_t *phases = json_object_get(report, PHASES);
	const json_t *connections = json_object_get(report, "connections");
	const char *outcome = json_string_value(json_object_get(report, "outcome"));
	const char *source = json_string_value(json_object_get(asked, "timeout_source"));
	struct self_report stop = {
		.was_found = true,
		.was_asked = json_is_string(json_object_get(asked, "signal")),
		.timeout_is_guess = source && strstr(source, "-default"),
		.busy_at_stop = count_of(connections, "busy_at_stop"),
		.open_at_stop = count_of(connections, "open_at_stop"),
		.finished = count_of(connections, "finished"),
		.cut = count_of(connections, "cut"),
		.unknown = count_of(connections, "unknown"),
		.arrived_after_stop = count_of(connections, "arrived_after_stop"),
		.lost_bytes = count_of(connections, "lost_bytes"),
		.flushed_bytes = count_of(connections, "flushed_bytes"),
		.accept_queue_lost = count_of(connections, "accept_queue_lost"),
		.total_ms = count_of(phases, "total"),
		.drain_ms = count_of(phases, "drain"),
		.longest_ms = count_of(connections, "longest_ms"),
		.headroom_ms = number_of(report, "headroom_ms"),
		.margin_ms = count_of(asked, "margin_ms"),
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
	       json_is_object(json_object_get(value, PHASES));
}

/* Of a report without a schema, or with another, nobody can know which fields it has. The phases of a stop are
 * what no other program has. */
static bool is_unnamed_report(const json_t *value)
{
	return json_is_object(json_object_get(value, PHASES)) &&
	       json_is_object(json_object_get(value, "connections"));
}

static int search_value(struct report_search *search, json_t *value, unsigned nesting)
{
	json_t *inner;
	const char *key;
	size_t i;
	int r = 0;

	if (is_report(value))
		return add_report(search, value);
	if (is_unnamed_report(value)) {
		search->unnamed++;
		return 0;
	}
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

/* Where a word comes next in a text; NULL: not any more. */
struct word {
	const char *letters, *at;
};

static void find_from(struct word *word, const char *text, const char *end)
{
	if (word->at != NULL && word->at < text)
		word->at = memmem(text, (size_t)(end - text), word->letters, strlen(word->letters));
}

static const char *earlier(const char *a, const char *b)
{
	return a == NULL || (b != NULL && b < a) ? b : a;
}

/* What is left of a text, and where in it a report may be. */
struct hunt {
	const char *text, *end;
	struct word named, phases;
	size_t waste; /* bytes that may still be read in vain */
};

static struct hunt hunt_begin(const char *text, size_t len)
{
	struct hunt hunt = {.text = text,
		.end = text + len,
		.named = {.letters = NAMED},
		.phases = {.letters = PHASES},
		.waste = WASTE_FACTOR * len};

	hunt.named.at = memmem(text, len, NAMED, strlen(NAMED));
	hunt.phases.at = memmem(text, len, PHASES, strlen(PHASES));
	return hunt;
}

/* What begins at this brace is no JSON. The next brace is tried, which may be inside of it: so a prefix, an
 * export that was cut off and a line of another program cost what is wrong, and nothing behind it. A text that
 * nests without an end would be read once for each of its braces: where too much was read in vain already, all
 * that was read now is passed over. */
static void pass_over(
	struct report_search *search, struct hunt *hunt, const char *brace, size_t read)
{
	if (read <= hunt->waste) {
		hunt->waste -= read;
		hunt->text = brace + 1;
		return;
	}
	hunt->text = read > 0 ? brace + read : brace + 1;
	while (hunt->named.at != NULL && hunt->named.at < hunt->text) {
		search->broken++;
		find_from(&hunt->named, hunt->named.at + 1, hunt->end);
	}
}

/* Tries each brace, and looks through what is JSON. Where neither word comes any more the rest cannot matter. */
static int search_text(struct report_search *search, const char *text, size_t len, unsigned nesting)
{
	struct hunt hunt = hunt_begin(text, len);
	const char *first, *brace;
	int r = 0;

	while (r == 0 && (first = earlier(hunt.named.at, hunt.phases.at)) != NULL) {
		json_error_t where;
		json_t *value;

		brace = memchr(hunt.text, '{', (size_t)(hunt.end - hunt.text));
		if (brace == NULL) {
			search->broken += hunt.named.at != NULL;
			break;
		}
		if (brace > first) { /* named outside of any JSON, or in what was cut */
			search->broken += first == hunt.named.at;
			hunt.text = first + 1;
		} else {
			/* As reals, for a number that is too large for an integer would make it no JSON. */
			value = json_loadb(brace, (size_t)(hunt.end - brace),
				JSON_DISABLE_EOF_CHECK | JSON_DECODE_INT_AS_REAL, &where);
			if (value == NULL) {
				pass_over(search, &hunt, brace, (size_t)where.position);
			} else {
				r = search_value(search, value, nesting);
				json_decref(value);
				hunt.text = brace + where.position;
			}
		}
		find_from(&hunt.named, hunt.text, hunt.end);
		find_from(&hunt.phases, hunt.text, hunt.end);
	}
	return r;
}

int report_search_text(struct report_search *search, const char *text, size_t len)
{
	return search_text(search, text, len, 0);
}
