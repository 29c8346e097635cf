/* SPDX-License-Identifier: MIT */
#include "drill/output/markdown.h"

#include "core/text/signal_name.h"
#include "drill/core/latency.h"
#include "drill/core/measure.h"
#include "host/core/seconds_text.h"
#include "host/markup.h"
#include "drill/output/picture_text.h"

#include <math.h>
#include <stdlib.h>

#define RUNS_SHOWN 100
#define DISAGREEMENTS_SHOWN 50
#define PICTURE_COLUMNS 110

static void put_heading(const struct drill_result *result, FILE *out)
{
	static const char *const signs[] = {
		[VERDICT_PASS] = "✅ pass",
		[VERDICT_FAIL] = "❌ fail",
		[VERDICT_INCONCLUSIVE] = "⚠️ inconclusive",
	};

	fprintf(out, "### %s: ", signs[result->verdict]);
	markup_markdown(out, result->target);
	fprintf(out, "\n\n%u %s%s by ", result->run_count, drill_result_event(result),
		result->run_count == 1 ? "" : "s");
	markup_markdown(out, result->stop_text);
	fputs(" under load on ", out);
	markup_markdown(out, result->url);
	if (result->was_interrupted)
		fprintf(out, "; interrupted, %u were asked for", result->runs_asked);
	fputs(".\n\n", out);
	if (result->inconclusive_because[0] != '\0') {
		fputs("**", out);
		markup_markdown(out, result->inconclusive_because);
		fputs("**\n\n", out);
	}
}

static void put_cell(FILE *out, const char *text)
{
	fputs(" ", out);
	markup_markdown(out, text);
	fputs(" |", out);
}

static void put_check_rows(const struct drill_result *result, bool have_passed, FILE *out)
{
	fputs("| | check | observed | limit |\n|---|---|---|---|\n", out);
	for (unsigned i = 0; i < result->check_count; i++) {
		const struct check *check = &result->checks[i];

		if (check->has_passed != have_passed)
			continue;
		fprintf(out, "| %s |", have_passed ? "✅" : "❌");
		put_cell(out, check->name);
		put_cell(out, check->observed);
		put_cell(out, check->limit);
		fputc('\n', out);
	}
	fputc('\n', out);
}

static void put_warnings(const struct drill_result *result, FILE *out)
{
	for (unsigned i = 0; i < result->warning_count; i++) {
		fputs("⚠️ ", out);
		markup_markdown(out, result->warnings[i]);
		fputs("\n\n", out);
	}
}

static void put_checks(const struct drill_result *result, FILE *out)
{
	const unsigned passed = result->check_count - drill_result_failed_checks(result);

	if (passed < result->check_count)
		put_check_rows(result, false, out);
	put_warnings(result, out);
	if (passed == 0)
		return;
	fprintf(out, "<details><summary>%u check%s held</summary>\n\n", passed,
		passed == 1 ? "" : "s");
	put_check_rows(result, true, out);
	fputs("</details>\n\n", out);
}

/* A bar for each run, or of very many for the first ones. */
static void put_sparkline(const struct drill_result *result, FILE *out)
{
	static const char *const bars[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
	const struct percentiles stop = measure_over_runs(result, MEASURE_STOP);
	char min[SECONDS_TEXT_BYTES], max[SECONDS_TEXT_BYTES];

	if (stop.samples == 0)
		return;
	if (result->run_count > RUNS_SHOWN)
		fprintf(out, "Stop time of the first %d runs: ", RUNS_SHOWN);
	else
		fputs("Stop time of each run: ", out);
	for (unsigned i = 0; i < result->run_count && i < RUNS_SHOWN; i++) {
		const double stopped_in = measure_of_run(&result->runs[i], MEASURE_STOP);

		if (!isfinite(stopped_in))
			fputs("·", out);
		else
			fputs(bars[stop.max > 0 ? (unsigned)fmin(7, stopped_in / stop.max * 8) : 0],
				out);
	}
	fprintf(out, " %s to %s\n\n", seconds_text(min, stop.min), seconds_text(max, stop.max));
}

static void put_requests(const struct drill_result *result, FILE *out)
{
	fputs("| requests | sent | ok | not ok |\n|---|--:|--:|---|\n", out);
	for (unsigned c = 0; c < COHORT_COUNT; c++) {
		const struct cohort_numbers sum = measure_cohort(result, c);
		const char *separator = "";

		if (sum.attempts == 0)
			continue;
		fprintf(out, "| %c %s | %u | %u | ", cohort_letter(c), cohort_name(c), sum.attempts,
			sum.outcomes[OUTCOME_OK]);
		for (unsigned o = OUTCOME_OK + 1; o < OUTCOME_COUNT; o++) {
			if (sum.outcomes[o] == 0)
				continue;
			fprintf(out, "%s%u %s", separator, sum.outcomes[o], outcome_name(o));
			separator = ", ";
		}
		fputs(" |\n", out);
	}
	fputc('\n', out);
}

static void put_measures(const struct drill_result *result, FILE *out)
{
	fputs("| of all runs | min | p50 | p95 | max |\n|---|--:|--:|--:|--:|\n", out);
	for (unsigned m = 0; m < MEASURE_COUNT; m++) {
		const struct percentiles p = measure_over_runs(result, m);
		char buf[4][SECONDS_TEXT_BYTES];

		if (p.samples == 0 || measure_is_count(m))
			continue;
		fprintf(out, "| %s | %s | %s | %s | %s |\n", measure_label(m),
			seconds_text(buf[0], p.min), seconds_text(buf[1], p.p50),
			seconds_text(buf[2], p.p95), seconds_text(buf[3], p.max));
	}
	fputc('\n', out);
}

static void put_latency_row(
	enum cohort cohort, const char *when, const struct percentiles *p, FILE *out)
{
	char buf[5][SECONDS_TEXT_BYTES];

	if (p->samples == 0)
		return;
	fprintf(out, "| %c %s, %s | %u | %s | %s | %s | %s | %s |\n", cohort_letter(cohort),
		cohort_name(cohort), when, p->samples, seconds_text(buf[0], p->p50),
		seconds_text(buf[1], p->p90), seconds_text(buf[2], p->p95),
		seconds_text(buf[3], p->p99), seconds_text(buf[4], p->max));
}

static void put_latency(const struct drill_result *result, FILE *out)
{
	size_t room = 1;
	double *scratch;

	for (unsigned i = 0; i < result->run_count; i++)
		room += result->runs[i].attempt_count;
	scratch = calloc(room, sizeof(*scratch));
	if (!scratch)
		return;
	fputs("| time to the whole answer | count | p50 | p90 | p95 | p99 | max |\n"
	      "|---|--:|--:|--:|--:|--:|--:|\n",
		out);
	for (unsigned c = 0; c < COHORT_COUNT; c++) {
		const struct run_latency latency = latency_over_runs(result, c, scratch);

		put_latency_row(c, "before the stop", &latency.before_s, out);
		put_latency_row(c, "in the drain", &latency.drain_s, out);
	}
	free(scratch);
	fputc('\n', out);
}

static void put_run(const struct run *run, FILE *out)
{
	const struct run_numbers *n = &run->numbers;
	char buf[3][SECONDS_TEXT_BYTES];

	fprintf(out, "| %u |", run->number);
	if (run->error[0] != '\0') {
		put_cell(out, run->error);
		fputs(" | | | | | |\n", out);
		return;
	}
	fprintf(out, " %s | %s | %s | ", seconds_text(buf[0], n->stop_wall_s),
		seconds_text(buf[1], n->overshoot_s), seconds_text(buf[2], n->deadline_margin_s));
	if (!run->exit.is_known)
		fputs("-", out);
	else if (run->exit.code >= 0)
		fprintf(out, "%d", run->exit.code);
	else
		fputs(signal_name(run->exit.signal), out);
	fprintf(out, " | %u | %s%u%s |", n->in_flight_at_stop, n->in_flight_cut > 0 ? "**" : "",
		n->in_flight_cut, n->in_flight_cut > 0 ? "**" : "");
	put_cell(out, run->server.was_found ? run->server.outcome : "-");
	fputc('\n', out);
}

static void put_runs(const struct drill_result *result, FILE *out)
{
	const bool has_all = result->run_count <= RUNS_SHOWN;
	unsigned shown = 0;

	fputs("| run | stop | overshoot | margin | exit | in flight | cut | lastcall says |\n"
	      "|--:|--:|--:|--:|---|--:|--:|---|\n",
		out);
	for (unsigned i = 0; i < result->run_count && shown < RUNS_SHOWN; i++) {
		if (!has_all && !measure_run_is_bad(&result->runs[i]))
			continue;
		put_run(&result->runs[i], out);
		shown++;
	}
	if (shown < result->run_count)
		fprintf(out, "\n%u more runs%s\n", result->run_count - shown,
			shown < RUNS_SHOWN ? ", nothing lost" : "");
	fputc('\n', out);
}

static void put_disagreements(const struct drill_result *result, FILE *out)
{
	unsigned found = 0;

	for (unsigned i = 0; i < result->run_count; i++) {
		const struct run *run = &result->runs[i];

		for (unsigned j = 0; j < run->disagreement_count; j++) {
			if (found++ == 0)
				fputs("Server and client disagree:\n\n", out);
			if (found > DISAGREEMENTS_SHOWN)
				continue;
			fprintf(out, "- run %u: ", run->number);
			markup_markdown(out, run->disagreements[j]);
			fputc('\n', out);
		}
	}
	if (found > DISAGREEMENTS_SHOWN)
		fprintf(out, "- and %u more\n", found - DISAGREEMENTS_SHOWN);
	if (found > 0)
		fputc('\n', out);
}

/* Letters of our own only, so that nothing ends the code block. */
static void put_picture(const struct drill_result *result, FILE *out)
{
	const struct terminal page = {.has_unicode = true, .columns = PICTURE_COLUMNS};
	const struct run *run = measure_worst_run(result);

	if (!run || run->attempt_count == 0)
		return;
	fprintf(out, "<details><summary>Timeline of run %u%s</summary>\n\n```text\n", run->number,
		result->run_count > 1 ? measure_worst_because(run) : "");
	picture_text_write(result, &page, out);
	fputs("```\n\n</details>\n\n", out);
}

void markdown_write(const struct drill_result *result, FILE *out)
{
	put_heading(result, out);
	put_checks(result, out);
	put_disagreements(result, out);
	if (result->run_count == 0)
		return;
	put_sparkline(result, out);
	put_picture(result, out);
	fputs("<details><summary>Numbers</summary>\n\n", out);
	put_requests(result, out);
	put_measures(result, out);
	put_latency(result, out);
	put_runs(result, out);
	fputs("</details>\n\n", out);
}
