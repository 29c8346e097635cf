/* SPDX-License-Identifier: MIT */
#include "drill/output/table.h"

#include "core/text/signal_name.h"
#include "host/core/clean_text.h"
#include "drill/core/latency.h"
#include "drill/core/measure.h"
#include "drill/core/outcome_group.h"
#include "drill/output/picture_text.h"
#include "host/wrapped.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define RUNS_SHOWN 20
#define OUTCOMES_COLUMN 39 /* where the list of outcomes begins */
#define CHECKS_COLUMN 29 /* where it is said what was observed */
#define SERVER_COLUMN 62 /* where it is said what the server says */
#define LINE_BYTES (3UL * CLEAN_TEXT_BYTES(DRILL_TEXT_BYTES))

struct page {
	const struct drill_result *result;
	const struct terminal *terminal;
	FILE *out;
};

static const char *tone(const struct page *page, enum tone tone)
{
	return terminal_tone(page->terminal, tone);
}

static void add_clean(struct text *line, const char *text)
{
	char clean[CLEAN_TEXT_BYTES(DRILL_TEXT_BYTES)];

	text_add(line, clean_text(clean, sizeof(clean), text));
}

static void put_line(const struct page *page, const char *line, unsigned first, unsigned indent)
{
	wrapped_write_to(page->out, line, first, indent, terminal_line_end(page->terminal));
}

static void put_clean_line(const struct page *page, const char *text, unsigned indent)
{
	char clean[CLEAN_TEXT_BYTES(DRILL_TEXT_BYTES)];

	put_line(page, clean_text(clean, sizeof(clean), text), indent, indent);
}

static const char *plural(unsigned count)
{
	return count == 1 ? "" : "s";
}

static void add_why(struct text *line, const struct drill_result *result)
{
	switch (result->verdict) {
	case VERDICT_PASS:
		text_printf(line, "all %u check%s held in %u run%s", result->check_count,
			plural(result->check_count), result->run_count, plural(result->run_count));
		break;
	case VERDICT_FAIL:
		text_printf(line, "%u of %u check%s failed in %u run%s",
			drill_result_failed_checks(result), result->check_count,
			plural(result->check_count), result->run_count, plural(result->run_count));
		break;
	case VERDICT_INCONCLUSIVE:
		add_clean(line, result->inconclusive_because);
		break;
	}
	if (result->was_interrupted && result->verdict != VERDICT_INCONCLUSIVE)
		text_printf(line, "; interrupted, %u were asked for", result->runs_asked);
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
	const struct drill_result *result = page->result;
	const char *word = verdicts[result->verdict].word;
	char bytes[LINE_BYTES];
	struct text line;

	text_init(&line, bytes, sizeof(bytes));
	text_add(&line, tone(page, TONE_BOLD));
	add_clean(&line, result->target);
	text_printf(&line, "%s: ", tone(page, TONE_PLAIN));
	add_why(&line, result);
	fprintf(page->out, "%s%s%s  ", tone(page, verdicts[result->verdict].tone), word,
		tone(page, TONE_PLAIN));
	put_line(page, bytes, (unsigned)strlen(word) + 2, 6);

	text_init(&line, bytes, sizeof(bytes));
	add_clean(&line, result->url);
	text_add(&line, ", ");
	add_clean(&line, result->stop_text);
	fprintf(page->out, "%s      ", tone(page, TONE_FAINT));
	put_line(page, bytes, 6, 6);
	fputs("      ", page->out);
	put_clean_line(page, result->profile, 6);
	fprintf(page->out, "%s\n", tone(page, TONE_PLAIN));
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
	const unsigned end = 4 + (unsigned)strlen(check->name) + 1;
	const unsigned first = end > CHECKS_COLUMN ? end : CHECKS_COLUMN;
	char bytes[LINE_BYTES], name[CLEAN_TEXT_BYTES(sizeof(check->name))];
	struct text line;

	text_init(&line, bytes, sizeof(bytes));
	add_clean(&line, check->observed);
	text_printf(&line, "%s, limit ", tone(page, TONE_FAINT));
	add_clean(&line, check->limit);
	if (page->result->run_count > 1)
		text_printf(
			&line, ", in %u of %u runs", check->failed_runs, page->result->run_count);
	if (check->is_doubtful)
		text_add(&line, ", as often as before the stop");
	text_add(&line, tone(page, TONE_PLAIN));
	fprintf(page->out, "  %s%s %s%s%*s", tone(page, TONE_BAD),
		page->terminal->has_unicode ? "✗" : "x",
		clean_text(name, sizeof(name), check->name), tone(page, TONE_PLAIN),
		(int)(first - end + 1), "");
	put_line(page, bytes, first, CHECKS_COLUMN);
}

static void put_warnings(const struct page *page)
{
	for (unsigned i = 0; i < page->result->warning_count; i++) {
		fprintf(page->out, "  %s%s%s ", tone(page, TONE_WARN),
			page->terminal->has_unicode ? "⚠" : "!", tone(page, TONE_PLAIN));
		put_clean_line(page, page->result->warnings[i], 4);
	}
}

static void add_passed_check(struct text *line, const struct check *check)
{
	if (line->len > 0)
		text_add(line, ", ");
	add_clean(line, check->name);
}

/* Failed ones a line each; the names of the others only. */
static void put_checks(const struct page *page)
{
	const struct drill_result *result = page->result;
	char bytes[LINE_BYTES];
	struct text line;

	text_init(&line, bytes, sizeof(bytes));
	for (unsigned i = 0; i < result->check_count; i++) {
		if (!result->checks[i].has_passed)
			put_failed_check(page, &result->checks[i]);
		else
			add_passed_check(&line, &result->checks[i]);
	}
	if (line.len > 0) {
		fprintf(page->out, "  %s%s%s ", tone(page, TONE_GOOD),
			page->terminal->has_unicode ? "✓" : "+", tone(page, TONE_PLAIN));
		wrapped_write_to(page->out, bytes, 4, 4, page->terminal->columns);
	}
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

	if (*column > OUTCOMES_COLUMN && *column + 3 + len > page->terminal->columns) {
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
	fprintf(page->out, "  %s%-8s%s",
		run->numbers.was_killed_at_deadline ? tone(page, TONE_BAD) : "", text,
		tone(page, TONE_PLAIN));
}

static void put_server(const struct page *page, const struct self_report *server)
{
	char bytes[256], number[32];
	struct text line;

	text_init(&line, bytes, sizeof(bytes));
	text_add(&line, server->was_found ? server->outcome : "-");
	if (server->was_found && server->cut >= 0) {
		(void)snprintf(number, sizeof(number), ", %lld cut", (long long)server->cut);
		text_add(&line, number);
	}
	if (server->was_found && server->lost_bytes > 0) {
		(void)snprintf(
			number, sizeof(number), ", %lld bytes lost", (long long)server->lost_bytes);
		text_add(&line, number);
	}
	put_clean_line(page, bytes, SERVER_COLUMN);
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
		put_clean_line(page, run->error, 8);
		fputs(tone(page, TONE_PLAIN), page->out);
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
}

static void put_runs(const struct page *page)
{
	const struct drill_result *result = page->result;
	const bool has_all = result->run_count <= RUNS_SHOWN;
	unsigned shown = 0;

	if (result->run_count == 0)
		return;
	fprintf(page->out, "  %s%4s %8s %9s %8s  %-8s%9s  %5s  %s%s\n", tone(page, TONE_FAINT),
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
			put_clean_line(page, run->disagreements[j], 8);
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
