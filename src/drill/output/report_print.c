/* SPDX-License-Identifier: MIT */
#include "drill/output/report_print.h"

#include "host/core/clean_text.h"
#include "host/core/seconds_text.h"
#include "host/json_value.h"
#include "host/json_write.h"
#include "host/wrapped.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>

/* Below so many stops the percentiles are not what their names say. */
#define FEW_STOPS 20

struct page {
	const struct report_search *search;
	const struct sizing *sizing;
	const struct terminal *terminal;
	FILE *out;
};

static const char *tone(const struct page *page, enum tone tone)
{
	return terminal_tone(page->terminal, tone);
}

static void put_line(const struct page *page, unsigned first, unsigned indent, const char *format,
	...) __attribute__((format(printf, 4, 5)));

/* Words behind what stands in the first columns. */
static void put_line(
	const struct page *page, unsigned first, unsigned indent, const char *format, ...)
{
	char line[1024];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	wrapped_write_to(page->out, line, first, indent, terminal_line_end(page->terminal));
}

static const char *plural(size_t count)
{
	return count == 1 ? "" : "s";
}

/* Of those that could tell; what is not known is said in the same line. */
static void put_nothing_lost(const struct page *page)
{
	const size_t unread = page->search->broken + page->search->unnamed;
	const size_t watched = page->search->count - page->sizing->unwatched;
	char more[2][96] = {"", ""};

	if (page->sizing->unwatched > 0)
		(void)snprintf(more[0], sizeof(more[0]), "; %s%zu more could not see connections%s",
			tone(page, TONE_WARN), page->sizing->unwatched, tone(page, TONE_PLAIN));
	if (unread > 0)
		(void)snprintf(more[1], sizeof(more[1]), "; %s%zu more could not be read%s",
			tone(page, TONE_WARN), unread, tone(page, TONE_PLAIN));
	put_line(page, 0, 2, "%sNOTHING LOST%s in %zu report%s%s%s", tone(page, TONE_GOOD),
		tone(page, TONE_PLAIN), watched, plural(watched), more[0], more[1]);
}

static void put_verdict(const struct page *page)
{
	const struct sizing *s = page->sizing;

	if (page->search->count == 0)
		fprintf(page->out, "%sNO REPORT%s of lastcall is in there\n", tone(page, TONE_WARN),
			tone(page, TONE_PLAIN));
	else if (s->lost_work > 0)
		put_line(page, 0, 2,
			"%sWORK WAS LOST%s in %zu of %zu reports: %" PRIu64 " cut, %" PRIu64
			" never accepted, %" PRIu64 " bytes lost",
			tone(page, TONE_BAD), tone(page, TONE_PLAIN), s->lost_work,
			page->search->count, s->cut, s->accept_queue_lost, s->lost_bytes);
	else if (s->unproven > 0)
		put_line(page, 0, 2,
			"%sNOT KNOWN%s in %zu of %zu reports: whether %" PRIu64
			" request%s answered; nothing is known to be lost",
			tone(page, TONE_WARN), tone(page, TONE_PLAIN), s->unproven,
			page->search->count, s->unknown, s->unknown == 1 ? " was" : "s were");
	else if (s->unwatched == page->search->count)
		fprintf(page->out, "%sNOT KNOWN%s: no report saw any connections\n",
			tone(page, TONE_WARN), tone(page, TONE_PLAIN));
	else
		put_nothing_lost(page);
}

static void put_counts(const struct page *page, const char *title, json_t *counts)
{
	const char *name;
	char bytes[1024];
	struct text line;
	json_t *count;

	if (json_object_size(counts) == 0)
		return;
	text_init(&line, bytes, sizeof(bytes));
	json_object_foreach(counts, name, count)
	{
		char clean[CLEAN_TEXT_BYTES(64)], number[32];

		(void)snprintf(number, sizeof(number), "%s%lld ", line.len > 0 ? ", " : "",
			(long long)json_integer_value(count));
		text_add(&line, number);
		text_add(&line, clean_text(clean, sizeof(clean), name));
	}
	text_mark_cut(&line);
	fprintf(page->out, "  %-12s", title);
	put_line(page, 14, 14, "%s", bytes);
}

static void put_found(const struct page *page)
{
	const struct sizing *s = page->sizing;

	fprintf(page->out, "  %-12s%zu, asked for by a signal%s", "stops", s->stops,
		s->ended_alone > 0 ? "" : "\n");
	if (s->ended_alone > 0)
		fprintf(page->out, "; %zu application%s ended by itself\n", s->ended_alone,
			plural(s->ended_alone));
	put_counts(page, "outcomes", page->search->outcomes);
	put_counts(page, "degraded", page->search->degraded);
	put_counts(page, "diagnosis", page->search->diagnoses);
	if (s->unwatched > 0)
		fprintf(page->out, "  %-12s%zu could not see connections\n", "", s->unwatched);
	if (page->search->repeated > 0)
		fprintf(page->out, "  %-12s%zu, left out\n", "repeated", page->search->repeated);
	if (page->search->unnamed > 0)
		fprintf(page->out,
			"  %-12s%s%zu report%s without the schema 'lastcall.drain/1': refused%s\n",
			"", tone(page, TONE_WARN), page->search->unnamed,
			plural(page->search->unnamed), tone(page, TONE_PLAIN));
	if (page->search->broken > 0)
		put_line(page, 0, 14,
			"  %-12s%s%zu report%s could not be read: cut off, or broken into several "
			"lines%s",
			"", tone(page, TONE_WARN), page->search->broken,
			plural(page->search->broken), tone(page, TONE_PLAIN));
	fputc('\n', page->out);
}

static void put_row(const struct page *page, const char *label, const struct percentiles *p)
{
	if (p->samples == 0)
		return;
	fprintf(page->out, "  %-16s %6u %8.3f %8.3f %8.3f %8.3f %8.3f %8.3f\n", label, p->samples,
		p->min, p->p50, p->p90, p->p95, p->p99, p->max);
}

static void put_percentiles(const struct page *page)
{
	const struct sizing *s = page->sizing;

	if (s->stops == 0)
		return;
	fprintf(page->out, "  %s%-16s %6s %8s %8s %8s %8s %8s %8s%s\n", tone(page, TONE_FAINT),
		"seconds", "stops", "min", "p50", "p90", "p95", "p99", "max",
		tone(page, TONE_PLAIN));
	put_row(page, "whole stop", &s->total_s);
	put_row(page, "drain", &s->drain_s);
	put_row(page, "longest work", &s->longest_s);
	put_row(page, "headroom", &s->headroom_s);
	if (s->stops < FEW_STOPS)
		fprintf(page->out,
			"  %sof so few stops p95 and p99 are the largest that was seen%s\n",
			tone(page, TONE_FAINT), tone(page, TONE_PLAIN));
	fputc('\n', page->out);
}

/* How far a largest sample can be trusted, in words that promise no more. */
static void put_trust(const struct page *page, size_t samples, double share, const char *what)
{
	put_line(page, 0, 4,
		"    from %zu stop%s: with 95 %% confidence no more than %.*f %% of stops %s",
		samples, plural(samples), share < 0.0995 ? 1 : 0, 100 * share, what);
}

static void put_delay(const struct page *page)
{
	const struct sizing *s = page->sizing;
	char longest[SECONDS_TEXT_BYTES];

	if (isnan(s->deregistration_delay_s)) {
		put_line(page, 0, 4,
			"  deregistration_delay: nothing can be said, for no stop caught a request "
			"in flight");
		return;
	}
	put_line(page, 0, 4,
		"  %sderegistration_delay: %.0f s%s; the longest work took %s, and half as much "
		"again",
		tone(page, TONE_BOLD), s->deregistration_delay_s, tone(page, TONE_PLAIN),
		seconds_text(longest, s->longest_s.max));
	put_trust(page, s->with_work, s->longer_share, "have longer work");
	if (s->deregistration_delay_s < SIZING_DEFAULT_DELAY_S)
		put_line(page, 0, 4,
			"    instead of the default of %d s it saves %.0f s for each batch of "
			"tasks that a deployment replaces",
			SIZING_DEFAULT_DELAY_S, SIZING_DEFAULT_DELAY_S - s->deregistration_delay_s);
}

static void put_stop_timeout(const struct page *page)
{
	const struct sizing *s = page->sizing;
	char longest[SECONDS_TEXT_BYTES], margin[SECONDS_TEXT_BYTES], least[SECONDS_TEXT_BYTES];

	if (isnan(s->stop_timeout_s))
		return;
	put_line(page, 0, 4,
		"  %sstopTimeout: %.0f s%s; the longest stop took %s, half as much again, and a "
		"margin of %s",
		tone(page, TONE_BOLD), s->stop_timeout_s, tone(page, TONE_PLAIN),
		seconds_text(longest, s->total_s.max), seconds_text(margin, s->margin_s));
	put_trust(page, s->stops, s->later_share, "take longer than the longest");
	if (s->headroom_s.samples > 0)
		fprintf(page->out, "    the least headroom was %s%s\n",
			seconds_text(least, s->headroom_s.min),
			s->headroom_s.min < 0 ? ": lastcall was late" : "");
	if (s->were_short > 0)
		put_line(page, 0, 4,
			"    %s%zu ran out of time or had to be killed: these would have taken "
			"longer%s",
			tone(page, TONE_WARN), s->were_short, tone(page, TONE_PLAIN));
	if (s->stop_timeout_s > SIZING_FARGATE_STOP_TIMEOUT_MAX_S)
		fprintf(page->out, "    Fargate allows %d s at most\n",
			SIZING_FARGATE_STOP_TIMEOUT_MAX_S);
	if (s->guessed_timeout > 0)
		fprintf(page->out,
			"    %zu did not know the stop timeout: tell lastcall (--stop-timeout)\n",
			s->guessed_timeout);
}

void report_print(const struct report_search *search, const struct sizing *sizing,
	const struct terminal *terminal, FILE *out)
{
	const struct page page = {search, sizing, terminal, out};

	put_verdict(&page);
	if (search->count > 0 || search->broken > 0 || search->unnamed > 0)
		put_found(&page);
	if (search->count == 0)
		return;
	put_percentiles(&page);
	put_delay(&page);
	put_stop_timeout(&page);
}

int report_print_json(const struct report_search *search, const struct sizing *s, FILE *out)
{
	json_t *document = json_pack(
		"{s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:O, "
		"s:O, s:O, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
		"schema", "lastcall.reports/1", "reports", (json_int_t)search->count, "repeated",
		(json_int_t)search->repeated, "refused", (json_int_t)search->unnamed, "broken",
		(json_int_t)search->broken, "stops", (json_int_t)s->stops, "lost_work",
		(json_int_t)s->lost_work, "unwatched", (json_int_t)s->unwatched, "ran_out_of_time",
		(json_int_t)s->were_short, "guessed_timeout", (json_int_t)s->guessed_timeout, "cut",
		(json_int_t)s->cut, "accept_queue_lost", (json_int_t)s->accept_queue_lost,
		"lost_bytes", (json_int_t)s->lost_bytes, "unproven", (json_int_t)s->unproven,
		"unknown", (json_int_t)s->unknown, "outcomes", search->outcomes, "degraded",
		search->degraded, "diagnosis", search->diagnoses, "total_s",
		json_value_percentiles(&s->total_s), "drain_s", json_value_percentiles(&s->drain_s),
		"longest_s", json_value_percentiles(&s->longest_s), "headroom_s",
		json_value_percentiles(&s->headroom_s), "deregistration_delay_s",
		json_value_seconds(s->deregistration_delay_s), "longer_share",
		json_value_seconds(s->longer_share), "stop_timeout_s",
		json_value_seconds(s->stop_timeout_s), "later_share",
		json_value_seconds(s->later_share));

	return json_write(document, JSON_INDENT(2), out);
}
