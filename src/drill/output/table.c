/* SPDX-License-Identifier: MIT */
#include "drill/output/table.h"

#include "core/text/signal_name.h"
#include "host/core/clean_text.h"
#include "drill/core/latency.h"
#include "drill/core/measure.h"
#include "drill/core/outcome_group.h"
#include "drill/output/picture_text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define RUNS_SHOWN 20
#define OUTCOMES_COLUMN 39 /* where the list of outcomes begins */
#define OUTCOMES_END 96

struct page {
	const struct drill_result *result;
	const struct terminal *terminal;
	FILE *out;
};

static const char *tone(const struct page *page, enum tone tone)
{
	return terminal_tone(page->terminal, tone);
}

static void put_clean(const struct page *page, const char *text)
{
	char clean[CLEAN_TEXT_BYTES(DRILL_TEXT_BYTES)];

	fputs(clean_text(clean, sizeof(clean), text), page->out);
}

static const char *plural(unsigned count)
{
	return count == 1 ? "" : "s";
}

static void put_why(const struct page *page)
{
	const struct drill_result *result = page->result;
	const unsigned failed = drill_result_failed_checks(result);

	switch (result->verdict) {
	case VERDICT_PASS:
		fprintf(page->out, "all %u check%s held in %u run%s", result->check_count,
			plural(result->check_count), result->run_count, plural(result->run_count));
		break;
	case VERDICT_FAIL:
		fprintf(page->out, "%u of %u check%s failed in %u run%s", failed,
			result->check_count, plural(result->check_count), result->run_count,
			plural(result->run_count));
		break;
	case VERDICT_INCONCLUSIVE:
		put_clean(page, result->inconclusive_because);
		break;
	}
	if (result->was_interrupted && result->verdict != VERDICT_INCONCLUSIVE)
		fprintf(page->out, "; interrupted, %u were asked for", result->runs_asked);
}

static void put_verdict(const struct page *page)
{
	static const struct {
		const char *word;
		enum tone tone;
	} verdicts[] = {
		[VERDICT_PASS] = {"PASS", TONE_GOOD},
		[VERDICT_FAIL] = {"FAIL", TONE_BAD},
		[VERDICT_INCONCLUSIVE] = {"INCONCLUSIVE", TONE_WARN},
	};

	fprintf(page->out, "%s%s%s  %s", tone(page, verdicts[page->result->verdict].tone),
		verdicts[page->result->verdict].word, tone(page, TONE_PLAIN),
		tone(page, TONE_BOLD));
	put_clean(page, page->result->target);
	fprintf(page->out, "%s: ", tone(page, TONE_PLAIN));
	put_why(page);
	fprintf(page->out, "\n%s      ", tone(page, TONE_FAINT));
	put_clean(page, page->result->url);
	fputs(", ", page->out);
	put_clean(page, page->result->stop_text);
	fputs("\n      ", page->out);
	put_clean(page, page->result->profile);
	fprintf(page->out, "%s\n\n", tone(page, TONE_PLAIN));
}

/* Outcomes that a check or a warning speaks of are marked where they are counted. */
static bool is_judged(const struct page *page, enum outcome outcome)
{
	for (unsigned i = 0; i < page->result->run_count; i++) {
		if (page->result->runs[i].numbers.judged[outcome] > 0)
			return true;
	}
	return false;
}

static void put_failed_check(const struct page *page, const struct check *check)
{
	fprintf(page->out, "  %s%s ", tone(page, TONE_BAD),
		page->terminal->has_unicode ? "✗" : "x");
	put_clean(page, check->name);
	fprintf(page->out, "%s%*s ", tone(page, TONE_PLAIN),
		strlen(check->name) < 24 ? (int)(24 - strlen(check->name)) : 0, "");
	put_clean(page, check->observed);
	fprintf(page->out, "%s, limit ", tone(page, TONE_FAINT));
	put_clean(page, check->limit);
	if (page->result->run_count > 1)
		fprintf(page->out, ", in %u of %u runs", check->failed_runs,
			page->result->run_count);
	if (check->is_doubtful)
		fputs(", as often as before the stop", page->out);
	fprintf(page->out, "%s\n", tone(page, TONE_PLAIN));
}

static void put_warnings(const struct page *page)
{
	for (unsigned i = 0; i < page->result->warning_count; i++) {
		fprintf(page->out, "  %s%s%s ", tone(page, TONE_WARN),
			page->terminal->has_unicode ? "⚠" : "!", tone(page, TONE_PLAIN));
		put_clean(page, page->result->warnings[i]);
		fputc('\n', page->out);
	}
}

/* Failed ones a line each; the names of the others only, wrapped. */
static void put_checks(const struct page *page)
{
	const struct drill_result *result = page->result;
	unsigned column = 0;

	for (unsigned i = 0; i < result->check_count; i++) {
		if (!result->checks[i].has_passed)
			put_failed_check(page, &result->checks[i]);
	}
	for (unsigned i = 0; i < result->check_count; i++) {
		const unsigned len = (unsigned)strlen(result->checks[i].name) + 2;

		if (!result->checks[i].has_passed)
			continue;
		if (column == 0)
			fprintf(page->out, "  %s%s%s ", tone(page, TONE_GOOD),
				page->terminal->has_unicode ? "✓" : "+", tone(page, TONE_PLAIN));
		else if (column + len > 72)
			fputs(",\n    ", page->out);
		else
			fputs(", ", page->out);
		column = column > 0 && column + len <= 72 ? column + len : len;
		put_clean(page, result->checks[i].name);
	}
	if (result->check_count > 0)
		fputs(column > 0 ? "\n" : "", page->out);
	put_warnings(page);
	fputc('\n', page->out);
}

static void put_outcome(const struct page *page, const struct cohort_numbers *numbers,
	enum outcome outcome, unsigned *column)
{
	const enum outcome_group group = outcome_group_of(outcome);
	const enum tone outcome_tone = !outcome_group_is_failure(group) ? TONE_PLAIN
				       : group == OUTCOME_GROUP_REFUSED ? TONE_WARN
									: TONE_BAD;
	char text[48];
	const unsigned len =
		(unsigned)snprintf(text, sizeof(text), "%u %s%s", numbers->outcomes[outcome],
			outcome_name(outcome), is_judged(page, outcome) ? "*" : "");

	if (*column > OUTCOMES_COLUMN && *column + 2 + len > OUTCOMES_END) {
		fprintf(page->out, ",\n%*s", OUTCOMES_COLUMN, "");
		*column = OUTCOMES_COLUMN;
	} else if (*column > OUTCOMES_COLUMN) {
		fputs(", ", page->out);
	}
	*column += 2 + len;
	fprintf(page->out, "%s%s%s", tone(page, outcome_tone), text, tone(page, TONE_PLAIN));
}

/* The outcomes besides ok, worst ones first. */
static void put_outcomes(const struct page *page, const struct cohort_numbers *numbers)
{
	unsigned column = OUTCOMES_COLUMN;

	for (unsigned g = OUTCOME_GROUP_COUNT; g-- > 0;) {
		for (unsigned o = 0; o < OUTCOME_COUNT; o++) {
			if (outcome_group_of(o) == g && o != OUTCOME_OK && numbers->outcomes[o] > 0)
				put_outcome(page, numbers, o, &column);
		}
	}
}

static void put_cohorts(const struct page *page)
{
	bool has_head = false, has_judged = false;

	for (unsigned c = 0; c < COHORT_COUNT; c++) {
		const struct cohort_numbers sum = measure_cohort(page->result, c);

		if (sum.attempts == 0)
			continue;
		if (!has_head)
			fprintf(page->out, "  %s%-16s %8s %8s   not ok%s\n", tone(page, TONE_FAINT),
				"requests", "sent", "ok", tone(page, TONE_PLAIN));
		has_head = true;
		fprintf(page->out, "  %c %-14s %8u %8u   ", cohort_letter(c), cohort_name(c),
			sum.attempts, sum.outcomes[OUTCOME_OK]);
		put_outcomes(page, &sum);
		for (unsigned o = OUTCOME_OK + 1; o < OUTCOME_COUNT; o++)
			has_judged |= sum.outcomes[o] > 0 && is_judged(page, o);
		fputc('\n', page->out);
	}
	if (has_judged)
		fprintf(page->out, "  %s* judged: sent before the %s%s\n\n", tone(page, TONE_FAINT),
			page->result->runs[0].is_deployment
				? "end of the deployment"
				: "exit while the target looked healthy",
			tone(page, TONE_PLAIN));
	else if (has_head)
		fputc('\n', page->out);
}

static void put_latency_row(
	const struct page *page, enum cohort cohort, const char *when, const struct percentiles *p)
{
	char name[32];

	if (p->samples == 0)
		return;
	(void)snprintf(name, sizeof(name), "%c %s", cohort_letter(cohort), when);
	fprintf(page->out, "  %-16s %8u %8.3f %8.3f %8.3f %8.3f %8.3f\n", name, p->samples, p->p50,
		p->p90, p->p95, p->p99, p->max);
}

/* How long whole answers took: of all runs, for one has few. */
static void put_latency(const struct page *page)
{
	const struct drill_result *result = page->result;
	size_t room = 1;
	double *scratch;
	bool has_head = false;

	for (unsigned i = 0; i < result->run_count; i++)
		room += result->runs[i].attempt_count;
	scratch = calloc(room, sizeof(*scratch));
	for (unsigned c = 0; c < COHORT_COUNT && scratch; c++) {
		const struct run_latency latency = latency_over_runs(result, c, scratch);

		if (!has_head && latency.before_s.samples + latency.drain_s.samples > 0) {
			has_head = true;
			fprintf(page->out, "  %s%-16s %8s %8s %8s %8s %8s %8s%s\n",
				tone(page, TONE_FAINT), "seconds, answers", "count", "p50", "p90",
				"p95", "p99", "max", tone(page, TONE_PLAIN));
		}
		put_latency_row(page, c, "before", &latency.before_s);
		put_latency_row(page, c, "in the drain", &latency.drain_s);
	}
	free(scratch);
	if (has_head)
		fputc('\n', page->out);
}

static void put_measures(const struct page *page)
{
	bool has_head = false;

	for (unsigned m = 0; m < MEASURE_COUNT; m++) {
		const struct percentiles p = measure_over_runs(page->result, m);

		if (p.samples == 0 || measure_is_count(m) ||
			(m == MEASURE_UNDERSHOOT && p.max <= 0))
			continue;
		if (!has_head)
			fprintf(page->out, "  %s%-16s %8s %8s %8s %8s%s\n", tone(page, TONE_FAINT),
				"seconds, of runs", "min", "p50", "p95", "max",
				tone(page, TONE_PLAIN));
		has_head = true;
		fprintf(page->out, "  %-16s %8.3f %8.3f %8.3f %8.3f\n", measure_label(m), p.min,
			p.p50, p.p95, p.max);
	}
	if (has_head)
		fputc('\n', page->out);
}

static void put_exit(const struct page *page, const struct run *run)
{
	char text[32];

	if (!run->exit.is_known)
		snprintf(text, sizeof(text), "-");
	else if (run->exit.is_oom_killed)
		snprintf(text, sizeof(text), "out of memory");
	else if (run->exit.code >= 0)
		snprintf(text, sizeof(text), "%d", run->exit.code);
	else
		snprintf(text, sizeof(text), "%s", signal_name(run->exit.signal));
	fprintf(page->out, "  %s%-10s%s",
		run->numbers.was_killed_at_deadline ? tone(page, TONE_BAD) : "", text,
		tone(page, TONE_PLAIN));
}

static void put_server(const struct page *page, const struct self_report *server)
{
	if (!server->was_found) {
		fputs("-", page->out);
		return;
	}
	put_clean(page, server->outcome);
	if (server->cut >= 0)
		fprintf(page->out, ", %lld cut", (long long)server->cut);
	if (server->lost_bytes > 0)
		fprintf(page->out, ", %lld bytes lost", (long long)server->lost_bytes);
}

static void put_seconds(const struct page *page, int width, double seconds)
{
	if (isfinite(seconds))
		fprintf(page->out, " %*.3f", width, seconds);
	else
		fprintf(page->out, " %*s", width, "-");
}

static void put_run(const struct page *page, const struct run *run)
{
	const struct run_numbers *n = &run->numbers;

	fprintf(page->out, "  %4u", run->number);
	if (run->error[0] != '\0') {
		fprintf(page->out, "  %s", tone(page, TONE_WARN));
		put_clean(page, run->error);
		fprintf(page->out, "%s\n", tone(page, TONE_PLAIN));
		return;
	}
	put_seconds(page, 8, n->stop_wall_s);
	put_seconds(page, 9, n->overshoot_s);
	put_seconds(page, 8, n->deadline_margin_s);
	put_exit(page, run);
	fprintf(page->out, "%9u  %s%5u%s  ", n->in_flight_at_stop,
		n->in_flight_cut > 0 ? tone(page, TONE_BAD) : "", n->in_flight_cut,
		tone(page, TONE_PLAIN));
	put_server(page, &run->server);
	fputc('\n', page->out);
}

static void put_runs(const struct page *page)
{
	const struct drill_result *result = page->result;
	const bool has_all = result->run_count <= RUNS_SHOWN;
	unsigned shown = 0;

	if (result->run_count == 0)
		return;
	fprintf(page->out, "  %s%4s %8s %9s %8s  %-10s%9s  %5s  %s%s\n", tone(page, TONE_FAINT),
		"run", "stop", "overshoot", "margin", "exit", "in flight", "cut", "the server says",
		tone(page, TONE_PLAIN));
	for (unsigned i = 0; i < result->run_count && shown < RUNS_SHOWN; i++) {
		if (!has_all && !measure_run_is_bad(&result->runs[i]))
			continue;
		put_run(page, &result->runs[i]);
		shown++;
	}
	if (shown < result->run_count)
		fprintf(page->out, "  %*s%u more%s\n", 5, "", result->run_count - shown,
			shown < RUNS_SHOWN ? ", nothing lost" : "");
	fputc('\n', page->out);
}

/* lastcall's report and the client do not say the same: what no other tool finds. */
static void put_disagreements(const struct page *page)
{
	bool has_head = false;

	for (unsigned i = 0; i < page->result->run_count; i++) {
		const struct run *run = &page->result->runs[i];

		for (unsigned j = 0; j < run->disagreement_count; j++) {
			if (!has_head)
				fprintf(page->out, "  %sserver and client disagree%s\n",
					tone(page, TONE_WARN), tone(page, TONE_PLAIN));
			has_head = true;
			fprintf(page->out, "  %4u  ", run->number);
			put_clean(page, run->disagreements[j]);
			fputc('\n', page->out);
		}
	}
	if (has_head)
		fputc('\n', page->out);
}

static void put_control(const struct page *page)
{
	if (page->result->has_control && page->result->control_failed)
		fprintf(page->out,
			"  the control failed, as it has to: the load shows what it should\n\n");
}

static void put_picture(const struct page *page)
{
	const struct run *run = measure_worst_run(page->result);

	if (!run || run->attempt_count == 0)
		return;
	fprintf(page->out, "  %srun %u%s%s\n", tone(page, TONE_FAINT), run->number,
		page->result->run_count > 1 ? measure_worst_because(run) : "",
		tone(page, TONE_PLAIN));
	picture_text_write(page->result, page->terminal, page->out);
}

void table_write(const struct drill_result *result, const struct terminal *terminal, FILE *out)
{
	const struct page page = {result, terminal, out};

	put_verdict(&page);
	put_checks(&page);
	put_cohorts(&page);
	put_measures(&page);
	put_latency(&page);
	put_runs(&page);
	put_disagreements(&page);
	put_control(&page);
	put_picture(&page);
}
